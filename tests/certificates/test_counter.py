from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from self_distill.certificates.counter import NAME, Tally
from self_distill.certificates.issue import Seen, Terms, Verdict, judge
from self_distill.errors import DataError

TERMS = Terms(0.05, 0.05)
ITEMS = ["a", "b", "c"]


def verdict(j: int = 1) -> Verdict:
    return judge([Seen(("x",), ("x",), True, False), Seen(("y",), ("z",), False, False)], TERMS, j)


def test_every_new_test_on_the_same_items_is_the_next_one(tmp_path: Path) -> None:
    tally = Tally(tmp_path)
    assert [tally.claim(f"rule {i}", ITEMS).j for i in range(4)] == [1, 2, 3, 4]
    assert tally.following(ITEMS) == 5


def test_one_shared_item_continues_the_count_and_none_begins_anew(tmp_path: Path) -> None:
    tally = Tally(tmp_path)
    tally.claim("one", ITEMS)
    assert tally.claim("two", ["c", "d"]).j == 2
    assert tally.claim("three", ["x", "y"]).j == 1
    assert tally.claim("four", ["d", "y"]).j == 3
    assert tally.following(["a"]) == 2, "the overlap counts, not the chain of overlaps"


def test_the_same_again_returns_the_stored_verdict_and_spends_nothing(tmp_path: Path) -> None:
    claim = Tally(tmp_path).claim("rule", ITEMS)
    assert claim.verdict is None
    Tally(tmp_path).settle(claim, verdict())
    again = Tally(tmp_path).claim("rule", ITEMS[::-1])
    assert (again.j, again.verdict) == (1, verdict())
    assert Tally(tmp_path).following(ITEMS) == 2


def test_the_first_verdict_stands(tmp_path: Path) -> None:
    tally = Tally(tmp_path)
    claim = tally.claim("rule", ITEMS)
    tally.settle(claim, verdict(1))
    tally.settle(claim, verdict(7))
    assert tally.claim("rule", ITEMS).verdict == verdict(1)


def test_a_test_that_was_claimed_and_never_finished_is_spent_and_can_be_finished(tmp_path: Path) -> None:
    Tally(tmp_path).claim("killed", ITEMS)
    assert Tally(tmp_path).claim("other", ITEMS).j == 2
    assert Tally(tmp_path).claim("killed", ITEMS).j == 1


def test_a_fresh_tools_folder_does_not_reset_the_count(tmp_path: Path) -> None:
    Tally(tmp_path / "home", tmp_path).claim("one", ITEMS)
    (tmp_path / "fresh").mkdir()
    assert Tally(tmp_path / "home", tmp_path / "fresh").claim("two", ITEMS).j == 2


def test_a_shipped_count_continues_on_another_machine_and_enters_its_state(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    first = Tally(tmp_path / "one", tools)
    first.settle(first.claim("rule", ITEMS), verdict())
    other = Tally(tmp_path / "two", tools)
    assert other.claim("rule", ITEMS).verdict == verdict()
    assert other.claim("second", ITEMS).j == 2
    (tools / NAME).unlink()
    assert Tally(tmp_path / "two").following(ITEMS) == 3


def test_counts_that_were_kept_apart_add_up_when_they_meet(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    Tally(tmp_path / "one", tools).claim("theirs", ITEMS)
    Tally(tmp_path / "two").claim("mine", ITEMS)
    assert Tally(tmp_path / "two", tools).following(ITEMS) == 3


def test_a_known_verdict_reaches_the_copy_beside_the_tools(tmp_path: Path) -> None:
    home = Tally(tmp_path / "home")
    home.settle(home.claim("rule", ITEMS), verdict())
    Tally(tmp_path / "home", tmp_path).claim("rule", ITEMS)
    assert Tally(tmp_path / "elsewhere", tmp_path).claim("rule", ITEMS).verdict == verdict()


def test_a_shipped_count_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    Tally(tmp_path / "one", tools).claim("one", ITEMS)
    (tools / NAME).chmod(0o444)
    assert Tally(tmp_path / "two", tools).claim("two", ITEMS).j == 2
    assert Tally(tmp_path / "two").following(ITEMS) == 3


def test_a_missing_tools_folder_is_no_hindrance(tmp_path: Path) -> None:
    assert Tally(tmp_path / "home", tmp_path / "nowhere").claim("one", ITEMS).j == 1


def test_a_line_cut_by_a_crash_is_dropped_and_the_next_one_is_whole(tmp_path: Path) -> None:
    Tally(tmp_path).claim("one", ITEMS)
    with (tmp_path / NAME).open("a") as file:
        file.write('{"test": "half')
    assert Tally(tmp_path).claim("two", ITEMS).j == 2
    assert [json.loads(line) for line in (tmp_path / NAME).read_text().splitlines()]


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"test": "x"}', '{"items": ["a"]}'])
def test_a_damaged_count_certifies_nothing(tmp_path: Path, line: str) -> None:
    Tally(tmp_path).claim("one", ITEMS)
    with (tmp_path / NAME).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataError, match="line 3 is damaged"):
        Tally(tmp_path).claim("two", ITEMS)


def test_a_state_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be used"):
        Tally(tmp_path / "file").claim("one", ITEMS)


def test_the_state_is_private_and_holds_hashes_only_as_given(tmp_path: Path) -> None:
    Tally(tmp_path).claim("a rule", ITEMS)
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    assert "a rule" not in (tmp_path / NAME).read_text()


def _claims(folder: Path, name: str) -> list[int]:
    return [Tally(folder).claim(f"{name} {i}", ITEMS).j for i in range(20)]


def test_two_processes_never_have_the_same_number(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.starmap(_claims, [(tmp_path, "one"), (tmp_path, "two")])
    assert sorted(found[0] + found[1]) == list(range(1, 41))
