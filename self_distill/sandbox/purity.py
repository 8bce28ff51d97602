"""What a program could keep between two calls. Where that can be watched, calls share a session, which is ten times
faster; where it cannot, each call gets a session of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_KEEPING = frozenset("iter next cycle tee random getcontext setcontext setattr eval exec".split())
"""Names through which state is kept that the `repr` of a program's variables does not show."""


def watched(code: str) -> tuple[str, ...] | None:
    """The variables of a program whose `repr` shows whether a call changed something; None if they do not show
    everything."""
    try:
        tree = ast.parse(code)
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        if any(map(_keeps, ast.walk(tree))) or any(_gives(node, own) for node in _loading(tree)):
            return None
        targets = [target for node in _loading(tree) for target in _targets(node)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tuple(sorted({name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}))


def _keeps(node: ast.AST) -> bool:
    match node:
        case ast.Global() | ast.Nonlocal() | ast.ClassDef():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) | ast.ImportFrom(module=name):
            return name in _KEEPING
        case ast.arguments(defaults=defaults, kw_defaults=more):
            return not all(isinstance(value, ast.Constant | ast.Name) for value in (*defaults, *more) if value)
    return False


def _loading(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes outside of functions: they run once, when the program is loaded."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _loading(node)


def _gives(node: ast.AST, own: set[str]) -> bool:
    """Whether one of the program's functions runs while it is loaded: it may give away one that remembers."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in own
        case ast.Call(func=func):
            return not isinstance(func, ast.Attribute)
        case ast.FunctionDef(decorator_list=decorators):
            return bool(decorators)
    return False


def _targets(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=targets):
            return targets
        case ast.AnnAssign(target=target, value=ast.expr()):
            return [target]
        case ast.AugAssign(target=target) | ast.For(target=target) | ast.NamedExpr(target=target):
            return [target]
    return []
