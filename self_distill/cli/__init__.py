"""The command line: one file per command; errors are one line on stderr, results go to stdout."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from self_distill.errors import SelfDistillError

COMMANDS = (
    "demo",
    "ask",
    "answer",
    "rlm",
    "distill",
    "certify",
    "feedback",
    "explain",
    "run",
    "scrub",
    "restore",
    "bench",
    "doctor",
)
GROUPS = ("tasks", "tools", "models", "ledger", "vault")

app = typer.Typer(
    name="self-distill",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Programs that a model wrote once answer its repeated sub-tasks; no model sees personal data.",
)
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""An experiment reads its own options, `--help` among them where it follows the experiment's name."""
for name in COMMANDS:
    settings = PASSED_ON if name == "run" else {}
    app.command(name, context_settings=settings)(import_module(f"self_distill.cli.{name}").command)
for name in GROUPS:
    app.add_typer(import_module(f"self_distill.cli.{name}").app, name=name)
app.add_typer(import_module("self_distill.cli.tasks").app, name="task", hidden=True)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Exit 0 done, 1 the work failed, 2 the call was wrong, 130 interrupted."""
    try:
        sys.exit(app(args, standalone_mode=False) or 0)
    except SelfDistillError as error:
        _stop(str(error), error.exit_code)
    except TyperException as error:
        _stop(f"{error}: see `self-distill --help`", 2)
    except (KeyboardInterrupt, typer.Abort):
        _stop("interrupted; what is done is kept", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _stop(line: str, code: int) -> NoReturn:
    print(f"self-distill: {' '.join(line.split())}", file=sys.stderr)
    sys.exit(code)
