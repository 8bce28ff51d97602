"""self-distill doctor: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Iterable
from importlib.util import find_spec

import typer
from rich.markup import escape
from rich.table import Table

from self_distill import __version__, wire
from self_distill.cli.console import AsJson, out, write_json
from self_distill.cli.tools import problems
from self_distill.errors import SelfDistillError
from self_distill.rules.store import Store
from self_distill.settings import Settings, load_settings
from self_distill.types import Ruled

EXTRAS = {
    "local": "xllamacpp",
    "mlflow": "mlflow",
    "presidio": "presidio_analyzer",
    "litellm": "litellm",
    "postgres": "psycopg",
}


def command(as_json: AsJson = False) -> None:
    """Check the parts a request passes, one by one."""
    settings = load_settings()
    checks: dict[str, Callable[[], str]] = {
        "python": lambda: f"{platform.python_version()}, self-distill {__version__}",
        "macros": lambda: _macros(settings),
        "sandbox": _sandbox,
        "tools": lambda: _tools(settings),
        "ledger": lambda: _ledger(settings),
        "model": lambda: _model(settings),
        "extras": lambda: ", ".join(f"{e}: {'yes' if find_spec(m) else 'no'}" for e, m in EXTRAS.items()),
    }
    rows = [(name, *_tried(check)) for name, check in checks.items()]
    if as_json:
        write_json([{"check": name, "ok": ok, "detail": detail} for name, ok, detail in rows])
    else:
        table = Table(box=None, show_header=False)
        for name, ok, detail in rows:
            table.add_row(name, "[green]ok" if ok else "[red]no", escape(detail))
        out.print(table)
    if not all(ok for name, ok, _ in rows if name != "model"):
        raise typer.Exit(1)


def _tried(check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, check()
    except SelfDistillError as error:
        return False, str(error)


def _macros(settings: Settings) -> str:
    macros = wire.macros_in_use(settings)
    scrubbed = macros.scrub("Write to ada@example.org or call +44 20 7946 0958.")
    back = macros.restore(scrubbed.text, scrubbed.vault).text
    return f"{scrubbed.text} -> restored {'exactly' if back.startswith('Write to ada@') else 'WRONG'}"


def _sandbox() -> str:
    async def once() -> str:
        sandbox = wire.make_sandbox()
        try:
            decision = await sandbox.run("def run(text):\n    return len(text)\n", "seven c")
        finally:
            await sandbox.close()
        return "runs a rule" if isinstance(decision, Ruled) and decision.value == 7 else f"unexpected: {decision}"

    return asyncio.run(once())


def _tools(settings: Settings) -> str:
    store = Store(settings.tool_folders)
    certified = sum(rule.status == "certified" for rule in store.rules())
    found = problems(store)
    told = f"; does not act: {found[0]}" if found else ""
    return f"{len(store.rules())} tools, {certified} certified, in {_folders(settings.tool_folders)}{told}"


def _folders(folders: Iterable[object]) -> str:
    return ", ".join(str(folder) for folder in folders)


def _ledger(settings: Settings) -> str:
    ledger = wire.make_ledger(settings)
    try:
        return f"{settings.ledger_url}, {ledger.verify()}"
    finally:
        ledger.close()


def _model(settings: Settings) -> str:
    client = wire.make_client(settings)
    asyncio.run(client.close())
    return f"{client.name} is set up; `self-distill ask hello` tries it"
