"""The seams. An adapter fits by shape; nothing inherits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from self_distill.types import Decision, LedgerRow, ModelRequest, Reply, Span


class Client(Protocol):
    """A model in two halves, so that the door can guard exactly the bytes that are sent."""

    @property
    def name(self) -> str:
        """As the user names it: "local/smollm2", "openai/gpt-x", "llama3.2:3b"."""

    def encode(self, request: ModelRequest) -> bytes: ...

    async def send(self, body: bytes) -> Reply:
        """Raises `ModelUnavailable`, `ModelRefused`, `BadReply` or `ReplayMiss`."""

    async def close(self) -> None: ...


class Detector(Protocol):
    @property
    def name(self) -> str: ...

    def find(self, text: str) -> Sequence[Span]: ...


class Ledger(Protocol):
    def record(self, *rows: LedgerRow) -> None:
        """Append rows in one transaction."""


class Interpreter(Protocol):
    """Runs model-written code away from our process. A failing program is a `Fault`, never an exception."""

    async def run(self, code: str, text: str) -> Decision: ...

    async def run_many(self, code: str, texts: Sequence[str]) -> list[Decision]: ...

    async def close(self) -> None: ...
