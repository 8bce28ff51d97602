from __future__ import annotations

import pytest

from self_distill.macros.vault import LITERAL, Entry, Vault


def filled() -> Vault:
    vault = Vault()
    vault.add(Entry("ann@corp.com", "EMAIL", "EMAIL_1", "[EMAIL_1]"))
    vault.add(Entry("Ann Lee", "PERSON", "PERSON_1", "Dana Miller"))
    vault.add(Entry("Bo", "PERSON", "PERSON_2", "Dana"))
    vault.add(Entry("10.1.2.30", "IP", "", "[IP_MASKED]"))
    return vault


def test_entries_are_found_by_value_by_name_and_as_they_stand_in_text() -> None:
    vault = filled()
    ann = vault.of_value("ann@corp.com")
    assert ann is not None and ann is vault.of_name("EMAIL_1") and not ann.surrogate
    assert vault.of_value("Ann@corp.com") is None and vault.of_name("IP_1") is None
    assert vault.shows("[IP_MASKED]") and vault.shows("Dana Miller") and not vault.shows("[PERSON_1]")
    assert vault.knows_type("EMAIL_77") and not vault.knows_type("IP_1")
    assert vault.knows_squashed("EMAIL1") and not vault.knows_squashed("EMAIL2")
    assert len(vault) == 4 and vault.named and vault.names() == ("EMAIL_1", "PERSON_1", "PERSON_2")


def test_surrogates_stand_between_token_borders_and_the_longest_counts() -> None:
    found = [(s, e, entry.value) for s, e, entry in filled().surrogates_in("Dana Miller, Dana, Danas, xDana, Dana_")]
    assert found == [(0, 11, "Ann Lee"), (13, 17, "Bo")]


def test_a_surrogate_that_has_or_is_in_another_one_clashes() -> None:
    vault = filled()
    assert all(vault.clashes(made) for made in ("Dana", "Dana Smith", "Dr. Dana Miller", "Miller"))
    assert not vault.clashes("Robin Smith")


def test_numbers_go_on_and_pass_over_what_stands_in_the_users_text() -> None:
    vault = Vault()
    vault.reserve("EMAIL_2")
    assert [vault.new_name("EMAIL") for _ in range(2)] == ["EMAIL_1", "EMAIL_3"]
    vault.count_on({"IP": 7})
    assert vault.new_name("IP") == "IP_8" and vault.counters() == {"EMAIL": 3, "IP": 8}


def test_a_literal_is_no_value_and_is_not_looked_for() -> None:
    vault = filled()
    entry = vault.literal("[EMAIL_1]")
    assert entry is vault.literal("[EMAIL_1]") and entry.literal and entry.type == LITERAL
    assert len(vault) == 4 and vault.of_value("[EMAIL_1]") is None and entry in vault.entries
    assert "[EMAIL_1]" not in dict(vault.noted())


def test_a_vault_prints_no_value_and_an_empty_one_counts_as_one() -> None:
    vault = filled()
    assert repr(vault) == "Vault(4 values)"
    assert not any(word in repr(vault.entries) for word in ("ann@", "Ann", "Bo", "10.1"))
    assert Vault() and not len(Vault()) and Vault().key != Vault().key


@pytest.mark.parametrize("type_", ["EMAIL", "Employee id", "(literal)", "99 red", "É", "A" * 99, "a_b_c_d_e_f_g"])
def test_every_type_has_a_name_that_can_be_read_again(type_: str) -> None:
    vault = Vault()
    name = vault.new_name(type_)
    vault.add(Entry("value", type_, name, f"[{name}]"))
    assert vault.knows_type(name) and name.endswith("_1") and len(name) <= 33
