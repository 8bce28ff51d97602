"""self-distill bench: how we do beside others, measured here and now."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console

from self_distill.cli.console import AsJson, Data, err, write_json
from self_distill.errors import SettingsError
from self_distill.settings import load_settings, shipped

WIDTH = 170
"""Of a table that goes into a pipe: no figure is broken."""


def command(
    name: Annotated[str, typer.Argument(help="macros …; a wrong name lists all")],
    quick: Annotated[bool, typer.Option("--quick", help="Less text, fewer rounds: minutes, wider intervals.")] = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Measure one part beside its peers, in one run: a table with both figures and the ratio."""
    bench, report = found(name), import_module("bench.report")
    document = bench.run(quick, data or load_settings().data, notice)
    if as_json:
        write_json(document)
    else:
        console = Console()
        report.show(document, console if console.is_terminal else Console(width=WIDTH))


def found(name: str) -> ModuleType:
    """Benches come with the package like experiments: they are imported from their folder."""
    folder = shipped("bench")
    names = sorted(p.stem for p in folder.glob("*.py") if "\ndef run(" in p.read_text(encoding="utf-8"))
    if name not in names:
        raise SettingsError(f"no bench {name!r}; there are {', '.join(names)}")
    if str(folder.parent) not in sys.path:
        sys.path.insert(0, str(folder.parent))
    return import_module(f"bench.{name}")


def notice(text: str) -> None:
    err.print(text, style="dim", markup=False, highlight=False)
