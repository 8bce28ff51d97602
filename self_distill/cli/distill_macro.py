"""self-distill distill --kind macro: values of a new type, found by a program that a model writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from self_distill.background import run_sync
from self_distill.cli.console import out, write_json
from self_distill.distill.figures import attempted
from self_distill.distill.maker import spent
from self_distill.distill.spans import OVER, Macro, Tested
from self_distill.distiller import Order, distilled_macro
from self_distill.errors import SettingsError
from self_distill.rules.rule import Rule
from self_distill.settings import Settings
from self_distill.task import Task


def macro_task(type_: str, about: str, terms: Mapping[str, float]) -> Task:
    """Raises `SettingsError` for what is no name of a type."""
    if not (type_.isascii() and type_.replace("_", "A").isalpha() and type_.isupper()):
        raise SettingsError(f"--type is a name like EMPLOYEE_ID, not {type_!r}")
    said = about or "Values of this kind are to be masked."
    return Task(type_, said, answer="spans", risk=terms.get("risk", 0.05), confidence=terms.get("confidence", 0.95))


def macro_command(order: Order, settings: Settings, as_json: bool) -> None:
    done, rule = run_sync(distilled_macro(order, settings))
    document = figures(done, rule)
    if as_json:
        write_json(document)
        return
    style, status = ("green", "certified") if done.certified else ("yellow", "refused")
    out.print(f"[{style}]{status}[/]: {escape(done.why)}", highlight=False)
    if rule:
        use = "scrub and every request with this folder use it" if done.certified else "it does not act"
        out.print(f"{escape(str(order.folder / rule.name))}.py; {use}", highlight=False)


def figures(done: Macro, rule: Rule | None) -> dict[str, Any]:
    verdict = done.verdict
    return {
        "type": done.task.name,
        "maker": done.maker,
        "risk": done.task.risk,
        "confidence": done.task.confidence,
        "splits": {part: len(rows) for part, rows in done.evidence.parts.items()},
        "attempts": [attempted(attempt) for attempt in done.attempts],
        "tokens_making": spent(done.attempts).total,
        "status": "certified" if done.certified else "refused",
        "reason": done.why,
        "name": rule.name if rule else None,
        "certify": {
            "j": verdict.j,
            "texts": verdict.risk.n,
            "missed": verdict.risk.wrong,
            "recall_above": 1 - verdict.risk.bound,
            "clean": verdict.critical[OVER].n,
            "touched": verdict.critical[OVER].wrong,
            "touched_below": verdict.critical[OVER].bound,
        }
        if verdict
        else None,
        "test": _tested(done.test) if done.test else None,
    }


def _tested(test: Tested) -> dict[str, Any]:
    return {
        "texts": test.holding,
        "missed": test.missed,
        "recall": list(test.recall) if test.recall else None,
        "clean": test.clean,
        "touched": test.touched,
        "precision": test.precision,
    }
