"""Imports point down: a module imports only what lies on a lower layer; siblings leave each other alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = (
    ("types", "errors", "background", "fits", "page", "charts"),
    ("protocols", "task", "budget"),
    ("clients", "sandbox", "datasets", "tracking", "certificates", "macros"),
    ("rules", "rlm"),
    ("door",),
    ("watcher",),
    ("feedback",),
    ("pipeline",),
    ("recursion",),
    ("distill",),
    ("settings",),
    ("wire",),
    ("distiller",),
    ("batch", "gateway"),
    ("cli", "experiments", "bench"),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
FILES = sorted(p for top in ("self_distill", "experiments", "bench") for p in (ROOT / top).rglob("*.py"))


def room(path: Path) -> str:
    """The unit of the layer picture a file belongs to: a package or a single module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] != "self_distill" else parts[1]


def imported(path: Path) -> set[str]:
    """The units that a file imports, at any depth of its syntax tree."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] + [f"{node.module}.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        else:
            continue
        for parts in (name.split(".") for name in names):
            if parts[0] == "self_distill" and len(parts) > 1:
                found.add(parts[1])
            elif parts[0] in ("experiments", "bench"):
                found.add(parts[0])
    return found & set(RANK)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_lower_layers(path: Path) -> None:
    own = room(path)
    if own in ("__init__", "__main__"):
        return
    assert own in RANK, f"{path} belongs to no layer: add it to the picture"
    wrong = {other for other in imported(path) if other != own and RANK[other] >= RANK[own]}
    assert not wrong, f"{own} may not import {sorted(wrong)}"


def test_every_layer_of_the_picture_that_exists_is_a_real_place() -> None:
    assert len(FILES) > 10
    assert {room(path) for path in FILES} - {"__init__", "__main__"} <= set(RANK)
