"""Code in a model's reply: fences `repl`, `python` or none, whole, indented or never closed."""

from __future__ import annotations

import ast
import re
import textwrap

LANGUAGES = {"repl", "python", "py", "python3", "ipython", ""}
LONGEST = 200_000
_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[ \t]*([\w+-]*)[ \t]*\r?$")
_CLOSE = re.compile(r"^[ \t]*(?:```+|~~~+)[ \t]*\r?$")
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_ACTS = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Call, ast.For, ast.While, ast.FunctionDef, ast.Import)
TRIES = 8
"""So many closing fences may stand inside the strings of one block."""


def blocks(reply: str) -> list[str]:
    """The blocks to run, in order. A reply without fences that is a program as a whole is one block; prose that
    speaks of code is none."""
    lines = _THOUGHT.sub("", reply).split("\n")
    found: list[str] = []
    at, fenced = 0, False
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        if opening is None:
            at += 1
            continue
        fenced = True
        end = _end(lines, at + 1)
        code = textwrap.dedent("\n".join(lines[at + 1 : end])).strip("\n\r")
        if opening[1].casefold() in LANGUAGES and code.strip():
            found.append(code)
        at = end + 1 if end < len(lines) and _CLOSE.match(lines[end]) else end
    if not fenced and _is_program("\n".join(lines)):
        return [textwrap.dedent("\n".join(lines)).strip("\n\r")]
    return found


def _end(lines: list[str], start: int) -> int:
    """The line that ends a block: the first fence before which the code is whole, else the first fence, else the
    end of the reply. It may be one that opens the next block."""
    fences = [at for at in range(start, len(lines)) if _FENCE.match(lines[at])]
    for at in fences[:TRIES]:
        if parsed(textwrap.dedent("\n".join(lines[start:at]))) is not None:
            return at
    return fences[0] if fences else len(lines)


def parsed(code: str) -> ast.Module | None:
    """The syntax tree, or None; nothing is run."""
    if len(code) > LONGEST:
        return None
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_program(text: str) -> bool:
    tree = parsed(textwrap.dedent(text))
    return tree is not None and any(isinstance(node, _ACTS) for node in ast.walk(tree))


def shown(code: str) -> str:
    """The code, with a last expression shown as a notebook would; lines keep their numbers."""
    tree = parsed(code)
    last = tree.body[-1] if tree and tree.body else None
    if not isinstance(last, ast.Expr) or _prints(last.value):
        return code
    lines = code.encode().splitlines(keepends=True)
    start = sum(map(len, lines[: last.value.lineno - 1])) + last.value.col_offset
    end = sum(map(len, lines[: (last.value.end_lineno or 1) - 1])) + (last.value.end_col_offset or 0)
    data = code.encode()
    return (data[:start] + b"_sd_show(" + data[start:end] + b")" + data[end:]).decode()


def _prints(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"


def assigned(code: str) -> list[str]:
    """Names that a block gives a value to."""
    tree = parsed(code)
    names: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
    return sorted(names)
