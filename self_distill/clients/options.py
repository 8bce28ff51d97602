"""What every adapter is given beside the model's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class ClientOptions:
    """`seconds` bounds one call. Empty strings mean: as the environment or the adapter says. `context` is
    the window of an embedded model in tokens, `threads` how many it computes with (0: all cores but one). Not
    every server can follow a constraint: `constrain=False` leaves it out, and the parser of the task judges the
    answer alone."""

    seconds: float = 120.0
    base_url: str = ""
    api_key: str = ""
    context: int = 8192
    threads: int = 0
    constrain: bool = True

    def __repr__(self) -> str:
        key = "***" if self.api_key else ""
        return f"ClientOptions(seconds={self.seconds:g}, base_url={self.base_url!r}, api_key={key!r})"


DEFAULTS = ClientOptions()
