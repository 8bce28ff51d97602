"""A context with 1,000 planted values, and code that does with it what code does: none of them leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from self_distill.budget import Limits
from self_distill.macros.needles import Needles
from self_distill.types import ModelRequest

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'
COUNT = 250
MAIL = [f"person{n * 7919}.q@mail{n}.example.org" for n in range(COUNT)]
PHONE = [f"+44 20 7946 {n:04d}" for n in range(COUNT)]
CARD = [f"IP 203.0.{n % 256}.{(n * 37) % 256}" for n in range(COUNT)]
KEY = [f"ghp_{n:06d}9fK2mQx7LwZ4tRb8VnY3cHd6JsP1gT" for n in range(COUNT)]
LINES = [f"Record {n}: mail {MAIL[n]}, phone {PHONE[n]}, {CARD[n]}, token {KEY[n]}, note {n}." for n in range(COUNT)]
VALUES = [*MAIL, *PHONE, *(text[3:] for text in CARD), *KEY]


def cell(*lines: str) -> str:
    return "\n".join(["```repl", *lines, "```"])


ROOT = (
    cell("lines = context.split('\\n')", "print(context[:3000], context[1111:1777])", "print(lines[-1][::-1])"),
    cell("raise ValueError(lines[5])"),
    cell("print({}[lines[6]])"),
    cell("assert lines[7] == lines[8], lines[9]"),
    cell("import base64", "print(base64.b64encode(lines[3].encode()), lines[4].encode().hex())", "lines[11].upper()"),
    cell("xs = llm_query_batched(['Who? ' + line for line in lines[:40]])", "print(xs[:3])"),
    cell(
        "parts = ['\\n'.join(lines[i : i + 50]) for i in (0, 50, 100, 150)]",
        "rlm_query_batched(['Whose?'] * 4, parts)",
    ),
    cell("answer['content'] = [lines[0], lines[249][8:], lines[1][:20]]", "answer['ready'] = True"),
)
CHILD = (
    cell("print(context[77:2000])", "z = llm_query_batched([l[3:90] for l in context.split('\\n')[:10]])"),
    cell("raise KeyError(context[:500])"),
    cell("answer['content'] = context[:200] + z[0]", "answer['ready'] = True"),
)


def follow(request: ModelRequest) -> str:
    """Sub-calls repeat what they are told."""
    if not request.label.startswith("rlm turn"):
        return request.messages[-1].content
    turns = ROOT if request.label.endswith("0") else CHILD
    return turns[sum(m.role == "assistant" for m in request.messages)]


@pytest.fixture
def needles() -> Needles:
    found = Needles()
    for value in VALUES:
        found.add(value, "PLANTED")
    return found


def test_no_planted_value_leaves_at_any_depth_or_is_written(world: Any, needles: Needles, tmp_path: Path) -> None:
    assert len(set(VALUES)) == 4 * COUNT
    w = world(script=follow)
    solved = w.ask("\n".join(LINES), question=f"What of {MAIL[3]}?", limits=Limits(depth=2), run="run")
    assert solved.complete and len(w.client.sent) > 60
    assert {request.label for request in w.requests} == {"rlm turn at depth 0", "rlm turn at depth 1", "task free"}
    assert leaks(needles, "\n".join(m.content for request in w.requests for m in request.messages)) == []
    assert leaks(needles, "\n".join(f"{e.text}\n{e.output}\n{e.error}" for e in w.events)) == []
    for path in tmp_path.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            assert not [v for v in VALUES if v in text], path


def leaks(needles: Needles, text: str) -> list[str]:
    hidden = needles.hidden(text)
    return [hit.value for hit in needles.find(text)] + ([hidden] if hidden else [])


def test_the_check_finds_what_stands_in_a_text_in_any_form(needles: Needles) -> None:
    assert leaks(needles, f"x {MAIL[5].upper()} y") == [MAIL[5]]
    assert leaks(needles, MAIL[5].encode().hex()) == ["PLANTED"]


def test_the_answer_is_restored_and_what_was_cut_is_told(world: Any) -> None:
    w = world(script=follow)
    solved = w.ask("\n".join(LINES), limits=Limits(depth=2))
    whole, part, cut = solved.answer.value
    assert whole == LINES[0]
    assert MAIL[249] in part
    assert cut.startswith("Record 1: mail ") and solved.answer.lost


def test_a_value_that_code_puts_together_is_masked_before_it_leaves(world: Any) -> None:
    code = cell("x = '@'.join(['new.person', 'mail.example.org'])", "print(x)", "y = llm_query('who is ' + x)")
    w = world(code, READY.format("y"))
    solved = w.ask("nothing here")
    assert all(b"new.person@mail" not in body for body in w.client.sent)
    assert "[EMAIL_1]" in w.told[1] and w.prompts == ["who is [EMAIL_1]"]
    assert solved.complete


def test_a_value_that_the_model_knows_by_itself_does_not_stop_the_run(world: Any) -> None:
    """It wrote the name; the vault has it, so it is masked on the way out instead of refused."""
    w = world("I think of ada.byron@example.net.\n```repl\nprint('x')\n```", READY.format("'ada.byron@example.net'"))
    solved = w.ask("Mail ada.byron@example.net please")
    assert solved.answer.value == "ada.byron@example.net"
    assert all(b"byron" not in body for body in w.client.sent)
