from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.errors import MacroFailed, SettingsError
from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.egress import EgressGuard
from self_distill.macros.needles import BREAK, fold, rule_of
from self_distill.macros.restore import Restorer
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.macros.vault import Vault
from self_distill.types import Span

WORDS = ("Bluebird", "May", "US", "Zoë", "x1", "[A_1]", "Kim Lee", "A", "Bluebird Kim Lee")
PATTERNS = PatternDetector()
CODES = PatternDetector(DetectorSettings(deny={"CODE": WORDS}))
SINGLE = [PatternDetector(DetectorSettings(deny={"EXTRA": (word,)})) for word in ("Bluebird", "corp", "A")]
REVERSIBLE = ("numbered", "hash", "surrogate")
PIECES = (
    *WORDS, "ann@corp.com", "ANN@corp.com", "10.1.2.3", "555-867-5309", "536-22-8714", "[EMAIL_1]", "EMAIL_1",
    "[CODE_1]", "code_2]", "[CODE 1", "\\[EMAIL\\_1\\]", "[LITERAL_1]", "[EMAIL_MASKED]", "[", "]", "(", "](", "![](",
    "<a href=", "<", '"', "'", ">", "https://e.com/?q=", "www.x.", ".com", "://", " ", "\n", "\n\n", "\\", "%40",
    "ann%40corp.com", "YW5uQGNvcnAuY29t", "616e6e40636f72702e636f6d", "_", "\0", "\ud800", "é", "][", "[x]: ", "url(",
    "<script>", "</script>", "=", "&#64;", "@", "。",
)  # fmt: skip
"""What text is made of that makes trouble: values, placeholders, whole and cut, links, tags, encodings."""
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join)
conversations = st.lists(texts, min_size=1, max_size=3)


@dataclass(frozen=True)
class Broken:
    """A detector that does not do what it should."""

    spans: Sequence[Span] = ()
    error: Exception | None = None
    seconds: float = 0.0
    name: str = field(default="broken")

    def find(self, text: str) -> Sequence[Span]:
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        return self.spans


def fixed() -> Vault:
    return Vault(b"k" * 32)


def in_pieces(text: str, vault: Vault, size: int) -> str:
    restorer = Restorer(vault)
    return "".join([*(restorer.feed(text[i : i + size]) for i in range(0, len(text), size)), restorer.close()])


@settings(deadline=None, max_examples=250)
@given(conversations, st.sampled_from(REVERSIBLE), st.integers(1, 9))
def test_restoring_gives_back_every_text_whole_and_in_pieces(said: list[str], style: str, size: int) -> None:
    macros, vault = Macros([CODES], style=style), fixed()
    for text in said:
        shown = macros.scrub(text, vault).text
        assert macros.restore(shown, vault).text == text
        assert in_pieces(shown, vault, size) == text


@settings(deadline=None, max_examples=250)
@given(conversations, st.sampled_from((*REVERSIBLE, "masked")))
def test_nothing_that_was_found_is_left_in_any_form(said: list[str], style: str) -> None:
    macros, vault = Macros([CODES], style=style), fixed()
    for text in said:
        scrubbed = macros.scrub(text, vault)
        for coded in (json.dumps(scrubbed.text), json.dumps(scrubbed.text, ensure_ascii=False)):
            EgressGuard().check(f'{{"x": {coded}}}'.encode("utf-8", "surrogatepass"), vault, ())
        rest = fold(without(text, scrubbed.spans))
        for span in scrubbed.spans:
            value = text[span.start : span.end]
            assert rule_of(value) != "loose" or fold(value).strip(BREAK) not in rest


@settings(deadline=None, max_examples=150)
@given(texts, st.sampled_from((CODES, *SINGLE)))
def test_another_detector_masks_more_or_the_same(text: str, extra: PatternDetector) -> None:
    fewer, more = Macros([PATTERNS]).scrub(text), Macros([PATTERNS, extra]).scrub(text)
    assert places(fewer.spans) <= places(more.spans)


@settings(deadline=None, max_examples=100)
@given(st.lists(texts, max_size=4))
def test_texts_scrubbed_together_are_as_if_scrubbed_one_by_one(said: list[str]) -> None:
    macros = Macros([CODES])
    together = macros.scrub_many(said, [fixed() for _ in said])
    assert [one.text for one in together] == [macros.scrub(text, fixed()).text for text in said]


def without(text: str, spans: Sequence[Span]) -> str:
    for span in reversed(spans):
        text = text[: span.start] + BREAK + text[span.end :]
    return text


def places(spans: Sequence[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def test_a_value_has_the_same_placeholder_in_the_whole_conversation() -> None:
    macros, vault = Macros([PATTERNS]), Vault()
    first = macros.scrub("ann@corp.com and bob@corp.com", vault).text
    assert first == "[EMAIL_1] and [EMAIL_2]"
    assert macros.scrub("again bob@corp.com", vault).text == "again [EMAIL_2]"
    assert macros.scrub("Ann@corp.com", vault).text == "[EMAIL_3]"


def test_conversations_cannot_be_linked_by_their_hashes() -> None:
    macros = Macros([PATTERNS], style="hash")
    one, two = macros.scrub("ann@corp.com"), macros.scrub("ann@corp.com")
    assert one.text != two.text and len(one.text) == len("[EMAIL_]") + 12


def test_a_known_value_is_found_where_no_detector_looks() -> None:
    macros, vault = Macros([CODES]), Vault()
    macros.scrub("Bluebird, ann.smith@corp.com", vault)
    for text in ("b l u e b i r d", "BLUEBIRD", "Ｂｌｕｅｂｉｒｄ", "%42luebird", "Qmx1ZWJpcmQ=", "426c756562697264"):
        shown = macros.scrub(f"so {text} it is", vault).text
        assert re.fullmatch(r"so \[CODE_\d\][Q=]* it is", shown), shown
    assert macros.scrub("YW5uLnNtaXRoQGNvcnAuY29t", vault).text == "[EMAIL_2]"


def test_what_a_replacement_sets_free_is_replaced_too() -> None:
    macros, vault = Macros([CODES]), Vault()
    macros.scrub("ann@corp.com, Zoë", vault)
    assert macros.scrub("ann@corp.com10.1.2.3ann@corp.com", vault).text == "[EMAIL_1][EMAIL_2]"
    assert macros.scrub("ZoëEMAIL_1", vault).text == "[CODE_1][LITERAL_1]"


def test_placeholders_in_the_users_own_text_are_kept_apart_from_ours() -> None:
    macros, vault = Macros([PATTERNS]), Vault()
    shown = macros.scrub("[EMAIL_1] is ann@corp.com", vault).text
    assert shown == "[EMAIL_1] is [EMAIL_2]"
    later = macros.scrub("I wrote [EMAIL_2], [email 2] and EMAIL_2", vault).text
    assert later == "I wrote [LITERAL_1], [LITERAL_2] and [LITERAL_3]"
    assert macros.restore(later, vault).text == "I wrote [EMAIL_2], [email 2] and EMAIL_2"


def test_a_masked_value_does_not_come_back_and_counts_as_no_loss() -> None:
    macros, vault = Macros([PATTERNS], style="masked"), Vault()
    shown = macros.scrub("ann@corp.com or 10.1.2.30", vault).text
    assert shown == "[EMAIL_MASKED] or [IP_MASKED]"
    restored = macros.restore(shown, vault)
    assert (restored.text, restored.lost, restored.withheld) == (shown, (), ())


def test_single_types_have_a_style_of_their_own() -> None:
    macros = Macros([PATTERNS], styles={"IP": "masked"})
    assert macros.scrub("ann@corp.com 10.1.2.30").text == "[EMAIL_1] [IP_MASKED]"


def test_an_unknown_style_is_refused_with_the_choices() -> None:
    with pytest.raises(SettingsError, match="numbered, masked, hash, surrogate"):
        Macros([], style="blur")


def test_only_limits_what_detectors_may_mask_but_not_what_is_known() -> None:
    macros, vault = Macros([PATTERNS]), Vault()
    assert macros.scrub("ann@corp.com 10.1.2.30", vault, only=("IP",)).text == "ann@corp.com [IP_1]"
    macros.scrub("ann@corp.com", vault)
    assert macros.scrub("ann@corp.com", vault, only=("IP",)).text == "[EMAIL_1]"


@pytest.mark.parametrize(
    "broken",
    [
        Broken(error=ValueError("saw ann@corp.com")),
        Broken(error=RecursionError()),
        Broken(spans=(Span(0, 99, "X"),)),
        Broken(spans=("no span",)),  # type: ignore[arg-type]  # that is what is tested
    ],
)
def test_a_detector_that_fails_leaves_no_text_to_send_and_says_no_value(broken: Broken) -> None:
    vault = Vault()
    macros = Macros([PATTERNS, broken])
    for attempt in (macros.scrub, macros.again):
        with pytest.raises(MacroFailed) as failed:
            attempt("ann@corp.com", vault)
        assert "'broken' failed" in str(failed.value) and "ann" not in str(failed.value)
        assert failed.value.__cause__ is None and failed.value.__suppress_context__
    with pytest.raises(MacroFailed):
        macros.scrub_many(["ann@corp.com"])
    if broken.error:
        with pytest.raises(MacroFailed):
            macros.explain("ann@corp.com")


def test_a_detector_that_takes_too_long_leaves_no_text_to_send() -> None:
    with pytest.raises(MacroFailed, match=r"'broken' exceeded 0\.01 s"):
        Macros([Broken(seconds=0.02)], seconds=0.01).scrub("text")


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "a\0ann@corp.com\0b", "\udfff ann@corp.com \ud800", "🙂" * 9])
def test_odd_characters_come_back(text: str) -> None:
    macros, vault = Macros([CODES]), Vault()
    scrubbed = macros.scrub(text, vault)
    assert "ann" not in scrubbed.text
    assert macros.restore(scrubbed.text, vault).text == text


def test_ten_megabytes_with_values_come_back() -> None:
    macros, vault = Macros([PATTERNS]), Vault()
    line = "The quick brown fox jumps over the lazy dog, and then it sleeps. "
    text = line * 80_000 + "ann@corp.com" + line * 80_000
    scrubbed = macros.scrub(text, vault)
    assert [span.type for span in scrubbed.spans] == ["EMAIL"]
    assert macros.restore(scrubbed.text, vault).text == text


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"user{i}@corp.com " for i in range(5_000)),
        "<a " + "ann@corp.com x " * 5_000,
        "".join(f"https://x.com/?q=u{i}@corp.com " for i in range(3_000)),
        "ann@corp.com " + "".join(f"[EMAIL_{i}] " for i in range(8_000)),
        "ann@corp.com " + "[" * 100_000,
        "ann@corp.com " + "A_" * 50_000,
    ],
    ids=["many values", "a tag that never ends", "many links", "full of placeholders", "brackets", "one long run"],
)
def test_dense_texts_are_scrubbed_and_come_back(text: str) -> None:
    macros, vault = Macros([PATTERNS]), Vault()
    shown = macros.scrub(text, vault).text
    assert "@corp.com" not in shown
    assert macros.restore(shown, vault).text == text


def test_scrubbed_pieces_put_together_keep_what_stands_for_values() -> None:
    macros, vault = Macros([CODES]), Vault()
    macros.scrub("ann@corp.com", vault)
    assert macros.again("[EMAIL_1], Bluebird, ANN@CORP.COM", vault) == "[EMAIL_1], [CODE_1], [EMAIL_2]"
    shown = macros.again("see https://e.com/?q=ann@corp.com", vault)
    assert macros.restore(shown, vault).withheld == ("[EMAIL_1]",)


def test_the_explanation_says_who_found_what_and_what_lost() -> None:
    explained = Macros([PATTERNS, CODES]).explain("Bluebird, ann@corp.com")
    assert [(one.span.type, one.rule) for one in explained[:1]] == [("CODE", "word list")]
    assert {one.lost_to is None for one in explained} == {True}
    long = PatternDetector(DetectorSettings(patterns={"WIDE": (r"for ann@corp\.com now",)}))
    lost = [one for one in Macros([PATTERNS, long]).explain("for ann@corp.com now") if one.lost_to]
    assert [(one.span.type, one.lost_to and one.lost_to.type) for one in lost] == [("EMAIL", "WIDE")]


def test_threads_share_a_vault() -> None:
    macros, vault = Macros([PATTERNS]), Vault()
    said = [" ".join(f"u{(i * 7 + j) % 40}@corp.com" for j in range(20)) for i in range(32)]
    shown: dict[int, str] = {}

    def work(part: int) -> None:
        for place in range(part, len(said), 8):
            shown[place] = macros.scrub(said[place], vault).text

    threads = [threading.Thread(target=work, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vault) == 40 and len({entry.name for entry in vault.entries}) == 40
    assert [macros.restore(shown[i], vault).text for i in range(len(said))] == said


async def test_tasks_share_a_vault() -> None:
    macros, vault = Macros([PATTERNS]), Vault()
    said = [f"u{i % 5}@corp.com wrote to u{i % 7}@corp.com" for i in range(30)]
    shown = await asyncio.gather(*(asyncio.to_thread(macros.scrub, text, vault) for text in said))
    back = await asyncio.gather(*(asyncio.to_thread(macros.restore, one.text, vault) for one in shown))
    assert [one.text for one in back] == said and len(vault) == 7


def test_without_macros_a_text_passes_as_it_is() -> None:
    macros = NoMacros()
    assert macros.scrub("ann@corp.com").text == macros.again("ann@corp.com", Vault()) == "ann@corp.com"
    assert macros.restore_json({"a": ["[EMAIL_1]"]}, Vault()).value == {"a": ["[EMAIL_1]"]}
