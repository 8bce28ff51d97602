"""What the tagger sees of a token: the word if it is plain, its shape, what is known of it, neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from self_distill.macros.names.gazetteer import (
    COMMON,
    NATION,
    STREET,
    bits_of,
    letters,
)

TITLES = frozenset(
    """
    mr mrs ms miss mx dr prof sir madam herr frau monsieur madame mme mlle señor señora sr sra don
    signor signora dhr mevrouw pan pani senhor senhora rev father sister captain sgt lt col gen judge
    president
    """.split()
)
LEGAL = frozenset(
    """
    inc llc ltd limited gmbh ag kg sa sas sarl srl spa bv nv ab oy aps plc corp corporation incorporated
    co company group holding holdings kgaa ohg se asa sl slu ltda eurl
    """.split()
)
TRADE = frozenset(
    """
    bank insurance university college hospital clinic school institute foundation association society
    systems solutions technologies technology software labs media logistics partners consulting services
    industries international foods airlines motors energy capital ventures studio studios agency
    ministry department council union church museum hotel restaurant networks research analytics health
    financial
    """.split()
)
UNITS = frozenset(
    "apt apartment suite ste unit floor flat box room no nr bldg building po piso planta lgh studio".split()
)
ROADS = frozenset(
    """
    st ave blvd rd dr ln ct pl pkwy hwy street avenue road lane drive court place square boulevard
    way terrace crescent close highway parkway circle trail rue calle via viale piazza rua avenida plaza
    paseo ulica ul al aleja corso chemin allée quai impasse place camino carrer travessa largo estrada
    alameda
    """.split()
)
ROAD_ENDS = """
    straße strasse str gasse weg platz allee ring damm ufer gata gatan gade vägen vej vei veien gränd
    stig straat laan plein gracht kade dreef hof singel katu katu tie kuja utca út tér stræti götu vegur
    iela gatvė street road
    """.split()
ROAD_TAILS = tuple(end for end in ROAD_ENDS if len(end) > 2)
OUTSIDE = ("<s>", "<s>", "-", "<s>")
FIRST_BEHIND = frozenset({"<s>", "nl", ".", "!", "?", ":", '"', "“", "-", "•"})
"""Shapes behind which any word has a capital."""
Seen = tuple[str, str, str, str]
"""(word or its stand-in, kind, gazetteer letters, shape)"""


def shape_of(text: str) -> str:
    if text.isdigit():
        return f"d{min(len(text), 7)}"
    if not text[0].isalpha():
        return "nl" if text == "\n" else text
    if text.isupper():
        return "X" if len(text) == 1 else "XX" if len(text) <= 3 else "XXX"
    if text.islower():
        return "x"
    if text[0].isupper():
        return "Xx" if text[1:].islower() else "Xx-Xx" if "-" in text else "XxX"
    return "xX"


def kind_of(lower: str, bits: int) -> str:
    """The class of a word that matters most; "-" for none."""
    if lower in TITLES:
        return "title"
    if lower in LEGAL:
        return "legal"
    if lower in UNITS:
        return "unit"
    street = bits & STREET and bits & COMMON and not lower.endswith("s")  # "points" and "drives" are no streets
    if lower in ROADS or street or lower.endswith(ROAD_TAILS):
        return "road"
    if lower in TRADE:
        return "trade"
    if bits & NATION:
        return "nation"
    return "-"


def seen(text: str, vocabulary: frozenset[str] | set[str], bits: int | None = None) -> Seen:
    lower = text.lower()
    found = bits_of(lower) if bits is None else bits
    known = letters(found) if text[0].isalpha() else "-"
    word = lower if lower in vocabulary else "?" if text[0].isalpha() else shape_of(text)
    return word, kind_of(lower, found), known, shape_of(text)


def role(one: Seen) -> str:
    """A coarse summary for pairs of neighbours: the kind, else what the gazetteer says first."""
    _, kind, known, shape = one
    if kind != "-":
        return kind
    case = shape[:2] if shape[0] in "Xx" else shape
    plain = "c" in known or "w" in known
    name = "f" if "f" in known else "l" if "l" in known else "b" if "b" in known else "p" if "p" in known else ""
    return f"{case}{name}{'w' if plain else ''}"


def padded(row: Sequence[Seen]) -> tuple[Seen, ...]:
    return (OUTSIDE, OUTSIDE, *row, OUTSIDE, OUTSIDE)


def features(row: Sequence[Seen], texts: Sequence[str]) -> list[list[str]]:
    """The names of the features of each token of the row."""
    views = padded(row)
    roles = [role(view) for view in views]
    return [
        [
            *of_word(views[i + 2], views[i + 1][3] in FIRST_BEHIND, views[i + 1][2]),
            *of_ending(texts[i], views[i + 2]),
            *of_neighbours(views[i][0], views[i + 1][0], roles[i + 2], views[i + 3][0], views[i + 4][0]),
            *of_roles(*roles[i : i + 5]),
        ]
        for i in range(len(row))
    ]


def of_word(here: Seen, first: bool, known_behind: str) -> tuple[str, ...]:
    word, kind, known, shape = here
    return (
        f"w{word}",
        f"k{kind}{shape}",
        f"g{known}{shape}",
        f"g{known}{int(first)}",
        f"s{shape}{int(first)}{'c' in known}",
        f"bg{known_behind}|{known}",
    )


def of_ending(text: str, here: Seen) -> tuple[str, ...]:
    if here[0] != "?":
        return "e", "E"
    lower = text.lower()
    return f"e{lower[-3:]}", f"E{lower[-2:]}{here[3]}"


def of_neighbours(back2: str, back: str, role: str, ahead: str, ahead2: str) -> tuple[str, ...]:
    return (
        f"b{back}",
        f"a{ahead}",
        f"B{back}|{back2}",
        f"A{ahead}|{ahead2}",
        f"bw{back}|{role}",
        f"aw{role}|{ahead}",
        f"Bw{back2}|{back}|{role}",
        f"b2{back2}|{role}",
        f"a2{role}|{ahead2}",
    )


def of_roles(back2: str, back: str, here: str, ahead: str, ahead2: str) -> tuple[str, ...]:
    return (
        f"br{back}|{here}",
        f"ar{here}|{ahead}",
        f"bar{back}|{here}|{ahead}",
        f"bbr{back2}|{back}|{here}",
        f"aar{here}|{ahead}|{ahead2}",
    )
