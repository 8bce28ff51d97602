"""The map placeholder <-> original of one request or conversation. It lives in memory and prints no value."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from self_distill.macros.needles import Needles
from self_distill.macros.placeholders import label

LITERAL = "(literal)"
"""Type of a piece of the user's own text that looked like a placeholder of this vault and was put aside; no
detector's type is spelled like that, for literals are restored everywhere."""
_WORD = re.compile(r"(?<!\w)\w+")
_WORDY = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Entry:
    """`shown` stands in the scrubbed text for `value`. `name` is its placeholder without brackets ("" when
    it cannot be restored); a surrogate is shown as itself and has its name for places without token borders."""

    value: str = field(repr=False)
    type: str
    name: str
    shown: str = field(repr=False)

    @property
    def literal(self) -> bool:
        return self.type == LITERAL

    @property
    def surrogate(self) -> bool:
        return bool(self.name) and self.shown != f"[{self.name}]"


class Vault:
    """Same value (identical code points), same placeholder; two vaults share nothing, not even the key of
    their hashes. Whoever reads and then writes holds `lock`."""

    def __init__(self, key: bytes | None = None) -> None:
        self.key = key or secrets.token_bytes(32)
        self.lock = threading.RLock()
        self.needles = Needles()
        self.own: set[str] = set()
        """Scrubbed texts of links and tags that the user wrote himself: repeated unchanged, they are restored."""
        self.reserved: set[str] = set()
        """Names that stand in the user's text as plain text and are therefore never handed out."""
        self._by_value: dict[str, Entry] = {}
        self._literals: dict[str, Entry] = {}
        self._by_name: dict[str, Entry] = {}
        self._by_surrogate: dict[str, Entry] = {}
        self._lengths: dict[str, list[int]] = {}
        self._surrogate_words: set[str] = set()
        self._shown: set[str] = set()
        self._squashed: set[str] = set()
        self._next: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Vault({len(self._by_value)} values)"

    def __len__(self) -> int:
        return len(self._by_value)

    def __bool__(self) -> bool:
        return True

    @property
    def entries(self) -> tuple[Entry, ...]:
        with self.lock:
            return (*self._by_value.values(), *self._literals.values())

    @property
    def surrogates(self) -> tuple[str, ...]:
        return tuple(self._by_surrogate)

    def of_value(self, value: str) -> Entry | None:
        return self._by_value.get(value)

    def of_name(self, name: str) -> Entry | None:
        return self._by_name.get(name)

    def shows(self, word: str) -> bool:
        """Whether `word` stands in scrubbed texts for a value."""
        return word in self._shown

    def surrogates_in(self, text: str, start: int = 0) -> Iterator[tuple[int, int, Entry]]:
        """Where a surrogate stands at token borders: start, end, whose; the longest at each place, in order and
        overlapping."""
        if not self._by_surrogate:
            return
        for word in _WORD.finditer(text, start):
            at = word.start()
            for length in self._lengths.get(word[0], ()):
                entry = self._by_surrogate.get(text[at : at + length])
                if entry and not _WORDY.match(text, at + length):
                    yield at, at + length, entry
                    break

    def clashes(self, made: str) -> bool:
        """Whether `made` is, has or is in a surrogate, word by word."""
        if any(self.surrogates_in(made)):
            return True
        words = set(_WORD.findall(made))
        return words <= self._surrogate_words and any(made in shown for shown in self._by_surrogate)

    def knows_squashed(self, word: str) -> bool:
        """Whether a placeholder would read like that without its underscores."""
        return word in self._squashed

    def knows_type(self, name: str) -> bool:
        """Whether a name belongs to a type that this vault has handed out."""
        return name.rpartition("_")[0] in self._next

    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    @property
    def named(self) -> bool:
        """Whether anything of it can be restored."""
        return bool(self._by_name)

    def new_name(self, type_: str) -> str:
        kind = label(type_)
        while True:
            number = self._next.get(kind, 0) + 1
            self._next[kind] = number
            name = f"{kind}_{number}"
            if name not in self.reserved and name not in self._by_name:
                return name

    def reserve(self, name: str) -> None:
        self.reserved.add(name)

    def note(self, value: str, type_: str) -> None:
        """From now on this value is looked for, in texts that are scrubbed and in bytes that leave."""
        self.needles.add(value, type_)

    def add(self, entry: Entry) -> Entry:
        """Takes an entry in; its value is looked for from now on, unless it is a literal."""
        (self._literals if entry.literal else self._by_value)[entry.value] = entry
        if not entry.literal:
            self.note(entry.value, entry.type)
        self._shown.add(entry.shown)
        if entry.name:
            self._by_name[entry.name] = entry
            self._squashed.add(entry.name.replace("_", ""))
            self._next.setdefault(label(entry.type), 0)
        if entry.surrogate:
            self._by_surrogate[entry.shown] = entry
            words = _WORD.findall(entry.shown)
            self._surrogate_words.update(words)
            lengths = self._lengths.setdefault(words[0], [])
            if len(entry.shown) not in lengths:
                lengths.append(len(entry.shown))
                lengths.sort(reverse=True)
        return entry

    def noted(self) -> list[tuple[str, str]]:
        """(value, type) of all that is looked for."""
        return self.needles.values()

    def counters(self) -> dict[str, int]:
        """The last number handed out, by label."""
        return dict(self._next)

    def count_on(self, counters: Mapping[str, int]) -> None:
        self._next.update(counters)

    def literal(self, text: str) -> Entry:
        """The entry for a piece of text that looks like a placeholder of this vault."""
        found = self._literals.get(text)
        return found or self.add(Entry(text, LITERAL, name := self.new_name(LITERAL), f"[{name}]"))
