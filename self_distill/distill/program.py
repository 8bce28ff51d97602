"""A program in a maker's reply: taken out of it, and refused where it is no rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST_LINES, MOST_BYTES = 300, 20_000
COPIED_WORDS = 8

_BLOCK = re.compile(r"^```(\w*)[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
_WORD = re.compile(r"[^\W_]+")
_ESCAPE = re.compile(r"\\[a-zA-Z]")
_BRANCHES = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.comprehension, ast.BoolOp)


class NoProgram(Exception):
    """The reply holds no acceptable program; the message is meant for the maker."""


@dataclass(frozen=True, slots=True)
class Size:
    lines: int
    bytes: int
    branches: int


class Rows:
    """Every run of `COPIED_WORDS` words in the data, to find again in a reply."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._runs = {run for text in texts for run in _runs(text)}

    def copied(self, text: str) -> str | None:
        """The first run of words that `text` has in common with a row."""
        plain = _ESCAPE.sub(" ", text)
        return next((" ".join(run) for run in _runs(plain) if run in self._runs), None)


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(text)]
    return zip(*(words[i:] for i in range(COPIED_WORDS)), strict=False)


def program(reply: str, rows: Rows, entry: str = "run") -> str:
    """The one program in `reply`, ending in a newline; raises `NoProgram`."""
    blocks = [code for language, code in _BLOCK.findall(reply) if language in ("python", "py", "")]
    if not blocks:
        cut = reply.count("```") == 1
        raise NoProgram(
            "The ```python block does not end: write a shorter program." if cut else "There is no ```python block."
        )
    if len(blocks) > 1:
        raise NoProgram(f"There are {len(blocks)} code blocks instead of one.")
    code: str = blocks[0].strip() + "\n"
    size = measure(code)
    if entry not in {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}:
        raise NoProgram(f"The program defines no function `{entry}` at top level.")
    if size.lines > MOST_LINES or size.bytes > MOST_BYTES:
        raise NoProgram(f"The program has {size.lines} lines, {size.bytes} bytes: too long to be read.")
    if rows.copied(reply) is not None:
        raise NoProgram(f"The reply repeats {COPIED_WORDS} consecutive words of an example: write a general rule.")
    return code


def measure(code: str) -> Size:
    """Raises `NoProgram` for what does not parse. Parsing runs nothing."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or "?"
        raise NoProgram(f"The program does not parse: {type(error).__name__} in line {line}.") from None
    branches = sum(isinstance(node, _BRANCHES) for node in ast.walk(tree))
    return Size(len(code.splitlines()), len(code.encode()), branches)
