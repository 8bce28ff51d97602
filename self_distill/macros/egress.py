"""The last look at the bytes before they leave for a model: no original value of the vault may be in them."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

from self_distill.errors import EgressBlocked
from self_distill.macros.coverage import blanked
from self_distill.macros.needles import BREAK
from self_distill.macros.readings import taken
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

WORDS = 16
"""Characters of a frame that is more than a word or two."""
_MASK = re.compile(r"\[[A-Z][A-Z0-9_]*\]")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SIGNS = "[［\\"


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
    """Looks for the vault's values in what is not exempt: its own placeholders and surrogates, and whatever lies
    wholly inside one of the constant frames. A frame hides no value that is longer than it or lies across it."""

    def __init__(self, vault: Vault, frames: Sequence[str]) -> None:
        self._vault = vault
        escaped = {json.dumps(frame, ensure_ascii=ascii_)[1:-1] for frame in frames for ascii_ in (True, False)}
        self._frames = sorted({*frames, *escaped}, key=len, reverse=True)

    def everything(self, text: str) -> str | None:
        plain = self._without_placeholders(text)
        return self._plain(text, plain, weak=True) or self._vault.needles.hidden(self._without_frames(plain))

    def distinctive(self, raw: str) -> str | None:
        """What is found anywhere in JSON; numbers and names that need a border are looked for in its single strings
        only, and so is what is written with escapes: the `n` of a line break is no letter of a name."""
        plain = _ESCAPE.sub(lambda match: BREAK * len(match[0]), raw)
        if not self._vault.needles.find(plain, weak=False):
            return None
        return self._plain(raw, self._without_placeholders(plain), weak=False)

    def _plain(self, text: str, plain: str, weak: bool) -> str | None:
        hits = self._vault.needles.find(plain, weak=weak)
        if not hits:
            return None
        framed = sorted(place for frame in self._frames for place in _places(text, frame))
        reach = list(accumulate((end for _, end in framed), max))
        for hit in hits:
            at = bisect_right(framed, (hit.start, len(text))) - 1
            if at < 0 or reach[at] < hit.end:
                return hit.type
        return None

    def _without_placeholders(self, text: str) -> str:
        """As long as before. Something in brackets may be a value, so only what this vault shows goes; and of its
        surrogates, none that became somebody's real value."""
        real = cache(self._is_real)
        places = [match.span() for match in _MASK.finditer(text) if self._vault.shows(match[0])]
        places += [(s, e) for s, e, entry in taken(text, self._vault) if text[s] in _SIGNS or not real(entry.shown)]
        return blanked(text, sorted(places))

    def _is_real(self, shown: str) -> bool:
        return any(hit.end - hit.start == len(shown) for hit in self._vault.needles.find(shown))

    def _without_frames(self, text: str) -> str:
        """For encoded values, which a frame of a few words cannot hold."""
        for frame in self._frames:
            if len(frame) >= WORDS:
                text = text.replace(frame, BREAK)
        return text


def _places(text: str, frame: str) -> Iterator[tuple[int, int]]:
    at = text.find(frame)
    while at >= 0:
        yield at, at + len(frame)
        at = text.find(frame, at + 1)
