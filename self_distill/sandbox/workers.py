"""Monty's worker processes, and the sessions that wait in them for the next text of their program."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from dataclasses import dataclass

from pydantic_monty import Monty, MontyError, MontySession

from self_distill.errors import SandboxBroken
from self_distill.sandbox.limits import OS_POLICY, Limits

WAITING = 12
"""Sessions that wait; each is a process of some 15 MB, most of it shared."""
TRIPS = 2_000
"""Questions of a session to the host. Each misspelt name or refused file is one, and Monty's clock stands still
meanwhile."""
SILENCE = 30.0
"""Seconds after which a worker that says nothing is killed, whatever it was asked."""


@dataclass(slots=True)
class Worker:
    session: MontySession
    calls: int = 0


class Workers:
    """`at_once` run at the same time. Starts on the first use, and again after `close`; safe in any thread."""

    def __init__(self, limits: Limits, at_once: int) -> None:
        self._limits = limits
        self._most = at_once + WAITING
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._waiting: deque[tuple[str, Worker]] = deque()

    def open(self, state: bytes) -> Worker:
        """A session that goes on from `state`, or an empty one. One more is tried when a worker has died."""
        try:
            return self._opened(state)
        except SandboxBroken:
            return self._opened(state)

    def _opened(self, state: bytes) -> Worker:
        limits = self._limits.resources()
        limits["max_suspensions"] = TRIPS
        try:
            session = self._started().checkout(
                script_name="rule.py", limits=limits, os_policy=OS_POLICY, assert_message_annotations=False
            )
            session.__enter__()
            worker = Worker(session)
        except (MontyError, OSError, RuntimeError) as error:
            raise broken(error) from None
        try:
            if state:
                session.load_session(state)
        except MontyError as error:
            self.end(worker)
            raise broken(error) from None
        return worker

    def _started(self) -> Monty:
        with self._lock:
            if self._pool is None:
                pool = Monty(max_processes=self._most, request_timeout=SILENCE)
                pool.__enter__()
                self._pool = pool
            return self._pool

    def take(self, key: str) -> Worker | None:
        """The session that has waited for this program for the shortest time."""
        with self._lock:
            found = next((entry for entry in reversed(self._waiting) if entry[0] == key), None)
            if found is None:
                return None
            self._waiting.remove(found)
            return found[1]

    def give(self, key: str, worker: Worker) -> None:
        """Lets a session wait; of too many the oldest ends."""
        with self._lock:
            self._waiting.append((key, worker))
            oldest = self._waiting.popleft()[1] if len(self._waiting) > WAITING else None
        if oldest:
            self.end(oldest)

    @staticmethod
    def end(worker: Worker) -> None:
        with contextlib.suppress(MontyError):
            worker.session.__exit__(None, None, None)

    def close(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
            waiting = [worker for _, worker in self._waiting]
            self._waiting.clear()
        for worker in waiting:
            self.end(worker)
        if pool is not None:
            pool.__exit__(None, None, None)


def broken(error: BaseException) -> SandboxBroken:
    return SandboxBroken(f"no program can be run ({type(error).__name__}: {error}): reinstall pydantic-monty")
