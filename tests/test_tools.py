"""The shipped tools are what a model wrote: each stands word for word in a recorded reply."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from self_distill.clients.cassette import load
from self_distill.distill.program import MOST_BYTES, MOST_LINES, measure
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.sandbox.pool import Sandbox
from self_distill.settings import load_settings, shipped
from self_distill.types import Ruled
from self_distill.wire import make_macros, make_sandbox, make_tasks, make_trust

CASSETTES = sorted((Path(__file__).parents[1] / "experiments/cassettes").glob("makers-*.jsonl"))
RULES = Store((shipped("tools"),)).rules()
NAMES = {
    "classifiers/task_classifier",
    "grammar/basic_grammar",
    *(f"pii/{kind}_detector" for kind in ("email", "ip", "phone", "ssn")),
}


NAVIGATE = """If you follow these instructions, do you return to the starting point? Take 2 steps. Turn around. Take 2 \
steps.
Options:
- Yes
- No"""
CERTIFIED = [rule for rule in RULES if rule.status == "certified"]
MADE = Path(__file__).parents[1] / "experiments/cassettes/exp005"


def test_the_predecessors_tools_are_there_and_trusted() -> None:
    store = Store((shipped("tools"),))
    assert {rule.name for rule in store.rules()} == NAMES | {rule.name for rule in CERTIFIED}
    assert store.problems == ()


def test_at_least_ten_tasks_of_bbh_have_certified_rules_that_act_as_installed() -> None:
    settings = load_settings()
    trust = make_trust(settings, Store((shipped("tools"),)), make_macros(settings.macros))
    tasks = make_tasks(settings)
    acting = {rule.task for rule in CERTIFIED if trust.standing(rule.task, tasks[rule.task].mask).certificate}
    assert acting == {rule.task for rule in CERTIFIED} and len(acting) >= 10
    assert all(name.startswith("bbh/") for name in acting)


@pytest.mark.parametrize("rule", CERTIFIED, ids=lambda rule: rule.name)
def test_a_certified_rule_is_a_recorded_reply_and_its_test_is_counted(rule: Rule) -> None:
    tape = load(MADE / f"bbh-{rule.task.replace('/', '-')}.jsonl")
    replies = [track.reply for tracks in tape.tracks.values() for track in tracks]
    assert any(rule.code.strip() in reply.text for reply in replies)
    assert rule.card.tokens_making == sum(reply.usage.total for reply in replies)
    assert rule.card.certificate
    verdicts = [json.loads(line).get("verdict") for line in (shipped("tools") / "tests.jsonl").read_text().splitlines()]
    assert rule.card.certificate["verdict"] in verdicts


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
        mine = [rule.card for rule in RULES if rule.name in NAMES and rule.card.maker == tape.header.model]
        on_cards = sum(card.tokens_making for card in mine)
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
        ("bbh/navigate/claude_1", NAVIGATE, "Yes"),
        ("bbh/boolean_expressions/claude_1", "not ( True and False ) or False is", "True"),
        (
            "bbh/word_sorting/claude_1",
            "Sort the following words alphabetically: List: pear apple fig",
            "apple fig pear",
        ),
    ],
)
async def test_a_tool_answers_in_the_sandbox(name: str, text: str, answer: str) -> None:
    rule = next(rule for rule in RULES if rule.name == name)
    sandbox: Sandbox = make_sandbox()
    decision = await sandbox.run(rule.code, text)
    await sandbox.close()
    assert isinstance(decision, Ruled) and decision.value == answer
