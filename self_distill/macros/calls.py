"""Where the fields of an OpenAI-style message call tools, and where text is in its content."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from self_distill.errors import MacroFailed

JsonObject = Mapping[str, Any]
Say = Callable[[str, str, bool], str]
"""(name of the tool, its arguments, whether they are JSON) -> what stands there instead."""

TEXTS = ("content", "refusal", "reasoning_content", "reasoning")
"""Fields in which a model's words come."""
CALLS = ("tool_calls", "function_call")
TEXT_PARTS = frozenset({"text", "input_text", "output_text", "refusal"})
INPUTS = (("function", "arguments", True), ("custom", "input", False), ("function_call", "arguments", True))
"""Kind of call, where its arguments are, whether they are JSON."""


def with_calls(message: JsonObject, say: Say) -> dict[str, Any]:
    """The fields of `message` that call tools, with other arguments."""
    changed: dict[str, Any] = {key: message[key] for key in CALLS if key in message}
    if (calls := changed.get("tool_calls")) is not None:
        changed["tool_calls"] = [with_arguments(call, say) for call in _listed(calls)]
    if changed.get("function_call") is not None:
        changed |= with_arguments({"function_call": changed["function_call"]}, say)
    return changed


def with_arguments(call: JsonObject, say: Say) -> dict[str, Any]:
    changed = dict(call)
    for kind, key, is_json in INPUTS:
        inner = call.get(kind)
        if not isinstance(inner, Mapping) or inner.get(key) is None:
            continue
        shown, name = inner[key], str(inner.get("name") or "")
        if isinstance(shown, str):
            changed[kind] = {**inner, key: say(name, shown, is_json)}
        else:  # Ollama's own protocol has the object itself
            changed[kind] = {**inner, key: json.loads(say(name, json.dumps(shown), True))}
    return changed


def with_text(value: Any, say: Callable[[str], str]) -> Any:
    """A field with text in it: a string, or parts of which some are text."""
    if isinstance(value, str):
        return say(value)
    if not isinstance(value, list | tuple):
        return value
    return [
        {**part, **{key: say(part[key]) for key in ("text", "refusal") if isinstance(part.get(key), str)}}
        if isinstance(part, Mapping) and part.get("type") in TEXT_PARTS
        else part
        for part in value
    ]


def _listed(calls: Any) -> Sequence[JsonObject]:
    if isinstance(calls, list | tuple) and all(isinstance(call, Mapping) for call in calls):
        return calls
    raise MacroFailed("messages: tool_calls is no list of objects; nothing was sent")
