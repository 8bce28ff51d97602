"""Every test has a state folder of its own and nothing of the user's settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith(("SELF_DISTILL_", "OPENAI_", "OLLAMA_"))]:
        if name != "SELF_DISTILL_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SELF_DISTILL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
