"""The watch at work: audits chosen by a coin, evidence, demotion, and what it never does to an answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from self_distill.budget import Budget, Limits
from self_distill.certificates.certificate import Certificate
from self_distill.clients.scripted import Scripted
from self_distill.door import Door
from self_distill.errors import ModelUnavailable, UnknownModel
from self_distill.pipeline import Request, solve
from self_distill.rules.store import Store
from self_distill.task import Task
from self_distill.types import AuditRow, CallRow, ModelRequest
from self_distill.wire import Pipeline, make_watches

TASK = Task("acceptability", "Is it acceptable?", labels=("yes", "no"))
ALWAYS = "def run(text):\n    return 'yes'\n"
NOT_MINE = "def run(text):\n    return None if 'mine' in text else 'yes'\n"


def teacher(request: ModelRequest) -> str:
    """Says no where the truth has changed."""
    return "no" if "new" in request.messages[-1].content else "yes"


class World:
    """Pipelines that share one state folder and one tools folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open: list[Pipeline] = []

    def pipeline(self, client: Scripted | None = None, rate: float = 1.0, **settings: Any) -> Pipeline:
        made = Pipeline(
            model="scripted",
            client=client or Scripted(teacher),
            tools=(self.folder / "tools",),
            audit_rate=rate,
            remembered=0,
            **settings,
        )
        self.open.append(made)
        return made

    def close(self) -> None:
        while self.open:
            self.open.pop().close()

    def audits(self) -> list[AuditRow]:
        """Of all traces, when every audit has ended."""
        self.close()
        with Pipeline(model="x", client=Scripted([])) as p:
            rows = [e.row for e in p.parts.ledger.entries(kinds=(AuditRow,))]  # type: ignore[attr-defined]  # the SQL ledger
        return [row for row in rows if isinstance(row, AuditRow)]

    def statuses(self) -> list[str]:
        return [rule.status for rule in Store((self.folder / "tools",)).rules()]


@pytest.fixture
def world(tmp_path: Path) -> Any:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def by_model(certified: Any, tmp_path: Path) -> Certificate:
    made: Certificate = certified(tmp_path / "tools", ALWAYS, teacher="scripted")
    return made


async def settled(pipeline: Pipeline) -> None:
    """Audits run beside the answers; a test waits for each."""
    await pipeline.parts.watcher.close()


async def test_a_rule_whose_truth_drifts_is_demoted_by_audits_and_then_the_model_answers(
    world: World, by_model: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    p = world.pipeline()
    for n in range(100):
        assert (await p.solve(Request(f"old {n}", TASK))).by.startswith("rule:")
        await settled(p)
    assert world.statuses() == ["certified"]
    for n in range(60):
        text = f"new {n}" if n % 10 < 3 else f"old again {n}"
        by = (await p.solve(Request(text, TASK))).by
        await settled(p)
        if by == "model:scripted":
            break
    assert 10 < n < 50, "a jump to 30 % is found in the median after 45 audits"
    assert (await p.solve(Request("new", TASK))).value == "no"
    assert world.statuses() == ["demoted"]
    (rule,) = Store((world.folder / "tools",)).rules()
    assert "demoted at audit 1" in rule.card.history[-1][2]
    assert [record.getMessage() for record in caplog.records] == [f"acceptability: {rule.card.history[-1][2]}"]
    rows = world.audits()
    assert [row.outcome for row in rows].count("wrong") > 3
    assert [row.detail for row in rows if row.detail] == [rule.card.history[-1][2]]


async def test_at_a_rate_the_demotion_takes_as_many_audits_and_so_many_more_answers(
    world: World, by_model: Certificate
) -> None:
    p = world.pipeline(rate=0.2)
    (p.settings.state / "watch").mkdir()
    (p.settings.state / "watch/key").write_text("a key, so that the coins are always the same")
    n = 0
    while (await p.solve(Request(f"new {n}", TASK, trace=f"trace {n}"))).by.startswith("rule:"):
        await settled(p)
        n += 1
    rows = world.audits()
    audited = [row for row in rows if row.outcome == "wrong"]
    assert (len(audited), n) == (3, 9), "three wrong audits in a row ring; this key chooses three of nine answers"
    assert all(row.chosen == (row.outcome != "passed") and row.rate == 0.2 for row in rows)
    assert len([row for row in rows if row.outcome in ("passed", "waits")]) == n, "each answer has its coin"


async def test_another_process_stops_too_and_all_rules_of_the_certificate_are_demoted(
    world: World, certified: Any
) -> None:
    certified(world.folder / "tools", NOT_MINE, ALWAYS, teacher="scripted")
    one, other = world.pipeline(), world.pipeline()
    assert (await other.solve(Request("x mine", TASK))).by.startswith("rule:acceptability/made_1@")
    for n in range(12):
        await one.solve(Request(f"new {n}", TASK))
        await settled(one)
    assert (await other.solve(Request("x mine", TASK))).by == "model:scripted"
    assert world.statuses() == ["demoted", "demoted"]


async def test_a_folder_that_cannot_be_written_stops_no_demotion(world: World, by_model: Certificate) -> None:
    p = world.pipeline()
    (world.folder / "tools/acceptability").chmod(0o500)
    try:
        for n in range(12):
            await p.solve(Request(f"new {n}", TASK))
            await settled(p)
        assert (await p.solve(Request("new", TASK))).by == "model:scripted"
        again = world.pipeline()
        assert (await again.solve(Request("new", TASK))).by == "model:scripted"
    finally:
        (world.folder / "tools/acceptability").chmod(0o700)


@pytest.mark.parametrize(
    ("says", "word"), [(ModelUnavailable("it is down", retry_after=0), "it is down"), ("perhaps", "labels")]
)
async def test_an_audit_that_fails_breaks_no_answer_and_is_told(
    world: World, by_model: Certificate, says: Any, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    p = world.pipeline(Scripted(lambda _: says), attempts=1)
    answer = await p.solve(Request("x", TASK))
    assert answer.value == "yes" and answer.by.startswith("rule:")
    await settled(p)
    assert word in caplog.records[0].getMessage()
    assert [row.outcome for row in world.audits()] == ["waits", "failed"]
    assert make_watches(p.settings).watch(by_model) == by_model.watch().asked(True)


async def test_an_audit_is_paid_by_the_watch_and_named_so_in_the_ledger(world: World, by_model: Certificate) -> None:
    p = world.pipeline()
    budget = Budget(Limits(calls=0))
    trace = (await p.solve(Request("x", TASK, budget=budget, item="row 7"))).trace
    await settled(p)
    rows = [entry.row for entry in p.parts.ledger.trace(trace)]  # type: ignore[attr-defined]  # the SQL ledger
    (call,) = [row for row in rows if isinstance(row, CallRow)]
    assert (call.phase, call.label, budget.calls) == ("audit", "audit acceptability", 0)
    assert [(r.outcome, r.auditor, r.item) for r in rows if isinstance(r, AuditRow)] == [
        ("waits", "scripted", "row 7"),
        ("right", "scripted", "row 7"),
    ]


async def test_an_auditor_sees_placeholders_like_any_model(world: World, by_model: Certificate) -> None:
    client = Scripted(teacher)
    p = world.pipeline(client)
    await p.solve(Request("Write to ada@example.org.", TASK))
    await settled(p)
    assert len(client.sent) == 1 and b"[EMAIL_1]" in client.sent[0] and b"ada@" not in client.sent[0]


async def test_a_teacher_that_is_not_the_model_at_hand_is_asked_by_a_door_of_its_own(
    world: World, certified: Any
) -> None:
    made = certified(world.folder / "tools", ALWAYS, teacher="the strong one")
    p = world.pipeline(Scripted([]))
    strong = Scripted(["yes", "no"], name="the strong one")
    watcher: Any = p.parts.watcher
    opened: list[str] = []

    def doors(name: str) -> Door:
        opened.append(name)
        return Door(strong, p.parts.ledger)

    watcher._open = doors
    for n in range(2):
        await p.solve(Request(f"x {n}", TASK))
        await settled(p)
    assert opened == ["the strong one"] and len(strong.sent) == 2
    assert make_watches(p.settings).watch(made).errors.hits == 1


async def test_a_teacher_that_cannot_be_had_is_a_failed_audit(world: World, certified: Any) -> None:
    certified(world.folder / "tools", ALWAYS, teacher="nobody/knows")
    p = world.pipeline(Scripted([]))
    assert (await p.solve(Request("x", TASK))).value == "yes"
    assert [(row.outcome, row.detail) for row in world.audits()] == [("waits", ""), ("failed", UnknownModel.__name__)]


async def test_a_tolerated_model_audits_at_the_limit_of_its_own_and_others_do_not(world: World, certified: Any) -> None:
    made = certified(world.folder / "tools", ALWAYS, auditors={"scripted": 0.4})
    p = world.pipeline()
    for n in range(60):
        await p.solve(Request(f"{'new' if n % 4 == 0 else 'old'} {n}", TASK))
        await settled(p)
    watch = make_watches(p.settings).watch(made)
    assert (watch.errors.n, watch.errors.hits, watch.demoted) == (60, 15, False)
    strict = certified(world.folder / "tools", ALWAYS, date="2026-03-03")
    await world.pipeline().solve(Request("x", TASK))
    assert [row.auditor for row in world.audits() if row.certificate == strict.id] == ["gold"]


async def test_drift_of_abstaining_is_a_notice_and_the_rule_goes_on(
    world: World, certified: Any, caplog: pytest.LogCaptureFixture
) -> None:
    made = certified(world.folder / "tools", NOT_MINE)
    p = world.pipeline(Scripted(lambda _: "no"), rate=0.0)
    for n in range(80):
        await p.solve(Request(f"mine {n}", TASK))
    await settled(p)
    assert make_watches(p.settings).watch(made).silent.n == 80
    assert ["abstains more often" in record.getMessage() for record in caplog.records] == [True]
    assert (await p.solve(Request("x", TASK))).by.startswith("rule:") and world.statuses() == ["certified"]
    assert [row.outcome for row in world.audits()] == ["passed"]


async def test_a_pipeline_that_closes_waits_for_its_audits(world: World, by_model: Certificate) -> None:
    p = world.pipeline()
    for n in range(20):
        p.run(TASK, f"x {n}")
    assert [row.outcome for row in world.audits()].count("right") == 20


async def test_rules_that_nobody_vouches_for_are_not_watched(world: World, by_model: Certificate) -> None:
    p = Pipeline(model="scripted", client=Scripted([]), uncertified=True, tools=(world.folder / "tools",), audit_rate=1)
    world.open.append(p)
    await p.solve(Request("x", TASK))
    assert world.audits() == []


async def test_sub_calls_of_one_trace_have_coins_of_their_own(world: World, by_model: Certificate) -> None:
    p = world.pipeline(rate=0.5)
    for n in range(40):
        await solve(p.parts, Request(f"x {n}", TASK, trace="one"))
    points = {row.point for row in world.audits() if row.outcome in ("waits", "passed")}
    assert len(points) == 40
