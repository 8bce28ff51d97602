"""Examples become evidence: each item once, in exactly one of four parts that never mix.

train (the maker sees it) · select (ranking, thresholds) · certify (touched once per final candidate) · test
(reporting only). The part follows from the item's hash alone, so an item stays where it is when others come.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from math import ceil

from self_distill.certificates.bounds import smallest_n, spend
from self_distill.distill.items import HASH, digest_of, item_hash, label_key, names_of, skeleton, unit_hash
from self_distill.distill.trial import majority
from self_distill.errors import AnswerError, DataError
from self_distill.task import Task
from self_distill.types import Example, Json

PARTS = ("train", "select", "certify", "test")
SHARES = (20, 15, 45, 20)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the examples that did not enter: `empty` had no label; `repeated` were there already;
    `contradictory` had one text and several labels, and none of them is kept; `aside` are further items of
    groups; `leaked` stood in the given test too. `strays` entered, with labels outside the answer space: no
    answer to them is right."""

    given: int = 0
    empty: int = 0
    repeated: int = 0
    contradictory: int = 0
    aside: int = 0
    leaked: int = 0
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """`touched` are the hashes of the certify items and of their groups, set aside or not: whoever tests
    on one of them again continues its count of tests."""

    train: tuple[Example, ...]
    select: tuple[Example, ...]
    certify: tuple[Example, ...]
    test: tuple[Example, ...]
    touched: frozenset[str]
    found: Found = field(default_factory=Found)

    @property
    def parts(self) -> dict[str, tuple[Example, ...]]:
        return {part: getattr(self, part) for part in PARTS}

    @property
    def hashes(self) -> dict[str, str]:
        """Names each part by the items in it, whatever their order."""
        return {part: digest_of(map(item_hash, rows)) for part, rows in self.parts.items()}

    @property
    def digest(self) -> str:
        """Names the data: items, parts and labels."""
        return digest_of(f"{p} {item_hash(e)} {label_key(e.label)}" for p, rows in self.parts.items() for e in rows)

    @property
    def constant(self) -> Json:
        """What always-majority would answer: the most frequent label of train."""
        return majority(self.train)

    def constant_error(self, task: Task) -> float:
        """The error rate of always-majority on everything but test."""
        rows = [*self.train, *self.select, *self.certify]
        return sum(not task.score(self.constant, row.label) for row in rows) / len(rows) if rows else 1.0

    def near_copies(self) -> int:
        """Certify and test items whose words, without punctuation and with every number alike, are those of
        an item the maker may have seen: a notice that the data may come from templates and wants a `group`."""
        seen = {skeleton(row.text) for row in (*self.train, *self.select)}
        return sum(skeleton(row.text) in seen for row in (*self.certify, *self.test))

    def check_leaks(self) -> None:
        """Raises `DataError` when an item or a group is in two parts."""
        owner: dict[str, str] = {}
        for part, rows in self.parts.items():
            for row in rows:
                for name in names_of(row):
                    if owner.setdefault(name, part) != part:
                        raise DataError(f"item {row.id} is in {owner[name]} and in {part}: parts must not share items")

    def check_enough(self, risk: float, confidence: float, j: int = 1, claims: int = 1) -> None:
        """Raises `DataError` when even answers without an error could prove nothing; `claims` share the
        confidence of the `j`-th test on these items."""
        needed = smallest_n(0, risk, spend(1 - confidence, j) / claims)
        there = len(self.certify)
        if there >= needed:
            return
        kept = sum(map(len, self.parts.values()))
        share = there / kept if there else SHARES[2] / sum(SHARES)
        again = f" as test number {j} on them" if j > 1 else ""
        raise DataError(
            f"{kept:,} examples leave {there:,} to certify with, and risk {risk:g} at confidence {confidence:g} needs "
            f"{needed:,}{again}, all answered right: give about {ceil(needed / share):,} examples, or a larger risk"
        )


def gather(
    task: Task,
    examples: Sequence[Example],
    shares: Sequence[int] = SHARES,
    test: Sequence[Example] | None = None,
) -> Evidence:
    """Splits examples, whose texts are as rules will see them (scrubbed), by the hash of the item or of its group.
    Items of a group are no independent draws: of each group, certify and test get one item.
    With a `test` of its own, a data set keeps it, and what of it is among the examples leaves the examples.
    Contradictory and repeated items are dropped, so a bound speaks of distinct texts with one answer. Raises
    `DataError`."""
    if len(shares) != len(PARTS) or min(shares) < 0 or sum(shares) == 0:
        raise DataError(f"shares are {len(PARTS)} numbers for {', '.join(PARTS)}, not {list(shares)}")
    rows, found = _distinct(task, examples)
    own: list[Example] = []
    if test is not None:
        own, of_test = _distinct(task, test)
        held = {name for row in own for name in names_of(row)}
        kept = [row for row in rows if held.isdisjoint(names_of(row))]
        found = replace(found, leaked=len(rows) - len(kept), strays=found.strays + of_test.strays)
        rows, shares = kept, (*shares[:3], 0)
    _check_labels(task, [*rows, *own], found)
    parts = _split(rows, shares)
    certify, held_out = _one_of_each(parts["certify"]), _one_of_each(own or parts["test"])
    kept_rows = (*parts["train"], *parts["select"], *certify, *held_out)
    evidence = Evidence(
        tuple(parts["train"]),
        tuple(parts["select"]),
        certify,
        held_out,
        frozenset(name for row in parts["certify"] for name in names_of(row)),
        replace(found, aside=len(rows) + len(own) - len(kept_rows)),
    )
    evidence.check_leaks()
    return evidence


def _distinct(task: Task, examples: Sequence[Example]) -> tuple[list[Example], Found]:
    """Each item once, in the order of first appearance, and none with two answers."""
    same: dict[str, list[Example]] = {}
    empty = 0
    for row in examples:
        if row.label is None or row.label == "" or not row.text.strip():
            empty += 1
        else:
            same.setdefault(item_hash(row), []).append(row)
    kept = []
    repeated = contradictory = 0
    for rows in same.values():
        if all(_same(task, rows[0].label, row.label) for row in rows):
            kept.append(rows[0])
            repeated += len(rows) - 1
        else:
            contradictory += len(rows)
    strays = sum(not _inside(task, row.label) for row in kept)
    return kept, Found(len(examples), empty, repeated, contradictory, strays=strays)


def _same(task: Task, one: Json, other: Json) -> bool:
    return one == other or task.score(one, other)


def _inside(task: Task, label: Json) -> bool:
    try:
        task.checked(label)
    except AnswerError:
        return False
    return True


def _check_labels(task: Task, rows: Sequence[Example], found: Found) -> None:
    if not rows:
        raise DataError(
            f"task {task.name}: none of {found.given:,} examples can be used ({found.empty:,} without text or label, "
            f"{found.contradictory:,} contradictory)"
        )
    if found.strays * 2 > len(rows):
        raise DataError(f"task {task.name}: {found.strays:,} of {len(rows):,} labels are outside its answer space")
    if all(_same(task, rows[0].label, row.label) for row in rows):
        raise DataError(f"task {task.name}: all {len(rows):,} examples have one label, so there is nothing to learn")
    if task.group and not any(row.group for row in rows):
        raise DataError(f"task {task.name} declares the group {task.group!r}, and no example has one")


def _split(rows: Iterable[Example], shares: Sequence[int]) -> dict[str, list[Example]]:
    edges = list(accumulate(shares))
    parts: dict[str, list[Example]] = {part: [] for part in PARTS}
    for row in rows:
        place = int(unit_hash(row), 16) * edges[-1] >> 4 * HASH
        parts[PARTS[bisect_right(edges, place)]].append(row)
    return parts


def _one_of_each(rows: Iterable[Example]) -> tuple[Example, ...]:
    """Of each group the item with the smallest hash."""
    chosen: dict[str, Example] = {}
    for row in rows:
        unit = unit_hash(row)
        if unit not in chosen or item_hash(row) < item_hash(chosen[unit]):
            chosen[unit] = row
    return tuple(chosen.values())
