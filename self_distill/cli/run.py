"""self-distill run: an experiment."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from self_distill.errors import SettingsError
from self_distill.settings import shipped


def command(
    context: typer.Context,
    experiment: Annotated[str, typer.Argument(help="exp001 …; `run exp003 --help` shows its options")],
) -> None:
    """Run an experiment: a table of tokens, accuracy and exposures, each with its own baseline."""
    started(experiment, context.args, f"self-distill run {experiment}")


def started(experiment: str, args: Sequence[str], prog: str) -> dict[str, Any]:
    """Experiments are no part of the package but come with it: they are imported from their folder."""
    folder = shipped("experiments")
    found = sorted(folder.glob(f"{experiment}*.py")) if experiment.isalnum() else []
    if not found:
        names = ", ".join(sorted(path.stem[:6] for path in folder.glob("exp*.py")))
        raise SettingsError(f"no experiment {experiment!r}; there are {names}")
    sys.path.insert(0, str(folder.parent))
    document: dict[str, Any] = import_module(f"experiments.{found[0].stem}").main(args, prog)
    return document
