from __future__ import annotations

import re

import pytest

from self_distill.errors import SettingsError
from self_distill.macros.replacement import Around, Style, entry_for
from self_distill.macros.surrogates import surrogate
from self_distill.macros.vault import Entry, Vault

NOWHERE = Around("")


def made(vault: Vault, value: str, type_: str, style: Style, around: Around = NOWHERE) -> Entry:
    return entry_for(vault, value, type_, style, around, "en_US")


def test_styles_say_what_stands_for_a_value() -> None:
    vault = Vault()
    assert made(vault, "a@b.example", "EMAIL", "numbered").shown == "[EMAIL_1]"
    assert made(vault, "10.1.2.30", "IP", "masked") == Entry("10.1.2.30", "IP", "", "[IP_MASKED]")
    assert re.fullmatch(r"\[PHONE_[0-9A-F]{12}\]", made(vault, "555-0142", "PHONE", "hash").shown)
    person = made(vault, "Ann Lee", "PERSON", "surrogate")
    assert person.surrogate and person.name == "PERSON_1" and person.shown.count(" ") == 1


@pytest.mark.parametrize("style", ["numbered", "masked", "hash", "surrogate"])
def test_a_value_keeps_what_it_was_given_first(style: Style) -> None:
    vault = Vault()
    first = made(vault, "Ann Lee", "PERSON", style)
    assert made(vault, "Ann Lee", "EMAIL", "numbered") is first


def test_a_hash_needs_the_vaults_key_and_grows_where_it_is_taken() -> None:
    one, other = Vault(b"a" * 32), Vault(b"b" * 32)
    names = [made(vault, "Ann Lee", "PERSON", "hash").name for vault in (one, other, Vault(b"a" * 32))]
    assert names[0] == names[2] != names[1]
    taken = Vault(b"a" * 32)
    taken.add(Entry("somebody", "PERSON", names[0], f"[{names[0]}]"))
    assert len(made(taken, "Ann Lee", "PERSON", "hash").name) == len(names[0]) + 1


SAFE = {
    "EMAIL": r"\w+@example\.(com|net|org)",
    "PHONE": r"\d{3}-555-01\d\d",
    "SSN": r"9\d\d-[0-4]\d-\d{4}",
    "IP": r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+",
    "MAC": r"00:00:5E:00:53:[0-9A-F]{2}",
    "CREDIT_CARD": r"9999\d{12}",
    "IBAN": r"ZZ\d{20}",
    "DATE_OF_BIRTH": r"\d{4}-\d\d-\d\d",
}
"""Ranges that their owners have set aside for examples (RFC 2606, 5737, 7042; NANP 555-01xx; SSN 9xx; ISO 3166 ZZ)."""


@pytest.mark.parametrize("type_", SAFE)
@pytest.mark.parametrize("seed", range(5))
def test_surrogates_come_from_ranges_that_belong_to_nobody(type_: str, seed: int) -> None:
    found = surrogate(type_, "536-22-8714", seed)
    assert found is not None and re.fullmatch(SAFE[type_], found), found
    assert found == surrogate(type_, "536-22-8714", seed)


def test_a_surrogate_keeps_the_shape_of_its_value() -> None:
    assert re.fullmatch(r"2001:db8:[\da-f]+::[\da-f]+", surrogate("IP", "fe80::1", 1) or "")
    assert (surrogate("PHONE", "+44 20 7946 0958", 1) or "").startswith("020 7946 0")
    assert re.fullmatch(r"9999( \d{4}){3}", surrogate("CREDIT_CARD", "4539 5787 6362 1486", 1) or "")
    assert re.fullmatch(r"9\d{8}", surrogate("SSN", "536228714", 1) or "")
    assert " " not in (surrogate("PERSON", "Ann", 1) or " ")


@pytest.mark.parametrize("seed", range(20))
def test_no_surrogate_card_number_is_valid(seed: int) -> None:
    digits = [int(c) for c in surrogate("CREDIT_CARD", "4539578763621486", seed) or ""]
    assert (sum(digits[1::2]) + sum(sum(divmod(d * 2, 10)) for d in digits[::2])) % 10


def test_a_type_without_such_a_range_gets_its_number() -> None:
    assert made(Vault(), "ghp_secret", "API_KEY", "surrogate").shown == "[API_KEY_1]"


def test_a_surrogate_is_nothing_that_the_text_or_the_vault_has() -> None:
    key = b"k" * 32
    first = made(Vault(key), "Ann Lee", "PERSON", "surrogate").shown
    assert made(Vault(key), "Ann Lee", "PERSON", "surrogate", Around(f"so {first.upper()} said")).shown != first
    known = Vault(key)
    known.note(first, "PERSON")
    assert made(known, "Ann Lee", "PERSON", "surrogate").shown != first
    shown = [made(known, f"Person {i} Lee", "PERSON", "surrogate").shown for i in range(200)]
    assert len(set(shown)) == 200


def test_a_locale_without_surrogates_is_refused() -> None:
    with pytest.raises(SettingsError, match="xx_XX"):
        surrogate("PERSON", "Ann Lee", 1, "xx_XX")
