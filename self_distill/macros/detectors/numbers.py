"""Telephone, card, social security and other numbers in runs of digits and separators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from self_distill.macros.checksums import BY_DIGITS, IBAN_LENGTH, aba, luhn, social_security
from self_distill.macros.detectors import plans, shapes
from self_distill.macros.detectors.context import supported
from self_distill.macros.detectors.family import Family, Find, pattern, wordy
from self_distill.macros.scan import EngineName

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
SHORT = 40
"""Bytes: a longer run is several numbers."""
OPENING = b"+("
ZEROS = bytes(48 if 48 <= c < 58 else c for c in range(256))
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
MAESTRO = "56"
"""Only such cards have twelve digits."""
LONELY = 0.25
"""What a number gains that fills its line, as in an address block."""


class Group(NamedTuple):
    start: int
    end: int
    digits: bytes


class Chain(NamedTuple):
    """Neighbouring groups of digits; `gaps` stand between them, `shape` are their lengths."""

    start: int
    end: int
    groups: Sequence[bytes]
    gaps: Sequence[bytes]
    digits: bytes
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`regions` are where national telephone numbers may be from (ISO 3166). With `shy`, what would need words in
    its favour is dropped early where there are none."""

    regions: tuple[str, ...]
    shy: bool = True

    def read(self, data: bytes, low: int, high: int) -> Iterable[Find]:
        part = data[low:high].rstrip(LOOSE)
        if b"(" in part and b")" not in part[part.rindex(b"(") :] and part[-FEWEST_DIGITS:].count(b"("):
            part = part[: part.rindex(b"(")].rstrip(LOOSE)
        core = part.lstrip(LOOSE)
        end, start = low + len(part), low + len(part) - len(core)
        if self.shy and core.isdigit() and len(core) <= WEAK and core[:2] != b"00" and not supported(data, start, end):
            return ()
        if core[:2] == b"0." and core[2:].isdigit():
            return ()
        if core.translate(NINES) in DATES or _of_account(data, low):
            return ()
        if len(core) <= SHORT and (chain := _entire(data, core, start)):
            if _other(chain):
                return ()
            finds = self._whole(data, chain)
            if _indivisible(chain.shape) or any(find.score >= ENOUGH for find in finds):
                return finds
            if self.shy and _named(data, start) and not supported(data, start, end):
                return ()
        return self._apart(data, low, high)

    def _apart(self, data: bytes, low: int, high: int) -> Iterator[Find]:
        for groups in _stretches(data, low, high):
            yield from self._read(data, groups)

    def _read(self, data: bytes, groups: Sequence[Group]) -> Iterator[Find]:
        whole = _chain(data, groups)
        finds = self._whole(data, whole) if whole else []
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

    def _whole(self, data: bytes, chain: Chain) -> list[Find]:
        finds = _checked(chain)
        if find := self._phone(data, chain):
            finds.append(find)
        return finds

    def _at(self, data: bytes, groups: Sequence[Group], at: int) -> Iterator[tuple[Find, int]]:
        """Everything that begins with group `at`, and behind which group it ends."""
        chains = _chains(data, groups, at)
        for chain in chains:
            yield from ((find, at + len(chain.groups)) for find in _checked(chain))
        phones = [(phone, at + len(c.groups)) for c in reversed(chains) if (phone := self._phone(data, c))]
        if phones:
            yield next((phone for phone in phones if phone[0].score >= ENOUGH), phones[0])

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
    groups = list(chain.groups)
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


def _entire(data: bytes, core: bytes, start: int) -> Chain | None:
    """A short run as one chain, if nothing is glued to it and no gap is too wide."""
    end = start + len(core)
    if wordy(data, start - 1) or wordy(data, end):
        return None
    groups = core.translate(DIGITS).split()
    gaps = [gap for gap in core.lstrip(OPENING).translate(ZEROS).split(b"0") if gap]
    digits = b"".join(groups)
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or len(groups) > MOST_GROUPS or len(gaps) >= len(groups):
        return None
    if gaps and max(map(len, gaps)) > WIDEST:
        return None
    return Chain(end - len(core.lstrip(OPENING)), end, groups, gaps, digits, tuple(map(len, groups)))


def _chain(data: bytes, groups: Sequence[Group]) -> Chain | None:
    """All of these groups, if a number can have so many."""
    if len(groups) > MOST_GROUPS:
        return None
    parts = [group.digits for group in groups]
    digits = b"".join(parts)
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    gaps = [data[one.end : two.start] for one, two in pairwise(groups)]
    return Chain(groups[0].start, groups[-1].end, parts, gaps, digits, tuple(map(len, parts)))


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


def _checked(chain: Chain) -> list[Find]:
    """By check digits and shapes; telephone numbers apart."""
    shape, gaps, digits = chain.shape, set(chain.gaps), chain.digits.decode()
    length, uniform = len(digits), gaps <= SAME and len(gaps) <= 1
    finds: list[Find] = []

    def find(type_: str, score: float, rule: str) -> None:
        finds.append(Find(chain.start, chain.end, type_, score, rule))

    if uniform and length >= 12 and (len(shape) == 1 or shape in CARD_SHAPES) and digits.startswith(ISSUERS):
        if luhn(digits):
            find("CREDIT_CARD", 0.8 if length >= 13 else 0.5 if digits[0] in MAESTRO else 0.2, "Luhn")
        else:
            find("CREDIT_CARD", 0.2, "no Luhn")
    if length == 9 and uniform and social_security(digits):
        if shape == (3, 2, 4):
            find("SSN", 0.75, "3-2-4")
        elif shape == (9,):
            find("SSN", 0.15, "nine digits")
    if shape == (9,) and aba(digits):
        find("BANK_ROUTING", 0.2, "ABA check digit")
    if length in BY_DIGITS and shape in ID_SHAPES and gaps <= ID_GAPS:
        for country, check, score in BY_DIGITS[length]:
            if check(digits):
                more = 0.2 if shape in ((3, 3, 3, 2), (6, 4)) and len(gaps - {b" "}) else 0.0
                find("NATIONAL_ID", score + more, f"{country} check digit")
    return finds


def _is_date(chain: Chain) -> bool:
    """2024-05-17, 17/05/2024 and the like, also with a time behind them."""
    shape, parts = chain.shape, chain.groups
    if len(parts) < 3 or chain.gaps[0] != chain.gaps[1] or chain.gaps[0] not in (b"-", b"/", b"."):
        return False
    year_first = shape[0] == 4 and parts[0][:2] in CENTURIES and max(shape[1:3]) <= 2
    year_last = shape[2] == 4 and parts[2][:2] in CENTURIES and max(shape[:2]) <= 2
    return year_first or year_last


def _other(chain: Chain) -> bool:
    """What other families read, or nobody: an IPv4 address, an ISBN."""
    shape, gaps, digits = chain.shape, set(chain.gaps), chain.digits
    if len(shape) == 4 and gaps == {b"."} and max(shape) <= 3 and digits[0] != ZERO:
        return True
    return len(shape) == 5 and gaps == {b"-"} and len(digits) == 13 and digits[:3] in (b"978", b"979")


def _of_account(data: bytes, low: int) -> bool:
    """Whether the digits go on with two letters and two digits, as the account numbers of a country do."""
    country = data[max(0, low - 2) : low].decode("latin-1").upper()
    return country in IBAN_LENGTH and data[low : low + 2].isdigit() and not wordy(data, low - 3)


def _named(data: bytes, start: int) -> bool:
    """A number that a dash ties to a word: a serial number, an order."""
    return data[start - 1 : start] == b"-" and wordy(data, start - 2)


def _indivisible(shape: Sequence[int]) -> bool:
    """Whether no part of it is long enough to be read by itself."""
    return len(shape) == 1 or (len(shape) == 2 and max(shape) < FEWEST_DIGITS)


def _left_open(gaps: Sequence[bytes]) -> bool:
    """A bracket that is opened behind the first group and not closed behind the next belongs to what follows."""
    opened = False
    for gap in gaps:
        if opened and gap[:1] != b")":
            return True
        opened = b"(" in gap
    return opened


def _alone(data: bytes, start: int, end: int) -> bool:
    before = data[max(0, start - 32) : start].rpartition(b"\0")
    line = before[2].rpartition(b"\n")
    begins = bool(line[1]) or bool(before[1]) or start < 32
    behind = data[end : end + 32].partition(b"\0")[0].partition(b"\n")[0]
    return begins and not line[2].strip() and not behind.strip()


def family(regions: tuple[str, ...], shy: bool = True, engine_name: EngineName | None = None) -> Family:
    """Where every score counts, the anchor is seven digits and where they end; else a second scan of a text with
    seven digits finds what can reach its threshold."""
    numbers = Numbers(regions, shy)
    if not shy:
        anchor = shapes.ANY + rb"(?:[ ().+/-]{0,3}(?:[^0-9 ().+/-]|\z)|[ ().+/-]{4})"
        return Family("numbers", (anchor,), shapes.CHARS, numbers.read, "PHONE", LONGEST)
    stretches = shapes.Stretches(engine_name)

    def read(data: bytes, _low: int, _high: int) -> Iterator[Find]:
        for low, high in stretches.of(data):
            yield from numbers.read(data, low, high)

    return Family("numbers", (shapes.ANY,), b"", read, "PHONE", once=True)
