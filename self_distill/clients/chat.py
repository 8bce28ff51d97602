"""The chat-completions wire format: a request as its body, and the reply out of its JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from self_distill.clients.body import as_schema, bare, chat_messages, estimated
from self_distill.errors import BadReply
from self_distill.types import Json, ModelRequest, Reply, Sampling, Usage

WRAPPED = "answer"
"""Structured output wants an object at the top; the answer is its only field and is taken out again."""


def chat_body(request: ModelRequest, model: str, limit: str = "max_tokens") -> dict[str, Json]:
    """`limit` is the name that the server has for the bound on the answer's tokens."""
    return {
        "model": model,
        "messages": chat_messages(request),
        "temperature": request.sampling.temperature,
        "seed": request.sampling.seed,
        limit: request.sampling.max_tokens,
        "stream": False,
    }


def response_format(request: ModelRequest) -> Json:
    schema: Json = {
        "type": "object",
        "properties": {WRAPPED: as_schema(request)},
        "required": [WRAPPED],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": WRAPPED, "schema": schema, "strict": True}}


def unwrapped(reply: Reply, sent: Mapping[str, Any]) -> Reply:
    """The bare answer where the server kept to the `response_format` that was sent; the text as it is where it
    did not."""
    try:
        schema = sent["response_format"]["json_schema"]["schema"]["properties"][WRAPPED]
        (answer,) = (value for key, value in json.loads(reply.text).items() if key == WRAPPED)
    except (KeyError, ValueError, AttributeError):
        return reply
    return replace(reply, text=bare(schema, json.dumps(answer, ensure_ascii=False)))


def chat_reply(data: Any, name: str, sent: Mapping[str, Any], latency_ms: float, counted: str = "server") -> Reply:
    """Raises `BadReply` for JSON that is no chat completion."""
    try:
        message = data["choices"][0]["message"]
        text = message["content"] or ""
        if not isinstance(text, str):
            raise TypeError
    except (KeyError, IndexError, TypeError):
        raise BadReply(f"{name}: the reply is no chat completion: is this the right base URL?") from None
    asked = "".join(str(m["content"]) for m in sent["messages"])
    return Reply(text, _usage(data, asked, text, counted), latency_ms, name, sampling_of(sent))


def sampling_of(sent: Mapping[str, Any]) -> Sampling:
    limit = sent["max_tokens"] if "max_tokens" in sent else sent["max_completion_tokens"]
    return Sampling(float(sent["temperature"]), int(sent["seed"]), int(limit))


def _usage(data: Any, asked: str, text: str, counted: str) -> Usage:
    """As the server counts (a server may say how, in `estimator`); estimated where it does not, or says zero."""
    usage = data.get("usage") or {}
    try:
        told = Usage(int(usage["prompt_tokens"]), int(usage["completion_tokens"]), str(usage.get("estimator", counted)))
    except (AttributeError, KeyError, TypeError, ValueError):
        return estimated(asked, text)
    return told if told.tokens_in else estimated(asked, text)
