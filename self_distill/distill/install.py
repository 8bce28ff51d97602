"""Rules that were distilled become files: the certified cascade acts, a refused one stays a candidate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from self_distill.distill.cascade import Candidate
from self_distill.distill.distillation import Distilled, today
from self_distill.rules.rule import Card, Rule, Status
from self_distill.rules.store import Store

NOT_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def install(done: Distilled, folder: Path, by_hand: bool = False, given: Sequence[Rule] = ()) -> tuple[Rule, ...]:
    """Writes the final cascade and returns its rules. A certified one takes the place of the task's rules in the
    folder, which are retired; with `by_hand` it waits for `tools approve`. A refused one changes nothing else.
    `given` rules keep their names."""
    store = Store((folder,))
    rules = tuple(_rule(done, store, place, given) for place in range(len(done.cascade)))
    if done.certificate and not by_hand:
        for old in store.cascade(done.job.task.name):
            if old.hash not in done.certificate.rules:
                Store.write(_entered(old, "retired", f"replaced by {', '.join(r.name for r in rules)}"), folder)
    for rule in rules:
        known = store.named(rule.name)
        if known is None or known.status != "certified" or done.certificate:
            Store.write(rule if not (by_hand and done.certificate) else rule.with_card(status="candidate"), folder)
    return rules


def _rule(done: Distilled, store: Store, place: int, given: Sequence[Rule]) -> Rule:
    """A program that is in the folder already keeps its name and its history."""
    candidate = done.cascade[place]
    task = done.job.task.name
    known = next((r for r in (*given, *store.rules()) if r.hash == candidate.hash and r.task == task), None)
    name = known.name if known else _name(done, store, candidate)
    status: Status = "certified" if done.certificate else "candidate"
    card = Card(
        task,
        candidate.hash,
        status,
        order=place,
        maker=candidate.maker,
        tokens_making=done.tokens_making,
        made=today(),
        certificate=done.certificate.as_json() if done.certificate else None,
        history=known.card.history if known else (),
    )
    return _entered(Rule(name, candidate.code, card), status, _why(done))


def _why(done: Distilled) -> str:
    if done.certificate:
        return done.certificate.claim
    return "; ".join(refusal.told for refusal in done.finals[0].refusals)


def _entered(rule: Rule, status: Status, why: str) -> Rule:
    return rule.with_card(status=status, history=(*rule.card.history, (today(), status, why)))


def _name(done: Distilled, store: Store, candidate: Candidate) -> str:
    """`<task>/<maker>_<n>`, n the place among the programs of this making, raised where it is taken."""
    maker = NOT_NAME.sub("-", candidate.maker.rpartition("/")[2].partition(".")[0]).strip("-") or "maker"
    base = f"{done.job.task.name}/{maker}"
    n = done.candidates.index(candidate) + 1
    while (taken := store.named(f"{base}_{n}")) and taken.hash != candidate.hash:
        n += len(done.candidates)
    return f"{base}_{n}"
