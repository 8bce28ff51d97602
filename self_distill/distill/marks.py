"""The part of an induced rule that is the same in all of them; its source is written into each.

It runs here while a rule is learned and in the sandbox when it answers, so it uses only what both have.
"""

from __future__ import annotations

import json
import re
from typing import Any

CUT = 5
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[?!$%@]")


def marks(text: str) -> set[str]:
    """What is to be seen of a text: words cut to their first letters, neighbours as a_b with ^ and $ for the ends,
    # for a number, ~8 for fewer than eight words, ~Cap and ~CAPS for capitals within."""
    found, before = set(), "^"
    words = WORD.findall(text.replace("\u2019", "'"))
    for i, word in enumerate(words):
        if i and word[0].isupper() and word != "I":
            found.add("~CAPS" if len(word) > 1 and word.isupper() else "~Cap")
        word = "#" if word[0].isdigit() else word.lower()[:CUT]
        found.add(word)
        found.add(before + "_" + word)
        before = word
    found.add(before + "_$")
    found.add("~" + str(min([n for n in (4, 8, 16, 32, 64, 999) if len(words) < n or n == 999])))
    return found


def places(mark: str, table: str) -> list[tuple[str, int, int]]:
    """Where a mark stands in a table: (answer in JSON, its points or 0, place). Lines are `answer <- 7 mark mark 3
    mark `: a mark has the points that stand before it."""
    found = []
    at = table.find(" " + mark + " ")
    while at >= 0:
        start = table.rfind("\n", 0, at) + 1
        arrow = table.find(" <- ", start)
        if arrow <= at:
            points = re.findall(r" (\d+) ", table[arrow : at + 1])
            found.append((table[start:arrow], int(points[-1]) if points else 0, at))
        at = table.find(" " + mark + " ", at + 1)
    return found


def ranked(found: set[str], table: str) -> list[tuple[int, str, str]]:
    """(points, answer, its marks), the most points first."""
    points: dict[str, int] = {}
    named: dict[str, str] = {}
    for mark in sorted(found):
        for answer, more, _ in places(mark, table):
            points[answer] = points.get(answer, 0) + more
            named[answer] = named.get(answer, "") + " " + mark
    return [*sorted([(n, a, named[a]) for a, n in points.items()], reverse=True), (0, "", ""), (0, "", "")]


def by_points(found: set[str], table: str, lead: int) -> Any:
    """The answer that leads by so many points; null abstains."""
    first, second = ranked(found, table)[:2]
    ahead = first[0] - second[0]
    sure = ahead >= lead and first[1] != "null"
    return (json.loads(first[1]), f"{first[0]} points, {ahead} ahead:{first[2]}") if sure else None


def by_first(found: set[str], table: str) -> Any:
    """The answer of the first line that has one of the marks."""
    hits = [(at, answer, mark) for mark in found for answer, _, at in places(mark, table)[:1]]
    return (json.loads(min(hits)[1]), min(hits)[2]) if hits and min(hits)[1] != "null" else None
