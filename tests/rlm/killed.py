"""Runs a loop in processes that kill themselves (SIGKILL) at a chosen point, and goes on with them in others.

`python killed.py FOLDER POINTS`: for each point a run in FOLDER/<point>; prints one JSON line for each. A point is
counted at every request and reply of the server, every row of the ledger and every event. The modules are loaded
once; each run is a fork."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

from self_distill.budget import Limits
from self_distill.clients.body import decode_request
from self_distill.clients.cassette import request_key
from self_distill.clients.scripted import Scripted
from self_distill.recursion import Asked, Places, Recursion
from self_distill.rlm.loop import Options
from self_distill.rules.store import Store
from self_distill.sandbox.session import Cells
from self_distill.settings import load_settings
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import CallRow, LedgerRow, ModelRequest, Reply
from self_distill.wire import Tools, make_door, make_macros, make_parts, make_sandbox

CONTEXT = "\n".join(f"Record {n}: write to user{n}@example.org about item {n * 7}." for n in range(6))
ROOT = (
    "```repl\nlines = context.split('\\n')\nprint(len(lines))\n```",
    "```repl\nfirst = llm_query_batched(['about: ' + line for line in lines[:3]])\nprint(first)\n```",
    "```repl\nhelped = rlm_query_batched(['kid', 'kid'], [lines[3], lines[4]])\nprint(helped)\n```",
    "```repl\nanswer['content'] = first + helped + [lines[5]]\nanswer['ready'] = True\n```",
)
CHILD = (
    "```repl\nx = llm_query('inner ' + context)\n```",
    "```repl\nanswer['content'] = x + ' by a child'\nanswer['ready'] = True\n```",
)


def follow(request: ModelRequest) -> str:
    if not request.label.startswith("rlm turn"):
        return "said of " + request.messages[-1].content
    turns = ROOT if request.label.endswith("0") else CHILD
    return turns[sum(m.role == "assistant" for m in request.messages)]


class Fuse:
    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def point(self, *_: object) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class Server(Scripted):
    def __init__(self, log: Path, fuse: Fuse) -> None:
        super().__init__(follow)
        self._log, self._fuse = log, fuse

    async def send(self, body: bytes) -> Reply:
        self._fuse.point()
        key = request_key(decode_request(body))
        self._note("asked", key, 0)
        self._fuse.point()
        await asyncio.sleep(0)
        reply = await super().send(body)
        self._note("answered", key, reply.usage.total)
        self._fuse.point()
        return reply

    def _note(self, what: str, key: str, tokens: int) -> None:
        with self._log.open("a", encoding="utf-8", buffering=1) as file:
            file.write(json.dumps([what, key, tokens]) + "\n")


class Ledger:
    def __init__(self, ledger: SqlLedger, fuse: Fuse) -> None:
        self._ledger, self._fuse = ledger, fuse

    def record(self, *rows: LedgerRow) -> None:
        self._fuse.point()
        self._ledger.record(*rows)
        self._fuse.point()


async def run(folder: Path, fuse: Fuse, resume: bool) -> dict[str, Any]:
    settings = load_settings(model="scripted", state=folder / "state", macros={"names": False}, remembered=0)
    sql = SqlLedger(folder / "ledger.db")
    server, sandbox, cells = Server(folder / "server.jsonl", fuse), make_sandbox(), Cells()
    door = make_door(settings, server, Ledger(sql, fuse))  # type: ignore[arg-type]  # it only writes
    parts = make_parts(
        settings, door, macros=make_macros(settings.macros), tools=Tools(Store(()), sandbox), routed=False
    )
    recursion = Recursion(parts, cells, Places(settings.state, 1.0))
    if resume:

        def rows(trace: str) -> list[CallRow]:
            return [e.row for e in sql.entries(trace=trace) if isinstance(e.row, CallRow)]

        solved = await recursion.resume(folder / "run", None, fuse.point, rows)
    else:
        asked = Asked("What?", CONTEXT, limits=Limits(depth=2), options=Options(direct="never"))
        solved = await recursion.solve(asked, folder / "run", fuse.point)
    calls = [e.row for e in sql.entries(trace=solved.answer.trace) if isinstance(e.row, CallRow)]
    await cells.close()
    await sandbox.close()
    return {
        "answer": solved.answer.value,
        "spent": solved.budget.spent.total,
        "points": fuse.count,
        "rows": [[row.status, row.error, row.key, row.usage.total] for row in calls],
    }


def forked(folder: Path, at: int, resume: bool) -> bool:
    """Whether the run came to its end; its result is in the folder then."""
    pid = os.fork()
    if not pid:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            result = asyncio.run(run(folder, Fuse(at), resume))
            (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"the run in {folder} failed")
    return not os.WIFSIGNALED(status)


def lines(path: Path) -> list[Any]:
    """The whole lines of a JSONL file."""
    data = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in data[: data.rfind("\n") + 1].splitlines()]


def result(folder: Path) -> Any:
    path = folder / "result.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def main(folder: Path, count: int, seed: int) -> None:
    forked(folder / "whole", 0, False)
    whole = result(folder / "whole")
    print(json.dumps({**whole, "server": lines(folder / "whole" / "server.jsonl")}))
    for point in random.Random(seed).sample(range(1, whole["points"] + 1), count):
        place = folder / str(point)
        assert not forked(place, point, False)
        told: dict[str, Any] = {"point": point, "before": lines(place / "server.jsonl")}
        told["journal"] = lines(place / "run" / "journal.jsonl")
        told["begun"] = (place / "run" / "state").exists() and forked(place, 0, True)
        print(json.dumps({**told, "after": lines(place / "server.jsonl"), "result": result(place)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
