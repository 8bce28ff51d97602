"""A bare name or `ollama/<name>`: a model of an Ollama server, by its native API (docs/api.md of Ollama)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from self_distill.clients.body import as_schema, bare, chat_messages, estimated, to_bytes
from self_distill.clients.http import Http, NobodyThere, NotFound, shown
from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import BadReply, ModelRefused, ModelUnavailable
from self_distill.types import Json, ModelRequest, Reply, Sampling, Usage

HERE = "http://127.0.0.1:11434"
PULL_SECONDS = 600
"""How long a download may stand still."""


def base_url(options: ClientOptions) -> str:
    """OLLAMA_HOST may leave out scheme and port, as Ollama's own client allows."""
    host = (options.base_url or os.environ.get("OLLAMA_HOST") or HERE).rstrip("/")
    if "://" not in host:
        host = f"http://{host}" if ":" in host else f"http://{host}:11434"
    return host.replace("//0.0.0.0", "//127.0.0.1")


class Ollama:
    def __init__(self, name: str, options: ClientOptions = DEFAULTS) -> None:
        self.name = name
        self._model = name.removeprefix("ollama/")
        self._base = base_url(options)
        self._constrain = options.constrain
        self._http = Http(name, options.seconds)

    def encode(self, request: ModelRequest) -> bytes:
        sampling = request.sampling
        body: dict[str, Json] = {
            "model": self._model,
            "messages": chat_messages(request),
            "stream": False,
            "truncate": False,  # else a prompt beyond the window is cut without a word
            "shift": False,
            "options": {
                "temperature": sampling.temperature,
                "seed": sampling.seed,
                "num_predict": sampling.max_tokens,
            },
        }
        if self._constrain and request.constraint is not None:
            body["format"] = as_schema(request)
            body["think"] = False
        return to_bytes(body)

    async def send(self, body: bytes) -> Reply:
        started = time.perf_counter()
        try:
            data = await self._http.post(f"{self._base}/api/chat", body)
        except NotFound as error:
            if "not found" not in error.told:
                raise
            how = f"`self-distill models pull {self._model}`, or `ollama pull {self._model}`"
            raise ModelRefused(f"{shown(self._base)} has no model {self._model!r}: get it with {how}") from None
        except NobodyThere:
            raise self._nobody() from None
        return self._reply(data, json.loads(body), (time.perf_counter() - started) * 1000)

    def _reply(self, data: Any, sent: Mapping[str, Any], latency_ms: float) -> Reply:
        try:
            text = str(data["message"]["content"])
            usage = _usage(data, sent, text)
        except (KeyError, TypeError, ValueError):
            raise BadReply(f"{self.name}: the reply is none of Ollama's chat API") from None
        options = sent["options"]
        sampling = Sampling(float(options["temperature"]), options["seed"], options["num_predict"])
        return Reply(bare(sent.get("format"), text), usage, latency_ms, self.name, sampling)

    def _nobody(self) -> ModelUnavailable:
        return NobodyThere(f"no Ollama at {shown(self._base)}: start `ollama serve`, or set OLLAMA_HOST")

    async def models(self) -> list[str]:
        """The names of the models that the server has."""
        try:
            data = await self._http.get(f"{self._base}/api/tags")
            return sorted(str(model["name"]) for model in data["models"])
        except NobodyThere:
            raise self._nobody() from None
        except (KeyError, TypeError):
            raise BadReply(f"{shown(self._base)} is not Ollama") from None

    async def pull(self, notice: Callable[[str, int, int], None]) -> None:
        """Has the server download its model; `notice` hears (what, bytes done, bytes in all)."""
        body = to_bytes({"model": self._model, "stream": True})
        session, timeout = await self._http.session(), aiohttp.ClientTimeout(total=None, sock_read=PULL_SECONDS)
        try:
            post = session.post(f"{self._base}/api/pull", data=body, timeout=timeout, allow_redirects=False)
            async with post as answer:
                done = False
                async for line in answer.content:
                    told = json.loads(line)
                    if "error" in told:
                        raise ModelRefused(f"{shown(self._base)} cannot pull {self._model}: {told['error']}")
                    notice(str(told.get("status", "")), int(told.get("completed", 0)), int(told.get("total", 0)))
                    done = told.get("status") == "success"
        except (aiohttp.ClientConnectorError, TimeoutError):
            raise self._nobody() from None
        except (aiohttp.ClientError, OSError):
            done = False
        except (ValueError, TypeError, AttributeError):
            raise BadReply(f"{shown(self._base)} is not Ollama") from None
        if not done:
            raise ModelUnavailable(f"the download of {self._model} broke off: start it again, it goes on where it was")

    async def close(self) -> None:
        await self._http.close()


def _usage(data: Any, sent: Mapping[str, Any], text: str) -> Usage:
    """As the server counts; it may leave out the prompt that it remembers from a call before."""
    guess = estimated("".join(str(message["content"]) for message in sent["messages"]), text)
    asked, said = data.get("prompt_eval_count"), data.get("eval_count")
    counted_in = Usage(guess.tokens_in, 0, guess.counted) if asked is None else Usage(int(asked), 0)
    return counted_in + (Usage(0, guess.tokens_out, guess.counted) if said is None else Usage(0, int(said)))
