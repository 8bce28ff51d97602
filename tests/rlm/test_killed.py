"""A run that is killed goes on where it was: at 20 random points, with SIGKILL."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("killed.py")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The undisturbed run and 20 killed ones."""
    folder = tmp_path_factory.mktemp("killed")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), "20", "5"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    whole, *killed = [json.loads(line) for line in done.stdout.splitlines()]
    return whole, killed


def kept(journal: list[dict[str, Any]]) -> Counter[str]:
    """The calls, by their key in the ledger, whose reply was recorded."""
    holds = [line["hold"] for line in journal if "hold" in line]
    return Counter(holds[line["n"]] for line in journal if "keep" in line)


def counted(log: list[Any], what: str) -> Counter[str]:
    return Counter(key for kind, key, _ in log if kind == what)


def test_killed_runs_come_to_the_same_answer(runs: Any) -> None:
    whole, killed = runs
    assert sum(run["begun"] for run in killed) >= 15
    assert {json.dumps(run["result"]["answer"]) for run in killed if run["begun"]} == {json.dumps(whole["answer"])}


def test_a_run_that_was_killed_before_it_began_had_bought_nothing(runs: Any) -> None:
    assert all(not run["before"] for run in runs[1] if not run["begun"])


def test_no_recorded_reply_is_bought_again(runs: Any) -> None:
    for run in runs[1]:
        again = counted(run["after"], "asked") - counted(run["before"], "asked")
        assert not kept(run["journal"]) & again, run["point"]


def test_the_ledger_has_what_the_server_was_asked(runs: Any) -> None:
    """A call that was on its way at the kill is charged what it had reserved, whether or not it had left."""
    for run in (run for run in runs[1] if run["begun"]):
        rows = run["result"]["rows"]
        lost = Counter(key for _, error, key, _ in rows if error == "Killed")
        bought = Counter(key for status, _, key, _ in rows if status == "ok")
        asked, answered = counted(run["after"], "asked"), counted(run["after"], "answered")
        assert not asked - (bought + lost), run["point"]
        assert (bought + lost - asked).total() <= lost.total(), "at most calls that had not left yet"
        tokens = Counter({key: spent for kind, key, spent in run["after"] if kind == "answered"})
        charged = sum(spent for status, _, _, spent in rows if status in ("ok", "failed"))
        assert sum(tokens[key] * count for key, count in answered.items()) <= charged <= run["result"]["spent"]
        if not lost:
            assert sum(tokens[key] * count for key, count in answered.items()) == charged


def test_undisturbed_everything_is_equal(runs: Any) -> None:
    whole, _ = runs
    tokens = sum(spent for kind, _, spent in whole["server"] if kind == "answered")
    assert tokens == whole["spent"] == sum(spent for _, _, _, spent in whole["rows"])
