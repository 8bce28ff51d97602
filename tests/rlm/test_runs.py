from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from self_distill.errors import DataError, ModelUnavailable, VaultError
from self_distill.macros.vault import Vault
from self_distill.rlm.runs import Book, Run
from self_distill.rlm.trajectory import Event
from self_distill.rlm.way import State
from self_distill.types import Message, ModelRequest, Reply, Sampling, Usage

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'
SECRET = "ada.byron@example.net"


def request(text: str = "hi") -> ModelRequest:
    return ModelRequest("m", (Message("user", text),), Sampling(max_tokens=5))


def reply(text: str = "yes") -> Reply:
    return Reply(text, Usage(3, 2), 1.0, "m", Sampling(max_tokens=5))


def test_a_book_outlives_its_process_and_forgets_a_line_that_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    book = Book(path)
    book.keep(book.hold(request("a")), "A", reply())
    book.hold(request("b"))
    book.drop(book.hold(request("c")))
    with path.open("ab") as file:
        file.write(b'{"keep": "B", "n": 1, "repl')
    again = Book(path)
    assert again.replies == {"A": reply()}
    assert [call.charged.total for call in again.calls] == [5, len(b"b") + 16 + 5, 0]
    assert again.spent == book.spent and again.asked() == book.asked()
    again.keep(again.hold(request("d")), "D", reply("no"))
    assert set(Book(path).replies) == {"A", "D"}


def test_state_comes_back_as_it_was(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", tmp_path, 1.0, {"question": "q"}, Vault())
    state = State([Message("system", "s \ud800"), Message("user", "u")], (Message("user", "d"),), 3, {"a": [1]}, 1, 7)
    run.save(state, b"\0dump\n\xff", 2.5, 4)
    saved = Run.open(tmp_path / "run", tmp_path, 1.0).saved()
    assert (saved.dump, saved.seconds, saved.turns) == (b"\0dump\n\xff", 2.5, 4)
    assert saved.state == State(state.messages, list(state.direct), 3, {"a": [1]}, 1, 7)


def test_what_happened_after_the_last_state_will_happen_again_and_is_taken_off(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", tmp_path, 1.0, {}, Vault())
    run.record(Event("turn", "0", turn=1))
    run.save(State([]), b"", 0.0, 1)
    run.record(Event("turn", "0", turn=2))
    again = Run.open(tmp_path / "run", tmp_path, 1.0)
    again.saved()
    assert [event.turn for event in again.events()] == [1]


def test_a_reply_of_an_unfinished_turn_counts_as_bought_once_when_it_is_played_again(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", tmp_path, 1.0, {}, Vault())
    run.book.keep(run.book.hold(request("a")), "A", reply())
    run.save(State([]), b"", 0.0, 1)
    run.book.keep(run.book.hold(request("b")), "B", reply())
    again = Run.open(tmp_path / "run", tmp_path, 1.0)
    again.saved()
    entries = [again.book.entry(key) for key in ("A", "B", "B")]
    assert [entry.recall() for entry in entries] == [reply()] * 3
    assert [entry.bought for entry in entries] == [False, True, False]


def test_a_folder_holds_one_run(world: Any) -> None:
    w = world(READY.format("1"))
    w.ask(run="run")
    with pytest.raises(DataError, match="holds a run: go on with --resume"):
        w.ask(run="run")


@pytest.mark.parametrize("name", ["nothing", "."])
def test_a_folder_without_a_run_cannot_be_resumed(world: Any, name: str) -> None:
    w = world("x")
    with pytest.raises(DataError, match="holds no run that can be read"):
        w.pipeline.resume(w.folder / name)


def test_a_run_that_is_done_gives_its_answer_again_and_buys_nothing(world: Any) -> None:
    w = world(READY.format("context"))
    first = w.ask(f"Mail {SECRET}", run="run")
    sent = len(w.client.sent)
    again = w.pipeline.resume(w.folder / "run")
    assert again.answer.value == first.answer.value == f"Mail {SECRET}"
    assert again.budget.spent == first.budget.spent and len(w.client.sent) == sent


def test_a_run_whose_server_died_goes_on(world: Any) -> None:
    turns = ['```repl\nx = llm_query("q")\n```', READY.format("x + context")]
    w = world(turns[0], ModelUnavailable("down", retry_after=0), attempts=1)
    with pytest.raises(ModelUnavailable):
        w.ask(f" {SECRET}", run="run")
    w.script.turns = turns
    solved = w.pipeline.resume(w.folder / "run")
    assert solved.answer.value == f"heard 1 {SECRET}" and solved.complete
    assert w.prompts == ["q"]


def test_another_model_or_task_is_refused(world: Any) -> None:
    w = world("```repl\nx = 1\n```", ModelUnavailable("down", retry_after=0), attempts=1)
    with pytest.raises(ModelUnavailable):
        w.ask(run="run")
    with pytest.raises(DataError, match="give the same"):
        w.pipeline.resume(w.folder / "run", "acceptability")
    head = w.folder / "run" / "run.json"
    head.write_text(head.read_text().replace("scripted", "other"))
    with pytest.raises(DataError, match="a run of the model other"):
        w.pipeline.resume(w.folder / "run")


def test_the_folder_has_no_value_and_without_the_key_nothing_opens(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    w = world("```repl\nraw = context\nprint(raw)\n```", READY.format("raw"))
    w.ask(f"Mail {SECRET} now", question=f"Who is {SECRET}?", run="run")
    files = {path.name: path.read_bytes() for path in (w.folder / "run").iterdir()}
    assert set(files) == {
        "run.json", "state", "vault", "journal.jsonl", "trajectory.jsonl", "trajectory.html", "answer.json"
    }  # fmt: skip
    assert not [name for name, data in files.items() if b"byron" in data.lower()]
    monkeypatch.setenv("SELF_DISTILL_VAULT_KEY", "A" * 43 + "=")
    with pytest.raises(VaultError, match="key does not fit"):
        w.pipeline.resume(w.folder / "run")


FULL = """
import resource, signal, sys
from pathlib import Path
from self_distill.clients.scripted import Scripted
from self_distill.recursion import Asked
from self_distill.rlm.loop import Options
from self_distill.wire import Pipeline

client = Scripted(["```repl\\nx = llm_query('word ' * 9_000)\\n```", "not to be asked"])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Pipeline(model="scripted", client=client, macros={"names": False}, ledger=":memory:") as p:
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
    try:
        p.rlm(Asked("What?", options=Options(direct="never")), Path(sys.argv[1]))
    except Exception as error:
        print(type(error).__name__, error, len(client.sent))
"""


def test_a_full_disk_stops_the_run_before_it_buys_what_it_cannot_keep(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "run")], capture_output=True, text=True, check=False
    )
    assert "DataError" in done.stdout and "make room, then go on with --resume" in done.stdout, done.stderr
    assert done.stdout.strip().endswith(" 1"), "nothing was sent that could not be recorded"
    lines = (tmp_path / "run" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert [sorted(json.loads(line)) for line in lines] == [["hold", "most"], ["keep", "n", "reply"]]
