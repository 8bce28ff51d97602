from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from self_distill.macros.arguments import ArgumentRestorer, scrubbed_arguments
from self_distill.macros.vault import Entry, Vault


def filled() -> Vault:
    vault = Vault()
    vault.add(Entry('a"\n\\', "CODE", "CODE_1", "[CODE_1]"))
    return vault


def hidden(text: str) -> str:
    return text.replace("secret", "[CODE_1]").replace("41", "[AGE_1]")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ('{"a":  "secret" , "b": [ "x\\/y", 1.50 ]}', '{"a":  "[CODE_1]" , "b": [ "x\\/y", 1.50 ]}'),
        ('{"secret": "\\u0073ecret"}', '{"[CODE_1]": "[CODE_1]"}'),
        ('{"age": 41, "n": -41.5}', '{"age": "[AGE_1]", "n": "-[AGE_1].5"}'),
        ('{"a": "secret", "b": "sec', '{"a": "[CODE_1]", "b": "sec'),
        ('{"a": "sec\\xret secret"}', '{"a": "sec\\\\xret [CODE_1]"}'),
        ("no json: secret, 41", "no json: [CODE_1], [AGE_1]"),
        ("{'a': 'secret'}", "{'a': '[CODE_1]'}"),
        ("", ""),
        ("null", "null"),
    ],
)
def test_only_what_changes_is_written_anew(told: str, shown: str) -> None:
    assert scrubbed_arguments(told, hidden) == shown


def test_a_key_is_seen_together_with_its_value() -> None:
    seen: list[str] = []

    def say(text: str) -> str:
        seen.append(text)
        return text

    scrubbed_arguments('{"social security": 536228714, "a": "\\u00e9"}', say)
    assert seen[0] == "{social security: 536228714, a: é}"


PIECES = (
    '"',
    "\\",
    "\\u005b",
    "[CODE_1]",
    "\\n",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\ude00",
    "x",
    "{",
    ":",
    "\\u12",
    "\n",
    "CODE",
    "é",
)
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(deadline=None, max_examples=300)
@given(texts, st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_however_arguments_are_cut_the_result_is_the_same(text: str, sizes: list[int]) -> None:
    whole, pieces = ArgumentRestorer(filled()), ArgumentRestorer(filled())
    out, at = "", 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        out += pieces.feed(text[at : at + size])
        at += size
    assert out + pieces.close() == whole.close(text)
    assert (pieces.lost, pieces.withheld) == (whole.lost, whole.withheld)


@settings(deadline=None, max_examples=200)
@given(
    st.recursive(st.text(max_size=6) | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3)),
    st.booleans(),
)
def test_json_without_placeholders_means_the_same_afterwards(value: object, ascii_: bool) -> None:
    back = ArgumentRestorer(filled()).close(json.dumps(value, ensure_ascii=ascii_))
    assert json.loads(back) == value
    back.encode()


def test_placeholders_outside_of_strings_are_left_and_reported() -> None:
    restorer = ArgumentRestorer(filled())
    assert restorer.close('{"a": [CODE_1]}') == '{"a": [CODE_1]}'
    assert restorer.withheld == ("[CODE_1]",)


def test_long_arguments_full_of_escapes_are_restored() -> None:
    text = json.dumps({"a": "\n" * 50_000 + "[CODE_1]"})
    assert json.loads(ArgumentRestorer(filled()).close(text)) == {"a": "\n" * 50_000 + 'a"\n\\'}
