"""A decision list: marks in order, the first that a text has decides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

OFTEN = 2
"""Texts that a mark must occur in."""
LEAST = 0.5
"""What a mark must be worth, as a smoothed share of right answers."""


def decided(found: Sequence[set[str]], answers: Sequence[int]) -> list[tuple[float, str, int]]:
    """(share of right answers on train, mark, answer), the surest first. A mark stays that decides a text which no
    surer one decides.

    Yarowsky, Decision lists for lexical ambiguity resolution, ACL 1994; a share is smoothed towards how frequent
    its answer is, by one text."""
    frequent = Counter(answers)
    having: dict[str, list[int]] = defaultdict(list)
    for place, marks in enumerate(found):
        for mark in marks:
            having[mark].append(place)
    worth = []
    for mark, places in having.items():
        if len(places) >= OFTEN:
            counts = Counter(answers[place] for place in places)
            answer = min(counts, key=lambda a: (-counts[a], a))
            share = (counts[answer] + frequent[answer] / len(answers)) / (len(places) + 1)
            worth.append((share, mark, answer))
    entries, open_ = [], set(range(len(found)))
    for share, mark, answer in sorted(worth, key=lambda entry: (-entry[0], entry[1])):
        if share >= LEAST and not open_.isdisjoint(having[mark]):
            entries.append((share, mark, answer))
            open_.difference_update(having[mark])
    return entries
