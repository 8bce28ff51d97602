"""A model's answer that comes in chunks, as OpenAI-compatible servers stream it, with the values back in it."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

from self_distill.macros.arguments import ArgumentRestorer
from self_distill.macros.calls import INPUTS, TEXTS, JsonObject
from self_distill.macros.messages import placeholders_in
from self_distill.macros.restore import Restorer
from self_distill.macros.vault import Vault

Place = tuple[str | int, ...]


class Piecewise(Protocol):
    @property
    def lost(self) -> tuple[str, ...]: ...

    @property
    def withheld(self) -> tuple[str, ...]: ...

    def feed(self, text: str) -> str: ...

    def close(self) -> str: ...


class _Untouched:
    """The arguments of a tool that may not have values; says which placeholders went by."""

    lost: tuple[str, ...] = ()

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._seen: list[str] = []

    @property
    def withheld(self) -> tuple[str, ...]:
        return placeholders_in("".join(self._seen), self._vault)

    def feed(self, text: str) -> str:
        self._seen.append(text)
        return text

    def close(self) -> str:
        return ""


class ChunkRestorer:
    """One chunk in, one chunk out; how the answer is cut makes no difference to what it is in the end. What may
    still become a placeholder comes with a later chunk, at the latest with the one that has a `finish_reason`,
    or from `close`. `lost` and `withheld` are complete then."""

    def __init__(self, vault: Vault, restore_into: Collection[str] = ()) -> None:
        self._vault = vault
        self._restore_into = restore_into
        self._open: dict[int, dict[Place, Piecewise]] = {}
        self._done: list[Piecewise] = []
        self._frame: dict[str, Any] = {}

    def feed(self, chunk: JsonObject) -> dict[str, Any]:
        self._frame = {key: value for key, value in chunk.items() if key not in ("choices", "usage")}
        return {**chunk, "choices": [self._choice(choice) for choice in chunk.get("choices") or ()]}

    def close(self) -> dict[str, Any] | None:
        """What a stream that broke off still owes, if anything."""
        deltas = {index: self._rest(index, {}) for index in list(self._open)}
        choices = [{"index": i, "delta": delta, "finish_reason": None} for i, delta in deltas.items() if delta]
        return {**self._frame, "choices": choices} if choices else None

    @property
    def lost(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for one in self._done for name in one.lost))

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for one in self._done for name in one.withheld))

    def _choice(self, choice: JsonObject) -> dict[str, Any]:
        index, delta = choice.get("index", 0), dict(choice.get("delta") or {})
        for key in TEXTS:
            if isinstance(delta.get(key), str):
                delta[key] = self._at(index, (key,)).feed(delta[key])
        if delta.get("function_call"):
            delta |= self._fragment(index, {"function_call": delta["function_call"]})
        if delta.get("tool_calls"):
            delta["tool_calls"] = [self._fragment(index, call) for call in delta["tool_calls"]]
        return {**choice, "delta": self._rest(index, delta) if choice.get("finish_reason") else delta}

    def _fragment(self, index: int, call: JsonObject) -> dict[str, Any]:
        """A piece of a call. The first one has the name, which decides for all; one without a name stays as it is."""
        changed = dict(call)
        for kind, key, is_json in INPUTS:
            if not isinstance(inner := call.get(kind), Mapping):
                continue
            place = (kind, key, call.get("index", 0))
            if inner.get("name") in self._restore_into:
                restorer = ArgumentRestorer(self._vault) if is_json else Restorer(self._vault)
                self._open.setdefault(index, {}).setdefault(place, restorer)
            if isinstance(inner.get(key), str):
                changed[kind] = {**inner, key: self._at(index, place).feed(inner[key])}
        return changed

    def _at(self, index: int, place: Place) -> Piecewise:
        found = self._open.setdefault(index, {})
        if place not in found:
            found[place] = Restorer(self._vault) if len(place) == 1 else _Untouched(self._vault)
        return found[place]

    def _rest(self, index: int, delta: dict[str, Any]) -> dict[str, Any]:
        """`delta` with all that was held back."""
        for place, one in self._open.pop(index, {}).items():
            self._done.append(one)
            if not (tail := one.close()):
                continue
            into, key = delta, str(place[0])
            if len(place) > 1:
                calls = [delta] if key == "function_call" else delta.setdefault("tool_calls", [])
                call = next((c for c in calls if c is delta or c.get("index", 0) == place[2]), None)
                if call is None:
                    calls.append(call := {"index": place[2]})
                into = call[key] = dict(call.get(key) or {})
                key = str(place[1])
            into[key] = (into.get(key) or "") + tail
        return delta


class RestoredStream:
    """To be iterated over once, with `for` or `async for`, as the chunks came; ends with a chunk of its own only if
    the stream broke off. `restorer` has what was lost and withheld, complete at the end."""

    def __init__(self, chunks: Iterable[JsonObject] | AsyncIterable[JsonObject], restorer: ChunkRestorer) -> None:
        self.restorer = restorer
        self._chunks = chunks

    def __iter__(self) -> Iterator[dict[str, Any]]:
        if not isinstance(self._chunks, Iterable):
            raise TypeError("these chunks come asynchronously: use `async for`")
        for chunk in self._chunks:
            yield self.restorer.feed(chunk)
        if rest := self.restorer.close():
            yield rest

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        if not isinstance(self._chunks, AsyncIterable):
            raise TypeError("these chunks are here already: use `for`")
        async for chunk in self._chunks:
            yield self.restorer.feed(chunk)
        if rest := self.restorer.close():
            yield rest


def restore_stream(
    chunks: Iterable[JsonObject] | AsyncIterable[JsonObject], vault: Vault, restore_into: Collection[str] = ()
) -> RestoredStream:
    """Chunks of a chat completion with the values back in their text, and in the arguments of the tools in
    `restore_into`."""
    return RestoredStream(chunks, ChunkRestorer(vault, restore_into))
