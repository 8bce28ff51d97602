"""Accounts and identities that mix letters and digits: IBAN, national identity numbers."""

from __future__ import annotations

from collections.abc import Iterator

from self_distill.macros.checksums import BY_SHAPE, IBAN_LENGTH, iban
from self_distill.macros.detectors.family import ALNUM, Family, Find, bordered, pattern, wordy

IBAN = pattern(rb"\b[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,40}")
IDENTITY = pattern(
    rb"\b(?:[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]|[xyz]?\d{7,8}-?[a-z]|[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z])\b"
)
NIE = {"X": "0", "Y": "1", "Z": "2"}


def read(data: bytes, low: int, high: int) -> Iterator[Find]:
    yield from _ibans(data, low, high)
    at = low
    while match := IDENTITY.search(data[at:high]):
        start, end = at + match.start(), at + match.end()
        yield from _identity(data, start, end)
        at = end


def _ibans(data: bytes, low: int, high: int) -> Iterator[Find]:
    at = low
    while match := IBAN.search(data[at:high]):
        start = at + match.start()
        end, good = _measured(data, start, high)
        if end:
            yield Find(start, end, "IBAN", 0.95 if good else 0.4, "mod 97" if good else "length of its country")
        at = end or start + 4


def _measured(data: bytes, start: int, high: int) -> tuple[int, bool]:
    """Where an IBAN that begins at `start` ends by the length of its country, 0 if there is none."""
    wanted = IBAN_LENGTH.get(data[start : start + 2].decode("latin-1").upper(), 0)
    compact, at = "", start
    while at < min(high, start + 3 * wanted) and len(compact) < wanted:
        char = data[at : at + 1].decode("latin-1")
        if char in " -" and data[at + 1 : at + 2].isalnum():
            at += 1
            continue
        if not char.isalnum() or not char.isascii():
            return 0, False
        compact, at = compact + char.upper(), at + 1
    if not wanted or len(compact) < wanted or wordy(data, at):
        return 0, False
    return at, iban(compact)


def _identity(data: bytes, start: int, end: int) -> Iterator[Find]:
    value = data[start:end].decode("latin-1").upper().replace(" ", "").replace("-", "")
    if not bordered(data, start, end):
        return
    if value[0] in NIE and value[1:-1].isdigit():
        value = NIE[value[0]] + value[1:]
    shape = "".join("9" if c.isdigit() else "A" for c in value)
    if shape in BY_SHAPE:
        country, check, score = BY_SHAPE[shape]
        if check(value):
            yield Find(start, end, "NATIONAL_ID", score, f"{country} check letter")


FAMILY = Family(
    "accounts",
    (
        rb"[a-z]{2}\d{2}[ -]?[a-z0-9]{4}",
        rb"[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]",
        rb"\d{7}-?[a-z]",
        rb"[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z]",
    ),
    ALNUM + b" -",
    read,
    "IBAN",
)
