from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from self_distill.certificates.certificate import Certificate
from self_distill.certificates.watch import Watch
from self_distill.certificates.watches import Watches
from self_distill.errors import DataError


@pytest.fixture
def made(certified: Any, tmp_path: Path) -> Certificate:
    found: Certificate = certified(tmp_path / "tools", "def run(text):\n    return 'yes'\n")
    return found


def right(watch: Watch) -> Watch:
    return watch.audited(wrong=False)


AUDITS = """
import json, sys
from pathlib import Path
from self_distill.certificates.certificate import Certificate
from self_distill.certificates.watches import Watches
folder = Path(sys.argv[1])
certificate = Certificate.from_json(json.loads((folder / "c.json").read_bytes()))
for _ in range(20):
    Watches(folder).change(certificate, lambda watch: watch.audited(wrong=False))
"""


def test_a_watch_begins_with_its_certificate_and_goes_on_in_another_process(made: Certificate, tmp_path: Path) -> None:
    assert Watches(tmp_path / "w").watch(made) == made.watch()
    before, after = Watches(tmp_path / "w").change(made, right)
    assert (before, after) == (made.watch(), right(made.watch()))
    assert Watches(tmp_path / "w").watch(made) == after


def test_what_another_process_wrote_is_seen_at_the_next_look(made: Certificate, tmp_path: Path) -> None:
    mine, theirs = Watches(tmp_path), Watches(tmp_path)
    mine.change(made, right)
    theirs.change(made, right)
    assert mine.watch(made).errors.n == 2


def test_of_many_processes_no_audit_is_lost(made: Certificate, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(made.as_json()), encoding="utf-8")
    workers = [subprocess.Popen([sys.executable, "-c", AUDITS, str(tmp_path)]) for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    assert Watches(tmp_path).watch(made).errors.n == 60


def test_all_processes_toss_with_one_key_that_nobody_else_can_read(tmp_path: Path) -> None:
    key = Watches(tmp_path).key
    assert len(key) == 64 and Watches(tmp_path).key == key
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


def test_a_new_certificate_has_a_new_watch(certified: Any, made: Certificate, tmp_path: Path) -> None:
    Watches(tmp_path).change(made, right)
    again = certified(tmp_path / "tools", "def run(text):\n    return 'yes'\n", date="2026-02-02")
    assert again.id != made.id and Watches(tmp_path).watch(again) == again.watch()


def test_a_damaged_or_unusable_file_is_one_line(made: Certificate, tmp_path: Path) -> None:
    Watches(tmp_path / "w").change(made, right)
    (path,) = (tmp_path / "w").glob("*.json")
    path.write_text("{")
    with pytest.raises(DataError, match="damaged"):
        Watches(tmp_path / "w").watch(made)
    (tmp_path / "file").write_text("")
    for use in (lambda w: w.key, lambda w: w.change(made, right)):
        with pytest.raises(DataError, match="cannot be used"):
            use(Watches(tmp_path / "file"))
