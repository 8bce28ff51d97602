"""The cheap pre-pass: where in a text could there be a name? The tagger looks nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import re2

from self_distill.macros.names.gazetteer import BIG, FIRST, HARMLESS, NATION, PART, STREET, words

REACH = 32  # characters of context that the tagger sees on either side of a candidate
SNAP = 64  # how far a window may grow so as not to cut a word
NEAR = 16  # windows with so few characters between them are one
LONGEST_RUN = 128  # characters of a run of capitals that are looked at in the middle of a sentence
CHUNK = 512  # characters that are dismissed together if they hold plain words only
SHORTEST_SMALL = 4  # letters of a name that counts when written small

RUN = re2.compile(r"\p{Lu}[\pL\pM\d'’&-]*(?:[ \t]\p{Lu}[\pL\pM\d'’&-]*)*")
INSIDE = re2.compile(r"[^\s.!?:;\"“”'‘’(\[{–—•*#>|/-] +([^\P{Lu}I]|I[\pL\pM\d&])")
"""A capital that no beginning of a sentence explains; "I" and "I'm" are none."""
PHRASE = re2.compile(
    r"(?i)\b(?:my name(?: is|'s)|name\s?[:=]|name is|named|surname|apt|suite|"
    r"\d+\w? (?:\pL+ ){0,3}(?:street|st|avenue|ave|road|rd|blvd|lane|drive)|"
    r"po box|address|lives? (?:at|in|on)|moved (?:to|from)|based in|born in|"
    r"works? (?:for|at)|worked (?:for|at)|inc|llc|ltd|gmbh)\b"
)
SAYING = re2.compile(r"(?i)\b(?:i am|i'm|this is|call me)\b")
"""Before a name more often before plain words, so that only what follows can tell."""
OPENERS = frozenset(".!?:;\n\r\t\"“”'‘’([{–—•*#>|/-")
PLAIN = HARMLESS | STREET | NATION | PART
CAPITALISED = frozenset(
    """
    january february march july september october november december monday tuesday wednesday thursday friday saturday
    sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays christmas easter halloween thanksgiving
    ramadan hanukkah celsius fahrenheit kelvin math maths algebra geometry calculus statistics biology chemistry physics
    geography tv tvs cd cds dvd dvds pc pcs usb gps gb mb kb cpu gpu ram sms pdf pdfs faq html http json xml api url sql
    pin atm atms vat gpa iq dna id asap eta usd eur gbp aud cad chf jpy covid coronavirus suv dj hi hello ok i a
    """.split()
)
"""Written with a capital, and no name of anybody or any place, when it stands alone."""
FIRST_PERSON = ("i'", "i’")
CONTRACTED = frozenset({"'re", "'ve", "'ll", "n't"})
DIGITS = "0123456789"
SIGNS = str.maketrans(dict.fromkeys(",.;:!?()\"'", " "))


def opens(text: str, start: int) -> bool:
    """Is the capital at `start` explained by a sentence, line or quotation that begins there?"""
    at = start - 1
    while at >= 0 and text[at] == " ":
        at -= 1
    return at < 0 or text[at] in OPENERS


def plain(bits: int) -> bool:
    """Nothing but language: no name, though perhaps a word that longer names have in them."""
    return bool(bits & (HARMLESS | STREET | NATION)) and not bits & ~PLAIN


@cache
def lone_names() -> frozenset[str]:
    """Given names and well-known places that are no plain word of any language we list."""
    return frozenset(
        w for w, b in words().items() if b & (FIRST | BIG) and not b & HARMLESS and len(w) >= SHORTEST_SMALL
    )


@cache
def dull() -> frozenset[str]:
    """Words as they stand in a text that is not about anybody: plain ones, with a capital too, months, "I"."""
    known = {w: b for w, b in words().items() if b & HARMLESS}
    small = {w for w in known if w not in lone_names()}
    large = {w.capitalize() for w in CAPITALISED.union(w for w, b in known.items() if plain(b))}
    return frozenset({*small, *large, "I", "A", "a"})


def capitals(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words in text[low:high], without a plain word that only opens a sentence."""
    for run in RUN.finditer(text[low:high]):  # a slice: RE2 encodes all that it is given
        if nameable(run.group(), text, low + run.start()):
            yield low + run.start(), low + run.end()


def nameable(run: str, text: str, start: int) -> bool:
    """Could a name be in this run of capitalised words? Not if all that its words are is explained otherwise."""
    row = [word for word in run.split() if not explained(word)]
    if not row or (len(row) == 1 and len(row[0]) < 2):
        return False
    first = words().get(uncontracted(row[0]), 0)
    if len(row) > 1 or not plain(first) or not run.startswith(row[0]):
        return True
    return first != NATION and not opens(text, start)


def explained(word: str) -> bool:
    """A month or an acronym, "I'm", what has digits, a plain word that stands in capitals throughout."""
    lower = word.lower()
    if lower in CAPITALISED or lower.startswith(FIRST_PERSON) or any(map(word.__contains__, DIGITS)):
        return True
    return word.isupper() and plain(words().get(lower, 0))


def uncontracted(word: str) -> str:
    """ "they" for "they're"."""
    word = word.lower().replace("’", "'")
    return word[:-3] if word[-3:] in CONTRACTED else word.removesuffix("'s")


def inside(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words in text[low:high] that begin in the middle of a sentence."""
    for match in INSIDE.finditer(text[low:high]):
        start = low + match.start(1)
        run = RUN.search(text[start : start + LONGEST_RUN])
        if run and nameable(run.group(), text, start):
            yield start, start + run.end()


def small(chunk: str, base: int, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where `names`, written small, stand as words in the chunk ("ask patricia")."""
    wanted, at = frozenset(names), 0
    for word in chunk.split():
        at = chunk.index(word, at)
        if word in wanted:
            yield base + at, base + at + len(word)
        at += len(word)


def following(text: str, at: int) -> list[str]:
    """The next two words."""
    return text[at : at + REACH].translate(SIGNS).split()[:2]


def chunks(text: str) -> Iterator[tuple[int, int]]:
    """Pieces that end at a blank if there is one."""
    low = 0
    while low < len(text):
        high = low + CHUNK
        if high < len(text):
            high = text.rfind(" ", low, high) + 1 or high
        yield low, min(high, len(text))
        low = high


def windows(text: str) -> list[tuple[int, int]]:
    """Pieces of text around the candidates, in order and apart."""
    found = [match.span() for match in PHRASE.finditer(text)]
    found += [said.span() for said in SAYING.finditer(text) if not dull().issuperset(following(text, said.end()))]
    for low, high in chunks(text):
        chunk = text[low:high].translate(SIGNS)
        strange = set(chunk.split()) - dull()
        if names := strange & lone_names():
            found += small(chunk, low, names)
        if any(word != word.lower() for word in strange):
            found += capitals(text, low, high)
        else:
            found += inside(text, max(0, low - 2), high)
    return merged(text, sorted(found))


def merged(text: str, found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in found:
        low, high = snapped(text, max(0, start - REACH), min(len(text), end + REACH))
        if out and low - NEAR <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return out


def snapped(text: str, low: int, high: int) -> tuple[int, int]:
    """Grown to the next blank on both sides, so that no word is cut, if there is one near."""
    cut = text.rfind(" ", max(0, low - SNAP), low + 1)
    low = 0 if low <= SNAP and cut < 0 else cut + 1 if cut >= 0 else low
    cut = text.find(" ", high, high + SNAP)
    return low, len(text) if cut < 0 and high + SNAP >= len(text) else cut if cut >= 0 else high
