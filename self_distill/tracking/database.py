"""Opens the ledger's database: SQLite in WAL mode with file mode 0600, ":memory:", or PostgreSQL by URL."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from self_distill.errors import MissingExtra, SettingsError

MEMORY = ":memory:"
BUSY_SECONDS = 30.0
"""How long a writer waits for another process."""
SETUP_LOCK = 0x5E1FD157
"""Any number of our own: PostgreSQL's advisory lock while tables are made."""


class Database:
    """`shown` is its name without a password. Raises `SettingsError` when it cannot be opened."""

    def __init__(self, where: str) -> None:
        self.sqlite = "://" not in where
        try:
            self.shown = where if self.sqlite else make_url(where).render_as_string()
        except (ArgumentError, ValueError):
            raise SettingsError("the ledger's URL cannot be read: give a path or postgresql://…") from None
        with self.plain_errors():
            self._engine = _sqlite(where) if self.sqlite else _postgres(where)
        self._readers = self._engine.execution_options(reading=True)
        self._writing = threading.Lock() if self.sqlite else nullcontext()
        self._one_connection = where == MEMORY

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction. Threads of this process take turns, processes wait for each other."""
        with self._writing, self.plain_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        turn = self._writing if self._one_connection else nullcontext()
        with turn, self.plain_errors(), self._readers.connect() as connection:
            yield connection

    def lock_setup(self, connection: Connection) -> None:
        if not self.sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({SETUP_LOCK})"))

    def sweep(self) -> None:
        """Takes deleted rows out of the write-ahead file too."""
        if self.sqlite:
            with self._writing, self.plain_errors(), self._readers.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """A driver's error, or a value that it cannot take or give, in one line without the statement's values."""
        try:
            yield
        except (SQLAlchemyError, OSError, OverflowError, ValueError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
            line = reason.strip().splitlines()[0] if reason.strip() else type(cause).__name__
            raise SettingsError(f"the ledger {self.shown} cannot be used: {line}; see the setting `ledger`") from None

    def close(self) -> None:
        self._engine.dispose()


def _sqlite(where: str) -> Engine:
    if where == MEMORY:
        engine = create_engine(
            "sqlite://",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )
    else:
        path = Path(where).expanduser().absolute()
        _private(path)
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
        )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes its lock at once: a read lock that is upgraded later cannot wait, it fails.
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _private(path: Path) -> None:
    """Makes the file for its owner only; SQLite gives its side files the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _postgres(where: str) -> Engine:
    url = make_url(where)
    if url.get_backend_name() != "postgresql":
        raise SettingsError("a ledger is a file (a path) or PostgreSQL (postgresql://user@host/name)")
    try:
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except ModuleNotFoundError:
        raise MissingExtra("a ledger in PostgreSQL", "postgres") from None
