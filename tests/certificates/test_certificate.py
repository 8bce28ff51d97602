from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from self_distill.certificates.certificate import Certificate
from self_distill.certificates.issue import Seen, Terms, judge
from self_distill.errors import DataError

TERMS = Terms(0.05, 0.05, labels=2)


def certificate(**changes: Any) -> Certificate:
    seen = [Seen((label,), (label,), True, label == "yes") for label in ("yes", "no") * 100]
    given: dict[str, Any] = {
        "task": "t",
        "rules": ("hash one", "hash two"),
        "terms": TERMS,
        "verdict": judge(seen, TERMS, 1),
        "splits": {"certify": "c"},
        "data": "d",
        "toolkit": 1,
        "sandbox": 1,
        "date": "2026-01-01",
        "auditors": {"model:m": 0.08},
    }
    return Certificate(**{**given, **changes})


def test_a_certificate_survives_json() -> None:
    made = certificate(tokens_making=900, reuse=3, teacher="model:x", macros="2")
    assert Certificate.from_json(json.loads(json.dumps(made.as_json()))) == made


def test_what_the_gate_refused_cannot_become_a_certificate() -> None:
    refused = judge([Seen(("yes",), ("no",), False, True)] * 80, TERMS, 1)
    with pytest.raises(ValueError, match="do not bear"):
        certificate(verdict=refused)
    with pytest.raises(ValueError, match="do not bear"):
        certificate(rules=())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict", "risk", "wrong"), 40),
        (("verdict", "risk", "n"), 30),
        (("verdict", "j"), 200_000),
        (("terms", "alpha"), 0.001),
        (("terms", "alpha"), "low"),
        (("terms",), None),
        (("verdict", "refusals"), [{"why": "risk", "told": "no"}]),
        (("colour",), "red"),
    ],
)
def test_a_file_whose_figures_were_changed_is_no_certificate(path: tuple[str, ...], value: object) -> None:
    data = json.loads(json.dumps(certificate().as_json()))
    *way, last = path
    table = data
    for key in way:
        table = table[key]
    table[last] = value
    with pytest.raises(DataError, match=r"certif|verdict"):
        Certificate.from_json(data)


def test_its_claim_speaks_of_agreement_when_the_teacher_is_a_model() -> None:
    assert certificate().claim == "at most 5.0% of its answers are wrong, with confidence 95%"
    assert "disagree with model:x" in certificate(teacher="model:x").claim


def test_its_teacher_audits_at_the_risk_a_model_at_its_disagreement_and_nobody_else() -> None:
    made = certificate()
    assert (made.tolerated("gold"), made.tolerated("model:m"), made.tolerated("model:y")) == (0.05, 0.08, None)
    assert certificate(teacher="model:x").tolerated("gold") is None


def test_its_watch_begins_with_the_rate_of_answering_on_the_certify_items() -> None:
    made = certificate()
    watch = made.watch()
    assert watch.errors.limit == 0.05 and not watch.demoted
    assert watch.silent.limit == pytest.approx(1 - made.verdict.answering[0])
    assert replace(made, reuse=1) != made
