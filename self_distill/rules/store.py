"""Tools on disk: `<folder>/<category>/<name>.py` with its card beside it as `.json`."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from self_distill.errors import DataError
from self_distill.rules.rule import Card, Rule
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX
from self_distill.sandbox.pool import hash_of

_NAME = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)+")


class Store:
    """Reads its folders once; of two tools with one name, the one in the earlier folder counts. What cannot be
    trusted (a changed file, another toolkit, a broken card) does not act and is told in `problems`."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._rules: dict[str, Rule] = {}
        self._problems: list[str] = []
        for folder in self.folders:
            for path in sorted(folder.rglob("*.py")) if folder.is_dir() else ():
                name = path.relative_to(folder).with_suffix("").as_posix()
                if name in self._rules:
                    continue
                try:
                    self._rules[name] = read(path, name)
                except DataError as error:
                    self._problems.append(f"{path}: {error}")

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(self._problems)

    def rules(self) -> tuple[Rule, ...]:
        return tuple(self._rules[name] for name in sorted(self._rules))

    def named(self, name: str) -> Rule | None:
        return self._rules.get(name)

    def cascade(self, task: str, *, uncertified: bool = False) -> tuple[Rule, ...]:
        """The rules of a task in their order. A demoted one keeps its place, for the others were certified
        with it before them; what it would answer goes to the model."""
        states = {"certified", "demoted"} | ({"candidate"} if uncertified else set())
        mine = [rule for rule in self._rules.values() if rule.task == task and rule.status in states]
        return tuple(sorted(mine, key=lambda rule: (rule.card.order, rule.name)))

    @staticmethod
    def write(rule: Rule, folder: Path) -> None:
        """Program and card, each beside and renamed; the card last, so that a half-written tool does not act."""
        if not _NAME.fullmatch(rule.name):
            raise DataError(f"a tool is named category/name, not {rule.name!r}")
        path = folder / f"{rule.name}.py"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replaced(path, rule.code)
            _replaced(path.with_suffix(".json"), json.dumps(rule.card.as_json(), indent=1) + "\n")
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror or error}") from None
        except UnicodeEncodeError:
            raise DataError(f"{path} cannot be written: the program holds half a character") from None


def read(path: Path, name: str) -> Rule:
    """Raises `DataError` with the reason why the tool does not act."""
    try:
        code = path.read_bytes().decode("utf-8")
        data = json.loads(path.with_suffix(".json").read_bytes())
    except FileNotFoundError:
        raise DataError("there is no card (.json) beside it") from None
    except (OSError, ValueError, RecursionError):
        raise DataError("it or its card cannot be read") from None
    if not isinstance(data, dict):
        raise DataError("its card is not a JSON object")
    rule = Rule(name, code, Card.from_json(data))
    for problem in _distrust(rule):
        raise DataError(problem)
    return rule


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
