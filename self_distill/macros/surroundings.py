"""Is this the inside of something that a client may fetch or follow: a URL, a link target, an HTML tag?

The text before a position decides alone (so a stream decides as the whole does). Where readers differ (browsers,
CommonMark, linkifiers) the answer is yes as soon as one reading says yes: every `<x` is followed as if it opened a
tag, with `>` inside quoted attributes and without; brackets of a link target close late rather than early.
Sources: WHATWG HTML 13.2.5 (tag and attribute states), CommonMark 0.31 (6.3 links, 4.7 reference definitions),
GFM 6.9 (autolinks run to white space or `<`).
"""

from __future__ import annotations

import re

TAIL = 80
LONGEST = 36
"""Characters of the end of a host name that tell it from a path: a dot, a top-level domain, a port."""
_OPENERS = (
    r"(?<=<)[A-Za-z/]|(?<=\])[(:]|(?<=url)\(|(?<=www)\.|(?<=mailto):|(?<=javascript):|(?<=vbscript):"
    r"|[/?#]|(?<=\\\\)\w"
)
_IDLE = re.compile(
    r"[<(\].:/?#\\](?:(?<=<)[A-Za-z/]|(?<=\])[(:]|(?<=[uU][rR][lL]\()|(?<=[wW][wW][wW]\.)|(?<=[/?#])|(?<=\\)\\\w"
    r"|(?<=[mM][aA][iI][lL][tT][oO]:)|(?<=[jJ][aA][vV][aA][sS][cC][rR][iI][pP][tT]:)"
    r"|(?<=[vV][bB][sS][cC][rR][iI][pP][tT]:))"
)
"""The same as `_OPENERS`, with a character first that prose has seldom: many times as fast. The last character of a
match is the one that opens."""
_ACTIVE = re.compile(_OPENERS + r"|[<>=\"'()\s]|(?<=<scrip)t|(?<=<styl)e", re.IGNORECASE)
_URL_BEFORE = re.compile(
    r"(?:/(?=/$)|www(?=\.$)|(?:mailto|javascript|vbscript)(?=:$)|\\\\(?=\w$))"
    r"|[\w\[\]-]\.(?:[^\W\d_]{2,24}|\d{1,3})(?::\d{1,5})?(?=[/?#]$)",
    re.IGNORECASE,
)
_RAW = ("<script", "<style")
_RAW_END = ("</script", "</style")
_TOKEN = re.compile(r"[^\s<>()\[\]\"']*$")
_BLANK = re.compile(r"\n[ \t\r]*$")
_TRAILING = ".,;:!?)\"'*_~`>]"


def region_key(text: str) -> str:
    """A region without what prose puts behind a URL."""
    return text.rstrip(_TRAILING)


class Surroundings:
    """Fed with the text before a position, in any pieces. `regions` are the unsafe stretches so far, each in
    pieces; the last one is still open while `unsafe`."""

    def __init__(self) -> None:
        self.regions: list[list[str]] = []
        self._tail = ""
        self._tags: set[str] = set()
        self._raw = self._url = self._angle = self._first = False
        self._depth = self._definition = 0
        self._was = False

    @property
    def unsafe(self) -> bool:
        return bool(self._url or self._depth or self._definition in (1, 2, 4) or self._raw or self._tags)

    def opaque(self) -> None:
        """A restored value stood here: to what follows it is one word."""
        self.feed("x")

    def feed(self, text: str) -> None:
        buffer, at = self._tail + text, len(self._tail)
        done = at
        while (place := self._place(buffer, at)) >= 0:
            self._step(buffer[place], buffer[max(0, place - TAIL) : place])
            at = place + 1
            if self.unsafe != self._was:
                done = self._turn(buffer, done, place)
        if self._was:
            self.regions[-1].append(buffer[done:])
        self._tail = buffer[-TAIL:]

    def _turn(self, buffer: str, done: int, place: int) -> int:
        """Opens or closes a region at `place`; returns up to where the buffer is accounted for."""
        self._was = self.unsafe
        if not self._was:
            self.regions[-1].append(buffer[done:place])
            return place
        token = _TOKEN.search(buffer[max(0, place - TAIL) : place])
        self.regions.append([token[0] if token else ""])
        return place

    def _place(self, buffer: str, at: int) -> int:
        """The next character that matters, or -1."""
        if self._first or "=" in self._tags or self._definition in (1, 3):
            return at if at < len(buffer) else -1
        if self.unsafe:
            match = _ACTIVE.search(buffer, at)
            return match.start() if match else -1
        start = max(0, at - 2)
        while match := _IDLE.search(buffer, start):
            if match.end() > at:
                return match.end() - 1
            start = match.start() + 1
        return -1

    def _step(self, c: str, before: str) -> None:
        if c == "\n" and _BLANK.search(before):
            self._depth = self._definition = 0
            self._angle = self._first = False
        self._html(c, before)
        self._link(c, before)
        self._define(c, before)
        if self._url:
            self._url = not (c.isspace() or c == "<")
        elif (c in "/?#.:" or before.endswith("\\\\")) and _URL_BEFORE.search(before[-LONGEST:] + c):
            self._url = True

    def _html(self, c: str, before: str) -> None:
        """`_tags` are the states of all readings at once: "<" in a tag, "=" before an attribute's value, and the
        quote that an attribute's value waits for."""
        quotes = self._tags & {'"', "'"}
        if c in quotes:
            self._tags = (self._tags - {c}) | {"<"}
        if self._raw and (c in ">/" or c.isspace()):
            self._raw = not before[-8:].lower().endswith(_RAW_END)
        if c.isspace():
            return
        if "=" in self._tags:
            self._tags.discard("=")
            if c in "\"'":
                self._tags.add(c)
        if c == ">":
            self._tags.discard("<")
        elif c == "=" and "<" in self._tags:
            self._tags.add("=")
        elif before.endswith("<") and (c == "/" or (c.isascii() and c.isalpha())):
            self._tags.add("<")
        if c in "tTeE" and (before[-7:] + c).lower().endswith(_RAW):
            self._raw = True

    def _link(self, c: str, before: str) -> None:
        """Inline targets `](…)` and `url(…)`; a closing bracket counts only where every reading closes."""
        if self._angle:
            self._angle = c not in ">\n"
        if self._first and not c.isspace():
            self._first, self._angle = False, c == "<"
        if c == "(":
            opens = before.endswith("]") or before[-3:].lower() == "url"
            self._first = self._first or opens
            self._depth += 1 if self._depth or opens else 0
        elif c == ")" and self._depth and not self._angle and not before.endswith("\\"):
            self._depth -= 1
            self._first = self._first and self._depth > 0

    def _define(self, c: str, before: str) -> None:
        """Reference definitions `[x]: target "title"`: 1 before the target, 2 in it, 3 behind it, 4 in the title."""
        if c == ":" and before.endswith("]"):
            self._definition = 1
        elif self._definition == 1 and not c.isspace():
            self._definition = 2
        elif self._definition == 2 and c.isspace():
            self._definition = 3
        elif self._definition == 3 and not c.isspace():
            self._definition = 4 if c in "\"'(" else 0
        elif self._definition == 4 and c == "\n":
            self._definition = 0
