from __future__ import annotations

from random import Random

import pytest

from self_distill.datasets.national_ids import MAKERS
from self_distill.datasets.pii_values import Source, faker, luhn_digit
from self_distill.datasets.synthetic_pii import TYPES, generate, templates
from self_distill.errors import DataError


def values(type_: str, n: int = 60) -> list[str]:
    rows = generate(n, 3, [type_], clean_share=0)
    return [row.text[span.start : span.end] for row in rows for span in row.spans]


def test_a_longer_set_starts_with_the_shorter_one() -> None:
    assert generate(40, 5)[:15] == generate(15, 5)


def test_another_seed_gives_other_texts() -> None:
    assert {row.text for row in generate(30, 1)} != {row.text for row in generate(30, 2)}


def test_the_label_is_the_sorted_set_of_types_in_the_text() -> None:
    for row in generate(200, 1):
        assert row.label == sorted({span.type for span in row.spans})


def test_every_type_occurs_and_can_be_had_alone() -> None:
    for type_ in TYPES:
        rows = generate(20, 9, [type_], clean_share=0)
        assert all(row.label == [type_] for row in rows)


def test_spans_do_not_overlap_and_hold_no_border_of_white_space() -> None:
    for row in generate(400, 2, clean_share=0):
        ends = [0, *(span.end for span in row.spans)]
        assert all(span.start >= end for span, end in zip(row.spans, ends, strict=False))
        for span in row.spans:
            value = row.text[span.start : span.end]
            assert value == value.strip(), row.group


def test_the_clean_share_is_kept() -> None:
    assert not any(row.spans for row in generate(50, 1, clean_share=1))
    assert all(row.spans for row in generate(50, 1, clean_share=0))
    assert 0.15 < sum(not row.spans for row in generate(1000, 1)) / 1000 < 0.25


def test_there_are_many_templates_and_each_names_known_slots() -> None:
    assert len(templates()) >= 120
    generate(2000, 4)  # raises KeyError for a slot that nobody fills


def test_card_numbers_pass_luhn() -> None:
    for value in values("CREDIT_CARD"):
        digits = value.replace(" ", "").replace("-", "")
        assert luhn_digit(digits[:-1]) == digits[-1]


def test_ibans_pass_mod_97() -> None:
    for value in values("IBAN"):
        compact = value.replace(" ", "")
        assert int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


def test_routing_numbers_pass_their_weights() -> None:
    for value in values("BANK_ROUTING"):
        assert sum(int(d) * w for d, w in zip(value, (3, 7, 1) * 3, strict=True)) % 10 == 0


def test_social_security_numbers_avoid_the_areas_never_issued() -> None:
    assert not any(value.startswith(("000", "666", "9")) for value in values("SSN"))


@pytest.mark.parametrize("country", sorted(MAKERS))
def test_each_country_makes_identity_numbers_that_differ(country: str) -> None:
    source = Source(Random(1), f"xx_{country}", faker("en_US"))
    assert len({MAKERS[country](source) for _ in range(50)}) > 45


def test_an_unknown_type_is_refused_with_the_list_of_types() -> None:
    with pytest.raises(DataError, match="SHOE_SIZE; there are EMAIL"):
        generate(1, 1, ["SHOE_SIZE"])
