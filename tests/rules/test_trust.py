"""A rule acts while everything is as its certificate says, and else one line says why not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from self_distill.certificates.watches import Watches
from self_distill.errors import DataError
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.rules.trust import Anything, Standing, Trust

FIRST = "def run(text):\n    return 'yes' if text.endswith('.') else None\n"
SECOND = "def run(text):\n    return 'no'\n"
NAMES = ["acceptability/made_0", "acceptability/made_1"]


def today(mask: Collection[str]) -> str:
    return "m1" + "".join(mask)


@pytest.fixture
def folder(certified: Any, tmp_path: Path) -> Path:
    certified(tmp_path / "tools", FIRST, SECOND, macros="m1")
    return tmp_path / "tools"


def trust(folder: Path) -> Trust:
    return Trust(Store((folder,)), Watches(folder.parent / "watch"), today)


def standing(folder: Path, mask: Collection[str] = ()) -> Standing:
    return trust(folder).standing("acceptability", mask)


def card(folder: Path, name: str, **changes: Any) -> None:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_cascade_that_is_what_its_certificate_says_acts(folder: Path) -> None:
    found = standing(folder)
    assert [rule.name for rule in found.rules] == NAMES
    assert found.certificate and found.certificate.claim and not found.problem


def certificate(folder: Path, **changes: Any) -> None:
    """Changes it in both cards alike."""
    for name in NAMES:
        old = json.loads((folder / f"{name}.json").read_text())["certificate"]
        card(folder, name, certificate={**old, **changes})


BREAKS: dict[str, Callable[[Path], object]] = {
    "for 2 rules in an order, and the 1": lambda f: (f / f"{NAMES[1]}.json").unlink(),
    "and the 2 that stand here are not they": lambda f: card(f, NAMES[0], order=5),
    "for 2 rules in an order, and the 1 that": lambda f: card(f, NAMES[0], status="retired"),
    "and the 1 that stand here are not they": lambda f: (f / f"{NAMES[0]}.py").write_text("# other\n" + FIRST),
    "is demoted": lambda f: card(f, NAMES[1], status="demoted", history=[["2026-01-01", "demoted", "it erred"]]),
    "unknown key": lambda f: card(f, NAMES[0], certificate={"alpha": 0.05}),
    "for the task other": lambda f: certificate(f, task="other"),
    "another version of toolkit": lambda f: certificate(f, toolkit=0),
    "version of toolkit or sandbox": lambda f: certificate(f, sandbox=0),
    "masked by macros m0, today's are m1": lambda f: certificate(f, macros="m0"),
    "of no version": lambda f: certificate(f, macros=""),
    "do not bear": lambda f: certificate(f, terms={"alpha": 1e-4, "delta": 0.05, "critical": []}),
    "different certificates": lambda f: card(
        f, NAMES[1], certificate={**json.loads((f / f"{NAMES[1]}.json").read_text())["certificate"], "data": "e"}
    ),
}


@pytest.mark.parametrize("why", BREAKS)
def test_anything_else_does_not_act_and_says_why_in_one_line(folder: Path, why: str) -> None:
    BREAKS[why](folder)
    found = standing(folder)
    assert found.rules == () and found.certificate is None
    assert why in found.problem and found.problem.startswith("acceptability: ") and "\n" not in found.problem
    assert found.problem in trust(folder).problems({"acceptability": ()})


@pytest.mark.parametrize("why", BREAKS)
def test_what_is_changed_under_a_running_program_stops_it_too(folder: Path, why: str) -> None:
    running = trust(folder)
    assert running.standing("acceptability").rules
    BREAKS[why](folder)
    assert running.standing("acceptability").rules == ()


def test_a_rule_that_joined_the_cascade_later_is_covered_by_nothing(folder: Path) -> None:
    old = json.loads((folder / f"{NAMES[0]}.json").read_text())["certificate"]
    joined = Rule.candidate("acceptability/zero", "acceptability", "x = 1\n", maker="m", tokens_making=1)
    Store.write(joined.with_card(status="certified", order=9, certificate=old), folder)
    assert "and the 3 that stand here" in standing(folder).problem


def test_candidates_and_retired_tools_are_no_part_of_a_cascade(folder: Path) -> None:
    other = Rule.candidate("acceptability/other", "acceptability", "x = 1\n", maker="m", tokens_making=1)
    Store.write(other, folder)
    Store.write(Rule("acceptability/old", "y = 1\n", other.card).with_card(status="retired"), folder)
    assert len(standing(folder).rules) == 2


def test_texts_masked_otherwise_are_not_what_it_was_certified_on(folder: Path) -> None:
    assert "today's are m1EMAIL" in standing(folder, ("EMAIL",)).problem


def test_a_task_without_rules_has_no_problem(folder: Path) -> None:
    assert trust(folder).standing("other") == Standing()


def test_a_watch_that_rang_suspends_the_whole_cascade_whatever_its_cards_say(folder: Path) -> None:
    found = trust(folder)
    certificate = found.standing("acceptability").certificate
    assert certificate
    for _ in range(20):
        Watches(folder.parent / "watch").change(certificate, lambda watch: watch.audited(wrong=True))
    assert "demoted at audit" in found.standing("acceptability").problem
    assert found.store.rules()[0].status == "certified"


def test_a_watch_that_cannot_be_read_is_no_watch(folder: Path) -> None:
    found = trust(folder)
    certificate = found.standing("acceptability").certificate
    assert certificate
    (folder.parent / "watch").mkdir()
    (folder.parent / "watch" / f"{certificate.id}.json").write_text("{")
    assert "damaged" in found.standing("acceptability").problem


def test_another_status_is_entered_with_its_history(folder: Path) -> None:
    store = Store((folder,))
    store.enter(NAMES[0], "retired", "no longer wanted")
    assert Store((folder,)).rules() == store.rules()
    (entry,) = store.rules()[0].card.history
    assert entry[1:] == ("retired", "no longer wanted")


def test_a_tool_whose_card_is_gone_gets_no_other_status(folder: Path) -> None:
    store = Store((folder,))
    os.unlink(folder / f"{NAMES[0]}.json")
    with pytest.raises(DataError, match="no card"):
        store.enter(NAMES[0], "retired", "")


def test_in_experiments_nothing_is_asked_for(folder: Path) -> None:
    card(folder, NAMES[0], status="candidate", certificate=None)
    assert [rule.name for rule in Anything(Store((folder,))).standing("acceptability").rules] == NAMES
