from __future__ import annotations

import io
import json
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.errors import DataError, SettingsError
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import AnswerRow, CallRow, MeasureRow, RuleRow, Usage

CALL = CallRow("t1", "m", "label", "key", "ok", usage=Usage(3, 4), latency_ms=1.5)
RULE = RuleRow("t1", "a/b", "hash", "answer", "why", ["x"], 26.0)
ANSWER = AnswerRow("t1", "task", "model:m", "text [EMAIL_1]", "yes", Usage(3, 4), 2.5, {"EMAIL": 1}, "item")
MEASURE = MeasureRow("t1", "correct", 1.0, "item")
ROWS = (CALL, RULE, ANSWER, MEASURE)


def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    ledger = SqlLedger(tmp_path / "ledger.db")
    ledger.record(*ROWS)
    assert {entry.row for entry in ledger.trace("t1") if not isinstance(entry.row, RuleRow | AnswerRow)} == {
        CALL,
        MEASURE,
    }
    assert [e.row for e in ledger.trace("t1") if isinstance(e.row, RuleRow | AnswerRow)] == [RULE, ANSWER]
    ledger.close()
    again = SqlLedger(tmp_path / "ledger.db")
    assert len(again.entries()) == 4 and again.verify().ok
    again.close()


@given(
    st.text(st.characters(codec=None), max_size=30),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists),
)
def test_any_text_and_value_survive(text: str, value: object) -> None:
    ledger = SqlLedger()
    ledger.record(AnswerRow("t", "task", "by", text, value))  # type: ignore[arg-type]  # any JSON
    row = ledger.recent(1)[0].row
    assert isinstance(row, AnswerRow) and (row.text, row.value) == (text, value)
    assert ledger.verify().ok
    ledger.close()


def test_the_file_is_for_its_owner_only_and_in_wal_mode(tmp_path: Path) -> None:
    ledger = SqlLedger(tmp_path / "deep/ledger.db")
    ledger.record(CALL)
    for path in (tmp_path / "deep").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert sqlite3.connect(tmp_path / "deep/ledger.db").execute("PRAGMA journal_mode").fetchone() == ("wal",)
    ledger.close()


def test_the_database_itself_refuses_a_change(tmp_path: Path) -> None:
    ledger = SqlLedger(tmp_path / "l.db")
    ledger.record(CALL)
    with sqlite3.connect(tmp_path / "l.db") as raw, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("UPDATE calls SET model = 'other'")
    ledger.close()


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE answers SET value = '\"no\"'", "changed"),
        ("DELETE FROM calls", "missing"),
        ("UPDATE answers SET run = 'strange'", "no run"),
    ],
)
def test_a_change_behind_the_program_is_found(tmp_path: Path, statement: str, word: str) -> None:
    ledger = SqlLedger(tmp_path / "l.db")
    ledger.record(*ROWS)
    raw = sqlite3.connect(tmp_path / "l.db")
    raw.execute("DROP TRIGGER answers_append_only")
    raw.execute(statement)
    raw.commit()
    raw.close()
    verdict = ledger.verify()
    assert not verdict.ok and word in str(verdict)
    ledger.close()


def test_two_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    code = (
        "import sys; from self_distill.tracking.ledger import SqlLedger; from self_distill.types import MeasureRow\n"
        "ledger = SqlLedger(sys.argv[1])\n"
        "for i in range(200): ledger.record(MeasureRow('t', 'n', i))\n"
        "ledger.close()"
    )
    path = str(tmp_path / "l.db")
    workers = [subprocess.Popen([sys.executable, "-c", code, path]) for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    ledger = SqlLedger(path)
    assert ledger.verify().rows["measures"] == 600 and ledger.verify().ok
    ledger.close()


def test_forgetting_is_for_good_and_no_damage(tmp_path: Path) -> None:
    ledger = SqlLedger(tmp_path / "l.db")
    ledger.record(*ROWS)
    assert ledger.forget(time.time() + 1) == 4
    assert ledger.entries() == [] and ledger.verify().ok
    ledger.close()
    assert b"EMAIL_1" not in (tmp_path / "l.db").read_bytes()


def test_a_run_that_was_cut_off_is_taken_up_and_a_finished_one_is_not() -> None:
    ledger = SqlLedger()
    with pytest.raises(KeyboardInterrupt), ledger.run("exp", {"n": 1}) as first:
        first.arm("a").record(AnswerRow("t", "task", "by", "x", "y", item="i1"))
        first.arm("a").record(AnswerRow("u", "task", "by", "x", None, item="i2", error="ModelUnavailable"))
        raise KeyboardInterrupt
    assert ledger.runs("exp")[0].status == "interrupted"
    with ledger.run("exp", {"n": 1}, resume=True) as second:
        assert second.id == first.id and second.arm("a").done_items() == {"i1"}
    with ledger.run("exp", {"n": 1}, resume=True) as third:
        assert third.id != first.id
    with ledger.run("exp", {"n": 2}, resume=True) as other:
        assert other.id not in (first.id, third.id)
    ledger.close()


def test_export_is_json_lines() -> None:
    ledger, out = SqlLedger(), io.StringIO()
    ledger.record(*ROWS)
    ledger.export(out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert {row["kind"] for row in rows} == {"calls", "executions", "answers", "measures"}
    with pytest.raises(DataError, match="no trace"):
        ledger.export(out, "nothing")
    ledger.close()


def test_a_ledger_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a database, and too long to be an empty one")
    for where in (tmp_path / "file", tmp_path / "file/l.db", "mysql://u:secret@h/d", "://"):
        with pytest.raises(SettingsError, match="ledger") as caught:
            SqlLedger(where)
        assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


def test_rows_are_found_under_names_that_no_database_takes() -> None:
    ledger = SqlLedger()
    with ledger.run("exp", {"p": "\ud800"}) as run:
        run.arm("arm\ud800").record(AnswerRow("t\0\ud800", "task", "by", "x", "y", item="i"))
        assert run.arm("arm\ud800").done_items() == {"i"}
        assert len(ledger.trace("t\0\ud800")) == len(run.arm("arm\ud800").rows()) == 1
    assert ledger.run("exp", {"p": "\ud800"}, resume=True).id != run.id
    assert [found.status for found in ledger.runs("exp")] == ["running", "done"]
    ledger.close()


def test_entries_come_in_the_order_of_their_writing_and_only_the_asked_kinds(tmp_path: Path) -> None:
    ledger = SqlLedger(tmp_path / "l.db")
    for i in range(5):
        ledger.record(MeasureRow("t", str(i), i))
        ledger.record(CallRow("t", str(i), "l", "k", "ok"))
    names = [e.row.name if isinstance(e.row, MeasureRow) else getattr(e.row, "model", "") for e in ledger.trace("t")]
    assert names == [str(i // 2) for i in range(10)]
    assert all(isinstance(e.row, CallRow) for e in ledger.entries(kinds=[CallRow]))
    assert ledger.entries(since=time.time() + 9) == []
    ledger.close()


def test_the_latest_answers_come_first() -> None:
    ledger = SqlLedger()
    ledger.record(*(AnswerRow(f"t{i}", "task", "by", "x", i) for i in range(5)))
    assert [entry.row.trace for entry in ledger.recent(2)] == ["t4", "t3"]
    ledger.close()


def test_answers_of_rules_that_are_held_are_written_together_and_whoever_reads_sees_them(tmp_path: Path) -> None:
    ledger, other = SqlLedger(tmp_path / "ledger.db"), SqlLedger(tmp_path / "ledger.db")
    ruled = replace(ANSWER, by="rule:hash")
    ledger.hold()
    ledger.record(RULE)
    ledger.record(ruled)
    assert other.entries() == [] and ledger.writes == 0
    assert [entry.row for entry in ledger.entries()] == [RULE, ruled]
    assert len(other.entries()) == 2
    ledger.record(ruled)
    ledger.record(CALL)
    assert len(other.entries()) == 4, "what was paid for does not wait, and what waits goes with it"
    ledger.record(ruled)
    assert len(other.entries()) == 4
    ledger.hold(False)
    ledger.record(ruled)
    assert len(other.entries()) == 6
    ledger.close()
    other.close()


def test_a_row_that_cannot_be_kept_takes_none_that_waits_with_it(tmp_path: Path) -> None:
    ledger = SqlLedger(tmp_path / "ledger.db")
    ledger.record(RULE)
    with pytest.raises(SettingsError, match="too large"):
        ledger.record(replace(CALL, usage=Usage(2**70, 0)))
    assert [entry.row for entry in ledger.entries()] == [RULE]
    ledger.close()
