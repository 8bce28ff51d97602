"""What of a text is read as a placeholder or a surrogate of a vault, and what is lost of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from self_distill.macros.placeholders import candidates, canonical, forms_at
from self_distill.macros.vault import Entry, Vault

Reading = tuple[int, int, Entry]
"""Start, end, whose."""

_BRACKETED = re.compile(r"[\[［{(<][^\[\]［］{}()<>\n]{3,64}[\]］})>]")
_CUT_END = re.compile(r"[\[［]([A-Za-z0-9_\\]{2,40})\\?$")
_CUT_START = re.compile(r"\\?_?([A-Za-z0-9_\\]{1,40})[\]］]")


def taken(text: str, vault: Vault, start: int = 0) -> Iterator[Reading]:
    """What restoring `text` takes for a placeholder or a surrogate, in order and apart. The caller holds the
    vault's lock."""
    forms, shown = _forms(text, vault, start), vault.surrogates_in(text, start)
    form, other, at = next(forms, None), next(shown, None), start
    while form or other:
        first = other if other and (form is None or other[0] < form[0]) else form
        assert first is not None
        if first[0] >= at:
            at = first[1]
            yield first
        form = next(forms, None) if first is form else form
        other = next(shown, None) if first is other else other


def _forms(text: str, vault: Vault, start: int) -> Iterator[Reading]:
    for place in candidates(text, start) if vault.named else ():
        for form in forms_at(text, place):
            if entry := vault.of_name(form.name):
                yield form.start, form.end, entry
                break


def losses(text: str, vault: Vault) -> Iterator[str]:
    """Placeholders of known types with unknown numbers, known ones beyond the declared tolerance, and those that
    the beginning or the end of the text cuts."""
    if not vault.named:
        return
    at = 0
    for start in candidates(text):
        for form in forms_at(text, start) if start >= at else ():
            if vault.of_name(form.name):
                at = form.end
                break
            known = form.kind in ("whole", "escaped") and vault.knows_type(form.name)
            if known and form.name not in vault.reserved:
                yield text[form.start : form.end]
    for match in _BRACKETED.finditer(text):
        inner = "".join(c for c in match[0] if c.isalnum()).upper()
        if vault.knows_squashed(inner) and next(_forms(match[0], vault, 0), None) is None:
            yield match[0]
    if (cut := _CUT_END.search(text)) and _is_part(canonical(cut[1]), vault, str.startswith):
        yield cut[0]
    if (cut := _CUT_START.match(text)) and _is_part(canonical(cut[1]), vault, str.endswith):
        yield cut[0]


def _is_part(body: str, vault: Vault, has: Callable[[str, str], bool]) -> bool:
    return any(has(name, body) and name != body for name in vault.names())
