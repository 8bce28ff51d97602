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


def features(row: Sequence[Seen], texts: Sequence[str]) -> list[list[str]]:
    """The names of the features of each token of the row."""
    views = (OUTSIDE, OUTSIDE, *row, OUTSIDE, OUTSIDE)
    roles = [role(view) for view in views]
    return [_features(texts[i], views[i : i + 5], roles[i : i + 5]) for i in range(len(row))]


def _features(text: str, views: Sequence[Seen], roles: Sequence[str]) -> list[str]:
    back2, back, (word, kind, known, shape), ahead, ahead2 = views
    rb2, rb, r, ra, ra2 = roles
    lower = text.lower()
    first = back[3] in FIRST_BEHIND
    return [
        f"w{word}",
        f"k{kind}{shape}",
        f"g{known}{shape}",
        f"g{known}{int(first)}",
        f"s{shape}{int(first)}{'c' in known}",
        f"e{lower[-3:]}" if word == "?" else "e",
        f"E{lower[-2:]}{shape}" if word == "?" else "E",
        f"b{back[0]}",
        f"a{ahead[0]}",
        f"B{back[0]}|{back2[0]}",
        f"A{ahead[0]}|{ahead2[0]}",
        f"br{rb}|{r}",
        f"ar{r}|{ra}",
        f"bar{rb}|{r}|{ra}",
        f"bbr{rb2}|{rb}|{r}",
        f"aar{r}|{ra}|{ra2}",
        f"bw{back[0]}|{r}",
        f"aw{r}|{ahead[0]}",
        f"Bw{back2[0]}|{back[0]}|{r}",
        f"b2{back2[0]}|{r}",
        f"a2{r}|{ahead2[0]}",
        f"bg{back[2]}|{known}",
    ]
