from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.clients.body import decode_request, encode_request
from self_distill.clients.cassette import Recorder, load, request_key
from self_distill.clients.connect import connect
from self_distill.errors import DataError, MissingExtra, ReplayMiss, UnknownModel
from self_distill.protocols import Client
from self_distill.types import Matching, Message, ModelRequest, OneOf, Reply, Sampling, Usage

SECRET = "the whole prompt is nobody's business"


def request(text: str = SECRET, label: str = "greeting", temperature: float = 0.0) -> ModelRequest:
    return ModelRequest("openai/x", (Message("user", text),), Sampling(temperature), label=label)


def reply(text: str) -> Reply:
    return Reply(text, Usage(3, 2, "server"), 12.5, "openai/x", Sampling())


async def played(client: Client, asked: ModelRequest) -> str:
    return (await client.send(client.encode(asked))).text


async def test_what_was_recorded_is_replayed_in_order(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    tape = Recorder(path, "openai/x", carried="by an operator bridge")
    tape.keep(request(temperature=1), reply("one"))
    tape.keep(request(temperature=1), reply("two"))
    client = connect(f"replay/{path}")
    assert [await played(client, request(temperature=1)) for _ in range(2)] == ["one", "two"]
    with pytest.raises(ReplayMiss, match="recorded 2 times"):
        await played(client, request(temperature=1))
    assert load(path).header.carried == "by an operator bridge" and load(path).header.counted == "server"


async def test_a_cold_model_says_the_same_again(tmp_path: Path) -> None:
    Recorder(tmp_path / "c.jsonl", "openai/x").keep(request(), reply("one"))
    client = connect(f"replay/{tmp_path}/c.jsonl")
    assert [await played(client, request()) for _ in range(3)] == ["one"] * 3


async def test_a_miss_says_which_prompt_changed(tmp_path: Path) -> None:
    Recorder(tmp_path / "c.jsonl", "openai/x").keep(request(), reply("one"))
    with pytest.raises(ReplayMiss, match=r"'greeting'.*changed since the recording") as caught:
        await played(connect(f"replay/{tmp_path}/c.jsonl"), request("another prompt"))
    assert "another" not in str(caught.value)


def test_a_cassette_never_holds_the_prompt(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    Recorder(path, "openai/x").keep(request(), reply("one"))
    assert "nobody" not in path.read_text()
    assert [set(json.loads(line)) for line in path.read_text().splitlines()][1] >= {"key", "nth", "label", "usage"}


def test_recording_goes_on_where_it_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    first = Recorder(path, "openai/x")
    first.keep(request("a"), reply("one"))
    first.keep(request("b"), reply("two"))
    path.write_bytes(path.read_bytes()[:-9])
    second = Recorder(path, "openai/x")
    assert second.recall(request("a")) == reply("one") and second.recall(request("b")) is None
    second.keep(request("b"), reply("again"))
    third = Recorder(path, "openai/x")
    assert [third.recall(request(t)) for t in ("a", "b")] == [reply("one"), reply("again")]


def test_one_cassette_holds_one_model(tmp_path: Path) -> None:
    Recorder(tmp_path / "c.jsonl", "openai/x").keep(request(), reply("one"))
    with pytest.raises(DataError, match="record to another file"):
        Recorder(tmp_path / "c.jsonl", "openai/y")


@pytest.mark.parametrize("text", ["", "nonsense\n", '{"model": "m"}\n', "[]\n"])
def test_a_file_that_is_no_cassette_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.jsonl").write_text(text)
    with pytest.raises(DataError, match="cassette"):
        load(tmp_path / "c.jsonl")


@pytest.mark.parametrize("name", ["nobody/x", "openai/", "replay/", "", "/"])
def test_a_name_that_means_nothing_lists_the_ways(name: str) -> None:
    with pytest.raises(UnknownModel, match="local/smollm2"):
        connect(name)


def test_a_missing_extra_says_how_to_get_it() -> None:
    try:
        connect("litellm/x")
    except MissingExtra as error:
        assert "--extra litellm" in str(error)


@given(
    st.text(max_size=50),
    st.floats(0, 2),
    st.integers(0, 2**31),
    st.one_of(st.none(), st.just(OneOf(("a", "b"))), st.just(Matching({"type": "array"}))),
)
def test_a_request_survives_its_bytes(
    text: str, temperature: float, seed: int, constraint: OneOf | Matching | None
) -> None:
    asked = ModelRequest("m", (Message("user", text),), Sampling(temperature, seed), constraint, "label")
    assert decode_request(encode_request(asked)) == asked
    assert request_key(decode_request(encode_request(asked))) == request_key(asked)
