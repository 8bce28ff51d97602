"""Examples as rules and makers see them: scrubbed like any request, each with a vault of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from self_distill.errors import EgressBlocked
from self_distill.macros.egress import EgressGuard
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.macros.vault import Vault
from self_distill.task import Task
from self_distill.types import Example, Json


@dataclass(frozen=True, slots=True)
class Covered:
    """`known` has every value that was masked in any example: what a maker is told is searched for all of them."""

    examples: tuple[Example, ...]
    known: Vault

    def tellable(self, rows: Sequence[Example]) -> tuple[Example, ...]:
        """Those without a value in clear that was masked in another example: the guard would refuse the others."""
        return tuple(row for row in rows if self._passes(f"{row.text}\n{row.label}"))

    def _passes(self, text: str) -> bool:
        try:
            EgressGuard().check(text.encode("utf-8", "surrogatepass"), self.known, ())
        except EgressBlocked:
            return False
        return True


def covered(task: Task, examples: Sequence[Example], macros: Macros | NoMacros) -> Covered:
    """A label that repeats a masked value has its placeholder instead, as a rule's answer would; raises
    `MacroFailed`."""
    found = macros.scrub_many([example.text for example in examples], only=task.mask or None)
    known = Vault()
    rows = []
    for example, scrubbed in zip(examples, found, strict=True):
        vault = scrubbed.vault
        for value, type_ in vault.noted():
            known.note(value, type_)
        rows.append(replace(example, text=scrubbed.text, label=_label(example.label, vault)))
    return Covered(tuple(rows), known)


def _label(label: Json, vault: Vault) -> Json:
    if not isinstance(label, str) or not vault.named:
        return label
    for entry in sorted(vault.entries, key=lambda entry: len(entry.value), reverse=True):
        label = label.replace(entry.value, entry.shown)
    return label
