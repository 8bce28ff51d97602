from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.detectors.detector import DetectorSettings, _families
from self_distill.macros.detectors.shapes import CHARS, STRONG
from self_distill.macros.scan import Anchors, Engine, EngineName, Run, Vectorscan, engine, run_at, run_end, run_start

needs_vectorscan = pytest.mark.skipif(find_spec("hyperscan") is None, reason="no wheel of hyperscan for this platform")
DIGITS = b"0123456789"
FAMILIES = [Anchors((rb"\d\d\d(?:[^0-9]|\z)",), DIGITS + b"-"), Anchors((b"@",), b"ab@."), Anchors((b"born",), b"")]
BUILT_IN = _families(DetectorSettings(deny={"CODE": ("blue",)}))
ANCHORS = [
    *(Anchors(family.anchors, family.chars, family.once) for family in BUILT_IN),
    Anchors(STRONG, CHARS),
]
PIECES = st.sampled_from(
    ["1", "12", "555", "4111", "-", ".", ":", "::", "@", "/", "//", "+", "(", ")", "a.b", "ab", "de", "sk-", "eyJ0",
     "0x", "bc1", "key=", "born", " ", "\n", "\0", "_", "\xe9", "ab:cd:ef", "1.2.3.4", "blue"]
)  # fmt: skip


def test_a_run_is_the_whole_stretch_around_its_anchor() -> None:
    assert engine(None, FAMILIES).runs(b"x 12-345 y a.b@a! born") == [Run(0, 2, 8), Run(1, 11, 16), Run(2, 22, 22)]


def test_a_run_with_many_anchors_is_told_once() -> None:
    for name in ("hyperscan", "re2"):
        assert engine(name, FAMILIES).runs(b"123-456-789 @@@@") == [Run(0, 0, 11), Run(1, 12, 16)]


def test_an_anchor_may_end_with_the_text_or_one_byte_behind_its_run() -> None:
    assert run_at(b"123", 3, 0, DIGITS) == run_at(b"123x", 4, 0, DIGITS) == Run(0, 0, 3)


def test_without_characters_a_run_is_the_place_behind_the_anchor() -> None:
    assert run_at(b"born here", 4, 2, b"") == Run(2, 4, 4)


@given(st.binary(max_size=50), st.integers(0, 5000), st.binary(max_size=50))
def test_borders_of_a_stretch_are_those_of_looking_at_each_byte(left: bytes, size: int, right: bytes) -> None:
    left, right = left.rstrip(DIGITS), right.lstrip(DIGITS)
    data = left + b"7" * size + right
    assert run_start(data, len(left) + size, DIGITS) == len(left)
    assert run_end(data, len(left), DIGITS) == len(left) + size


@cache
def built(name: EngineName) -> Engine:
    return engine(name, ANCHORS)


@needs_vectorscan
@given(st.lists(PIECES, max_size=30).map("".join) | st.text("0159abdefkosyEJI:.-_@/+() \n\xe9", max_size=80))
def test_both_engines_see_the_same_runs(text: str) -> None:
    data = text.encode("latin-1")
    both = [sorted(built(name).runs(data)) for name in ("hyperscan", "re2")]
    assert both[0] == both[1]


@needs_vectorscan
def test_threads_share_an_engine() -> None:
    shared = Vectorscan(FAMILIES)
    texts = [b"x" * n + b"123" for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared.runs, texts)) == [[Run(0, n, n + 3)] for n in range(200)]


def test_an_empty_text_has_no_runs() -> None:
    assert [engine(name, FAMILIES).runs(b"") for name in ("hyperscan", "re2")] == [[], []]
