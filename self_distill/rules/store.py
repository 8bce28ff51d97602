"""Tools on disk: `<folder>/<category>/<name>.py` with its card beside it as `.json`."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from self_distill.errors import DataError
from self_distill.rules.rule import Card, Rule, Status
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX
from self_distill.sandbox.pool import hash_of

_NAME = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class _File:
    """A tool as it was last read; `task` is known from then on, also when the file can no longer be trusted."""

    path: Path
    stamp: tuple[int, ...]
    rule: Rule | None = None
    problem: str = ""
    task: str = ""


class Store:
    """Reads its folders once, and again the tools of a task whose files were changed (`fresh`); of two tools with
    one name, the one in the earlier folder counts. What cannot be trusted (a changed file, another toolkit, a broken
    card) does not act and is told in `problems`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._files: dict[str, _File] = {}
        for folder in self.folders:
            for path in sorted(folder.rglob("*.py")) if folder.is_dir() else ():
                name = path.relative_to(folder).with_suffix("").as_posix()
                if name not in self._files:
                    self._files[name] = _seen(path, name)

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(f"{file.path}: {file.problem}" for file in self._files.values() if file.problem)

    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for name in sorted(self._files) if (rule := self._files[name].rule))

    def named(self, name: str) -> Rule | None:
        file = self._files.get(name)
        return file.rule if file else None

    def cascade(self, task: str, *, uncertified: bool = False) -> tuple[Rule, ...]:
        """The rules of a task in their order, whether or not they may act (`rules.trust` says that). A demoted one
        keeps its place, for the others were certified with it before them."""
        states = {"certified", "demoted"} | ({"candidate"} if uncertified else set())
        rules = (file.rule for file in self._files.values() if file.task == task)
        mine = [rule for rule in rules if rule and rule.status in states]
        return tuple(sorted(mine, key=lambda rule: (rule.card.order, rule.name)))

    def fresh(self, task: str) -> bool:
        """Whether the tools of a task are as they were last read; those that are not are read again."""
        stale = [(n, file) for n, file in self._files.items() if file.task == task and file.stamp != _stamp(file.path)]
        for name, file in stale:
            self._files[name] = replace(_seen(file.path, name), task=task)
        return not stale

    def enter(self, name: str, status: Status, why: str) -> Rule:
        """Another status of a tool, with a line in its history, in its card and here. Raises `DataError`."""
        file = self._files[name]
        rule = read(file.path, name)
        today = datetime.now(UTC).date().isoformat()
        rule = rule.with_card(status=status, history=(*rule.card.history, (today, status, why)))
        write_card(file.path, rule)
        self._files[name] = _seen(file.path, name)
        return rule

    @staticmethod
    def write(rule: Rule, folder: Path) -> None:
        """Program and card, each beside and renamed; the card last, so that a half-written tool does not act."""
        if not _NAME.fullmatch(rule.name):
            raise DataError(f"a tool is named category/name, not {rule.name!r}")
        path = folder / f"{rule.name}.py"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replaced(path, rule.code)
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror or error}") from None
        except UnicodeEncodeError:
            raise DataError(f"{path} cannot be written: the program holds half a character") from None
        write_card(path, rule)


def write_card(path: Path, rule: Rule) -> None:
    """The card beside the program at `path`. Raises `DataError`."""
    try:
        _replaced(path.with_suffix(".json"), json.dumps(rule.card.as_json(), indent=1) + "\n")
    except OSError as error:
        raise DataError(f"{path.with_suffix('.json')} cannot be written: {error.strerror or error}") from None


def _seen(path: Path, name: str) -> _File:
    stamp = _stamp(path)
    try:
        rule = read(path, name)
    except DataError as error:
        return _File(path, stamp, problem=str(error))
    return _File(path, stamp, rule, task=rule.task)


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes with the program and with its card."""
    found: list[int] = []
    for part in (path, path.with_suffix(".json")):
        try:
            seen = part.stat()
            found += (seen.st_mtime_ns, seen.st_size, seen.st_ino)
        except OSError:
            found.append(0)
    return tuple(found)


def read(path: Path, name: str) -> Rule:
    """Raises `DataError` with the reason why the tool does not act."""
    rule = _read(path, name)
    for problem in _distrust(rule):
        raise DataError(problem)
    return rule


def as_it_stands(path: Path, name: str, task: str = "") -> Rule:
    """A program as a candidate, whatever its card said of an earlier text of it; without a card it is for `task`.
    Raises `DataError`."""
    try:
        rule = _read(path, name)
    except DataError:
        if not task or not path.exists() or path.with_suffix(".json").exists():
            raise
        rule = Rule(name, path.read_text(encoding="utf-8"), Card(task, ""))
    return rule.with_card(
        hash=hash_of(rule.code), status="candidate", certificate=None, toolkit=TOOLKIT, sandbox=SANDBOX
    )


def _read(path: Path, name: str) -> Rule:
    try:
        code = path.read_bytes().decode("utf-8")
        data = json.loads(path.with_suffix(".json").read_bytes())
    except FileNotFoundError:
        raise DataError("there is no card (.json) beside it" if path.exists() else "there is no such tool") from None
    except (OSError, ValueError, RecursionError):
        raise DataError("it or its card cannot be read") from None
    if not isinstance(data, dict):
        raise DataError("its card is not a JSON object")
    return Rule(name, code, Card.from_json(data))


def _distrust(rule: Rule) -> Iterator[str]:
    if hash_of(rule.code) != rule.hash:
        yield "the file was changed since its card was written: certify it again"
    if (rule.card.toolkit, rule.card.sandbox) != (TOOLKIT, SANDBOX):
        yield "it was tested with another version of toolkit or sandbox: certify it again"
    if rule.status == "certified" and not rule.card.certificate:
        yield "its card says certified and has no certificate"


def _replaced(path: Path, text: str) -> None:
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(part, 0o644)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
