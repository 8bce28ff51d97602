"""`openai/<name>`: any server that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
import os
import time

from self_distill.clients.body import to_bytes
from self_distill.clients.chat import chat_body, chat_reply, response_format, unwrapped
from self_distill.clients.http import Http
from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import SettingsError
from self_distill.types import ModelRequest, Reply

HOSTED = "https://api.openai.com/v1"


class OpenAI:
    """Address and key come from the options, else from OPENAI_BASE_URL and OPENAI_API_KEY; a server of one's own
    needs no key. Raises `SettingsError` when the hosted service is meant and there is none."""

    def __init__(self, name: str, options: ClientOptions = DEFAULTS) -> None:
        self.name = name
        self._model = name.partition("/")[2]
        self._base = (options.base_url or os.environ.get("OPENAI_BASE_URL") or HOSTED).rstrip("/")
        key = (options.api_key or os.environ.get("OPENAI_API_KEY", "")).strip()
        if not key and self._base == HOSTED:
            raise SettingsError(f"{name}: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own")
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._constrain = options.constrain
        self._http = Http(name, options.seconds)

    def encode(self, request: ModelRequest) -> bytes:
        # The hosted reasoning models refuse the old name, other servers know no other.
        body = chat_body(request, self._model, "max_completion_tokens" if self._base == HOSTED else "max_tokens")
        if self._constrain and request.constraint is not None:
            body["response_format"] = response_format(request)
        return to_bytes(body)

    async def send(self, body: bytes) -> Reply:
        started = time.perf_counter()
        data = await self._http.post(f"{self._base}/chat/completions", body, self._headers)
        sent = json.loads(body)
        return unwrapped(chat_reply(data, self.name, sent, (time.perf_counter() - started) * 1000), sent)

    async def close(self) -> None:
        await self._http.close()
