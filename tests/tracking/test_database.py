from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from self_distill.errors import MissingExtra, SettingsError
from self_distill.tracking.database import Database
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import CallRow, MeasureRow

OPENED = "import sys; from self_distill.tracking.ledger import SqlLedger; SqlLedger(sys.argv[1]).close()"


def test_processes_that_open_a_new_ledger_at_once_all_get_it(tmp_path: Path) -> None:
    path = str(tmp_path / "l.db")
    opening = [subprocess.Popen([sys.executable, "-c", OPENED, path]) for _ in range(4)]
    assert [process.wait() for process in opening] == [0] * 4
    with closing(SqlLedger(path)) as ledger:
        assert ledger.verify().ok


@pytest.mark.parametrize("name", [":memory:", "l.db"])
def test_threads_that_write_and_read_at_once_lose_nothing(tmp_path: Path, name: str) -> None:
    with closing(SqlLedger(name if name == ":memory:" else tmp_path / name)) as ledger:

        def work(number: int) -> None:
            for i in range(10):
                ledger.record(MeasureRow(f"t{number}", "n", i), MeasureRow(f"t{number}", "m", i))
                assert len(ledger.trace(f"t{number}")) == 2 * i + 2

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert ledger.verify().ok and len(ledger.entries()) == 160


def test_who_reads_does_not_hinder_who_writes(tmp_path: Path) -> None:
    with closing(SqlLedger(tmp_path / "l.db")) as ledger, closing(sqlite3.connect(tmp_path / "l.db")) as reader:
        ledger.record(MeasureRow("t", "n", 1))
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM measures").fetchone() == (1,)
        ledger.record(MeasureRow("t", "n", 2))
        assert reader.execute("SELECT count(*) FROM measures").fetchone() == (1,)
        assert len(ledger.entries()) == 2


def test_rows_of_one_transaction_are_there_together_or_not_at_all(tmp_path: Path) -> None:
    with closing(SqlLedger(tmp_path / "l.db")) as ledger:
        with pytest.raises(SettingsError, match="cannot be used") as caught:
            ledger.record(MeasureRow("t", "n", 1), CallRow("t", "m", "l", "k", "ok", seed=2**70))
        assert "\n" not in str(caught.value) and ledger.entries() == []


def test_an_open_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    path.touch(mode=0o644)
    SqlLedger(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_home_folder_may_be_written_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    SqlLedger("~/state/l.db").close()
    assert (tmp_path / "state/l.db").is_file()


def test_a_ledger_of_another_version_is_left_alone(tmp_path: Path) -> None:
    SqlLedger(tmp_path / "l.db").close()
    with closing(sqlite3.connect(tmp_path / "l.db")) as raw, raw:
        raw.execute("UPDATE meta SET value = '99'")
    with pytest.raises(SettingsError, match="has schema 99, this program writes 1"):
        SqlLedger(tmp_path / "l.db")


@pytest.mark.parametrize(
    "where", ["file/l.db", "folder", "\0", "mysql://u:secret@h/d", "postgresql://u:secret@:port/d", "://secret"]
)
def test_what_cannot_be_opened_is_one_line_without_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SettingsError) as caught:
        SqlLedger(where)
    assert "\n" not in str(caught.value) and "u:secret" not in str(caught.value)


def test_a_row_that_was_changed_into_nonsense_is_one_line(tmp_path: Path) -> None:
    with closing(SqlLedger(tmp_path / "l.db")) as ledger:
        with closing(sqlite3.connect(tmp_path / "l.db")) as raw, raw:
            raw.execute("INSERT INTO executions VALUES (1, '', '', 1.0, 't', '', '', '', '', 'no JSON', 1.0, '')")
        with pytest.raises(SettingsError, match="cannot be used: Expecting value"):
            ledger.trace("t")


@pytest.mark.skipif(find_spec("psycopg") is not None, reason="the extra is installed")
def test_postgresql_without_its_extra_says_how_to_get_it() -> None:
    with pytest.raises(MissingExtra, match="postgres"):
        Database("postgresql://u:secret@localhost/d")
