from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from self_distill.cli import main
from self_distill.cli.live import View
from self_distill.rlm.trajectory import Event
from self_distill.types import Usage

CODE = "```repl\nn = context.count('red')\nanswer['content'] = f'{n} for {context[:9]}'\nanswer['ready'] = True\n```"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A chat server whose model says what is in the list, the last again and again; "503" is a failure."""
    lines = [CODE]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            said = lines.pop(0) if len(lines) > 1 else lines[0]
            choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
            document = {"id": "x", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}
            data = json.dumps(document).encode()
            self.send_response(400 if said == "400" else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{http.server_port}/v1")
    yield lines
    http.shutdown()
    http.server_close()
    thread.join()


def call(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(args)
    return int(stop.value.code or 0)


def asked(context: Path, *more: str) -> int:
    return call("rlm", "How many?", "--context", str(context), "--model", "openai/m", "--direct", "never", *more)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    path = tmp_path / "c.txt"
    path.write_text("a@b.co.uk red red blue", encoding="utf-8")
    return path


def test_the_answer_is_on_stdout_and_where_to_read_on_stderr(
    server: list[str], context: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert asked(context) == 0
    out, err = capfd.readouterr()
    assert out == "2 for a@b.co.uk\n"
    assert "1 turns, 1 calls, 9 + 3 tokens" in err and "trajectory.html" in err


def test_json_is_one_document(server: list[str], context: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert asked(context, "--json") == 0
    document = json.loads(capfd.readouterr().out)
    assert document["complete"] and document["answer"] == "2 for a@b.co.uk"
    assert (document["turns"], document["calls"], document["tokens_in"], document["tokens_out"]) == (1, 1, 9, 3)
    assert Path(document["run"], "trajectory.html").exists()


def test_a_run_that_failed_says_how_to_go_on_and_does(
    server: list[str], context: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server[:] = ["```repl\nprint(1)\n```", "400"]
    assert asked(context) == 1
    err = capfd.readouterr().err
    run = err.partition("--resume ")[2].split()[0]
    server[:] = [CODE]
    assert call("rlm", "--resume", run, "--model", "openai/m", "--json") == 0
    document = json.loads(capfd.readouterr().out)
    assert (document["answer"], document["turns"], document["calls"]) == ("2 for a@b.co.uk", 2, 3)


def test_an_incomplete_answer_is_printed_and_the_exit_says_so(
    server: list[str], context: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server[:] = ["```repl\nanswer['content'] = 'half'\n```"]
    assert asked(context, "--limit", "turns=2") == 1
    out, err = capfd.readouterr()
    assert out == "half\n" and "incomplete: the budget of 2 turns is spent" in err


def test_json_files_arrive_as_what_they_hold(
    server: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server[:] = ["```repl\nanswer['content'] = type(context).__name__ + str(len(context))\nanswer['ready'] = True\n```"]
    for name, text, kind in (("c.json", '{"a": 1}', "dict1"), ("c.jsonl", "[1]\n\n2\n", "list2")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert asked(tmp_path / name) == 0
        assert capfd.readouterr().out == f"{kind}\n"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["q", "--context", "no-such-file"], "no-such-file"),
        (["q", "--limit", "beans=3"], "give NAME=NUMBER with one of"),
        (["q", "--limit", "tokens=many"], "not a number"),
        (["q", "--limit", "money=1"], "price"),
        (["q", "--direct", "perhaps"], "--direct is one of"),
        (["q", "--task", "no-such-task"], "no task"),
        (["--resume", "no-such-folder"], "holds no run"),
        ([], "give a question, or --resume"),
        (["q", "--resume", "x"], "give a question, or --resume"),
    ],
)
def test_a_wrong_call_ends_with_one_line_and_exit_2(
    server: list[str], args: list[str], told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call("rlm", *args, "--model", "openai/m") == 2
    err = capfd.readouterr().err
    assert told in err and len(err.strip().splitlines()) == 1


def test_the_view_shows_the_tree_and_counts_what_it_hides() -> None:
    view = View("m")
    events: list[Any] = [Event("start", "0", text="How [many]?"), Event("turn", "0", turn=1)]
    for n in range(1, 20):
        events.append(Event("call", f"0.{n}", text=f"sub {n} [/x]", output="llm"))
        events.append(Event("answer", f"0.{n}", text="a", by="rule:a/b@12" if n % 2 else "model:m", usage=Usage(n, 1)))
    events.append(Event("call", "0.20", text="still going", output="llm"))
    events.append(Event("cell", "0", text="x", output="printed [red]\n", error=""))
    for event in events:
        view(event)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(view)
    shown = console.export_text()
    assert "How [many]?" in shown and "still going" in shown and "printed [red]" in shown
    assert "10 by rule:a/b, 9 by model:m" in shown and "20 sub-calls" in shown
