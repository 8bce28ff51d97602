"""MLflow as a view of what the ledger holds: one run with parameters, metrics, documents and pictures."""

from __future__ import annotations

import logging
import os
import shutil
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from self_distill.errors import MissingExtra, SettingsError
from self_distill.tracking.tables import plain

STORE = "sqlite:///mlflow.db"
"""Where `mlflow ui` looks by itself, when it is started in the same folder."""
SQLITE = "sqlite:///"
MANNERS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""Unless the user's environment says otherwise: MLflow tells nobody of its use, and does not wait for minutes for
a server that is down."""


def log_run(
    experiment: str,
    name: str,
    *,
    params: Mapping[str, object],
    metrics: Mapping[str, float],
    documents: Mapping[str, str],
    figures: Mapping[str, Path],
) -> str:
    """Writes a finished run and returns its id. `documents` are texts and `figures` are files, by the path that they
    are to have among the run's artifacts. The store is MLFLOW_TRACKING_URI, else mlflow.db in the working folder.
    Raises `MissingExtra` or `SettingsError`."""
    with _quiet(), TemporaryDirectory() as folder:
        mlflow = _imported()
        store = os.environ.get("MLFLOW_TRACKING_URI") or STORE
        try:
            _lay_out(Path(folder), documents, figures)
            client = mlflow.MlflowClient(store)
            run = str(client.create_run(_experiment(client, experiment, store), run_name=name).info.run_id)
            now = time.time_ns() // 1_000_000
            client.log_batch(
                run,
                params=[mlflow.entities.Param(key, plain(str(value))) for key, value in params.items()],
                metrics=[mlflow.entities.Metric(key, float(value), now, 0) for key, value in metrics.items()],
            )
            client.log_artifacts(run, folder)
            client.set_terminated(run)
        except Exception as error:  # whatever its store raises comes through MLflow as it is
            line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise SettingsError(f"MLflow at {store} cannot be used: {line}; see MLFLOW_TRACKING_URI") from None
        return run


def _experiment(client: Any, name: str, store: str) -> str:
    """The experiment's id. Artifacts of a local store are beside it, wherever the program was started."""
    found = client.get_experiment_by_name(name)
    if found is None:
        beside = Path(store.removeprefix(SQLITE)).absolute().with_name("mlruns").as_uri()
        return str(client.create_experiment(name, beside if store.startswith(SQLITE) else None))
    return str(found.experiment_id)


def _lay_out(folder: Path, documents: Mapping[str, str], figures: Mapping[str, Path]) -> None:
    for file in (*documents, *figures):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
    for file, text in documents.items():
        (folder / file).write_text(text, encoding="utf-8", errors="backslashreplace")
    for file, path in figures.items():
        shutil.copy(path, folder / file)


def _imported() -> Any:
    for key, value in MANNERS.items():
        os.environ.setdefault(key, value)
    try:
        return import_module("mlflow")
    except ModuleNotFoundError:
        raise MissingExtra("a view in MLflow", "mlflow") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """MLflow talks while it makes its store, also on stdout, where a report may be expected."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
