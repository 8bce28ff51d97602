from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.rlm.blocks import assigned, blocks, shown


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("```repl\nx = 1\n```", ["x = 1"]),
        ("first\n```python\nx = 1\n```\nthen\n```\ny = 2\n```\nend", ["x = 1", "y = 2"]),
        ("~~~py\nx = 1\n~~~", ["x = 1"]),
        ("````repl\nx = 1\n````", ["x = 1"]),
        ("1. do\n   ```repl\n   if x:\n       y()\n   ```", ["if x:\n    y()"]),
        ("```repl\nx = 1", ["x = 1"]),
        ("```repl\nx = 1\n```repl\ny = 2\n```", ["x = 1", "y = 2"]),
        ('```repl\np = """\n```json\n{}\n```\n"""\n```\nafter', ['p = """\n```json\n{}\n```\n"""']),
        ("```repl\nx = (\n```\nand\n```repl\ny = 2\n```", ["x = (", "y = 2"]),
        ("<think>```repl\nno()\n```</think>\n```repl\nyes()\n```", ["yes()"]),
        ("x = 1\nprint(x)", ["x = 1\nprint(x)"]),
        ("```json\n{}\n```", []),
        ("```bash\nls\n```", []),
        ("I would call `len(context)` first.", []),
        ("Yes", []),
        ("42", []),
        ("", []),
        ("```repl\n\n```", []),
        ("```repl\r\nx = 1\r\n```\r\n", ["x = 1"]),
    ],
)
def test_blocks_are_found_in_whatever_fences(reply: str, found: list[str]) -> None:
    assert blocks(reply) == found


@given(st.text("`~repl\n x=1('\"#\\", max_size=80))
def test_any_reply_gives_blocks_or_none(reply: str) -> None:
    assert all(block.strip() for block in blocks(reply))


@pytest.mark.parametrize(
    ("code", "wrapped"),
    [
        ("x", "_sd_show(x)"),
        ("é = 1\n(é,\n 2)  # c", "é = 1\n(é,\n 2)  # c".replace("(é,\n 2)", "_sd_show((é,\n 2))")),
        ("print(1)", "print(1)"),
        ("x = 1", "x = 1"),
        ("if x:\n    y", "if x:\n    y"),
        ("x = (", "x = ("),
        ("", ""),
    ],
)
def test_only_a_last_expression_is_shown(code: str, wrapped: str) -> None:
    assert shown(code) == wrapped


@given(
    st.sampled_from(["x", "f(1)", "(a, b)", "[1,\n 2]", "'é' 'ü'", "a if b else c", "-1"]), st.text("é\n", max_size=3)
)
def test_showing_keeps_lines_and_meaning(expression: str, before: str) -> None:
    code = f"s = {before!r}\n{expression}"
    last = ast.parse(shown(code)).body[-1]
    assert isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
    assert ast.dump(last.value.args[0]) == ast.dump(ast.parse(expression, mode="eval").body)
    assert shown(code).count("\n") == code.count("\n")


def test_assigned_names_are_those_of_any_binding() -> None:
    code = "a = b = 1\nfor c in d:\n    e += 1\ndef f(g):\n    h = 1\n[i for i in j]\nk: int = 2"
    assert assigned(code) == ["a", "b", "c", "e", "f", "h", "i", "k"]
    assert assigned("not python (") == []
