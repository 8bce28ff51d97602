from __future__ import annotations

from pathlib import Path

import pytest

from self_distill.clients.cassette import Recorder
from self_distill.clients.connect import connect
from self_distill.clients.scripted import Scripted
from self_distill.door import Door, Errand
from self_distill.errors import DataError, ReplayMiss
from self_distill.macros.vault import Vault
from self_distill.protocols import Client
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import Message, ModelRequest, OneOf, Reply, Sampling, Usage


def request(text: str = "hello", temperature: float = 0.0, label: str = "greeting") -> ModelRequest:
    return ModelRequest("openai/x", (Message("user", text),), Sampling(temperature), label=label)


def recorded(path: Path, *told: tuple[ModelRequest, str]) -> Client:
    tape = Recorder(path, "openai/x")
    for asked, text in told:
        tape.keep(asked, Reply(text, Usage(3, 2, "server"), 12.5, "openai/x", asked.sampling))
    return connect(f"replay/{path}")


async def played(client: Client, asked: ModelRequest) -> str:
    return (await client.send(client.encode(asked))).text


async def test_what_the_door_recorded_is_replayed_under_the_replays_own_name(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    door = Door(Scripted(["one", "two"], name="openai/x"), SqlLedger(), tape=Recorder(path, "openai/x"))
    for text in ("a", "b"):
        await door.ask(request(text), Errand("t", Vault()))
    client = connect(f"replay/{path}")
    asked = [ModelRequest(client.name, (Message("user", text),)) for text in ("b", "a")]
    assert [await played(client, one) for one in asked] == ["two", "one"]
    reply = await client.send(client.encode(asked[0]))
    assert reply.usage.counted == "characters/4" and reply.usage.total > 0


async def test_identical_requests_at_a_temperature_get_their_replies_in_order(tmp_path: Path) -> None:
    warm = request(temperature=1)
    client = recorded(tmp_path / "c.jsonl", (warm, "one"), (warm, "two"))
    assert [await played(client, warm) for _ in range(2)] == ["one", "two"]
    with pytest.raises(ReplayMiss, match="recorded 2 times"):
        await played(client, warm)


async def test_a_cold_model_says_the_same_again(tmp_path: Path) -> None:
    client = recorded(tmp_path / "c.jsonl", (request(), "one"))
    assert [await played(client, request()) for _ in range(3)] == ["one"] * 3


@pytest.mark.parametrize(
    "changed",
    [
        request("another prompt"),
        request(temperature=0.5),
        ModelRequest("openai/x", request().messages, constraint=OneOf(("yes",)), label="greeting"),
    ],
)
async def test_a_miss_says_which_prompt_changed(tmp_path: Path, changed: ModelRequest) -> None:
    client = recorded(tmp_path / "c.jsonl", (request(), "one"))
    with pytest.raises(ReplayMiss, match=r"'greeting'.*changed since the recording") as caught:
        await played(client, changed)
    assert "another" not in str(caught.value) and "hello" not in str(caught.value)


async def test_a_prompt_that_was_never_recorded_is_told_beside_the_nearest(tmp_path: Path) -> None:
    client = recorded(tmp_path / "c.jsonl", (request(), "one"), (request("x", label="maker: tool"), "two"))
    with pytest.raises(ReplayMiss, match=r"no reply to 'maker: rule' \(the nearest recorded is 'maker: tool'\)"):
        await played(client, request("y", label="maker: rule"))


def test_a_cassette_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: No such file"):
        connect(f"replay/{tmp_path}/none.jsonl")
