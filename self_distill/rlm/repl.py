"""The REPL of one loop: a sandbox session with the names that code may call, which no block can take away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from self_distill.errors import DataError, SandboxBroken, VaultError
from self_distill.rlm.blocks import LONGEST, assigned, shown
from self_distill.rlm.prompts import REBOUND
from self_distill.sandbox.session import Host, Ran, Session, Trouble
from self_distill.types import Json

STOPS = (SandboxBroken, DataError, VaultError)
"""Errors of the machine: they end the run. What else a call raises, the block sees."""
_NAME = re.compile(r"\W")
_FUNCTIONS = """\
def llm_query(prompt, model=None, task=None):
    return _sd_llm([prompt], task)[0]

def llm_query_batched(prompts, model=None, task=None):
    return _sd_llm(list(prompts), task)

def rlm_query(question, context=None, model=None):
    return _sd_rlm([question], [context])[0]

def rlm_query_batched(questions, contexts=None, model=None):
    return _sd_rlm(list(questions), [None] * len(questions) if contexts is None else list(contexts))

def SHOW_VARS():
    found = {}
    for name in _sd_names:
        try:
            found[name] = type(eval(name)).__name__
        except NameError:
            pass
    return f"Available variables: {found}" if found else "No variables yet."

def _sd_show(value):
    if value is not None:
        print(repr(value))

class _SdRules:
    def __repr__(self):
        return "rules for: " + ", ".join(_sd_tasks)
"""
_RULE = "    def {name}(self, text):\n        return _sd_rule({name!r}, text)\n"
_AFTER = "rules = _SdRules()\n"
_LOOK = "[answer, list(locals())]"
_OURS = ("llm_query", "llm_query_batched", "rlm_query", "rlm_query_batched", "SHOW_VARS", "rules", "answer")


class Repl:
    """`answer` and `ready` are what the last block left. `host` answers `_sd_llm`, `_sd_rlm` and `_sd_rule`."""

    def __init__(self, session: Session, host: Host, tasks: Iterable[str]) -> None:
        self._session = session
        self._host = host
        self._tasks = list(tasks)
        self._prelude = _FUNCTIONS + "".join(_RULE.format(name=name) for name in self._tasks) + _AFTER
        self._names: list[str] = []
        self.answer: Json = None
        self.ready = False

    async def start(self, context: Json) -> None:
        names = {"context": context, "_sd_tasks": self._tasks, "_sd_names": []}
        await self._session.value('answer = {"content": "", "ready": False}', names)
        await self._look()

    async def restore(self, dump: bytes) -> None:
        await self._session.restore(dump)
        await self._look()

    async def context(self) -> Json:
        return plain(await self._session.value("context"))

    async def dump(self) -> bytes:
        return await self._session.dump()

    async def run(self, code: str) -> Ran:
        """One block. Functions that it rebound are there again afterwards."""
        if len(code) > LONGEST:
            return Ran("", 0, trouble=Trouble("ValueError", f"a block has at most {LONGEST:,} characters"))
        names = {"_sd_names": sorted({*self._names, *assigned(code)} - set(_OURS))}
        ran = await self._session.feed(shown(code), self._host, names, STOPS)
        note = await self._look()
        trouble = ran.trouble
        if trouble and trouble.line:
            lines = code.split("\n")
            trouble = replace(trouble, source=lines[min(trouble.line, len(lines)) - 1])
        return Ran(ran.output + note, ran.printed, None, trouble)

    async def take_back(self) -> None:
        """The answer was not accepted: it is not ready."""
        await self._session.value('answer["ready"] = False')
        self.ready = False

    async def _look(self) -> str:
        answer, names = await self._session.value(self._prelude + _LOOK)
        self._names = [name for name in names if not name.startswith("_") and name not in _OURS]
        note = ""
        if not isinstance(answer, dict):
            answer = {"content": answer, "ready": False}
            await self._session.value('answer = {"content": _sd_content, "ready": False}', {"_sd_content": answer})
            note = f"\n{REBOUND}\n"
        self.answer = plain(answer.get("content"))
        self.ready = answer.get("ready") is True or answer.get("ready") in (1, "True", "true")
        return note


def plain(value: Any) -> Json:
    """A value of the sandbox as JSON: sets and tuples become lists, what has no form in JSON its string."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value - value == 0 else str(value)
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return [plain(item) for item in sorted(value, key=str)]
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return str(value)


def code_name(task: str) -> str:
    """A task's name as code can write it."""
    return _NAME.sub("_", task)
