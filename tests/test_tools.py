"""The shipped tools are what a model wrote: each stands word for word in a recorded reply."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from self_distill.clients.cassette import load
from self_distill.distill.program import MOST_BYTES, MOST_LINES, measure
from self_distill.rules.store import Store
from self_distill.sandbox.pool import Sandbox
from self_distill.settings import shipped
from self_distill.types import Ruled
from self_distill.wire import make_sandbox

CASSETTES = sorted((Path(__file__).parents[1] / "experiments/cassettes").glob("makers-*.jsonl"))
RULES = Store((shipped("tools"),)).rules()
NAMES = {
    "classifiers/task_classifier",
    "grammar/basic_grammar",
    *(f"pii/{kind}_detector" for kind in ("email", "ip", "phone", "ssn")),
}


def test_the_predecessors_tools_are_there_and_trusted() -> None:
    store = Store((shipped("tools"),))
    assert {rule.name for rule in store.rules()} == NAMES and store.problems == ()


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_tool_is_a_recorded_reply_and_nothing_else(name: str) -> None:
    rule = next(rule for rule in RULES if rule.name == name)
    tapes = [load(path) for path in CASSETTES]
    (tape,) = [tape for tape in tapes if tape.header.model == rule.card.maker]
    replies = [track.reply for tracks in tape.tracks.values() for track in tracks]
    assert any(rule.code.strip() in reply.text for reply in replies)
    size = measure(rule.code)
    assert size.lines <= MOST_LINES and size.bytes <= MOST_BYTES


def test_making_costs_what_was_recorded() -> None:
    for path in CASSETTES:
        tape = load(path)
        recorded = sum(track.reply.usage.total for tracks in tape.tracks.values() for track in tracks)
        on_cards = sum(rule.card.tokens_making for rule in RULES if rule.card.maker == tape.header.model)
        assert on_cards in (0, recorded)


def test_a_recording_says_how_it_came_about_and_holds_no_prompt() -> None:
    (path,) = [path for path in CASSETTES if "claude" in path.name]
    header, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert "operator bridge" in header["carried"] and header["date"] and header["counted"] == "cl100k_base"
    assert all(set(row) == {"key", "nth", "label", "text", "usage", "latency_ms", "model", "sampling"} for row in rows)


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("pii/email_detector", "Write to ada@example.org today.", "yes"),
        ("pii/email_detector", "The meeting is at noon.", "no"),
        ("pii/ssn_detector", "SSN 536-22-8714", "yes"),
        ("pii/ip_detector", "The server is 203.0.113.77.", "yes"),
        ("classifiers/task_classifier", "The farmer have bought the baskets.", "acceptability"),
    ],
)
async def test_a_tool_answers_in_the_sandbox(name: str, text: str, answer: str) -> None:
    rule = next(rule for rule in RULES if rule.name == name)
    sandbox: Sandbox = make_sandbox()
    decision = await sandbox.run(rule.code, text)
    await sandbox.close()
    assert isinstance(decision, Ruled) and decision.value == answer
