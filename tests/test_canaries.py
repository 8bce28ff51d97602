"""The canary sweep: the whole system runs with planted values of every type, and then nothing that was sent or
written anywhere may hold one of them, in any encoding that the egress guard knows. Each way proves that it ran."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from self_distill.cli import main
from self_distill.macros.chunks import restore_stream
from self_distill.macros.messages import scrub_messages
from self_distill.macros.needles import Needles, rule_of
from self_distill.macros.vault import Vault
from self_distill.tracking.mlflow import log_run
from self_distill.wire import make_macros

PLANTED = {
    "EMAIL": "marlene.quist@northwind-mail.example",
    "PHONE": "+44 20 7946 0958",
    "SSN": "536-22-8714",
    "IP": "203.0.113.77",
    "MAC": "3c:22:fb:9a:41:d7",
    "CREDIT_CARD": "4539 5787 6362 1486",
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "API_KEY": "ghp_9fK2mQx7LwZ4tRb8VnY3cHd6JsP1gTe5aUo0",
    "URL_CREDENTIALS": "https://svc:hunter2secret@db.internal.example/x",
    "CRYPTO_ADDRESS": "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "PERSON": "Wilhelmina Abernathy",
    "DATE_OF_BIRTH": "14 March 1971",
    "NATIONAL_ID": "12345678Z",
    "ADDRESS": "4127 Maple Hollow Drive",
    "ORGANISATION": "Quillfeather Logistics GmbH",
    "LOCATION": "Johannesburg",
    "BANK_ROUTING": "021000021",
}
TEXT = (
    "My name is {PERSON}, born on {DATE_OF_BIRTH}. Mail {EMAIL}, phone {PHONE}, SSN {SSN}. The server {IP} has MAC "
    "address {MAC}. Card number {CREDIT_CARD}, IBAN {IBAN}. Token: {API_KEY}. See {URL_CREDENTIALS}. Bitcoin "
    "{CRYPTO_ADDRESS}. My DNI is {NATIONAL_ID}. "
    "I live at {ADDRESS}, and work for {ORGANISATION} in {LOCATION}. Routing number {BANK_ROUTING}."
).format(**PLANTED)


@dataclass
class Recording:
    """A chat server that echoes, or fails, and keeps all bytes it was sent, headers too."""

    bodies: list[bytes] = field(default_factory=list)
    failing: bool = False


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    recording = Recording()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            recording.bodies.append(self.requestline.encode() + str(self.headers).encode() + body)
            said = json.loads(body)["messages"][-1]["content"]
            choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
            answer = {"id": "x", "object": "chat.completion", "model": "echo", "choices": [choice], "usage": usage}
            data = json.dumps({"error": {"message": said}} if recording.failing else answer).encode()
            self.send_response(400 if recording.failing else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None: ...

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{http.server_port}/v1")
    yield recording
    http.shutdown()
    http.server_close()
    thread.join()


def call(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(args)
    return int(stop.value.code or 0)


def leaks(data: bytes) -> list[str]:
    """The planted values in `data`, as the guard would find them, each looked for alone."""
    text = data.decode("utf-8", "replace")
    found = []
    for type_, value in PLANTED.items():
        needles = Needles()
        needles.add(value, type_)
        if needles.find(text) or needles.hidden(text):
            found.append(type_)
    return found


def test_the_sweep_would_find_every_value() -> None:
    assert all(rule_of(value) != "silent" for value in PLANTED.values())
    assert leaks(TEXT.encode()) == list(PLANTED)


TASK = 'name = "echo"\ninstructions = "Say it again."\nanswer = "string"\n'
SAME = "def run(text):\n    return text if 'rule' in text else None, text\n"


def certified_life(
    server: Recording, folder: Path, certified: Any, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, ...]:
    """A rule answers with the values, a model audits it, gold comes for it, an answer is explained. Returns the files
    that hold values because a user put them there or asked for them."""
    monkeypatch.setenv("SELF_DISTILL_AUDIT_RATE", "1")
    certified(folder / "by-model", SAME, task="echo", teacher="openai/echo")
    certified(folder / "by-gold", SAME, task="echo")
    task, source, gold = folder / "echo.toml", folder / "asked.jsonl", folder / "gold.jsonl"
    task.write_text(TASK)
    source.write_text("".join(json.dumps({"id": i, "text": f"{i}: {TEXT}"}) + "\n" for i in ("rule", "model")))
    made = []
    for teacher, calls in (("by-model", 2), ("by-gold", 1)):
        made.append(folder / f"{teacher}.jsonl")
        sent = len(server.bodies)
        common = ("--task", str(task), "--tools", str(folder / teacher))
        assert call("answer", *common, "--in", str(source), "--out", str(made[-1]), "--model", "openai/echo") == 0
        rows = [json.loads(line) for line in made[-1].read_text().splitlines()]
        assert [row["by"].partition(":")[0] for row in rows] == ["rule", "model"] and TEXT in rows[0]["answer"]
        assert len(server.bodies) == sent + calls
    gold.write_text(json.dumps({"id": "rule", "label": TEXT}) + "\n")
    assert call("feedback", *common, "--in", str(gold)) == 2, "a label with values is refused"
    gold.write_text(json.dumps({"id": "rule", "right": False}) + "\n")
    assert call("feedback", *common) == 0 and call("feedback", *common, "--in", str(gold)) == 0
    assert call("explain", rows[0]["trace"], "--tools", str(folder / "by-gold")) == 0
    assert call("explain", rows[0]["trace"], "--tools", str(folder / "by-gold"), "--json") == 0
    return source, *made, gold


def making(server: Recording, folder: Path) -> tuple[Path, ...]:
    """A rule and a macro are made by the echo, which writes no program: its prompts are what counts. The inductive
    maker learns from the same texts; reports are written."""
    rows, spans = folder / "examples.jsonl", folder / "spans.jsonl"
    words = ("pump", "tank", "valve", "motor", "gate", "lamp", "wire", "roof")
    texts = [(" ".join((words[i % 8], words[i // 8 % 8], words[i // 64 % 8])), i) for i in range(400)]
    rows.write_text("".join(json.dumps({"text": f"{said} {TEXT}", "label": "ab"[i % 2]}) + "\n" for said, i in texts))
    held = [{"start": 0, "end": 4, "type": "WORD"}]
    more = [(f"{said} {ending}", i) for ending in ("", "more", "so") for said, i in texts]
    found = [(f"{said} {TEXT}", held) if i % 2 else (f"x {said} {TEXT}", []) for said, i in more]
    spans.write_text("".join(json.dumps({"text": text, "spans": listed}) + "\n" for text, listed in found))
    task = folder / "made.toml"
    task.write_text('name = "made"\ninstructions = "a or b?"\nlabels = ["a", "b"]\n')
    common = ("--tools", str(folder / "made"), "--record", str(folder / "made.jsonl"), "--maker", "openai/echo")
    sent = len(server.bodies)
    rule = ("distill", "--task", str(task), "--examples", str(rows))
    assert call(*rule, *common, "--report", str(folder / "made.html")) == 0 and len(server.bodies) > sent
    assert b"[EMAIL_1]" in server.bodies[-1]
    sent = len(server.bodies)
    assert call("distill", "--kind", "macro", "--type", "WORD", "--examples", str(spans), *common) == 0
    assert len(server.bodies) > sent and b"[EMAIL_1]" in server.bodies[-1]
    assert call(*rule, "--tools", str(folder / "learned"), "--report", str(folder / "learned.html")) == 0
    assert "[EMAIL_1]" not in (folder / "made.html").read_text() and (folder / "learned.html").exists()
    return rows, spans


def certifying(server: Recording, folder: Path, rows: Path) -> None:
    """A program written by hand is certified on the same texts beside a model, then lives through all its states."""
    tools = folder / "hand"
    (tools / "made").mkdir(parents=True)
    code = (
        "FIRST = ('pump', 'valve', 'gate', 'wire')\n\n\n"
        "def run(text):\n    return 'a' if text.split()[0] in FIRST else 'b'\n"
    )
    (tools / "made" / "first.py").write_text(code)
    (tools / "made" / "other.py").write_text(code.replace("FIRST", "WORDS"))
    given = ("--task", str(folder / "made.toml"), "--examples", str(rows), "--tools", str(tools))
    sent = len(server.bodies)
    assert call("certify", "made/first", *given, "--auditor", "openai/echo", "--report", str(folder / "hand.html")) == 0
    assert len(server.bodies) > sent + 50 and b"[EMAIL_1]" in server.bodies[-1]
    assert call("certify", "made/other", *given) == 0
    named = ("--tools", str(tools))
    assert call("tools", "show", "made/first", *named) == call("tools", "diff", "made/first", "made/other", *named) == 0
    for verb, name in (("demote", "made/other"), ("approve", "made/other"), ("retire", "made/other")):
        assert call("tools", verb, name, *named) == 0


def streaming() -> None:
    """A conversation and its answer in pieces, by the library."""
    vault = Vault()
    messages = scrub_messages([{"role": "user", "content": TEXT}], make_macros(), vault)
    said = str(messages[0]["content"])
    assert not leaks(json.dumps(messages).encode())
    pieces = [said[at : at + 7] for at in range(0, len(said), 7)]
    chunks = [{"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]} for piece in pieces]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    back = [choice["delta"].get("content") or "" for one in restore_stream(chunks, vault) for choice in one["choices"]]
    assert "".join(back) == TEXT


def looking(folder: Path) -> tuple[Path, ...]:
    """What only shows or counts: explanations, reports, suggestions, lists, and MLflow."""
    raw = folder / "seen.txt"
    raw.write_text(TEXT)
    assert call("scrub", str(raw), "--report", str(folder / "scrub.html")) == 0
    assert "EMAIL" in (folder / "scrub.html").read_text()
    for args in (("scrub", str(raw), "--explain"), ("tasks", "suggest"), ("tasks", "list"), ("doctor",)):
        assert call(*args) == 0
    assert call("tools", "list", "--tools", str(folder / "learned")) == 0
    if find_spec("mlflow"):
        log_run(
            "canaries",
            "one",
            params={"text": "[EMAIL_1]"},
            metrics={"n": 1.0},
            documents={"a.md": "[EMAIL_1]"},
            figures={},
        )
    return (raw,)


def looping(server: Recording, folder: Path) -> tuple[Path, ...]:
    """The loop: the echo's code prints the context, and its page and trajectory are kept."""
    context, sent = folder / "context.txt", len(server.bodies)
    context.write_text(TEXT)
    code = "```repl\nprint(context)\nanswer['content'] = context\nanswer['ready'] = True\n```"
    asked = ("rlm", f"Say this. {code}", "--context", str(context), "--model", "openai/echo", "--direct", "never")
    assert call(*asked, "--limit", "turns=2", "--mlflow") in (0, 1) and len(server.bodies) > sent
    again = ("rlm", "What does it say?", "--context", str(context), "--model", "openai/echo", "--direct", "never")
    server.failing = True
    assert call(*again) == 1
    server.failing, sent = False, len(server.bodies)
    run = max(folder.glob("state/runs/2*"), key=lambda path: path.stat().st_mtime)
    assert call("rlm", "--resume", str(run), "--model", "openai/echo") in (0, 1) and len(server.bodies) > sent
    return (context,)


def test_no_planted_value_leaves_or_is_written(
    server: Recording,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    certified: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    ask = ("ask", TEXT, "--model", "openai/echo")
    assert call(*ask, "--record", str(tmp_path / "c.jsonl")) == 0
    out, err = capfd.readouterr()
    assert out.strip() == TEXT and not leaks(err.encode())
    assert len(server.bodies) == 1 and b"[EMAIL_1]" in server.bodies[0]

    server.failing = True
    assert call("ask", f"Hello. {TEXT}", "--model", "openai/echo") == 1
    out, err = capfd.readouterr()
    assert not out and not leaks(err.encode()) and len(server.bodies) == 2

    server.failing = False
    answers = certified_life(server, tmp_path, certified, monkeypatch)
    out, err = capfd.readouterr()
    assert "[EMAIL_1]" in out and not leaks(out.encode()) and not leaks(err.encode())

    made = (*making(server, tmp_path), *looping(server, tmp_path))
    out, err = capfd.readouterr()
    assert not leaks(err.encode())
    monkeypatch.setenv("SELF_DISTILL_AUDIT_RATE", "0.02")
    certifying(server, tmp_path, made[0])
    streaming()
    made += looking(tmp_path)
    out, err = capfd.readouterr()
    assert not leaks(out.encode()) and not leaks(err.encode())

    raw = tmp_path / "raw.txt"
    raw.write_text(TEXT)
    assert call("scrub", str(raw), "--vault", str(tmp_path / "v.vault")) == 0
    masked = capfd.readouterr().out
    assert not leaks(masked.encode())
    (tmp_path / "masked.txt").write_text(masked)
    assert call("restore", str(tmp_path / "masked.txt"), "--vault", str(tmp_path / "v.vault")) == 0
    assert capfd.readouterr().out == TEXT
    lines = tmp_path / "raw.jsonl"
    lines.write_text(json.dumps({"text": TEXT}) + "\n")
    assert call("scrub", "--in", str(lines), "--out", str(tmp_path / "out.jsonl")) == 0
    assert call("ledger", "show", "--json") == 0
    assert call("ledger", "export") == 0
    out, err = capfd.readouterr()
    assert "[EMAIL_1]" in out and not leaks(out.encode()) and not leaks(err.encode())

    copied = tmp_path / "copied.vault"
    copied.write_bytes((tmp_path / "v.vault").read_bytes())
    assert call("vault", "forget", str(copied)) == 0 and not copied.exists()
    out, err = capfd.readouterr()
    assert not leaks(out.encode()) and not leaks(err.encode())

    for path in (raw, lines, *answers, *made):
        path.unlink()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"c.jsonl", "v.vault", "out.jsonl", "ledger.db"} <= {path.name for path in written}
    for path in written:
        assert not leaks(path.read_bytes()), path
    for body in server.bodies:
        assert not leaks(body)
    assert not leaks(caplog.text.encode())
