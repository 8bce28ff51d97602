"""A door that records what it sends, as a count: gold values in the bytes that left. No text is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from self_distill.protocols import Client
from self_distill.types import Json, ModelRequest, Reply


@dataclass(slots=True)
class Seen:
    """`exposures` counts each value once per body it was found in; `bodies` counts what was sent."""

    values: tuple[str, ...]
    exposures: int = 0
    bodies: int = 0

    def look(self, body: bytes) -> None:
        self.bodies += 1
        text = "\n".join(strings(json.loads(body)))
        self.exposures += sum(value in text for value in self.values)


_watching: ContextVar[Seen | None] = ContextVar("watching", default=None)


def strings(value: Json) -> Iterator[str]:
    """Every string in a JSON value, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


class Tap:
    """Any client, watched; its name stays. Each task of an event loop watches for its own values."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def name(self) -> str:
        return self.client.name

    @contextmanager
    def watching(self, values: Sequence[str]) -> Iterator[Seen]:
        """Counts `values` (exact, case and all) in what is sent inside the block, also by tasks it starts."""
        seen = Seen(tuple(dict.fromkeys(v for v in values if v)))
        token = _watching.set(seen)
        try:
            yield seen
        finally:
            _watching.reset(token)

    def encode(self, request: ModelRequest) -> bytes:
        return self.client.encode(request)

    async def send(self, body: bytes) -> Reply:
        if seen := _watching.get():
            seen.look(body)
        return await self.client.send(body)

    async def close(self) -> None:
        await self.client.close()
