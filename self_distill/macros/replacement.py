"""What stands in the scrubbed text for a value: a number, a mask, a keyed hash or a surrogate."""

from __future__ import annotations

import hmac
import re
from functools import cached_property
from typing import Literal, get_args

from self_distill.macros.placeholders import label, masked
from self_distill.macros.surrogates import surrogate
from self_distill.macros.vault import Entry, Vault

Style = Literal["numbered", "masked", "hash", "surrogate"]
STYLES: tuple[Style, ...] = get_args(Style)
HASH_DIGITS = 12
TRIES = 20
_WORD = re.compile(r"\w+")


class Around:
    """The text that values stand in; a surrogate must not occur there."""

    def __init__(self, text: str) -> None:
        self._text = text

    def has(self, made: str) -> bool:
        made = made.casefold()
        return self._words.issuperset(_WORD.findall(made)) and made in self._folded

    @cached_property
    def _folded(self) -> str:
        return self._text.casefold()

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self._folded))


def entry_for(vault: Vault, value: str, type_: str, style: Style, around: Around, locale: str) -> Entry:
    """The vault's entry for `value`, made in `style` if it is new. The caller holds the vault's lock."""
    found = vault.of_value(value)
    if found is not None:
        return found
    if style == "masked":
        return vault.add(Entry(value, type_, "", masked(type_)))
    if style == "hash":
        name = _hashed(vault, value, type_)
        return vault.add(Entry(value, type_, name, f"[{name}]"))
    name = vault.new_name(type_)
    shown = _surrogate(vault, value, type_, around, locale) if style == "surrogate" else None
    return vault.add(Entry(value, type_, name, shown or f"[{name}]"))


def _hashed(vault: Vault, value: str, type_: str) -> str:
    """HMAC-SHA-256 under the vault's own key, so that two conversations cannot be linked; longer where
    12 digits are taken."""
    digest = hmac.digest(vault.key, f"{type_}\0{value}".encode("utf-8", "surrogatepass"), "sha256").hex()
    kind, digits = label(type_), HASH_DIGITS
    while vault.of_name(f"{kind}_{digest[:digits].upper()}") and digits < 40:
        digits += 1
    return f"{kind}_{digest[:digits].upper()}"


def _surrogate(vault: Vault, value: str, type_: str, around: Around, locale: str) -> str | None:
    """A made-up value that is neither in the text nor in the vault nor part of another surrogate; None where
    the type has no safe range to draw from or luck runs out: then the value gets its number."""
    for attempt in range(TRIES):
        seed = hmac.digest(vault.key, f"{attempt}\0{value}".encode("utf-8", "surrogatepass"), "sha256")
        made = surrogate(type_, value, int.from_bytes(seed[:8], "big"), locale)
        if made is None:
            return None
        known = vault.of_value(made) or vault.needles.find(made) or vault.needles.hidden(made)
        if not (known or vault.clashes(made) or around.has(made)):
            return made
    return None
