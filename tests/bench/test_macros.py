from __future__ import annotations

import pytest

from bench import macros
from bench.corpora import Doc
from bench.macros import Scale, Tools, false_positives, linear, scored, short
from bench.peers import Find
from bench.texts import UNITS
from self_distill.errors import DataError
from self_distill.macros.detectors import PatternDetector
from self_distill.macros.names import NamesDetector
from self_distill.types import Span

TINY = Scale(30, 1, 4000, 1000, (512, 1024), 1, 20)


def peer(text: str) -> list[Span]:
    at = text.find("ann@example.org")
    return [] if at < 0 else [Span(at, at + 15, "EMAIL")]


def tools(peer: Find | None = peer) -> Tools:
    return Tools(PatternDetector(), NamesDetector(), peer, TINY, lambda _: None)


def test_quality_has_the_peer_beside_ours_and_an_interval() -> None:
    docs = [Doc("mail ann@example.org to Wojciech", (Span(5, 20, "EMAIL"), Span(24, 32, "PERSON")), "t")]
    rows = {row.case: row for row in scored(tools(), "mine", docs)}
    masked = rows["mine: all values masked"]
    assert (masked.ours, masked.peer, masked.ratio, masked.n) == (1.0, 0.5, None, 2)
    assert masked.low is not None


def test_without_the_peer_its_column_is_empty() -> None:
    docs = [Doc("mail ann@example.org", (Span(5, 20, "EMAIL"),), "t")]
    assert all(row.peer is None for row in scored(tools(None), "mine", docs))
    assert short(tools(None)).peer is None


def test_a_find_that_is_no_judged_name_is_a_false_positive() -> None:
    rows = {row.case: row for row in false_positives(tools(), "x", ["Ask Mary and Wojciech about it. " * 10])}
    assert rows["x: finds of names that are names"].ours == pytest.approx(0.5)
    assert rows["x: false positives of patterns"].ours == 0


def test_every_attack_has_a_row_of_growth() -> None:
    rows = list(linear(tools()))
    assert len(rows) == len(UNITS)
    assert {row.unit for row in rows} == {"exponent"}


def test_rows_whose_data_is_missing_are_left_out_with_a_notice() -> None:
    said: list[str] = []

    def missing() -> list[Doc]:
        raise DataError("no folder")

    assert macros._loaded("synth", missing, said.append) is None
    assert said == ["synth: left out: no folder"]
