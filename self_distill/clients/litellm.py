"""`litellm/<name>`: what LiteLLM reaches. It encodes by itself, so the guard sees its arguments as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from self_distill.clients.body import to_bytes
from self_distill.clients.chat import chat_body, chat_reply, response_format, unwrapped
from self_distill.clients.http import TRY_AGAIN
from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import MissingExtra, ModelRefused, ModelUnavailable
from self_distill.types import ModelRequest, Reply


class LiteLLM:
    """Keys come from the variables that LiteLLM documents for each provider. What a provider has no parameter for
    (a seed, a schema) LiteLLM leaves out."""

    def __init__(self, name: str, options: ClientOptions = DEFAULTS) -> None:
        if find_spec("litellm") is None:
            raise MissingExtra(f"the model {name}", "litellm")
        # Else it fetches a price list from the internet when it is imported.
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        self.name = name
        self._model = name.partition("/")[2]
        self._options = options

    def encode(self, request: ModelRequest) -> bytes:
        body = chat_body(request, self._model)
        if self._options.constrain and request.constraint is not None:
            body["response_format"] = response_format(request)
        return to_bytes(body)

    async def send(self, body: bytes) -> Reply:
        litellm = await asyncio.to_thread(_imported)
        sent = json.loads(body)
        options = {"api_base": self._options.base_url or None, "api_key": self._options.api_key or None}
        once = {"timeout": self._options.seconds, "num_retries": 0, "max_retries": 0}
        started = time.perf_counter()
        try:
            answer = await litellm.acompletion(**sent, **options, **once, drop_params=True)
        except Exception as error:
            status = getattr(error, "status_code", None)
            line = f"{self.name}: LiteLLM says {type(error).__name__} ({status or 'nothing was sent'})"
            again = isinstance(status, int) and (status in TRY_AGAIN or status >= 500)
            raise (ModelUnavailable if again else ModelRefused)(line) from None
        latency = (time.perf_counter() - started) * 1000
        return unwrapped(chat_reply(answer.model_dump(), self.name, sent, latency), sent)

    async def close(self) -> None:
        """Its connections belong to LiteLLM, which shares them in the process and closes them at exit."""


def _imported() -> Any:
    """It takes some seconds, and would print advice on stdout beside every error."""
    litellm: Any = import_module("litellm")
    litellm.suppress_debug_info = True
    return litellm
