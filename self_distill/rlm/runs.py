"""A run's folder: what was asked, the state after each turn, every reply that was bought, what happened.

run.json           the scrubbed question, the model, the limits
state, vault       sealed with the vault's key: messages, spending and REPL; the original values
journal.jsonl      one line before each call and one when its reply is there
trajectory.jsonl   what happened, scrubbed; trajectory.html shows it
answer.json        the scrubbed answer, when there is one
"""

from __future__ import annotations

import json
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from self_distill.budget import worst_usage
from self_distill.clients.cassette import request_key
from self_distill.errors import DataError
from self_distill.macros import vaultfile
from self_distill.macros.vault import Vault
from self_distill.rlm.trajectory import Event
from self_distill.rlm.way import State
from self_distill.types import Json, Message, ModelRequest, Reply, Sampling, Usage


@dataclass(slots=True)
class Call:
    """One call that was about to be sent: `row` is its key in the ledger, `most` what it had reserved. Without
    `usage` nobody knows what became of it."""

    row: str
    most: Usage
    usage: Usage | None = None
    dropped: bool = False

    @property
    def charged(self) -> Usage:
        return Usage() if self.dropped else self.usage or self.most


class Book:
    """Every call of a run. A reply is bought once; with a `path` it outlives the process."""

    def __init__(self, path: Path | None = None, before: Callable[[], None] = lambda: None) -> None:
        self.calls: list[Call] = []
        self.replies: dict[str, Reply] = {}
        self.unseen: set[str] = set()
        """Replies that another process bought for a turn it did not finish."""
        self._path = path
        self._before = before
        if path is not None and path.exists():
            for line in _lines(path):
                self._read(line)

    def _read(self, line: dict[str, Any]) -> None:
        if "hold" in line:
            self.calls.append(Call(line["hold"], Usage(line["most"][0], line["most"][1], "reserved")))
        elif "drop" in line:
            self.calls[line["drop"]].dropped = True
        else:
            reply = line["reply"]
            usage, sampling = Usage(**reply.pop("usage")), Sampling(**reply.pop("sampling"))
            self.calls[line["n"]].usage = usage
            self.replies[line["keep"]] = Reply(usage=usage, sampling=sampling, **reply)

    @property
    def spent(self) -> Usage:
        return sum((call.charged for call in self.calls), Usage())

    def asked(self) -> Counter[str]:
        """How often each call, by its key in the ledger, may have reached the server."""
        return Counter(call.row for call in self.calls if not call.dropped)

    def entry(self, key: str) -> Entry:
        return Entry(self, key)

    def hold(self, request: ModelRequest) -> int:
        self._before()
        call = Call(request_key(request), worst_usage(request))
        self._write({"hold": call.row, "most": [call.most.tokens_in, call.most.tokens_out]})
        self.calls.append(call)
        return len(self.calls) - 1

    def keep(self, n: int, key: str, reply: Reply) -> None:
        self.calls[n].usage = reply.usage
        self.replies[key] = reply
        self._write({"keep": key, "n": n, "reply": asdict(reply)})

    def drop(self, n: int) -> None:
        self.calls[n].dropped = True
        self._write({"drop": n})

    def _write(self, line: dict[str, Any]) -> None:
        if self._path is not None:
            with writing(self._path), self._path.open("ab", buffering=0) as file:
                _append(file.fileno(), line)


@dataclass(slots=True)
class Entry:
    """A book as the door sees it, for one call. The key is that of the call before its text is scrubbed once more:
    the same whatever the vault has learnt since. `bought` says whether this run paid for the reply."""

    book: Book
    key: str
    bought: bool = False
    _n: int = -1

    def recall(self) -> Reply | None:
        if self.key in self.book.unseen:
            self.book.unseen.discard(self.key)
            self.bought = True
        return self.book.replies.get(self.key)

    def hold(self, request: ModelRequest) -> None:
        self._n = self.book.hold(request)
        self.bought = True

    def keep(self, reply: Reply) -> None:
        self.book.keep(self._n, self.key, reply)

    def drop(self) -> None:
        self.book.drop(self._n)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a run goes on from; `seconds` and `turns` of its budget are used up."""

    state: State
    dump: bytes
    seconds: float
    turns: int


@dataclass(slots=True)
class Run:
    """`key` is the folder where the vault's key lives, `hours` how long the vault may be opened."""

    folder: Path
    key: Path
    hours: float
    head: dict[str, Any] = field(default_factory=dict)
    book: Book = field(default_factory=Book)
    vault: Vault = field(default_factory=Vault)
    _sealed: int = -1

    @classmethod
    def create(cls, folder: Path, key: Path, hours: float, head: dict[str, Any], vault: Vault) -> Run:
        """Raises `DataError` when the folder holds a run or cannot be written."""
        if (folder / "run.json").exists():
            raise DataError(f"{folder} holds a run: go on with --resume, or give another folder")
        run = cls(folder, key, hours, head, vault=vault)
        run.book = Book(folder / "journal.jsonl", run.seal)
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(folder / "run.json", head)
        run.seal()
        return run

    @classmethod
    def open(cls, folder: Path, key: Path, hours: float) -> Run:
        """Raises `DataError` or `VaultError`."""
        try:
            head = json.loads((folder / "run.json").read_bytes())
        except (OSError, ValueError):
            raise DataError(f"{folder} holds no run that can be read") from None
        run = cls(folder, key, hours, head, vault=vaultfile.load(folder / "vault", key))
        run.book = Book(folder / "journal.jsonl", run.seal)
        run._sealed = _size(run.vault)
        return run

    def seal(self) -> None:
        """Keeps the vault if it has grown: nothing leaves that could not be restored after a kill."""
        if (size := _size(self.vault)) != self._sealed:
            vaultfile.save(self.vault, self.folder / "vault", self.key, self.hours)
            self._sealed = size

    def save(self, state: State, dump: bytes, seconds: float, turns: int) -> None:
        self.seal()
        head = {**asdict(state), "seconds": seconds, "turns": turns, "kept": len(self.book.replies)}
        head["events"] = _bytes(self.folder / "trajectory.jsonl")
        with writing(self.folder):
            packed = zlib.compress(json.dumps(head).encode() + b"\n" + dump, level=1)
            vaultfile.seal(packed, self.folder / "state", self.key)

    def saved(self) -> Saved:
        """The last state; what happened after it is taken off the trajectory, for it will happen again."""
        try:
            data = zlib.decompress(vaultfile.unseal(self.folder / "state", self.key))
        except OSError:
            raise DataError(f"{self.folder}: the run was ended before its first turn: start it again") from None
        line, _, dump = data.partition(b"\n")
        head = json.loads(line)
        seconds, turns, kept, events = (head.pop(name) for name in ("seconds", "turns", "kept", "events"))
        self.book.unseen = set(list(self.book.replies)[kept:])
        if (path := self.folder / "trajectory.jsonl").exists():
            with writing(path):
                os.truncate(path, events)
        for name in ("messages", "direct"):
            head[name] = [Message(**message) for message in head[name]]
        return Saved(State(**head), dump, seconds, turns)

    def record(self, event: Event) -> None:
        path = self.folder / "trajectory.jsonl"
        with writing(path), path.open("ab", buffering=0) as file:
            _append(file.fileno(), event.as_json())

    def events(self) -> list[Event]:
        path = self.folder / "trajectory.jsonl"
        return [Event.from_json(line) for line in _lines(path)] if path.exists() else []

    def finish(self, answer: dict[str, Json], page: str) -> None:
        with writing(self.folder):
            (self.folder / "trajectory.html").write_text(page, encoding="utf-8")
            _replace(self.folder / "answer.json", answer)

    @property
    def answer(self) -> dict[str, Any] | None:
        path = self.folder / "answer.json"
        return json.loads(path.read_bytes()) if path.exists() else None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """A full or failing disk stops the run: what cannot be kept is not bought."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise DataError(f"{path} cannot be written ({why}): make room, then go on with --resume") from None


def _append(descriptor: int, line: dict[str, Any]) -> None:
    """One line, whole or, when the disk is full, not at all."""
    data = json.dumps(line).encode() + b"\n"
    size = os.fstat(descriptor).st_size
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """All whole lines; one that a kill cut is taken off the file."""
    data = path.read_bytes()
    if cut := len(data) - (data.rfind(b"\n") + 1):
        os.truncate(path, len(data) - cut)
    for line in data[: len(data) - cut].splitlines():
        yield json.loads(line)


def _replace(path: Path, data: dict[str, Any]) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(data), encoding="utf-8")
    part.replace(path)


def _size(vault: Vault) -> int:
    return len(vault.needles) + len(vault.own) + len(vault.entries)


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
