from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from self_distill.tracking.ledger import SqlLedger
from self_distill.types import AnswerRow, CallRow, MeasureRow, RuleRow


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(SqlLedger(tmp_path / "l.db")) as ledger:
        yield ledger


def behind(tmp_path: Path, *statements: str) -> None:
    """What somebody does with another program, trigger or not."""
    with closing(sqlite3.connect(tmp_path / "l.db")) as raw, raw:
        for table in ("calls", "executions", "answers", "measures", "audits"):
            raw.execute(f"DROP TRIGGER {table}_append_only")
        for statement in statements:
            raw.execute(statement)


def test_an_empty_ledger_is_whole(ledger: SqlLedger) -> None:
    assert str(ledger.verify()) == "whole: 0 calls, 0 executions, 0 answers, 0 measures, 0 audits"


@pytest.mark.parametrize("seen", [1, 5])
def test_how_many_rows_were_changed_and_which_first(ledger: SqlLedger, tmp_path: Path, seen: int) -> None:
    ledger.record(*(MeasureRow("t", "n", i) for i in range(9)))
    behind(tmp_path, f"UPDATE measures SET value = 7.5 WHERE id > {9 - seen}")
    verdict = ledger.verify()
    assert verdict.problems == (f"measures: {seen} rows were changed, first {10 - seen}",)
    assert str(verdict).startswith("NOT whole: measures:")


@pytest.mark.parametrize("where", ["id = 1", "id = 5", "id = 9", "id > 0"])
def test_a_row_that_was_taken_out_is_missed_wherever_it_stood(ledger: SqlLedger, tmp_path: Path, where: str) -> None:
    ledger.record(*(MeasureRow("t", "n", i) for i in range(9)))
    behind(tmp_path, f"DELETE FROM measures WHERE {where}")
    ledger.record(MeasureRow("t", "n", 10))
    assert "are missing" in str(ledger.verify())


def test_a_row_put_in_by_hand_is_found(ledger: SqlLedger, tmp_path: Path) -> None:
    behind(tmp_path, "INSERT INTO measures VALUES (NULL, '', '', 1.0, 't', 'correct', 1.0, 'i', 'seal')")
    assert "1 rows were changed" in str(ledger.verify())


def test_a_row_put_back_under_another_number_is_found(ledger: SqlLedger, tmp_path: Path) -> None:
    ledger.record(*(MeasureRow("t", "n", i) for i in range(3)))
    behind(tmp_path, "DELETE FROM measures WHERE id = 2", "UPDATE measures SET id = 2 WHERE id = 3")
    assert "1 rows are missing" in str(ledger.verify())


def test_rows_of_a_run_that_is_gone_are_found(ledger: SqlLedger, tmp_path: Path) -> None:
    with ledger.run("exp", {}) as run:
        run.record(MeasureRow("t", "n", 1))
    behind(tmp_path, "DELETE FROM runs")
    assert ledger.verify().problems == ("measures: 1 rows belong to no run",)


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with closing(SqlLedger(path)) as ledger:
        ledger.record(*(MeasureRow(f"trace {i}", "n", i) for i in range(2000)))
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 9000)
    with closing(SqlLedger(path)) as ledger:
        verdict = ledger.verify()
    assert not verdict.ok and "damaged" in str(verdict)


def test_requests_without_an_answer_are_counted_and_are_no_problem(ledger: SqlLedger) -> None:
    ledger.record(CallRow("cut off", "m", "l", "k", "ok"), RuleRow("cut off too", "tool", "h", "abstain"))
    ledger.record(CallRow("a tool's", "m", "l", "k", "ok", phase="making"))
    ledger.record(CallRow("done", "m", "l", "k", "ok"), AnswerRow("done", "task", "by", "x", "y"))
    verdict = ledger.verify()
    assert verdict.ok and verdict.unfinished == 2 and str(verdict).endswith("; 2 requests without an answer")


def test_a_ledger_is_whole_after_some_rows_were_forgotten_and_others_written(ledger: SqlLedger) -> None:
    with ledger.run("old", {}) as old:
        old.record(MeasureRow("t", "n", 1), MeasureRow("t", "n", 2))
    time.sleep(0.002)
    border = time.time()
    with ledger.run("new", {}) as new:
        new.record(MeasureRow("t", "n", 3))
    assert ledger.forget(border) == 2
    ledger.record(MeasureRow("t", "n", 4))
    assert ledger.verify().ok and [run.experiment for run in ledger.runs()] == ["new"]


def test_a_run_is_known_as_long_as_it_has_rows(ledger: SqlLedger) -> None:
    with ledger.run("exp", {}) as run:
        pass
    time.sleep(0.002)
    border = time.time()
    run.record(MeasureRow("t", "n", 1))
    ledger.forget(border)
    assert ledger.verify().ok and len(ledger.runs()) == 1
