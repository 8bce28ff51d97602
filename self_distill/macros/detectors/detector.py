"""The pattern detector: one scan for the anchors of all families, then each run read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from self_distill.errors import SettingsError
from self_distill.macros.detectors import accounts, birth, custom, numbers, online, secrets
from self_distill.macros.detectors.context import weighed
from self_distill.macros.detectors.family import LONGEST, Family, Find
from self_distill.macros.normalise import GAP, Subject, subject
from self_distill.macros.scan import STORM, EngineName, engine, run_end, run_start
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


@dataclass(frozen=True, slots=True)
class _Run:
    family: int
    low: int
    high: int


class PatternDetector:
    """Fits `protocols.Detector`. Raises `SettingsError` for a pattern or threshold that cannot be used."""

    name = "patterns"

    def __init__(self, settings: DetectorSettings | None = None, engine_name: EngineName | None = None) -> None:
        self.settings = settings or DetectorSettings()
        for type_, value in self.settings.thresholds.items():
            if not 0 <= value <= 1:
                raise SettingsError(f"macros.thresholds.{type_}: {value} is not between 0 and 1")
        self._families = _families(self.settings)
        owners = [(number, anchor) for number, family in enumerate(self._families) for anchor in family.anchors]
        self._owner = [number for number, _ in owners]
        self._engine = engine(engine_name, [anchor for _, anchor in owners])
        self._patterns = custom.compiled(self.settings.patterns)
        self._allow = frozenset(word.casefold() for word in self.settings.allow)

    def find(self, text: str) -> list[Span]:
        return [span for span, _ in self.explain(text)]

    def find_many(self, texts: Sequence[str]) -> list[list[Span]]:
        """Small documents share one scan; what is found is as if each were scanned alone."""
        found: list[list[Span]] = []
        for batch in _batches(texts):
            if len(batch) == 1:
                found.append(self.find(batch[0]))
            else:
                found += self._together(batch)
        return found

    def explain(self, text: str) -> list[tuple[Span, str]]:
        """Spans in order, each with the rule that found it and the words that spoke for or against."""
        seen = subject(text)
        found = {span: rule for span, rule in self._spans(text, seen, self._finds(seen.data))}
        for start, end, type_ in custom.matches(self._patterns, text):
            if text[start:end].casefold() not in self._allow:
                found[Span(start, end, type_, 1.0, "patterns:custom")] = "pattern of your own"
        return sorted(found.items())

    def _together(self, texts: Sequence[str]) -> list[list[Span]]:
        joined = subject(GAP.join(texts)) if not self._patterns else None
        if joined is None or any("\0" in text for text in texts):
            return [self.find(text) for text in texts]
        whole = GAP.join(texts)
        found: list[list[Span]] = [[] for _ in texts]
        place, low = 0, 0
        for span, _ in sorted(self._spans(whole, joined, self._finds(joined.data))):
            while span.start >= low + len(texts[place]) + len(GAP):
                low += len(texts[place]) + len(GAP)
                place += 1
            if span.end <= low + len(texts[place]):
                found[place].append(Span(span.start - low, span.end - low, span.type, span.score, span.detector))
        return found

    def _spans(self, text: str, seen: Subject, finds: Iterator[Find]) -> Iterator[tuple[Span, str]]:
        for find in finds:
            score, rule = weighed(seen.data, find)
            if score < self.settings.thresholds.get(find.type, THRESHOLD):
                continue
            start, end = seen.span(find.start, find.end)
            if not self._allow or text[start:end].casefold() not in self._allow:
                yield Span(start, end, find.type, round(score, 2), "patterns"), rule

    def _finds(self, data: bytes) -> Iterator[Find]:
        for run in self._runs(data):
            family = self._families[run.family]
            if family.chars and run.high - run.low > LONGEST:
                yield Find(run.low, run.high, family.storm, 1.0, "too long a run to be read")
            else:
                yield from family.read(data, run.low, run.high)

    def _runs(self, data: bytes) -> list[_Run]:
        """The runs that hold an anchor, each once."""
        runs: list[_Run] = []
        done = [-1] * len(self._families)
        hits = [0] * len(self._families)

        def on_hit(anchor: int, end: int) -> int:
            number = self._owner[anchor]
            if end <= done[number]:
                hits[number] += 1
                return done[number] if hits[number] > STORM else 0
            chars = self._families[number].chars
            low = run_start(data, end, chars) if chars else end
            high = run_end(data, end, chars) if chars else end
            done[number], hits[number] = high, 0
            runs.append(_Run(number, low, high))
            return 0

        self._engine.scan(data, on_hit)
        return sorted(set(runs), key=lambda run: (run.low, run.high, run.family))


def _families(settings: DetectorSettings) -> tuple[Family, ...]:
    own = [custom.word_family(type_, words) for type_, words in settings.deny.items() if words]
    built_in = (*online.FAMILIES, numbers.family(settings.regions or REGIONS), accounts.FAMILY, *secrets.FAMILIES)
    return (*built_in, birth.FAMILY, *own)


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
