"""Settings become a pipeline here, and only here adapters are named."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import TracebackType

from self_distill.background import run_sync
from self_distill.budget import Price
from self_distill.certificates.watches import Watches
from self_distill.clients.cassette import Recorder
from self_distill.clients.connect import ClientOptions, connect
from self_distill.door import Door, NoTape, Retry, Tape
from self_distill.errors import SettingsError
from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.names import NamesDetector, NamesSettings
from self_distill.macros.presidio import PresidioDetector
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.macros.vault import Vault
from self_distill.macros.version import macro_version
from self_distill.pipeline import Parts, Request, solve
from self_distill.protocols import Client, Detector, Ledger
from self_distill.recursion import Asked, Places, Recursion, Solved
from self_distill.rlm.repl import code_name
from self_distill.rlm.trajectory import Listener
from self_distill.rules import toolkit
from self_distill.rules.dispatch import Dispatcher
from self_distill.rules.finder import finders, has_macros
from self_distill.rules.router import NoRouter, Router
from self_distill.rules.store import Store
from self_distill.rules.trust import Anything, Trust, Trusting
from self_distill.sandbox.pool import Sandbox
from self_distill.sandbox.session import Cells
from self_distill.settings import MacroTable, Settings, load_settings
from self_distill.task import Task, load_tasks
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import Answer, CallRow, Json
from self_distill.watcher import Watcher

CLASSIFIER = "task_classifier"
"""The tool that says which task a text is; a tool like any other."""


@cache
def _shared() -> Sandbox:
    """Its workers end with the process."""
    return make_sandbox()


def macros_in_use(settings: Settings, sandbox: Sandbox | None = None) -> Macros:
    """The built-in detectors and the certified macros of the tool folders."""
    store = Store(settings.tool_folders)
    found = finders(store, sandbox or _shared()) if has_macros(store) else ()
    return make_macros(settings.macros, found)


def make_macros(table: MacroTable | None = None, more: Sequence[Detector] = ()) -> Macros:
    table = table or MacroTable()
    found = DetectorSettings(
        thresholds=table.thresholds,
        regions=table.regions,
        allow=table.allow,
        deny=table.deny,
        patterns=table.patterns,
    )
    detectors: list[Detector] = [PatternDetector(found)]
    if table.names:
        detectors.append(NamesDetector(NamesSettings(thresholds=table.thresholds, allow=table.allow)))
    if table.presidio:
        detectors.append(PresidioDetector(thresholds=table.thresholds, allow=table.allow))
    detectors += more
    return Macros(detectors, style=table.default_style, styles=table.styles, seconds=table.seconds)


def make_client(settings: Settings, model: str = "") -> Client:
    name = model or settings.model
    if not name:
        raise SettingsError("which model? Give --model, or set `model` in self-distill.toml; try local/smollm2")
    return connect(name, ClientOptions(settings.seconds, constrain=settings.constrain, threads=settings.threads))


def make_door(settings: Settings, client: Client, ledger: Ledger, record: Path | None = None) -> Door:
    tape: Tape = Recorder(record, model=client.name, carried=settings.carried) if record else NoTape()
    retry = Retry(attempts=settings.attempts)
    return Door(client, ledger, retry=retry, remembered=settings.remembered, at_once=settings.at_once, tape=tape)


def make_ledger(settings: Settings) -> SqlLedger:
    return SqlLedger(settings.ledger_url)


def make_price(settings: Settings, model: str) -> Price:
    """From a TOML table of models: `["openai/x"]` with `tokens_in` and `tokens_out`, of a million tokens."""
    if settings.price_table is None:
        return Price()
    try:
        table = tomllib.loads(settings.price_table.read_text(encoding="utf-8"))
        found = table.get(model, {})
        return Price(float(found.get("tokens_in", 0)), float(found.get("tokens_out", 0)))
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SettingsError(f"price table {settings.price_table}: {error}") from None


def make_sandbox() -> Sandbox:
    return Sandbox(toolkit=toolkit.source())


def make_tasks(settings: Settings) -> dict[str, Task]:
    """Tasks by name; a user's own folders win over the shipped ones."""
    found: dict[str, Task] = {}
    for folder in reversed(settings.task_folders):
        found |= load_tasks(folder)
    return found


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs and where they run; with `uncertified`, which is for experiments, also those act that nobody
    vouches for."""

    store: Store
    sandbox: Sandbox
    uncertified: bool = False

    def trust(self, settings: Settings, macros: Macros | NoMacros) -> Trusting:
        return Anything(self.store) if self.uncertified else make_trust(settings, self.store, macros)


def make_watches(settings: Settings) -> Watches:
    return Watches(settings.state / "watch")


def make_watcher(settings: Settings, store: Store, ledger: Ledger, door: Door | None = None) -> Watcher:
    """A teacher that is not the model of `door` gets a door of its own when the first audit asks for it."""

    def doors(teacher: str) -> Door:
        return make_door(settings, make_client(settings, teacher), ledger)

    return Watcher(make_watches(settings), store, ledger, settings.audit_rate, doors, door)


def make_trust(settings: Settings, store: Store, macros: Macros | NoMacros) -> Trust:
    return Trust(store, make_watches(settings), partial(macro_version, macros))


def make_router(trust: Trusting, tasks: Mapping[str, Task], sandbox: Sandbox) -> Router | NoRouter:
    found = trust.standing(CLASSIFIER).rules
    return Router(tuple(tasks), found[0], sandbox) if found else NoRouter()


def answered(trust: Trusting, tasks: Mapping[str, Task]) -> dict[str, Task]:
    """Tasks that a rule may answer, by the name that code gives them."""
    return {code_name(name): task for name, task in tasks.items() if trust.standing(name).rules}


def make_parts(
    settings: Settings,
    door: Door,
    *,
    macros: Macros | NoMacros | None = None,
    tools: Tools | None = None,
    routed: bool = True,
) -> Parts:
    tasks = make_tasks(settings)
    tools = tools or Tools(Store(settings.tool_folders), make_sandbox())
    macros = macros or macros_in_use(settings, tools.sandbox)
    trust = tools.trust(settings, macros)
    return Parts(
        macros=macros,
        rules=Dispatcher(trust, tools.sandbox),
        router=make_router(trust, tasks, tools.sandbox) if routed else NoRouter(),
        door=door,
        ledger=door.ledger,
        tasks=tasks,
        watcher=make_watcher(settings, tools.store, door.ledger, door),
    )


class Pipeline:
    """The library's way in: `with Pipeline(model="local/smollm2") as p: p.run("acceptability", text).value`.

    `run` works anywhere; inside an event loop await `solve`. Other keywords are settings (`tools`, `ledger`,
    `macros` …). Raises what `pipeline.solve` raises; `close` frees the model and the sandbox.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        client: Client | None = None,
        record: Path | None = None,
        uncertified: bool = False,
        **settings: object,
    ) -> None:
        self.settings = load_settings(model=model, **settings)
        self.ledger = make_ledger(self.settings)
        self._sandbox = make_sandbox()
        door = make_door(self.settings, client or make_client(self.settings), self.ledger, record)
        tools = Tools(Store(self.settings.tool_folders), self._sandbox, uncertified)
        self.parts = make_parts(self.settings, door, tools=tools)
        self._cells = Cells()
        self.recursion = Recursion(
            self.parts,
            self._cells,
            Places(self.settings.state, self.settings.vault_hours),
            answered(tools.trust(self.settings, self.parts.macros), self.parts.tasks),
            make_price(self.settings, door.client.name),
        )

    def task(self, task: Task | str | None) -> Task | None:
        if not isinstance(task, str):
            return task
        if task not in self.parts.tasks:
            known = ", ".join(sorted(self.parts.tasks))
            raise SettingsError(f"no task {task!r}; there are {known} (more with the setting `tasks`)")
        return self.parts.tasks[task]

    async def solve(self, request: Request) -> Answer:
        return await solve(self.parts, request)

    def run(self, task: Task | str | None, text: str, conversation: Vault | None = None) -> Answer:
        """The restored answer to `text`. Without a task the router chooses one."""
        return run_sync(self.solve(Request(text, self.task(task), conversation)))

    def rlm(self, asked: Asked, folder: Path | None = None, listen: Listener | None = None) -> Solved:
        """The restored answer to a question about a context, by a recursive loop; with a `folder`, resumable."""
        return run_sync(self.recursion.solve(asked, folder, listen))

    def resume(self, folder: Path, task: Task | str | None = None, listen: Listener | None = None) -> Solved:
        """Goes on with a run that was ended."""
        return run_sync(self.resumed(folder, self.task(task), listen))

    async def resumed(self, folder: Path, task: Task | None = None, listen: Listener | None = None) -> Solved:
        def rows(trace: str) -> list[CallRow]:
            entries = self.ledger.entries(trace=trace, kinds=(CallRow,))
            return [entry.row for entry in entries if isinstance(entry.row, CallRow)]

        return await self.recursion.resume(folder, task, listen, rows)

    def value(self, task: Task | str | None, text: str) -> Json:
        return self.run(task, text).value

    async def aclose(self) -> None:
        await self.parts.watcher.close()
        await self.parts.door.close()
        await self._sandbox.close()
        await self._cells.close()
        self.ledger.close()

    def close(self) -> None:
        run_sync(self.aclose())

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()
