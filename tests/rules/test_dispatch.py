from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from self_distill.rules.dispatch import Dispatched, Dispatcher
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.rules.trust import Anything
from self_distill.sandbox.pool import Sandbox
from self_distill.types import Abstain, Decision, Fault, Ruled


class Table:
    """An interpreter that looks answers up: code -> decision."""

    def __init__(self, decisions: dict[str, Decision]) -> None:
        self._decisions = decisions

    async def run(self, code: str, text: str) -> Decision:
        return self._decisions[code]

    async def run_many(self, code: str, texts: Sequence[str]) -> list[Decision]:
        return [self._decisions[code]] * len(texts)

    async def close(self) -> None: ...


def store(folder: Path, *rules: tuple[str, str, str, str]) -> Anything:
    for order, (name, code, label, status) in enumerate(rules):
        made = Rule.candidate(name, "t", code, maker="m", tokens_making=1, label=label)
        Store.write(made.with_card(status=status, order=order, certificate={"alpha": 0.05}), folder)
    return Anything(Store((folder,)))


async def test_the_first_rule_that_answers_wins_and_each_execution_is_told(tmp_path: Path) -> None:
    found = store(
        tmp_path, ("a/1", "one", "", "certified"), ("a/2", "two", "", "certified"), ("a/3", "3", "", "certified")
    )
    table = Table({"one": Abstain("unsure"), "two": Ruled("yes", "", "why"), "3": Ruled("no", "")})
    dispatched = await Dispatcher(found, table).decide("t", "text")
    assert isinstance(dispatched.decision, Ruled) and dispatched.decision.value == "yes"
    assert dispatched.decision.by.startswith("a/2@")
    assert [(row.tool, row.outcome, row.detail) for row in dispatched.rows] == [
        ("a/1", "abstain", "unsure"),
        ("a/2", "answer", "why"),
    ]


async def test_a_fault_is_passed_over(tmp_path: Path) -> None:
    found = store(tmp_path, ("a/1", "one", "", "certified"), ("a/2", "two", "", "certified"))
    table = Table({"one": Fault("ValueError", "line 2"), "two": Ruled("yes", "")})
    dispatched = await Dispatcher(found, table).decide("t", "text")
    assert isinstance(dispatched.decision, Ruled)
    assert dispatched.rows[0].detail == "ValueError: line 2"


async def test_what_a_demoted_rule_would_answer_goes_to_the_model(tmp_path: Path) -> None:
    found = store(tmp_path, ("a/1", "one", "", "demoted"), ("a/2", "two", "", "certified"))
    table = Table({"one": Ruled("yes", ""), "two": Ruled("no", "")})
    assert isinstance((await Dispatcher(found, table).decide("t", "x")).decision, Abstain)


async def test_detectors_of_single_labels_are_joined_to_a_set(tmp_path: Path) -> None:
    found = store(tmp_path, ("p/e", "e", "EMAIL", "certified"), ("p/p", "p", "PHONE", "certified"))
    table = Table({"e": Ruled("yes", ""), "p": Ruled("no", "")})
    dispatched = await Dispatcher(found, table).decide("t", "x", many=True)
    assert isinstance(dispatched.decision, Ruled) and dispatched.decision.value == ["EMAIL"]


async def test_a_set_with_an_unsure_detector_is_no_answer(tmp_path: Path) -> None:
    found = store(tmp_path, ("p/e", "e", "EMAIL", "certified"), ("p/p", "p", "PHONE", "certified"))
    for unsure in (Abstain(), Fault("X"), Ruled("perhaps", ""), Ruled(["yes"], ""), Ruled(True, "")):
        table = Table({"e": Ruled("yes", ""), "p": unsure})
        assert isinstance((await Dispatcher(found, table).decide("t", "x", many=True)).decision, Abstain)


async def test_a_program_for_the_whole_set_is_asked_before_those_for_labels(tmp_path: Path) -> None:
    found = store(tmp_path, ("p/e", "e", "EMAIL", "certified"), ("p/all", "all", "", "certified"))
    table = Table({"e": Ruled("no", ""), "all": Ruled(["PHONE"], "")})
    dispatched = await Dispatcher(found, table).decide("t", "x", many=True)
    assert isinstance(dispatched.decision, Ruled) and dispatched.decision.value == ["PHONE"]
    assert [row.tool for row in dispatched.rows] == ["p/all"]


async def test_a_demoted_detector_leaves_the_set_to_the_model(tmp_path: Path) -> None:
    found = store(tmp_path, ("p/e", "e", "EMAIL", "demoted"), ("p/p", "p", "PHONE", "certified"))
    table = Table({"e": Ruled("yes", ""), "p": Ruled("no", "")})
    dispatched = await Dispatcher(found, table).decide("t", "x", many=True)
    assert isinstance(dispatched.decision, Abstain) and len(dispatched.rows) == 2


async def test_a_detector_of_one_label_answers_no_task_that_wants_one_answer(tmp_path: Path) -> None:
    found = store(tmp_path, ("p/e", "e", "EMAIL", "certified"))
    dispatched = await Dispatcher(found, Table({"e": Ruled("yes", "")})).decide("t", "x")
    assert isinstance(dispatched.decision, Abstain) and not dispatched.rows


async def test_in_experiments_candidates_act_and_nobody_vouches_for_them(tmp_path: Path) -> None:
    found = store(tmp_path, ("a/1", "one", "", "candidate"), ("a/2", "two", "", "retired"))
    table = Table({"one": Ruled("yes", ""), "two": Ruled("no", "")})
    dispatched = await Dispatcher(found, table).decide("t", "x")
    assert isinstance(dispatched.decision, Ruled) and dispatched.decision.value == "yes"
    assert dispatched.certificate is None


async def test_a_task_without_rules_is_left_to_the_model(tmp_path: Path) -> None:
    found = Anything(Store((tmp_path,)))
    assert await Dispatcher(found, Table({})).decide("t", "x") == Dispatched(Abstain("no rule answers"))


async def test_the_same_text_gets_the_same_answer_from_real_programs(tmp_path: Path) -> None:
    programs = {
        "a/1": "SEEN = []\ndef run(text):\n    SEEN.append(text)\n    return 'again' if len(SEEN) > 1 else None\n",
        "a/2": "import random\ndef run(text):\n    return random.random(), 'by chance'\n",
    }
    for order, (name, code) in enumerate(programs.items()):
        Store.write(Rule.candidate(name, "t", code, maker="m", tokens_making=1).with_card(order=order), tmp_path)
    sandbox = Sandbox()
    dispatcher = Dispatcher(Anything(Store((tmp_path,))), sandbox)
    first, *others = [await dispatcher.decide("t", "x") for _ in range(4)]
    await sandbox.close()
    assert isinstance(first.decision, Ruled) and first.decision.by.startswith("a/2@")
    assert all(other.decision == first.decision for other in others)
    assert all(row.micros > 0 and row.trace == "" for row in first.rows)
