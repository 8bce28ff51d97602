from __future__ import annotations

import pytest

from self_distill.sandbox.purity import watched


def test_variables_that_a_call_could_change_are_watched() -> None:
    code = """
import re
from math import pi
A, (B, *C) = 1, (2, 3)
D: dict = {k: v for k, v in zip("ab", "cd")}
E += 1
for F in (1, 2):
    G = [F]
P = re.compile("x")
def run(text):
    inner = A
    return [x for x in text if (y := x)]
"""
    assert watched(code) == ("A", "B", "C", "D", "E", "F", "G", "P")


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    global N\n    N = 1\n",
        "def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n",
        "class A: pass\n",
        "import random\n",
        "from random import choice\n",
        "def f(x=[]): pass\n",
        "def f(*, x={}): pass\n",
        "g = lambda x=[]: x\n",
        "def f(): return g\nrun = f()\n",
        "run = [f() for f in (1,)] if (lambda: 1)() else 2\n",
        "def f(x): return x\n@f\ndef run(text): pass\n",
        "X = iter([1])\n",
        "def f(): return eval('1')\n",
        "import decimal\ndef f(): decimal.getcontext().prec = 1\n",
        "no python",
        "x = \0",
        "x = " + "-" * 100_000 + "1",
    ],
)
def test_what_may_keep_more_than_its_variables_show_is_not_trusted(code: str) -> None:
    assert watched(code) is None


def test_functions_constants_and_calls_of_built_in_functions_are_no_reason_for_distrust() -> None:
    assert watched("W = set('a b'.split())\ndef f(x, y=1, z=None):\n    return sorted(x)\n") == ("W",)
