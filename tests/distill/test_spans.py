"""A macro from labelled texts to a detector in use, with a maker that is told what to write."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.macro_types import KINDS, LETTERS, SITES, Kind, employee, generate
from self_distill import wire
from self_distill.cli import main
from self_distill.distill.lookalike import lookalike, shown
from self_distill.errors import MacroFailed
from self_distill.macros.scrub import Macros
from self_distill.rules.finder import Finder, finders, places
from self_distill.rules.store import Store
from self_distill.settings import load_settings, shipped
from self_distill.types import Decision, Example, Fault, Ruled, Span

KIND = KINDS[0]
RIGHT = r"""
import re

NUMBER = re.compile(r"\b(?:NW|SE|HQ|PL|OX)[- ]?\d{5}-?[A-Z]\b")


def find(text: str):
    return [m.span() for m in NUMBER.finditer(text)]
"""
GREEDY = RIGHT.replace("-?[A-Z]", "")
FAULTY = "def find(text: str):\n    return [(0, len(text) + 1)]\n"


def completion(code: str) -> tuple[int, dict[str, Any]]:
    message = {"role": "assistant", "content": f"```python\n{code.strip()}\n```"}
    return 200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def call(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(args)
    return int(stop.value.code or 0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    rows = [
        {"text": e.text, "spans": [{"start": s.start, "end": s.end, "type": s.type} for s in e.spans]}
        for e in generate(KIND, 900)
    ]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


async def made(home: Path, serve: Callable[..., Any], code: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    server = await serve(completion(code))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    args = ["--kind", "macro", "--type", "EMPLOYEE_ID", "--about", KIND.about, "--examples", str(home / "x.jsonl")]
    more = ["--maker", "openai/m", "--tools", str(home / "tools"), "--json"]
    assert await asyncio.to_thread(call, "distill", *args, *more) == 0
    return server


async def test_a_macro_is_certified_and_masks_from_then_on_in_every_scrub(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    await made(home, serve, RIGHT, monkeypatch)
    told = json.loads(capfd.readouterr().out)
    assert told["status"] == "certified" and told["certify"]["recall_above"] > 0.95 and told["test"]["missed"] == 0
    monkeypatch.setenv("SELF_DISTILL_TOOLS", json.dumps([str(home / "tools")]))
    (home / "t.txt").write_text("Badge NW-12345-K, order NW-12345, ada@example.org")
    assert await asyncio.to_thread(call, "scrub", str(home / "t.txt")) == 0
    assert capfd.readouterr().out == "Badge [EMPLOYEE_ID_1], order NW-12345, [EMAIL_1]"


async def test_the_maker_sees_look_alikes_and_no_value_of_the_data(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await made(home, serve, RIGHT, monkeypatch)
    sent = b"".join(body for _, _, body in server.seen).decode()
    values = {e.text[s.start : s.end] for e in generate(KIND, 900) for s in e.spans}
    assert "Badge" in sent and not any(value in sent for value in values if len(value) > 6)


@pytest.mark.parametrize(("code", "why"), [(GREEDY, "clean texts are touched"), (FAULTY, "not masked whole")])
async def test_one_that_masks_too_much_or_misses_is_refused_and_does_not_act(
    code: str,
    why: str,
    home: Path,
    serve: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await made(home, serve, code, monkeypatch)
    told = json.loads(capfd.readouterr().out)
    assert told["status"] == "refused" and (why in told["reason"] or "finds anything" in told["reason"])
    sandbox = wire.make_sandbox()
    assert finders(Store((home / "tools",)), sandbox) == ()


async def test_a_changed_file_does_not_act(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(home, serve, RIGHT, monkeypatch)
    path = home / "tools" / "macros" / "employee_id.py"
    path.write_text(path.read_text() + "\n# changed\n")
    assert finders(Store((home / "tools",)), wire.make_sandbox()) == ()


class Given:
    """A sandbox that answers what it is told."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def run_now(self, code: str, texts: object) -> list[Decision]:
        return [self.decision for _ in texts]  # type: ignore[attr-defined]  # a list of texts


@pytest.mark.parametrize("decision", [Fault("TimeoutError"), Ruled([[5, 3]], ""), Ruled("x", ""), Ruled([[0, 99]], "")])
def test_a_macro_that_fails_in_use_closes_the_door(decision: Decision) -> None:
    macros = wire.make_macros(None, [Finder("X", "macro:x", "", Given(decision))])
    with pytest.raises(MacroFailed, match="macro:x"):
        macros.scrub("some text")


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=4))
def test_adding_a_macro_never_unmasks(pairs: list[tuple[int, int]]) -> None:
    text = "Write to ada@example.org or call +44 20 7946 0958 now"
    found = [[start, min(start + size, len(text))] for start, size in pairs]
    more = Macros([*plain().detectors, Finder("X", "macro:x", "", Given(Ruled(found, "")))])
    before, after = (_hidden(m.scrub(text).spans) for m in (plain(), more))
    assert before <= after


@cache
def plain() -> Macros:
    """Compiled once."""
    return wire.make_macros()


def _hidden(spans: tuple[Span, ...]) -> set[int]:
    return {at for span in spans for at in range(span.start, span.end)}


@given(st.text(min_size=1, max_size=20), st.binary(min_size=1, max_size=8))
def test_a_look_alike_has_the_shape_of_its_value_and_is_another_one(value: str, key: bytes) -> None:
    made = lookalike(value, key)
    assert len(made) == len(value) and made == lookalike(value, key)
    assert [c in "0123456789" for c in made] == [c in "0123456789" for c in value]
    assert made != value or not any(c.isalpha() or c in "0123456789" for c in value)


def test_other_values_are_masked_and_spans_move_with_the_text() -> None:
    text = "ada@example.org has badge NW-12345-K"
    (row,) = shown([Example("1", text, None, (Span(26, 36, "EMPLOYEE_ID"),))], wire.make_macros())
    (span,) = row.spans
    assert row.text.startswith("[EMAIL_1] has badge ") and row.text[span.start : span.end] != "NW-12345-K"
    assert row.label == [[span.start, span.end]] and len(row.text) == span.end


def test_what_is_no_list_of_pairs_is_a_fault_of_the_macro() -> None:
    assert isinstance(places(Ruled([[0, 1, 2]], ""), "abc"), Fault) and places(Ruled([], ""), "abc") == []


def test_an_employee_number_of_the_generator_has_its_check_letter() -> None:
    made = employee(random.Random(1))
    digits = [int(c) for c in made if c.isdigit()]
    weighted = sum(d * w for d, w in zip(digits, (7, 6, 5, 4, 3), strict=True))
    assert made[-1] == LETTERS[weighted % 23] and made[:2] in SITES


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_made_up_texts_come_with_values_and_with_lures_alone(kind: Kind) -> None:
    made = generate(kind, 60)
    assert made == generate(kind, 60) != generate(kind, 60, seed=1)
    assert all(span.type == kind.type and span.end <= len(e.text) for e in made for span in e.spans)
    assert sum(not e.spans for e in made) == 20


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--kind", "macro"), "--type"),
        (("--type", "X"), "--kind macro"),
        (("--kind", "shoe"), "rule or macro"),
        (("--kind", "macro", "--type", "X"), "--maker"),
        (("--kind", "macro", "--type", "X", "--maker", "openai/m", "--report", "r.html"), "--report"),
        (("--kind", "macro", "--type", "no name", "--maker", "openai/m"), "EMPLOYEE_ID"),
        (("--kind", "macro", "--type", "X", "--maker", "openai/m", "--risk", "7"), "between 0 and 1"),
        (("--kind", "macro", "--type", "OTHER", "--maker", "openai/m"), "OTHER"),
        ((), "--task"),
    ],
)
def test_a_wrong_call_is_one_line_that_says_what_to_do(
    args: tuple[str, ...], word: str, home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    tools = home / "none"
    assert call("distill", "--examples", str(home / "x.jsonl"), "--tools", str(tools), *args) == 2
    err = capfd.readouterr().err
    assert word in err and err.count("\n") == 1 and not [*tools.rglob("*.py")]


def test_settings_of_the_shipped_tools_hold() -> None:
    assert wire.macros_in_use(load_settings()).scrub("ada@example.org").text == "[EMAIL_1]"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_the_recorded_makings_of_a_strong_model_are_certified_again(
    kind: Kind, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"text": e.text, "spans": [{"start": s.start, "end": s.end, "type": s.type} for s in e.spans]}
        for e in generate(kind, 600)
    ]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    tape = shipped("experiments") / "cassettes" / "macros-claude" / f"{kind.type}.jsonl"
    named = ("--kind", "macro", "--type", kind.type, "--about", kind.about, "--examples", str(tmp_path / "x.jsonl"))
    assert call("distill", *named, "--maker", f"replay/{tape}", "--tools", str(tmp_path / "tools"), "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert told["status"] == "certified"
    assert told["certify"]["recall_above"] > 0.95 and told["certify"]["touched_below"] < 0.05
    assert told["test"]["missed"] == told["test"]["touched"] == 0
