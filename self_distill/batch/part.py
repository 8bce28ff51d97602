"""Answers on their way into a file: kept in the order of their coming, put in the order of their lines at the end."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from self_distill.errors import DataError
from self_distill.tracking.ledger import FINAL


class Part:
    """Beside `target`, until all lines are there; only its owner reads it. `head` says what it is a part of: another
    one is not gone on with. Raises `DataError`."""

    def __init__(self, target: Path, head: Mapping[str, str], resume: bool) -> None:
        self.target = target
        self.path = part_of(target)
        self._places: dict[int, tuple[int, int]] = {}
        self.done: set[int] = set()
        """Lines that need no further try."""
        if self.path.exists() and not resume:
            raise DataError(f"{self.path} holds answers of an earlier run: add --resume, or delete it")
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self._file: IO[bytes] = self.path.open("rb+")
        except OSError as error:
            raise DataError(f"{self.path}: {error.strerror or error}") from None
        try:
            self._read(head)
        except DataError:
            self.close()
            raise

    def write(self, number: int, line: Mapping[str, Any]) -> None:
        """On its way to the disk when this returns, so that a kill costs no answer that is here."""
        data = _packed({"n": number, **line})
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(data)
        self._file.flush()
        self._keep(number, line, offset, len(data))

    def finish(self) -> None:
        """The target takes the place of the part: whole, in order, without the numbers."""
        ready = self.path.with_name(f"{self.path.name}.ready")
        try:
            with open(os.open(ready, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.writelines(_packed(line) for line in self.lines())
            ready.replace(self.target)
            self.close()
            self.path.unlink()
        except OSError as error:
            raise DataError(f"{self.target}: {error.strerror or error}") from None

    def lines(self) -> Iterator[dict[str, Any]]:
        """In order, as they will stand in the target."""
        for number in sorted(self._places):
            offset, length = self._places[number]
            self._file.seek(offset)
            line = json.loads(self._file.read(length))
            del line["n"]
            yield line

    def close(self) -> None:
        self._file.close()

    def _keep(self, number: int, line: Mapping[str, Any], offset: int, length: int) -> None:
        self._places[number] = offset, length
        if line.get("error", "") in FINAL:
            self.done.add(number)

    def _read(self, head: Mapping[str, str]) -> None:
        """What stands there; a last line that was cut is taken away."""
        end = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            try:
                row = json.loads(line)
                if not end and row != head:
                    raise DataError(f"{self.path} is of another source, task or model: delete it to begin anew")
                if end:
                    self._keep(row["n"], row, end, len(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise DataError(f"{self.path} is damaged: delete it to begin anew") from None
            end += len(line)
        self._file.truncate(end)
        if not end:
            self._file.seek(0)
            self._file.write(_packed(head))


def part_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def digest(path: Path) -> str:
    """Names the content of a file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None


def _packed(line: Mapping[str, Any]) -> bytes:
    """ASCII escapes keep lone surrogates, which a text may hold and UTF-8 may not."""
    return (json.dumps(line) + "\n").encode()
