"""Texts with values that no built-in detector knows, for macros that a model writes.

`python -m experiments.macro_types FOLDER` writes them as JSONL.

Three types: an employee number of a made-up company, a medical record number, a German licence plate. Every third text
has no value but something that looks like one: an order, a part, a date, a version.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from self_distill.types import Example, Span

DISTRICTS = ("B", "M", "K", "F", "HH", "DD", "KA", "WÜ", "ERB", "TÖL", "LÖ", "HRO", "OHZ", "S")
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
SITES = ("NW", "SE", "HQ", "PL", "OX")


@dataclass(frozen=True, slots=True)
class Kind:
    """`about` is what a maker is told; `value` draws one; `lures` only look like one."""

    type: str
    about: str
    value: Callable[[random.Random], str]
    texts: tuple[str, ...]
    lures: tuple[str, ...]


def employee(rng: random.Random) -> str:
    """Two letters of the site, five digits, a check letter: the digits weighted 7, 6, 5, 4, 3, modulo 23."""
    digits = [rng.randrange(10) for _ in range(5)]
    check = LETTERS[sum(d * w for d, w in zip(digits, (7, 6, 5, 4, 3), strict=True)) % 23]
    gap = rng.choice(("-", "-", " ", ""))
    number = "".join(map(str, digits))
    return f"{rng.choice(SITES)}{gap}{number}{gap if gap == '-' else ''}{check}"


def record(rng: random.Random) -> str:
    digits = f"{rng.randrange(10**8):08d}"
    return rng.choice((digits, f"{digits[:2]}-{digits[2:4]}-{digits[4:6]}-{digits[6:]}", f"{digits[:4]} {digits[4:]}"))


def plate(rng: random.Random) -> str:
    letters = "".join(rng.choices(LETTERS, k=rng.choice((1, 2))))
    end = rng.choice(("", "", "", "E", "H"))
    number = str(rng.randrange(1, 1000 if end else 10_000))
    return rng.choice(("{d}-{l} {n}{e}", "{d} {l} {n}{e}", "{d}-{l}{n}{e}")).format(
        d=rng.choice(DISTRICTS), l=letters, n=number, e=end
    )


KINDS = (
    Kind(
        "EMPLOYEE_ID",
        "The number of an employee of our company: the two capital letters of a site (NW, SE, HQ, PL or OX), five "
        "digits, and a check letter; parts are joined by hyphens, or by a blank before the digits, or by nothing.",
        employee,
        (
            "Badge {v} was used at the north gate at {h}.",
            "Please add {v} and {w} to the mailing list.",
            "Reported by {v}: the lift on floor {n} is stuck again.",
            "Holiday of employee {v} approved until the {n}th.",
            "{v} signed for the parcel.",
            "Shift change: {v} takes over from {w} at {h}.",
        ),
        (
            "Order NW-{k} was shipped on the {n}th.",
            "Part HQ-{k}-{n} is out of stock.",
            "Room OX-{n} is booked until {h}.",
            "Version SE {n}.{m} fixes the export.",
            "The code PL{k} opens the store room.",
            "Invoice {k}-K is due at {h}.",
        ),
    ),
    Kind(
        "MEDICAL_RECORD",
        "A medical record number of a hospital: eight digits in one group, as 12-34-56-78, or as 1234 5678, with words "
        "such as MRN, record, chart or patient number before it.",
        record,
        (
            "MRN {v}: discharged after {n} days.",
            "Chart no. {v} is missing the consent form.",
            "Patient number {v} was moved to ward {n}.",
            "See medical record {v} and record {w}.",
            "Lab results for MRN: {v} came back at {h}.",
            "Please pull patient record #{v}.",
        ),
        (
            "Pump serial {k}{m} was serviced at {h}.",
            "The trial ended on 2024-10-{n}.",
            "Order {k}{m} of gloves arrived.",
            "Ward {n} has {m} free beds.",
            "Ticket {k}{m} was closed at {h}.",
            "Batch 12-34-{n} expires next year.",
        ),
    ),
    Kind(
        "PLATE_DE",
        "A German licence plate: one to three letters of a district (umlauts are possible), a hyphen or a blank, one "
        "or two letters, an optional blank, one to four digits without a leading zero, and sometimes an E or H behind.",
        plate,
        (
            "The car with plate {v} blocks the exit.",
            "Kennzeichen {v}, bitte umparken.",
            "{v} was seen at {h} on camera {n}.",
            "Damage to {v} and {w}, nobody hurt.",
            "Parking permit for {v} until the {n}th.",
            "Der Wagen ({v}) steht seit {h} dort.",
        ),
        (
            "Gate B-{n} opens at {h}.",
            "Motorway A {n} is closed near exit {m}.",
            "Product KX-{k} replaces the old one.",
            "Paragraph {n} of the law is from {m}.",
            "Train ICE {m} leaves at {h}.",
            "Flight LH {k} is delayed.",
        ),
    ),
)


def generate(kind: Kind, n: int, seed: int = 0) -> list[Example]:
    rng = random.Random(f"{kind.type} {seed}")
    return [_made(kind, rng, i) for i in range(n)]


def _made(kind: Kind, rng: random.Random, number: int) -> Example:
    parts = [rng.choice(kind.lures)] if number % 3 == 2 else [rng.choice(kind.texts)]
    parts += [rng.choice(kind.lures)] if rng.random() < 0.4 else []
    rng.shuffle(parts)
    text, spans = "", []
    for part in parts:
        text += " " if text else ""
        for piece in _pieces(part):
            said = _filled(piece, kind, rng)
            if piece in ("{v}", "{w}"):
                spans.append(Span(len(text), len(text) + len(said), kind.type, detector="gold"))
            text += said
    return Example(f"{kind.type}-{number}", text, [[s.start, s.end] for s in spans], tuple(spans))


def _pieces(part: str) -> list[str]:
    return [piece for side in part.split("{") for piece in _split(side) if piece]


def _split(side: str) -> list[str]:
    head, found, tail = side.partition("}")
    return [f"{{{head}}}", tail] if found else [head]


def _filled(piece: str, kind: Kind, rng: random.Random) -> str:
    match piece:
        case "{v}" | "{w}":
            return kind.value(rng)
        case "{h}":
            return f"{rng.randrange(24)}:{rng.randrange(60):02d}"
        case "{n}":
            return str(rng.randrange(2, 29))
        case "{m}":
            return str(rng.randrange(100, 1000))
        case "{k}":
            return str(rng.randrange(10_000, 100_000))
        case _:
            return piece


def main() -> None:
    """Writes 600 texts of each type as JSONL into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        rows = [
            {"text": e.text, "spans": [{"start": s.start, "end": s.end, "type": s.type} for s in e.spans]}
            for e in generate(kind, 600)
        ]
        (folder / f"{kind.type}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        print(f"{kind.type}: {kind.about}")


if __name__ == "__main__":
    main()
