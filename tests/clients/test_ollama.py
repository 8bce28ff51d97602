from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from self_distill.clients.ollama import Ollama, base_url
from self_distill.clients.options import ClientOptions
from self_distill.errors import BadReply, ModelRefused, ModelUnavailable
from self_distill.types import Matching, Message, ModelRequest, OneOf, Sampling, Usage

REQUEST = ModelRequest("llama3.2:3b", (Message("user", "hi"),), Sampling(0.3, 5, 40))
ANSWER = {
    "model": "llama3.2:3b",
    "created_at": "2026-01-01T00:00:00Z",
    "message": {"role": "assistant", "content": "hello"},
    "done": True,
    "prompt_eval_count": 26,
    "eval_count": 8,
}


def client(url: str) -> Ollama:
    return Ollama("llama3.2:3b", ClientOptions(base_url=url, seconds=2))


async def test_a_chat_follows_the_documented_format(serve: Callable[..., Any]) -> None:
    server = await serve((200, ANSWER))
    one = client(server.url)
    reply = await one.send(one.encode(REQUEST))
    await one.close()
    ((first, _, body),) = server.seen
    assert first.startswith("POST /api/chat ")
    assert json.loads(body) == {
        "model": "llama3.2:3b",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": False,
        "truncate": False,
        "shift": False,
        "options": {"temperature": 0.3, "seed": 5, "num_predict": 40},
    }
    assert (reply.text, reply.usage, reply.sampling) == ("hello", Usage(26, 8, "server"), Sampling(0.3, 5, 40))


async def test_labels_become_a_format_and_come_back_bare(serve: Callable[..., Any]) -> None:
    server = await serve((200, {**ANSWER, "message": {"role": "assistant", "content": '"yes"'}}))
    one = client(server.url)
    request = ModelRequest("m", REQUEST.messages, constraint=OneOf(("yes", "no")))
    reply = await one.send(one.encode(request))
    await one.close()
    wanted = json.loads(server.seen[0][2])["format"]
    assert (wanted["type"], wanted["enum"]) == ("string", ["yes", "no"])
    assert reply.text == "yes"


async def test_a_schema_is_passed_on_and_its_json_comes_back(serve: Callable[..., Any]) -> None:
    server = await serve((200, {**ANSWER, "message": {"role": "assistant", "content": '["yes"]'}}))
    one = client(server.url)
    reply = await one.send(one.encode(ModelRequest("m", REQUEST.messages, constraint=Matching({"type": "array"}))))
    await one.close()
    assert json.loads(server.seen[0][2])["format"] == {"type": "array"} and reply.text == '["yes"]'


def test_a_constraint_is_left_out_where_the_server_cannot_follow_it() -> None:
    one = Ollama("m", ClientOptions(constrain=False))
    assert b"format" not in one.encode(ModelRequest("m", REQUEST.messages, constraint=OneOf(("yes", "no"))))


async def test_a_prompt_that_the_server_remembered_and_did_not_count_is_estimated(serve: Callable[..., Any]) -> None:
    server = await serve((200, {k: v for k, v in ANSWER.items() if k != "prompt_eval_count"}))
    one = client(server.url)
    reply = await one.send(one.encode(REQUEST))
    await one.close()
    assert reply.usage == Usage(1, 8, "characters/4+server")


async def test_a_model_that_is_not_there_says_how_to_get_it(serve: Callable[..., Any]) -> None:
    server = await serve((404, {"error": "model 'llama3.2:3b' not found"}))
    one = client(server.url)
    with pytest.raises(ModelRefused, match=r"models pull llama3\.2:3b.*ollama pull llama3\.2:3b"):
        await one.send(one.encode(REQUEST))
    await one.close()


async def test_another_kind_of_server_is_not_asked_to_pull(serve: Callable[..., Any]) -> None:
    server = await serve((404, b"404 page not found"))
    one = client(server.url)
    with pytest.raises(ModelRefused, match=r"/api/chat answered 404$"):
        await one.send(one.encode(REQUEST))
    await one.close()


async def test_no_server_says_how_to_start_one() -> None:
    one = client("http://127.0.0.1:9")
    for work in (one.send(one.encode(REQUEST)), one.models(), one.pull(lambda *told: None)):
        with pytest.raises(ModelUnavailable, match="ollama serve"):
            await work
    await one.close()


async def test_an_answer_of_something_else_is_no_reply(serve: Callable[..., Any]) -> None:
    server = await serve((200, {"choices": []}))
    one = client(server.url)
    with pytest.raises(BadReply):
        await one.send(one.encode(REQUEST))
    await one.close()


async def test_models_are_listed_and_pulled_with_progress(serve: Callable[..., Any]) -> None:
    told = [("pulling", 1, 4), ("pulling", 4, 4), ("success", 0, 0)]
    rows = [{"status": what, "completed": done, "total": of} for what, done, of in told]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    server = await serve((200, {"models": [{"name": "b:1"}, {"name": "a:2"}]}), (200, lines))
    one = client(server.url)
    heard: list[tuple[str, int, int]] = []
    assert await one.models() == ["a:2", "b:1"]
    await one.pull(lambda *told: heard.append(told))
    await one.close()
    assert heard == told


@pytest.mark.parametrize(
    ("answer", "kind", "word"),
    [
        ((200, b'{"error":"pull model manifest: file does not exist"}\n'), ModelRefused, "does not exist"),
        ((200, b'{"status":"pulling","total":9}\n'), ModelUnavailable, "broke off"),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"status":"success"}\n', ModelUnavailable, "broke off"),
        ((200, b"<html>"), BadReply, "not Ollama"),
        ((404, b"[1]"), BadReply, "not Ollama"),
    ],
)
async def test_a_pull_that_fails_says_why(
    serve: Callable[..., Any], answer: Any, kind: type[Exception], word: str
) -> None:
    server = await serve(answer)
    one = client(server.url)
    with pytest.raises(kind, match=word):
        await one.pull(lambda *told: None)
    await one.close()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("box", "http://box:11434"),
        ("0.0.0.0:1", "http://127.0.0.1:1"),
        ("http://h/", "http://h"),
    ],
)
def test_the_host_is_read_as_ollama_reads_it(given: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", given)
    assert base_url(ClientOptions()) == url
