"""Scrub before, restore after. A macro that fails or takes too long fails closed: there is no text to send."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from self_distill.errors import MacroFailed, SettingsError
from self_distill.macros.coverage import VAULT, between_blanks, blanked, covered
from self_distill.macros.placeholders import candidates, forms_at
from self_distill.macros.readings import taken
from self_distill.macros.replacement import STYLES, Around, Style, entry_for
from self_distill.macros.resolve import Region, resolve
from self_distill.macros.restore import Restored, Restorer, restored
from self_distill.macros.vault import Entry, Vault
from self_distill.protocols import Detector
from self_distill.types import Json, Span

TRIES = 8
WHOLE = "TEXT"
"""Type of a text that could not be taken apart and is hidden as one value."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """`spans` are what was replaced, in order and apart, as offsets into the text that came in."""

    text: str
    spans: tuple[Span, ...]
    vault: Vault


@dataclass(frozen=True, slots=True)
class RestoredJson:
    value: Json = field(repr=False)
    lost: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """One finding: `rule` is the detector's own word for why; `lost_to` is the finding that named the region
    instead, None where this one did."""

    span: Span
    rule: str
    lost_to: Span | None


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    entry: Entry


class Macros:
    """`style` is how values are replaced, `styles` how those of single types are; `seconds` bounds what one
    text may take; surrogates are made for `locale`."""

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        style: str = "numbered",
        styles: Mapping[str, str] = {},
        seconds: float = 30.0,
        locale: str = "en_US",
    ) -> None:
        self.detectors = tuple(detectors)
        self.seconds = seconds
        self._style = _checked(style)
        self._styles = {type_: _checked(name) for type_, name in styles.items()}
        self._locale = locale

    @property
    def styled(self) -> tuple[str, dict[str, str], str]:
        """How values are replaced: style, styles of single types, locale of surrogates."""
        return self._style, dict(self._styles), self._locale

    def scrub(self, text: str, vault: Vault | None = None, only: Collection[str] | None = None) -> Scrubbed:
        """`only` limits what detectors may mask to these types; values that `vault` knows are masked in any
        case. Raises `MacroFailed`."""
        deadline = time.monotonic() + self.seconds
        found = self._find([text], deadline)[0]
        return self._guarded(text, found, vault or Vault(), only, deadline)

    def scrub_many(
        self, texts: Sequence[str], vaults: Sequence[Vault] | None = None, only: Collection[str] | None = None
    ) -> list[Scrubbed]:
        """Each text with the vault at its place, or with one of its own. Raises `MacroFailed` for all of them."""
        deadline = time.monotonic() + self.seconds * max(1, len(texts))
        vaults = vaults or [Vault() for _ in texts]
        found = self._find(texts, deadline)
        return [
            self._guarded(text, spans, vault, only, deadline)
            for text, spans, vault in zip(texts, found, vaults, strict=True)
        ]

    def again(self, text: str, vault: Vault, only: Collection[str] | None = None) -> str:
        """A text made of scrubbed pieces: what stands for a value of `vault` stays as it is, anything else that
        is found is replaced. Links in it are not taken for the user's own. Raises `MacroFailed`."""
        deadline = time.monotonic() + self.seconds
        in_time = partial(_in_time, deadline, "replacement", self.seconds)
        try:
            with vault.lock:
                shown = blanked(text, ((start, end) for start, end, _ in taken(text, vault)))
                spans = [part for span in self._find([shown], deadline)[0] for part in between_blanks(shown, span)]
                spans = [span for span in spans if only is None or span.type in only]
                regions = covered(shown, spans, vault, in_time)
                pieces = self._pieces(text, regions, vault)
                return _joined(text, pieces, _words(text, pieces))
        except (MacroFailed, SettingsError):
            raise
        except Exception as error:
            raise MacroFailed(_failed("replacement", type(error).__name__)) from None

    def restore(self, text: str, vault: Vault) -> Restored:
        return restored(text, vault)

    def restore_json(self, value: Json, vault: Vault) -> RestoredJson:
        """All strings in `value`, keys among them; the shape of the JSON stays."""
        parts: list[Restored] = []

        def walk(value: Json) -> Json:
            if isinstance(value, str):
                parts.append(self.restore(value, vault))
                return parts[-1].text
            if isinstance(value, Mapping):
                return {str(walk(key)): walk(inner) for key, inner in value.items()}
            return [walk(inner) for inner in value] if isinstance(value, Sequence) else value

        back = walk(value)
        lost = dict.fromkeys(name for part in parts for name in part.lost)
        return RestoredJson(back, tuple(lost), tuple(dict.fromkeys(n for p in parts for n in p.withheld)))

    def explain(self, text: str) -> list[Explained]:
        """Every finding in `text`, in order, with what became of it. Raises `MacroFailed`."""
        rules: dict[Span, str] = {}
        for detector in self.detectors:
            try:
                explain = getattr(detector, "explain", None)
                rules.update(explain(text) if explain else ((span, "") for span in detector.find(text)))
            except Exception as error:
                raise MacroFailed(_failed(detector.name, type(error).__name__)) from None
        return [
            Explained(part, rules[part], None if part == region.best else region.best)
            for region in resolve(rules)
            for part in region.parts
        ]

    def _find(self, texts: Sequence[str], deadline: float) -> list[list[Span]]:
        found: list[list[Span]] = [[] for _ in texts]
        for detector in self.detectors:
            try:
                many = getattr(detector, "find_many", None)
                results = many(texts) if many else [detector.find(text) for text in texts]
                for spans, new, text in zip(found, results, texts, strict=True):
                    if any(span.end > len(text) for span in new):
                        raise ValueError("a span beyond the text")
                    spans.extend(new)
            except Exception as error:
                raise MacroFailed(_failed(detector.name, type(error).__name__)) from None
            _in_time(deadline, detector.name, self.seconds)
        return found

    def _guarded(
        self, text: str, found: Iterable[Span], vault: Vault, only: Collection[str] | None, deadline: float
    ) -> Scrubbed:
        spans = [span for span in found if only is None or span.type in only]
        in_time = partial(_in_time, deadline, "replacement", self.seconds)
        try:
            with vault.lock:
                return self._replace(text, covered(text, spans, vault, in_time), vault, in_time)
        except (MacroFailed, SettingsError):
            raise
        except Exception as error:
            raise MacroFailed(_failed("replacement", type(error).__name__)) from None

    def _replace(self, text: str, regions: list[Region], vault: Vault, in_time: Callable[[], None]) -> Scrubbed:
        """Replaces the regions and makes sure that the text can be had back; one that cannot, whatever the
        reason, is hidden whole."""
        for start in candidates(text):
            for form in forms_at(text, start):
                vault.reserve(form.name)
        literals: list[_Piece] = []
        for _ in range(TRIES):
            in_time()
            pieces = sorted([*self._pieces(text, regions, vault), *literals], key=lambda p: p.start)
            words = _words(text, pieces)
            shown = _joined(text, pieces, words)
            back = [p.entry.value if p.entry.name else p.entry.shown for p in pieces]
            if _learned(shown, vault) != _joined(text, pieces, back):
                literals += _literals(text, pieces, words, vault)
            elif regions == (more := _freed(text, regions, literals, vault, in_time)):
                spans = tuple(Span(r.start, r.end, r.best.type, r.best.score, r.best.detector) for r in regions)
                return Scrubbed(shown, spans, vault)
            else:
                regions, literals = more, []
        whole = entry_for(vault, text, WHOLE, "numbered", Around(text), self._locale)
        return Scrubbed(whole.shown, (Span(0, len(text), WHOLE, 1.0, VAULT),), vault)

    def _pieces(self, text: str, regions: Sequence[Region], vault: Vault) -> list[_Piece]:
        around = Around(text)
        pieces = []
        for region in regions:
            start, end, type_ = region.start, region.end, region.best.type
            style = self._styles.get(type_, self._style)
            pieces.append(_Piece(start, end, entry_for(vault, text[start:end], type_, style, around, self._locale)))
        return pieces


class NoMacros:
    """Lets every text pass as it is: for experiments on public or made-up data."""

    detectors: tuple[Detector, ...] = ()

    def scrub(self, text: str, vault: Vault | None = None, only: Collection[str] | None = None) -> Scrubbed:
        return Scrubbed(text, (), vault or Vault())

    def scrub_many(
        self, texts: Sequence[str], vaults: Sequence[Vault] | None = None, only: Collection[str] | None = None
    ) -> list[Scrubbed]:
        return [self.scrub(text, vault) for text, vault in zip(texts, vaults or [Vault()] * len(texts), strict=True)]

    def again(self, text: str, vault: Vault, only: Collection[str] | None = None) -> str:
        return text

    def restore(self, text: str, vault: Vault) -> Restored:
        return Restored(text)

    def restore_json(self, value: Json, vault: Vault) -> RestoredJson:
        return RestoredJson(value)

    def explain(self, text: str) -> list[Explained]:
        return []


def _checked(style: str) -> Style:
    for known in STYLES:
        if style == known:
            return known
    raise SettingsError(f"macros: no style {style!r}; choose one of {', '.join(STYLES)}")


def _failed(name: str, what: str) -> str:
    return f"macro {name!r} failed ({what}); nothing was sent: fix or switch off this detector"


def _in_time(deadline: float, name: str, seconds: float) -> None:
    if time.monotonic() > deadline:
        raise MacroFailed(
            f"macro {name!r} exceeded {seconds:g} s; nothing was sent: shorten the text or raise macros.seconds"
        )


def _freed(
    text: str, regions: list[Region], literals: Sequence[_Piece], vault: Vault, in_time: Callable[[], None]
) -> list[Region]:
    """The regions again, now that literals part words: `Zoë` is free in `ZoëEMAIL_1`."""
    if not literals:
        return regions
    places = [(piece.start, piece.end) for piece in literals]
    return covered(text, (part for region in regions for part in region.parts), vault, in_time, places)


def _words(text: str, pieces: Sequence[_Piece]) -> list[str]:
    """What stands for each piece. A surrogate that would not stand between token borders gives way to its name."""
    words: list[str] = []
    for place, piece in enumerate(pieces):
        entry = piece.entry
        if entry.surrogate:
            last = place and pieces[place - 1].end == piece.start
            before = words[-1][-1] if last else text[piece.start - 1 : piece.start]
            next_ = pieces[place + 1] if place + 1 < len(pieces) and pieces[place + 1].start == piece.end else None
            glued = next_.entry.surrogate if next_ else _wordy(text[piece.end : piece.end + 1])
            words.append(f"[{entry.name}]" if glued or _wordy(before) else entry.shown)
        else:
            words.append(entry.shown)
    return words


def _joined(text: str, pieces: Sequence[_Piece], words: Iterable[str]) -> str:
    parts, at = [], 0
    for piece, word in zip(pieces, words, strict=True):
        parts += [text[at : piece.start], word]
        at = piece.end
    return "".join(parts) + text[at:]


def _wordy(c: str) -> bool:
    return c == "_" or c.isalnum()


def _learned(shown: str, vault: Vault) -> str:
    return Restorer(vault, learning=True).close(shown)


def _literals(text: str, pieces: Sequence[_Piece], words: Sequence[str], vault: Vault) -> list[_Piece]:
    """Whatever in the plain text around the pieces would be taken for a placeholder or a surrogate."""
    added: list[_Piece] = []
    ours = [(p.start, p.end, word) for p, word in zip(pieces, words, strict=True)]
    place = shift = 0
    for start, end, _ in taken(_joined(text, pieces, words), vault):
        while place < len(ours) and ours[place][0] + shift < start:
            before, after, word = ours[place]
            shift += len(word) - (after - before)
            place += 1
        plain = place == len(ours) or end <= ours[place][0] + shift
        behind = not place or start >= ours[place - 1][1] + shift
        if plain and behind:
            added.append(_Piece(start - shift, end - shift, vault.literal(text[start - shift : end - shift])))
    return added
