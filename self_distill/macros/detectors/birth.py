"""Dates of birth: a date, with words near it that say so."""

from __future__ import annotations

from collections.abc import Iterator

from self_distill.macros.detectors.family import Family, Find, pattern

MONTHS = (
    rb"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|mai|juin|juil|ao.t|d.c|m.rz|okt|dez|gen|mag|giu|"
    rb"lug|set|ott|maj|mei|mrt|fev|out)[a-z\xe9]{0,7}"
)
DATE = pattern(
    rb"\b(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}"
    rb"|\d{1,2}(?:st|nd|rd|th|er|\.)? (?:of |de )?" + MONTHS + rb"\.?,?(?: de)? \d{4}"
    rb"|" + MONTHS + rb"\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})\b"
)
WORDS = pattern(
    rb"\b(?:born\b|birth|d\.?o\.?b\b|geboren\b|geb\.|geburt|geboorte|n\xe9e?[ :]|naissance\b|nacid[oa]\b|nacimiento\b|"
    rb"nascid[oa]\b|nascimento\b|nat[oa] il\b|nascita\b|f\xe9dd\b|f\xe9delse|urodz)"
)
LONGEST_WORD = 16
AHEAD, BEHIND = 64, 40
"""Bytes: how far a date may stand behind the words, and before them."""
STOP = b"\n\n"


def read(data: bytes, low: int, high: int) -> Iterator[Find]:
    """The first date behind the words; without one, the last date before them."""
    base = max(0, high - LONGEST_WORD)
    words = WORDS.search(data[base : high + 1])
    if not words:
        return
    ahead = data[high : high + AHEAD].partition(STOP)[0].partition(b"\0")[0]
    if match := DATE.search(ahead):
        yield Find(high + match.start(), high + match.end(), "DATE_OF_BIRTH", 0.85, "a date behind words of birth")
        return
    first = base + int(words.start())
    behind = data[max(0, first - BEHIND) : first].rpartition(b"\0")[2]
    dates = [match.span() for match in DATE.finditer(behind)]
    if dates and b"." not in behind[dates[-1][1] :]:
        start, end = (first - len(behind) + at for at in dates[-1])
        yield Find(start, end, "DATE_OF_BIRTH", 0.7, "a date before words of birth")


FAMILY = Family(
    "birth",
    (
        b"born", b"birth", b"dob", rb"d\.o\.b", b"geboren", rb"geb\.", b"geburt", b"geboorte",
        b"n\xe9 ", b"n\xe9:", b"n\xe9e ", b"n\xe9e:", b"naissance", b"nacido", b"nacida", b"nacimiento", b"nascido",
        b"nascida", b"nascimento", b"nato il", b"nata il", b"nascita", b"f\xe9dd", b"f\xe9delse", b"urodz",
    ),
    b"",
    read,
    "DATE_OF_BIRTH",
)  # fmt: skip
