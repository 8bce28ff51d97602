from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from self_distill.clients.openai import OpenAI
from self_distill.clients.options import ClientOptions
from self_distill.errors import BadReply, SettingsError
from self_distill.types import Matching, Message, ModelRequest, OneOf, Sampling, Usage

REQUEST = ModelRequest(
    "openai/m", (Message("system", "S"), Message("user", "héllo \ud800")), Sampling(0.5, 7, 9), OneOf(("yes", "no"))
)


def completion(text: str, **usage: Any) -> tuple[int, dict[str, Any]]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return 200, {"choices": [choice], **({"usage": usage} if usage else {})}


def client(url: str, **options: Any) -> OpenAI:
    return OpenAI("openai/m", ClientOptions(base_url=url + "/v1/", api_key="k-123", **options))


async def test_a_request_carries_model_sampling_constraint_and_key(serve: Callable[..., Any]) -> None:
    server = await serve(completion('{"answer": "yes"}', prompt_tokens=11, completion_tokens=3))
    one = client(server.url)
    reply = await one.send(one.encode(REQUEST))
    await one.close()
    ((first, headers, body),) = server.seen
    sent = json.loads(body)
    assert first.startswith("POST /v1/chat/completions ") and headers["authorization"] == "Bearer k-123"
    assert (sent["model"], sent["temperature"], sent["seed"], sent["max_tokens"]) == ("m", 0.5, 7, 9)
    assert sent["messages"][1] == {"role": "user", "content": "héllo \ufffd"}
    assert sent["response_format"]["json_schema"]["schema"]["properties"]["answer"]["enum"] == ["yes", "no"]
    assert (reply.text, reply.usage, reply.sampling) == ("yes", Usage(11, 3, "server"), Sampling(0.5, 7, 9))


async def test_a_server_that_ignores_the_format_is_read_as_it_answers(serve: Callable[..., Any]) -> None:
    server = await serve(completion("I say yes"))
    one = client(server.url)
    reply = await one.send(one.encode(REQUEST))
    await one.close()
    assert reply.text == "I say yes" and reply.usage.counted == "characters/4" and reply.usage.tokens_out == 3


async def test_a_schema_comes_back_as_json(serve: Callable[..., Any]) -> None:
    server = await serve(completion('{"answer": ["A"]}'))
    one = client(server.url)
    request = ModelRequest("openai/m", REQUEST.messages, constraint=Matching({"type": "array"}))
    reply = await one.send(one.encode(request))
    await one.close()
    assert json.loads(reply.text) == ["A"]


async def test_a_constraint_is_left_out_where_the_server_cannot_follow_it() -> None:
    one = client("http://127.0.0.1:9", constrain=False)
    assert b"response_format" not in one.encode(REQUEST)


@pytest.mark.parametrize(
    "answer", [{"choices": []}, {"choices": [{"message": {"content": 3}}]}, {"error": "x"}, [1], None, "text"]
)
async def test_json_that_is_no_completion_is_a_bad_reply(serve: Callable[..., Any], answer: Any) -> None:
    server = await serve((200, answer))
    one = client(server.url)
    with pytest.raises(BadReply, match="no chat completion: is this the right base URL"):
        await one.send(one.encode(REQUEST))
    await one.close()


async def test_a_model_that_says_nothing_said_the_empty_string(serve: Callable[..., Any]) -> None:
    server = await serve((200, {"choices": [{"message": {"content": None, "refusal": "no"}}]}))
    one = client(server.url)
    assert (await one.send(one.encode(REQUEST))).text == ""
    await one.close()


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": "many"}, {"prompt_tokens": 0, "completion_tokens": 0}, 3]
)
async def test_tokens_that_a_server_does_not_count_are_estimated(serve: Callable[..., Any], usage: Any) -> None:
    server = await serve((200, {"choices": [{"message": {"content": "I say yes"}}], "usage": usage}))
    one = client(server.url)
    counted = (await one.send(one.encode(REQUEST))).usage
    await one.close()
    assert counted == Usage(2, 3, "characters/4")


def test_the_hosted_service_needs_a_key_and_its_own_word_for_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        OpenAI("openai/m")
    monkeypatch.setenv("OPENAI_API_KEY", "k-123\n")
    hosted = json.loads(OpenAI("openai/m").encode(REQUEST))
    assert hosted["max_completion_tokens"] == 9 and "max_tokens" not in hosted


async def test_address_and_key_come_from_the_environment(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(completion("yes"))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "k-123\n")
    one = OpenAI("openai/m")
    await one.send(one.encode(REQUEST))
    await one.close()
    assert server.seen[0][1]["authorization"] == "Bearer k-123"


async def test_a_server_of_ones_own_needs_no_key(serve: Callable[..., Any]) -> None:
    server = await serve(completion("yes"))
    one = OpenAI("openai/m", ClientOptions(base_url=server.url))
    await one.send(one.encode(REQUEST))
    await one.close()
    assert "authorization" not in server.seen[0][1]
