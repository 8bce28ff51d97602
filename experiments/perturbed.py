"""Perturbed copies of BBH texts: new names, numbers, orders and dates in the form of the original.

A language model that writes rules may know the public texts; it cannot know these. The right answer comes from an
independent solver, or, where none can be had, from a symmetry that the task has (`SYMMETRIC`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from experiments.solvers import SOLVERS, options
from self_distill.types import Example

Made = tuple[str, str]
"""Text and right answer."""
NAMES = (
    "Nadia",
    "Omar",
    "Priya",
    "Quentin",
    "Rosa",
    "Sanjay",
    "Tilda",
    "Umberto",
    "Vera",
    "Wendell",
    "Ximena",
    "Yusuf",
)
COLOURS = ("red", "orange", "yellow", "green", "blue", "brown", "magenta", "fuchsia", "mauve", "teal", "turquoise",
           "burgundy", "silver", "gold", "black", "grey", "purple", "pink")  # fmt: skip
WORDS = ("ledger", "quorum", "sandbox", "vault", "cascade", "beacon", "thimble", "orchard", "granite", "whistle",
         "ember", "lantern", "meadow", "copper", "saddle", "violet", "harbor", "pebble", "walnut")  # fmt: skip
CYCLE = 28
"""Years after which the calendar repeats, weekdays and leap years alike, between 1901 and 2099."""


def perturbed(task: str, rows: Sequence[Example], n: int, seed: int) -> list[Example]:
    """`n` copies made from `rows`, none of them among the rows; the same for the same seed."""
    rng = random.Random(f"{task} {seed}")
    known = {row.text for row in rows}
    found: dict[str, str] = {}
    while len(found) < n:
        row = rng.choice(rows)
        made = PERTURBED[task](row, rows, rng)
        if made and made[0] not in known:
            found.setdefault(*made)
    return [Example(f"{task}-copy-{i}", text, label) for i, (text, label) in enumerate(found.items())]


def solved(change: Callable[[str, random.Random], str], task: str) -> Callable[..., Made | None]:
    def make(row: Example, rows: Sequence[Example], rng: random.Random) -> Made | None:
        text = change(row.text, rng)
        answer = SOLVERS[task](text)
        return (text, answer) if answer else None

    return make


def _expression(text: str, rng: random.Random) -> str:
    """Truth values and operators drawn anew; brackets stay where they are."""
    draws = {"True": ("True", "False"), "False": ("True", "False"), "and": ("and", "or"), "or": ("and", "or")}
    return re.sub(r"\b(?:True|False|and|or)\b", lambda m: rng.choice(draws[m[0]]), text)


def _list(text: str, rng: random.Random) -> str:
    head, _, words = text.partition("List: ")
    listed = [*words.split(), *rng.sample(WORDS, rng.randint(2, 6))]
    return f"{head}List: {' '.join(rng.sample(listed, len(listed) - rng.randint(0, 2)))}"


def _walk(text: str, rng: random.Random) -> str:
    """Other numbers and ways in a random order; in every other copy the way back is made as long as the way out."""
    steps = re.findall(r"(?:Take \d+ steps?[^.]*|Turn [^.]*)\.", text)
    if rng.random() < 0.5 and "Always face forward" in text:
        n, k = rng.randint(1, 10), rng.randint(1, 10)
        there = [f"Take {n} steps left.", f"Take {k} steps backward."]
        back = [f"Take {n} steps right.", f"Take {k} steps forward."]
        steps = rng.sample([*there, *back], 4)
    else:
        steps = [re.sub(r"\d+ steps?", lambda m: _steps(rng.randint(1, 10)), step) for step in steps]
        rng.shuffle(steps)
    start = text.index("Take") if "Turn" not in text else min(text.index("Take"), text.index("Turn"))
    head, tail = text[:start], text[text.rindex(".") + 1 :]
    return head + " ".join(steps) + tail


def _steps(n: int) -> str:
    return f"{n} step" if n == 1 else f"{n} steps"


def _swaps(text: str, rng: random.Random) -> str:
    """Other people, other pairs, another question."""
    people = re.findall(r"\w+", re.match(r"((?:\w+, )+and \w+)", text)[1].replace(" and ", " "))  # type: ignore[index]
    new = dict(zip(people, rng.sample(NAMES, len(people)), strict=True))

    def pair(match: re.Match[str]) -> str:
        one, other = rng.sample(people, 2)
        return f"{one} and {other} {match[1]}"

    text = re.sub(r"\b\w+ and \w+ ((?:swap|trade|switch) )", pair, text)
    text = re.sub(r"(At the end of .*?, )\w+", lambda m: m[1] + rng.choice(people), text)
    return re.sub(r"\b(?:" + "|".join(people) + r")\b", lambda m: new[m[0]], text)


def _order(text: str, rng: random.Random) -> str:
    """The things change places, the statements and the options their order."""
    story, _, choices = text.partition("\nOptions:\n")
    head, listed, rest = re.split(r"(?<=: )(.*?\.)", story, maxsplit=1)
    things = [re.sub(r"^(?:and )?(?:an? )?", "", t.strip(" .")) for t in re.split(r", (?:and )?| and ", listed)]
    new = dict(zip(things, rng.sample(things, len(things)), strict=True))
    longest = sorted(things, key=len, reverse=True)
    swap = re.compile(r"(?i)\b(?:" + "|".join(map(re.escape, longest)) + r")\b")

    def other(match: re.Match[str]) -> str:
        found = new[next(t for t in things if t.lower() == match[0].lower())]
        return found[0].upper() + found[1:] if match[0][0].isupper() and match.start() == 0 else found

    said = [swap.sub(other, s.strip()) for s in rest.split(".") if s.strip()]
    rng.shuffle(said)
    picked = [swap.sub(other, line.partition(") ")[2]) for line in choices.splitlines()]
    rng.shuffle(picked)
    lettered = "\n".join(f"({chr(65 + i)}) {line}" for i, line in enumerate(picked))
    return f"{head}{listed} {'. '.join(said)}.\nOptions:\n{lettered}"


def _coloured(row: Example, rows: Sequence[Example], rng: random.Random) -> Made | None:
    """Colours change places among themselves: an answer that is a colour follows, a number or yes or no stays."""
    story, _, choices = row.text.partition("\nOptions:\n")
    new = dict(zip(COLOURS, rng.sample(COLOURS, len(COLOURS)), strict=True))
    story = re.sub(r"\b(?:" + "|".join(COLOURS) + r")\b", lambda m: new[m[0]], story)
    story = re.sub(r"\b([Aa])n? (?=(\w))", lambda m: f"{m[1]}{'n' if m[2] in 'aeio' else ''} ", story)
    letters = options(choices)
    said = letters[str(row.label)]
    answer = next((k for k, v in letters.items() if v == new.get(said, said)), None)
    return (f"{story}\nOptions:\n{choices}", answer) if answer else None


def _dated(row: Example, rows: Sequence[Example], rng: random.Random) -> Made | None:
    """Every year moves by 28, and the options change their order."""
    years = [int(y) for y in re.findall(r"\b(?:1[89]|20)\d\d\b", row.text)]
    shifts = [s for s in (CYCLE, -CYCLE) if years and min(years) + s > 1901 and max(years) + s < 2099]
    if not shifts or re.search(r"/\d\d\b(?!\d)", row.text.partition("\nOptions:\n")[0]):
        return None
    shift = rng.choice(shifts)
    text = re.sub(r"\b(?:1[89]|20)\d\d\b", lambda m: str(int(m[0]) + shift), row.text)
    story, _, choices = text.partition("\nOptions:\n")
    lines = options(choices)
    order = rng.sample(list(lines), len(lines))
    lettered = [f"({chr(65 + i)}) {lines[letter]}" for i, letter in enumerate(order)]
    return story + "\nOptions:\n" + "\n".join(lettered), f"({chr(65 + order.index(str(row.label)))})"


def _adjectives(row: Example, rows: Sequence[Example], rng: random.Random) -> Made | None:
    """Adjectives and noun of other sentences, in the order that all right sentences share."""
    after: dict[str, set[str]] = {}
    nouns = set()
    for other in rows:
        *adjectives, noun = options(other.text)[str(other.label)].split()
        nouns.add(noun)
        for i, word in enumerate(adjectives):
            after.setdefault(word, set()).update(adjectives[i + 1 :])
    chosen = rng.sample(sorted(after), rng.randint(3, 5))
    right = sorted(chosen, key=lambda word: -len(after[word] & set(chosen)))
    if any(b not in after[a] for i, a in enumerate(right) for b in right[i + 1 :]):
        return None
    wrong = rng.sample(right, len(right))
    if wrong == right:
        return None
    noun, first = rng.choice(sorted(nouns)), rng.random() < 0.5
    pair = [right, wrong] if first else [wrong, right]
    lines = [f"({letter}) {' '.join(words)} {noun}" for letter, words in zip("AB", pair, strict=True)]
    return row.text.partition("\n")[0] + "\nOptions:\n" + "\n".join(lines), "(A)" if first else "(B)"


PERTURBED: dict[str, Callable[[Example, Sequence[Example], random.Random], Made | None]] = {
    "boolean_expressions": solved(_expression, "boolean_expressions"),
    "word_sorting": solved(_list, "word_sorting"),
    "navigate": solved(_walk, "navigate"),
    **{
        f"tracking_shuffled_objects_{n}_objects": solved(_swaps, f"tracking_shuffled_objects_{n}_objects")
        for n in ("three", "seven")
    },
    **{
        f"logical_deduction_{n}_objects": solved(_order, f"logical_deduction_{n}_objects")
        for n in ("three", "five", "seven")
    },
    "reasoning_about_colored_objects": _coloured,
    "date_understanding": _dated,
    "hyperbaton": _adjectives,
}
SYMMETRIC = ("reasoning_about_colored_objects", "date_understanding", "hyperbaton")
"""Tasks whose copies have their answers from the gold of the original and a symmetry, not from a solver."""
