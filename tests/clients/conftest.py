"""A small real server on loopback that says what a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio

Handler = Callable[[str, bytes], tuple[int, dict[str, str], bytes]]


@dataclass
class Server:
    """`answers` are given in turn, the last one again and again; bytes are sent as they are."""

    answers: list[Any]
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def next(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.seen.append((first, headers, body))
            answer = self.next()
            if answer == "hang":
                await asyncio.sleep(30)
            elif answer != "drop":
                writer.write(answer if isinstance(answer, bytes) else reply(*answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def reply(status: int, content: Any, **headers: str) -> bytes:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(data)}", "connection: close"]
    lines += [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
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
