"""self-distill scrub: personal data out of a text, a pipe or a JSONL file."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from self_distill import wire
from self_distill.cli.console import apart, err, progress, read_text, write_beside, write_json, write_text
from self_distill.cli.lines import Lines, scrub_lines
from self_distill.errors import DataError, SettingsError
from self_distill.macros import vaultfile
from self_distill.macros.report import Totals
from self_distill.macros.report import report as page
from self_distill.macros.vault import Vault
from self_distill.settings import load_settings


def command(
    file: Annotated[Path | None, typer.Argument(help="A text; without it, stdin.")] = None,
    source: Annotated[Path | None, typer.Option("--in", help="JSONL with a field `text`.")] = None,
    target: Annotated[Path | None, typer.Option("--out", help="JSONL: id, scrubbed text, spans.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on where --out ends.")] = False,
    keep: Annotated[bool, typer.Option(help="Keep the other fields of each line, as they are.")] = False,
    vault: Annotated[Path | None, typer.Option("--vault", help="Keep the values, encrypted, here.")] = None,
    explain: Annotated[bool, typer.Option(help="Say as JSON who found what, and why it was taken.")] = False,
    style: Annotated[str | None, typer.Option(help="numbered, masked, hash or surrogate.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="HTML page: counts, plot, masked samples.")] = None,
) -> None:
    """Replace personal data by placeholders."""
    settings = load_settings()
    table = settings.macros.model_copy(update={"default_style": style} if style else {})
    macros = wire.macros_in_use(settings.model_copy(update={"macros": table}))
    if (source is None) != (target is None):
        raise SettingsError("--in and --out belong together")
    if source and target:
        apart(source, target)
    if (source and (file or explain)) or (resume and not source):
        raise SettingsError("--in goes without a FILE and without --explain, --resume only with it")
    totals, scrubbed = Totals(), None
    known = vaultfile.load(vault, settings.state) if vault and vault.exists() else Vault()
    if source and target:
        lines = Lines(source, target, keep=keep, resume=resume, vault=known if vault else None)
        before = _written(lines.part)
        if vault and resume and _written(vault) < before:  # the call that wrote them was killed
            raise DataError(f"{vault} does not know the lines that {target} has so far: start again without --resume")
        try:
            with progress() as bars:
                done = scrub_lines(macros, lines, bars, totals if report else None)
        except BaseException:  # an interrupt too: what was written must be restorable, and numbers go on from here
            if vault and _written(lines.part) > before:
                vaultfile.save(known, vault, settings.state, hours=settings.vault_hours)
            raise
        err.print(f"{done:,} lines written to {target}")
    elif explain:
        write_json([asdict(one) for one in macros.explain(read_text(file))])
    else:
        text, started = read_text(file), time.perf_counter()
        scrubbed = macros.scrub(text, known)
        totals.seconds = time.perf_counter() - started
        totals.add(text, scrubbed)
    if vault:  # before anything is shown: what is shown must be restorable
        vaultfile.save(known, vault, settings.state, hours=settings.vault_hours)
    if report:
        write_beside(report, page(totals, (source or file or Path("standard input")).name))
    if scrubbed:
        write_text(scrubbed.text)


def _written(path: Path) -> int:
    """When, in nanoseconds; 0 for a file that is not there."""
    return path.stat().st_mtime_ns if path.exists() else 0
