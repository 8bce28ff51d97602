"""MLflow as a view: a run of an experiment with its figures, and the trace of a loop."""

from __future__ import annotations

import logging
import os
import shutil
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from self_distill.errors import MissingExtra, SettingsError
from self_distill.tracking.tables import plain
from self_distill.types import Usage

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


@dataclass(slots=True)
class Traced:
    """A span: `parent` is another's key, "" for the outermost; times are seconds from the start of the trace."""

    key: str
    parent: str
    name: str
    kind: str
    since: float
    until: float = 0.0
    asked: str = ""
    answered: str = ""
    by: str = ""
    error: str = ""
    usage: Usage = field(default_factory=Usage)


def log_trace(experiment: str, spans: Sequence[Traced], attributes: Mapping[str, str]) -> str:
    """Writes a finished trace, its first span being the outermost, and returns its id. Raises as `log_run` does."""
    with _quiet():
        mlflow = _imported()
        store = os.environ.get("MLFLOW_TRACKING_URI") or STORE
        before = mlflow.get_tracking_uri()
        try:
            mlflow.set_tracking_uri(store)
            client = mlflow.MlflowClient(store)
            found = _traced(client, _experiment(client, experiment, store), spans, attributes)
            mlflow.flush_trace_async_logging()
            return found
        except Exception as error:  # whatever its store raises comes through MLflow as it is
            line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise SettingsError(f"MLflow at {store} cannot be used: {line}; see MLFLOW_TRACKING_URI") from None
        finally:
            mlflow.set_tracking_uri(before)


def _traced(client: Any, experiment: str, spans: Sequence[Traced], attributes: Mapping[str, str]) -> str:
    start = time.time_ns() - int(max(span.until for span in spans) * 1e9)
    made: dict[str, Any] = {}
    root = spans[0]
    for span in spans:
        given = {
            "name": span.name,
            "span_type": span.kind,
            "inputs": {"text": plain(span.asked)} if span.asked else None,
            "attributes": {**(attributes if span is root else {}), **_told(span)},
            "start_time_ns": start + int(span.since * 1e9),
        }
        if span is root:
            made[span.key] = client.start_trace(experiment_id=experiment, **given)
        else:
            parent = made.get(span.parent, made[root.key])
            made[span.key] = client.start_span(trace_id=parent.trace_id, parent_id=parent.span_id, **given)
    for span in reversed(spans):
        one = made[span.key]
        given = {
            "outputs": {"text": plain(span.answered)} if span.answered else None,
            "status": "ERROR" if span.error else "OK",
            "end_time_ns": start + int(span.until * 1e9),
        }
        if span is root:
            client.end_trace(one.trace_id, **given)
        else:
            client.end_span(one.trace_id, one.span_id, **given)
    return str(made[root.key].trace_id)


def _told(span: Traced) -> dict[str, Any]:
    """Tokens under MLflow's own name, which its pages add up."""
    told: dict[str, Any] = {"by": span.by} if span.by else {}
    if span.error:
        told["error"] = plain(span.error)
    if span.usage.total:
        usage = span.usage
        counts = {"input_tokens": usage.tokens_in, "output_tokens": usage.tokens_out, "total_tokens": usage.total}
        told["mlflow.chat.tokenUsage"] = counts
    return told


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
