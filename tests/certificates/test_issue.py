from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.certificates.bounds import upper_bound
from self_distill.certificates.issue import Pay, Seen, Terms, Verdict, barred, judge
from self_distill.errors import DataError
from self_distill.task import Task

TERMS = Terms(0.05, 0.05, labels=2)
PAY = Pay(making=1_000, baseline=100, with_rules=40)


def items(right: int, wrong: int = 0, silent: int = 0) -> list[Seen]:
    """Two labels in turn; the constant answers "yes"."""
    seen = []
    for i in range(right + wrong + silent):
        truth, other = ("yes", "no") if i % 2 else ("no", "yes")
        answer = (truth,) if i < right else (other,) if i < right + wrong else None
        seen.append(Seen((truth,), answer, i < right, truth == "yes"))
    return seen


def reasons(verdict: Verdict) -> list[str]:
    return [refusal.why for refusal in verdict.refusals]


@pytest.mark.parametrize(("j", "needed"), [(1, 69), (2, 96), (3, 111), (4, 123)])
def test_without_an_error_the_design_s_numbers_of_answers_are_enough(j: int, needed: int) -> None:
    assert judge(items(needed, silent=20), TERMS, j).certified
    assert reasons(judge(items(needed - 1, silent=20), TERMS, j)) == ["risk"]


def test_a_verdict_tells_the_counts_and_the_bound_at_its_share() -> None:
    verdict = judge(items(200, 2, 98), TERMS, 1)
    assert verdict.figures == {"n": 300, "answered": 202, "wrong": 2, "bound": verdict.risk.bound, "j": 1}
    assert verdict.risk.bound == upper_bound(2, 202, 0.05 * 6 / 3.141592653589793**2)
    assert verdict.answering[0] < 202 / 300 < verdict.answering[1]


@given(st.integers(0, 300), st.integers(0, 20), st.integers(1, 30))
def test_whoever_is_certified_has_its_bound_at_or_below_the_risk(right: int, wrong: int, j: int) -> None:
    verdict = judge(items(right, wrong, 5), TERMS, j)
    if verdict.certified:
        assert verdict.risk.bound <= TERMS.alpha + 1e-9


def test_a_cascade_that_never_answers_is_refused_as_silent() -> None:
    assert reasons(judge(items(0, 0, 100), TERMS, 1)) == ["silent"]
    assert judge([], TERMS, 1).risk.bound == 1


def test_one_that_answers_as_the_majority_does_is_refused_however_right_it_is() -> None:
    seen = [Seen(("yes",), ("yes",), True, True)] * 300 + [Seen(("no",), ("no",), True, False)]
    verdict = judge(seen, TERMS, 1)
    assert reasons(verdict) == ["constant"] and verdict.beats == 0.5


def test_one_label_alone_must_beat_its_prevalence() -> None:
    always = [Seen(("yes",), ("yes",), True, True)] * 980 + [Seen(("no",), ("yes",), False, False)] * 20
    assert reasons(judge(always, TERMS, 1)) == ["prevalence"]
    picking = [Seen(("yes",), ("yes",), True, True)] * 150 + [Seen(("no",), None, False, False)] * 150
    assert judge(picking, TERMS, 1).certified


def test_the_prevalence_is_not_beaten_by_chance_more_often_than_agreed() -> None:
    """100 of 500 items have the label, and an answer hits at random: `beats` must not be small too often."""
    rng, small = random.Random(3), 0
    for _ in range(300):
        picked = set(rng.sample(range(500), 60))
        seen = [
            Seen(("c",) if i < 100 else ("d",), ("c",) if i in picked else None, i < 100, False) for i in range(500)
        ]
        small += judge(seen, TERMS, 1).beats <= 0.05
    assert small <= 25


def test_every_answered_label_must_prove_the_risk_by_itself_when_asked() -> None:
    terms = replace(TERMS, per_label=True)
    assert judge(items(300), terms, 1).certified
    lopsided = [*items(300), *[Seen(("no",), ("maybe",), False, False)] * 2]
    verdict = judge(lopsided, replace(terms, labels=3), 1)
    assert reasons(verdict) == ["label"] and "maybe" in verdict.refusals[0].told
    assert verdict.labels["maybe"].wrong == 2


def test_a_critical_label_may_not_be_missed_and_abstaining_misses_nothing() -> None:
    terms = replace(TERMS, critical=("no",))
    silent_on_no = [Seen(("no",), None, False, False)] * 150
    spoken = [Seen((label,), (label,), True, label == "yes") for label in ("yes", "other") * 150]
    assert judge([*silent_on_no, *spoken], terms, 1).certified
    missed = [*silent_on_no[:-9], *[Seen(("no",), ("yes",), False, False)] * 9, *spoken * 3]
    verdict = judge(missed, terms, 1)
    assert reasons(verdict) == ["critical"] and verdict.critical["no"].wrong == 9


def test_a_critical_label_that_no_certify_item_has_cannot_be_proved() -> None:
    assert "critical" in reasons(judge(items(300), replace(TERMS, critical=("rare",)), 1))


def test_a_critical_label_halves_the_share_of_the_risk() -> None:
    with_critical = judge(items(200), replace(TERMS, critical=("no",)), 1)
    assert with_critical.risk.bound > judge(items(200), TERMS, 1).risk.bound


def test_sets_of_labels_are_counted_label_by_label() -> None:
    seen = [Seen(("A", "B"), ("A",), False, False), Seen(("A",), ("A", "B"), False, False)] * 5
    verdict = judge(seen, Terms(0.05, 0.05, labels=2, per_label=True, critical=("B",)), 1)
    assert (verdict.labels["A"].wrong, verdict.labels["B"].wrong, verdict.critical["B"].wrong) == (0, 5, 5)


@pytest.mark.parametrize(
    ("changes", "why", "word"),
    [
        ({}, None, ""),
        ({"changed": 3}, "changing", "3 answers changed"),
        ({"constant_error": 0.05}, "trivial", "ask for less"),
        ({"pay": Pay(10, 100, 100)}, "dear", "never"),
        ({"pay": Pay(1_000_000, 100, 40, requests=1_000)}, "dear", "16,667"),
        ({"pay": Pay(1_000_000, 100, 40, requests=20_000)}, None, ""),
        ({"pay": Pay(0, 0, 0)}, None, ""),
    ],
)
def test_what_needs_no_answers_to_be_refused_is_refused_before_a_test(
    changes: dict[str, Any], why: str | None, word: str
) -> None:
    given: dict[str, Any] = {"constant_error": 0.3, "changed": 0, "pay": PAY, **changes}
    found = barred(TERMS, **given)
    assert [refusal.why for refusal in found] == ([why] if why else [])
    assert all(word in refusal.told for refusal in found)


def test_terms_are_those_of_the_task() -> None:
    task = Task("t", "i", labels=("a", "b"), critical=("a",), per_label=True, risk=0.1, confidence=0.9)
    terms = Terms.of(task)
    assert (terms.alpha, terms.labels, terms.per_label, terms.critical) == (0.1, 2, True, ("a",))
    assert terms.delta == pytest.approx(0.1)


@pytest.mark.parametrize("wrong", [{"alpha": 0.0}, {"delta": 1.0}, {"labels": 0, "per_label": True}])
def test_terms_that_nothing_can_prove_cannot_be_built(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"alpha|labels"):
        replace(TERMS, **wrong)


@pytest.mark.parametrize("verdict", [judge(items(200, 1, 9), TERMS, 2), judge(items(9, 9, 9), TERMS, 1)])
def test_a_verdict_survives_json(verdict: Verdict) -> None:
    assert Verdict.from_json(json.loads(json.dumps(verdict.as_json()))) == verdict


@pytest.mark.parametrize("change", [{"risk": None}, {"refusals": [{"why": "mood", "told": ""}]}, {"more": 1}])
def test_a_verdict_that_cannot_be_read_is_one_line(change: dict[str, object]) -> None:
    data = {**judge(items(200), TERMS, 1).as_json(), **change}
    with pytest.raises(DataError, match="verdict"):
        Verdict.from_json(data)
