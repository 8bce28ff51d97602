"""Sentences whose acceptability is known, because we made them: minimal pairs of eighteen kinds, after the manner of
BLiMP (Warstadt et al., 2020); words and templates are our own."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from self_distill.errors import DataError
from self_distill.types import Example

PEOPLE = {
    "nurse": "nurses", "driver": "drivers", "teacher": "teachers", "farmer": "farmers", "clerk": "clerks",
    "pilot": "pilots", "student": "students", "baker": "bakers", "neighbour": "neighbours", "painter": "painters",
    "waiter": "waiters", "gardener": "gardeners", "child": "children", "woman": "women", "man": "men",
    "doctor": "doctors", "sailor": "sailors", "tailor": "tailors", "guard": "guards", "boy": "boys", "girl": "girls",
    "singer": "singers", "thief": "thieves", "hunter": "hunters", "lawyer": "lawyers", "cook": "cooks",
}  # fmt: skip
THINGS = {
    "lamp": "lamps", "letter": "letters", "basket": "baskets", "bicycle": "bicycles", "ladder": "ladders",
    "blanket": "blankets", "window": "windows", "kettle": "kettles", "knife": "knives", "box": "boxes",
    "map": "maps", "chair": "chairs", "bottle": "bottles", "shelf": "shelves", "photo": "photos",
    "sign": "signs", "brush": "brushes", "toy": "toys", "drum": "drums", "flag": "flags", "pillow": "pillows",
    "leaf": "leaves", "dish": "dishes", "coin": "coins", "hat": "hats", "rope": "ropes", "plate": "plates",
}  # fmt: skip
MASSES = ("water", "rice", "sand", "furniture", "advice", "luggage", "bread", "music")
PLACES = (
    "garden", "kitchen", "harbour", "library", "village", "station", "market", "valley", "office", "barn",
    "castle", "church", "hotel", "museum", "school", "tunnel",
)  # fmt: skip
ADJECTIVES = ("small", "green", "heavy", "grey", "yellow", "clean", "strange", "plain", "narrow", "warm", "large")
MANNERS = ("tall", "young", "friendly", "tired", "careful", "proud", "famous", "busy", "kind", "shy")
"""Of people. Like all words that may stand behind "a", these and the nouns begin with a consonant."""
NAMES = ("Anna", "Tom", "Maria", "Paul", "Lena", "Oscar", "Nina", "Hugo", "Ruth", "Felix", "Clara", "Simon")
ADVERBS = ("quickly", "quietly", "carefully", "slowly", "happily", "suddenly")
# base, third person, past, participle
TAKING = (
    ("carry", "carries", "carried", "carried"), ("see", "sees", "saw", "seen"), ("take", "takes", "took", "taken"),
    ("clean", "cleans", "cleaned", "cleaned"), ("break", "breaks", "broke", "broken"),
    ("draw", "draws", "drew", "drawn"), ("buy", "buys", "bought", "bought"), ("hide", "hides", "hid", "hidden"),
    ("choose", "chooses", "chose", "chosen"), ("shake", "shakes", "shook", "shaken"),
    ("move", "moves", "moved", "moved"), ("find", "finds", "found", "found"), ("wash", "washes", "washed", "washed"),
    ("steal", "steals", "stole", "stolen"), ("throw", "throws", "threw", "thrown"),
)  # fmt: skip
ALONE = (
    ("sleep", "sleeps", "slept"), ("arrive", "arrives", "arrived"), ("laugh", "laughs", "laughed"),
    ("wait", "waits", "waited"), ("smile", "smiles", "smiled"), ("sneeze", "sneezes", "sneezed"),
)  # fmt: skip
NEEDING = ("fixed", "avoided", "repaired", "damaged", "discovered", "touched", "removed", "lifted", "praised")
"""Not to be had without an object, not even where only one habit is told."""
OBJECT_CASE = {"he": "him", "she": "her", "they": "them", "we": "us", "I": "me"}
REFLEXIVE = {"he": "himself", "she": "herself", "they": "themselves", "we": "ourselves", "I": "myself"}
SEEN = ("saw", "painted", "described", "blamed", "praised", "photographed", "mentioned", "watched")
LONGER = ("taller", "older", "stronger", "kinder", "faster", "younger", "louder", "slower", "happier")
MODALS = ("can", "could", "must", "should", "will", "would", "might")

Pair = tuple[str, str]
"""(acceptable, not acceptable)"""


@dataclass(frozen=True, slots=True)
class Words:
    """Draws words from one seeded source."""

    rng: random.Random

    def one(self, options: Mapping[str, str] | tuple[str, ...]) -> str:
        return self.rng.choice(tuple(options))

    def person(self, plural: bool) -> str:
        one = self.one(PEOPLE)
        return self.with_adjective(MANNERS, PEOPLE[one] if plural else one)

    def thing(self, plural: bool) -> str:
        one = self.one(THINGS)
        return self.with_adjective(ADJECTIVES, THINGS[one] if plural else one)

    def with_adjective(self, options: tuple[str, ...], noun: str) -> str:
        return f"{self.one(options)} {noun}" if self.rng.random() < 0.4 else noun

    def flip(self) -> bool:
        return self.rng.random() < 0.5

    def place(self) -> str:
        return self.rng.choice(("in the {}", "near the {}", "behind the {}", "at the {}")).format(self.one(PLACES))


def agreement(w: Words) -> Pair:
    plural, (base, third, *_) = w.flip(), w.rng.choice(TAKING)
    right, wrong = (base, third) if plural else (third, base)
    frame = f"The {w.person(plural)} {{}} the {w.thing(w.flip())} {w.place()}."
    return frame.format(right), frame.format(wrong)


def distant_agreement(w: Words) -> Pair:
    plural = w.flip()
    right, wrong = ("are", "is") if plural else ("is", "are")
    frame = f"The {w.thing(plural)} of the {w.person(not plural)} {{}} {w.one(ADJECTIVES)}."
    return frame.format(right), frame.format(wrong)


def determiner(w: Words) -> Pair:
    plural = w.flip()
    many, one = w.rng.choice((("these", "this"), ("those", "that"), ("many", "a"), ("several", "every")))
    noun = w.thing(plural)
    frame = f"{w.one(NAMES)} {w.rng.choice(TAKING)[2]} {{}} {noun} {w.place()}."
    return (frame.format(many), frame.format(one)) if plural else (frame.format(one), frame.format(many))


def reflexive(w: Words) -> Pair:
    subject = w.one(REFLEXIVE)
    other = w.rng.choice([p for p in REFLEXIVE if p != subject])
    frame = f"{subject[0].upper()}{subject[1:]} {w.one(SEEN)} {{}} {w.place()}."
    return frame.format(REFLEXIVE[subject]), frame.format(REFLEXIVE[other])


def case(w: Words) -> Pair:
    pronoun = w.one(OBJECT_CASE)
    verb = w.rng.choice(("helped", "thanked", "followed", "greeted", "warned"))
    if w.flip():
        frame = f"The {w.person(w.flip())} {verb} {{}} {w.place()}."
        return frame.format(OBJECT_CASE[pronoun]), frame.format(pronoun)
    frame = f"Yesterday {{}} {verb} the {w.person(w.flip())}."
    return frame.format(pronoun), frame.format(OBJECT_CASE[pronoun])


def adjective_order(w: Words) -> Pair:
    # Before the verb: behind an object ("found the box clean") an adjective may tell a state.
    plural, adjective = w.flip(), w.one(ADJECTIVES)
    one = w.one(THINGS)
    noun, rest = (THINGS[one], "were") if plural else (one, "was")
    rest += f" {w.place()}"
    return f"The {adjective} {noun} {rest}.", f"The {noun} {adjective} {rest}."


def word_order(w: Words) -> Pair:
    name, verb, noun, place = w.one(NAMES), w.rng.choice(TAKING)[2], w.thing(w.flip()), w.place()
    wrong = w.rng.choice((f"{verb} {name} the {noun} {place}", f"{name} the {noun} {verb} {place}"))
    return f"{name} {verb} the {noun} {place}.", f"{wrong[0].upper()}{wrong[1:]}."


def participle(w: Words) -> Pair:
    *_, past, part = w.rng.choice([verb for verb in TAKING if verb[2] != verb[3]])
    plural = w.flip()
    frame = f"The {w.person(plural)} {'have' if plural else 'has'} {{}} the {w.thing(w.flip())}."
    return frame.format(part), frame.format(past)


def do_support(w: Words) -> Pair:
    base, _, past, _ = w.rng.choice(TAKING)
    frame = w.rng.choice(("{name} did not {{}} the {thing}.", "Did {name} {{}} the {thing}?"))
    frame = frame.format(name=w.one(NAMES), thing=w.thing(w.flip()))
    return frame.format(base), frame.format(past)


def no_object(w: Words) -> Pair:
    past, thing, person = w.rng.choice(ALONE)[2], w.thing(w.flip()), w.person(w.flip())
    return f"The {person} {past} {w.place()}.", f"The {person} {past} the {thing}."


def missing_object(w: Words) -> Pair:
    name, verb, thing = w.one(NAMES), w.one(NEEDING), w.thing(w.flip())
    adverb = w.one(ADVERBS)
    return f"{name} {adverb} {verb} the {thing}.", f"{name} {adverb} {verb}."


def question(w: Words) -> Pair:
    word, name, base = w.rng.choice(("Where", "When", "Why")), w.one(NAMES), w.rng.choice(TAKING)[0]
    thing = w.thing(w.flip())
    return f"{word} did {name} {base} the {thing}?", f"{word} {name} did {base} the {thing}?"


def comparative(w: Words) -> Pair:
    frame = f"The {w.person(False)} is {{}} than the {w.person(False)}."
    longer = w.one(LONGER)
    return frame.format(longer), frame.format(f"more {longer}")


def countable(w: Words) -> Pair:
    counted = w.flip()
    noun = w.thing(True) if counted else w.one(MASSES)
    right, wrong = ("many", "much") if counted else ("much", "many")
    frame = f"There {'were' if counted else 'was'} not {{}} {noun} {w.place()}."
    return frame.format(right), frame.format(wrong)


def existential(w: Words) -> Pair:
    plural = w.flip()
    noun = f"{w.one(('two', 'three', 'some'))} {w.thing(True)}" if plural else f"one {w.thing(False)}"
    right, wrong = ("are", "is") if plural else ("is", "are")
    frame = f"There {{}} {noun} {w.place()}."
    return frame.format(right), frame.format(wrong)


def modal(w: Words) -> Pair:
    base, third, past, _ = w.rng.choice(TAKING)
    frame = f"The {w.person(w.flip())} {w.one(MODALS)} {{}} the {w.thing(w.flip())} {w.place()}."
    return frame.format(base), frame.format(w.one((third, past)))


def polarity(w: Words) -> Pair:
    thing = THINGS[w.one(THINGS)]
    frame = f"{{}} {w.person(False)} {w.rng.choice(TAKING)[2]} any of the {thing} {w.place()}."
    return frame.format("No"), frame.format(w.one(("Every", "Each", "This", "The")))


def missing_verb(w: Words) -> Pair:
    # Without an adjective: "the young guard the door" has a verb.
    one, thing, place = w.one(PEOPLE), w.thing(w.flip()), w.place()
    person = PEOPLE[one] if w.flip() else one
    return f"The {person} {w.rng.choice(TAKING)[2]} the {thing} {place}.", f"The {person} the {thing} {place}."


KINDS: tuple[Callable[[Words], Pair], ...] = (
    agreement, distant_agreement, determiner, reflexive, case, adjective_order, word_order, participle,
    do_support, no_object, missing_object, question, comparative, countable, existential, modal, polarity, missing_verb,
)  # fmt: skip


def generate(n: int, seed: int) -> list[Example]:
    """`n` sentences, about half of them acceptable ("yes"); `group` is the kind of pair. Row i depends on `seed`
    and i alone, so a longer list starts with the shorter one."""
    if n < 0:
        raise DataError("a generated set needs n >= 0")
    return [_row(seed, index) for index in range(n)]


def _row(seed: int, index: int) -> Example:
    rng = random.Random(f"acceptability:{seed}:{index}")
    kind = rng.choice(KINDS)
    pair = kind(Words(rng))
    good = rng.random() < 0.5
    return Example(
        f"acceptability-{seed}-{index}", pair[0 if good else 1], "yes" if good else "no", group=kind.__name__
    )
