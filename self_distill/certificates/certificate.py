"""A certificate: who may answer what, how often wrong at most, and on which evidence that stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from self_distill.certificates.bounds import certified, spend
from self_distill.certificates.issue import Terms, Verdict
from self_distill.certificates.watch import Watch
from self_distill.errors import DataError

GOLD = "gold"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Of the cascade `rules` (code hashes, in order) as it runs. `teacher` says whose answers counted as right:
    "gold" or a model; `auditors` how often others may disagree with the rules (an upper bound of their disagreement
    on the certify items). `splits` and `data` name the evidence; under other `toolkit`, `sandbox` or `macros` the
    rules do not act. `tokens_making` has everything that making cost; `reuse` is how many requests the rules had
    answered when this was written; `id` names all that stands here. One that its own figures do not bear out cannot
    be built."""

    task: str
    rules: tuple[str, ...]
    terms: Terms
    verdict: Verdict
    splits: Mapping[str, str]
    data: str
    toolkit: int
    sandbox: int
    date: str
    macros: str = ""
    teacher: str = GOLD
    tokens_making: int = 0
    reuse: int = 0
    auditors: Mapping[str, float] = field(default_factory=dict)
    id: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        risk, terms = self.verdict.risk, self.terms
        level = spend(terms.delta, self.verdict.j) / terms.claims
        if not self.rules or not self.verdict.certified or not certified(risk.wrong, risk.n, terms.alpha, level):
            raise ValueError("its own figures do not bear this certificate out")
        object.__setattr__(self, "id", "")
        named = hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:16]
        object.__setattr__(self, "id", named)

    @property
    def claim(self) -> str:
        """What it promises, in words; of a model as teacher never "accuracy"."""
        sure = f"with confidence {1 - self.terms.delta:.0%}"
        if self.teacher == GOLD:
            return f"at most {self.terms.alpha:.1%} of its answers are wrong, {sure}"
        return f"at most {self.terms.alpha:.1%} of its answers disagree with {self.teacher}, {sure}"

    def tolerated(self, auditor: str) -> float | None:
        """The share of answers that this auditor may call wrong; None: it may not audit these rules."""
        return self.terms.alpha if auditor == self.teacher else self.auditors.get(auditor)

    def watch(self) -> Watch:
        """As it begins on the day of issue."""
        return Watch.over(self.terms.alpha, self.terms.delta, self.verdict.answering)

    def as_json(self) -> dict[str, Any]:
        data = {**asdict(self), "rules": list(self.rules), "verdict": self.verdict.as_json()}
        return {key: value for key, value in data.items() if key != "id"}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Certificate:
        """Raises `DataError` for what is no certificate, or one whose figures do not bear it out."""
        try:
            terms = Terms(**{**data["terms"], "critical": tuple(data["terms"]["critical"])})
            parts = {"rules": tuple(data["rules"]), "terms": terms, "verdict": Verdict.from_json(data["verdict"])}
            return cls(**{**data, **parts})
        except (KeyError, TypeError, AttributeError):
            raise DataError("its certificate has an unknown key, or one is missing: certify it again") from None
        except ValueError as error:
            raise DataError(f"{error}: certify it again") from None
