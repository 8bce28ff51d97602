from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def public() -> Path:
    """The folder of the public data sets; tests that need it are skipped where there is none."""
    folder = Path(os.environ.get("SELF_DISTILL_DATA") or Path(__file__).parents[3] / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no public data: set SELF_DISTILL_DATA")
    return folder
