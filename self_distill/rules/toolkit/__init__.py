"""Pure helpers offered to rules: Python source that is loaded into the sandbox before a rule.

The files beside this one run in CPython and in Monty alike, import nothing of ours and are read by makers as a
list of signatures with one line each.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files

VERSION = 1
"""Raise it when a helper's answers may change: rules that were certified with another one do not act."""
PARTS = ("dates", "checks", "words")
_FUTURE = "from __future__ import annotations\n"


@cache
def source() -> str:
    texts = (files(__package__).joinpath(f"{part}.py").read_text(encoding="utf-8") for part in PARTS)
    return "\n".join(text.replace(_FUTURE, "") for text in texts)


@cache
def summary() -> str:
    """One line for each helper: signature and what it gives."""
    lines = []
    for node in ast.parse(source()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            told = (ast.get_docstring(node) or "").splitlines()
            lines.append(f"{node.name}({ast.unparse(node.args)}){returns}  # {told[0] if told else ''}".rstrip(" #"))
    return "\n".join(lines)
