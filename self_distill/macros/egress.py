"""The last look at the bytes before they leave for a model: no original value of the vault may be in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from self_distill.errors import EgressBlocked
from self_distill.macros.needles import BREAK, Needles
from self_distill.macros.placeholders import canonical
from self_distill.macros.vault import Vault

WIRE = frozenset(
    "model messages role content system user assistant tool tools tool_calls tool_call_id function name"
    " arguments parameters description type text object string number integer boolean array null enum items"
    " properties required additionalProperties strict schema json_schema json_object response_format grammar"
    " temperature seed max_tokens max_completion_tokens stream stream_options include_usage stop options"
    " num_predict format prompt top_p think keep_alive id index const anyOf default title label answer truncate"
    " shift cache_prompt one_of sampling constraint".split()
)
"""Words of the chat protocols and of JSON Schema. A string that is one of them as a whole is not searched: a
value that happens to be spelled like that (System, a company) must not refuse every request."""

_PLACEHOLDER = re.compile(r"\\?\[[A-Z][A-Z0-9_\\]*\]")


class EgressGuard:
    """Finds what `Needles` find, in the decoded strings of a JSON body and in its bytes. Placeholders and
    `frames`, the constant parts of the prompt, are exempt; so is a string that as a whole is one of `names`, those
    of the model (claude-x must not refuse every request of a Claude)."""

    def check(self, body: bytes, vault: Vault, frames: tuple[str, ...], names: tuple[str, ...] = ()) -> None:
        """Raises `EgressBlocked`, which names the type of the value it found and nothing else."""
        try:
            with vault.lock:
                found = _found(body, vault, [frame for frame in frames if frame], frozenset(names))
        except Exception as error:
            raise EgressBlocked(
                f"egress guard failed ({type(error).__name__}); nothing was sent: report this request"
            ) from None
        if found is not None:
            raise EgressBlocked(
                f"an original value of type {found} is in the outgoing request; nothing was sent: "
                "pass the text through the macros with the same vault"
            )


def _found(body: bytes, vault: Vault, frames: Sequence[str], names: frozenset[str]) -> str | None:
    """The type of a value in `body`. The strings of a JSON body are searched for everything; its bytes, where
    digits of unrelated fields stand side by side, for distinctive values only."""
    if not len(vault.needles):
        return None
    try:
        raw = body.decode(json.detect_encoding(body))
        strings = list(_strings(json.loads(raw, object_pairs_hook=lambda p: p)))
    except ValueError:
        raw, strings = body.decode("utf-8", "replace"), []
    search = _Search(vault, [*frames, *(json.dumps(name, ensure_ascii=False) for name in names)])
    for text in strings:
        if text not in WIRE and text not in names and (type_ := search.everything(text)):
            return type_
    return search.distinctive(raw) if strings else search.everything(raw)


def _strings(value: object) -> Iterator[str]:
    """Every string in decoded JSON, keys among them; objects come as pairs, so a repeated key hides nothing."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


class _Search:
    """Looks for the vault's values around what is exempt: its own placeholders and the constant frames."""

    def __init__(self, vault: Vault, frames: Sequence[str]) -> None:
        self._needles: Needles = vault.needles
        self._names = frozenset(vault.names())
        self._shown = frozenset(entry.shown for entry in vault.entries)
        escaped = {json.dumps(frame, ensure_ascii=ascii_)[1:-1] for frame in frames for ascii_ in (True, False)}
        self._frames = sorted({*frames, *escaped}, key=len, reverse=True)

    def everything(self, text: str) -> str | None:
        plain = self._blanked(text)
        hits = self._needles.find(plain)
        return hits[0].type if hits else self._needles.hidden(plain)

    def distinctive(self, text: str) -> str | None:
        """What is found anywhere; numbers and names that need a border are looked for in single strings only."""
        hits = self._needles.find(self._blanked(text), weak=False)
        return hits[0].type if hits else None

    def _blanked(self, text: str) -> str:
        for frame in self._frames:
            text = text.replace(frame, BREAK)
        return _PLACEHOLDER.sub(self._exempt, text)

    def _exempt(self, match: re.Match[str]) -> str:
        """A placeholder goes only if this vault shows it: something in brackets may be a value."""
        inside = match[0].lstrip("\\")
        known = inside in self._shown or canonical(inside[1:-1]) in self._names
        return BREAK if known else match[0]
