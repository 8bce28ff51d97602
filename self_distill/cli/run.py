"""self-distill run: an experiment."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

from self_distill.errors import SettingsError
from self_distill.settings import shipped


def command(
    context: typer.Context,
    experiment: Annotated[str, typer.Argument(help="exp001 …; `run exp003 --help` shows its options")],
) -> None:
    """Run an experiment: a table of tokens, accuracy and exposures, each with its own baseline."""
    folder = shipped("experiments")
    found = sorted(folder.glob(f"{experiment}*.py")) if experiment.isalnum() else []
    if not found:
        names = ", ".join(sorted(path.stem[:6] for path in folder.glob("exp*.py")))
        raise SettingsError(f"no experiment {experiment!r}; there are {names}")
    sys.path.insert(0, str(folder.parent))
    module = import_module(f"experiments.{found[0].stem}")
    module.main(context.args, f"self-distill run {experiment}")
