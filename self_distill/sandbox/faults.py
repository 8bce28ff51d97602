"""A Monty error becomes a `Fault` that a maker can act on and that holds nothing of the text."""

from __future__ import annotations

import re

from pydantic_monty import MontyCrashedError, MontyError, MontyRuntimeError, MontySyntaxError

from self_distill.types import Fault

_ABOUT_CODE = {
    "AttributeError",
    "ImportError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "NotImplementedError",
    "PermissionError",
    "RecursionError",
    "RuntimeError",
    "SyntaxError",
    "TimeoutError",
    "TypeError",
}
"""Kinds whose message speaks of the program. A KeyError or ValueError repeats data."""

_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_TYPES = {"bool", "bytes", "dict", "float", "function", "int", "list", "NoneType", "set", "str", "tuple", "re.Match"}
_EVALUATES = re.compile(r"\b(eval|exec)\b")
_MEASURED = re.compile(r":? ?\d[\d.]* ?(ms|bytes)\b.*")
"""What differs from run to run."""
_LONGEST = 160
_LATE = "took too long"


def fault(error: MontyError, code: str, file: str, text: str = "") -> Fault:
    """`file` is the name under which Monty loaded `code`; lines are those of the code. What `text` says and `code`
    does not is left out."""
    if isinstance(error, MontyCrashedError):
        return Fault("TimeoutError", _LATE) if error.timed_out else Fault("Crash", "the sandbox process ended")
    if isinstance(error, MontySyntaxError):
        return Fault("SyntaxError", f"line {_line(error, file)}: {_message(error, code, text)}")
    if not isinstance(error, MontyRuntimeError):
        return Fault(type(error).__name__)
    kind, line = type(error.exception()).__name__, _line(error, file)
    if kind == "TimeoutError" and not line:
        return Fault(kind, _LATE)
    parts = [f"line {line}" if line else ""]
    if kind in _ABOUT_CODE and not _raised(error):
        parts.append(_message(error, code, text))
    return Fault(kind, ": ".join(part for part in parts if part))


def _line(error: MontyRuntimeError | MontySyntaxError, file: str) -> int:
    return next((frame.line for frame in reversed(error.traceback()) if frame.filename == file), 0)


def _raised(error: MontyRuntimeError) -> bool:
    """Whether a `raise` or `assert` of the program chose the message."""
    frames = error.traceback()
    source = (frames[-1].source_line or "") if frames else ""
    return re.search(r"\b(raise|assert)\b", source) is not None


def _message(error: MontyRuntimeError | MontySyntaxError, code: str, text: str) -> str:
    """One line; what stands in quotes stays only where the program itself says it. Nothing stays of a message that
    a text could have written, or whose quotes could be those of the text."""
    line = " ".join(error.display("msg").split())
    hidden = {m[1] or m[2] or "" for m in _QUOTED.finditer(line)} - _TYPES
    foreign = any(piece not in code for piece in hidden)
    if text and (_EVALUATES.search(code) or (foreign and ("'" in text or '"' in text))):
        return ""
    kept = _QUOTED.sub(lambda m: m.group() if (m[1] or m[2] or "") in code else "'…'", line)
    return _MEASURED.sub("", kept)[:_LONGEST]
