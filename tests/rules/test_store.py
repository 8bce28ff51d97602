from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from self_distill.errors import DataError
from self_distill.rules.rule import Card, Rule
from self_distill.rules.store import Store

CODE = "def run(text):\n    return 'yes'\n"


def rule(name: str = "grammar/first", **card: Any) -> Rule:
    made = Rule.candidate(name, "acceptability", CODE, maker="m", tokens_making=7)
    return made.with_card(**card)


def test_a_written_tool_is_read_as_it_was(tmp_path: Path) -> None:
    made = rule(label="x", order=2, history=(("2026-01-01", "made", "why"),))
    Store.write(made, tmp_path)
    assert Store((tmp_path,)).rules() == (made,)
    assert Card.from_json(json.loads(json.dumps(made.card.as_json()))) == made.card


def test_a_file_that_was_changed_does_not_act(tmp_path: Path) -> None:
    Store.write(rule(), tmp_path)
    (tmp_path / "grammar/first.py").write_text(CODE + "\n# changed\n")
    store = Store((tmp_path,))
    assert store.rules() == () and "changed" in store.problems[0]


@pytest.mark.parametrize(
    ("card", "word"),
    [
        ("{", "cannot be read"),
        ("[]", "not a JSON object"),
        ('{"task": "t"}', "missing"),
        ('{"task": "t", "hash": "h", "colour": 1}', "unknown key"),
        ('{"task": "t", "hash": "h", "status": "holy"}', "holy"),
        ('{"task": "t", "hash": "h", "certificate": 5}', "wrong type"),
        ("[" * 100_000, "cannot be read"),
        ("\0", "cannot be read"),
    ],
)
def test_a_card_that_cannot_be_trusted_is_a_problem(tmp_path: Path, card: str, word: str) -> None:
    Store.write(rule(), tmp_path)
    (tmp_path / "grammar/first.json").write_text(card)
    store = Store((tmp_path,))
    assert store.rules() == () and word in store.problems[0]


@pytest.mark.parametrize("changes", [{"toolkit": 0}, {"sandbox": 0}, {"status": "certified"}])
def test_another_version_or_a_missing_certificate_stops_a_tool(tmp_path: Path, changes: dict[str, Any]) -> None:
    Store.write(rule(**changes), tmp_path)
    assert Store((tmp_path,)).rules() == ()


def test_a_tool_without_a_card_does_not_act(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.py").write_text(CODE)
    assert "no card" in Store((tmp_path,)).problems[0]


def test_the_cascade_has_certified_and_demoted_rules_in_order_and_candidates_on_request(tmp_path: Path) -> None:
    certificate = {"alpha": 0.05}
    cards: dict[str, dict[str, Any]] = {
        "g/c": {"status": "certified", "certificate": certificate, "order": 1},
        "g/b": {"status": "demoted", "certificate": certificate, "order": 0},
        "g/a": {"status": "retired", "certificate": certificate},
        "g/d": {"order": 2},
    }
    for name, card in cards.items():
        Store.write(rule(name, **card), tmp_path)
    store = Store((tmp_path,))
    assert [r.name for r in store.cascade("acceptability")] == ["g/b", "g/c"]
    assert [r.name for r in store.cascade("acceptability", uncertified=True)] == ["g/b", "g/c", "g/d"]
    assert store.cascade("other") == ()


def test_the_earlier_folder_wins(tmp_path: Path) -> None:
    Store.write(rule(maker="mine"), tmp_path / "mine")
    Store.write(rule(maker="theirs"), tmp_path / "theirs")
    (found,) = Store((tmp_path / "mine", tmp_path / "theirs")).rules()
    assert found.card.maker == "mine"


def test_a_tool_that_is_written_again_leaves_no_other_file(tmp_path: Path) -> None:
    for tokens in (1, 2, 3):
        Store.write(rule(tokens_making=tokens), tmp_path)
    assert sorted(path.name for path in (tmp_path / "grammar").iterdir()) == ["first.json", "first.py"]
    assert Store((tmp_path,)).rules()[0].card.tokens_making == 3


def test_a_program_that_is_no_text_is_a_problem_and_the_others_act(tmp_path: Path) -> None:
    Store.write(rule(), tmp_path)
    Store.write(rule("grammar/second"), tmp_path)
    (tmp_path / "grammar/first.py").write_bytes(b"\xff")
    store = Store((tmp_path, tmp_path / "nowhere"))
    assert [r.name for r in store.rules()] == ["grammar/second"] and len(store.problems) == 1
    assert store.named("grammar/first") is None


def test_line_ends_and_any_character_survive_the_file(tmp_path: Path) -> None:
    code = "# \u00e9 \U0001f600\r\ndef run(text):\r\n    return None\n"
    Store.write(Rule.candidate("a/b", "t", code, maker="m", tokens_making=1), tmp_path)
    assert Store((tmp_path,)).rules()[0].code == code


def test_a_program_with_half_a_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="half a character"):
        Store.write(Rule.candidate("a/b", "t", "# \ud800\n", maker="m", tokens_making=1), tmp_path)
    assert not list(tmp_path.rglob("*.*"))


@pytest.mark.parametrize("name", ["first", "../x/y", "/etc/x", "a/b c", "a//b"])
def test_a_name_that_is_no_category_and_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="category/name"):
        Store.write(rule(name), tmp_path)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        Store.write(rule(), tmp_path / "file")
