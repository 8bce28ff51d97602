from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from self_distill.clients.litellm import LiteLLM
from self_distill.clients.options import ClientOptions
from self_distill.errors import ModelError, ModelRefused, ModelUnavailable
from self_distill.types import Message, ModelRequest, OneOf, Sampling, Usage

pytestmark = [
    pytest.mark.skipif(find_spec("litellm") is None, reason="needs the extra `litellm`"),
    pytest.mark.filterwarnings("default"),  # LiteLLM has warnings of its own
]
REQUEST = ModelRequest("litellm/openai/m", (Message("user", "a secret"),), Sampling(0.5, 7, 9), OneOf(("yes", "no")))


def completion(text: str, **more: Any) -> tuple[int, dict[str, Any]]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return 200, {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **more}


def client(url: str) -> LiteLLM:
    return LiteLLM("litellm/openai/m", ClientOptions(base_url=url, api_key="k-123", seconds=5))


async def test_the_arguments_that_the_guard_sees_are_those_that_reach_the_server(serve: Callable[..., Any]) -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
    server = await serve(completion('{"answer": "yes"}', usage=usage))
    one = client(server.url)
    body = one.encode(REQUEST)
    reply = await one.send(body)
    await one.close()
    ((_, headers, sent),) = server.seen
    guarded = {key: value for key, value in json.loads(body).items() if key != "stream"} | {"model": "m"}
    assert json.loads(sent) == guarded and headers["authorization"] == "Bearer k-123"
    assert (reply.text, reply.usage, reply.sampling) == ("yes", Usage(11, 3, "server"), REQUEST.sampling)


async def test_tokens_that_nobody_counted_are_estimated(serve: Callable[..., Any]) -> None:
    server = await serve(completion("no"))
    one = client(server.url)
    assert (await one.send(one.encode(REQUEST))).usage == Usage(2, 1, "characters/4")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((429, {"error": {"message": "slow"}}), ModelUnavailable),
        ((500, {"error": {"message": "oops"}}), ModelUnavailable),
        ("drop", ModelUnavailable),
        ((401, {"error": {"message": "bad key"}}), ModelRefused),
        ((400, {"error": {"message": "bad: a secret"}}), ModelRefused),
    ],
)
async def test_a_failure_is_one_line_after_one_attempt_and_stdout_stays_clean(
    serve: Callable[..., Any], answer: Any, kind: type[ModelError], capfd: pytest.CaptureFixture[str]
) -> None:
    server = await serve(answer)
    one = client(server.url)
    with pytest.raises(kind) as caught:
        await one.send(one.encode(REQUEST))
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)
    assert len(server.seen) == 1 and capfd.readouterr().out == ""


async def test_a_provider_that_litellm_does_not_know_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    one = LiteLLM("litellm/nonsense")
    with pytest.raises(ModelRefused):
        await one.send(one.encode(REQUEST))
    assert capfd.readouterr().out == ""


def test_nothing_is_fetched_when_it_is_imported() -> None:
    code = (
        "import sys, socket\n"
        "def seen(event, args):\n"
        "    if event == 'socket.connect' or event == 'socket.getaddrinfo': print(event, args)\n"
        "sys.addaudithook(seen)\n"
        "from self_distill.clients.litellm import LiteLLM, _imported\n"
        "LiteLLM('litellm/openai/m')\n"
        "assert 'litellm' not in sys.modules\n"
        "_imported()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-500:]
