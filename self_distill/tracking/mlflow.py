"""MLflow as a view of what the ledger holds: one run with parameters, metrics, documents and pictures."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from self_distill.errors import MissingExtra, SettingsError

STORE = "sqlite:///mlflow.db"
"""Where `mlflow ui` looks by itself, when it is started in the same folder."""


def log_run(
    experiment: str,
    name: str,
    *,
    params: Mapping[str, object],
    metrics: Mapping[str, float],
    documents: Mapping[str, str],
    figures: Mapping[str, Path],
) -> str:
    """Writes a finished run and returns its id. `documents` are texts by file name. The store is
    MLFLOW_TRACKING_URI, else mlflow.db in the working folder. Raises `MissingExtra` or `SettingsError`."""
    with _quiet():
        mlflow = _imported()
        store = os.environ.get("MLFLOW_TRACKING_URI", STORE)
        mlflow.set_tracking_uri(store)
        try:
            mlflow.set_experiment(experiment)
            with mlflow.start_run(run_name=name) as run:
                mlflow.log_params({key: str(value) for key, value in params.items()})
                mlflow.log_metrics(dict(metrics))
                for file, text in documents.items():
                    mlflow.log_text(text, file)
                for file, path in figures.items():
                    mlflow.log_artifact(str(path), Path(file).parent.as_posix() if "/" in file else None)
        except (mlflow.MlflowException, OSError) as error:
            line = (str(error).splitlines() or [type(error).__name__])[0]
            raise SettingsError(f"MLflow at {store} cannot be used: {line}; see MLFLOW_TRACKING_URI") from None
        return str(run.info.run_id)


def _imported() -> Any:
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
