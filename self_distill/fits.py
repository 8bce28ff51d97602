"""Whether a JSON value fits a JSON Schema: the keywords that schemas of answers are written with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}


def misfit(value: Any, schema: Mapping[str, Any] | bool) -> str:
    """The first thing that is wrong, with its place, or "". Keywords it does not know are not checked."""
    return next(_problems(value, schema, "it"), "")


def _problems(value: Any, schema: Any, at: str) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        if schema is False:
            yield f"{at} is not allowed"
        return
    if types := schema.get("type"):
        names = [types] if isinstance(types, str) else list(types)
        if not any(_is(value, name) for name in names):
            yield f"{at} is not of type {' or '.join(names)}"
            return
    yield from _choices(value, schema, at)
    match value:
        case str():
            yield from _text(value, schema, at)
        case int() | float() if not isinstance(value, bool):
            yield from _number(value, schema, at)
        case dict():
            yield from _object(value, schema, at)
        case list() | tuple():
            yield from _array(value, schema, at)


def _choices(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is not one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema and value != schema["const"]:
        yield f"{at} is not {schema['const']}"
    if "anyOf" in schema and all(misfit(value, one) for one in schema["anyOf"]):
        yield f"{at} fits none of the forms allowed"


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, (object,)))


def _text(value: str, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from _length(len(value), schema, "Length", f"{at} has {len(value)} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at} does not match {schema['pattern']}"


def _number(value: float, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        yield f"{at} is out of bounds"


def _object(value: dict[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at} has no {name!r}"
    for name, item in value.items():
        yield from _problems(item, known.get(name, others), f"{at}.{name}")


def _array(value: Sequence[Any], schema: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from _length(len(value), schema, "Items", f"{at} has {len(value)} entries")
    for place, item in enumerate(value):
        yield from _problems(item, schema.get("items", True), f"{at}[{place}]")


def _length(size: int, schema: Mapping[str, Any], what: str, told: str) -> Iterator[str]:
    if not schema.get(f"min{what}", 0) <= size <= schema.get(f"max{what}", size):
        yield told
