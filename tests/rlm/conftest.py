"""A world for a loop: a model that follows a script, a pipeline around it, nothing from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from self_distill.budget import Limits
from self_distill.clients.body import decode_request
from self_distill.clients.scripted import Line, Scripted
from self_distill.recursion import Asked, Context, Solved
from self_distill.rlm.loop import Options
from self_distill.rlm.trajectory import Event
from self_distill.types import CallRow, ModelRequest
from self_distill.wire import Pipeline

Sub = Callable[[str], Line]


@dataclass
class Script:
    """What the model says: `turns` of the outermost loop by their number, `children` those of each loop inside by
    its depth, `sub` to any other prompt."""

    turns: Sequence[Line] = ()
    children: Mapping[int, Sequence[Line]] = field(default_factory=dict)
    sub: Sub = lambda prompt: f"heard {len(prompt)}"

    def __call__(self, request: ModelRequest) -> Line:
        if not request.label.startswith("rlm turn at depth "):
            return self.sub(request.messages[-1].content)
        depth = int(request.label.rsplit(" ", 1)[1])
        turns = self.children.get(depth, ()) if depth else self.turns
        number = sum(message.role == "assistant" for message in request.messages)
        return turns[min(number, len(turns) - 1)]


@dataclass
class World:
    folder: Path
    script: Script
    client: Scripted
    pipeline: Pipeline
    events: list[Event] = field(default_factory=list)

    def ask(
        self, context: Context = "", question: str = "What?", run: str = "", limits: Limits | None = None, **more: Any
    ) -> Solved:
        task = more.pop("task", None)
        options = Options(**{"direct": "never", **more})
        asked = Asked(question, context, task, limits or Limits(depth=2), options)
        return self.pipeline.rlm(asked, self.folder / run if run else None, self.events.append)

    @property
    def requests(self) -> list[ModelRequest]:
        return [decode_request(body) for body in self.client.sent]

    @property
    def told(self) -> list[str]:
        """The last message of each turn of the outermost loop."""
        return [r.messages[-1].content for r in self.requests if r.label == "rlm turn at depth 0"]

    @property
    def prompts(self) -> list[str]:
        return [r.messages[-1].content for r in self.requests if not r.label.startswith("rlm turn")]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def calls(self, solved: Solved) -> list[CallRow]:
        entries = self.pipeline.parts.ledger.trace(solved.answer.trace)  # type: ignore[attr-defined]  # the SQL ledger
        return [entry.row for entry in entries if isinstance(entry.row, CallRow)]


Make = Callable[..., World]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Make]:
    """`world(turn, turn, …, children={1: …}, sub=…)`; other keywords are settings of the pipeline."""
    made: list[World] = []

    def make(
        *turns: Line,
        children: Mapping[int, Sequence[Line]] | None = None,
        sub: Sub | None = None,
        script: Callable[[ModelRequest], Line] | None = None,
        **more: Any,
    ) -> World:
        followed = Script(turns, children or {}, sub or Script.sub)
        client = Scripted(script or followed)
        settings = {"macros": {"names": False}, "tools": (tmp_path / "tools",), **more}
        uncertified = bool(settings.pop("uncertified", False))
        pipeline = Pipeline(model="scripted", client=client, uncertified=uncertified, **settings)
        made.append(World(tmp_path, followed, client, pipeline))
        return made[-1]

    yield make
    for one in made:
        one.pipeline.close()
