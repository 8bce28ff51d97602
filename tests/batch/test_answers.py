"""A file of texts becomes a file of answers: in order, whatever happens on the way, and nothing is paid for twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from self_distill.batch.answers import Answers, count, opened, sheet
from self_distill.cli import main
from self_distill.clients.scripted import Scripted
from self_distill.errors import AnswerError, DataError, ModelRefused, ModelUnavailable
from self_distill.settings import load_settings, shipped
from self_distill.task import Task
from self_distill.types import AnswerRow, ModelRequest
from self_distill.wire import Pipeline

TASK = Task("acceptability", "Is it acceptable?", labels=("yes", "no"))
RULE = "def run(text):\n    return 'no' if 'rule' in text else None\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [{"id": f"r{n}", "text": f"{'rule' if n % 3 == 0 else 'model'} {n}"} for n in range(30)]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def pipeline(tmp_path: Path, answers: Callable[[ModelRequest], Any], **settings: Any) -> Pipeline:
    client = Scripted(answers)
    return Pipeline(model="scripted", client=client, tools=(tmp_path / "tools",), attempts=1, **settings)


def number(request: ModelRequest) -> int:
    return int(request.messages[-1].content.split()[-1])


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def whole(work: Answers) -> None:
    await work.run()
    work.part.finish()


async def test_lines_come_out_in_order_with_who_answered_and_what_it_cost(
    source: Path, tmp_path: Path, certified: Any
) -> None:
    certified(tmp_path / "tools", RULE)
    p = pipeline(tmp_path, lambda r: "yes" if number(r) % 2 else "no")
    work = opened(p, TASK, source, tmp_path / "y.jsonl", False)
    await work.run()
    found = sheet(work.part.lines())
    work.part.finish()
    await p.aclose()
    rows = read(tmp_path / "y.jsonl")
    assert [row["id"] for row in rows] == [f"r{n}" for n in range(30)]
    assert {tuple(row) for row in rows} == {("id", "answer", "by", "tokens_in", "tokens_out", "trace")}
    assert all(row["by"].startswith("rule:acceptability/made_0@") and not row["tokens_in"] for row in rows[::3])
    assert [row["answer"] for row in rows[1:6:4]] == ["yes", "yes"] and rows[1]["by"] == "model:scripted"
    assert found.by == {"rule": 10, "model": 20} and found.tokens_in == sum(row["tokens_in"] for row in rows)
    assert not list(tmp_path.glob(".y*")) and (tmp_path / "y.jsonl").stat().st_mode & 0o077 == 0


async def test_a_server_that_goes_down_stops_the_run_and_resuming_pays_for_the_rest_only(
    source: Path, tmp_path: Path
) -> None:
    asked: list[int] = []

    def dying(request: ModelRequest) -> Any:
        asked.append(number(request))
        return ModelUnavailable("down") if len(asked) > 12 else "yes"

    p = pipeline(tmp_path, dying, at_once=4)
    work = opened(p, TASK, source, tmp_path / "y.jsonl", False)
    with pytest.raises(ModelUnavailable):
        await work.run()
    work.part.close()
    paid = asked[:12]
    assert not (tmp_path / "y.jsonl").exists()
    with pytest.raises(DataError, match="--resume"):
        opened(p, TASK, source, tmp_path / "y.jsonl", False)
    asked.clear()
    p.parts.door.client._answer = lambda r: (asked.append(number(r)), "yes")[1]  # type: ignore[attr-defined]
    await whole(opened(p, TASK, source, tmp_path / "y.jsonl", True))
    await p.aclose()
    assert sorted(paid + asked) == list(range(30))
    assert [row["answer"] for row in read(tmp_path / "y.jsonl")] == ["yes"] * 30


async def test_what_is_under_way_when_the_run_is_interrupted_is_kept(source: Path, tmp_path: Path) -> None:
    p = pipeline(tmp_path, lambda r: "yes", at_once=5)
    client: Any = p.parts.door.client
    gate, send = asyncio.Event(), client.send

    async def waits(body: bytes) -> Any:
        await gate.wait()
        return await send(body)

    client.send = waits
    work = opened(p, TASK, source, tmp_path / "y.jsonl", False)
    running = asyncio.create_task(work.run())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    gate.set()
    await work.settle()
    kept = set(work.part.done)
    work.part.close()
    assert len(kept) == len(client.sent)
    await whole(opened(p, TASK, source, tmp_path / "y.jsonl", True))
    await p.aclose()
    assert len(client.sent) == 30 and len(read(tmp_path / "y.jsonl")) == 30


async def test_what_goes_wrong_with_one_text_is_told_in_its_line(source: Path, tmp_path: Path) -> None:
    refuses = {3: ModelRefused("too long"), 5: "perhaps"}
    p = pipeline(tmp_path, lambda r: refuses.get(number(r), "yes"))
    await whole(opened(p, TASK, source, tmp_path / "y.jsonl", False))
    await p.aclose()
    rows = read(tmp_path / "y.jsonl")
    assert [(row["answer"], row.get("error")) for row in rows[2:6]] == [
        ("yes", None),
        (None, "ModelRefused"),
        ("yes", None),
        (None, AnswerError.__name__),
    ]
    assert sheet(rows).by == {"model": 28, "error": 2} and rows[3]["trace"]


async def test_a_model_that_refuses_everything_is_not_asked_to_the_end(source: Path, tmp_path: Path) -> None:
    asked: list[int] = []
    p = pipeline(tmp_path, lambda r: (asked.append(1), ModelRefused("no key"))[1], at_once=2)
    work = opened(p, TASK, source, tmp_path / "y.jsonl", False)
    with pytest.raises(ModelRefused, match="no key"):
        await work.run()
    work.part.close()
    assert 10 <= len(asked) <= 12
    p.parts.door.client._answer = lambda r: "yes"  # type: ignore[attr-defined]
    await whole(opened(p, TASK, source, tmp_path / "y.jsonl", True))
    await p.aclose()
    assert sheet(read(tmp_path / "y.jsonl")).by == {"model": 30}


async def test_a_cut_line_is_asked_again_and_another_source_is_another_part(source: Path, tmp_path: Path) -> None:
    p = pipeline(tmp_path, lambda r: "yes")
    work = opened(p, TASK, source, tmp_path / "y.jsonl", False)
    await work.run()
    work.part.close()
    part = tmp_path / ".y.jsonl.part"
    part.write_bytes(part.read_bytes()[:-9])
    again = opened(p, TASK, source, tmp_path / "y.jsonl", True)
    assert len(again.part.done) == 29
    again.part.close()
    source.write_text(source.read_text(encoding="utf-8") + '{"text": "one more 30"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="another source"):
        opened(p, TASK, source, tmp_path / "y.jsonl", True)
    await p.aclose()


@pytest.mark.parametrize("line", ['{"text": 7}', '{"words": "x"}', "{"])
def test_a_row_without_a_text_is_named_before_anything_is_paid(source: Path, line: str) -> None:
    assert count(source) == 30
    source.write_text(source.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 31"):
        count(source)


def call(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(args)
    return int(stop.value.code or 0)


def test_the_rules_that_were_distilled_here_act_here_and_a_folder_that_is_not_there_is_told(
    source: Path, tmp_path: Path, certified: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    source.write_text(json.dumps({"text": "rule 1"}) + "\n", encoding="utf-8")
    certified(tmp_path / "tools", RULE)
    asked = ("answer", "--task", "acceptability", "--in", str(source), "--model", "openai/none")
    assert load_settings().tool_folders == (shipped("tools"),), "any folder may be called tools"
    (tmp_path / "tools" / "tests.jsonl").touch()
    assert call(*asked, "--out", "y.jsonl") == 0
    assert read(tmp_path / "y.jsonl")[0]["by"].startswith("rule:acceptability/made_0@")
    assert call(*asked, "--out", "z.jsonl", "--tools", "nowhere") == 2
    assert "no such folder" in capfd.readouterr().err


@pytest.mark.parametrize("out", ["x.jsonl", ".", "folder"])
def test_a_target_that_would_lose_something_is_refused_before_anything_is_asked(
    out: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    before = source.read_bytes()
    for command in (("answer", "--task", "acceptability", "--model", "openai/none"), ("scrub",)):
        assert call(*command, "--in", "x.jsonl", "--out", out) == 2
        assert capfd.readouterr().err.count("\n") == 1
    assert source.read_bytes() == before and sorted(p.name for p in tmp_path.iterdir()) == ["folder", "x.jsonl"]


async def test_a_line_without_an_id_is_known_by_its_trace_and_not_by_its_place(tmp_path: Path, certified: Any) -> None:
    certified(tmp_path / "tools", RULE)
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": "rule 1"}) + "\n" + json.dumps({"id": 0, "text": "rule 2"}) + "\n")
    p = pipeline(tmp_path, lambda r: "yes")
    await whole(opened(p, TASK, path, tmp_path / "y.jsonl", False))
    rows = [entry.row for entry in p.ledger.entries(kinds=(AnswerRow,))]
    await p.aclose()
    assert {row.item for row in rows if isinstance(row, AnswerRow)} == {"", "0"}
    assert [row["id"] for row in read(tmp_path / "y.jsonl")] == [0, 0]
