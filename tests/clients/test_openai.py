from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from self_distill.clients.openai import OpenAI
from self_distill.clients.options import ClientOptions
from self_distill.errors import BadReply, ModelRefused, ModelUnavailable, SettingsError
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
    ("answer", "kind", "word"),
    [
        ((429, {"error": {"message": "slow down"}}), ModelUnavailable, "slow down"),
        ((500, b"oops"), ModelUnavailable, "500"),
        ((401, {"error": {"message": "bad key"}}), ModelRefused, "bad key"),
        ((404, {"error": "no such model"}), ModelRefused, "no such model"),
        ((400, {"error": {"message": "cannot read: user said héllo and more of it"}}), ModelRefused, "400"),
        ((200, b"<html>"), BadReply, "not JSON"),
        ((200, {"choices": []}), BadReply, "no chat completion"),
        ((200, {"choices": [{"message": {"content": 3}}]}), BadReply, "no chat completion"),
        ((200, [1]), BadReply, "no chat completion"),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"choices": [', ModelUnavailable, "middle"),
        ("drop", ModelUnavailable, "no connection"),
        ("hang", ModelUnavailable, "no answer"),
    ],
)
async def test_each_failure_is_one_line_of_its_kind(
    serve: Callable[..., Any], answer: Any, kind: type[Exception], word: str
) -> None:
    server = await serve(answer)
    one = client(server.url, seconds=0.5)
    with pytest.raises(kind, match=word) as caught:
        await one.send(one.encode(REQUEST))
    await one.close()
    assert "\n" not in str(caught.value)


async def test_an_error_that_repeats_the_prompt_is_not_passed_on(serve: Callable[..., Any]) -> None:
    text = "a secret sentence that nobody else may ever read"
    server = await serve((400, {"error": {"message": f"bad input: {text}"}}))
    one = client(server.url)
    with pytest.raises(ModelRefused) as caught:
        await one.send(one.encode(ModelRequest("openai/m", (Message("user", text),))))
    await one.close()
    assert "secret" not in str(caught.value)


async def test_a_redirect_is_not_followed(serve: Callable[..., Any]) -> None:
    elsewhere = await serve(completion("x"))
    server = await serve((307, b"", {}) if False else (307, b""))
    one = client(server.url)
    with pytest.raises(ModelRefused, match="redirects are not followed"):
        await one.send(one.encode(REQUEST))
    await one.close()
    assert elsewhere.seen == []


async def test_a_server_that_asks_to_wait_is_heard(serve: Callable[..., Any]) -> None:
    data = b"HTTP/1.1 429 X\r\nretry-after: 7\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
    server = await serve(data)
    one = client(server.url)
    with pytest.raises(ModelUnavailable) as caught:
        await one.send(one.encode(REQUEST))
    await one.close()
    assert caught.value.retry_after == 7


async def test_nobody_listening_is_one_line() -> None:
    one = client("http://127.0.0.1:9")
    with pytest.raises(ModelUnavailable, match=r"no connection to http://127\.0\.0\.1:9"):
        await one.send(one.encode(REQUEST))
    await one.close()


def test_the_hosted_service_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        OpenAI("openai/m")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert OpenAI("openai/m").name == "openai/m"
