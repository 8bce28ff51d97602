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
AHEAD, BEHIND = 64, 40
"""Bytes: how far a date may stand behind the words, and before them."""
STOP = b"\n\n"


def read(data: bytes, low: int, high: int) -> Iterator[Find]:
    """The first date behind the words; without one, the last date before them."""
    ahead = data[high : high + AHEAD].split(STOP)[0]
    if match := DATE.search(ahead):
        yield Find(high + match.start(), high + match.end(), "DATE_OF_BIRTH", 0.85, "a date behind words of birth")
        return
    start = max(0, low - BEHIND)
    matches = list(DATE.finditer(data[start:low]))
    if matches:
        first, last = matches[-1].span()
        if b"." not in data[start + last : low]:
            yield Find(start + first, start + last, "DATE_OF_BIRTH", 0.7, "a date before words of birth")


FAMILY = Family(
    "birth",
    (
        rb"\bborn\b", rb"\bbirth", rb"\bd\.?o\.?b\b", rb"\bgeboren\b", rb"\bgeb\.", rb"\bgeburt", rb"\bgeboorte",
        rb"\bn\xe9e?[ :]", rb"\bnaissance\b", rb"\bnacid[oa]\b", rb"\bnacimiento\b", rb"\bnascid[oa]\b",
        rb"\bnascimento\b",
        rb"\bnat[oa] il\b", rb"\bnascita\b", rb"\bf\xe9dd\b", rb"\bf\xe9delse", rb"\burodz",
    ),
    b"",
    read,
    "DATE_OF_BIRTH",
)  # fmt: skip
