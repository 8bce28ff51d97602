from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from bench.report import Row, document, figure, show


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.0, "0"), (1983.4, "1,980"), (19.84, "19.8"), (0.93444, "0.934"), (0.00012, "0.000120")],
)
def test_a_figure_has_three_digits_that_count(value: float | None, shown: str) -> None:
    assert figure(value) == shown


def test_the_document_keeps_to_the_contract() -> None:
    found = document(
        "macros", [Row("speed", 10.0, "MB/s", 7, 2.0, "peer", 5.0, 4.0, 6.0)], ("numpy", "no-such-package")
    )
    assert list(json.loads(json.dumps(found))) == ["bench", "machine", "versions", "rows"]
    assert list(found["rows"][0]) == ["case", "ours", "peer", "peer_name", "unit", "ratio", "low", "high", "n"]
    assert "numpy" in found["versions"]
    assert "no-such-package" not in found["versions"]


def test_a_table_shows_what_a_document_holds() -> None:
    out = io.StringIO()
    show(document("x", [Row("[b]ase", 0.5, "share", 3, low=0.25, high=0.75)], ()), Console(file=out, width=120))
    assert "[b]ase" in out.getvalue()
    assert "0.250 to 0.750" in out.getvalue()
