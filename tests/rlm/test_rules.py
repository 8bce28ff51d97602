"""Rules inside the loop: free, certified, and marked so in the trajectory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from self_distill.clients.scripted import Scripted
from self_distill.macros.version import macro_version
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.settings import MacroTable
from self_distill.types import AnswerRow, AuditRow, RuleRow
from self_distill.wire import Pipeline, make_macros

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'
ENDS = "def run(text):\n    return 'yes' if text.endswith('.') else None\n"
TASK = """
name = "kind/ends"
instructions = "Does the sentence end well?"
labels = ["yes", "no"]
prompt = "Does this sentence end well? {text}\\nSay yes or no."
"""


def cell(*lines: str) -> str:
    return "\n".join(["```repl", *lines, "```"])


def ruled(folder: Path, code: str = ENDS) -> dict[str, Any]:
    Store.write(
        Rule.candidate("kind/ends_with_dot", "kind/ends", code, maker="test", tokens_making=10), folder / "tools"
    )
    (folder / "tasks").mkdir(exist_ok=True)
    (folder / "tasks" / "ends.toml").write_text(TASK, encoding="utf-8")
    return {"tasks": (folder / "tasks",), "uncertified": True}


def test_a_rule_is_called_by_its_task_and_says_none_where_it_does_not_know(world: Any, tmp_path: Path) -> None:
    code = cell("a = rules.kind_ends('So it is.')", "b = rules.kind_ends('So it')", "c = rules.kind_ends(['x.', 'y'])")
    w = world(code, READY.format("[a, b, c]"), **ruled(tmp_path))
    solved = w.ask()
    assert solved.answer.value == ["yes", None, ["yes", None]]
    assert not w.prompts and solved.budget.calls == 2
    assert "kind_ends (yes|no)" in w.requests[0].messages[0].content
    assert [e.output for e in w.of("call")] == ["rule"] * 3
    assert w.of("answer")[0].by.startswith("rule:kind/ends_with_dot@") and not w.of("answer")[1].by
    assert w.of("answer")[2].text == "1 of 2 answered"
    entries = w.pipeline.parts.ledger.trace(solved.answer.trace)
    assert len([e for e in entries if isinstance(e.row, RuleRow)]) == 4


def test_a_typed_sub_call_asks_rules_first_and_the_model_for_the_rest(world: Any, tmp_path: Path) -> None:
    code = "```repl\nxs = llm_query_batched(['So it is.', 'So it'], task='kind_ends')\n```"
    w = world(code, READY.format("xs"), sub=lambda prompt: "No.", **ruled(tmp_path))
    solved = w.ask()
    assert solved.answer.value == ["yes", "no"]
    assert w.prompts == ["Does this sentence end well? So it\nSay yes or no."]
    assert sorted((e.by.partition("@")[0], e.usage.total > 0) for e in w.of("answer")) == [
        ("model:scripted", True),
        ("rule:kind/ends_with_dot", False),
    ]
    rows = [e.row for e in w.pipeline.parts.ledger.trace(solved.answer.trace)]
    by = {row.by.partition("@")[0] for row in rows if isinstance(row, AnswerRow) and row.task == "kind/ends"}
    assert by == {"rule:kind/ends_with_dot", "model:scripted"}


def test_a_prompt_with_the_words_of_a_task_around_its_text_is_that_task(world: Any, tmp_path: Path) -> None:
    ask = "ask = 'Does this sentence end well? {}\\nSay yes or no.'"
    code = cell(ask, "xs = [llm_query(p) for p in (ask.format('It is.'), ask.format('It'), 'It is.')]")
    w = world(code, READY.format("xs"), sub=lambda prompt: "model", **ruled(tmp_path))
    assert w.ask().answer.value == ["yes", "model", "model"]
    assert w.prompts == ["Does this sentence end well? It\nSay yes or no.", "It is."]


def test_without_a_certificate_no_rule_acts_and_none_is_offered(world: Any, tmp_path: Path) -> None:
    settings = {**ruled(tmp_path), "uncertified": False}
    w = world("```repl\nx = rules.kind_ends('It is.')\n```", READY.format("1"), **settings)
    w.ask()
    assert "AttributeError" in w.told[1] and "rules" not in w.requests[0].messages[0].content


def test_a_rule_sees_scrubbed_text_only(world: Any, tmp_path: Path) -> None:
    spy = "def run(text):\n    return 'yes' if text == 'Mail [EMAIL_1].' else 'no'\n"
    w = world("```repl\nx = rules.kind_ends(context)\n```", READY.format("x"), **ruled(tmp_path, spy))
    assert w.ask("Mail ada.byron@example.net.").answer.value == "yes"


def test_children_have_the_rules_too(world: Any, tmp_path: Path) -> None:
    child = ["```repl\nx = rules.kind_ends(context)\n```", READY.format("x")]
    w = world("```repl\nx = rlm_query('q', 'It is.')\n```", READY.format("x"), children={1: child}, **ruled(tmp_path))
    assert w.ask().answer.value == "yes"
    assert w.of("call")[1].node == "0.1.1"


def test_certified_rules_inside_the_loop_are_watched_answer_by_answer(
    world: Any, tmp_path: Path, certified: Any
) -> None:
    settings = {**ruled(tmp_path), "uncertified": False, "audit_rate": 1.0}
    today = macro_version(make_macros(MacroTable(names=False)))
    certified(tmp_path / "tools", ENDS, task="kind/ends", teacher="scripted", macros=today)
    code = cell("xs = rules.kind_ends(['One.', 'Two.', 'no'])", "ys = llm_query_batched(['Six.'], task='kind_ends')")
    w = world(code, READY.format("[xs, ys]"), sub=lambda prompt: "yes" if "One" in prompt else "no", **settings)
    solved = w.ask()
    assert solved.answer.value == [["yes", "yes", None], ["yes"]]
    w.pipeline.close()
    with Pipeline(model="x", client=Scripted([])) as p:
        rows = [entry.row for entry in p.parts.ledger.trace(solved.answer.trace)]  # type: ignore[attr-defined]  # the SQL ledger
    audits = [row for row in rows if isinstance(row, AuditRow)]
    assert sorted(row.outcome for row in audits) == ["right", "waits", "waits", "waits", "wrong", "wrong"]
    assert len({row.point for row in audits}) == 3
