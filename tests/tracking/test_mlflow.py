from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from self_distill.errors import MissingExtra, SettingsError
from self_distill.tracking.mlflow import log_run

EXTRA = find_spec("mlflow") is not None
needs_extra = pytest.mark.skipif(not EXTRA, reason="needs the extra `mlflow`")


@dataclass(frozen=True, slots=True)
class Logged:
    name: str
    status: str
    params: dict[str, str]
    metrics: dict[str, float]
    files: list[str]


def logged(store: str, experiment: str) -> list[Logged]:
    """What is in a store, oldest first, as another program sees it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = import_module("mlflow").MlflowClient(store)
        runs = client.search_runs(
            [client.get_experiment_by_name(experiment).experiment_id], order_by=["attributes.start_time"]
        )
        return [
            Logged(r.info.run_name, r.info.status, r.data.params, r.data.metrics, files(client, r.info.run_id))
            for r in runs
        ]


def files(client: Any, run: str, folder: str | None = None) -> list[str]:
    listed = client.list_artifacts(run, folder)
    inside = [path for item in listed if item.is_dir for path in files(client, run, item.path)]
    return sorted([item.path for item in listed if not item.is_dir] + inside)


@needs_extra
def test_runs_are_there_with_all_that_was_logged_and_beside_their_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "elsewhere").mkdir()
    store = f"sqlite:///{tmp_path}/store/m.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "1.png").write_bytes(b"png")
    for mode in ("baseline", "rules"):
        log_run(
            "exp",
            f"{mode} run",
            params={"mode": mode, "n": 3, "odd": "\ud800\0", "long": "x" * 5000},
            metrics={"total_calls": 2, "change": -0.5},
            documents={"report.md": "| a |\ud800", "tables/tools.md": "| b |"},
            figures={"plots/tokens.png": tmp_path / "1.png"},
        )
    assert capsys.readouterr() == ("", "")
    assert not list((tmp_path / "elsewhere").iterdir())

    first, second = logged(store, "exp")
    assert (first.name, second.name, second.status) == ("baseline run", "rules run", "FINISHED")
    assert second.metrics == {"total_calls": 2.0, "change": -0.5}
    assert second.params == {"mode": "rules", "n": "3", "odd": "\\ud800\\x00", "long": "x" * 5000}
    assert second.files == ["plots/tokens.png", "report.md", "tables/tools.md"]
    assert {path.read_text() for path in (tmp_path / "store/mlruns").rglob("report.md")} == {"| a |\\ud800"}
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


@needs_extra
@pytest.mark.parametrize("store", ["sqlite:///file/m.db", "sqlite:///file", "http://127.0.0.1:9", "nonsense://x"])
def test_a_store_that_cannot_be_used_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("no folder and no database, but long enough to look like one")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(SettingsError, match=f"MLflow at {store} cannot be used") as caught:
        log_run("exp", "arm", params={}, metrics={}, documents={}, figures={})
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(EXTRA, reason="the extra is installed")
def test_without_the_extra_it_says_how_to_get_it() -> None:
    with pytest.raises(MissingExtra, match="mlflow"):
        log_run("exp", "arm", params={}, metrics={}, documents={}, figures={})


def test_mlflow_is_imported_only_when_it_is_used() -> None:
    code = "import sys, self_distill.tracking.mlflow; sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
