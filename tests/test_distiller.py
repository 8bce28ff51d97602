"""`distill` and `certify` as their users call them, with a maker on a loopback server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from self_distill.background import run_sync
from self_distill.cli import main
from self_distill.distill.distillation import Job
from self_distill.distill.lock import alone
from self_distill.distill.maker import Effort, guessed
from self_distill.distiller import Order, distilled
from self_distill.errors import DataError
from self_distill.macros.vault import Vault
from self_distill.settings import load_settings
from self_distill.types import AnswerRow, Sampling
from self_distill.wire import make_ledger
from tests.distill.parity import PARITY, RIGHT, examples

WRONG = RIGHT.replace("== 0", "== 1")


def completion(code: str) -> tuple[int, dict[str, Any]]:
    return said_by(f"```python\n{code.strip()}\n```")


def said_by(text: str) -> tuple[int, dict[str, Any]]:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 900, "completion_tokens": 100}
    return 200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "parity.toml").write_text(
        'name = "parity"\ninstructions = "Is the number of x odd or even?"\nlabels = ["odd", "even", "neither"]\n'
    )
    rows = [json.dumps({"text": row.text, "label": row.label}) for row in examples(300)]
    (tmp_path / "x.jsonl").write_text("\n".join(rows))
    return tmp_path


def call(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(args)
    return int(stop.value.code or 0)


def arguments(home: Path, *more: str) -> list[str]:
    task, rows = str(home / "parity.toml"), str(home / "x.jsonl")
    return ["distill", "--task", task, "--examples", rows, "--tools", str(home / "tools"), "--json", *more]


async def test_one_command_goes_from_a_file_to_acting_rules_with_a_report(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = await serve(completion(WRONG), completion(RIGHT))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    args = arguments(home, "--maker", "openai/m", "--report", str(home / "r.html"))
    assert await asyncio.to_thread(call, *args) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["cascade"]["status"] == "certified" and told["tokens_making"] == 2_000
    assert [attempt["train"]["wrong"] == 0 for attempt in told["attempts"]] == [False, True]
    assert told["rules"][0]["name"] == "parity/m_2" and told["rules"][0]["certify"]["j"] == 1
    assert "parity: certified" in (home / "r.html").read_text()


async def test_an_ended_making_goes_on_without_buying_a_reply_again(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(completion(WRONG), completion(WRONG), (500, {}), completion(RIGHT))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    monkeypatch.setenv("SELF_DISTILL_ATTEMPTS", "1")
    job = Job(PARITY, examples(300), "openai/m")
    effort = Effort(candidates=2, repairs=1, sampling=Sampling(max_tokens=512))
    order = Order(job, home / "tools", effort=effort)
    first, _ = await asyncio.to_thread(run_sync, distilled(order, load_settings()))
    again, _ = await asyncio.to_thread(run_sync, distilled(order, load_settings()))
    assert first.certificate is None and [bool(a.problem) for a in first.attempts] == [False, False, True]
    assert again.certificate and len(server.seen) == 4
    assert again.certificate.tokens_making == 3_000


async def test_a_maker_that_writes_prose_or_ten_programs_is_refused_with_its_reason(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    block = f"```python\n{RIGHT}\n```\n"
    prose, ten, endless = map(said_by, ("I would rather not.", block * 10, "```python\n" + "x = 1\n" * 9))
    server = await serve(prose, ten, endless)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    assert await asyncio.to_thread(call, *arguments(home, "--maker", "openai/m")) == 0
    told = json.loads(capfd.readouterr().out)
    problems = " ".join(attempt["problem"] for attempt in told["attempts"])
    assert told["cascade"] == {
        "status": "refused",
        "reason": "the maker wrote no program",
        "certify": None,
        "test": None,
    }
    assert "no ```python block" in problems and "10 code blocks" in problems and "does not end" in problems


def test_a_second_process_at_the_same_task_is_told_to_wait(home: Path) -> None:
    with alone(home / "state", "parity", home / "tools"):
        with pytest.raises(DataError, match="another process"), alone(home / "state", "parity", home / "tools"):
            pass
        with alone(home / "state", "parity", home / "others"):
            pass


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("x", "odd")] * 300, "all 1 examples have one label"),
        ([(f"x {i}", "odd") for i in range(300)], "have one label"),
        ([(f"x {i % 3}", "odd" if i % 2 else "even") for i in range(300)], "contradictory"),
        ([(f"x {i}", "odd" if i % 2 else "even") for i in range(40)], "give about"),
    ],
)
def test_bad_examples_are_one_line_before_anything_is_paid(
    home: Path,
    rows: list[tuple[str, str]],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    (home / "x.jsonl").write_text("\n".join(json.dumps({"text": text, "label": label}) for text, label in rows))
    assert call(*arguments(home, "--maker", "openai/nowhere")) == 2
    err = capfd.readouterr().err
    assert said in err and err.count("\n") == 1


def test_a_program_of_one_s_own_is_certified_and_again_after_a_change(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = home / "tools" / "parity" / "mine.py"
    path.parent.mkdir(parents=True)
    path.write_text(RIGHT)
    common = ["--examples", str(home / "x.jsonl"), "--tools", str(home / "tools"), "--json"]
    assert call("certify", "parity/mine", "--task", str(home / "parity.toml"), *common) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["rules"][0]["name"], told["cascade"]["status"], told["maker"]) == ("parity/mine", "certified", "hand")
    path.write_text(RIGHT + "\n# a change\n")
    assert call("certify", "parity/mine", "--task", str(home / "parity.toml"), *common) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["cascade"]["certify"]["j"] == 2


def test_what_cannot_be_certified_is_one_line(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    common = ["--examples", str(home / "x.jsonl"), "--tools", str(home / "tools")]
    assert call("certify", "parity/none", *common) == 2
    assert "there is no such tool" in capfd.readouterr().err


def test_what_a_model_answered_before_is_in_the_ledger_and_can_be_distilled(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ledger = make_ledger(load_settings())
    ledger.record(
        *(AnswerRow(row.id, "parity", "model:openai/m", f"[PERSON_1] {row.text}", row.label) for row in examples(300))
    )
    ledger.close()
    args = ["distill", "--task", str(home / "parity.toml"), "--examples", "ledger", "--tools", str(home / "tools")]
    assert call(*args) == 2 and "--teacher" in capfd.readouterr().err
    assert call(*args, "--teacher", "openai/m", "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert sum(told["splits"].values()) == 300 and told["teacher"] == "openai/m"


async def test_an_auditor_that_disagrees_too_often_is_compared_and_may_not_audit(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = await serve(completion(RIGHT), said_by("even"))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    args = arguments(home, "--maker", "openai/m", "--auditor", "openai/n", "--report", str(home / "r.html"))
    assert await asyncio.to_thread(call, *args) == 0
    told = json.loads(capfd.readouterr().out)
    beside = told["compared"]
    odd = beside["rules_right_model_wrong"]
    assert 0 < odd == beside["disagreed"] < beside["n"] and beside["rules_wrong_model_right"] == 0
    assert beside["given_up"] == -odd / beside["n"] < beside["bound"] < 0 and not beside["audits"]
    assert told["tokens_making"] == 1_000 * (1 + beside["n"])
    card = json.loads((home / "tools" / "parity" / "m_1.json").read_text())
    assert card["certificate"]["auditors"] == {} and card["tokens_making"] == 1_000
    assert "too often to audit" in (home / "r.html").read_text()
    again = ("certify", "parity/m_1", *arguments(home)[1:], "--auditor", "openai/n")
    assert await asyncio.to_thread(call, *again) == 0
    assert json.loads(capfd.readouterr().out)["tokens_making"] == 1_000 * (1 + beside["n"])


async def test_an_auditor_that_fails_or_would_not_pay_leaves_the_rules_certified_without_it(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = await serve(completion(RIGHT), (500, {}))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    monkeypatch.setenv("SELF_DISTILL_ATTEMPTS", "1")
    args = arguments(home, "--maker", "openai/m", "--auditor", "openai/n")
    for more in ((), ("--requests", "60"), ("--budget-tokens", "1500")):
        assert await asyncio.to_thread(call, *args, *more) == 0
        told = json.loads(capfd.readouterr().out)
        assert told["cascade"]["status"] == "certified" and told["compared"] is None
    assert len(server.seen) < 100


async def test_an_auditor_asked_once_is_not_paid_again(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(completion(RIGHT), said_by("even"))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    args = arguments(home, "--maker", "openai/m", "--auditor", "openai/n")
    assert await asyncio.to_thread(call, *args) == 0
    asked = len(server.seen)
    assert await asyncio.to_thread(call, *args) == 0
    assert len(server.seen) == asked > 100


async def test_a_repair_that_would_name_a_masked_value_is_not_asked_for_and_the_making_goes_on(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": f"Ask anna.petrov@mail.example. {row.text}", "label": row.label} for row in examples(300)]
    (home / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    naming = WRONG + "\n# never for anna.petrov@mail.example\n"
    server = await serve(completion(naming), completion(RIGHT))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    assert await asyncio.to_thread(call, *arguments(home, "--maker", "openai/m")) == 0
    told = json.loads(capfd.readouterr().out)
    first, repair, second = told["attempts"]
    assert first["train"]["wrong"] and "EMAIL" in repair["problem"] and second["train"]["wrong"] == 0
    assert len(server.seen) == 2 and not any(b"petrov" in body for _, _, body in server.seen)


async def test_a_name_that_the_maker_wrote_by_itself_is_no_reason_to_refuse_its_repair(
    home: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": f"My name is Anna Petrov. {row.text}", "label": row.label} for row in examples(300)]
    (home / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    server = await serve(completion(WRONG + "\n# never for petrov\n"), completion(RIGHT))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    assert await asyncio.to_thread(call, *arguments(home, "--maker", "openai/m")) == 0
    told = json.loads(capfd.readouterr().out)
    assert [attempt["problem"] for attempt in told["attempts"]] == ["", ""]
    first, repair = (body for _, _, body in server.seen)
    assert b"petrov" not in first.lower() and repair.lower().count(b"petrov") == 1


def test_a_reply_that_is_hardly_more_than_a_name_or_holds_a_number_is_not_sent_again() -> None:
    vault = Vault()
    vault.note("Wilhelmina Abernathy", "PERSON")
    vault.note("+44 20 7946 0958", "PHONE")
    program = f"# Wilhelmina Abernathy\n{RIGHT * 3}"
    assert guessed(program, vault)
    assert not guessed("Wilhelmina Abernathy", vault)
    assert not guessed(f"{program}# +44 20 7946 0958", vault)
