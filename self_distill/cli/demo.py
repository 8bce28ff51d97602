"""self-distill demo: the main job on the embedded model and self-made data, offline."""

from __future__ import annotations

from typing import Annotated

import typer

from self_distill.cli.console import AsJson
from self_distill.cli.run import started


def command(
    model: Annotated[str, typer.Option("--model", "-m", help="Any model.")] = "local/smollm2",
    as_json: AsJson = False,
) -> None:
    """Baseline against pipeline on generated texts, three requests step by step, one tool's code."""
    started("demo", ["--model", model, *(["--json"] if as_json else [])], "self-distill demo")
