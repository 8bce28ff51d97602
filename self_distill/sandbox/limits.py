"""What a program in the sandbox may use, and the world it sees: always the same one, so that a replay answers the
same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic_monty import OSPolicy, ResourceLimits

VERSION = 1
"""Of what a program sees: raise it when limits, policy or prelude change so that answers may change."""

OS_POLICY: OSPolicy = {
    "datetime": datetime(2000, 1, 1),
    "sleep": "zero",
    "random_start": {"seed": 0},
}

_HOST_TRIPS = 10**9
"""Monty counts a misspelt name as a trip to the host, and ends a session after too many."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of running per call, `memory` in bytes, `depth` of recursion, `answer` in characters."""

    seconds: float = 0.2
    memory: int = 128 << 20
    depth: int = 400
    answer: int = 100_000

    def resources(self) -> ResourceLimits:
        return {
            "max_feed_duration_secs": self.seconds,
            "max_memory": self.memory,
            "max_recursion_depth": self.depth,
            "max_suspensions": _HOST_TRIPS,
        }
