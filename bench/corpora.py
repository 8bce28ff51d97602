"""Labelled texts and clean ones, each labelled text with the group (template) that its row came from."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from self_distill.datasets.load import load_dataset
from self_distill.datasets.synthetic_pii import generate
from self_distill.errors import DataError
from self_distill.types import Span

SYNTH = "pii_presidio_synth/synth_dataset_v2.json"
BANKING = "banking77/test.csv"
NANO = "pii_syn_nano/pii_syn_nano_en.json"
CORE = ("EMAIL", "PHONE", "SSN", "IP", "CREDIT_CARD", "IBAN")
NAMES = ("PERSON", "LOCATION", "ORGANISATION", "ADDRESS")
TYPES = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "US_SSN": "SSN",
    "IP_ADDRESS": "IP",
    "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "IBAN",
    "STREET_ADDRESS": "ADDRESS",
    "GPE": "LOCATION",
    "ORGANIZATION": "ORGANISATION",
    "ORG": "ORGANISATION",
}
HELD_OUT = ("chat", "note")
"""Kinds of our generator's templates that the tagger of names was not trained on."""
CLEAN = {"CoLA": ("cola", ("train", "test", "out_of_domain")), "GSM8K": ("gsm8k", ("train", "test"))}
CONNECTING = frozenset("of and de von van la el du the & '".split())
SIGNS = ",.;:!?()'\"’"
TITLES = frozenset(
    "captain governor pastor prince princess queen king doctor farmer principal senator aunt uncle chef coach".split()
)


@dataclass(frozen=True, slots=True)
class Doc:
    """`golds` have our names of types where we have one."""

    text: str
    golds: tuple[Span, ...]
    group: str


def synth(folder: Path) -> list[Doc]:
    docs = []
    for row in _json(folder / SYNTH):
        golds = [
            Span(s["start_position"], s["end_position"], TYPES.get(s["entity_type"], s["entity_type"]))
            for s in row["spans"]
        ]
        docs.append(Doc(row["full_text"], tuple(golds), str(row["template_id"])))
    return docs


def nano(folder: Path) -> list[Doc]:
    """The set has no offsets: the first place of each value counts, and values that its texts lack do not."""
    docs = []
    for number, row in enumerate(_json(folder / NANO)):
        golds = []
        for entity in row["NER"] or ():
            value = entity.get("entity") or ""
            at = row["text"].find(value) if value else -1
            if at >= 0:
                golds.append(Span(at, at + len(value), TYPES.get(entity["label"], entity["label"])))
        docs.append(Doc(row["text"], tuple(golds), str(number)))
    return docs


def generated(n: int, seed: int, kinds: Sequence[str] = ()) -> list[Doc]:
    """Texts of our own generator, of these kinds of templates only if any are given."""
    return [
        Doc(example.text, example.spans, str(example.group))
        for example in generate(n, seed)
        if not kinds or str(example.group).split(".")[1] in kinds
    ]


def clean(name: str, folder: Path) -> list[str]:
    if name == "Banking77":
        return [str(row["text"]) for row in _csv(folder / BANKING)]
    known, splits = CLEAN[name]
    return [example.text for split in splits for example in load_dataset(known, split, data=folder)]


@dataclass(frozen=True, slots=True)
class RealNames:
    """Which finds in the clean sets are names after all, as judged by hand in `real_names.txt`."""

    words: frozenset[str]
    phrases: tuple[str, ...]

    def hold(self, find: str) -> bool:
        """Whether `find` consists of real names, titles before them and connecting words."""
        rest = " ".join(find.casefold().split())
        known = False
        for phrase in self.phrases:
            if phrase in rest:
                rest, known = rest.replace(phrase, " "), True
        split = [word.strip(SIGNS).removesuffix("'s").removesuffix("’s") for word in rest.replace(",", " ").split()]
        words = [w for w in split if w not in CONNECTING and w not in TITLES and len(w) > 1 and not w.isdigit()]
        return all(word in self.words for word in words) and (known or bool(words))


def real_names() -> RealNames:
    text = Path(__file__).with_name("real_names.txt").read_text(encoding="utf-8")
    _, words, phrases = text.strip().split("\n\n")
    listed = sorted((part.strip() for part in " ".join(phrases.split()).split(";")), key=len, reverse=True)
    return RealNames(frozenset(words.split()), tuple(listed))


def _csv(path: Path) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from None
