"""The life of certified rules on the command line: answer, feedback, explain, and what an operator does by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from self_distill.cli import main
from self_distill.rules.store import Store

YES = "def run(text):\n    return 'yes', 'it is short'\n"
NO = "def run(text):\n    return 'no'\n"
NAME = "acceptability/made_0"


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("SELF_DISTILL_ATTEMPTS", "1")
    monkeypatch.setenv("SELF_DISTILL_MODEL", "openai/nobody")
    monkeypatch.setenv("SELF_DISTILL_AUDIT_RATE", "1")


@pytest.fixture
def said(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Exit code, stdout and stderr of a call with these tools."""
    monkeypatch.setenv("SELF_DISTILL_TOOLS", json.dumps([str(tmp_path / "tools")]))

    def call(*args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main(args)
        out, err = capfd.readouterr()
        return int(stop.value.code or 0), out, err

    return call


def lines(path: Path, *rows: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_file_is_answered_by_rules_and_gold_demotes_them(
    said: Any, tmp_path: Path, certified: Any, caplog: pytest.LogCaptureFixture
) -> None:
    certified(tmp_path / "tools", YES)
    source = lines(tmp_path / "x.jsonl", *({"id": n, "text": f"text {n}"} for n in range(20)))
    target = tmp_path / "y.jsonl"
    args = ("answer", "--task", "acceptability", "--in", source, "--out", str(target))
    code, out, _ = said(*args, "--json")
    document = json.loads(out)
    assert code == 0 and document["by"] == {"rule": 20} and document["audits"] == {"waits": 20}
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == list(range(20))

    code, out, err = said("feedback", "--task", "acceptability")
    waiting = [json.loads(line) for line in out.splitlines()]
    assert sorted(int(row["id"]) for row in waiting) == list(range(20)) and not err
    gold = lines(tmp_path / "gold.jsonl", *({"id": row["id"], "label": "no"} for row in waiting[:10]))
    code, out, err = said("feedback", "--task", "acceptability", "--in", gold, "--json")
    assert code == 0 and json.loads(out)["wrong"] == 10 and json.loads(out)["waiting"] == 10
    assert "demoted at audit 3" in caplog.text

    code, out, _ = said("tools", "list")
    assert "demoted" in out and "does not act: acceptability: " in out
    code, out, err = said(*args[:-1], str(tmp_path / "z.jsonl"))
    assert code == 1 and "127.0.0.1:9" in err and "--resume" in err
    code, out, err = said("tools", "approve", NAME)
    assert code == 2 and "demoted by its audits" in err


def test_a_file_that_is_whole_is_not_answered_again(said: Any, tmp_path: Path, certified: Any) -> None:
    certified(tmp_path / "tools", YES)
    source = lines(tmp_path / "x.jsonl", {"text": "one"})
    args = ("answer", "-t", "acceptability", "--in", source, "--out", str(tmp_path / "y.jsonl"), "--resume", "--json")
    first, again = json.loads(said(*args)[1]), json.loads(said(*args)[1])
    assert (first["by"], first["audits"]) == ({"rule": 1}, {"waits": 1})
    assert (again["by"], again["audits"]) == ({"rule": 1}, {})


def test_an_answer_is_explained_by_rule_reason_certificate_and_coin(said: Any, tmp_path: Path, certified: Any) -> None:
    certified(tmp_path / "tools", YES)
    answer = json.loads(said("ask", "Write to ada@example.org", "-t", "acceptability", "--json")[1])
    code, out, _ = said("explain", answer["trace"])
    assert code == 0 and f"'yes' by rule:{NAME}@" in out and "Write to [EMAIL_1]" in out
    assert "it is short" in out and "at most 5.0% of its answers are wrong" in out and "waits for gold" in out
    document = json.loads(said("explain", answer["trace"], "--json")[1])
    assert document["rules"][0]["reason"] == "it is short" and document["audits"][0]["outcome"] == "waits"
    assert said("explain", "nothing")[0] == 2


def test_an_operator_demotes_and_approves_a_cascade_and_retires_a_tool_for_good(
    said: Any, tmp_path: Path, certified: Any
) -> None:
    certified(tmp_path / "tools", YES, NO)

    def statuses() -> list[str]:
        return [rule.status for rule in Store((tmp_path / "tools",)).rules()]

    assert said("tools", "demote", NAME, "--why", "it looks odd")[0] == 0
    assert statuses() == ["demoted", "certified"]
    code, out, _ = said("tools", "list")
    assert "it looks odd" in out and "does not act" in out
    assert said("tools", "approve", "acceptability/made_1")[0] == 0 and statuses() == ["certified"] * 2
    assert "does not act" not in said("tools", "list")[1]
    assert said("tools", "retire", NAME)[0] == 0 and statuses() == ["retired", "certified"]
    code, _, err = said("tools", "approve", NAME)
    assert code == 2 and "not whole any more" in err
    card = json.loads(said("tools", "show", NAME, "--json")[1])["card"]
    assert [entry[1] for entry in card["history"]] == ["demoted", "certified", "retired"]


def test_what_was_certified_by_figures_waits_for_approval_and_then_takes_the_place(
    said: Any, tmp_path: Path, certified: Any
) -> None:
    certified(tmp_path / "tools", NO)
    store = Store((tmp_path / "tools",))
    certified(tmp_path / "new", YES)
    (new,) = Store((tmp_path / "new",)).rules()
    Store.write(new.with_card(status="candidate", order=0), tmp_path / "tools")
    moved = store.rules()[0]
    Store.write(type(moved)("acceptability/old", moved.code, moved.card), tmp_path / "tools")
    assert said("ask", "x", "-t", "acceptability")[1] == "no\n"
    assert said("tools", "approve", NAME)[0] == 0
    assert said("ask", "x", "-t", "acceptability")[1] == "yes\n"
    assert Store((tmp_path / "tools",)).named("acceptability/old").status == "retired"  # type: ignore[union-attr]


def test_two_tools_are_shown_side_by_side(said: Any, tmp_path: Path, certified: Any) -> None:
    certified(tmp_path / "tools", YES, NO)
    code, out, _ = said("tools", "diff", NAME, "acceptability/made_1")
    assert code == 0 and "-    return 'yes', 'it is short'" in out and "+    return 'no'" in out and "audits" in out
    document = json.loads(said("tools", "diff", NAME, "acceptability/made_1", "--json")[1])
    assert document["figures"][NAME]["certify"]["n"] == 200 and len(document["diff"]) > 3


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("tools", "approve", "acceptability/none"), "tools list"),
        (("tools", "demote", "acceptability/none"), "tools list"),
        (("tools", "diff", NAME, "acceptability/none"), "tools list"),
        (("answer", "-t", "shoes", "--in", "{x}", "--out", "y.jsonl"), "no task 'shoes'"),
        (("answer", "-t", "acceptability", "--in", "none.jsonl", "--out", "y.jsonl"), "none.jsonl"),
        (("feedback", "-t", "acceptability", "--in", "none.jsonl"), "none.jsonl"),
        (("feedback", "-t", "shoes"), "no task 'shoes'"),
    ],
)
def test_a_wrong_call_is_one_line(said: Any, tmp_path: Path, certified: Any, args: tuple[str, ...], word: str) -> None:
    certified(tmp_path / "tools", YES)
    source = lines(tmp_path / "x.jsonl", {"text": "one"})
    code, out, err = said(*(arg.format(x=source) for arg in args))
    assert (code, out, err.count("\n")) == (2, "", 1) and word in err


@pytest.mark.parametrize("setting", [("AUDIT_RATE", "2"), ("AUDIT_RATE", "often"), ("APPROVE_BY_HAND", "perhaps")])
def test_a_setting_of_the_watch_that_makes_no_sense_is_one_line(
    said: Any, setting: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SELF_DISTILL_{setting[0]}", setting[1])
    code, out, err = said("tools", "list")
    assert (code, out, err.count("\n")) == (2, "", 1) and setting[0].lower() in err
