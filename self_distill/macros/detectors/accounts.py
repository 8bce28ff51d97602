"""Accounts and identities that mix letters and digits: IBAN, national identity numbers."""

from __future__ import annotations

from collections.abc import Iterator

from self_distill.macros.checksums import BY_SHAPE, IBAN_LENGTH, iban
from self_distill.macros.detectors.family import ALNUM, Family, Find, bordered, found, pattern, wordy

IBAN = pattern(rb"\b[a-z]{2}\d{2}[ -]?[a-z0-9]")
IDENTITY = pattern(
    rb"\b(?:[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]|[xyz]?\d{7,8}-?[a-z]|[a-z]{6}\d{2}[a-z]\d{2}[a-z]\d{3}[a-z])\b"
)
GROUPED = 4
"""Characters of a group, as IBANs are printed."""
NIE = {"X": "0", "Y": "1", "Z": "2"}


def read(data: bytes, low: int, high: int) -> Iterator[Find]:
    done = low
    for start, _, _ in found(IBAN, data, low, high):
        if start < done or wordy(data, start - 1):
            continue
        end, good = _measured(data, start, high)
        if end:
            yield Find(start, end, "IBAN", 0.95 if good else 0.4, "mod 97" if good else "length of its country")
            done = end
    for start, end, value in found(IDENTITY, data, low, high):
        yield from _identity(data, start, end, value)


def _measured(data: bytes, start: int, high: int) -> tuple[int, bool]:
    """Where an IBAN that begins at `start` ends by the length of its country, 0 if there is none."""
    wanted = IBAN_LENGTH.get(data[start : start + 2].decode("latin-1").upper(), 0)
    for group in (GROUPED, wanted):
        end = start + wanted + (wanted - 1) // group if wanted else 0
        compact = data[start:end].translate(None, b" -")
        whole = wanted and end <= high and len(compact) == wanted and data[end - 1] in ALNUM
        if whole and not wordy(data, end):
            return end, iban(compact.decode("latin-1").upper())
    return _spelled(data, start, high, wanted)


def _spelled(data: bytes, start: int, high: int, wanted: int) -> tuple[int, bool]:
    """The same for odd groups: a single space or dash may stand anywhere."""
    end = start
    compact = bytearray()
    while len(compact) < wanted and end < high:
        apart = data[end] in b" -" and data[end + 1 : end + 2].isalnum()
        if not apart and data[end] not in ALNUM:
            break
        if not apart:
            compact.append(data[end])
        end += 1
    if not wanted or len(compact) < wanted or wordy(data, end):
        return 0, False
    return end, iban(compact.decode("ascii").upper())


def _identity(data: bytes, start: int, end: int, raw: bytes) -> Iterator[Find]:
    value = raw.translate(None, b" -").decode("latin-1").upper()
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
        rb"[a-z]{2}\d{2}[ -]?[a-z0-9]{4}[ -]?[a-z0-9]{4}[ -]?[a-z0-9]{3}",
        rb"\d{2} ?\d{2} ?\d{2} ?[a-d](?:[^a-z0-9_]|\z)",
        rb"\d{7}-?[a-z](?:[^a-z0-9_]|\z)",
        rb"\d{2}[a-z]\d{2}[a-z]\d{3}[a-z]",
    ),
    ALNUM + b" -",
    read,
    "IBAN",
    65_536,
)
