from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from self_distill.errors import MissingExtra
from self_distill.tracking.mlflow import log_run


@pytest.mark.skipif(find_spec("mlflow") is None, reason="needs the extra `mlflow`")
def test_a_run_is_there_with_all_that_was_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/m.db")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plot.png").write_bytes(b"png")
    run = log_run(
        "exp", "arm", params={"n": 3}, metrics={"total_calls": 2.0}, documents={"t.md": "| a |"},
        figures={"plot.png": tmp_path / "plot.png"},
    )  # fmt: skip
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/m.db")
        found = client.get_run(run)
    assert (found.data.params, found.data.metrics) == ({"n": "3"}, {"total_calls": 2.0})
    assert {item.path for item in client.list_artifacts(run)} == {"t.md", "plot.png"}


@pytest.mark.skipif(find_spec("mlflow") is not None, reason="the extra is installed")
def test_without_the_extra_it_says_how_to_get_it() -> None:
    with pytest.raises(MissingExtra, match="mlflow"):
        log_run("exp", "arm", params={}, metrics={}, documents={}, figures={})
