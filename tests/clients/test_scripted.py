from __future__ import annotations

import json

import pytest

from self_distill.clients.scripted import Scripted
from self_distill.errors import ModelRefused, ModelUnavailable
from self_distill.types import Message, ModelRequest, Sampling, Usage

REQUEST = ModelRequest("m", (Message("user", "12345678"),), Sampling(0.5, 3, 7))


async def said(client: Scripted) -> str:
    return (await client.send(client.encode(REQUEST))).text


async def test_lines_come_in_turn_and_an_end_is_told() -> None:
    client = Scripted(["one", "two"])
    assert [await said(client), await said(client)] == ["one", "two"]
    with pytest.raises(ModelRefused, match="no further reply"):
        await said(client)


async def test_an_exception_among_the_lines_is_raised() -> None:
    client = Scripted([ModelUnavailable("busy"), "then"])
    with pytest.raises(ModelUnavailable):
        await said(client)
    assert await said(client) == "then" and len(client.sent) == 2


async def test_a_reply_may_be_computed_from_the_request() -> None:
    client = Scripted(lambda request: request.messages[0].content[::-1])
    reply = await client.send(client.encode(REQUEST))
    assert (reply.text, reply.usage, reply.sampling) == ("87654321", Usage(2, 2, "characters/4"), REQUEST.sampling)


async def test_one_string_is_one_reply_and_what_would_have_left_is_kept() -> None:
    client = Scripted("whole")
    assert await said(client) == "whole"
    assert json.loads(client.sent[0])["messages"] == [["user", "12345678"]]
