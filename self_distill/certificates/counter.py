"""How many tests items have paid for: an append-only count that neither a restart nor a fresh tools folder resets.

JSON lines, the same in the user's state folder and in the copy that travels beside the tools:
{"set", "items"}                  the hashes of the items of one or more tests
{"test", "set", "j", "date"}      written before anybody looks at an answer, so that a crash leaves it spent
{"test", "verdict"}               what came out
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from self_distill.certificates.issue import Verdict
from self_distill.certificates.lock import lock
from self_distill.errors import DataError

NAME = "tests.jsonl"
"""Of the file, in either folder."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A test that may be made: number `j` on its items. With a `verdict` it was made before: nothing is spent."""

    test: str
    j: int
    verdict: Verdict | None = None


class Tally:
    """Any number of processes may share the files. Raises `DataError` when one is damaged or `home` cannot be written:
    then nothing is certified."""

    def __init__(self, home: Path, beside: Path | None = None) -> None:
        self._home = home / NAME
        self._beside = beside / NAME if beside else None

    def claim(self, what: str, items: Collection[str], date: str = "") -> Claim:
        """The next test on these items, of the program and the terms that `what` names; the same again is the same
        test, with the verdict if there is one. It counts whether or not `settle` follows."""
        if not items:
            raise ValueError("a test needs items")
        batch = _name(sorted(items))
        test = _name([what, batch])
        with self._open() as books:
            known = books.all
            if test not in known.tests:
                j = known.following(frozenset(items))
                books.write({"set": batch, "items": sorted(items)}, {"test": test, "set": batch, "j": j, "date": date})
                return Claim(test, j)
            books.write(*known.lines(test))
            verdict = known.verdicts.get(test)
            return Claim(test, known.tests[test][1], Verdict.from_json(verdict) if verdict else None)

    def settle(self, claim: Claim, verdict: Verdict) -> None:
        """Keeps the verdict of a claimed test; the first one stands."""
        with self._open() as books:
            if claim.test not in books.all.verdicts:
                books.write({"test": claim.test, "verdict": verdict.as_json()})

    def following(self, items: Collection[str]) -> int:
        """The number that the next new test on these items would have."""
        with self._open() as books:
            return books.all.following(frozenset(items))

    @contextmanager
    def _open(self) -> Iterator[_Books]:
        """Both files, locked against other processes; what only the tools' copy knows enters the user's."""
        with ExitStack() as stack:
            try:
                self._home.parent.mkdir(parents=True, exist_ok=True)
                home = _Book(stack.enter_context(_opened(self._home)), self._home)
            except OSError as error:
                raise DataError(f"{self._home} cannot be used: {error.strerror or error}") from None
            beside = None
            if self._beside is not None and (handle := _opened_if_possible(self._beside)):
                beside = _Book(stack.enter_context(handle), self._beside)
                home.write(*beside.known.lines())
            yield _Books(home, beside)


@dataclass(slots=True)
class _Known:
    sets: dict[str, frozenset[str]] = field(default_factory=dict)
    tests: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    verdicts: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def add(self, line: Mapping[str, Any]) -> bool:
        """Whether the line says something new."""
        if "items" in line:
            table: dict[str, Any] = self.sets
            key: str = line["set"]
            value: Any = frozenset(line["items"])
        elif "verdict" in line:
            table, key, value = self.verdicts, line["test"], line["verdict"]
        else:
            table, key, value = self.tests, line["test"], (line["set"], int(line["j"]), line["date"])
        return table.setdefault(key, value) is value

    def following(self, items: frozenset[str]) -> int:
        """Behind every test that had one of the items; where copies met that each counted for itself, their tests
        are also counted one by one."""
        shared = {name for name, held in self.sets.items() if not items.isdisjoint(held)}
        js = [j for batch, j, _ in self.tests.values() if batch in shared]
        return max(len(js), *js, 0) + 1

    def lines(self, only: str = "") -> Iterator[dict[str, Any]]:
        """Everything, or what belongs to one test."""
        for name, held in self.sets.items():
            if not only or self.tests[only][0] == name:
                yield {"set": name, "items": sorted(held)}
        for test, (batch, j, date) in self.tests.items():
            if only in ("", test):
                yield {"test": test, "set": batch, "j": j, "date": date}
        for test, verdict in self.verdicts.items():
            if only in ("", test):
                yield {"test": test, "verdict": verdict}


class _Book:
    """One open file and what stands in it. A last line without an end was never acted on: it is cut off."""

    def __init__(self, handle: IO[bytes], path: Path) -> None:
        self._handle = handle
        self.known = _Known()
        handle.seek(0)
        data = handle.read()
        whole, _, torn = data.rpartition(b"\n")
        if torn and handle.writable():
            handle.truncate(len(data) - len(torn))
        for number, line in enumerate(whole.split(b"\n") if whole else (), 1):
            try:
                self.known.add(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise DataError(f"{path}: line {number} is damaged: restore the file, it says what was spent") from None

    def write(self, *lines: Mapping[str, Any]) -> None:
        """Appends what is new, on the disk before it returns."""
        new = [json.dumps(line, separators=(",", ":")) + "\n" for line in lines if self.known.add(line)]
        if new and self._handle.writable():
            self._handle.write("".join(new).encode())
            self._handle.flush()
            os.fsync(self._handle.fileno())


@dataclass(frozen=True, slots=True)
class _Books:
    home: _Book
    beside: _Book | None

    @property
    def all(self) -> _Known:
        return self.home.known

    def write(self, *lines: Mapping[str, Any]) -> None:
        for book in (self.home, self.beside):
            if book is not None:
                book.write(*lines)


@contextmanager
def _opened(path: Path, mode: str = "a+b") -> Iterator[IO[bytes]]:
    """Open, private if it is new, and locked until it is closed."""
    if mode == "a+b":
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with path.open(mode) as handle:
        lock(handle.fileno())
        yield handle


def _opened_if_possible(path: Path) -> Any:
    """The tools' copy may lie in a folder that is not ours to write; then it is read, if it is there."""
    if os.access(path if path.exists() else path.parent, os.W_OK):
        return _opened(path)
    return _opened(path, "rb") if path.exists() else None


def _name(parts: Collection[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
