"""Watches on disk, one file for each certificate, and the key of the coin. Any number of processes may share them."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from self_distill.certificates.certificate import Certificate
from self_distill.certificates.lock import locked
from self_distill.certificates.watch import Watch
from self_distill.errors import DataError

Stamp = tuple[int, int, int]


class Watches:
    """`folder` is made on the first use. Every method raises `DataError` when it, or a file in it, cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Stamp, Watch]] = {}
        self._key = b""

    @property
    def key(self) -> bytes:
        """Of the coin: made once, and the same for all processes."""
        if not self._key:
            path = self._folder / "key"
            try:
                with locked(self._folder / "key.lock"):
                    if not path.exists():
                        _replaced(path, secrets.token_hex(32))
                    self._key = path.read_bytes()
            except OSError as error:
                raise _unusable(path, error) from None
        return self._key

    def watch(self, certificate: Certificate) -> Watch:
        """As it stands, whichever process wrote it; costs a look at the file's date."""
        path = self._path(certificate)
        try:
            seen = os.stat(path)
            stamp = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
            if (known := self._known.get(certificate.id)) and known[0] == stamp:
                return known[1]
            watch = Watch.from_json(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return certificate.watch()
        except OSError as error:
            raise _unusable(path, error) from None
        except (ValueError, AttributeError):
            raise DataError(f"{path} is damaged: certify the rules of {certificate.task} again") from None
        self._known[certificate.id] = stamp, watch
        return watch

    def change(self, certificate: Certificate, change: Callable[[Watch], Watch]) -> tuple[Watch, Watch]:
        """The state before and after, the latter on the disk when this returns."""
        path = self._path(certificate)
        try:
            with locked(path.with_suffix(".lock")):
                before = self.watch(certificate)
                after = change(before)
                _replaced(path, json.dumps(after.as_json()))
        except OSError as error:
            raise _unusable(path, error) from None
        return before, after

    def _path(self, certificate: Certificate) -> Path:
        return self._folder / f"{certificate.id}.json"


def _replaced(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner only."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def _unusable(path: Path, error: OSError) -> DataError:
    return DataError(f"{path} cannot be used: {error.strerror or error}")
