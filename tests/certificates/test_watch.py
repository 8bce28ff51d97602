from __future__ import annotations

import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.simulations import ALPHA, DELTA, JUMPS, delay, false_alarms, rings
from self_distill.certificates.watch import BETS, Alarm, Watch, fresh, grown, toss
from self_distill.errors import DataError

KEY = b"a key"


def fed(watch: Watch, n: int, wrong_every: int) -> Watch:
    for i in range(1, n + 1):
        watch = watch.audited(i % wrong_every == 0)
    return watch


def test_the_coin_falls_the_same_on_replay_and_at_its_rate() -> None:
    tosses = [toss(KEY, f"trace {i}", 0.1) for i in range(5_000)]
    assert tosses == [toss(KEY, f"trace {i}", 0.1) for i in range(5_000)]
    assert 400 < sum(t.audit for t in tosses) < 600
    assert all(0 <= t.point < 1 for t in tosses)


def test_another_key_is_another_coin_and_the_extremes_are_sure() -> None:
    assert toss(KEY, "t", 0.5).point != toss(b"other", "t", 0.5).point
    assert toss(KEY, "t", 1.0).audit and not toss(KEY, "t", 0.0).audit


def test_stakes_of_all_restarts_and_bets_are_one_together() -> None:
    assert sum(fresh(k) for k in range(1, 100_000)) == pytest.approx(1, abs=1e-5)
    assert sum(share for _, share in BETS) == 1


@given(st.floats(0.001, 0.999), st.sampled_from([factor for factor, _ in BETS]))
def test_a_bet_is_fair_at_the_limit_and_never_loses_more_than_the_stake(limit: float, factor: float) -> None:
    won, lost = grown(1.0, 1, limit, factor), grown(1.0, 0, limit, factor)
    assert limit * won + (1 - limit) * lost == pytest.approx(1)
    assert won > 1 > lost >= -1e-9


def test_one_look_after_another_is_what_the_simulation_runs() -> None:
    rng = np.random.default_rng(5)
    losses = rng.random((400, 1))[:, 0] < 0.3
    alarm = Alarm(ALPHA, DELTA)
    for loss in losses:
        alarm = alarm.after(bool(loss))
    assert alarm.rang == rings(np.full(400, 0.3), 1, seed=5)[0]


def test_a_rule_at_its_promise_is_hardly_ever_demoted_though_every_audit_is_looked_at() -> None:
    share = false_alarms(runs=2_000, steps=5_000)
    assert share.low <= DELTA, share


@pytest.mark.parametrize(("jump", "most"), [*zip(JUMPS, (220, 25, 450, 45, 560, 55), strict=True)])
def test_a_jump_of_the_error_is_found_within_so_many_audits_in_the_median(jump: tuple[int, float], most: int) -> None:
    found = delay(*jump, runs=300, seed=3)
    assert found.median <= most and found.missed == 0, found


def test_demotion_comes_by_itself_stays_and_says_why() -> None:
    watch = fed(Watch.over(0.05, 0.05, (0.5, 0.7)), 200, 4)
    assert watch.demoted and "tolerated share of 0.05" in watch.notices[0]
    later = fed(watch, 500, 10_000)
    assert later.demoted and later.errors.rang == watch.errors.rang


def test_good_audits_demote_nothing() -> None:
    watch = fed(Watch.over(0.05, 0.05, (0.5, 0.7)), 3_000, 50)
    assert not watch.demoted and watch.notices == ()


def test_an_auditor_that_may_disagree_more_is_judged_by_its_own_limit() -> None:
    strict = patient = Watch.over(0.05, 0.05, (0.5, 0.7))
    for i in range(300):
        strict, patient = strict.audited(i % 6 == 0), patient.audited(i % 6 == 0, limit=0.25)
    assert strict.demoted and not patient.demoted


@pytest.mark.parametrize(("rate", "word"), [(0.2, "abstains more often"), (0.9, "answers more often")])
def test_drift_of_the_abstention_rate_is_a_notice_and_no_demotion(rate: float, word: str) -> None:
    rng = random.Random(1)
    watch = Watch.over(0.05, 0.05, (0.5, 0.6))
    for _ in range(400):
        watch = watch.asked(rng.random() < rate)
    assert [word in notice for notice in watch.notices] == [True] and not watch.demoted


def test_answering_as_on_the_certify_items_is_no_drift() -> None:
    rng = random.Random(2)
    watch = Watch.over(0.05, 0.05, (0.5, 0.6))
    for _ in range(3_000):
        watch = watch.asked(rng.random() < 0.55)
    assert watch.notices == ()


def test_a_rule_that_always_answered_can_answer_no_more_often() -> None:
    watch = Watch.over(0.05, 0.05, (0.97, 1.0))
    for _ in range(500):
        watch = watch.asked(True)
    assert watch.notices == () and watch.talking.n == 500


def test_the_state_survives_json_and_goes_on_as_if_nothing_had_happened() -> None:
    watch = fed(Watch.over(0.05, 0.05, (0.5, 0.7)), 77, 9).asked(True).asked(False)
    kept = Watch.from_json(json.loads(json.dumps(watch.as_json())))
    assert kept == watch
    assert fed(kept, 60, 7) == fed(watch, 60, 7)


@pytest.mark.parametrize("data", [{}, {"errors": {}}, {"errors": None, "silent": None, "talking": None}])
def test_a_state_that_cannot_be_read_is_one_line(data: dict[str, object]) -> None:
    with pytest.raises(DataError, match="state of a watch"):
        Watch.from_json(data)


@pytest.mark.parametrize(("limit", "delta"), [(0, 0.05), (1.1, 0.05), (0.05, 0), (0.05, 1)])
def test_an_alarm_without_a_limit_cannot_be_built(limit: float, delta: float) -> None:
    with pytest.raises(ValueError, match="alarm"):
        Alarm(limit, delta)
