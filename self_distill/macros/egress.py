"""The last look at the bytes before they leave for a model: no original value of the vault may be in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from self_distill.errors import EgressBlocked
from self_distill.macros.needles import BREAK, SHORT, Needles, fold
from self_distill.macros.placeholders import canonical
from self_distill.macros.vault import Vault

WIRE = frozenset(
    "model messages role content system user assistant tool tools tool_calls tool_call_id function name"
    " arguments parameters description type text object string number integer boolean array null enum items"
    " properties required additionalProperties strict schema json_schema json_object response_format grammar"
    " temperature seed max_tokens max_completion_tokens stream stream_options include_usage stop options"
    " num_predict format prompt top_p think keep_alive id index const anyOf default title".split()
)
"""Words of the chat protocols and of JSON Schema. A string that is one of them as a whole is not searched: a
value that happens to be spelled like that (System, a company) must not refuse every request."""

_PLACEHOLDER = re.compile(r"\\?\[[A-Z][A-Z0-9_\\]*\]")


class EgressGuard:
    """Finds what `Needles` find, in the decoded strings of a JSON body and in its bytes. Placeholders and
    `frames`, the constant parts of the prompt, are exempt."""

    def check(self, body: bytes, vault: Vault, frames: tuple[str, ...]) -> None:
        """Raises `EgressBlocked`, which names the type of the value it found and nothing else."""
        try:
            with vault.lock:
                found = _found(body, vault, [frame for frame in frames if frame])
        except Exception as error:
            raise EgressBlocked(
                f"egress guard failed ({type(error).__name__}); nothing was sent: report this request"
            ) from None
        if found is not None:
            raise EgressBlocked(
                f"an original value of type {found} is in the outgoing request; nothing was sent: "
                "pass the text through the macros with the same vault"
            )


def _found(body: bytes, vault: Vault, frames: Sequence[str]) -> str | None:
    """The type of a value in `body`. The strings of a JSON body are searched for everything; its bytes, where
    digits of unrelated fields stand side by side, for distinctive values only."""
    if not len(vault.needles):
        return None
    try:
        raw = body.decode(json.detect_encoding(body))
        pairs: list[str] = []
        strings = list(_strings(json.loads(raw, object_pairs_hook=lambda p: p)))
    except ValueError:
        raw, strings = body.decode("utf-8", "replace"), []
    search = _Search(vault, frames)
    for text in strings:
        if text not in WIRE and (type_ := search.everything(text)):
            return type_
    return search.distinctive(raw) if strings else search.everything(raw)
