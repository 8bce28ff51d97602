"""Texts to measure speed on: clean, full of numbers, full of values; and texts made to slow a scanner down."""

from __future__ import annotations

import random
from collections.abc import Callable

from self_distill.datasets.synthetic_pii import generate

PROSE = """
The pump runs every morning for about an hour and fills the upper tank.
When the level drops below the mark, a float closes the circuit and the motor starts again.
Most of the damage came from water that had frozen in the pipes over the winter.
We replaced the valves in spring and have had no trouble since then.
A good report says what was measured, how it was measured, and what the reader should do with the result.
If the paint peels, sand the surface until it is smooth and wipe it with a damp cloth.
I let it dry for a day before I begin with the second coat; otherwise it cracks.
The committee met twice in March and agreed on a plan for the new library.
Members of the public may read the minutes at the front desk, Monday to Friday.
It rained for most of the week, so the path by the river was closed.
In the first test the battery lasted nine hours; in the second one it failed after six.
"Nobody could say why," the report concludes, and leaves it at that.
Our teacher told us that a story needs a question that the reader wants answered.
Bread that has gone stale makes good crumbs: keep them in a jar, and use them within a month.
The old engine was loud, heavy and slow, but it could be repaired with a hammer and some wire.
However, a cheap sensor drifts, and its readings should be compared with a second one.
Open the settings, choose "Export" and wait until the file has been written.
You don't need an account for this. I'd still make a copy first.
Between two boards of the floor there was a gap as wide as a finger.
What the survey cannot tell is whether people read the letter or only opened it.
Please close the windows before you leave, and switch off the heating in the hall.
The second edition has a longer chapter on soil, which many readers had asked for.
She said that it wasn't her fault. They're both right, in a way.
Half of the seeds never came up, although the beds were covered at night.
""".strip().split("\n")
PATTERN_TYPES = (
    "EMAIL",
    "PHONE",
    "SSN",
    "IP",
    "MAC",
    "CREDIT_CARD",
    "IBAN",
    "BANK_ROUTING",
    "API_KEY",
    "URL_CREDENTIALS",
    "CRYPTO_ADDRESS",
    "DATE_OF_BIRTH",
)


def prose(size: int, seed: int = 0) -> str:
    """Sentences about nobody."""
    rng = random.Random(seed)
    return _filled(lambda: rng.choice(PROSE) + " ", size)


def numbers(size: int, seed: int = 0) -> str:
    """Orders, versions, prices, dates, times, identifiers: no personal data, a number every few words."""
    made = iter(generate(size // 20 + 100, seed, types=(), clean_share=1))
    return _filled(lambda: next(made).text + "\n", size)


def dense(size: int, seed: int = 0) -> str:
    """A value that a pattern can find in every line, often several."""
    made = iter(generate(size // 20 + 100, seed, types=PATTERN_TYPES, clean_share=0))
    return _filled(lambda: next(made).text + "\n", size)


def _filled(piece: Callable[[], str], size: int) -> str:
    parts, total = [], 0
    while total < size:
        parts.append(piece())
        total += len(parts[-1])
    return "".join(parts)[:size]


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


UNITS = {
    "dots": ".",
    "digits": "7",
    "digits and dashes": "12-34-",
    "digits and dots": "1.2.3.",
    "a.a.": "a.a.",
    "at-signs": "a@",
    "almost addresses": "a@b.c@",
    "long word": "abcdefghij",
    "capital words": "Ab ",
    "given names": "Ann ",
    "names and commas": "Lee,Kim,",
    "nested brackets": "[[((",
    "quotes": "\"'",
    "token-like": "eyJhbGciOi.",
    "key-like": "sk-",
    "hexadecimal colons": "ab:cd:",
    "colons": ":",
    "slashes": "http://a:b@",
    "plus signs": "+1 (2",
    "line ends": "\n",
    "blanks": " ",
    "street numbers": "12 Main Street, ",
    "spaced digits": "4 5 6 ",
    "zero-width": "1\u200b",
    "emoji": "🙂",
    "family emoji": "👨\u200d👩\u200d👧 ",
    "right-to-left": "שלום 12 ",
    "four-byte letters": "𝐀𝐛 ",
    "combining marks": "e\u0301",
    "lone surrogates": "\ud83d ",
    "full-width digits": "１２３－",
}
"""Each is repeated to the size that is wanted."""


def attack(name: str, size: int) -> str:
    unit = UNITS[name]
    return (unit * (size // len(unit) + 1))[:size]
