"""A request as JSON bytes and back: what clients without a wire format of their own encode."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from self_distill.types import Json, Matching, Message, ModelRequest, OneOf, Sampling, Usage

LABEL = "label"


def constraint_json(request: ModelRequest) -> Json:
    match request.constraint:
        case OneOf(labels):
            return {"one_of": list(labels)}
        case Matching(schema):
            return {"schema": schema}
    return None


def as_schema(request: ModelRequest) -> Mapping[str, Json]:
    """The request's constraint as JSON Schema: a label set is an enumeration of strings with a title of ours."""
    match request.constraint:
        case OneOf(labels):
            return {"title": LABEL, "type": "string", "enum": list(labels)}
        case Matching(schema):
            return schema
    return {}


def bare(schema: object, text: str) -> str:
    """What a server that follows `schema` means: for a label set not the JSON string but the label itself."""
    if not (isinstance(schema, Mapping) and schema.get("title") == LABEL):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def chat_messages(request: ModelRequest) -> list[Json]:
    """Messages as chat servers take them. A lone surrogate is no character that JSON in UTF-8 can carry:
    it goes as U+FFFD."""
    return [{"role": m.role, "content": _sendable(m.content)} for m in request.messages]


def _sendable(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) if _lone(text) else text


def _lone(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def to_bytes(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def encode_request(request: ModelRequest) -> bytes:
    """All of a request but its frames, which are for the guard only. ASCII, so any string comes back."""
    return json.dumps(
        {
            "model": request.model,
            "messages": [[m.role, m.content] for m in request.messages],
            "sampling": [request.sampling.temperature, request.sampling.seed, request.sampling.max_tokens],
            "constraint": constraint_json(request),
            "label": request.label,
        }
    ).encode()


def decode_request(body: bytes) -> ModelRequest:
    data: dict[str, Any] = json.loads(body)
    constraint = data["constraint"] or {}
    return ModelRequest(
        model=data["model"],
        messages=tuple(Message(role, content) for role, content in data["messages"]),
        sampling=Sampling(*data["sampling"]),
        constraint=OneOf(tuple(constraint["one_of"]))
        if "one_of" in constraint
        else Matching(constraint["schema"])
        if "schema" in constraint
        else None,
        label=data["label"],
    )


def estimated(messages: str, answer: str) -> Usage:
    """Four characters to a token: the usual rule of thumb for English, and named as such."""
    return Usage(-(-len(messages) // 4), -(-len(answer) // 4), "characters/4")
