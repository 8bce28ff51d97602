from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.macros.chunks import ChunkRestorer, restore_stream
from self_distill.macros.messages import restore_message
from self_distill.macros.vault import Entry, Vault

TEXT = "Hi [EMAIL_1], [email 1] (https://e.com/[EMAIL_1]) [EMAIL_9] and [NAME_1"
ARGUMENTS = '{"to": "[EMAIL_1]", "b": ["\\u005bNAME_1] \\ud83d\\ude00 \\"x\\"", 5], "u": "https://e.com/[NAME_1]"}'


def filled() -> Vault:
    vault = Vault()
    vault.add(Entry("ann@corp.com", "EMAIL", "EMAIL_1", "[EMAIL_1]"))
    vault.add(Entry('Ann "A" Lee\n', "NAME", "NAME_1", "[NAME_1]"))
    return vault


def chunk(delta: dict[str, Any], finish: str | None = None, index: int = 0) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def call(number: int, arguments: str, name: str | None = None) -> dict[str, Any]:
    first = {"id": f"call_{number}", "type": "function"} if name else {}
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    return {"tool_calls": [{"index": number, **first, "function": function}]}


def cut(text: str, sizes: list[int]) -> list[str]:
    pieces, at = [], 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        pieces.append(text[at : at + size])
        at += size
    return pieces


def joined(chunks: list[dict[str, Any]], index: int = 0) -> dict[str, Any]:
    """The message that a client makes of the chunks."""
    message: dict[str, Any] = {}
    calls: dict[int, dict[str, Any]] = {}
    for one in chunks:
        for choice in one["choices"]:
            delta = choice["delta"] if choice["index"] == index else {}
            for key in ("content", "refusal"):
                if delta.get(key) is not None:
                    message[key] = message.get(key, "") + delta[key]
            for part in delta.get("tool_calls") or ():
                call = calls.setdefault(part["index"], {"name": "", "arguments": ""})
                for key in call:
                    call[key] += part["function"].get(key) or ""
    return message | ({"tool_calls": [{"function": calls[i]} for i in sorted(calls)]} if calls else {})


def answer(sizes: list[int], finish: bool) -> list[dict[str, Any]]:
    chunks = [chunk({"role": "assistant", "content": ""})]
    chunks += [chunk({"content": piece}) for piece in cut(TEXT, sizes)]
    for number, name in enumerate(("mail", "search")):
        chunks += [chunk(call(number, "", name)), *(chunk(call(number, piece)) for piece in cut(ARGUMENTS, sizes))]
    return [*chunks, chunk({}, "tool_calls"), {"id": "c", "choices": [], "usage": {"n": 1}}] if finish else chunks


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.booleans())
def test_however_an_answer_is_cut_it_is_the_restored_message(sizes: list[int], finish: bool) -> None:
    chunks = answer(sizes, finish)
    stream = restore_stream(chunks, filled(), restore_into=("mail",))
    given_back = list(stream)
    whole = restore_message(joined(chunks), filled(), restore_into=("mail",))
    assert joined(given_back) == whole.message
    assert len(given_back) == len(chunks) + (not finish)
    assert stream.restorer.lost == whole.lost and set(stream.restorer.withheld) == set(whole.withheld)
    mailed = json.loads(joined(given_back)["tool_calls"][0]["function"]["arguments"])
    assert mailed["to"] == "ann@corp.com" and mailed["b"] == ['Ann "A" Lee\n 😀 "x"', 5]


async def test_chunks_may_come_asynchronously() -> None:
    async def coming() -> AsyncIterator[dict[str, Any]]:
        for one in answer([3], finish=True):
            yield one

    given_back = [one async for one in restore_stream(coming(), filled(), restore_into=("mail",))]
    assert given_back == list(restore_stream(answer([3], finish=True), filled(), restore_into=("mail",)))
    with pytest.raises(TypeError, match="async for"):
        list(restore_stream(coming(), filled()))
    with pytest.raises(TypeError, match="use `for`"):
        [one async for one in restore_stream([], filled())]


def test_what_was_held_back_comes_with_the_end_at_the_latest() -> None:
    restorer = ChunkRestorer(filled())
    assert restorer.feed(chunk({"content": "Hi [EMAIL_1"}))["choices"][0]["delta"] == {"content": "Hi "}
    last = restorer.feed(chunk({}, "stop"))["choices"][0]
    assert last == {"index": 0, "delta": {"content": "ann@corp.com"}, "finish_reason": "stop"}
    assert restorer.close() is None


def test_a_stream_that_breaks_off_still_gives_what_it_held_back() -> None:
    chunks = [chunk({"content": "Hi [EMAIL_1"}), chunk(call(0, '{"a": "[EMAIL_1', "mail"))]
    *_, last = restore_stream(chunks, filled(), restore_into=("mail",))
    assert last["id"] == "c" and last["choices"][0]["finish_reason"] is None
    assert last["choices"][0]["delta"] == {
        "content": "ann@corp.com",
        "tool_calls": [{"index": 0, "function": {"arguments": "ann@corp.com"}}],
    }


def test_choices_are_kept_apart() -> None:
    chunks = [
        chunk({"content": "[EMA"}, index=0),
        chunk({"content": "[EMA"}, index=1),
        chunk({"content": "IL_1]"}, index=1),
    ]
    given_back = list(restore_stream([*chunks, chunk({}, "stop", 0), chunk({}, "stop", 1)], filled()))
    assert (joined(given_back)["content"], joined(given_back, 1)["content"]) == ("[EMA", "ann@corp.com")


def test_a_call_without_a_name_and_one_that_is_not_listed_stay_as_they_are() -> None:
    chunks = [chunk(call(0, '{"a": "[EMAIL_1]"}')), chunk(call(1, '{"a": "[EMAIL_1]"}', "search")), chunk({}, "stop")]
    stream = restore_stream(chunks, filled(), restore_into=("mail",))
    assert list(stream) == chunks
    assert stream.restorer.withheld == ("[EMAIL_1]",)


def test_calls_in_the_old_shape_and_custom_calls_are_restored_when_listed() -> None:
    given = [{"name": "mail", "arguments": ""}, {"arguments": '{"a":"[EMA'}, {"arguments": 'IL_1]"}'}]
    old = [*(chunk({"function_call": one}) for one in given), chunk({}, "stop")]
    given_back = list(restore_stream(old, filled(), restore_into=("mail",)))
    pieces = [c["choices"][0]["delta"].get("function_call", {}).get("arguments", "") for c in given_back]
    assert "".join(pieces) == '{"a":"ann@corp.com"}'
    custom = chunk({"tool_calls": [{"index": 0, "custom": {"name": "mail", "input": "to [EMAIL_1"}}]})
    given_back = list(restore_stream([custom, chunk({}, "stop")], filled(), restore_into=("mail",)))
    parts = [part["custom"]["input"] for c in given_back for part in c["choices"][0]["delta"].get("tool_calls", [])]
    assert "".join(parts) == "to ann@corp.com"


def test_what_comes_in_is_not_changed() -> None:
    chunks = answer([5], finish=True)
    before = json.dumps(chunks)
    list(restore_stream(chunks, filled(), restore_into=("mail",)))
    assert json.dumps(chunks) == before
