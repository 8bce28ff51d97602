from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.errors import DataError
from self_distill.rules import toolkit
from self_distill.rules.rule import Card, Rule
from self_distill.sandbox import limits

CODE = "def run(text):\n    return 'yes'\n"
words = st.text(st.characters(codec="utf-8"), max_size=10)


def candidate(**more: Any) -> Rule:
    return Rule.candidate("pii/email_detector", "pii", CODE, maker="m", tokens_making=7, **more)


def test_a_candidate_is_named_by_its_path_and_the_hash_of_its_code() -> None:
    rule = candidate(label="EMAIL")
    assert rule.hash == hashlib.sha256(CODE.encode()).hexdigest()
    assert rule.by == f"pii/email_detector@{rule.hash[:12]}"
    assert (rule.task, rule.label, rule.status, rule.card.tokens_making) == ("pii", "EMAIL", "candidate", 7)
    assert (rule.card.toolkit, rule.card.sandbox) == (toolkit.VERSION, limits.VERSION)


def test_another_card_leaves_the_program_as_it_is() -> None:
    rule = candidate()
    certified = rule.with_card(status="certified", certificate={"risk": 0.05})
    assert (certified.code, certified.hash, certified.status) == (rule.code, rule.hash, "certified")
    assert rule.status == "candidate"


def test_a_rule_shown_in_a_log_does_not_show_its_program() -> None:
    assert "def run" not in repr(candidate())


cards = st.builds(
    Card,
    task=words,
    hash=words,
    status=st.sampled_from(["candidate", "certified", "demoted", "retired"]),
    label=words,
    order=st.integers(-5, 5),
    maker=words,
    tokens_making=st.integers(0, 10**9),
    made=words,
    toolkit=st.integers(0, 3),
    sandbox=st.integers(0, 3),
    certificate=st.none() | st.dictionaries(words, words | st.integers() | st.lists(words)),
    history=st.lists(st.tuples(words, words, words)).map(tuple),
)


@given(cards)
def test_a_card_survives_its_file(card: Card) -> None:
    assert Card.from_json(json.loads(json.dumps(card.as_json()))) == card


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"colour": 1}, "unknown key"),
        ({"status": "holy"}, "holy"),
        ({"status": []}, "unknown status"),
        ({"order": "1"}, "wrong type"),
        ({"order": True}, "wrong type"),
        ({"toolkit": None}, "wrong type"),
        ({"tokens_making": 1.5}, "wrong type"),
        ({"hash": 1}, "wrong type"),
        ({"label": ["EMAIL"]}, "wrong type"),
        ({"certificate": "yes"}, "wrong type"),
        ({"history": 3}, "unknown key"),
        ({"history": [["2026-01-01", "made"]]}, "unknown key"),
    ],
)
def test_a_card_that_is_not_one_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        Card.from_json({**candidate().card.as_json(), **change})
