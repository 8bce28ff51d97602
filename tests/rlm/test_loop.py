from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from self_distill.background import run_sync
from self_distill.budget import Limits
from self_distill.errors import DataError, ModelRefused
from self_distill.recursion import Asked, Solved
from self_distill.rlm.loop import Options
from self_distill.rlm.prompts import LIMIT, system
from self_distill.sandbox.session import Cells
from self_distill.settings import shipped
from self_distill.task import Task, load_tasks

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'


def test_a_model_writes_code_and_gets_what_it_printed(world: Any) -> None:
    w = world("```repl\nn = len(context)\nprint(n)\n```", READY.format("n * 2"))
    solved = w.ask("abcdef")
    assert (solved.answer.value, solved.complete, solved.turns) == (12, True, 2)
    assert w.told[1].startswith("Output:\n6\n")


def test_the_last_expression_is_shown_as_in_a_notebook(world: Any) -> None:
    w = world("```repl\nx = 20\nx + 1\n```", READY.format("x"))
    w.ask()
    assert w.told[1].startswith("Output:\n21\n")


def test_blocks_of_one_turn_run_in_order_until_one_fails(world: Any) -> None:
    w = world("```repl\na = 1\nprint(a)\n```\nthen\n```python\nb = a / 0\n```\n```\nc = 3\n```", READY.format("a"))
    w.ask()
    assert "Output of block 1:\n1\n" in w.told[1]
    assert "Error in line 1: b = a / 0\nZeroDivisionError: division by zero" in w.told[1]
    assert "Blocks 3 to 3 were not run." in w.told[1]


def test_an_error_goes_back_with_the_line_that_failed(world: Any) -> None:
    w = world("```repl\nx = 1\n\n\ny = x + missing\n```", READY.format("1"))
    w.ask()
    assert "Error in line 4: y = x + missing\nNameError: name 'missing' is not defined" in w.told[1]


def test_long_output_is_cut_and_the_model_is_told_how_much_is_missing(world: Any) -> None:
    w = world('```repl\nprint("a" * 5000 + "z" * 5000)\n```', READY.format("1"))
    w.ask(shown=1_000)
    assert "[… 9,001 of 10,001 characters not shown …]" in w.told[1]
    assert len(w.told[1]) < 1_200 and "zzz" in w.told[1]


def test_output_without_end_is_stopped_and_cut(world: Any) -> None:
    w = world('```repl\nfor i in range(400000):\n    print("x" * 20)\n```', READY.format("1"))
    assert w.ask().complete
    assert "characters not shown" in w.told[1] and len(w.told[1]) < 9_000


def test_the_question_and_how_the_context_begins_are_shown_first(world: Any) -> None:
    w = world(READY.format("1"))
    w.ask(["first", "second"], question="How many?")
    assert w.told[0].startswith("Question: How many?\n\n`context` is a list of 2 entries")


def test_show_vars_lists_what_the_code_made(world: Any) -> None:
    w = world(
        "```repl\ndef f():\n    return 1\nwords = ['a']\n```", "```repl\nprint(SHOW_VARS())\n```", READY.format("1")
    )
    w.ask("text")
    assert "'words': 'list'" in w.told[2] and "'f': 'function'" in w.told[2] and "'context': 'str'" in w.told[2]
    assert "llm_query" not in w.told[2].partition("{")[2]


def test_sub_calls_see_their_prompt_and_nothing_else(world: Any) -> None:
    w = world(
        '```repl\nx = llm_query("one")\nys = llm_query_batched(["two", "three", "two"])\n```', READY.format("[x] + ys")
    )
    solved = w.ask()
    assert sorted(w.prompts) == ["one", "three", "two"], "equal prompts of a batch are asked once"
    assert solved.answer.value == ["heard 3", "heard 3", "heard 5", "heard 3"]


def test_a_child_is_the_same_loop_with_a_context_of_its_own(world: Any) -> None:
    child = ['```repl\nprint(context[:2])\nz = llm_query("inner")\n```', READY.format("context + z")]
    w = world('```repl\nx = rlm_query("Which?", context[1:])\n```', READY.format("x"), children={1: child})
    assert w.ask("abc").answer.value == "bcheard 5"
    assert [e.node for e in w.of("call")] == ["0.1", "0.1.1"]
    assert {e.by for e in w.of("end")} == {"rlm:scripted"}


def test_a_child_without_a_context_has_the_request_as_its_context(world: Any) -> None:
    w = world(
        '```repl\nx = rlm_query("q" * 3000)\n```', READY.format("x"), children={1: [READY.format("len(context)")]}
    )
    assert w.ask().answer.value == "3000"
    assert (
        "the whole request is in `context`" in next(r for r in w.requests if "depth 1" in r.label).messages[1].content
    )


def test_below_the_deepest_loop_a_helper_is_a_plain_call(world: Any) -> None:
    w = world('```repl\nx = rlm_query("Which?", "ctx")\n```', READY.format("x"))
    assert w.ask(limits=Limits(depth=1)).answer.value == "heard 11"
    assert w.prompts == ["ctx\n\nWhich?"]


def test_a_child_that_does_not_finish_raises_in_its_parent_and_says_its_best_answer(world: Any) -> None:
    child = ['```repl\nanswer["content"] = "so far"\n```']
    w = world('```repl\nx = rlm_query("Which?", "ctx")\n```', READY.format("'gave up'"), children={1: child})
    assert w.ask(turns=3).answer.value == "gave up"
    assert "the helper did not finish: the limit of 3 turns is reached; its best answer so far: so far" in w.told[1]


def test_a_failing_sub_call_raises_and_the_others_of_its_batch_are_not_bought_again(world: Any) -> None:
    failing = [ModelRefused("too long")]

    def sub(prompt: str) -> str | Exception:
        return failing.pop() if prompt == "bad" and failing else f"fine {prompt}"

    batch = '```repl\nxs = llm_query_batched(["a", "bad", "b"])\n```'
    w = world(batch, batch, READY.format("xs"), sub=sub)
    assert w.ask().answer.value == ["fine a", "fine bad", "fine b"]
    assert "1 of 3 sub-calls failed, the first with: too long. The other answers are kept" in w.told[1]
    assert sorted(w.prompts) == ["a", "b", "bad", "bad"]


@pytest.mark.parametrize(
    "reply", ["I would use len(context) here.", "", "```json\n{}\n```", "The answer is 42.", "Use ```x``` inline."]
)
def test_a_model_that_writes_no_code_is_told_how_and_no_answer_is_made_up(world: Any, reply: str) -> None:
    w = world(reply)
    solved = w.ask(idle=3)
    assert (solved.answer.value, solved.complete, solved.turns) == (None, False, 3)
    assert "There was no code to run." in w.told[1] and "brought nothing" in solved.reason


def test_at_the_turn_limit_the_best_answer_so_far_comes_back_as_incomplete(world: Any) -> None:
    w = world('```repl\nanswer["content"] = "half"\n```', "```repl\nx = 1\n```")
    solved = w.ask(turns=3)
    assert (solved.answer.value, solved.complete) == ("half", False)
    assert solved.reason == "the limit of 3 turns is reached"
    assert "This is the last turn" in w.told[2]


@pytest.mark.parametrize("code", ['answer["ready"] = True', 'answer["content"] = ""\nanswer["ready"] = True'])
def test_an_empty_answer_is_not_accepted(world: Any, code: str) -> None:
    w = world(f"```repl\n{code}\n```", READY.format("'x'"))
    assert w.ask().answer.value == "x"
    assert 'answer["content"] is empty' in w.told[1]


@pytest.mark.parametrize("code", ["llm_query = 5", "exec('llm_query = 5')", "def llm_query(p):\n    return 'fake'"])
def test_a_rebound_llm_query_is_there_again_in_the_next_block(world: Any, code: str) -> None:
    w = world(f"```repl\n{code}\n```", '```repl\nx = llm_query("q")\n```', READY.format("x"))
    assert w.ask().answer.value == "heard 1"


@pytest.mark.parametrize("value", ['"plain"', "3", "[1]", "None", "lambda: 1"])
def test_a_rebound_answer_is_a_dict_again_and_not_taken_for_ready(world: Any, value: str) -> None:
    w = world(f"```repl\nanswer = {value}\n```", READY.format("'mine'"))
    assert w.ask().answer.value == "mine"
    assert "`answer` is again the dict" in w.told[1]


def test_an_endless_loop_of_answered_calls_ends(world: Any) -> None:
    w = world(
        "```repl\nbefore = 1\n```", '```repl\nwhile True:\n    rules and llm_query("same")\n```', READY.format("before")
    )
    w.pipeline.recursion = replace(w.pipeline.recursion, cells=Cells(trips=50))
    assert w.ask().answer.value == 1
    assert "more than 50 calls in one block" in w.told[2] and len(w.prompts) == 1
    run_sync(w.pipeline.recursion.cells.close())


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ('llm_query("x" * 3_000_000)', "a prompt has at most 2,000,000 characters"),
        ('llm_query_batched(["x"] * 1_001)', "a batch has at most 1,000 prompts"),
        ('llm_query("x", task="nope")', "no task 'nope'"),
        ('rlm_query_batched(["a", "b"], ["c"])', "2 questions and 1 contexts"),
        ("nobody_knows(1)", "name 'nobody_knows' is not defined"),
        ("rules.nope('x')", "nope"),
    ],
)
def test_calls_out_of_bounds_raise_in_the_code(world: Any, call: str, told: str) -> None:
    w = world(f"```repl\n{call}\n```", READY.format("1"))
    assert w.ask().complete and told in w.told[1] and not w.prompts


@pytest.mark.parametrize("direct", ["auto", "always"])
def test_a_context_that_fits_is_answered_directly(world: Any, direct: str) -> None:
    w = world(sub=lambda prompt: "blue")
    solved = w.ask("The sky is blue.", question="Which colour?", direct=direct)
    assert (solved.answer.value, solved.answer.by, solved.turns) == ("blue", "model:scripted", 0)
    assert w.prompts == ["The sky is blue.\n\nQuestion: Which colour?"]


def test_a_direct_answer_outside_the_answer_space_leads_into_the_loop(world: Any) -> None:
    task = Task("colour", "Which colour?", labels=("blue", "red"))
    w = world(READY.format("'red'"), sub=lambda prompt: "perhaps")
    solved = w.ask("The sky.", direct="auto", task=task)
    assert (solved.answer.value, solved.answer.by) == ("red", "rlm:scripted")


def test_an_answer_is_checked_against_its_task_and_the_error_goes_back(world: Any) -> None:
    task = Task("count", "How many?", answer="number")
    w = world(READY.format("'many'"), READY.format("'#### 7'"))
    assert w.ask(task=task).answer.value == 7
    assert "The answer was not accepted: the reply has no number in it" in w.told[1]


def test_the_model_is_told_what_answers_are_accepted(world: Any) -> None:
    task = Task("person", "Who is it?", schema={"type": "object", "required": ["name"]})
    w = world(READY.format("{'who': 1}"), READY.format("{'name': 'Ada'}"))
    assert w.ask(task=task).answer.value == {"name": "Ada"}
    assert '"required": ["name"]' in w.requests[0].messages[0].content
    assert "it has no 'name'" in w.told[1]


def test_a_system_prompt_of_the_callers_own_is_scrubbed_like_any_text(world: Any) -> None:
    w = world(READY.format("1"))
    w.ask(system="You work for ada.byron@example.net.")
    assert w.requests[0].messages[0].content == "You work for [EMAIL_1]."


def test_an_incomplete_answer_is_never_one_outside_the_answer_space(world: Any) -> None:
    task = Task("colour", "Which colour?", labels=("blue", "red"))
    w = world('```repl\nanswer["content"] = "blue"\n```', '```repl\nanswer["content"] = "mauve"\n```')
    assert w.ask(task=task, turns=2).answer.value == "blue"


@pytest.mark.parametrize(
    ("context", "seen"),
    [
        ({"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
        (["x", 2.5], ["x", 2.5]),
        (b"bytes \xc3\xa9", "bytes é"),
        (("t", "u"), ["t", "u"]),
        ("", ""),
        ("a\0b \ud800", "a\0b \ufffd"),
    ],
)
def test_a_context_may_be_text_bytes_or_what_json_holds(world: Any, context: Any, seen: Any) -> None:
    w = world(READY.format("[context]"))
    assert w.ask(context).answer.value == [seen]


def test_any_other_context_is_refused_in_one_line(world: Any) -> None:
    with pytest.raises(DataError, match="not object"):
        world("x").ask([object()])


def test_a_context_of_10_mb_is_no_burden(world: Any) -> None:
    text = "plain words in a row and some more of them \n" * 230_000
    w = world('```repl\nn = context.count("row")\n```', READY.format("n"))
    assert w.ask(text).answer.value == 230_000


def test_a_server_that_dies_in_the_middle_is_an_error_of_the_model(world: Any) -> None:
    w = world("```repl\nx = 1\n```", ModelRefused("gone"))
    with pytest.raises(ModelRefused, match="gone"):
        w.ask()


def test_the_system_prompt_stays_short_whatever_tasks_there_are() -> None:
    many = {f"a_task_with_a_long_name_{n}": Task("t", "i", labels=("yes", "no")) for n in range(100)}
    for tasks in ({}, load_tasks(shipped("tasks")), many):
        assert len(system(tasks, 8_000)) < LIMIT
    assert "rules.<task>" in system(many, 8_000) and "rules" not in system({}, 8_000)


def test_events_can_be_followed_as_they_happen(world: Any) -> None:
    w = world('```repl\nx = llm_query("q")\n```', READY.format("x"))

    async def follow() -> list[Any]:
        asked = Asked("What?", options=Options(direct="never"))
        return [item async for item in w.pipeline.recursion.stream(asked)]

    *events, solved = run_sync(follow())
    assert [e.kind for e in events][:3] == ["start", "turn", "reply"] and events[-1].kind == "end"
    assert isinstance(solved, Solved) and solved.answer.value == "heard 1"
