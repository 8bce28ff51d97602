"""Texts with personal data whose place and type are known, because we put it there."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from self_distill.datasets.national_ids import LABELS, MAKERS
from self_distill.datasets.pii_values import FORMED, HEX, PLAIN, Source, faker
from self_distill.errors import DataError
from self_distill.types import Example, Span

TYPES = (*PLAIN, "NATIONAL_ID", *FORMED)
LOCALES = {
    "en": (
        "en_US",
        "en_US",
        "en_US",
        "en_GB",
        "de_DE",
        "fr_FR",
        "es_ES",
        "it_IT",
        "nl_NL",
        "sv_SE",
        "pl_PL",
        "pt_BR",
    ),
    "de": ("de_DE",),
    "fr": ("fr_FR",),
    "es": ("es_ES",),
    "it": ("it_IT",),
    "nl": ("nl_NL",),
    "sv": ("sv_SE",),
    "pl": ("pl_PL",),
    "pt": ("pt_BR",),
}
ENGLISH_SHARE = 0.8
SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")  # runs over our own templates only

NOUNS = (
    "lamp",
    "keyboard",
    "garden",
    "bicycle",
    "ladder",
    "teapot",
    "window",
    "battery",
    "calendar",
    "blanket",
)
ROLES = ("Account Manager", "Nurse", "Head of Finance", "Data Engineer", "Office Clerk", "Sales Director")
MONTHS = tuple("January February March April May June July August September October November December".split())
WEEKDAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())


@dataclass(frozen=True, slots=True)
class Template:
    """`parts` are (literal, slot, form); `types` the types of personal data a text made from it holds."""

    id: str
    language: str
    parts: tuple[tuple[str, str, str], ...]
    types: frozenset[str]


def filling(name: str, s: Source, id_country: str) -> str:
    """A harmless value for a slot in small letters."""
    rng = s.rng
    year, month, day = rng.randrange(1950, 2030), rng.randrange(12), rng.randrange(1, 29)
    clock = f"{rng.randrange(24)}:{rng.randrange(60):02}"
    isbn = "978" + s.digits(9)
    isbn += str(-sum(int(d) * w for d, w in zip(isbn, (1, 3) * 6, strict=True)) % 10)
    price = f"{rng.randrange(1, 5000)}.{rng.randrange(100):02}"
    dates = (f"{day}/{month + 1}/{year}", f"{year}-{month + 1:02}-{day:02}", f"{MONTHS[month]} {day}, {year}")
    makers: dict[str, Callable[[], str]] = {
        "order": lambda: f"{rng.choice(('#', 'A-', 'ORD-', 'No. '))}{s.digits(rng.randrange(5, 10))}",
        "version": lambda: f"{rng.randrange(20)}.{rng.randrange(30)}.{rng.randrange(100)}",
        "price": lambda: rng.choice((f"${price}", f"{price} EUR", f"€ {price}")),
        "date": lambda: rng.choice(dates),
        "card_date": lambda: f"{month + 1:02}/{rng.randrange(25, 35)}",
        "time": lambda: clock,
        "iso": lambda: f"{year}-{month + 1:02}-{day:02}T{clock:0>5}:{rng.randrange(60):02}Z",
        "year": lambda: str(year),
        "month": lambda: MONTHS[month],
        "weekday": lambda: rng.choice(WEEKDAYS),
        "isbn": lambda: f"{isbn[:3]}-{isbn[3]}-{isbn[4:8]}-{isbn[8:12]}-{isbn[12]}",
        "small": lambda: str(rng.randrange(2, 60)),
        "age": lambda: str(rng.randrange(18, 95)),
        "number": lambda: str(rng.randrange(100, 99999)),
        "percent": lambda: f"{rng.randrange(1, 99)}.{rng.randrange(10)} %",
        "sku": lambda: f"{s.text('ABCDEFGHKLMNPRSTX', 2)}-{s.digits(4)}",
        "hash": lambda: s.text(HEX, 7),
        "uuid": lambda: "-".join(s.text(HEX, n) for n in (8, 4, 4, 4, 12)),
        "noun": lambda: rng.choice(NOUNS),
        "role": lambda: rng.choice(ROLES),
        "job": lambda: rng.choice(("driver", "cook", "teacher", "nurse", "welder")),
        "title": lambda: rng.choice(("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.")),
        "id_label": lambda: LABELS[id_country],
    }
    return makers[name]()


@cache
def templates() -> tuple[Template, ...]:
    raw = tomllib.loads(files(__package__).joinpath("pii_templates.toml").read_text(encoding="utf-8"))
    made = []
    for language, kinds in raw.items():
        for kind, texts in kinds.items():
            for index, text in enumerate(texts):
                made.append(parsed(f"{language}.{kind}.{index}", language, text))
    return tuple(made)


def parsed(template_id: str, language: str, text: str) -> Template:
    parts, end = [], 0
    for slot in SLOT.finditer(text):
        parts.append((text[end : slot.start()], slot[1], slot[2] or ""))
        end = slot.end()
    parts.append((text[end:], "", ""))
    return Template(template_id, language, tuple(parts), frozenset(p[1] for p in parts) & frozenset(TYPES))


def filled(template: Template, s: Source) -> tuple[str, tuple[Span, ...]]:
    """The text and its spans; `text[span]` is the inserted value by construction, and checked."""
    id_country = s.country if s.country in MAKERS else s.rng.choice(sorted(MAKERS))
    text, spans, values = "", [], []
    for literal, slot, form in template.parts:
        text += literal
        if not slot:
            continue
        if slot in FORMED:
            value = FORMED[slot](s, form)
        elif slot in PLAIN:
            value = PLAIN[slot](s)
        else:
            value = MAKERS[id_country](s) if slot == "NATIONAL_ID" else filling(slot, s, id_country)
        if slot in template.types:
            spans.append(Span(len(text), len(text) + len(value), slot, detector="gold"))
            values.append(value)
        text += value
    if any(text[span.start : span.end] != value for span, value in zip(spans, values, strict=True)):
        raise AssertionError(f"template {template.id}: a span does not cover its value")
    return text, tuple(spans)


def generate(n: int, seed: int, types: Sequence[str] | None = None, clean_share: float = 0.2) -> list[Example]:
    """`n` texts; `label` is the sorted list of the types in the text, `group` the id of its template.

    With `types`, only templates that hold no other type are used. Row i depends on `seed` and i alone, so a
    longer list starts with the shorter one. Values follow the installed version of Faker.
    """
    wanted = frozenset(TYPES if types is None else types)
    if unknown := sorted(wanted - set(TYPES)):
        raise DataError(f"no such type of personal data: {', '.join(unknown)}; there are {', '.join(TYPES)}")
    if n < 0 or not 0 <= clean_share <= 1:
        raise DataError("a synthetic set needs n >= 0 and a clean share between 0 and 1")
    usable = [t for t in templates() if t.types <= wanted]
    pools = {
        (english, clean): [t for t in usable if (t.language == "en") is english and (not t.types) is clean]
        for english in (True, False)
        for clean in (True, False)
    }
    return [row(seed, index, pools, clean_share) for index in range(n)]


def row(seed: int, index: int, pools: dict[tuple[bool, bool], list[Template]], clean_share: float) -> Example:
    rng = random.Random(f"{seed}:{index}")
    clean = rng.random() < clean_share
    english = rng.random() < ENGLISH_SHARE
    pool = pools[english, clean] or pools[not english, clean] or pools[True, True]
    template = rng.choice(pool)
    locale = rng.choice(LOCALES[template.language])
    fake = faker(locale)
    fake.seed_instance(rng.getrandbits(64))
    text, spans = filled(template, Source(rng, locale, fake))
    return Example(f"pii-{seed}-{index}", text, sorted({s.type for s in spans}), spans, template.id)
