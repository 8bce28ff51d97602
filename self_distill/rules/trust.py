"""Which rules may act: those of a cascade that stands exactly as its certificate says, in the world that it names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from self_distill.certificates.certificate import Certificate
from self_distill.certificates.watches import Watches
from self_distill.errors import DataError
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX


@dataclass(frozen=True, slots=True)
class Standing:
    """The rules of a task that may act, in their order. Where none may though there are some, `problem` says why, in
    one line; without a `certificate` nobody vouches for them."""

    rules: tuple[Rule, ...] = ()
    certificate: Certificate | None = None
    problem: str = ""


class Trusting(Protocol):
    def standing(self, task: str, mask: Collection[str] = ()) -> Standing:
        """`mask` are the types that the macros were limited to (none: all)."""


class Trust:
    """`version` names the macros of today under a mask. Looked at anew for every answer: cards, programs and watches
    may be changed by other processes."""

    def __init__(self, store: Store, watches: Watches, version: Callable[[Collection[str]], str]) -> None:
        self.store = store
        self.watches = watches
        self._version = version
        self._known: dict[tuple[str, tuple[str, ...]], Standing] = {}

    def standing(self, task: str, mask: Collection[str] = ()) -> Standing:
        key = task, tuple(mask)
        if not self.store.fresh(task) or key not in self._known:
            self._known = {known: found for known, found in self._known.items() if known[0] != task}
            self._known[key] = standing(task, self.store.cascade(task), self._version(mask))
        found = self._known[key]
        if found.certificate is None:
            return found
        try:
            watch = self.watches.watch(found.certificate)
        except DataError as error:
            return Standing(problem=str(error))
        return Standing(problem=f"{task}: {watch.notices[0]}") if watch.demoted else found

    def problems(self, masks: Mapping[str, Collection[str]]) -> tuple[str, ...]:
        """Of the tasks, each with its mask, and of single tools."""
        found = (self.standing(task, mask).problem for task, mask in masks.items())
        return (*self.store.problems, *(problem for problem in found if problem))


class Anything:
    """For experiments: candidates act too, and nobody vouches for them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def standing(self, task: str, mask: Collection[str] = ()) -> Standing:
        return Standing(self._store.cascade(task, uncertified=True))


def standing(task: str, places: Sequence[Rule], macros: str) -> Standing:
    """What `places`, the certified and the demoted rules of a task in their order, come to. Their certificate is one
    for all, so where one of them is demoted nothing bounds what the others answer."""
    if not places:
        return Standing()
    for rule in places:
        if rule.status == "demoted":
            why = rule.card.history[-1][2] if rule.card.history else "its card says so"
            return Standing(problem=f"{task}: {rule.name} is demoted ({why}), and no rule has a bound of its own")
    try:
        certificates = [Certificate.from_json(rule.card.certificate or {}) for rule in places]
    except DataError as error:
        return Standing(problem=f"{task}: {error}")
    certificate = certificates[0]
    for problem in _misfits(task, places, certificates, macros):
        return Standing(problem=f"{task}: {problem}: certify it again")
    return Standing(tuple(places), certificate)


def _misfits(task: str, places: Sequence[Rule], certificates: Sequence[Certificate], macros: str) -> list[str]:
    certificate, found = certificates[0], []
    if any(other != certificate for other in certificates):
        found.append("its rules have different certificates")
    if certificate.task != task:
        found.append(f"its certificate is for the task {certificate.task}")
    if certificate.rules != tuple(rule.hash for rule in places):
        found.append(
            f"its certificate is for {len(certificate.rules)} rules in an order, and the {len(places)} "
            "that stand here are not they"
        )
    if (certificate.toolkit, certificate.sandbox) != (TOOLKIT, SANDBOX):
        found.append("it was certified with another version of toolkit or sandbox")
    if certificate.macros != macros:
        found.append(
            f"it was certified on texts masked by macros {certificate.macros or 'of no version'}, today's are {macros}"
        )
    return found
