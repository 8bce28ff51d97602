from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.macros.needles import Needles, fold, rule_of

FILLERS = [f"filler{i}value{i * 7}x" for i in range(60)]
"""So many that values are looked for in one pass instead of one by one."""


def looking_for(*values: str, crowd: bool = False) -> Needles:
    needles = Needles()
    for value in (*(FILLERS if crowd else ()), *values):
        needles.add(value, "X")
    return needles


def has(needles: Needles, text: str) -> bool:
    return bool(needles.find(text) or needles.hidden(text))


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("ann.smith@corp.com", "loose"), ("a1b2c3", "loose"), ("536-22-8714", "loose"), ("Wilhelmina Lee", "loose"),
        ("Martin", "weak"), ("Ann Lee", "weak"), ("555-0142", "weak"), ("1971-03-14", "weak"),
        ("May", "short"), ("US", "short"), ("10.1.2.3", "short"), ("J. Li", "short"), ("é-é", "short"),
        ("A", "silent"), ("", "silent"), ("--", "silent"), ("\0", "silent"), ("\ud800", "silent"),
    ],
)  # fmt: skip
def test_how_a_value_is_looked_for_depends_on_how_much_it_tells(value: str, rule: str) -> None:
    assert rule_of(value) == rule


SHAPES = {
    "plain": lambda v: v,
    "upper": str.upper,
    "spaced": lambda v: " ".join(v),
    "dotted": lambda v: ".".join(v),
    "wide": lambda v: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in v),
    "without separators": lambda v: "".join(c for c in v if c.isalnum()),
    "url": lambda v: "".join(f"%{byte:02X}" for byte in v.encode()),
    "url twice": lambda v: quote(quote(v, safe=""), safe=""),
    "html": lambda v: "".join(f"&#{ord(c)};" for c in v),
    "html hex": lambda v: "".join(f"&#x{ord(c):x};" for c in v),
    "html names": html.escape,
    "json": lambda v: "".join(f"\\u{ord(c):04x}" for c in v),
    "json in json": lambda v: json.dumps(json.dumps(v))[1:-1],
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64 shifted by one": lambda v: base64.b64encode(b"x" + v.encode() + b"yy").decode(),
    "base64 shifted by two": lambda v: base64.urlsafe_b64encode(b"xx" + v.encode()).decode(),
    "base64 in lines": lambda v: "\n".join(base64.b64encode(v.encode()).decode()),
    "base64 in a url": lambda v: quote(base64.b64encode(v.encode()).decode(), safe=""),
    "hex": lambda v: v.encode().hex(),
    "hex in capitals, spaced": lambda v: v.encode().hex(" ").upper(),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("value", ["ann.smith@corp.com", "536-22-8714", "a/b?c&d99", "Martin", "Zoë Brontë"])
@pytest.mark.parametrize("crowd", [False, True])
def test_a_value_is_found_in_every_shape(value: str, shape: str, crowd: bool) -> None:
    text = f"so, {SHAPES[shape](value)} ."
    assert has(looking_for(value, crowd=crowd), text), text
    assert not has(looking_for(crowd=True), text)


@pytest.mark.parametrize("before", ["", "x", "1", "-", "ß", "[", "\0", "\n"])
def test_a_distinctive_value_is_found_inside_longer_words_too(before: str) -> None:
    assert has(looking_for("ann.smith@corp1.com"), f"{before}ann.smith@corp1.com{before}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Martin", "Martinique"), ("Martin", "Saint-Martins"), ("Justin", "just in case"), ("Justin", "just-in-time"),
        ("Forman", "for man and beast"), ("Ann Lee", "Annleen"), ("555-0142", "15550142"),
        ("555-0142", "5, 5, 5, 0, 1, 4, 2"), ("555-0142", "555 apples, 0142"), ("May", "may"),
        ("May", "Maybe"), ("May", "MAY"), ("US", "us"), ("US", "BUS"),
        ("US", "U.S."), ("10.1.2.3", "10.1.2.34"), ("A", "A"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("crowd", [False, True])
def test_common_words_and_numbers_are_not_taken_for_a_value(value: str, text: str, crowd: bool) -> None:
    needles = looking_for(value, crowd=crowd)
    for i in range(50 if crowd else 0):
        needles.add(f"q{i}", "X")
    assert not has(needles, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Justin", "J.u.s.t.i.n"), ("Justin", "JUSTIN"), ("Justin", "Jus\u00adtin"),
        ("Justin", "J\u0301ustin"), ("Ann Lee", "ANN-LEE"), ("Ann Lee", "annlee"), ("O'Brien", "OBrien"),
        ("ann@corp.com", "xAnn@corp.comy"),
        ("O'Brien", "o brien"), ("555-0142", "555 0142"), ("May", "(May)"),
        ("May", "_May_"), ("J. Li", "by J. Li."), ("(ab)", "x (ab) y"), ("10.1.2.3", "at 10.1.2.3."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("crowd", [False, True])
def test_other_ways_of_writing_a_value_are_found(value: str, text: str, crowd: bool) -> None:
    needles = looking_for(value, crowd=crowd)
    for i in range(50 if crowd else 0):
        needles.add(f"q{i}", "X")
    assert has(needles, text)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.text(alphabet="ab1. é\0ß", min_size=1, max_size=9), max_size=5),
    st.text(alphabet="ab1. é\0ß", max_size=60),
)
def test_many_values_are_found_where_few_are(values: list[str], text: str) -> None:
    few, many = looking_for(*values), looking_for(*values, *(f"w{i}" for i in range(60)), crowd=True)
    assert covered(few, text) == covered(many, text)
    assert (few.hidden(text) is None) == (many.hidden(text) is None)


def covered(needles: Needles, text: str) -> set[int]:
    return {place for hit in needles.find(text) for place in range(hit.start, hit.end)}


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=30), st.integers(250, 2_000), st.text(max_size=30))
def test_a_long_value_is_covered_from_end_to_end(before: str, size: int, after: str) -> None:
    value = "".join(f"{i:x}" for i in range(size))
    text = before + value + after
    assert set(range(len(before), len(before) + len(value))) <= covered(looking_for(value), text)
    assert looking_for(value).hidden(base64.b64encode(text.encode("utf-8", "replace")).decode())


@given(st.text(max_size=40))
def test_folding_character_by_character_is_folding_the_whole(text: str) -> None:
    assert fold(text) == "".join(map(fold, text)) and fold(fold(text)) == fold(text)


def test_values_that_repeat_themselves_are_found_in_a_text_that_does() -> None:
    needles = looking_for("a" * 400 + "1")
    assert len(covered(needles, "a" * 200_000 + "1")) == 200_001


def test_a_hit_prints_no_value() -> None:
    assert "ann" not in repr(looking_for("ann.smith@corp.com").find("ann.smith@corp.com"))
