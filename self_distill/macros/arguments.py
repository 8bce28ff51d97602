"""Arguments of a tool call: JSON in a string, whole or in pieces. What changes is changed inside its string
literals, so that it is JSON afterwards if it was before."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from self_distill.macros.readings import taken
from self_distill.macros.restore import Restorer
from self_distill.macros.vault import Vault

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d[\d.eE+-]*', re.DOTALL)
_BETWEEN = re.compile(r"(?:[\s{}\[\]:,]|true|false|null|NaN|-?Infinity)*")
_LONE = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r'[^"\\]+')
_HIGH, _LOW = r"u[dD][89abAB][0-9a-fA-F]{2}", r"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rf"\\(?:{_HIGH}\\{_LOW}|u[0-9a-fA-F]{{4}}|[^u])", re.DOTALL)
_PART = re.compile(rf"\\(?:u[0-9a-fA-F]{{0,3}}|{_HIGH}(?:\\(?:u(?:[dD](?:[c-fC-F][0-9a-fA-F]?)?)?)?)?)?")
"""What may still become an escape, or the first half of two that are one character."""


def scrubbed_arguments(text: str, say: Callable[[str], str]) -> str:
    """`text` with every string and number in it as `say` says it. A number that changes becomes a string; what is
    no JSON is text."""
    if not _BETWEEN.fullmatch(_TOKEN.sub("", text)):
        return say(text)
    say(_TOKEN.sub(lambda match: _decoded(match[0]), text))  # a key tells what its value is: all is seen at once

    def changed(match: re.Match[str]) -> str:
        plain = _decoded(match[0])
        said = say(plain)
        return match[0] if said == plain else f'"{_escaped(said)}"'

    return _TOKEN.sub(changed, text)


class ArgumentRestorer:
    """Restores in the strings of one call's arguments, which come in pieces; how they are cut makes no
    difference. Each string is a text of its own."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._string: Restorer | None = None
        self._pending = ""
        self._outside: list[str] = []
        self._lost: list[str] = []
        self._withheld: list[str] = []

    def feed(self, text: str) -> str:
        text, out, at = self._pending + text, [], 0
        while at < len(text):
            end, piece = self._inside(text, at) if self._string else self._between(text, at)
            if end == at:
                break
            out.append(piece)
            at = end
        self._pending = text[at:]
        return "".join(out)

    def close(self, text: str = "") -> str:
        out = self.feed(text)
        return out + (self._ended() if self._string else "") + self._pending

    @property
    def lost(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._lost))

    @property
    def withheld(self) -> tuple[str, ...]:
        """Complete after `close`; placeholders outside of strings too."""
        with self._vault.lock:
            outside = "".join(self._outside)
            bare = [outside[start:end] for start, end, _ in taken(outside, self._vault)]
        return tuple(dict.fromkeys([*self._withheld, *bare]))

    def _between(self, text: str, at: int) -> tuple[int, str]:
        place = text.find('"', at)
        end = len(text) if place < 0 else place + 1
        if place >= 0:
            self._string = Restorer(self._vault)
        self._outside.append(text[at:end])
        return end, text[at:end]

    def _inside(self, text: str, at: int) -> tuple[int, str]:
        """Up to where `text` was read, and what stands for that."""
        assert self._string is not None
        if text[at] == '"':
            return at + 1, self._ended() + '"'
        if _PART.fullmatch(text, at):
            return at, ""
        match = _PLAIN.match(text, at) or _ESCAPE.match(text, at)
        raw = match[0] if match else text[at]
        return at + len(raw), _escaped(self._string.feed(_decoded(f'"{raw}"')))

    def _ended(self) -> str:
        assert self._string is not None
        ended, self._string = self._string, None
        out = ended.close()
        self._lost += ended.lost
        self._withheld += ended.withheld
        return _escaped(out)


def _decoded(raw: str) -> str:
    """The text of a JSON string, also of one that was cut or is broken; anything else as it stands."""
    if raw[:1] != '"':
        return raw
    try:
        return str(json.loads(raw, strict=False))
    except ValueError:
        return raw[1:].removesuffix('"')


def _escaped(text: str) -> str:
    inner = json.dumps(text, ensure_ascii=False)[1:-1]
    return inner if inner.isascii() else _LONE.sub(lambda match: f"\\u{ord(match[0]):04x}", inner)
