"""A macro that a model wrote, as one more detector: `find(text)` runs in the sandbox and can only add spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from self_distill.certificates.certificate import Certificate
from self_distill.errors import DataError, SandboxBroken
from self_distill.rules.rule import Rule
from self_distill.rules.store import Store
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX
from self_distill.types import Abstain, Decision, Fault, Ruled, Span

KIND = "macro:"
"""Before the type, as the task in a macro's card."""
_CALL = "\n\ndef run(text):\n    return [[start, end] for start, end in find(text)]\n"


class Runner(Protocol):
    """A sandbox that can be waited for without an event loop."""

    def run_now(self, code: str, texts: Sequence[str]) -> list[Decision]: ...


def called(code: str) -> str:
    """A program with `find`, as the sandbox calls it."""
    return code + _CALL


def places(decision: Decision, text: str) -> list[tuple[int, int]] | Fault:
    """What a macro found: sorted pairs within the text; anything else is a fault of it."""
    match decision:
        case Fault():
            return decision
        case Abstain():
            return []
        case Ruled(value):
            pairs = value if isinstance(value, list | tuple) else [None]
            found = []
            for pair in pairs:
                if not (isinstance(pair, list | tuple) and len(pair) == 2 and all(type(x) is int for x in pair)):
                    return Fault("AnswerError", "returned what is no list of (start, end)")
                start, end = int(str(pair[0])), int(str(pair[1]))
                if not 0 <= start < end <= len(text):
                    return Fault("AnswerError", "returned a span that is not within the text")
                found.append((start, end))
            return sorted(set(found))


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides what is found, for the version of the macros."""

    type: str
    code: str


@dataclass(frozen=True, slots=True)
class Finder:
    """Fits `protocols.Detector`. A program that fails raises, and so closes the door as every failing macro does."""

    type: str
    name: str
    code: str = field(repr=False)
    sandbox: Runner = field(repr=False)

    @property
    def settings(self) -> Settings:
        return Settings(self.type, self.code)

    def find(self, text: str) -> list[Span]:
        return self.find_many([text])[0]

    def find_many(self, texts: Sequence[str]) -> list[list[Span]]:
        found = []
        for text, decision in zip(texts, self.sandbox.run_now(called(self.code), texts), strict=True):
            pairs = places(decision, text)
            if isinstance(pairs, Fault):
                raise SandboxBroken(f"{self.name}: {pairs.kind}")
            found.append([Span(start, end, self.type, 0.9, self.name) for start, end in pairs])
        return found


def has_macros(store: Store) -> bool:
    return any(rule.task.startswith(KIND) for rule in store.rules())


def finders(store: Store, sandbox: Runner) -> tuple[Finder, ...]:
    """The certified macros of the store's folders; `unfit` says why others do not act."""
    rules = [rule for rule in store.rules() if rule.task.startswith(KIND)]
    return tuple(
        Finder(rule.task.removeprefix(KIND), f"macro:{rule.name}", rule.code, sandbox)
        for rule in rules
        if rule.status == "certified" and not unfit(rule)
    )


def unfit(rule: Rule) -> str:
    """Why a macro's certificate does not let it act, or nothing."""
    try:
        certificate = Certificate.from_json(rule.card.certificate or {})
    except DataError as error:
        return str(error)
    if certificate.rules != (rule.hash,) or certificate.task != rule.task:
        return "its certificate is of another program: certify it again"
    if (certificate.toolkit, certificate.sandbox) != (TOOLKIT, SANDBOX):
        return "it was certified under another toolkit or sandbox: certify it again"
    return ""
