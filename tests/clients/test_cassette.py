from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.clients.cassette import Recorder, load, request_key
from self_distill.errors import DataError
from self_distill.types import Matching, Message, ModelRequest, OneOf, Reply, Sampling, Usage

SECRET = "the whole prompt is nobody's business"


def request(text: str = SECRET, temperature: float = 0.0) -> ModelRequest:
    return ModelRequest("openai/x", (Message("user", text),), Sampling(temperature), label="greeting")


def reply(text: str) -> Reply:
    return Reply(text, Usage(3, 2, "server"), 12.5, "openai/x", Sampling())


def test_the_header_says_who_answered_when_and_how_requests_were_carried(tmp_path: Path) -> None:
    Recorder(tmp_path / "c.jsonl", "openai/x", carried="by an operator bridge").keep(request(), reply("one"))
    header = load(tmp_path / "c.jsonl").header
    assert (header.model, header.carried, header.counted) == ("openai/x", "by an operator bridge", "server")
    assert len(header.date) == 10


def test_a_cassette_never_holds_the_prompt(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    Recorder(path, "openai/x").keep(request(), reply("one"))
    assert not any(word in path.read_text() for word in SECRET.split() if len(word) > 4)
    _, line = path.read_text().splitlines()
    assert set(json.loads(line)) == {"key", "nth", "label", "text", "usage", "latency_ms", "model", "sampling"}


def test_identical_requests_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    tape = Recorder(path, "openai/x")
    for asked, text in ((request(), "one"), (request("b"), "two"), (request(), "three")):
        tape.keep(asked, reply(text))
    assert [json.loads(line)["nth"] for line in path.read_text().splitlines()[1:]] == [0, 0, 1]
    again = Recorder(path, "openai/x")
    assert [again.recall(request()) for _ in range(3)] == [reply("one"), reply("three"), None]


def test_a_tape_does_not_play_what_it_has_just_recorded(tmp_path: Path) -> None:
    tape = Recorder(tmp_path / "c.jsonl", "openai/x")
    tape.keep(request(), reply("one"))
    assert tape.recall(request()) is None


@pytest.mark.parametrize("cut", [1, 9, 60])
def test_recording_goes_on_where_it_was_cut(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "c.jsonl"
    first = Recorder(path, "openai/x")
    first.keep(request("a"), reply("one"))
    first.keep(request("b"), reply("two"))
    path.write_bytes(path.read_bytes()[:-cut])
    second = Recorder(path, "openai/x")
    assert second.recall(request("a")) == reply("one") and second.recall(request("b")) is None
    second.keep(request("b"), reply("again"))
    third = Recorder(path, "openai/x")
    assert [third.recall(request(t)) for t in ("a", "b")] == [reply("one"), reply("again")]


def test_a_cut_header_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('{"model": "open')
    Recorder(path, "openai/x").keep(request(), reply("one"))
    assert load(path).header.model == "openai/x"


def test_one_cassette_holds_one_model(tmp_path: Path) -> None:
    Recorder(tmp_path / "c.jsonl", "openai/x").keep(request(), reply("one"))
    before = (tmp_path / "c.jsonl").read_bytes()
    with pytest.raises(DataError, match="record to another file"):
        Recorder(tmp_path / "c.jsonl", "openai/y")
    assert (tmp_path / "c.jsonl").read_bytes() == before


@pytest.mark.parametrize("text", ["my notes", "my notes\nsecond line\n"])
def test_a_file_of_another_kind_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.txt").write_text(text)
    with pytest.raises(DataError, match="cassette"):
        Recorder(tmp_path / "notes.txt", "openai/x")
    assert (tmp_path / "notes.txt").read_text() == text


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        Recorder(tmp_path / "file" / "c.jsonl", "openai/x")


@pytest.mark.parametrize("text", ["", "nonsense\n", '{"model": "m"}\n', "[]\n"])
def test_a_file_that_is_no_cassette_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.jsonl").write_text(text)
    with pytest.raises(DataError, match="cassette"):
        load(tmp_path / "c.jsonl")


def test_a_broken_line_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    Recorder(path, "openai/x").keep(request(), reply("one"))
    with path.open("a") as file:
        file.write("{}\n")
    with pytest.raises(DataError, match="line 3"):
        load(path)


requests = st.builds(
    ModelRequest,
    st.just("m"),
    st.lists(st.builds(Message, st.sampled_from(["user", "system"]), st.text(max_size=9)), max_size=3).map(tuple),
    st.builds(Sampling, st.floats(0, 2), st.integers(0, 9), st.integers(1, 9)),
    st.one_of(st.none(), st.just(OneOf(("a", "b"))), st.just(OneOf(("a",))), st.just(Matching({"type": "array"}))),
)


@given(requests, requests)
def test_two_requests_have_one_key_only_if_the_same_reply_answers_both(one: ModelRequest, two: ModelRequest) -> None:
    assert (request_key(one) == request_key(two)) == (one == two)
