"""A rule: a program for one task, and the card that says what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from self_distill.errors import DataError
from self_distill.rules.toolkit import VERSION as TOOLKIT
from self_distill.sandbox.limits import VERSION as SANDBOX
from self_distill.sandbox.pool import hash_of
from self_distill.types import Json

Status = Literal["candidate", "certified", "demoted", "retired"]


@dataclass(frozen=True, slots=True)
class Card:
    """What stands in the JSON file beside a program. `task` is whose cascade it joins; `label` is set for a
    yes/no program that decides about one label of a set; `order` is its place in the cascade, smaller first;
    `tokens_making` counts failed attempts and repairs too; `history` are (date, what, why) of its life."""

    task: str
    hash: str
    status: Status = "candidate"
    label: str = ""
    order: int = 0
    maker: str = ""
    tokens_making: int = 0
    made: str = ""
    toolkit: int = TOOLKIT
    sandbox: int = SANDBOX
    certificate: Mapping[str, Json] | None = None
    history: tuple[tuple[str, str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "history": [list(entry) for entry in self.history]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Card:
        """Raises `DataError` for a key, a status or a type that a card does not have."""
        try:
            card = cls(**{**data, "history": tuple((a, b, c) for a, b, c in data.get("history", ()))})
        except (TypeError, ValueError):
            raise DataError("its card has an unknown key, or one is missing") from None
        if card.status not in get_args(Status):
            raise DataError(f"its card has the unknown status {card.status!r}")
        numbers = (card.order, card.tokens_making, card.toolkit, card.sandbox)
        words = (card.task, card.hash, card.label, card.maker, card.made)
        certified = card.certificate is None or isinstance(card.certificate, Mapping)
        if not (certified and all(type(n) is int for n in numbers) and all(isinstance(w, str) for w in words)):
            raise DataError("its card has a value of the wrong type")
        return card


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is its path without the ending: "pii/email_detector"."""

    name: str
    code: str = field(repr=False)
    card: Card

    @classmethod
    def candidate(
        cls, path: str, joins: str, code: str, *, maker: str, tokens_making: int, label: str = "", made: str = ""
    ) -> Rule:
        card = Card(joins, hash_of(code), label=label, maker=maker, tokens_making=tokens_making, made=made)
        return cls(path, code, card)

    @property
    def task(self) -> str:
        return self.card.task

    @property
    def label(self) -> str:
        return self.card.label

    @property
    def status(self) -> Status:
        return self.card.status

    @property
    def hash(self) -> str:
        return self.card.hash

    @property
    def by(self) -> str:
        """As it stands in an answer, behind "rule:"."""
        return f"{self.name}@{self.hash[:12]}"

    def with_card(self, **changes: Any) -> Rule:
        return replace(self, card=replace(self.card, **changes))
