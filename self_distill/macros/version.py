"""What decides masking, as one short name: rules see text as it was when they were certified, or they do not act."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from self_distill.macros.scrub import Macros, NoMacros

VERSION = 1
"""Of what the detectors find under the same settings: raise it when that may change."""


def macro_version(macros: Macros | NoMacros, mask: Collection[str] = ()) -> str:
    """Of these macros limited to the types of `mask` (none: all types). "none" is the version of `NoMacros`."""
    if isinstance(macros, NoMacros):
        return "none"
    detectors = [[detector.name, _plain(getattr(detector, "settings", None))] for detector in macros.detectors]
    decides = [VERSION, detectors, macros.styled, sorted(set(mask))]
    return hashlib.sha256(json.dumps(_plain(decides), sort_keys=True).encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    """The same JSON for the same settings, in whatever order a set or a table was given."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
