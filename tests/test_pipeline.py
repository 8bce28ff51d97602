from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from self_distill.clients.scripted import Scripted
from self_distill.errors import AnswerError, EgressBlocked, MacroFailed, ModelUnavailable, SettingsError
from self_distill.macros.scrub import Macros
from self_distill.macros.vault import Vault
from self_distill.pipeline import Request, solve
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.settings import load_settings
from self_distill.task import Task
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import AnswerRow, CallRow, ModelRequest, RuleRow, Span
from self_distill.wire import Pipeline, Tools, make_door, make_parts, make_sandbox

ACCEPTABLE = Task("acceptability", "Is it acceptable?", labels=("yes", "no"))
SAY = Task("say", "Say.", answer="string")
SECRET = "ada.byron@example.net"


def echo(request: ModelRequest) -> str:
    return request.messages[-1].content


def pipeline(client: Scripted, tmp_path: Path, **more: object) -> Pipeline:
    return Pipeline(model="scripted", client=client, tools=(tmp_path / "tools",), **more)  # type: ignore[arg-type]  # settings by name


def rule(folder: Path, code: str, path: str = "grammar/ends_with_dot") -> None:
    Store.write(Rule.candidate(path, "acceptability", code, maker="test", tokens_making=10), folder)


def test_a_model_sees_placeholders_and_the_caller_gets_the_values_back(tmp_path: Path) -> None:
    client = Scripted(echo)
    with pipeline(client, tmp_path) as p:
        answer = p.run(SAY, f"Write to {SECRET} today.")
    assert answer.value == f"Write to {SECRET} today."
    assert answer.by == "model:scripted"
    assert len(client.sent) == 1
    assert b"[EMAIL_1]" in client.sent[0] and SECRET.encode() not in client.sent[0]


def test_a_rule_answers_without_a_model(tmp_path: Path) -> None:
    client = Scripted([])
    rule(tmp_path / "tools", "def run(text):\n    return 'yes' if text.endswith('.') else None\n")
    with pipeline(client, tmp_path, uncertified=True) as p:
        answer = p.run(ACCEPTABLE, "She goes home.")
    assert (answer.value, answer.usage.total, client.sent) == ("yes", 0, [])
    assert answer.by.startswith("rule:grammar/ends_with_dot@")


@pytest.mark.parametrize(
    "code",
    [
        "def run(text):\n    return None\n",
        "def run(text):\n    return 'perhaps'\n",
        "def run(text):\n    return 1 / 0\n",
        "def run(text):\n    while True: pass\n",
        "def run(text):\n    return run(text)\n",
        "def run(text):\n    import os\n    return os.environ\n",
    ],
)
def test_what_a_rule_leaves_or_breaks_goes_to_the_model_and_into_the_ledger(tmp_path: Path, code: str) -> None:
    rule(tmp_path / "tools", code)
    with pipeline(Scripted(["no"]), tmp_path, uncertified=True) as p:
        answer = p.run(ACCEPTABLE, "She go home.")
        rows = [entry.row for entry in p.parts.ledger.trace(answer.trace)]  # type: ignore[attr-defined]  # the SQL ledger
    assert (answer.value, answer.by) == ("no", "model:scripted")
    assert len([row for row in rows if isinstance(row, RuleRow)]) == 1
    assert len([row for row in rows if isinstance(row, CallRow)]) == 1


def test_a_certified_rule_acts_and_under_other_macros_it_does_not(tmp_path: Path, certified: Any) -> None:
    certified(tmp_path / "tools", "def run(text):\n    return 'yes'\n")
    with pipeline(Scripted(["no"] * 2), tmp_path) as p:
        assert p.run(ACCEPTABLE, "x").by.startswith("rule:acceptability/made_0@")
        masked = replace(ACCEPTABLE, mask=("EMAIL",))
        assert p.run(masked, "x").by == "model:scripted", "its texts are masked in another way"
    with pipeline(Scripted(["no"]), tmp_path, macros={"default_style": "masked"}) as p:
        assert p.run(ACCEPTABLE, "x").by == "model:scripted"


def test_a_rule_without_a_certificate_does_not_act(tmp_path: Path) -> None:
    rule(tmp_path / "tools", "def run(text):\n    return 'yes'\n")
    with pipeline(Scripted(["no"]), tmp_path) as p:
        assert p.run(ACCEPTABLE, "She go home.").by == "model:scripted"


def test_the_ledger_has_the_scrubbed_text_and_nothing_of_the_value(tmp_path: Path) -> None:
    with pipeline(Scripted(echo), tmp_path) as p:
        trace = p.run(SAY, f"Write to {SECRET}.").trace
        entries = p.parts.ledger.trace(trace)  # type: ignore[attr-defined]  # the SQL ledger
    row = next(entry.row for entry in entries if isinstance(entry.row, AnswerRow))
    assert row.text == "Write to [EMAIL_1]." and row.masked == {"EMAIL": 1}
    for path in (tmp_path / "state").rglob("*"):
        assert path.is_dir() or b"byron" not in path.read_bytes(), path


def test_messages_of_a_conversation_share_their_placeholders(tmp_path: Path) -> None:
    client, vault = Scripted(echo), Vault()
    with pipeline(client, tmp_path) as p:
        p.run(SAY, f"From {SECRET}.", conversation=vault)
        p.run(SAY, f"To bob@example.org, again {SECRET}.", conversation=vault)
    assert b"To [EMAIL_2], again [EMAIL_1]." in client.sent[1]


class Broken:
    name = "broken"

    def find(self, text: str) -> Sequence[Span]:
        raise ValueError(text)


async def test_a_macro_that_fails_closes_the_door_and_leaves_a_row_without_the_text(tmp_path: Path) -> None:
    client, ledger, sandbox = Scripted(echo), SqlLedger(), make_sandbox()
    settings = load_settings(model="scripted")
    tools = Tools(Store(()), sandbox)
    parts = make_parts(settings, make_door(settings, client, ledger), macros=Macros([Broken()]), tools=tools)
    with pytest.raises(MacroFailed, match=r"broken.*nothing was sent") as caught:
        await solve(parts, Request("my secret 12345", SAY))
    await sandbox.close()
    assert "12345" not in str(caught.value) and client.sent == []
    row = ledger.recent(1)[0].row
    assert isinstance(row, AnswerRow) and (row.text, row.error) == ("", "MacroFailed")


def test_a_value_known_to_the_vault_does_not_leave_by_another_way(tmp_path: Path) -> None:
    """An instruction of a task with a value in it is no frame that was checked: the guard sees the bytes."""
    client, vault = Scripted(echo), Vault()
    with pipeline(client, tmp_path) as p:
        p.run(SAY, f"From {SECRET}.", conversation=vault)
        p.parts.door.client.encode = lambda request: json.dumps({"x": SECRET}).encode()  # type: ignore[method-assign]  # a client that adds something
        with pytest.raises(EgressBlocked, match="EMAIL"):
            p.run(SAY, "Again.", conversation=vault)
    assert len(client.sent) == 1


@pytest.mark.parametrize("text", ["", "\0", "\ud800 x", "[EMAIL_1] [EMAIL_MASKED] \\[X_1]", "é" * 100_000])
def test_odd_texts_come_back_as_they_were(tmp_path: Path, text: str) -> None:
    with pipeline(Scripted(echo), tmp_path) as p:
        assert p.run(SAY, "x" + text).value == ("x" + text).strip()


def test_errors_of_the_model_reach_the_caller_and_the_ledger(tmp_path: Path) -> None:
    down = [ModelUnavailable("the server is down: start it", retry_after=0)] * 2
    with pipeline(Scripted([*down, "neither"]), tmp_path, attempts=2) as p:
        with pytest.raises(ModelUnavailable):
            p.run(ACCEPTABLE, "a")
        with pytest.raises(AnswerError):
            p.run(ACCEPTABLE, "b")
        errors = [entry.row.error for entry in p.parts.ledger.recent(2)]  # type: ignore[attr-defined]  # the SQL ledger
    assert errors == ["AnswerError", "ModelUnavailable"]


def test_an_unknown_task_is_refused_with_the_list_of_tasks(tmp_path: Path) -> None:
    with pipeline(Scripted([]), tmp_path) as p, pytest.raises(SettingsError, match="acceptability"):
        p.run("acceptible", "x")


async def test_the_sync_way_works_inside_a_running_loop(tmp_path: Path) -> None:
    p = pipeline(Scripted(echo), tmp_path)
    assert p.run(SAY, "hello").value == "hello"
    assert (await p.solve(Request("hello", SAY))).value == "hello"
    p.close()
