"""exp006: what it asks, and its recorded run."""

from __future__ import annotations

import gzip
import json
from argparse import Namespace
from pathlib import Path

import pytest

from experiments import exp006_long_context as exp006
from experiments.long_contexts import KIND, SIZES, counted, looked_up, messages
from experiments.reckoning import expressions
from self_distill import wire
from self_distill.background import run_sync
from self_distill.clients.scripted import Scripted
from self_distill.clients.tap import Tap
from self_distill.distill.distillation import Job
from self_distill.distiller import Order, distilled
from self_distill.door import NoTape
from self_distill.errors import DataError, SettingsError
from self_distill.macros.scrub import NoMacros
from self_distill.rules.store import Store
from self_distill.settings import load_settings, shipped
from self_distill.types import CallRow, MeasureRow, ModelRequest

DATA = Path(__file__).parents[3] / "shared" / "data"


def test_the_true_count_is_that_of_the_records_in_the_context() -> None:
    item = counted(0, 8_000, 42)
    assert 8_000 <= item.size < 8_200
    known = {one.text: one.label for one in messages(1_900, 7)}
    assert isinstance(item.context, str)
    assert all(value in item.context for value in item.values)
    assert item == counted(0, 8_000, 42) != counted(1, 8_000, 42)
    region, kind = item.example.text.rstrip("?").rpartition(" region ")[2].split(" ask for ")
    records = [line.split(" | ", 3) for line in item.context.split("\n")]
    asked = [known.get(text) for _, where, _, text in records if where == region]
    assert asked.count(kind) <= item.example.label <= asked.count(kind) + asked.count(None)  # type: ignore[operator]  # a number


def test_messages_differ_and_all_kinds_are_among_them() -> None:
    found = messages(500, 3)
    assert len({one.text for one in found}) == 500
    assert {one.label for one in found} == set(KIND.labels)


def test_a_key_is_looked_up_among_those_of_many_rows(tmp_path: Path) -> None:
    folder = tmp_path / "kv_retrieval"
    folder.mkdir()
    rows = [{"ordered_kv_records": [[f"key {row} {n}", f"value {row} {n}"] for n in range(75)]} for row in range(4)]
    with gzip.open(folder / "kv-retrieval-75_keys.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    item = looked_up(0, 8_000, 42, tmp_path)
    assert isinstance(item.context, dict)
    key = item.example.text.rstrip("?").rpartition("the key ")[2]
    assert item.context[key] == item.example.label
    with pytest.raises(DataError, match="--data"):
        looked_up(0, 8_000, 42, tmp_path / "none")


def test_the_recorded_run_comes_out_as_it_did_and_nothing_leaves_behind_macros() -> None:
    tape = shipped("experiments") / "cassettes" / "exp006-smollm2.jsonl"
    options = "--count 3 --lookup 0 --turns 2 --room 128 --fits 9000 --at-once 2 --json --arms".split()
    options.append("plain,loop,loop + rules + macros")
    found = exp006.main(["--model", f"replay/{tape}", *options])
    rows = {row["approach"]: row for row in found["rows"]}
    assert {name: row["n"] for name, row in rows.items()} == {"plain": 1, "loop": 3, "loop + rules + macros": 3}
    assert rows["plain"]["exposures"] > 0 < rows["loop"]["exposures"]
    assert rows["loop + rules + macros"]["exposures"] == 0
    assert [row["accuracy"]["all"]["value"] for row in rows.values()] == [0, 0, 0]
    assert [tool["accuracy"] for tool in found["tools"]] == [None] * len(found["tools"])


def test_the_strong_model_counts_with_fewer_calls_by_a_certified_rule_and_sees_no_address_behind_macros() -> None:
    tape = shipped("experiments") / "cassettes" / "exp006-claude-count.jsonl"
    options = "--count 3 --lookup 0 --at-once 3 --json --arms".split()
    options.append("loop,loop + rules,loop + rules + macros")
    rows = {row["approach"]: row for row in exp006.main(["--model", f"replay/{tape}", *options])["rows"]}
    assert [row["accuracy"]["all"]["value"] for row in rows.values()] == [1, 1, 1]
    assert rows["loop + rules"]["calls"] < rows["loop"]["calls"]
    assert rows["loop"]["exposures"] > 0 == rows["loop + rules + macros"]["exposures"]


@pytest.mark.skipif(not DATA.exists(), reason="the public data sets are not here")
def test_look_up_and_word_problems_come_out_as_they_were_recorded() -> None:
    tapes = shipped("experiments") / "cassettes"
    base = f"--data {DATA} --count 0 --json --arms".split()
    for options in (["--lookup", "3"], ["--lookup", "0", "--gsm8k", "3"]):
        kind = "gsm8k" if "--gsm8k" in options else "lookup"
        found = exp006.main(
            ["--model", f"replay/{tapes}/exp006-claude-{kind}.jsonl", *options, *base, "loop,loop + rules + macros"]
        )
        assert [row["accuracy"]["all"]["value"] for row in found["rows"]] == [1, 1]


def test_an_arm_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(SettingsError, match="plain, loop, loop"):
        exp006.main(["--model", "replay/none.jsonl", "--arms", "magic"])


def program(request: ModelRequest) -> str:
    """What a model that can write code would say: the lines of the region, the rule for each, a count."""
    asked = request.messages[1].content.partition("?")[0]
    region, kind = asked.rpartition(" the region ")[2].split(" ask for ")
    return f"""```repl
rows = [line.split(" | ", 3) for line in context.split("\\n")]
kinds = rules.request_kind([row[3] for row in rows if row[1] == "{region}"])
answer["content"], answer["ready"] = str(kinds.count("{kind}")), True
```"""


def test_a_program_that_calls_the_certified_rule_counts_a_million_characters_with_one_reply(tmp_path: Path) -> None:
    settings = load_settings(tools=(tmp_path / "tools",))
    run_sync(distilled(Order(Job(KIND, messages(1_500, 1), "inductive"), tmp_path / "tools"), settings))
    items = [counted(at, size, 42) for at, size in enumerate(SIZES)]
    ledger = wire.make_ledger(settings)
    with ledger.run("exp006", {}) as run:
        given = Namespace(fits=0, turns=2, room=256, at_once=1)
        bench = exp006.Bench(given, settings, Tap(Scripted(program)), NoTape())
        run_sync(bench.arm(exp006.ARMS[3], items, run, Store((tmp_path / "tools",))))
        rows = run.rows()
    ledger.close()
    assert sum(isinstance(row, CallRow) for row in rows) == len(SIZES)
    measured = {(row.name, row.item): row.value for row in rows if isinstance(row, MeasureRow)}
    assert [measured["correct", item.id] for item in items] == [1] * len(SIZES)
    assert [measured["exposures", item.id] for item in items] == [0] * len(SIZES)


def test_the_official_library_asks_through_our_door_and_what_it_exposes_is_counted() -> None:
    pytest.importorskip("rlm", reason="the official library is not installed")
    item = counted(0, 8_000, 42)
    code = f"```repl\nprint(context[:60])\nanswer['content'] = '{item.example.label}'\nanswer['ready'] = True\n```"
    replies = iter(["```repl\nprint(context[:300])\n```", code])
    settings = load_settings()
    ledger = wire.make_ledger(settings)
    with ledger.run("exp006", {}) as run:
        given = Namespace(fits=0, turns=3, room=256, at_once=1)
        bench = exp006.Bench(given, settings, Tap(Scripted(lambda request: next(replies))), NoTape())
        run_sync(bench.arm(exp006.PEER, [item], run, Store(())))
        rows = run.rows()
    ledger.close()
    measured = {row.name: row.value for row in rows if isinstance(row, MeasureRow)}
    assert measured["correct"] == 1
    assert measured["exposures"] > 0
    assert sum(isinstance(row, CallRow) for row in rows) == 2


def test_expressions_have_the_value_that_is_given_for_them() -> None:
    found = expressions(300, 5)
    assert len({one.text for one in found}) == 300
    for one in found:
        true = eval(one.text.replace(",", ""))  # of our own generator
        assert abs(true - one.label) < 1e-6 * max(1, abs(true))  # type: ignore[operator]  # a number


def test_a_rule_acts_in_the_arm_whose_macros_it_was_tested_behind(tmp_path: Path) -> None:
    settings = load_settings()
    given = Namespace(tools=tmp_path, seed=42, record=None, maker="claude")
    items = [counted(0, 8_000, 42)]
    for arm in (one for one in exp006.ARMS if one.rules == "certified"):
        store = Store(run_sync(exp006.ruled(given, arm, items, settings)))
        macros = wire.macros_in_use(settings) if arm.macros else NoMacros()
        other = NoMacros() if arm.macros else wire.macros_in_use(settings)
        assert wire.answered(wire.make_trust(settings, store, macros), {KIND.name: KIND})
        assert not wire.answered(wire.make_trust(settings, store, other), {KIND.name: KIND})
