from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill import wire
from self_distill.background import run_sync
from self_distill.distill.cascade import Candidate, tried
from self_distill.distill.evidence import gather
from self_distill.distill.inductive import InductiveMaker, induce
from self_distill.distill.maker import Attempt
from self_distill.distill.program import MOST_BYTES, MOST_LINES, Rows, program
from self_distill.distill.trial import Trial
from self_distill.task import Task
from self_distill.types import Example, Fault

FRUIT = Task("fruit", "Which fruit?", labels=("apple", "pear", "plum"))
CUES = {"apple": ("crisp", "orchard", "cider"), "pear": ("soft", "green", "bosc"), "plum": ("purple", "stone", "jam")}


def fruits(n: int, seed: int = 0, noise: float = 0.0) -> list[Example]:
    rng = random.Random(seed)
    rows = []
    for i in range(n):
        label = rng.choice(list(CUES))
        words = [rng.choice(CUES[label]), *(f"w{rng.randrange(400)}x" for _ in range(6))]
        rng.shuffle(words)
        said = rng.choice(list(CUES)) if rng.random() < noise else label
        rows.append(Example(str(i), " ".join(words), said))
    return rows


def made(task: Task, train: Sequence[Example], select: Sequence[Example]) -> list[Attempt]:
    sandbox = wire.make_sandbox()
    try:
        return run_sync(InductiveMaker(select, sandbox).make(task, train))
    finally:
        run_sync(sandbox.close())


def on(code: str, task: Task, rows: Sequence[Example]) -> Trial:
    sandbox = wire.make_sandbox()
    try:
        candidate = Candidate(code, "inductive", "")
        return run_sync(tried(task, rows, [candidate], sandbox)).trial([candidate])
    finally:
        run_sync(sandbox.close())


def test_what_words_say_is_learned_and_holds_on_unseen_texts() -> None:
    evidence = gather(FRUIT, fruits(900))
    codes = induce(FRUIT, evidence.train, evidence.select)
    trial = on(codes[0], FRUIT, evidence.test)
    assert trial.coverage > 0.9 and trial.wrong / trial.answered < 0.05 and trial.faults == 0


def test_a_rule_says_which_words_decided() -> None:
    evidence = gather(FRUIT, fruits(900))
    (outcome, *_) = on(induce(FRUIT, evidence.train, evidence.select)[0], FRUIT, evidence.test[:1]).outcomes
    assert "points" in getattr(outcome.decision, "reason", "")


def test_labels_that_follow_no_word_are_mostly_left_alone() -> None:
    evidence = gather(FRUIT, fruits(900, noise=1.0))
    for code in induce(FRUIT, evidence.train, evidence.select):
        assert on(code, FRUIT, evidence.test).coverage < 0.2


def test_the_same_examples_give_the_same_bytes() -> None:
    evidence = gather(FRUIT, fruits(600))
    assert induce(FRUIT, evidence.train, evidence.select) == induce(FRUIT, evidence.train, evidence.select)


def test_seventy_seven_labels_fit_into_a_rule_that_can_be_read() -> None:
    labels = tuple(f"label_{i}" for i in range(77))
    task = Task("many", "Which?", labels=labels)
    rng = random.Random(3)
    rows = [
        Example(str(i), f"about thing{i % 77} and {rng.randrange(10**6)} more {rng.randrange(99)}", labels[i % 77])
        for i in range(3_000)
    ]
    evidence = gather(task, rows)
    for code in induce(task, evidence.train, evidence.select):
        assert len(code.splitlines()) <= MOST_LINES and len(code.encode()) <= MOST_BYTES


@pytest.mark.parametrize(
    ("answer", "text", "label"),
    [
        ("number", "add {a} and then {b}", lambda a, b: a + b),
        ("string", "{a} comes, then {b} wins", lambda a, b: str(b)),
    ],
)
def test_what_a_small_program_computes_is_found(answer: str, text: str, label: object) -> None:
    task = Task("compute", "Compute.", answer=answer)  # type: ignore[arg-type]  # one of the kinds
    rng = random.Random(5)
    pairs = [(rng.randrange(1000), rng.randrange(1000)) for _ in range(200)]
    rows = [Example(str(i), text.format(a=a, b=b), label(a, b)) for i, (a, b) in enumerate(pairs)]  # type: ignore[operator]
    attempts = made(task, rows[:100], rows[100:150])
    best = attempts[-1]
    assert best.trial and on(best.code, task, rows[150:]).wrong == 0


def test_a_task_that_it_cannot_learn_is_told_in_one_line() -> None:
    task = Task("free", "Say something.", answer="string")
    rows = [Example(str(i), f"text {i}", f"answer {i * 7919 % 1009} {i}") for i in range(120)]
    (attempt,) = made(task, rows[:60], rows[60:])
    assert attempt.trial is None and "has nothing for this task" in attempt.problem and attempt.usage.total == 0


def test_texts_whose_label_is_no_answer_are_left_alone() -> None:
    apples = replace(FRUIT, labels=("apple", "pear"))
    evidence = gather(apples, fruits(900))
    for code in induce(apples, evidence.train, evidence.select):
        trial = on(code, apples, evidence.test)
        assert trial.faults == 0 and 0.5 < trial.coverage < 0.8 and trial.wrong / trial.answered < 0.05


def test_an_arrow_in_a_label_does_not_end_it() -> None:
    task = Task("arrows", "Which?", labels=("a <- 3 b", "b <- 7 w"))
    rows = [Example(str(i), f"{'left' if i % 2 else 'right'} w{i}x", task.labels[i % 2]) for i in range(200)]
    for code in induce(task, rows[:120], rows[120:]):
        assert on(code, task, rows[120:]).outcomes and on(code, task, rows[120:]).wrong == 0
        assert on(code, task, rows[120:]).answered == 80


def test_names_too_long_for_a_table_are_left_to_the_model() -> None:
    task = Task("long", "Which?", labels=tuple(f"{i}{'y' * 400}" for i in range(60)))
    rows = [
        Example(str(i), f"about {chr(97 + i % 60 % 26) * 2}{chr(97 + i % 60 // 26)} w{i}x", task.labels[i % 60])
        for i in range(600)
    ]
    codes = induce(task, rows[:400], rows[400:])
    assert codes and all(len(code.encode()) <= MOST_BYTES for code in codes)


HOSTILE = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=12)


@settings(max_examples=15)
@given(st.lists(HOSTILE, min_size=2, max_size=4, unique=True), st.integers(0, 10**6))
def test_whatever_the_labels_and_texts_are_the_rule_parses_and_runs_without_a_fault(
    labels: list[str], seed: int
) -> None:
    rng = random.Random(seed)
    rows = []
    for i in range(80):
        label = labels[i % len(labels)]
        rows.append(Example(str(i), f'{label} {"abc"[i % 3]} {rng.choice(labels)} """ \\ {i}', label))
    task = Task("any", "Which?", answer="string", normaliser="none")
    for code in induce(task, rows[:50], rows[50:]):
        assert program(f"```python\n{code}```", Rows(()))
        outcomes = on(code, task, rows[50:60]).outcomes
        assert not any(isinstance(o.decision, Fault) for o in outcomes), outcomes
