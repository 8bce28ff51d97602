"""Placeholders back to values: whole or in pieces, but never where a client would send the value on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from self_distill.macros.placeholders import Form, candidates, canonical, forms_at, unfinished
from self_distill.macros.surroundings import Surroundings, region_key
from self_distill.macros.vault import Entry, Vault

HOST_RUN = 256
_RUN = re.compile(rf"[\w.\[\]-]{{0,{HOST_RUN}}}")
_BRACKETED = re.compile(r"[\[［{(<][^\[\]［］{}()<>\n]{3,64}[\]］})>]")
_CUT_END = re.compile(r"[\[［]([A-Za-z0-9_\\]{2,40})\\?$")
_CUT_START = re.compile(r"\\?_?([A-Za-z0-9_\\]{1,40})[\]］]")


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
        self._names = vault.names()
        self._surrogates = _alternation(vault)
        self._around = Surroundings()
        self._seen: list[str] = []
        self._pending = ""
        self._last = ""
        self._out: list[str | _Waiting] = []
        self._withheld: list[str] = []
        self._cut: list[str] = []

    def feed(self, text: str) -> str:
        self._seen.append(text)
        self._pending += text
        self._advance(final=False)
        return self._flush(final=False)

    def close(self) -> str:
        self._advance(final=True)
        return self._flush(final=True)

    @property
    def lost(self) -> tuple[str, ...]:
        """Complete after `close`."""
        return tuple(dict.fromkeys([*self._cut, *_losses("".join(self._seen), self._vault)]))

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._withheld))

    def _advance(self, final: bool) -> None:
        """Moves all that is certain from the pending text to the output."""
        buffer, at = self._last + self._pending, len(self._last)
        limit = len(buffer) if final else self._certain(buffer, at)
        while at < limit:
            found = self.next(buffer, at, limit)
            if found is None:
                break
            start, end, entry = found
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
        if self._surrogates is not None:
            longest = max(map(len, self._vault.surrogates))
            for start in range(max(at, len(buffer) - longest), limit):
                if any(shown.startswith(buffer[start:]) for shown in self._vault.surrogates):
                    return start
        return limit

    def next(self, buffer: str, at: int, limit: int) -> tuple[int, int, Entry] | None:
        """The first placeholder or surrogate from `at` that begins before `limit`."""
        form = self._next_form(buffer, at, limit)
        shown = self._surrogates.search(buffer, at) if self._surrogates else None
        if shown and shown.start() < limit and (form is None or shown.start() < form[0].start):
            return shown.start(), shown.end(), self._vault.of_surrogate(shown[0])
        return (form[0].start, form[0].end, form[1]) if form else None

    def _next_form(self, buffer: str, at: int, limit: int) -> tuple[Form, Entry] | None:
        for start in candidates(buffer, at):
            if start >= limit:
                return None
            for form in forms_at(buffer, start):
                entry = self._vault.of_name(form.name)
                if entry is not None:
                    return form, entry
        return None

    def _ambiguous(self, buffer: str, start: int, end: int, entry: Entry, final: bool) -> bool:
        """Cut at the very end or beginning of the text, and then also a part of a longer placeholder."""
        cut = buffer[start:end]
        if final and end == len(buffer) and cut[-1] not in "]］" and not entry.shown == cut:
            return any(n != entry.name and n.startswith(entry.name) for n in self._names)
        if start == 0 and not self._last and cut[0] not in "[［\\" and not entry.shown == cut:
            return any(n != entry.name and n.endswith(entry.name) for n in self._names)
        return False

    def _plain(self, text: str) -> None:
        if text:
            self._around.feed(text)
            self._out.append(text)

    def _placeholder(self, entry: Entry, raw: str, run: str) -> None:
        own = f"[{entry.name}]{run}"
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
            if _is_host(run):
                self._vault.own.add(own)
            self._around.opaque()
            self._out.append(entry.value)

    def _flush(self, final: bool) -> str:
        """The output up to the first placeholder whose region is not decided yet."""
        done: list[str] = []
        for place, piece in enumerate(self._out):
            if isinstance(piece, _Waiting):
                verdict = self._decide(piece, final)
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

    def _decide(self, waiting: _Waiting, final: bool) -> bool | None:
        """Whether the user wrote this region himself; None while it may still become one that he did."""
        regions, own = self._around.regions, self._vault.own
        text, still_open = regions[waiting.region], False
        if waiting.region == len(regions) - 1 and self._around.unsafe and not final:
            still_open = True
        key = region_key(text)
        if self._learning:
            if not still_open:
                own.add(key)
            return None if still_open else True
        if not still_open:
            return key in own
        return None if any(known.startswith(key) for known in own) else False


def restored(text: str, vault: Vault) -> Restored:
    restorer = Restorer(vault)
    back = restorer.feed(text) + restorer.close()
    return Restored(back, restorer.lost, restorer.withheld)


def taken(text: str, vault: Vault) -> Iterator[tuple[int, int, Entry]]:
    """What restoring `text` takes for a placeholder or a surrogate: start, end, whose."""
    reader, at = Restorer(vault), 0
    while found := reader.next(text, at, len(text)):
        yield found
        at = found[1]


def _alternation(vault: Vault) -> re.Pattern[str] | None:
    longest_first = sorted(vault.surrogates, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)") if longest_first else None


def _run_behind(buffer: str, end: int, final: bool) -> str | None:
    """What is glued to a placeholder and could make it part of a host name; None if more text decides."""
    match = _RUN.match(buffer, end)
    run = match[0] if match else ""
    open_ended = end + len(run) == len(buffer) and len(run) < HOST_RUN
    return None if open_ended and not final else run


def _is_host(run: str) -> bool:
    """`.evil.com`, `-x.evil.com`, but not `.Then`, `...` or `.5.1`."""
    _, *labels = run.rstrip(".").split(".")
    return len(labels) > 1 and all(labels) and len(labels[-1]) > 1 and labels[-1].isalpha()


def _losses(text: str, vault: Vault) -> Iterator[str]:
    """Placeholders of known types with unknown numbers, known ones beyond the declared tolerance, and those
    that the beginning or the end of the text cuts."""
    for start in candidates(text):
        for form in forms_at(text, start):
            unknown = vault.of_name(form.name) is None and form.name not in vault.reserved
            if unknown and form.kind in ("whole", "escaped") and vault.knows_type(form.name):
                yield text[form.start : form.end]
    squashed = {name.replace("_", "") for name in vault.names()}
    for match in _BRACKETED.finditer(text) if squashed else ():
        inner = "".join(c for c in match[0] if c.isalnum()).upper()
        if inner in squashed and not any(
            vault.of_name(f.name) for i in candidates(match[0]) for f in forms_at(match[0], i)
        ):
            yield match[0]
    if (cut := _CUT_END.search(text)) and _is_part(canonical(cut[1]), vault, str.startswith):
        yield cut[0]
    if (cut := _CUT_START.match(text)) and _is_part(canonical(cut[1]), vault, str.endswith):
        yield cut[0]


def _is_part(body: str, vault: Vault, has: Callable[[str, str], bool]) -> bool:
    return any(has(name, body) and name != body for name in vault.names())
