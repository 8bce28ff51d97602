"""The promise itself, on simulated rules of known risk; in full with `python -m experiments.simulations`."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from experiments.simulations import ALPHA, DELTA, SIZES, falsely_certified, main, powers
from self_distill.certificates.bounds import spend
from self_distill.certificates.issue import Seen, Terms, judge

RISKS = (ALPHA, ALPHA * 1.01, ALPHA * 1.1)
SETS = 10_000 // (len(RISKS) * len(SIZES))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("shared", [True, False], ids=["shared difficulty", "independent"])
def test_sets_with_a_falsely_certified_candidate_are_at_most_delta(n: int, shared: bool) -> None:
    for risk in RISKS:
        share = falsely_certified(n, risk, SETS, seed=n, shared=shared)
        assert share.low <= DELTA, f"risk {risk}: {share}"


def test_two_hundred_candidates_on_one_set_cost_no_more_than_delta() -> None:
    share = falsely_certified(250, ALPHA, 100, candidates=200, shared=False)
    assert share.low <= DELTA, share


def test_the_whole_gate_certifies_no_more_than_its_bound_allows() -> None:
    rng = random.Random(4)
    terms, passed = Terms(ALPHA, DELTA, labels=2, critical=("no",)), 0
    for _ in range(300):
        seen = []
        for _ in range(250):
            truth = rng.choice(("yes", "no"))
            wrong = rng.random() < ALPHA
            answer = {"yes": "no", "no": "yes"}[truth] if wrong else truth
            seen.append(Seen((truth,), (answer,) if rng.random() < 0.8 else None, not wrong, truth == "yes"))
        passed += judge(seen, terms, 1).certified
    assert passed / 300 <= spend(DELTA, 1), "both claims have half of the share, and both must hold"


def test_more_items_certify_more_and_a_riskier_rule_less() -> None:
    table = powers()
    for (_, few), (_, many) in pairwise(table):
        assert all(b >= a - 1e-9 for a, b in zip(few, many, strict=True))
    assert all(row == sorted(row, reverse=True) for _, row in table)
    assert dict(table)[60] == [0.0] * 5 and dict(table)[5_000][4] > 0.9


def test_the_command_says_every_figure_with_its_n_and_interval_and_draws_the_plot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--quick", "--json", "--plot", str(tmp_path / "p.svg")])
    found = json.loads(capsys.readouterr().out)
    for share in (*found["validity"], found["false_alarms"]):
        assert share["low"] <= share["share"] <= share["high"] and share["n"] >= 300
        assert share["low"] <= DELTA
    assert all(row["low"] <= row["median"] <= row["high"] and row["missed"] == 0 for row in found["delays"])
    assert (tmp_path / "p.svg").read_text(encoding="utf-8").startswith("<?xml")
