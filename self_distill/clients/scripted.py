"""The fake model: it says what it was told to say. Product code, so that tests need no patching."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from self_distill.clients.body import decode_request, encode_request, estimated
from self_distill.errors import ModelRefused
from self_distill.types import ModelRequest, Reply

Line = str | Exception


class Scripted:
    """Replies are taken in turn, or computed from the request; an exception among them is raised. `sent`
    holds every body that would have left."""

    def __init__(self, replies: Iterable[Line] | Callable[[ModelRequest], Line], name: str = "scripted") -> None:
        self.name = name
        self.sent: list[bytes] = []
        self._answer: Callable[[ModelRequest], Line]
        if callable(replies):
            self._answer = replies
        else:
            lines: Iterator[Line] = iter([replies] if isinstance(replies, str) else replies)
            self._answer = lambda _: next(lines, ModelRefused(f"{name}: the script has no further reply"))

    def encode(self, request: ModelRequest) -> bytes:
        return encode_request(request)

    async def send(self, body: bytes) -> Reply:
        started = time.perf_counter()
        self.sent.append(body)
        request = decode_request(body)
        line = self._answer(request)
        if isinstance(line, Exception):
            raise line
        usage = estimated("".join(m.content for m in request.messages), line)
        return Reply(line, usage, (time.perf_counter() - started) * 1000, self.name, request.sampling)

    async def close(self) -> None: ...
