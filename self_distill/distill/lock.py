"""One process at a time distils a task into a folder of tools."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from self_distill.errors import DataError


@contextmanager
def alone(state: Path, task: str, folder: Path) -> Iterator[None]:
    """Raises `DataError` where another process is at it. The lock goes with the process, whatever ends it."""
    name = hashlib.sha256(f"{task}\n{folder.resolve()}".encode()).hexdigest()[:16]
    path = state / "making" / f"{name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}") from None
    try:
        _lock(handle, task, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, task: str, folder: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise DataError(
            f"another process is distilling {task} into {folder}: wait for it, or give another folder with --tools"
        ) from None
