from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill import wire
from self_distill.cli import main
from self_distill.macros.report import Totals, report

MACROS = wire.make_macros()


def page(*texts: str) -> str:
    totals = Totals()
    for text in texts:
        totals.add(text, MACROS.scrub(text))
    return report(totals, "in.txt")


def test_a_page_counts_values_by_type_and_shows_masked_samples_only() -> None:
    shown = page("Write to ada@example.org or bob@example.org", "Call +44 20 7946 0958")
    assert "<b>3</b>values masked" in shown and "<mark>[EMAIL_1]</mark>" in shown and "<svg" in shown
    assert "ada@" not in shown and "7946" not in shown


def test_a_text_without_values_is_no_proof_and_the_page_says_so() -> None:
    assert "no proof" in page("nothing here")


@given(
    st.text(max_size=40), st.sampled_from(("<script>alert(1)</script>", '"><img src=x onerror=y>', "]]>", "{{ 7*7 }}"))
)
def test_whatever_a_text_holds_it_stays_text(text: str, hostile: str) -> None:
    shown = page(f"{hostile} {text} ada@example.org {hostile}")
    assert (
        "<script" not in shown and "<img" not in shown and "49" not in shown.partition("Samples")[2].replace(text, "")
    )


@pytest.mark.parametrize("how", ["file", "lines"])
def test_the_command_writes_the_page_for_a_file_and_for_lines(
    how: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.html"
    if how == "file":
        (tmp_path / "x.txt").write_text("Write to ada@example.org")
        args = ["scrub", str(tmp_path / "x.txt"), "--report", str(out)]
    else:
        (tmp_path / "x.jsonl").write_text('{"text": "Write to ada@example.org"}\n' * 3)
        args = ["scrub", "--in", str(tmp_path / "x.jsonl"), "--out", str(tmp_path / "y.jsonl"), "--report", str(out)]
    with pytest.raises(SystemExit):
        main(args)
    shown = out.read_text()
    assert "Content-Security-Policy" in shown and "[EMAIL_1]" in shown and "ada@" not in shown
