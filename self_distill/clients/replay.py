"""`replay/<cassette>`: a recorded model. It answers what it was asked once, and nothing else."""

from __future__ import annotations

import difflib
from pathlib import Path

from self_distill.clients.body import decode_request, encode_request
from self_distill.clients.cassette import load
from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import ReplayMiss
from self_distill.types import ModelRequest, Reply


class Replay:
    """At temperature 0 the last recorded reply also answers further identical requests: the model would say
    it again."""

    def __init__(self, name: str, options: ClientOptions = DEFAULTS) -> None:
        self.name = name
        self._path = Path(name.partition("/")[2])
        self._cassette = load(self._path)

    def encode(self, request: ModelRequest) -> bytes:
        return encode_request(request)

    async def send(self, body: bytes) -> Reply:
        request = decode_request(body)
        if reply := self._cassette.play(request):
            return reply
        told = self._cassette.told(request)
        if told and request.sampling.temperature == 0:
            return told[-1].reply
        raise ReplayMiss(self._why(request, len(told)))

    def _why(self, request: ModelRequest, told: int) -> str:
        label = request.label or "(no label)"
        if told:
            return f"{self._path}: {label!r} was recorded {told} times and is asked once more: record it again"
        labels = list(dict.fromkeys(t.label for tracks in self._cassette.tracks.values() for t in tracks))
        near = difflib.get_close_matches(request.label, labels, n=1, cutoff=0.0)
        nearest = f"the nearest recorded is {near[0]!r}" if near else "it holds no replies"
        return (
            f"{self._path} has no reply to {label!r} ({nearest}): the prompt, its sampling or its constraint "
            "changed since the recording; record again with --record"
        )

    async def close(self) -> None: ...


def author(model: str) -> str:
    """Who wrote what this model says: for a cassette the model that was recorded. Raises `DataError`."""
    kind, _, path = model.partition("/")
    return load(Path(path)).header.model if kind == "replay" else model
