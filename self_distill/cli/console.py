"""What commands share: where progress goes, how settings are read, how input arrives."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from self_distill import wire
from self_distill.errors import DataError, SettingsError
from self_distill.settings import Settings
from self_distill.task import Task, load_task

err = Console(stderr=True)
out = Console() if Console().is_terminal else Console(width=120)
"""In a pipe wide enough that no cell is cut."""

Model = Annotated[str | None, typer.Option("--model", "-m", help="local/smollm2, llama3.2:3b, openai/NAME …")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Tools = Annotated[list[Path] | None, typer.Option("--tools", help="Folder of tools; may be repeated.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder that holds the public data sets.")]


def existing(tools: list[Path] | None) -> tuple[Path, ...] | None:
    """A folder that is not there would mean that no rule acts and all is paid for. Raises `DataError`."""
    for folder in tools or ():
        if not folder.is_dir():
            raise DataError(f"--tools {folder}: there is no such folder")
    return tuple(tools) if tools else None


def writable(path: Path | None) -> Path | None:
    """Before any work: the path as a file that can be written there. Raises `DataError`."""
    if path is not None and (path.is_dir() or not path.name):
        raise DataError(f"{path} is a folder: give the name of a file")
    return path


def apart(source: Path, target: Path) -> None:
    """Before any work: the target is a file that can be written, and another one. Raises `DataError`."""
    writable(target)
    if source.resolve() == target.resolve():
        raise DataError("--in and --out are one file: what is in it would be lost")


def known_task(name: str, settings: Settings) -> Task:
    """From a file that ends with .toml, else by the name of a known task. Raises `SettingsError`."""
    if name.endswith(".toml"):
        return load_task(Path(name))
    tasks = wire.make_tasks(settings)
    if name not in tasks:
        raise SettingsError(f"no task {name!r}: give a .toml file, or one of {', '.join(sorted(tasks))}")
    return tasks[name]


def read_text(file: Path | None) -> str:
    """The whole of a file or of stdin; bytes that are no UTF-8 become lone surrogates and come out again."""
    try:
        data = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: {error.strerror or error}") from None
    return data.decode("utf-8", "surrogateescape")


def write_text(text: str) -> None:
    """Unwrapped and byte for byte, so that a pipe gets what a file would."""
    sys.stdout.flush()
    sys.stdout.buffer.write(encoded(text))
    sys.stdout.buffer.flush()


def write_beside(path: Path, text: str) -> None:
    """The file is there whole or as it was before."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(encoded(text))
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None


def encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that no file held: from a model, or from JSON
        return text.encode("utf-8", "surrogatepass")


def write_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, default=str))


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """Bars on stderr; none where nobody looks."""
    columns = (
        TextColumn("{task.description}", justify="right"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal) as bars:
        yield bars
