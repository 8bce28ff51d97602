from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from self_distill.clients.http import Http, NobodyThere, NotFound, seconds_in
from self_distill.clients.openai import OpenAI
from self_distill.clients.options import ClientOptions
from self_distill.errors import BadReply, ModelError, ModelRefused, ModelUnavailable
from self_distill.types import Message, ModelRequest

SECRET = "a secret sentence that nobody else may ever read"


async def failure(url: str, key: str = "", seconds: float = 2) -> ModelError:
    one = OpenAI("openai/m", ClientOptions(base_url=url, api_key=key, seconds=seconds))
    with pytest.raises(ModelError) as caught:
        await one.send(one.encode(ModelRequest("openai/m", (Message("user", SECRET),))))
    await one.close()
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "kind", "word"),
    [
        ((429, {"error": {"message": "slow down"}}), ModelUnavailable, "429: slow down"),
        ((500, b"oops"), ModelUnavailable, "500"),
        ((503, {"error": "loading"}), ModelUnavailable, "503: loading"),
        ((401, {"error": {"message": "bad key"}}), ModelRefused, "401: bad key"),
        ((404, {"error": "no such model"}), NotFound, "404: no such model"),
        ((400, {"error": {"message": f"cannot read: {SECRET}"}}), ModelRefused, "answered 400"),
        ((400, {"error": {"message": "two\nlines"}}), ModelRefused, "two lines"),
        ((400, {"error": {"message": "x" * 9000}}), ModelRefused, "xxx"),
        ((200, b"<html>"), BadReply, "not JSON"),
        ((200, b'{"choices": ['), BadReply, "not JSON"),
        ((200, b"\xff\xfe\xfd"), BadReply, "not JSON"),
        (b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"choices": [', ModelUnavailable, "in the middle"),
        (b"HTTP/1.1 nonsense\r\n\r\n", ModelUnavailable, "no connection"),
        ("drop", ModelUnavailable, "no connection"),
        ("hang", ModelUnavailable, "no answer from .* in 0.3 s"),
    ],
)
async def test_each_failure_is_one_line_of_its_kind(
    serve: Callable[..., Any], answer: Any, kind: type[ModelError], word: str
) -> None:
    server = await serve(answer)
    error = await failure(server.url, seconds=0.3 if answer == "hang" else 5)
    assert isinstance(error, kind) and re.search(word, str(error)) and len(str(error)) < 400


async def test_a_redirect_is_not_followed(serve: Callable[..., Any]) -> None:
    elsewhere = await serve((200, {}))
    server = await serve((307, b"", {"location": elsewhere.url}))
    assert "redirects are not followed" in str(await failure(server.url))
    assert elsewhere.seen == [] and len(server.seen) == 1


async def test_nobody_listening_and_an_unknown_host_are_unavailable() -> None:
    for url in ("http://127.0.0.1:9", "http://nowhere.invalid"):
        error = await failure(url)
        assert isinstance(error, NobodyThere) and "is the server running" in str(error)


@pytest.mark.parametrize("url", ["127.0.0.1:9/v1", "ftp://127.0.0.1/", "http://", "http://[", "localhost"])
async def test_what_is_no_address_is_not_tried_again(url: str) -> None:
    error = await failure(url)
    assert isinstance(error, ModelRefused) and "http://" in str(error)


async def test_no_secret_of_an_address_or_a_key_is_shown(serve: Callable[..., Any]) -> None:
    error = await failure("http://me:hunter2@127.0.0.1:9/v1?key=hunter3")
    assert "hunter" not in str(error) and "127.0.0.1:9" in str(error)
    server = await serve((200, {}))
    error = await failure(server.url, key="hunter4\nx-more: hunter5")
    assert "hunter" not in str(error) and isinstance(error, ModelRefused) and server.seen == []


async def test_a_server_that_asks_to_wait_is_heard(serve: Callable[..., Any]) -> None:
    server = await serve((429, {}, {"retry-after": "7"}))
    error = await failure(server.url)
    assert isinstance(error, ModelUnavailable) and error.retry_after == 7


def test_a_wait_may_be_a_date_and_nonsense_is_none() -> None:
    soon = seconds_in(format_datetime(datetime.now(UTC) + timedelta(hours=1)))
    assert soon is not None and 0 < soon <= 3600
    assert seconds_in("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert [seconds_in(wait) for wait in ("", "soon", "nan", "inf", "-1", "1.5")] == [None, None, None, None, 0, 1.5]


async def test_one_client_serves_one_loop_after_another_and_several_at_once(serve: Callable[..., Any]) -> None:
    server = await serve((200, {"x": 1}))
    http = Http("m", 5)
    assert await http.get(server.url) == {"x": 1}
    for _ in range(3):
        assert await asyncio.to_thread(asyncio.run, http.get(server.url)) == {"x": 1}
    both = (asyncio.to_thread(asyncio.run, http.get(server.url)), http.get(server.url))
    assert await asyncio.gather(*both) == [{"x": 1}] * 2
    await http.close()
    assert await http.get(server.url) == {"x": 1}
    await http.close()
