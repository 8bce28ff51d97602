"""The pattern detector: one scan for the anchors of all families, then each run read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from self_distill.errors import SettingsError
from self_distill.macros.detectors import accounts, birth, custom, numbers, online, plans, secrets
from self_distill.macros.detectors.context import NUMERIC, SURE, weighed
from self_distill.macros.detectors.family import Family, Find
from self_distill.macros.normalise import GAP, Subject, subject
from self_distill.macros.scan import Anchors, EngineName, Run, engine
from self_distill.types import Span

THRESHOLD = 0.5
REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "PL", "BR", "AU", "CH", "BE", "DK", "ZA", "IN")
SMALL, TOGETHER = 500, 64_000
"""Characters: documents below the first are scanned together, up to the second at a time."""


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """`thresholds` by type (0 to 1, default 0.5); `regions` for national telephone numbers; `allow` are values
    that are never masked; `deny` and `patterns` are words and RE2 patterns by type, for types of one's own too."""

    thresholds: Mapping[str, float] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: Mapping[str, Sequence[str]] = field(default_factory=dict)
    patterns: Mapping[str, Sequence[str]] = field(default_factory=dict)


class PatternDetector:
    """Fits `protocols.Detector`. Raises `SettingsError` for a pattern or threshold that cannot be used."""

    name = "patterns"

    def __init__(self, settings: DetectorSettings | None = None, engine_name: EngineName | None = None) -> None:
        self.settings = settings or DetectorSettings()
        for type_, value in self.settings.thresholds.items():
            if not 0 <= value <= 1:
                raise SettingsError(f"macros.thresholds.{type_}: {value} is not between 0 and 1")
        self._families = _families(self.settings, engine_name)
        self._engine = engine(
            engine_name, [Anchors(family.anchors, family.chars, family.once) for family in self._families]
        )
        self._own = custom.own(self.settings.patterns, self.settings.deny)
        self._allow = frozenset(word.casefold() for word in self.settings.allow)

    def find(self, text: str) -> list[Span]:
        found = self.explain(text)
        return [span for span, _ in found] if found else []

    def find_many(self, texts: Sequence[str]) -> list[list[Span]]:
        """Small documents share one scan; what is found is as if each were scanned alone."""
        found: list[list[Span]] = []
        for batch in _batches(texts):
            if len(batch) == 1 or self._own or any("\0" in text for text in batch):
                found += [self.find(text) for text in batch]
            else:
                found += self._together(batch)
        return found

    def explain(self, text: str) -> list[tuple[Span, str]]:
        """Spans in order, each with the rule that found it and the words that spoke for or against."""
        seen = subject(text)
        runs = self._engine.runs(seen.data)
        if not runs and not self._own:
            return []
        found = self._seen(text, seen, runs)
        for start, end, type_, rule in custom.matches(self._own, text):
            if text[start:end].casefold() not in self._allow:
                found[start, end, type_] = 1.0, rule
        return [
            (Span(start, end, type_, score, self.name), rule)
            for (start, end, type_), (score, rule) in sorted(found.items())
        ]

    def _together(self, texts: Sequence[str]) -> list[list[Span]]:
        found: list[list[Span]] = [[] for _ in texts]
        place, low = 0, 0
        for span, _ in self.explain(GAP.join(texts)):
            while span.start >= low + len(texts[place]) + len(GAP):
                low += len(texts[place]) + len(GAP)
                place += 1
            found[place].append(Span(span.start - low, span.end - low, span.type, span.score, span.detector))
        return found

    def _seen(self, text: str, seen: Subject, runs: Sequence[Run]) -> dict[tuple[int, int, str], tuple[float, str]]:
        """(start, end, type) in the text -> (score, rule), of all that reaches its threshold and is not allowed."""
        data, whole, thresholds = seen.data, not seen.gone, self.settings.thresholds
        found: dict[tuple[int, int, str], tuple[float, str]] = {}
        for find in self._finds(data, runs):
            start, end, type_, score, rule = find
            threshold = thresholds.get(type_, THRESHOLD)
            if score < SURE:
                score, rule = weighed(data, find, threshold)
            if score < threshold or score <= 0:
                continue
            if not whole:
                start, end = seen.span(start, end)
            if self._allow and text[start:end].casefold() in self._allow:
                continue
            key = start, end, type_
            if key not in found or score > found[key][0]:
                found[key] = score, rule
        return found

    def _finds(self, data: bytes, runs: Sequence[Run]) -> Iterator[Find]:
        for number, low, high in runs:
            family = self._families[number]
            if high - low > family.longest:
                yield Find(low, high, family.storm, 1.0, "too long a run to be read")
            else:
                yield from family.read(data, low, high)


def _families(settings: DetectorSettings, engine_name: EngineName | None = None) -> tuple[Family, ...]:
    words = (custom.word_family(type_, listed) for type_, listed in settings.deny.items())
    shy = all(settings.thresholds.get(type_, THRESHOLD) > numbers.FEEBLE for type_ in NUMERIC)
    figures = numbers.family(plans.checked(settings.regions or REGIONS), shy, engine_name)
    built_in = (*online.FAMILIES, figures, accounts.FAMILY, *secrets.FAMILIES, birth.FAMILY)
    return (*built_in, *(family for family in words if family))


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Neighbouring small documents together; a large one alone."""
    for small, group in groupby(texts, key=lambda text: len(text) < SMALL):
        batch: list[str] = []
        size = 0
        for text in group:
            if batch and (not small or size > TOGETHER):
                yield batch
                batch, size = [], 0
            batch.append(text)
            size += len(text)
        yield batch
