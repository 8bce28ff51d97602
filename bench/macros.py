"""The macro layer: how much it finds, how fast, and that no text slows it down; Presidio's patterns beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import corpora, texts
from bench.corpora import Doc
from bench.peers import NAME, Find, presidio
from bench.report import Notice, Row, document
from bench.scores import METRICS, STRICT, Counts, Rate, counted, rates, surest
from bench.timing import growth, paired, seconds
from self_distill.certificates.bounds import interval
from self_distill.errors import DataError
from self_distill.macros.detectors import PatternDetector
from self_distill.macros.names import NamesDetector
from self_distill.macros.scrub import Macros
from self_distill.types import Span

PACKAGES = ("presidio-analyzer", "hyperscan", "google-re2", "phonenumbers", "numpy", "faker")
SEED = 7
ENDLESS, PATIENCE = 1e9, 3.0
"""Seconds: what our macros may take here, and after which the peer gets no larger text."""
DOCUMENT = 4096
PEER_SIZES = (1_000, 8_000, 64_000)
ALL_METRICS = ("f1", "core", "named", "masked", "precision")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: texts of our generator, rounds of timing, characters of a text, sizes of an attack."""

    generated: int = 3000
    rounds: int = 7
    text: int = 256_000
    peer_text: int = 16_000
    sizes: tuple[int, ...] = (65_536, 524_288, 4_194_304)
    tries: int = 1
    draws: int = 1000


QUICK = Scale(300, 3, 64_000, 8_000, (16_384, 65_536, 262_144), 1, 200)


@dataclass(frozen=True, slots=True)
class Tools:
    patterns: PatternDetector
    names: NamesDetector
    peer: Find | None
    scale: Scale
    notice: Notice

    def both(self, text: str) -> list[Span]:
        return sorted([*self.patterns.find(text), *self.names.find(text)])


def run(quick: bool, data: Path | None, notice: Notice) -> dict[str, Any]:
    """Rows that need a data set which is not there are left out, with a notice."""
    tools = Tools(PatternDetector(), NamesDetector(), presidio(), QUICK if quick else Scale(), notice)
    if tools.peer is None:
        notice(f"{NAME}: not installed (uv sync --group bench); its column stays empty")
    given = os.environ.get("SELF_DISTILL_DATA")
    folder = data or (Path(given) if given else None)
    rows = [*quality(tools, folder), *speed(tools, folder), *linear(tools)]
    return document("macros", rows, PACKAGES)


def quality(tools: Tools, folder: Path | None) -> Iterator[Row]:
    for title, load in labelled(tools.scale, folder).items():
        docs = _loaded(title, load, tools.notice)
        if docs:
            tools.notice(f"quality: {title}")
            yield from scored(tools, title, docs)
    for name in corpora.CLEAN:
        clean = _loaded(name, partial(_clean, name, folder), tools.notice)
        if clean:
            tools.notice(f"clean: {name}")
            yield from false_positives(tools, name, clean)


def labelled(scale: Scale, folder: Path | None) -> dict[str, Callable[[], list[Doc]]]:
    """What finds names was tuned on the even half of the templates; the odd half was only scored."""

    def half(odd: bool) -> list[Doc]:
        return [doc for doc in corpora.synth(_folder(folder)) if int(doc.group) % 2 == odd]

    return {
        "synth v2, held-out half": lambda: half(True),
        "synth v2, tuned half": lambda: half(False),
        "synth v2, all": lambda: corpora.synth(_folder(folder)),
        "syn nano": lambda: corpora.nano(_folder(folder)),
        "our generator, kinds held out": lambda: corpora.generated(scale.generated, SEED, corpora.HELD_OUT),
        "our generator, all": lambda: corpora.generated(scale.generated, SEED),
    }


def _folder(folder: Path | None) -> Path:
    if folder is None:
        raise DataError("no folder of data sets: give --data or set SELF_DISTILL_DATA")
    return folder


def _clean(name: str, folder: Path | None) -> list[str]:
    return corpora.clean(name, _folder(folder))


def _loaded(title: str, load: Callable[[], Any], notice: Notice) -> Any:
    try:
        return load()
    except DataError as error:
        notice(f"{title}: left out: {error}")
        return None


def scored(tools: Tools, title: str, docs: Sequence[Doc]) -> Iterator[Row]:
    ours = rates(docs, [counted(d, tools.both(d.text)) for d in docs], ALL_METRICS, tools.scale.draws)
    alone = rates(docs, [counted(d, tools.patterns.find(d.text)) for d in docs], ("masked",), tools.scale.draws)
    theirs = peer_rates(tools, docs)
    for key in ALL_METRICS:
        yield _quality(f"{title}: {METRICS[key].name}", ours[key], theirs.get(key))
    yield _quality(f"{title}: all values masked, patterns alone", alone["masked"], theirs.get("masked"))


def peer_rates(tools: Tools, docs: Sequence[Doc]) -> dict[str, Rate]:
    if tools.peer is None:
        return {}
    rows: list[Counts] = []
    for doc in docs:
        found = tools.peer(doc.text)
        row = counted(doc, found)
        row[STRICT] = counted(doc, surest(found))[STRICT]
        rows.append(row)
    return rates(docs, rows, ALL_METRICS, 1)


def _quality(case: str, ours: Rate, peer: Rate | None) -> Row:
    value, name = (None, "") if peer is None else (peer.value, NAME)
    return Row(case, ours.value, "share", ours.n, value, name, None, ours.low, ours.high)


def false_positives(tools: Tools, name: str, clean: Sequence[str]) -> Iterator[Row]:
    """Per 10,000 characters. Nothing that a pattern finds in these sets is a value; a name that is found may be one,
    which `real_names.txt` says."""
    real, size = corpora.real_names(), sum(map(len, clean))
    by_pattern = sum(len(tools.patterns.find(text)) for text in clean)
    finds = [text[s.start : s.end] for text in clean for s in tools.names.find(text)]
    wrong = sum(not real.hold(find) for find in finds)
    theirs = None if tools.peer is None else _peer_false(tools.peer, clean, tools.scale.peer_text * 8)
    yield _per_ten_thousand(f"{name}: false positives of patterns", by_pattern, size, theirs)
    yield _per_ten_thousand(f"{name}: false positives of names", wrong, size, None)
    low, high = interval(len(finds) - wrong, max(1, len(finds)))
    yield Row(
        f"{name}: finds of names that are names",
        1 - wrong / max(1, len(finds)),
        "share",
        len(finds),
        low=low,
        high=high,
    )


def _peer_false(peer: Find, clean: Sequence[str], size: int) -> float:
    """On the first `size` characters, which take long enough; dates and links are left out."""
    taken, found = 0, 0
    for text in clean:
        found += sum(span.type not in {"DATE_TIME", "URL"} for span in peer(text))
        taken += len(text)
        if taken > size:
            break
    return found / taken * 10_000


def _per_ten_thousand(case: str, k: int, size: int, peer: float | None) -> Row:
    """`n` is the number of characters; the interval takes each character as a trial."""
    low, high = (bound * 10_000 for bound in interval(k, size))
    name = "" if peer is None else NAME
    return Row(case, k / size * 10_000, "per 10,000 characters", size, peer, name, None, low, high)


def speed(tools: Tools, folder: Path | None) -> Iterator[Row]:
    scale = tools.scale
    scrub = Macros([tools.patterns, tools.names]).scrub
    for kind, make in (("clean prose", texts.prose), ("number-rich", texts.numbers), ("dense", texts.dense)):
        whole, small = make(scale.text, SEED), make(scale.peer_text, SEED)
        tools.notice(f"speed: {kind}")
        for size in (DOCUMENT, len(whole)):
            yield fast(tools, f"{kind}, {size:,} characters, patterns alone", tools.patterns.find, whole, small, size)
        yield fast(tools, f"{kind}, {DOCUMENT:,} characters, names on", tools.both, whole, small, DOCUMENT)
        yield fast(tools, f"{kind}, {DOCUMENT:,} characters, names on, scrubbed", scrub, whole, small, DOCUMENT)
    for name in (*corpora.CLEAN, "Banking77"):
        found = _loaded(f"speed: {name}", partial(_clean, name, folder), tools.notice)
        if found:
            tools.notice(f"speed: {name}")
            text = "\n".join(found)
            whole, small = text[: scale.text], text[: scale.peer_text]
            yield fast(tools, f"{name}, {DOCUMENT:,} characters, names on", tools.both, whole, small, DOCUMENT)
    yield short(tools)


def fast(tools: Tools, case: str, find: Callable[[str], object], whole: str, small: str, size: int) -> Row:
    """Megabytes (of UTF-8) per second. The peer reads the beginning of the same text, in the same sizes."""
    ours, theirs = texts.pieces(whole, size), texts.pieces(small, min(size, len(small)))
    megabytes, peers = (len("".join(part).encode()) / 1e6 for part in (ours, theirs))

    def work() -> None:
        for text in ours:
            find(text)

    peer = tools.peer
    if peer is None:
        return Row(case, megabytes / seconds(work), "MB/s", 1)
    took = paired(work, lambda: [peer(text) for text in theirs], tools.scale.rounds)
    by = megabytes / peers
    return Row(
        case, megabytes / took.ours, "MB/s", took.n, peers / took.theirs, NAME,
        took.ratio * by, took.low * by, took.high * by,
    )  # fmt: skip


def short(tools: Tools) -> Row:
    """Many short texts at once, as a data set has them."""
    case = "short texts (85 characters), patterns alone"
    docs = texts.pieces(texts.dense(tools.scale.text // 2, SEED) + texts.prose(tools.scale.text // 2, SEED), 85)
    few = docs[:: max(1, len(docs) // (tools.scale.peer_text // 85))]
    peer = tools.peer
    if peer is None:
        return Row(case, len(docs) / seconds(lambda: tools.patterns.find_many(docs)), "texts/s", 1)
    took = paired(lambda: tools.patterns.find_many(docs), lambda: [peer(text) for text in few], tools.scale.rounds)
    by = len(docs) / len(few)
    return Row(
        case, len(docs) / took.ours, "texts/s", took.n, len(few) / took.theirs, NAME,
        took.ratio * by, took.low * by, took.high * by,
    )  # fmt: skip


def linear(tools: Tools) -> Iterator[Row]:
    """How the time of scrubbing grows with the size of a hostile text: 1 is linear. The peer gets much smaller
    texts: Presidio's own speed allows no others."""
    sizes, tries = tools.scale.sizes, tools.scale.tries
    macros = Macros([tools.patterns, tools.names], seconds=ENDLESS)
    for name in texts.UNITS:
        tools.notice(f"growth: {name}")
        make = partial(texts.attack, name)
        grown, n = growth(macros.scrub, make, sizes, tries)
        peer, peer_name = None, ""
        if tools.peer is not None:
            peer, reached = growth(tools.peer, make, PEER_SIZES, 1, PATIENCE)
            peer_name = f"{NAME}, to {PEER_SIZES[reached - 1]:,}"
            if reached < 2:
                peer, peer_name = None, f"{NAME}: over {PATIENCE:g} s for {PEER_SIZES[0]:,}"
        yield Row(
            f"growth from {sizes[0]:,} to {sizes[-1]:,} characters: {name}", grown, "exponent", n, peer, peer_name
        )
