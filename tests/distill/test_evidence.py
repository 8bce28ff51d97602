from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.distill.evidence import PARTS, Evidence, gather
from self_distill.distill.items import item_hash, normalised
from self_distill.errors import DataError
from self_distill.task import Task
from self_distill.types import Example

TASK = Task("colour", "Which colour?", labels=("red", "blue"))


def rows(n: int, start: int = 0, groups: int = 0) -> list[Example]:
    return [
        Example(f"r{i}", f"text number {i}", ("red", "blue")[i % 2], group=f"g{i % groups}" if groups else None)
        for i in range(start, start + n)
    ]


def names(part: tuple[Example, ...]) -> set[str]:
    return {item_hash(row) for row in part}


def test_the_four_parts_have_their_shares_and_share_no_item() -> None:
    evidence = gather(TASK, rows(4_000))
    assert [round(len(part) / 4_000, 1) for part in evidence.parts.values()] == [0.2, 0.2, 0.4, 0.2]
    assert 0.42 < len(evidence.certify) / 4_000 < 0.48
    assert sum(len(names(part)) for part in evidence.parts.values()) == 4_000
    assert evidence.touched == names(evidence.certify)


def test_an_item_stays_in_its_part_when_others_come_and_under_another_id() -> None:
    before = gather(TASK, rows(300))
    after = gather(TASK, [replace(row, id=f"other-{row.id}") for row in rows(900)])
    for part in PARTS:
        assert names(before.parts[part]) <= names(after.parts[part])


def test_order_changes_neither_split_hashes_nor_the_digest() -> None:
    one, other = gather(TASK, rows(200)), gather(TASK, rows(200)[::-1])
    assert one.hashes == other.hashes and one.digest == other.digest


def test_another_label_changes_the_digest_and_no_split_hash() -> None:
    changed = [replace(row, label="red") if row.id == "r1" else row for row in rows(200)]
    one, other = gather(TASK, rows(200)), gather(TASK, changed)
    assert one.hashes == other.hashes and one.digest != other.digest


def test_repeated_items_enter_once_contradictory_and_empty_ones_not_at_all() -> None:
    more = [
        Example("again", "  TEXT number 0 ", "red"),
        Example("against", "text  number 1", "red"),
        Example("unlabelled", "something", None),
        Example("blank", "  ", "red"),
    ]
    evidence = gather(TASK, rows(200) + more)
    found = evidence.found
    assert (found.given, found.empty, found.repeated, found.contradictory) == (204, 2, 1, 2)
    assert sum(map(len, evidence.parts.values())) == 199


def test_labels_that_score_as_equal_do_not_contradict() -> None:
    task = Task("sum", "Add.", answer="number")
    evidence = gather(task, [Example("a", "one and one", 2), Example("b", "One and one", "2.0"), Example("c", "x", 1)])
    assert (evidence.found.repeated, evidence.found.contradictory) == (1, 0)


@given(st.text(), st.text())
def test_normalising_twice_changes_nothing_more(one: str, other: str) -> None:
    joined = normalised(f"{one} {other}")
    assert " ".join(joined.split()) == joined
    assert normalised(f"{one}\n\t{other}") == joined


def test_groups_go_to_one_part_and_one_item_of_each_is_certified_and_tested() -> None:
    evidence = gather(TASK, rows(600, groups=90))
    owners = [{row.group for row in part} for part in evidence.parts.values()]
    assert sum(map(len, owners)) == 90
    assert len(evidence.certify) == len(owners[2]) and len(evidence.test) == len(owners[3])
    assert len(evidence.train) > len(owners[0])
    assert evidence.found.aside == 600 - sum(map(len, evidence.parts.values()))
    assert len(evidence.touched) > 2 * len(evidence.certify), "items set aside and groups are spent too"


def test_a_declared_group_that_no_example_has_is_an_error() -> None:
    with pytest.raises(DataError, match="template"):
        gather(replace(TASK, group="template"), rows(50))


def test_a_set_with_a_test_of_its_own_keeps_it_and_what_leaks_leaves_train() -> None:
    own = [*rows(40, start=1_000), Example("leak", "Text number 3", "blue")]
    evidence = gather(TASK, rows(400), test=own)
    assert len(evidence.test) == 41 and evidence.found.leaked == 1
    assert len(evidence.train) + len(evidence.select) + len(evidence.certify) == 399
    assert len(evidence.certify) > 180


def test_parts_that_share_an_item_are_refused() -> None:
    evidence = gather(TASK, rows(100))
    mixed = replace(evidence, test=(*evidence.test, replace(evidence.train[0], id="copy")))
    with pytest.raises(DataError, match="copy is in train and in test"):
        mixed.check_leaks()


def test_near_copies_are_counted_where_only_numbers_and_punctuation_differ() -> None:
    evidence = gather(TASK, rows(100))
    assert evidence.near_copies() == len(evidence.certify) + len(evidence.test)
    words = [Example(str(i), f"word{chr(97 + i % 26)}{chr(97 + i // 26)} alone", "red") for i in range(99)]
    assert gather(TASK, [*words, Example("x", "y z", "blue")]).near_copies() == 0


@pytest.mark.parametrize(("j", "claims", "needed"), [(1, 1, 69), (2, 1, 96), (4, 1, 123), (1, 2, 82)])
def test_too_few_examples_say_how_many_are_needed(j: int, claims: int, needed: int) -> None:
    evidence = gather(TASK, rows(100))
    with pytest.raises(DataError, match=rf"needs {needed}\b.*give about \d+ examples"):
        evidence.check_enough(0.05, 0.95, j, claims)


def test_enough_examples_pass() -> None:
    gather(TASK, rows(250)).check_enough(0.05, 0.95)


@pytest.mark.parametrize(
    ("examples", "word"),
    [
        ([], "none of 0 examples"),
        ([Example("a", "x", None)], "1 without text or label"),
        ([Example("a", "x", "red"), Example("b", "y", "red")], "one label"),
        ([Example("a", "x", "rot"), Example("b", "y", "blau")], "outside its answer space"),
        ([Example("a", "x", "red"), Example("b", "X", "blue")], "2 contradictory"),
    ],
)
def test_what_cannot_be_evidence_is_one_line(examples: list[Example], word: str) -> None:
    with pytest.raises(DataError, match=word):
        gather(TASK, examples)


def test_a_few_labels_outside_the_answer_space_stay_as_items_that_nothing_answers_right() -> None:
    evidence: Evidence = gather(TASK, [*rows(50), Example("out", "of scope", "none of these")])
    assert evidence.found.strays == 1 and sum(map(len, evidence.parts.values())) == 51


@pytest.mark.parametrize("shares", [(1, 2, 3), (0, 0, 0, 0), (-1, 1, 1, 1)])
def test_shares_that_are_none_are_refused(shares: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="shares"):
        gather(TASK, rows(10), shares)


def test_always_majority_answers_the_most_frequent_label_of_train() -> None:
    skewed = [replace(row, label="red") if row.id[-1] != "1" else row for row in rows(1_000)]
    evidence = gather(TASK, skewed)
    assert evidence.constant == "red"
    assert 0.05 < evidence.constant_error(TASK) < 0.15
