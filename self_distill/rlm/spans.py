"""A run as the spans of a trace: loops, their turns, and in each turn its calls. All text in them is scrubbed."""

from __future__ import annotations

from collections.abc import Iterable

from self_distill.rlm.trajectory import ROOT, Event
from self_distill.tracking.mlflow import Traced

KINDS = {"llm": "LLM", "rule": "TOOL", "rlm": "AGENT", "": "AGENT"}


def spans(events: Iterable[Event], model: str) -> list[Traced]:
    """Parents before their children. A call that never came back ends with the run."""
    found: dict[str, Traced] = {}
    turns: dict[str, str] = {}
    last = 0.0
    for event in events:
        last = max(last, event.at)
        match event.kind:
            case "start" if event.node not in found:
                parent = turns.get(event.node.rpartition(".")[0], "")
                found[event.node] = Traced(
                    event.node, parent, f"loop {event.node}", "AGENT", event.at, asked=event.text
                )
            case "call":
                parent = turns.get(event.node.rpartition(".")[0], "")
                kind = KINDS.get(event.output, "CHAIN")
                name = f"{event.output or 'call'} {event.node}"
                found[event.node] = Traced(event.node, parent, name, kind, event.at, asked=event.text)
            case "turn":
                key = f"{event.node} turn {event.turn}"
                turns[event.node] = key
                found[key] = Traced(key, event.node, f"turn {event.turn}", "CHAIN", event.at)
            case "reply" | "cell":
                _in_turn(found, turns, event, model)
            case "answer" | "end" if event.node in found:
                span = found[event.node]
                span.until, span.answered, span.error = event.at, event.text, event.error
                span.by = event.by or span.by
                if event.kind == "answer" and event.usage.total:
                    span.usage = event.usage
    for span in found.values():
        inner = [other.until for other in found.values() if other.parent == span.key and other.until]
        span.until = span.until or max([*inner, span.since, last if span.key == ROOT else 0.0])
    return list(found.values())


def _in_turn(found: dict[str, Traced], turns: dict[str, str], event: Event, model: str) -> None:
    """A reply or a block of code, as a span of its turn."""
    turn = turns.get(event.node, "")
    kind = "LLM" if event.kind == "reply" else "TOOL"
    key = f"{turn or event.node} {event.kind} {len(found)}"
    since = max(found[turn].since if turn else 0.0, event.at - event.seconds)
    span = Traced(key, turn or event.node, "reply" if kind == "LLM" else "code", kind, since, event.at)
    if kind == "LLM":
        span.answered, span.by, span.usage = event.text, event.by or model, event.usage
    else:
        span.asked, span.answered, span.error = event.text, event.output, event.error
    found[key] = span
    if turn:
        found[turn].until = max(found[turn].until, event.at)
