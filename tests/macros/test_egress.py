from __future__ import annotations

import base64
import html
import json
import random
from urllib.parse import quote

import pytest

from self_distill.errors import EgressBlocked
from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.egress import EgressGuard
from self_distill.macros.scrub import Macros
from self_distill.macros.vault import Entry, Vault

WHO, NUMBER = "ann.smith@corp.com", "536-22-8714"


def knowing(*values: str) -> Vault:
    vault = Vault()
    for i, value in enumerate(values):
        vault.add(Entry(value, "SECRET", f"SECRET_{i}", f"[SECRET_{i}]"))
    return vault


def body(text: str, **more: object) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}], **more}).encode()


def passes(data: bytes, vault: Vault, frames: tuple[str, ...] = ()) -> bool:
    try:
        EgressGuard().check(data, vault, frames)
    except EgressBlocked as blocked:
        assert "nothing was sent" in str(blocked)
        return False
    return True


@pytest.mark.parametrize(
    "leak",
    [
        WHO, WHO.upper(), " ".join(WHO), "536228714", "536 22 8714",
        quote(WHO), quote(quote(WHO)), html.escape(WHO), WHO.replace("@", "&#64;"), WHO.replace("@", "\\u0040"),
        json.dumps({"to": json.dumps(WHO)}), f'{{"to": "{WHO}"}}', base64.b64encode(WHO.encode()).decode(),
        base64.b64encode(b"x" + WHO.encode()).decode(), base64.urlsafe_b64encode(b"xx" + NUMBER.encode()).decode(),
        WHO.encode().hex(), NUMBER.encode().hex().upper(), f"data:;base64,{base64.b64encode(WHO.encode()).decode()}",
        f"https://e.com/?q={quote(WHO)}", f"x{WHO}x", "\u200b".join(WHO), "ａｎｎ．ｓｍｉｔｈ＠ｃｏｒｐ．ｃｏｍ",
    ],
)  # fmt: skip
def test_a_value_does_not_leave_in_any_encoding(leak: str) -> None:
    vault = knowing(WHO, NUMBER)
    text = f"so {leak}, well"
    places = (
        body(text),
        json.dumps({"x": text}, ensure_ascii=False).encode("utf-16"),
        body("", tools=[{"function": {"description": text}}]),
        json.dumps({text: 1}).encode(),
        text.encode(),
        b"not json: " + body(text),
        b'{"a": 1, "a": ' + json.dumps(text).encode() + b', "a": 2}',
    )
    for data in places:
        with pytest.raises(EgressBlocked) as blocked:
            EgressGuard().check(data, vault, ())
        assert "ann" not in str(blocked.value) and "536" not in str(blocked.value)
    assert all(passes(data, knowing("bob.jones@corp.com")) for data in places)


def test_a_short_value_is_refused_as_a_word_only() -> None:
    vault = knowing("May", "US")
    assert not passes(body("Ask May."), vault) and not passes(body("the US, say"), vault)
    assert not passes(body("Ask%20May"), vault)
    assert passes(body("you may ask us: MAYBE, BUS, Mayflower"), vault)


def test_ten_thousand_clean_prompts_are_not_refused_for_a_surname_and_a_country() -> None:
    vault = knowing("May", "US", "Ann", "Li", "Martin", "555-0142", "12 Oak Road", "ann.li@corp.com")
    words = (
        "may us ann the a Maybe just bus use used about March June we must mayor dismay martini status usual 0142 "
        "2024-05-01 road oak answer yes no list JSON [PERSON_1] [EMAIL_2] context: Q: \n \\n %20 & ; https://e.com/us"
    ).split(" ")
    draw, guard = random.Random(7), EgressGuard()
    for _ in range(10_000):
        text = " ".join(draw.choice(words) for _ in range(draw.randrange(3, 25)))
        guard.check(body(text, seed=draw.randrange(10**9), max_tokens=555), vault, ())


def test_words_of_the_protocol_are_no_leak_but_the_same_word_in_a_text_is() -> None:
    vault = knowing("system", "Content", "user")
    assert passes(body("hello"), vault)
    assert not passes(body("our system"), vault)


def test_placeholders_of_the_vault_are_no_leak_but_others_may_be() -> None:
    vault = knowing("SECRET", WHO)
    assert passes(body("[SECRET_0] and \\[SECRET\\_1\\]"), vault)
    assert not passes(body("[SECRET]"), vault)
    masked = Vault()
    masked.add(Entry("MASKED", "EMAIL", "", "[EMAIL_MASKED]"))
    assert passes(body("[EMAIL_MASKED]"), masked) and not passes(body("[CODE_MASKED] MASKED"), masked)


def test_a_surrogate_may_have_a_word_that_later_became_a_value() -> None:
    vault = Vault()
    vault.add(Entry("Ann Lee", "PERSON", "PERSON_1", "Dana Miller"))
    vault.note("Miller", "PERSON")
    assert passes(body("Ask Dana Miller."), vault)
    assert not passes(body("Ask Miller."), vault) and not passes(body("Ask Dana. Miller?"), vault)
    vault.note("Dana Miller", "PERSON")
    assert not passes(body("Ask Dana Miller."), vault)


FRAME = "You are the helper of May Corp; answer with yes or no."


def test_a_frame_may_hold_a_value_and_the_text_beside_it_may_not() -> None:
    vault = knowing("May", "May Corp")
    assert not passes(body(FRAME), vault)
    assert passes(body(f"{FRAME}\nhello"), vault, (FRAME,))
    assert passes(body(f'{FRAME}\nA "quoted" word'), vault, (f'{FRAME}\nA "quoted"',))
    assert not passes(body(f"{FRAME} May?"), vault, (FRAME,))
    assert not passes(body(f"May Corp, {FRAME}"), vault, (FRAME,))


def test_a_frame_hides_no_value_that_it_is_only_a_part_of() -> None:
    vault = knowing(WHO, NUMBER)
    for frames in ((".",), ("@", "-"), ("smith",), ("Write to ann.",), (WHO[:-1],), ("e",), (" ",)):
        assert not passes(body(f"Write to {WHO}"), vault, frames)
        assert not passes(body(f"Write to {base64.b64encode(WHO.encode()).decode()}"), vault, frames)
        assert not passes(body(NUMBER), vault, frames)


def test_the_digits_of_unrelated_fields_are_no_value() -> None:
    vault = knowing("555-0142", "1 2 3 4 5 6")
    assert passes(body("hello", seed=555, max_tokens=142, n=[1, 2, 3]), vault)


def test_the_letters_of_escapes_are_none_of_a_value() -> None:
    vault = knowing("corp.com1u", "nancy.lee1@corp.com")
    assert passes(body("corp.com1\x1f"), vault) and passes(body("so\nancy.lee1@corp.com"), vault)
    assert not passes(body("so\nnancy.lee1@corp.com\n"), vault)
    assert not passes(body("", seed="x").replace(b'"x"', b"536228714"), knowing(NUMBER))


def test_a_guard_that_fails_refuses() -> None:
    deep = b"[" * 100_000
    assert not passes(deep, knowing(WHO))
    assert passes(deep, Vault()), "a vault that knows nothing can lose nothing"
    with pytest.raises(EgressBlocked, match=r"guard failed \(RecursionError\)"):
        EgressGuard().check(deep, knowing(WHO), ())


def test_a_scrubbed_text_passes_in_every_style() -> None:
    detector = PatternDetector(DetectorSettings(deny={"CODE": ("May", "US", "Bluebird")}))
    text = f"{WHO} {NUMBER} May US Bluebird [CODE_1] https://e.com/?q=Bluebird 10.1.2.30 b.l.u.e.b.i.r.d %42luebird"
    for style in ("numbered", "masked", "hash", "surrogate"):
        vault = Vault()
        for _ in range(2):
            assert passes(body(Macros([detector], style=style).scrub(text, vault).text), vault)
        assert not passes(body(text), vault)
