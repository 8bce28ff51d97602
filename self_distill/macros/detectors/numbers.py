"""Telephone, card, social security and other numbers in runs of digits and separators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from self_distill.macros.checksums import BY_DIGITS, aba, luhn, social_security
from self_distill.macros.detectors import plans
from self_distill.macros.detectors.context import supported
from self_distill.macros.detectors.family import Family, Find, pattern, wordy

SAME = frozenset({b"", b" ", b"-"})
PHONE_GAPS = frozenset({b" ", b"-", b".", b"/", b"(", b")", b") ", b" (", b")-", b"-(", b" - ", b" / ", b"  ", b"). "})
CARD_SHAPES = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1)})
ID_SHAPES = frozenset(
    {(9,), (10,), (11,), (12,), (15,), (13, 2), (6, 4), (8, 4), (3, 3, 3, 2), (2, 3, 3, 3), (1, 2, 2, 2, 3, 3, 2)}
)
FEWEST_DIGITS, MOST_DIGITS, MOST_GROUPS = 7, 19, 9
WIDEST = 3
"""Characters between two groups of one number."""
LONGEST = 65_536
"""Bytes of a run: tables of numbers are long, and reading one is cheap."""
ENOUGH = 0.7
"""What scores so as a whole is not taken apart."""
DIGITS = bytes(c if 48 <= c < 58 else 32 for c in range(256))
GROUPED = "grouped as in the plan of a configured region"
"""Says nothing in a table of numbers, where some fit any plan."""
NINES = bytes(57 if 48 <= c < 58 else c for c in range(256))
DATES = frozenset(
    gap.join(b"9" * size for size in sizes)
    for gap in (b"-", b"/", b".")
    for sizes in ((4, 2, 2), (4, 1, 2), (4, 2, 1), (4, 1, 1), (2, 2, 4), (1, 2, 4), (2, 1, 4), (1, 1, 4))
)
LOOSE = b" .-/)"
WEAK = 11
"""Digits in one group, up to which words must speak for it."""
FEEBLE = 0.45
"""No such group scores more by itself."""
ZERO, ONE, NORTH_AMERICAN = ord("0"), ord("1"), b"23456789"
NORTH_AMERICAN_SHAPES = frozenset({(3, 3, 4), (1, 3, 3, 4), (3, 7), (6, 4)})
THOUSANDS = frozenset({b" ", b"."})
CENTURIES = (b"18", b"19", b"20")
EXTENSION = pattern(rb"(?:,? ?(?:ext\.?|extension)|,? ?x)\.? ?\d{1,6}\b")
EXTENDED = 20
"""Bytes that an extension may take."""
ID_GAPS = frozenset({b" ", b"-", b".", b"/", b"+"})
ISSUERS = ("2", "3", "4", "5", "6", "1800")
"""How numbers of payment cards begin: ISO/IEC 7812 leaves 1 to airlines, but JCB has 1800 and 2131."""
LONELY = 0.25
"""What a number gains that fills its line, as in an address block."""


class Group(NamedTuple):
    start: int
    end: int
    digits: bytes


class Chain(NamedTuple):
    """Neighbouring groups of digits; `gaps` stand between them, `shape` are their lengths."""

    groups: Sequence[Group]
    gaps: tuple[bytes, ...]
    digits: bytes
    shape: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.groups[0].start

    @property
    def end(self) -> int:
        return self.groups[-1].end


@dataclass(frozen=True, slots=True)
class Numbers:
    """`regions` are where national telephone numbers may be from (ISO 3166). With `shy`, what would need words in
    its favour is dropped early where there are none."""

    regions: tuple[str, ...]
    shy: bool = True

    def read(self, data: bytes, low: int, high: int) -> Iterator[Find]:
        part = data[low:high].rstrip(LOOSE)
        core = part.lstrip(LOOSE)
        end, start = low + len(part), low + len(part) - len(core)
        weak = core.isdigit() and len(core) <= WEAK and core[:2] != b"00"
        if self.shy and (core.translate(NINES) in DATES or (weak and not supported(data, start, end))):
            return
        for groups in _stretches(data, low, high):
            yield from self._read(data, groups)

    def _read(self, data: bytes, groups: Sequence[Group]) -> Iterator[Find]:
        whole = _chain(data, groups)
        finds = list(self._whole(data, whole)) if whole else []
        if any(find.score >= ENOUGH for find in finds):
            yield from finds
            return
        at = 0
        while at < len(groups):
            taken = at + 1
            for find, until in self._at(data, groups, at):
                if len(groups) <= MOST_GROUPS or find.rule != GROUPED:
                    yield find
                taken = max(taken, until)
            at = taken

    def _whole(self, data: bytes, chain: Chain) -> Iterator[Find]:
        yield from _checked(chain)
        if find := self._phone(data, chain):
            yield find

    def _at(self, data: bytes, groups: Sequence[Group], at: int) -> Iterator[tuple[Find, int]]:
        """Everything that begins with group `at`, and behind which group it ends."""
        chains = _chains(data, groups, at)
        for chain in chains:
            yield from ((find, at + len(chain.groups)) for find in _checked(chain))
        for chain in reversed(chains):
            if phone := self._phone(data, chain):
                yield phone, at + len(chain.groups)
                return

    def _phone(self, data: bytes, chain: Chain) -> Find | None:
        digits, shape = chain.digits, chain.shape
        if len(digits) > 15 or not PHONE_GAPS.issuperset(chain.gaps) or _is_date(chain) or _left_open(chain.gaps):
            return None
        start, end = chain.start, chain.end
        before = data[start - 1 : start]
        if before == b"(":
            start -= 1
            before = data[start - 1 : start]
        if before == b"+" or (digits.startswith(b"00") and len(digits) > 9):
            start -= before == b"+"
            return Find(start, _extended(data, end), "PHONE", *_international(chain, before == b"+"))
        score, rule = self._national(chain, start < chain.start)
        if len(shape) > 1 and len(digits) > 7 and shape != (5, 4) and _alone(data, start, end):
            score, rule = score + LONELY, f"{rule}, alone on its line"
        return Find(start, _extended(data, end), "PHONE", score, rule) if score else None

    def _national(self, chain: Chain, bracketed: bool) -> tuple[float, str]:
        digits, shape, gaps = chain.digits, chain.shape, set(chain.gaps)
        if len(digits) == 10 or (len(digits) == 11 and digits[0] == ONE):
            plan = digits[-10] in NORTH_AMERICAN and digits[-7] in NORTH_AMERICAN
            if plan and shape in NORTH_AMERICAN_SHAPES and len(gaps) <= 2:
                return 0.75, "3-3-4 in the North American plan"
            if plan and len(shape) == 1:
                return 0.3, "ten digits in the North American plan"
        if len(shape) == 1:
            return (0.25, "digits alone") if len(digits) <= 12 else (0.0, "")
        if gaps <= THOUSANDS and shape[0] < 4 and digits[0] != ZERO and all(size == 3 for size in shape[1:]):
            return 0.2, "looks like a grouped number"
        grouped = len(shape) > 3 and min(shape) > 1 and len(set(shape)) > 1 and len(gaps) == 1
        if grouped and plans.national(digits, self.regions):
            return 0.5, GROUPED
        if (digits[0] == ZERO or bracketed) and plans.national(digits, self.regions):
            return 0.6, "in the plan of a configured region"
        return (0.45, "3-3-4") if shape == (3, 3, 4) else (0.3, "groups of digits")


def _international(chain: Chain, plus: bool) -> tuple[float, str]:
    groups = [group.digits for group in chain.groups]
    if len(groups) > 1 and groups[1] == b"0":
        del groups[1]  # +46 (0)179 …
    digits = b"".join(groups)
    valid, country = plans.international(digits if plus else digits[2:])
    if valid:
        return 0.9, "international, in its country's plan"
    return (0.6, "international form") if country else (0.3, "international form, no such country")


def _stretches(data: bytes, low: int, high: int) -> Iterator[list[Group]]:
    """Groups of digits with no wide gap between them; one that is glued to a letter is left out."""
    run = data[low:high]
    groups: list[Group] = []
    at = 0
    for digits in run.translate(DIGITS).split():
        at = run.index(digits, at)
        start, at = low + at, at + len(digits)
        if groups and start - groups[-1].end > WIDEST:
            yield groups
            groups = []
        if (start > low or not wordy(data, low - 1)) and (at < len(run) or not _glued(data, high)):
            groups.append(Group(start, low + at, digits))
    if groups:
        yield groups


def _glued(data: bytes, at: int) -> bool:
    """Whether what stands at `at` goes on with the number before it; an extension does not."""
    return wordy(data, at) and not EXTENSION.match(data[at : at + EXTENDED])


def _extended(data: bytes, end: int) -> int:
    """The end of the number with its extension, if one follows."""
    follows = data[end : end + 1]
    if follows in b" xXeE," and follows and (match := EXTENSION.match(data[end : end + EXTENDED])):
        return end + int(match.end())
    return end


def _chain(data: bytes, groups: Sequence[Group]) -> Chain | None:
    """All of these groups, if a number can have so many."""
    if len(groups) > MOST_GROUPS:
        return None
    digits = b"".join([group.digits for group in groups])
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    gaps = tuple([data[one.end : two.start] for one, two in pairwise(groups)])
    return Chain(groups, gaps, digits, tuple([len(group.digits) for group in groups]))


def _chains(data: bytes, groups: Sequence[Group], at: int) -> list[Chain]:
    """From one group on, ever longer, if they have enough digits."""
    chains = []
    size = 0
    for end in range(at + 1, min(len(groups), at + MOST_GROUPS) + 1):
        size += len(groups[end - 1].digits)
        if size > MOST_DIGITS:
            break
        if size >= FEWEST_DIGITS and (chain := _chain(data, groups[at:end])):
            chains.append(chain)
    return chains


def _checked(chain: Chain) -> Iterator[Find]:
    shape, gaps, start, end = chain.shape, set(chain.gaps), chain.start, chain.end
    length, digits = len(chain.digits), chain.digits.decode()
    uniform = len(gaps) <= 1 and gaps <= SAME
    if uniform and length >= 12 and (len(shape) == 1 or shape in CARD_SHAPES) and digits.startswith(ISSUERS):
        good = luhn(digits)
        score = (0.8 if length >= 13 else 0.5) if good else 0.2
        yield Find(start, end, "CREDIT_CARD", score, "Luhn" if good else "no Luhn")
    if length == 9 and uniform and shape in ((3, 2, 4), (9,)) and social_security(digits):
        apart = len(shape) == 3
        yield Find(start, end, "SSN", 0.75 if apart else 0.15, "3-2-4" if apart else "nine digits")
    if shape == (9,) and aba(digits):
        yield Find(start, end, "BANK_ROUTING", 0.2, "ABA check digit")
    if length in BY_DIGITS and shape in ID_SHAPES and gaps <= ID_GAPS:
        for country, check, score in BY_DIGITS[length]:
            if check(digits):
                more = 0.2 if shape in ((3, 3, 3, 2), (6, 4)) and len(gaps - {b" "}) else 0.0
                yield Find(start, end, "NATIONAL_ID", score + more, f"{country} check digit")


def _is_date(chain: Chain) -> bool:
    """2024-05-17, 17/05/2024 and the like, also with a time behind them."""
    shape, parts = chain.shape, [group.digits for group in chain.groups]
    if len(parts) < 3 or chain.gaps[0] != chain.gaps[1] or chain.gaps[0] not in (b"-", b"/", b"."):
        return False
    year_first = shape[0] == 4 and parts[0][:2] in CENTURIES and max(shape[1:3]) <= 2
    year_last = shape[2] == 4 and parts[2][:2] in CENTURIES and max(shape[:2]) <= 2
    return year_first or year_last


def _left_open(gaps: Sequence[bytes]) -> bool:
    """A bracket that is opened behind the first group and not closed behind the next belongs to what follows."""
    return any(b"(" in gap and b")" not in after[:1] for gap, after in zip(gaps, [*gaps, b""][1:], strict=True))


def _alone(data: bytes, start: int, end: int) -> bool:
    before = data[max(0, start - 32) : start].rpartition(b"\0")
    line = before[2].rpartition(b"\n")
    begins = bool(line[1]) or bool(before[1]) or start < 32
    behind = data[end : end + 32].partition(b"\0")[0].partition(b"\n")[0]
    return begins and not line[2].strip() and not behind.strip()


def family(regions: tuple[str, ...], shy: bool = True) -> Family:
    """The anchor is seven digits and where they end: once for a stretch of numbers, not for each of its digits."""
    anchor = rb"\d(?:[ ().+/-]{0,3}\d){6}(?:[ ().+/-]{0,3}(?:[^0-9 ().+/-]|\z)|[ ().+/-]{4})"
    return Family("numbers", (anchor,), b"0123456789 ().+/-", Numbers(regions, shy).read, "PHONE", LONGEST)
