"""A run as a tree on the terminal while it goes on: loops, sub-calls, who answered, tokens."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.text import Text
from rich.tree import Tree as Branches

from self_distill.rlm.trajectory import Event, Node, Tree

OPEN = 6
"""Children of one node that are shown one by one; the earlier ones are counted."""
WIDTH = 56


class View:
    """Takes events from any thread and draws the tree they make."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._tree = Tree()
        self._last = ""
        self._spinner = Spinner("dots")
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._tree.add(event)
            if event.kind == "cell" and event.depth == 0:
                self._last = event.error or event.output

    def __rich__(self) -> RenderableType:
        with self._lock:
            root = self._tree.root
            total = root.total
            self._spinner.update(
                text=f"turn {root.turn} · {root.below()} sub-calls · {total.tokens_in:,} + {total.tokens_out:,} tokens"
            )
            parts: list[RenderableType] = [self._branch(root)]
            if last := self._last.strip().splitlines()[-4:]:
                parts.append(Text("\n".join(line[:WIDTH] for line in last), style="dim"))
            return Group(*parts, self._spinner if not root.done else Text(""))

    def _branch(self, node: Node) -> Branches:
        branches = Branches(_line(node, self._model))
        children = list(node.children.values())
        shown = [child for child in children if not child.done][-OPEN:]
        shown = shown or children[-OPEN:]
        hidden = [child for child in children if child not in shown]
        if hidden:
            by = Counter("failed" if child.error else _who(child.by) for child in hidden if child.done)
            branches.add("[dim]" + ", ".join(f"{count} by {who}" for who, count in by.most_common()))
        for child in shown:
            branches.add(self._branch(child))
        return branches


def _line(node: Node, model: str) -> str:
    total, text = node.total, escape(" ".join(node.text.split())[:WIDTH])
    mark = "[red]✗[/]" if node.error else "[green]✓[/]" if node.done else "…"
    who = f"[green]{_who(node.by)}[/]" if node.by.startswith("rule:") else _who(node.by) or model
    turns = f", turn {node.turn}" if node.turn else ""
    tokens = f"{total.tokens_in:,} + {total.tokens_out:,}" if total.total else "free" if node.done else ""
    return f"{mark} {text} [dim]{escape(who) if '[' not in who else who}{turns} {tokens}[/]"


def _who(by: str) -> str:
    return by.partition("@")[0]


@contextmanager
def watched(console: Console, model: str) -> Iterator[View]:
    """Draws on `console` if somebody looks at it."""
    view = View(model)
    if not console.is_terminal:
        yield view
        return
    with Live(view, console=console, refresh_per_second=8, transient=False):
        yield view
