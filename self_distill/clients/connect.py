"""A model's name becomes a client."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from self_distill.clients.options import DEFAULTS, ClientOptions
from self_distill.errors import UnknownModel
from self_distill.protocols import Client

ADAPTERS = {
    "local": "self_distill.clients.local:Local",
    "gguf": "self_distill.clients.local:Local",
    "ollama": "self_distill.clients.ollama:Ollama",
    "openai": "self_distill.clients.openai:OpenAI",
    "litellm": "self_distill.clients.litellm:LiteLLM",
    "replay": "self_distill.clients.replay:Replay",
}
"""Prefix -> "module:Class"; a class is called with the full name and the options."""

WAYS = (
    "local/smollm2, gguf/<file>, openai/<name>, litellm/<name>, replay/<cassette>, "
    "or an Ollama name such as llama3.2:3b"
)


def connect(model: str, options: ClientOptions = DEFAULTS) -> Client:
    """The client that `model` names; a name without a slash is Ollama's. Nothing is sent or loaded yet.
    Raises `UnknownModel`, `MissingExtra`, `DataError` (a cassette) or `SettingsError` (a missing key)."""
    prefix, slash, rest = model.partition("/")
    if not slash:
        prefix, rest = "ollama", model
    if not rest.strip() or prefix not in ADAPTERS:
        raise UnknownModel(f"no model {model!r}: give {WAYS} (one with a slash as ollama/<name>)")
    module, _, name = ADAPTERS[prefix].partition(":")
    build = cast(Callable[[str, ClientOptions], Client], getattr(importlib.import_module(module), name))
    return build(model, options)


__all__ = ["ADAPTERS", "ClientOptions", "connect"]
