"""Telephone, card, social security and other numbers in runs of digits and separators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import phonenumbers

from self_distill.macros.checksums import BY_DIGITS, aba, luhn, social_security
from self_distill.macros.detectors.family import Family, Find, found, pattern, wordy

GROUP = pattern(rb"\d+")
SAME = frozenset({b"", b" ", b"-"})
PHONE_GAPS = frozenset({b" ", b"-", b".", b"/", b"(", b")", b") ", b" (", b")-", b"-(", b" - ", b" / ", b"  ", b"). "})
CARD_SHAPES = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1)})
ID_SHAPES = frozenset(
    {(9,), (10,), (11,), (12,), (15,), (13, 2), (6, 4), (8, 4), (3, 3, 3, 2), (2, 3, 3, 3), (1, 2, 2, 2, 3, 3, 2)}
)
FEWEST_DIGITS, MOST_DIGITS, MOST_GROUPS = 7, 19, 9
ID_GAPS = frozenset({b" ", b"-", b".", b"/", b"+"})
ISSUERS = ("2", "3", "4", "5", "6", "1800")
"""How numbers of payment cards begin: ISO/IEC 7812 leaves 1 to airlines, but JCB has 1800 and 2131."""
LONELY = 0.25
"""What a number gains that fills its line, as in an address block."""


class Group(NamedTuple):
    start: int
    end: int
    digits: str


class Chain(NamedTuple):
    """Neighbouring groups of digits; `gaps` stand between them, `shape` are their lengths."""

    groups: Sequence[Group]
    gaps: tuple[bytes, ...]
    digits: str
    shape: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.groups[0].start

    @property
    def end(self) -> int:
        return self.groups[-1].end


@dataclass(frozen=True, slots=True)
class Numbers:
    """`regions` are where national telephone numbers may be from (ISO 3166), most likely first."""

    regions: tuple[str, ...]

    def read(self, data: bytes, low: int, high: int) -> Iterator[Find]:
        groups = [Group(s, e, v.decode()) for s, e, v in found(GROUP, data, low, high)]
        at = 0
        while at < len(groups):
            if wordy(data, groups[at].start - 1):
                at += 1
                continue
            taken = at + 1
            for find, until in self._at(data, groups, at):
                yield find
                taken = max(taken, until)
            at = taken

    def _at(self, data: bytes, groups: Sequence[Group], at: int) -> Iterator[tuple[Find, int]]:
        """Everything that begins with group `at`, and behind which group it ends."""
        chains = _chains(data, groups, at)
        for chain in chains:
            yield from ((find, at + len(chain.groups)) for find in _checked(chain))
        phone = next((f for chain in reversed(chains) if (f := self._phone(data, chain))), None)
        if phone:
            yield phone, at + sum(1 for group in groups[at : at + 12] if group.end <= phone.end)

    def _phone(self, data: bytes, chain: Chain) -> Find | None:
        digits, shape = chain.digits, chain.shape
        if len(digits) > 15 or not PHONE_GAPS.issuperset(chain.gaps) or _is_date(chain):
            return None
        start = _opened(data, chain.start)
        plus = data[start - 1 : start] == b"+"
        if plus or (digits.startswith("00") and len(digits) > 9):
            start -= plus
            return Find(start, chain.end, "PHONE", *self._international(chain, plus))
        score, rule = self._national(digits, shape, chain.gaps, start < chain.start)
        if len(shape) > 1 and len(digits) > 7 and shape != (5, 4) and _alone(data, start, chain.end):
            score, rule = score + LONELY, f"{rule}, alone on its line"
        return Find(start, chain.end, "PHONE", score, rule) if score else None

    def _international(self, chain: Chain, plus: bool) -> tuple[float, str]:
        groups = [g.digits for g in chain.groups]
        if len(groups) > 1 and groups[1] == "0":
            del groups[1]  # +46 (0)179 …
        digits = "".join(groups)
        try:
            number = phonenumbers.parse("+" + (digits if plus else digits[2:]))
        except phonenumbers.NumberParseException:
            return 0.3, "international form, no such country"
        if phonenumbers.is_valid_number(number):
            return 0.9, "international, in its country's plan"
        possible = phonenumbers.is_possible_number(number)
        return (0.6, "international, possible") if possible else (0.4, "international form")

    def _national(
        self, digits: str, shape: tuple[int, ...], gaps: tuple[bytes, ...], bracketed: bool
    ) -> tuple[float, str]:
        north_american = digits[-10:]
        if len(digits) == 10 or (len(digits) == 11 and digits[0] == "1"):
            plan = north_american[0] in "23456789" and north_american[3] in "23456789"
            if shape in ((3, 3, 4), (1, 3, 3, 4), (3, 7), (6, 4)) and len(set(gaps)) <= 2:
                if plan:
                    return 0.75, "3-3-4 in the North American plan"
            if plan and len(shape) == 1:
                return 0.3, "ten digits in the North American plan"
        if len(shape) == 1:
            return (0.25, "digits alone") if len(digits) <= 12 else (0.0, "")
        if all(size == 3 for size in shape[1:]) and set(gaps) <= {b" ", b"."} and shape[0] < 4 and digits[0] != "0":
            return 0.2, "looks like a grouped number"
        if (digits[0] == "0" or bracketed) and any(self._valid(digits, region) for region in self.regions):
            return 0.6, "in the plan of a configured region"
        return (0.45, "3-3-4") if shape == (3, 3, 4) else (0.3, "groups of digits")

    def _valid(self, digits: str, region: str) -> bool:
        try:
            return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
        except phonenumbers.NumberParseException:
            return False


def _chains(data: bytes, groups: Sequence[Group], at: int) -> list[Chain]:
    """From one group on, ever longer, if they have enough digits; what is glued to a letter or goes on after a
    wide gap ends no chain."""
    digits = groups[at].digits
    shape: tuple[int, ...] = (len(digits),)
    gaps: tuple[bytes, ...] = ()
    chains: list[Chain] = []
    end = at + 1
    while True:
        if len(digits) > MOST_DIGITS:
            return chains
        if len(digits) >= FEWEST_DIGITS and not wordy(data, groups[end - 1].end):
            chains.append(Chain(groups[at:end], gaps, digits, shape))
        if end == len(groups) or end == at + MOST_GROUPS:
            return chains
        gap = data[groups[end - 1].end : groups[end].start]
        if len(gap) > 3:
            return chains
        gaps += (gap,)
        digits += groups[end].digits
        shape += (len(groups[end].digits),)
        end += 1


def _checked(chain: Chain) -> Iterator[Find]:
    digits, shape, gaps = chain.digits, chain.shape, set(chain.gaps)
    length = len(digits)
    uniform = len(gaps) <= 1 and gaps <= SAME

    def find(type_: str, score: float, rule: str) -> Find:
        return Find(chain.start, chain.end, type_, score, rule)

    if length >= 12 and uniform and (len(shape) == 1 or shape in CARD_SHAPES) and digits.startswith(ISSUERS):
        good = luhn(digits)
        yield find("CREDIT_CARD", (0.8 if length >= 13 else 0.5) if good else 0.2, "Luhn" if good else "no Luhn")
    if length == 9 and uniform and shape in ((3, 2, 4), (9,)) and social_security(digits):
        yield find("SSN", 0.75 if len(shape) == 3 else 0.15, "3-2-4" if len(shape) == 3 else "nine digits")
    if shape == (9,) and aba(digits):
        yield find("BANK_ROUTING", 0.2, "ABA check digit")
    if length in BY_DIGITS and shape in ID_SHAPES and gaps <= ID_GAPS:
        for country, check, score in BY_DIGITS[length]:
            if check(digits):
                more = 0.2 if shape in ((3, 3, 3, 2), (6, 4)) and len(gaps - {b" "}) else 0.0
                yield find("NATIONAL_ID", score + more, f"{country} check digit")


def _is_date(chain: Chain) -> bool:
    """2024-05-17, 17/05/2024 and the like, also with a time behind them."""
    shape, parts = chain.shape, [group.digits for group in chain.groups]
    if len(parts) < 3 or chain.gaps[0] != chain.gaps[1] or chain.gaps[0] not in (b"-", b"/", b"."):
        return False
    year_first = shape[0] == 4 and parts[0][:2] in ("18", "19", "20") and max(shape[1:3]) <= 2
    year_last = shape[2] == 4 and parts[2][:2] in ("18", "19", "20") and max(shape[:2]) <= 2
    return year_first or year_last


def _alone(data: bytes, start: int, end: int) -> bool:
    before = data[max(0, start - 32) : start].rpartition(b"\n")
    return (
        (bool(before[1]) or start < 32)
        and not before[2].strip()
        and not data[end : end + 32].partition(b"\n")[0].strip()
    )


def _opened(data: bytes, start: int) -> int:
    """With the bracket that opens an area code."""
    return start - 1 if data[start - 1 : start] == b"(" and start else start


def family(regions: tuple[str, ...]) -> Family:
    anchor = rb"\d(?:[ ().+/-]{0,3}\d){6}"
    return Family("numbers", (anchor,), b"0123456789 ().+/-", Numbers(regions).read, "PHONE")
