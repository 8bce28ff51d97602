"""Gold for what the coin chose is evidence; anything else that somebody says is a notice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from self_distill.background import run_sync
from self_distill.certificates.certificate import Certificate
from self_distill.clients.scripted import Scripted
from self_distill.errors import DataError
from self_distill.feedback import Feedback, Said, read_feedback
from self_distill.pipeline import Request
from self_distill.rules.store import Store
from self_distill.task import Task
from self_distill.types import AuditRow
from self_distill.wire import Pipeline, make_macros, make_watches

TASK = Task("acceptability", "Is it acceptable?", labels=("yes", "no"))
NAME = Task("name", "Who wrote?", answer="string")
ALWAYS = "def run(text):\n    return None if 'mine' in text else 'yes'\n"


class World:
    def __init__(self, folder: Path, certificate: Certificate, rate: float) -> None:
        self.tools = tools = (folder / "tools",)
        self.certificate = certificate
        self.pipeline = Pipeline(model="m", client=Scripted(lambda _: "no"), tools=tools, audit_rate=rate)
        parts: Any = self.pipeline.parts
        state = self.pipeline.settings.state
        self.feedback = Feedback(TASK, Store(tools), parts.watcher, parts.ledger, state / "watch/feedback.lock")

    def answer(self, text: str, item: str = "") -> str:
        return run_sync(self.pipeline.solve(Request(text, TASK, item=item))).trace

    def take(self, *said: Said) -> list[str]:
        return [outcome for outcome, n in self.feedback.take(said).items() for _ in range(n)]

    @property
    def audited(self) -> tuple[int, float]:
        errors = make_watches(self.pipeline.settings).watch(self.certificate).errors
        return errors.n, errors.hits

    def rows(self) -> list[AuditRow]:
        ledger: Any = self.pipeline.parts.ledger
        return [entry.row for entry in ledger.entries(kinds=(AuditRow,))]


@pytest.fixture
def chosen(certified: Any, tmp_path: Path) -> Iterator[World]:
    """A world where the coin chooses every answer."""
    made = World(tmp_path, certified(tmp_path / "tools", ALWAYS), 1.0)
    yield made
    made.pipeline.close()


@pytest.fixture
def passed(certified: Any, tmp_path: Path) -> Iterator[World]:
    """A world where it chooses none."""
    made = World(tmp_path, certified(tmp_path / "tools", ALWAYS), 0.0)
    yield made
    made.pipeline.close()


def test_gold_by_trace_or_by_id_decides_the_audit_that_waits_for_it(chosen: World) -> None:
    one, two = chosen.answer("x"), chosen.answer("y", item="row 2")
    assert [row.trace for row in chosen.feedback.waiting()] == [one, two]
    assert chosen.take(Said(trace=one, label="yes"), Said(item="row 2", label="no")) == ["right", "wrong"]
    assert chosen.audited == (2, 1) and chosen.feedback.waiting() == []
    assert [row.outcome for row in chosen.rows()] == ["waits", "waits", "right", "wrong"]


def test_the_first_verdict_stands(chosen: World) -> None:
    said = Said(trace=chosen.answer("x"), label="yes")
    assert chosen.take(said) == ["right"] and chosen.take(said, Said(said.trace, label="no")) == ["known"] * 2
    assert chosen.audited == (1, 0)


def test_an_item_that_was_answered_twice_is_one_piece_of_evidence(chosen: World) -> None:
    chosen.answer("x", item="row 1")
    chosen.answer("x", item="row 1")
    assert chosen.take(Said(item="row 1", label="no"), Said(item="row 1", label="no")) == ["wrong", "known"]
    assert chosen.audited == (1, 1)


def test_what_somebody_volunteers_is_kept_as_a_notice_and_moves_nothing(passed: World) -> None:
    trace = passed.answer("x")
    assert passed.take(*[Said(trace, label="no")] * 30) == ["notice"] * 30
    assert passed.audited == (0, 0) and passed.pipeline.run(TASK, "x").by.startswith("rule:")
    notice = passed.rows()[-2]
    assert (notice.outcome, notice.detail, notice.value, notice.trace) == ("notice", "wrong", "no", trace)


def test_a_verdict_on_an_answer_of_the_model_is_a_notice(chosen: World) -> None:
    assert chosen.take(Said(chosen.answer("mine"), label="no")) == ["notice"]


def test_what_the_ledger_does_not_know_is_told(chosen: World) -> None:
    assert chosen.take(Said(trace="abc", label="no"), Said(item="abc", label="no")) == ["unknown"] * 2


def test_enough_wrong_answers_demote(chosen: World) -> None:
    traces = [chosen.answer(f"x {n}") for n in range(12)]
    chosen.take(*(Said(trace, right=False) for trace in traces))
    assert [rule.status for rule in Store(chosen.tools).rules()] == ["demoted"]
    assert chosen.pipeline.run(TASK, "x").by == "model:scripted"


def test_where_a_model_is_the_teacher_gold_is_no_evidence(certified: Any, tmp_path: Path) -> None:
    world = World(tmp_path, certified(tmp_path / "tools", ALWAYS, teacher="nobody/here"), 1.0)
    assert world.take(Said(world.answer("x"), label="no")) == ["notice"]
    world.pipeline.close()


def test_rules_that_were_certified_anew_do_not_inherit_old_audits(
    chosen: World, certified: Any, tmp_path: Path
) -> None:
    trace = chosen.answer("x")
    again = World(tmp_path, certified(tmp_path / "tools", ALWAYS, date="2026-05-05"), 1.0)
    assert again.take(Said(trace, label="no")) == ["notice"] and again.audited == (0, 0)
    again.pipeline.close()


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"label": "yes"}, "no `trace` and no `id`"),
        ({"trace": "t"}, "no `label`"),
        ({"trace": "t", "label": "perhaps"}, "answer space"),
        ({"trace": "t", "label": 3}, "answer space"),
    ],
)
def test_a_row_that_says_nothing_is_named(tmp_path: Path, row: dict[str, Any], word: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(json.dumps({"id": "a", "label": "yes"}) + "\n" + json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=f"row 2.*{word}"):
        read_feedback(path, TASK, make_macros())


def test_a_label_with_personal_data_cannot_be_compared_with_a_record_that_has_none(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text('{"id": "a", "label": "ada@example.org"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="true or false") as caught:
        read_feedback(path, NAME, make_macros())
    assert "ada" not in str(caught.value)
    path.write_text('{"id": "a", "right": false}\n', encoding="utf-8")
    assert read_feedback(path, NAME, make_macros()) == [Said("", "a", right=False)]
