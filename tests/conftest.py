"""Every test has a state folder of its own and nothing of the user's settings; a small real server on loopback says
what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_asyncio

from self_distill.certificates.certificate import Certificate
from self_distill.certificates.issue import Seen, Terms, judge
from self_distill.macros.version import macro_version
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX
from self_distill.wire import make_macros

# No example is judged by the clock: a busy machine must not fail a property.
# Every run tries the same examples, so that it passes or fails by the change alone; HYPOTHESIS_PROFILE=search looks
# for new ones.
UNTIMED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("same", UNTIMED, derandomize=True, database=None)
hypothesis.settings.register_profile("search", UNTIMED, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith(("SELF_DISTILL_", "OPENAI_", "OLLAMA_"))]:
        if name != "SELF_DISTILL_DATA":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SELF_DISTILL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")


@dataclass
class Server:
    """`answers` are given in turn, the last one again and again: (status, content, headers), bytes as they are,
    "drop" or "hang". `seen` holds (first line, headers, body) of every request."""

    answers: list[Any]
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.seen.append((first, headers, body))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == "hang":
                await asyncio.sleep(30)
            elif answer != "drop":
                writer.write(answer if isinstance(answer, bytes) else reply(*answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def reply(status: int, content: Any, headers: Mapping[str, str] = {}) -> bytes:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(data)}", "connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    servers = []

    async def start(*answers: Any) -> Server:
        made = Server(list(answers))
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        servers.append(server)
        return made

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def certified() -> Callable[..., Certificate]:
    """Writes a certified cascade of programs for a task into a folder: `certified(folder, code, …)`."""

    def write(folder: Path, *codes: str, task: str = "acceptability", **changes: Any) -> Certificate:
        terms = Terms(0.05, 0.05)
        seen = [Seen((label,), (label,), True, label == "yes") for label in ("yes", "no") * 100]
        rules = [Rule.candidate(f"{task}/made_{n}", task, c, maker="m", tokens_making=1) for n, c in enumerate(codes)]
        given: dict[str, Any] = {
            "task": task,
            "rules": tuple(rule.hash for rule in rules),
            "terms": terms,
            "verdict": judge(seen, terms, 1),
            "splits": {},
            "data": "d",
            "toolkit": TOOLKIT,
            "sandbox": SANDBOX,
            "date": "2026-01-01",
            "macros": macro_version(make_macros()),
        }
        made = Certificate(**{**given, **changes})
        for order, rule in enumerate(rules):
            Store.write(rule.with_card(status="certified", order=order, certificate=made.as_json()), folder)
        return made

    return write
