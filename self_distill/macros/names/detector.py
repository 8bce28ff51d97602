"""People, places, organisations and addresses in running text, without a downloaded model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import re2

from self_distill.macros.names.candidates import CAPITALISED, opens, plain, windows
from self_distill.macros.names.features import LEGAL, TITLES, kind_of
from self_distill.macros.names.gazetteer import COMMON, FIRST, HARMLESS, LAST, PART, PLACE, bits_of
from self_distill.macros.names.tagger import TYPES, tag
from self_distill.macros.names.tokens import Token, scannable, tokens
from self_distill.types import Span

NAMED = FIRST | LAST | PLACE
SCORES = {"names:gazetteer": 0.9, "names:context": 0.85, "names:tagger": 0.7}
ADDRESSING = TITLES | {"dear", "hi", "hello", "hey", "named", "called", "name"}
LONGEST_TITLE = 16
NEGATION = ("'t", "’t")
JOINTS = frozenset({" ", ".", "-", "\t"})
PLACED = frozenset({"road", "unit"})
LINKS = frozenset("of the for de van von du der den da di del la le y e i et und dos das do bin ibn al el a o".split())
NEVER_FIRST = frozenset("of the for and a e i y et und o".split())
CONNECTING = LINKS | {"and"}  # within the name of an organisation or of a corner
INTRODUCTION = re2.compile(
    r"(?i)\b(?:my|his|her|full|maiden|last|first) name(?: is|'s|:) (\pL[\pL\pM'’-]+(?: \pL[\pL\pM'’-]+)?)"
)


TITLED = re2.compile(
    r"\b(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Herr|Frau|Monsieur|Madame|Señora?|Signora?)\.? (\p{Lu}[\pL\pM'’-]*\pL)\b"
)


@dataclass(frozen=True, slots=True)
class NamesSettings:
    """`caution` raises the bar for a find (0 is as trained; each 1 is roughly one strong feature). `thresholds` by
    type are compared with `SCORES`; `allow` are names that are never masked, in any case."""

    types: tuple[str, ...] = TYPES
    caution: float = 0.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    allow: tuple[str, ...] = ()


class NamesDetector:
    """Finds PERSON, LOCATION, ORGANISATION and ADDRESS; which of them is less sure than that it is one."""

    name = "names"

    def __init__(self, settings: NamesSettings | None = None) -> None:
        self.settings = settings or NamesSettings()
        self._allow = frozenset(name.casefold() for name in self.settings.allow)

    def find(self, text: str) -> list[Span]:
        plain = scannable(text)
        found = [span for low, high in windows(plain) for span in self.tagged(plain, low, high)]
        found += introduced(plain, found)
        return sorted(span for span in found if self._wanted(text, span))

    def _wanted(self, text: str, span: Span) -> bool:
        if span.type not in self.settings.types or span.score < self.settings.thresholds.get(span.type, 0.0):
            return False
        return text[span.start : span.end].casefold() not in self._allow

    def tagged(self, text: str, low: int, high: int) -> Iterator[Span]:
        row = tokens(text[low:high], low)
        for type_, whole in joined(text, grouped(row, tag(row, self.settings.caution))):
            for piece in trimmed(type_, whole):
                part = unopened(text, piece) if type_ == "PERSON" else piece
                if not believable(type_, part, text):
                    continue
                end = part[-1].end
                detector = "names:gazetteer" if listed(part) else "names:tagger"
                if text[end : end + 1] == "." and part[-1].text.lower() in LEGAL:
                    end += 1
                yield Span(part[0].start, end, type_, SCORES[detector], detector)


def grouped(row: Sequence[Token], labels: Sequence[str]) -> Iterator[tuple[str, list[Token]]]:
    part: list[Token] = []
    for at, label in enumerate(labels):
        if label != "O" and (row[at].text != "\n" or label[0] == "I"):
            if label.startswith("B-") and part:
                yield labels[at - 1][2:], part
                part = []
            part.append(row[at])
        elif part:
            yield labels[at - 1][2:], part
            part = []
    if part:
        yield labels[-1][2:], part


def joined(text: str, parts: Iterator[tuple[str, list[Token]]]) -> list[tuple[str, list[Token]]]:
    """Neighbours of one type with hardly anything between them are one name."""
    out: list[tuple[str, list[Token]]] = []
    for type_, part in parts:
        if out and out[-1][0] == type_ and near(text, out[-1][1][-1], part[0]):
            out[-1][1].extend(part)
        else:
            out.append((type_, part))
    return out


def near(text: str, last: Token, following: Token) -> bool:
    between = text[last.end : following.start]
    return between in JOINTS or (between == ". " and len(last.text) == 1)


def trimmed(type_: str, part: list[Token]) -> Iterator[list[Token]]:
    """A capitalised name without the words written small that the tagger drew in ("Mary swam")."""
    if not any(token.text[0].isupper() for token in part):
        yield part
        return
    links = CONNECTING if type_ in {"ORGANISATION", "ADDRESS"} else LINKS
    run: list[Token] = []
    for token in part:
        if token.text.islower() and token.text not in links and drawn_in(type_, token.text):
            yield from ends_cut(type_, run)
            run = []
        else:
            run.append(token)
    yield from ends_cut(type_, run)


def unopened(text: str, part: list[Token]) -> list[Token]:
    """Without a plain word that only opens the sentence ("Tomorrow, Pete")."""
    rest = [t for t in part[1:3] if t.text != ","]
    if rest and plain(bits_of(part[0].text)) and opens(text, part[0].start) and bits_of(rest[0].text) & FIRST:
        return part[part.index(rest[0]) :]
    return part


def drawn_in(type_: str, word: str) -> bool:
    """Is this word, written small, none that the name itself could have?"""
    bits = bits_of(word)
    if type_ == "ADDRESS":
        return bool(bits & COMMON) and len(word) > 2 and kind_of(word, bits) not in PLACED
    return bool(bits & HARMLESS) or (type_ == "PERSON" and not bits & (NAMED | PART))


def ends_cut(type_: str, run: list[Token]) -> Iterator[list[Token]]:
    """From the first word that can open a name to the last one that is capitalised or a number."""
    if type_ == "ADDRESS":
        opening = [i for i, t in enumerate(run) if t.text[0].isalnum() and t.text != "and"]
        closing = [i for i, t in enumerate(run) if t.text[0].isalnum() or t.text in ".)"]
        if opening:
            yield run[opening[0] : closing[-1] + 1]
        return
    opening = [i for i, t in enumerate(run) if t.text[0].isalnum() and t.text not in NEVER_FIRST]
    closing = [i for i, t in enumerate(run) if t.text[0].isalnum() and not t.text.islower()]
    if opening and closing and opening[0] <= closing[-1]:
        yield run[opening[0] : closing[-1] + 1]


def believable(type_: str, part: Sequence[Token], text: str) -> bool:
    """Refuses what a tagger alone may not claim: words written small that nobody knows as a name, a plain word
    without a title before it or with its capital from opening a sentence, half of "didn't", numbers with no place
    to them."""
    start, end = part[0].start, part[-1].end
    opening, behind = opens(text, start), text[end : end + 2]
    before = text[max(0, start - LONGEST_TITLE) : start].split()
    titled = bool(before) and before[-1].strip(".").lower() in ADDRESSING
    texts = [token.text for token in part]
    capital = any(t[0].isupper() for t in texts)
    if type_ == "ADDRESS":
        placed = any(kind_of(t.lower(), bits_of(t)) in PLACED for t in texts)
        return len(part) > 1 and max(map(len, texts)) > 2 and (placed or (capital and any(map(str.isdigit, texts))))
    if not capital:
        return any(bits_of(t) & NAMED and not bits_of(t) & HARMLESS for t in texts)
    if behind.startswith(NEGATION) and texts[-1].endswith("n"):
        return False
    if len(part) > 1:
        return True
    doubtful = opening or (type_ != "ORGANISATION" and not titled)
    return not (nameless(texts[0]) or (doubtful and plain(bits_of(texts[0]))))


def nameless(word: str) -> bool:
    """Months, units, "TVs", "T-shirt"."""
    head, _, tail = word.rpartition("-")
    common = bool(head) and tail.islower() and bool(bits_of(tail) & COMMON)
    several = len(word) > 2 and word[-1] == "s" and word[:-1].isupper()
    return common or several or word.lower() in CAPITALISED


def listed(part: Sequence[Token]) -> bool:
    return all(bits_of(token.text) & (NAMED | PART) for token in part)


def introduced(text: str, found: Sequence[Span]) -> Iterator[Span]:
    """A name after "my name is" and its like or after a title, known or not."""
    taken = {place for span in found for place in range(span.start, span.end)}
    places = [after_phrase(match.group(1), match.start(1)) for match in INTRODUCTION.finditer(text)]
    places += [match.span(1) for match in TITLED.finditer(text)]
    for start, end in places:
        end = next((place for place in range(start, end) if place in taken), end)
        if start < end:
            taken.update(range(start, end))
            yield Span(start, end, "PERSON", SCORES["names:context"], "names:context")


def after_phrase(group: str, start: int) -> tuple[int, int]:
    """Where the name in one or two words is; nowhere if the first is a plain word written small, or a title."""
    words = group.split(" ")
    kept = [w for w in words if (w[0].isupper() or not bits_of(w) & HARMLESS) and w.lower() not in TITLES]
    if not kept or kept[0] != words[0]:
        return start, start
    return start, start + len(words[0] if kept != words else group)
