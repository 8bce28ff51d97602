"""self-distill ask: one text, one restored answer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from self_distill.cli.console import AsJson, Model, Tools, existing, read_text, write_json, write_text
from self_distill.errors import DataError
from self_distill.wire import Pipeline


def command(
    text: Annotated[str, typer.Argument(help="The text; - reads stdin.")],
    model: Model = None,
    task: Annotated[str | None, typer.Option("--task", "-t", help="Without it the router chooses.")] = None,
    tools: Tools = None,
    record: Annotated[Path | None, typer.Option("--record", help="Cassette that keeps the replies.")] = None,
    uncertified: Annotated[bool, typer.Option(help="Let tools without a certificate act.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer one text: rules first, else the model; it sees scrubbed text only."""
    text = read_text(None) if text == "-" else text
    if not text.strip():
        raise DataError("the text is empty: give one, or - to read it from stdin")
    with Pipeline(model, record=record, uncertified=uncertified, tools=existing(tools)) as pipeline:
        answer = pipeline.run(task, text)
    if as_json:
        write_json(asdict(answer))
        return
    value = answer.value
    if isinstance(value, str):
        write_text(value + "\n")
    else:
        write_json(value)
    for kind, names in (("not restored", answer.lost), ("left in place", answer.withheld)):
        if names:
            typer.echo(f"self-distill: {kind}: {', '.join(names)}", err=True)
