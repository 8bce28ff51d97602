"""A bare name or `ollama/<name>`: a model of an Ollama server, by its native API (docs/api.md of Ollama)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from self_distill.clients.body import as_schema, bare_label, chat_messages, to_bytes
from self_distill.clients.http import Http
from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import BadReply, ModelRefused, ModelUnavailable
from self_distill.types import Json, ModelRequest, OneOf, Reply, Sampling, Usage

HERE = "http://127.0.0.1:11434"


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
            "options": {
                "temperature": sampling.temperature,
                "seed": sampling.seed,
                "num_predict": sampling.max_tokens,
            },
        }
        if self._constrain and request.constraint is not None:
            body["format"] = as_schema(request)
            body["think"] = False
        if self._constrain and isinstance(request.constraint, OneOf):
            body["format"] = {"type": "string", "enum": list(request.constraint.labels)}
        return to_bytes(body)

    async def send(self, body: bytes) -> Reply:
        started = time.perf_counter()
        try:
            data = await self._http.post(f"{self._base}/api/chat", body)
        except ModelRefused as error:
            if " 404" in str(error):
                raise ModelRefused(
                    f"{self._base} has no model {self._model!r}: get it with `self-distill models pull {self._model}`"
                ) from None
            raise
        except ModelUnavailable as error:
            if "is the server running" in str(error):
                raise ModelUnavailable(f"no Ollama at {self._base}: start `ollama serve`, or set OLLAMA_HOST") from None
            raise
        return self._reply(data, json.loads(body), (time.perf_counter() - started) * 1000)

    def _reply(self, data: Any, sent: Mapping[str, Any], latency_ms: float) -> Reply:
        try:
            text = str(data["message"]["content"])
            usage = Usage(int(data.get("prompt_eval_count", 0)), int(data["eval_count"]), "server")
        except (KeyError, TypeError, ValueError):
            raise BadReply(f"{self.name}: the reply is none of Ollama's chat API") from None
        options = sent["options"]
        sampling = Sampling(float(options["temperature"]), options["seed"], options["num_predict"])
        wanted = sent.get("format")
        is_label = isinstance(wanted, dict) and "enum" in wanted
        return Reply(bare_label(is_label, text), usage, latency_ms, self.name, sampling)

    async def models(self) -> list[str]:
        """The names of the models that the server has."""
        data = await self._http.get(f"{self._base}/api/tags")
        try:
            return sorted(str(model["name"]) for model in data["models"])
        except (KeyError, TypeError):
            raise BadReply(f"{self._base} is not Ollama") from None

    async def pull(self, notice: Callable[[str, int, int], None]) -> None:
        """Has the server download its model; `notice` hears (what, bytes done, bytes in all)."""
        body = to_bytes({"model": self._model, "stream": True})
        try:
            timeout = aiohttp.ClientTimeout(total=None, sock_read=600)
            async with self._http.session().post(f"{self._base}/api/pull", data=body, timeout=timeout) as answer:
                async for line in answer.content:
                    told = json.loads(line)
                    if "error" in told:
                        raise ModelRefused(f"{self._base} cannot pull {self._model}: {told['error']}")
                    notice(str(told.get("status", "")), int(told.get("completed", 0)), int(told.get("total", 0)))
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise ModelUnavailable(f"no Ollama at {self._base}: start `ollama serve`, or set OLLAMA_HOST") from None
        except ValueError:
            raise BadReply(f"{self._base} is not Ollama") from None

    async def close(self) -> None:
        await self._http.close()
