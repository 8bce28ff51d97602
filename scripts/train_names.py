"""Train the tagger of names: python scripts/train_names.py [--sentences N] [--epochs N]

Everything it learns from is made here: `names_frames.toml`, the synthetic PII generator (but for its kinds `chat` and
`note`, which are kept for measuring), Faker, the word list. Seeded; the same package versions give the same
`weights.xz`, byte for byte. Run `scripts/bake_names.py` first if the word list is to change.
"""

from __future__ import annotations

import argparse
import lzma
import random
import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from faker import Faker

from self_distill.datasets.pii_values import Source, new_faker, organisation
from self_distill.datasets.synthetic_pii import generate
from self_distill.macros.names import gazetteer
from self_distill.macros.names.features import features, seen
from self_distill.macros.names.tagger import LABELS, TYPES, allowed, viterbi
from self_distill.macros.names.tokens import Token, tokens

OUT = Path(__file__).parents[1] / "self_distill" / "macros" / "names" / "weights.xz"
SEED = 20260
SLOT = re.compile(r"\{(\w)\}")  # runs over our own frames only
KINDS = {"P": "PERSON", "F": "PERSON", "L": "PERSON", "O": "ORGANISATION", "G": "LOCATION", "A": "ADDRESS"}
KINDS |= {"R": "ADDRESS", "C": "ADDRESS"}
LOCALES = """
    en_US en_US en_US en_GB en_AU en_CA en_NZ en_IN de_DE de_AT fr_FR fr_CH es_ES es_MX it_IT nl_NL
    nl_BE sv_SE no_NO da_DK fi_FI pl_PL cs_CZ sk_SK hu_HU ro_RO pt_BR pt_PT hr_HR sl_SI tr_TR el_GR
    ru_RU vi_VN id_ID is_IS lt_LT lv_LV et_EE ga_IE
    """.split()
VOCABULARY, MINIMUM = 1500, 4  # words with a feature of their own; how often a feature must be seen
HELD_OUT = frozenset({"chat", "note"})  # kinds of the generator's templates that training never sees
SHUFFLED = 0.15  # share of addresses whose parts come in any order
FORGET, UNKNOWN = (
    0.12,
    0.3,
)  # share of names that the gazetteer is made to forget; share of made-up place names
DOUBT = 0.08  # share of names that are plain words as well
ENDS = (
    "Street",
    "Road",
    "Bridge",
    "Square",
    "Gardens",
    "Hills",
    "Park",
    "Cove",
    "Fields",
    "Station",
    "Court",
    "Spring",
)
Sentence = tuple[list[str], list[str], list[int]]
"""(tokens, labels, gazetteer bits)"""


@dataclass(frozen=True, slots=True)
class World:
    """What the slots are filled from."""

    rng: random.Random
    fakers: dict[str, Faker]
    common: list[str]
    places: list[str]
    nations: list[str]
    doubtful: list[str]


def world(seed: int) -> World:
    known = gazetteer.words()
    fakers = {locale: new_faker(locale) for locale in dict.fromkeys(LOCALES)}
    for number, fake in enumerate(fakers.values()):
        fake.seed_instance(seed + number)
    plain = gazetteer.COMMON | gazetteer.WORD
    return World(
        random.Random(seed),
        fakers,
        sorted(w for w, b in known.items() if b & gazetteer.COMMON and b & plain == b and 2 < len(w) < 12),
        sorted(w for w, b in known.items() if b & gazetteer.PLACE and not b & plain and w.isalpha()),
        sorted(w for w, b in known.items() if b & gazetteer.NATION),
        sorted(w for w, b in known.items() if b & gazetteer.FIRST and b & gazetteer.COMMON),
    )


def cased(w: World, text: str) -> str:
    roll = w.rng.random()
    return text.lower() if roll < 0.07 else text.upper() if roll < 0.1 else text


def person(w: World, fake: Faker) -> str:
    first, last = fake.first_name(), fake.last_name()
    initial = w.rng.choice("ABCDEFGHIJKLMNOPRSTVWZ")
    forms = (f"{first} {last}",) * 9 + (
        f"{first} {initial}. {last}",
        f"{first} {initial} {last}",
        f"{initial}. {last}",
        f"{last}, {first}",
        f"{first} {fake.last_name()} {last}",
        f"{first} {fake.first_name()} {last}",
        f"{first} {last}-{fake.last_name()}",
    )
    return cased(w, w.rng.choice(forms))


def place(w: World, fake: Faker) -> str:
    roll = w.rng.random()
    if roll < 0.35:
        name = w.rng.choice((fake, w.fakers["en_US"], w.fakers["en_US"])).country()
    elif roll < 0.6:
        name = fake.city()
    elif roll < 1 - UNKNOWN / 4:
        name = w.rng.choice(w.places).title()
    else:
        name = (w.rng.choice(w.places)[:4] + w.rng.choice(w.places)[-4:]).title()
    return name.upper() if w.rng.random() < 0.15 else cased(w, name)


def company(w: World, locale: str, fake: Faker) -> str:
    roll = w.rng.random()
    word, other = w.rng.choice(w.common).title(), w.rng.choice(w.common)
    if roll < 0.3:
        name = organisation(Source(w.rng, locale, fake))
    elif roll < 0.4:
        name = fake.company()
    elif roll < 0.45:
        name = " ".join(x.title() for x in w.rng.sample(w.common, 3))
    elif roll < 0.6:
        name = word + w.rng.choice(
            (other, "ly", "ify", "io", "ix", "ora", "soft", "tech", "hub", "lytics", "med", "net")
        )
    elif roll < 0.8:
        tails = (
            "Solutions",
            "Software",
            "Research",
            "Corporation",
            "Systems",
            "Group",
            "Labs",
            "Health",
            "Data",
            other.title(),
        )
        name = f"{word} {w.rng.choice(tails)}{w.rng.choice(('', '', ' Inc', ' LLC', ' Inc.', ' Ltd'))}"
    elif roll < 0.9:
        name = w.rng.choice(
            (
                f"{word} {other.title()} Inc",
                f"{word}{other.title()}",
                f"{fake.last_name()} & Co",
                f"{word}.com",
            )
        )
    else:
        between = w.rng.choice(("-", " and ", " & ", f", {fake.last_name()} and "))
        name = f"{fake.last_name()}{between}{fake.last_name()}"
    return cased(w, name)


def road(w: World, fake: Faker) -> str:
    try:
        name = fake.street_name()
    except AttributeError:
        name = fake.last_name() + " Street"
    name = w.rng.choice(
        (name, name, f"{fake.last_name()} {w.rng.choice(('St', 'Ave', 'Rd', 'Dr', 'Ln', 'Street', 'Road'))}")
    )
    number, letter = str(w.rng.randrange(1, 10 ** w.rng.randrange(1, 6))), w.rng.choice("abcABC")
    return w.rng.choice(
        (
            f"{number} {name}",
            f"{number} {name}",
            f"{name} {number}",
            f"{name} {number}",
            f"{name} {number}{letter}",
        )
    )


def military(w: World, fake: Faker) -> str:
    rng = w.rng
    kind, gap = rng.choice(("Unit", "PSC", "CMR")), rng.choice((",", ""))
    unit = f"{kind} {rng.randrange(9999):04}{gap} Box {rng.randrange(9999)}"
    ship = f"{rng.choice(('USS', 'USNV', 'USNS'))} {fake.last_name()}"
    post = f"{rng.choice(('APO', 'FPO', 'DPO'))} {rng.choice(('AA', 'AE', 'AP'))} {rng.randrange(10**4, 10**5)}"
    return f"{rng.choice((unit, unit, ship))}\n{post}"


def address(w: World, fake: Faker) -> str:
    """Street, unit, town, region, country and code, joined in one of several ways."""
    rng, country = w.rng, place(w, fake)
    if rng.random() < 0.25:
        text = fake.address()
        return cased(w, text if rng.random() < 0.5 else text.replace("\n", ", "))
    if rng.random() < 0.06:
        return military(w, fake)
    code = rng.choice((str(rng.randrange(1000, 99999)), f"{rng.randrange(10000, 99999):05}"))
    unit = rng.choice(
        (
            f"Apt. {rng.randrange(1000)}",
            f"Suite {rng.randrange(1000)}",
            f"Unit {rng.randrange(99)}",
            f"Flat {rng.randrange(50)}",
        )
    )
    region = "".join(rng.choices("ABCDEFIKLMNOPRSTVXZ", k=2))
    town = rng.choice((fake.city(), rng.choice(w.places).title(), rng.choice(w.places).upper()))
    comma = rng.choice((", ", ", ", "\n", "\n", " ", "; ", " - ", ",\n"))
    parts = [road(w, fake)]
    parts += [unit] if rng.random() < 0.5 else []
    parts += rng.choice(
        (
            [town],
            [f"{town}, {region} {code}"],
            [f"{code} {town}"],
            [town, region, code, country],
            [f"{code} {town}", country],
            [town, country],
            [f"{town} {code}"],
        )
    )
    if rng.random() < SHUFFLED:
        rng.shuffle(parts)
    return cased(w, comma.join(parts))


def value(w: World, slot: str) -> str:
    locale = w.rng.choice(LOCALES)
    fake, rng = w.fakers[locale], w.rng
    if slot == "C":
        ends = [
            w.rng.choice((road(w, fake), fake.first_name(), f"{fake.last_name()} {w.rng.choice(ENDS)}")) for _ in "ab"
        ]
        return " and ".join(ends)
    makers = {
        "P": lambda: person(w, fake) if rng.random() < 0.8 else fake.first_name(),
        "F": lambda: cased(w, rng.choice(w.doubtful).title() if rng.random() < DOUBT else fake.first_name()),
        "L": lambda: rng.choice(w.common).title() if rng.random() < DOUBT else fake.last_name(),
        "O": lambda: company(w, locale, fake),
        "G": lambda: place(w, fake),
        "A": lambda: address(w, fake),
        "R": lambda: road(w, fake),
        "w": lambda: rng.choice(w.common),
        "W": lambda: rng.choice(w.common).title(),
        "n": lambda: str(rng.randrange(1, 10 ** rng.randrange(1, 5))),
        "y": lambda: str(rng.randrange(1900, 2030)),
        "t": lambda: rng.choice(("Mr.", "Mrs.", "Ms.", "Mr", "Mrs", "Miss", "Dr.", "Dr", "Prof.", "mr.", "ms.")),
        "j": lambda: w.fakers["en_US"].job(),
        "m": lambda: w.fakers["en_US"].month_name(),
        "d": lambda: w.fakers["en_US"].day_of_week(),
        "N": lambda: rng.choice(w.nations).title(),
    }
    return " ".join(makers[slot]().split(" ")).strip(" ,")


def labelled(text: str, spans: list[tuple[int, int, str]]) -> Sentence:
    row = tokens(text)
    labels = ["O"] * len(row)
    for start, end, kind in spans:
        inside = [i for i, token in enumerate(row) if start <= token.start and token.end <= end]
        for i in inside:
            labels[i] = ("B-" if i == inside[0] else "I-") + kind
    return [t.text for t in row], labels, [gazetteer.bits_of(t.text) for t in row]


def framed(w: World, frame: str) -> tuple[str, list[tuple[int, int, str]]]:
    text, spans, end = "", [], 0
    for slot in SLOT.finditer(frame):
        text += frame[end : slot.start()]
        filled = value(w, slot[1])
        if slot[1] in KINDS and filled:
            spans.append((len(text), len(text) + len(filled), KINDS[slot[1]]))
        text += filled
        end = slot.end()
    return text + frame[end:], spans


def forgetful(w: World, sentence: Sentence) -> Sentence:
    """Some names lose their entry in the gazetteer, so that context is learnt too."""
    texts, labels, bits = sentence
    harmless = gazetteer.HARMLESS | gazetteer.STREET
    kept = [
        b & harmless if label != "O" and w.rng.random() < FORGET else b for label, b in zip(labels, bits, strict=True)
    ]
    return texts, labels, kept


def corpus(n: int, seed: int) -> list[Sentence]:
    w = world(seed)
    frames = tomllib.loads(Path(__file__).with_name("names_frames.toml").read_text(encoding="utf-8"))
    made: list[Sentence] = []
    for example in generate(n // 5, seed, clean_share=0.15):
        if str(example.group).split(".")[1] in HELD_OUT:
            continue
        spans = [(s.start, s.end, s.type) for s in example.spans if s.type in TYPES]
        made.append(labelled(example.text, spans))
    while len(made) < n:
        text, spans = "", []
        for _ in range(w.rng.choice((1, 1, 2, 3))):
            more, found = framed(w, w.rng.choice(frames["named" if w.rng.random() < 0.6 else "clean"]))
            glue = w.rng.choice((" ", " ", "\n")) if text else ""
            spans += [(s + len(text + glue), e + len(text + glue), k) for s, e, k in found]
            text += glue + more
        made.append(labelled(text, spans))
    made = [forgetful(w, sentence) for sentence in made if sentence[0]]
    w.rng.shuffle(made)
    return made


def vocabulary_of(rows: list[Sentence]) -> frozenset[str]:
    """The words most often outside of names."""
    counts: Counter[str] = Counter()
    for texts, labels, _ in rows:
        counts.update(t.lower() for t, label in zip(texts, labels, strict=True) if label == "O" and t[0].isalpha())
    return frozenset(word for word, _ in counts.most_common(VOCABULARY))


def train(
    rows: list[Sentence], epochs: int, seed: int
) -> tuple[frozenset[str], dict[str, int], np.ndarray, np.ndarray]:
    """Averaged structured perceptron (Collins 2002): add the right path's features, subtract the other's."""
    vocabulary = vocabulary_of(rows)
    index, ready = indexed(rows, vocabulary)
    number = {label: i for i, label in enumerate(LABELS)}
    golds = [np.array([number[label] for label in labels]) for _, labels, _ in rows]
    size = len(LABELS)
    weights, total = (np.zeros((len(index) + 1, size), np.float64) for _ in range(2))
    steps, steps_total = (np.zeros((size, size), np.float64) for _ in range(2))
    ban, tick, order = allowed(), 1, random.Random(seed)
    for epoch in range(epochs):
        wrong = 0
        for at in order.sample(range(len(rows)), len(rows)):
            found = np.array(viterbi(weights[ready[at]].sum(1).astype(np.float32), (steps + ban).astype(np.float32)))
            tick += 1
            gold = golds[at]
            bad = np.flatnonzero(found != gold)
            if not len(bad):
                continue
            wrong += 1
            for i in bad:
                for column, sign in ((gold[i], 1.0), (found[i], -1.0)):
                    np.add.at(weights, (ready[at][i], column), sign)
                    np.add.at(total, (ready[at][i], column), sign * tick)
            for path, sign in ((gold, 1.0), (found, -1.0)):
                np.add.at(steps, (path[:-1], path[1:]), sign)
                np.add.at(steps_total, (path[:-1], path[1:]), sign * tick)
        print(f"epoch {epoch + 1}: {wrong} of {len(rows)} texts wrong", flush=True)
    weights[-1] = total[-1] = 0
    return vocabulary, index, weights - total / tick, steps - steps_total / tick


def indexed(rows: list[Sentence], vocabulary: frozenset[str]) -> tuple[dict[str, int], list[np.ndarray]]:
    counts: Counter[str] = Counter()
    listed = []
    for texts, _, bits in rows:
        views = [seen(t, vocabulary, b) for t, b in zip(texts, bits, strict=True)]
        listed.append(features(views, texts))
        for names in listed[-1]:
            counts.update(names)
    index = {name: i for i, name in enumerate(sorted(n for n, c in counts.items() if c >= MINIMUM))}
    rest = len(index)
    return index, [np.array([[index.get(f, rest) for f in names] for names in row]) for row in listed]


def save(vocabulary: frozenset[str], index: dict[str, int], weights: np.ndarray, steps: np.ndarray) -> None:
    """One signed byte per weight. Features of no weight are left out."""
    names = sorted(index, key=index.__getitem__)
    scale = float(np.abs(np.concatenate([weights[:-1], steps])).max()) / 127
    small = np.rint(weights[:-1] / scale).astype(np.int8)
    kept = np.flatnonzero(np.abs(small).max(1) > 0)
    head = "\x01".join(("\x02".join(sorted(vocabulary)), "\x02".join(names[i] for i in kept), repr(scale)))
    body = np.concatenate([np.rint(steps / scale).astype(np.int8), small[kept]]).tobytes()
    OUT.write_bytes(lzma.compress(head.encode() + b"\0" + body, preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(kept)} features, {OUT.stat().st_size} bytes")


def scored(rows: list[Sentence]) -> None:
    """Share of labelled tokens found with their type, and of found tokens that are right."""
    from self_distill.macros.names.tagger import tag

    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for texts, labels, _ in rows:
        found = tag([Token(t, 0, 1) for t in texts], 0.0)
        for gold, got in zip(labels, found, strict=True):
            counts[gold[2:]]["gold"] += 1
            counts[got[2:]]["found"] += 1
            counts[gold[2:]]["right"] += gold[2:] == got[2:]
    for kind, c in sorted(counts.items()):
        recall, precision = (c["right"] / max(1, c[whole]) for whole in ("gold", "found"))
        print(f"{kind or 'outside':13} recall {recall:.3f} precision {precision:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=24_000)
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    save(*train(corpus(options.sentences, SEED), options.epochs, SEED))
    scored(corpus(1000, SEED + 1))


if __name__ == "__main__":
    main()
