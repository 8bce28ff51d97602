from __future__ import annotations

from pathlib import Path

import pytest

from experiments import table
from experiments.command import _scaled, metrics, parser
from experiments.exp002_scales import EXPERIMENT as SCALES
from experiments.exp003_executable_tools import EXPERIMENT
from experiments.figures import percentile, rate, report
from experiments.harness import Arm, Options, Ran
from experiments.mix import Item, Share, items
from self_distill.errors import SettingsError
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.task import Task
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import AnswerRow, CallRow, Example, MeasureRow, RuleRow, Usage

YES_NO = Task("acceptability", "Acceptable?", labels=("yes", "no"))
ARMS = (Arm("baseline"), Arm("tools", baseline="baseline", rules="uncertified", routed=True))


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """Four items. The model answers all in the first arm, 3 right; in the second a rule answers two (1 right),
    the model one (right), and one reply was no answer."""
    ledger = SqlLedger().run("exp003", {})
    asked = {f"i{n}": Item(f"i{n}", YES_NO, Example(f"i{n}", "text", "yes" if n else "no")) for n in range(4)}
    base, tools = ledger.arm("baseline"), ledger.arm("tools")
    for n, item in enumerate(asked):
        base.record(
            CallRow(f"b{n}", "m", "l", "k", "ok", usage=Usage(100, 10)),
            AnswerRow(f"b{n}", "acceptability", "model:m", "t", "yes", latency_ms=10.0 * (n + 1), item=item),
            MeasureRow("", "correct", float(n != 0), item),
            MeasureRow("", "exposures", 2.0, item),
        )
    for n, (item, by, error, right) in enumerate(
        [
            ("i0", "rule:g/r@h", "", 0),
            ("i1", "rule:g/r@h", "", 1),
            ("i2", "model:m", "", 1),
            ("i3", "", "AnswerError", 0),
        ]
    ):
        outcome = "answer" if by.startswith("rule") else "abstain"
        tools.record(
            RuleRow(f"t{n}", "g/r", "h", outcome, value="yes" if outcome == "answer" else None),  # type: ignore[arg-type]  # one of the outcomes
            AnswerRow(f"t{n}", "acceptability", by, "t", "yes", item=item, error=error),
            MeasureRow("", "correct", float(right), item),
            MeasureRow("", "exposures", 0.0, item),
        )
        if n > 1:
            tools.record(CallRow(f"t{n}", "m", "l", "k", "ok", usage=Usage(100, 10)))
    Store.write(Rule.candidate("g/r", "acceptability", "x = 1\n", maker="maker", tokens_making=660), tmp_path)
    options = Options("m", (), ARMS)
    return Ran(
        EXPERIMENT, options, ledger, asked, {"acceptability": "yes"}, {"baseline": 0, "tools": 660}, Store((tmp_path,))
    )


def test_every_figure_follows_from_the_rows(ran: Ran) -> None:
    base, tools = report(ran)["rows"]
    assert (base["calls"], base["tokens_in"], base["tokens_out"], base["exposures"]) == (4, 400, 40, 8)
    assert (base["change"], base["break_even"], base["baseline"]) == (None, None, None)
    assert base["latency_ms"] == {"p50": 20.0, "p95": 40.0}
    assert base["accuracy"]["all"]["value"] == 0.75 and base["accuracy"]["rule"] is None
    assert (tools["calls"], tools["tokens_making"], tools["exposures"]) == (2, 660, 0)
    assert tools["change"] == (220 + 660) / 440 - 1 and tools["break_even"] == 12
    accuracy = {part: (found["value"], found["n"]) for part, found in tools["accuracy"].items()}
    assert accuracy == {"all": (0.5, 4), "rule": (0.5, 2), "model": (0.5, 2), "majority": (0.75, 4)}


def test_a_tool_is_judged_by_what_it_answered_itself(ran: Ran) -> None:
    (tool,) = report(ran)["tools"]
    assert (tool["executions"], tool["answers"], tool["abstentions"], tool["faults"]) == (4, 2, 2, 0)
    assert (tool["accuracy"]["value"], tool["accuracy"]["n"]) == (0.5, 2)


def test_an_item_that_was_asked_again_counts_once(ran: Ran) -> None:
    ran.ledger.arm("baseline").record(
        AnswerRow("b9", "acceptability", "model:m", "t", "no", item="i0"), MeasureRow("", "correct", 1.0, "i0")
    )
    base = report(ran)["rows"][0]
    assert (base["n"], base["accuracy"]["all"]["value"]) == (4, 1.0)


def test_the_tables_show_what_the_report_says(ran: Ran, tmp_path: Path) -> None:
    found = report(ran)
    text = table.markdown(found)
    assert "| tools * |" in text and "+100% against baseline" in text and "12 requests" in text
    assert "no certificate" in text and "0.50 [0.07, 0.93] n=4" in text and "1 x AnswerError" in text
    table.plot(found, tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert metrics(found["rows"][1])["total_rule_tokens"] == 660.0


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile([3.0, 1.0, 2.0, 4.0], share) for share in (0.0, 0.5, 0.95)] == [1.0, 2.0, 4.0]
    assert percentile([], 0.5) is None and rate([]).as_json() is None


def test_each_scale_has_its_own_baseline() -> None:
    arms = _scaled(SCALES.arms, "1,10")
    assert [(arm.name, arm.baseline, arm.scale) for arm in arms] == [
        ("baseline x1", "", 1),
        ("text tools x1", "baseline x1", 1),
        ("baseline x10", "", 10),
        ("text tools x10", "baseline x10", 10),
    ]
    with pytest.raises(SettingsError, match="--scales"):
        _scaled(SCALES.arms, "1,x")


def test_the_predecessors_options_are_understood() -> None:
    given = parser(EXPERIMENT, "run exp003").parse_args(["--model", "llama3.2:3b", "--cola", "50", "--pii", "15"])
    assert (given.model, given.cola, given.pii, given.seed) == ("llama3.2:3b", 50, 15, 42)
    with pytest.raises(SettingsError, match="see `run exp003 --help`"):
        parser(EXPERIMENT, "run exp003").parse_args(["--colour"])


def test_a_larger_scale_asks_more_of_the_same() -> None:
    share = Share(("--pii",), "pii", "pii", 6)
    tasks = {"pii": Task("pii", "Which?", labels=("EMAIL", "PHONE"), many=True)}
    small, large = (items([share], tasks, 3, None, scale) for scale in (1, 2))
    assert {item.id for item in small} < {item.id for item in large} and len(large) == 12
    assert all(set(item.example.label) <= {"EMAIL", "PHONE"} for item in large)  # type: ignore[arg-type]  # lists
    assert sum(not item.example.label for item in large) <= 5
