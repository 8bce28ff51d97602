"""Cassettes: replies of a model in a JSONL file, found again by the hash of their request.

The first line is a header (`model`, `date`, `carried`, `counted`); every further line is one reply with the
`key` of its request and `nth`, the how-manieth identical request it answers. A prompt's text is never in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from self_distill.clients.body import constraint_json
from self_distill.errors import DataError
from self_distill.types import ModelRequest, Reply, Sampling, Usage

START = b'{"model": '
"""How every cassette begins, also one whose first line was cut."""


def request_key(request: ModelRequest) -> str:
    """SHA-256 in hex of what decides a reply: model, messages, sampling, constraint."""
    parts = [
        request.model,
        [[m.role, m.content] for m in request.messages],
        [float(request.sampling.temperature), request.sampling.seed, request.sampling.max_tokens],
        constraint_json(request),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Header:
    """Who answered, when, how the requests were carried there, and who counted the tokens."""

    model: str
    date: str = ""
    carried: str = ""
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """One recorded reply."""

    key: str
    nth: int
    label: str
    reply: Reply

    def row(self) -> dict[str, Any]:
        return {"key": self.key, "nth": self.nth, "label": self.label, **asdict(self.reply)}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Track:
        key, nth, label = row.pop("key"), row.pop("nth"), row.pop("label")
        usage, sampling = Usage(**row.pop("usage")), Sampling(**row.pop("sampling"))
        return cls(key, nth, label, Reply(usage=usage, sampling=sampling, **row))


@dataclass(slots=True)
class Cassette:
    """What a file holds; `size` is its length in bytes up to the last whole line. A request's key is taken
    with the header's model in place of its own, so that it is the same when `openai/x` is recorded and when
    `replay/x.jsonl` asks."""

    header: Header
    tracks: dict[str, list[Track]] = field(default_factory=lambda: defaultdict(list))
    size: int = 0
    _played: Counter[str] = field(default_factory=Counter)

    def key(self, request: ModelRequest) -> str:
        return request_key(replace(request, model=self.header.model))

    def told(self, request: ModelRequest) -> list[Track]:
        return self.tracks.get(self.key(request), [])

    def play(self, request: ModelRequest) -> Reply | None:
        """The reply to the next of these identical requests; None when there is no further one."""
        key, told = self.key(request), self.told(request)
        if self._played[key] >= len(told):
            return None
        self._played[key] += 1
        return told[self._played[key] - 1].reply

    def add(self, request: ModelRequest, reply: Reply) -> Track:
        key = self.key(request)
        track = Track(key, len(self.tracks[key]), request.label, reply)
        self.tracks[key].append(track)
        self._played[key] += 1
        return track


def load(path: Path) -> Cassette:
    """A last line that was cut off is left out; raises `DataError` with the line's number for any other."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise DataError(f"cassette {path}: {error.strerror}") from None
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    if not lines:
        raise DataError(f"cassette {path} is empty: record it with --record")
    cassette = None
    for number, line in enumerate(lines, 1):
        try:
            if cassette is None:
                row = json.loads(line)
                cassette = Cassette(Header(row["model"], row["date"], row["carried"], row["counted"]))
            else:
                track = Track.from_row(json.loads(line))
                cassette.tracks[track.key].append(track)
        except (AttributeError, KeyError, TypeError, ValueError):
            what = "a recorded reply" if cassette else "a cassette's header"
            raise DataError(f"cassette {path}, line {number}: not {what}") from None
    assert cassette
    cassette.size = sum(map(len, lines))
    return cassette


class Recorder:
    """The door's tape: what the file already holds is not asked again; every new reply is one more line.

    `carried` says how requests reached the model, if not directly. Raises `DataError` if the file cannot be
    written or holds replies of another model.
    """

    def __init__(self, path: Path, model: str, carried: str = "directly") -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            data = path.read_bytes()
            new = b"\n" not in data
            if new and not data.startswith(START[: len(data)]):
                raise DataError(f"cassette {path} is some other file: record to a new one")
            self._cassette = Cassette(Header(model, carried=carried)) if new else load(path)
            if self._cassette.header.model == model:
                os.truncate(path, self._cassette.size)
        except OSError as error:
            raise DataError(f"cassette {path} cannot be written: {error.strerror}") from None
        if self._cassette.header.model != model:
            raise DataError(
                f"cassette {path} holds replies of {self._cassette.header.model}, not of {model}: "
                "record to another file"
            )

    def recall(self, request: ModelRequest) -> Reply | None:
        with self._lock:
            return self._cassette.play(request)

    def keep(self, request: ModelRequest, reply: Reply) -> None:
        with self._lock:
            if not self._cassette.size:
                today = datetime.now(UTC).date().isoformat()
                self._append(asdict(replace(self._cassette.header, date=today, counted=reply.usage.counted)))
            self._append(self._cassette.add(request, reply).row())

    def _append(self, row: dict[str, Any]) -> None:
        """One unbuffered write, so that a line is there whole or cut, never mixed with another."""
        with self.path.open("ab", buffering=0) as file:
            self._cassette.size += file.write(json.dumps(row).encode() + b"\n")
