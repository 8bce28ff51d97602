from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from self_distill.rlm.spans import spans
from self_distill.rlm.trajectory import Event
from self_distill.tracking.mlflow import Traced, log_trace
from self_distill.types import Usage

EVENTS = (
    Event("start", "0", text="Who wrote to [EMAIL_1]?", at=0.0),
    Event("turn", "0", turn=1, at=0.1),
    Event("reply", "0", turn=1, text="llm_query('x')", by="openai/m", usage=Usage(10, 5), seconds=0.2, at=0.3),
    Event("call", "0.1", text="x", output="llm", at=0.3),
    Event("answer", "0.1", text="Ann", by="model:openai/m", usage=Usage(3, 1), at=0.5),
    Event("call", "0.2", text="y", output="rule", at=0.5),
    Event("answer", "0.2", text="yes", by="rule:t/a@1", at=0.5),
    Event("cell", "0", turn=1, text="print(1)", output="1", seconds=0.3, at=0.6),
    Event("turn", "0", turn=2, at=0.6),
    Event("cell", "0", turn=2, text="1 / 0", error="ZeroDivisionError", seconds=0.1, at=0.8),
    Event("end", "0", text="Ann", error="no turns left", seconds=0.9, at=0.9),
)


def by_name(found: Sequence[Traced]) -> dict[str, Traced]:
    return {span.name: span for span in found}


def test_loops_turns_replies_code_and_calls_are_spans_under_their_turn() -> None:
    found = spans(EVENTS, "openai/m")
    names = by_name(found)
    assert found[0].parent == "" and names["turn 1"].parent == "0"
    assert names["llm 0.1"].parent == names["turn 1"].key and names["rule 0.2"].by == "rule:t/a@1"
    assert names["reply"].usage.total == 15 and names["llm 0.1"].usage.total == 4
    assert found[0].error == "no turns left" and found[0].answered == "Ann"


def test_no_span_ends_before_it_began_or_outside_of_its_parent() -> None:
    found = spans(EVENTS, "m")
    keys = {span.key: span for span in found}
    for span in found:
        assert span.since <= span.until
        if span.parent:
            assert keys[span.parent].since <= span.since and span.until <= keys[span.parent].until


def test_a_call_that_never_came_back_ends_with_its_run() -> None:
    cut = spans(EVENTS[:4], "m")
    assert by_name(cut)["llm 0.1"].until == 0.3 and cut[0].until >= 0.3


@pytest.mark.skipif(find_spec("mlflow") is None, reason="needs the extra `mlflow`")
def test_a_trace_is_in_mlflow_as_a_tree_with_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = f"sqlite:///{tmp_path}/m.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    written = log_trace("rlm", spans(EVENTS, "openai/m"), {"model": "openai/m"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trace: Any = import_module("mlflow").MlflowClient(store).get_trace(written)
    kept = {span.name: span for span in trace.data.spans}
    assert len(kept) == len({span.name for span in spans(EVENTS, "m")})
    assert kept["llm 0.1"].parent_id == kept["turn 1"].span_id
    assert kept["loop 0"].status.status_code == "ERROR" and kept["loop 0"].inputs == {"text": "Who wrote to [EMAIL_1]?"}
    assert kept["reply"].attributes["mlflow.chat.tokenUsage"]["total_tokens"] == 15
