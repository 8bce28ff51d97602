"""Placeholders back to values: whole or in pieces, but never where a client would send the value on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from self_distill.macros.placeholders import Beginnings, unfinished
from self_distill.macros.readings import losses, taken
from self_distill.macros.surroundings import Surroundings, region_key
from self_distill.macros.vault import Entry, Vault

HOST_RUN = 256
_RUN = re.compile(rf"[\w.。．｡@\[\]-]{{0,{HOST_RUN}}}")
_DOTS = str.maketrans("。．｡@", "....")


@dataclass(frozen=True, slots=True)
class Restored:
    """`lost`: placeholders that a model cut, garbled or invented; `withheld`: left in place on purpose."""

    text: str = field(repr=False)
    lost: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


@dataclass(slots=True)
class _Waiting:
    """A placeholder whose region may still turn out to be one that the user wrote himself."""

    entry: Entry
    raw: str
    region: int


class Restorer:
    """Restores one text that comes in pieces; how it is cut makes no difference. What may still become a
    placeholder is held back: at most the longest one, and the host name or the user's own link it stands in.

    With `learning` the text is the user's own: the links and tags in it that hold placeholders are
    remembered in the vault, so that they and only they are restored later."""

    def __init__(self, vault: Vault, learning: bool = False) -> None:
        self._vault = vault
        self._learning = learning
        self._around = Surroundings()
        self._seen: list[str] = []
        self._pending = ""
        self._last = ""
        self._out: list[str | _Waiting] = []
        self._withheld: list[str] = []
        self._cut: list[str] = []
        self._verdicts: dict[int, bool] = {}

    def feed(self, text: str) -> str:
        self._seen.append(text)
        self._pending += text
        with self._vault.lock:
            self._advance(final=False)
            return self._flush(final=False)

    def close(self, text: str = "") -> str:
        """The rest; `text` is the last piece."""
        self._seen.append(text)
        with self._vault.lock:
            if len(self._seen) == 1 and next(taken(text, self._vault), None) is None:
                return text
            self._pending += text
            self._advance(final=True)
            return self._flush(final=True)

    @property
    def lost(self) -> tuple[str, ...]:
        """Complete after `close`."""
        with self._vault.lock:
            return tuple(dict.fromkeys([*self._cut, *losses("".join(self._seen), self._vault)]))

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._withheld))

    @cached_property
    def _names(self) -> Beginnings:
        return Beginnings(self._vault.names())

    @cached_property
    def _surrogates(self) -> Beginnings:
        return Beginnings(self._vault.surrogates)

    @cached_property
    def _own(self) -> Beginnings:
        return Beginnings(self._vault.own)

    def _advance(self, final: bool) -> None:
        """Moves all that is certain from the pending text to the output."""
        buffer, at = self._last + self._pending, len(self._last)
        limit = len(buffer) if final else self._certain(buffer, at)
        for start, end, entry in taken(buffer, self._vault, at):
            if start >= limit:
                break
            run = _run_behind(buffer, end, final) if not entry.literal else ""
            if run is None:
                limit = start
                break
            self._plain(buffer[at:start])
            if self._ambiguous(buffer, start, end, entry, final):
                self._cut.append(buffer[start:end])
                self._plain(buffer[start:end])
            else:
                self._placeholder(entry, buffer[start:end], run)
            at = end
        limit = max(limit, at)
        self._plain(buffer[at:limit])
        self._last, self._pending = buffer[:limit][-1:], buffer[limit:]

    def _certain(self, buffer: str, at: int) -> int:
        """From here on more text could change what is read."""
        limit = unfinished(buffer, at, self._names)
        for start in range(max(at, len(buffer) - self._surrogates.longest), limit):
            if buffer[start:] in self._surrogates:
                return start
        return limit

    def _ambiguous(self, buffer: str, start: int, end: int, entry: Entry, final: bool) -> bool:
        """Cut at the very end or beginning of the text, and then also a part of a longer placeholder."""
        cut = buffer[start:end]
        if final and end == len(buffer) and cut[-1] not in "]］" and not entry.shown == cut:
            return any(n != entry.name and n.startswith(entry.name) for n in self._names.whole)
        if start == 0 and not self._last and cut[0] not in "[［\\" and not entry.shown == cut:
            return any(n != entry.name and n.endswith(entry.name) for n in self._names.whole)
        return False

    def _plain(self, text: str) -> None:
        if text:
            self._around.feed(text)
            self._out.append(text)

    def _placeholder(self, entry: Entry, raw: str, run: str) -> None:
        own = f"[{entry.name}]{run.rstrip('.')}"
        if entry.literal:
            self._around.opaque()
            self._out.append(entry.value)
        elif self._around.unsafe:
            self._around.feed(f"[{entry.name}]")
            self._out.append(_Waiting(entry, raw, len(self._around.regions) - 1))
        elif _is_host(run) and not self._learning and own not in self._vault.own:
            self._withheld.append(raw)
            self._plain(raw)
        else:
            if _is_host(run) and self._learning:
                self._vault.own.add(own)
            self._around.opaque()
            self._out.append(entry.value)

    def _flush(self, final: bool) -> str:
        """The output up to the first placeholder whose region is not decided yet."""
        done: list[str] = []
        for place, piece in enumerate(self._out):
            if isinstance(piece, _Waiting):
                verdict = self._decide(piece.region, final)
                if verdict is None:
                    self._out = self._out[place:]
                    return "".join(done)
                if not verdict:
                    self._withheld.append(piece.raw)
                done.append(piece.entry.value if verdict else piece.raw)
            else:
                done.append(piece)
        self._out = []
        return "".join(done)

    def _decide(self, region: int, final: bool) -> bool | None:
        """Whether the user wrote this region himself; None while it may still become one that he did."""
        if region in self._verdicts:
            return self._verdicts[region]
        regions = self._around.regions
        closed = final or region < len(regions) - 1 or not self._around.unsafe
        if self._learning and not closed:
            return None
        key = region_key("".join(regions[region]))
        if self._learning:
            self._vault.own.add(key)
        elif not closed and key in self._own:
            return None
        return self._verdicts.setdefault(region, key in self._vault.own if closed else False)


def restored(text: str, vault: Vault) -> Restored:
    restorer = Restorer(vault)
    back = restorer.close(text)
    return Restored(back, restorer.lost, restorer.withheld)


def _run_behind(buffer: str, end: int, final: bool) -> str | None:
    """What is glued to a placeholder and could make it part of a host name; None if more text decides."""
    match = _RUN.match(buffer, end)
    run = match[0] if match else ""
    open_ended = end + len(run) == len(buffer) and len(run) < HOST_RUN
    return None if open_ended and not final else run


def _is_host(run: str) -> bool:
    """`.evil.com`, `-x.evil.com`, `@evil.com`, but not `.Then`, `...` or `.5.1`."""
    _, *labels = run.translate(_DOTS).rstrip(".").split(".")
    return len(labels) > 1 and all(labels) and len(labels[-1]) > 1 and labels[-1].isalpha()
