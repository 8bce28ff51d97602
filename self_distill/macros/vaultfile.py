"""A vault on disk: encrypted (Fernet), readable by its owner only, with an end."""

from __future__ import annotations

import base64
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from self_distill.errors import VaultError
from self_distill.macros.vault import Entry, Vault

KEY_VARIABLE = "SELF_DISTILL_VAULT_KEY"
KEY_FILE = "vault.key"
VERSION = 2


def load(path: Path, state: Path) -> Vault:
    """Raises `VaultError`: no file, a wrong key, a cut or changed file, one whose time is over."""
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise VaultError(f"vault {path}: {error.strerror or error}") from None
    try:
        version, expires, data = json.loads(Fernet(_key(state, create=False)).decrypt(sealed))
    except InvalidToken:
        raise VaultError(f"vault {path}: the key does not fit, or the file was cut or changed") from None
    except (ValueError, TypeError):
        raise VaultError(f"vault {path}: not a vault of this program") from None
    if version != VERSION:
        raise VaultError(f"vault {path}: written by another version of this program")
    if time.time() > expires:
        raise VaultError(f"vault {path}: its time is over; `self-distill vault forget {path}` deletes it")
    return _opened(data)


def save(vault: Vault, path: Path, state: Path, hours: float) -> None:
    """Writes beside and renames, so that the file is the old one or the new one. Raises `VaultError`."""
    with vault.lock:
        data = [VERSION, time.time() + hours * 3600, _packed(vault)]
    sealed = Fernet(_key(state, create=True)).encrypt(json.dumps(data).encode())
    try:
        _written(path, sealed, os.replace)
    except OSError as error:
        raise VaultError(f"vault {path} cannot be written: {error.strerror or error}") from None


def seal(data: bytes, path: Path, state: Path) -> None:
    """Any bytes under the same key, for what may hold values and has to be had back. Raises `OSError`."""
    _written(path, Fernet(_key(state, create=True)).encrypt(data), os.replace)


def unseal(path: Path, state: Path) -> bytes:
    """Raises `VaultError` when the key does not fit or the file was changed, and `OSError`."""
    try:
        return Fernet(_key(state, create=False)).decrypt(path.read_bytes())
    except InvalidToken:
        raise VaultError(f"{path}: the key does not fit, or the file was cut or changed") from None


def forget(path: Path) -> None:
    """Overwrites and deletes. A copy or a backup of the file is beyond reach; its time ends by itself."""
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        raise VaultError(f"vault {path}: {error.strerror or error}") from None


def _packed(vault: Vault) -> dict[str, Any]:
    return {
        "key": base64.b64encode(vault.key).decode(),
        "entries": [[e.value, e.type, e.name, e.shown] for e in vault.entries],
        "noted": vault.noted(),
        "own": sorted(vault.own),
        "reserved": sorted(vault.reserved),
        "next": vault.counters(),
    }


def _opened(data: dict[str, Any]) -> Vault:
    vault = Vault(base64.b64decode(data["key"]))
    for value, type_ in data["noted"]:
        vault.note(value, type_)
    for value, type_, name, shown in data["entries"]:
        vault.add(Entry(value, type_, name, shown))
    vault.own.update(data["own"])
    vault.reserved.update(data["reserved"])
    vault.count_on(data["next"])
    return vault


def _key(state: Path, create: bool) -> bytes:
    """From the environment, else from a file that only its owner reads, made on the first use."""
    if given := os.environ.get(KEY_VARIABLE):
        return _checked(given.encode("utf-8", "surrogateescape"), KEY_VARIABLE)
    path = state / KEY_FILE
    try:
        if not path.exists():
            if not create:
                raise VaultError(f"no key: set {KEY_VARIABLE}, or bring back {path}")
            _written(path, Fernet.generate_key(), _first)
        if path.stat().st_mode & 0o077:
            raise VaultError(f"{path} can be read by others: chmod 600 it")
        return _checked(path.read_bytes().strip(), str(path))
    except OSError as error:
        raise VaultError(f"{path}: {error.strerror or error}") from None


def _checked(key: bytes, where: str) -> bytes:
    try:
        Fernet(key)
    except ValueError:
        raise VaultError(f"{where} holds no vault key: 32 bytes in URL-safe base64") from None
    return key


def _written(path: Path, data: bytes, put: Callable[[str, Path], None]) -> None:
    """Whole or not at all: beside it first, then `put` in place, over what is there (`os.replace`) or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        put(part, path)
    finally:
        Path(part).unlink(missing_ok=True)


def _first(part: str, path: Path) -> None:
    """Of two that make a key at the same time, one is first."""
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(part, path)
