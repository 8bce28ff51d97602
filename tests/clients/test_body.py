from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from self_distill.clients.body import as_schema, bare, chat_messages, decode_request, encode_request, to_bytes
from self_distill.clients.cassette import request_key
from self_distill.types import Matching, Message, ModelRequest, OneOf, Sampling

anything = st.text(st.characters(), max_size=50)  # lone surrogates too
constraints = st.one_of(
    st.none(), st.lists(anything, min_size=1, max_size=3).map(lambda labels: OneOf(tuple(labels))),
    st.just(Matching({"type": "array", "items": {"enum": [1, None]}})),
)  # fmt: skip


@given(anything, st.floats(0, 2), st.integers(0, 2**31), constraints)
def test_a_request_survives_its_bytes(
    text: str, temperature: float, seed: int, constraint: OneOf | Matching | None
) -> None:
    asked = ModelRequest("m", (Message("user", text),), Sampling(temperature, seed), constraint, "label")
    assert decode_request(encode_request(asked)) == asked
    assert request_key(decode_request(encode_request(asked))) == request_key(asked)


@given(anything)
def test_any_text_can_be_sent_and_only_lone_surrogates_change(text: str) -> None:
    (message,) = json.loads(to_bytes(chat_messages(ModelRequest("m", (Message("user", text),)))))
    wanted = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert message == {"role": "user", "content": wanted}


@pytest.mark.parametrize("text", ['"yes"', "yes"])
def test_a_label_comes_back_bare(text: str) -> None:
    assert bare(as_schema(ModelRequest("m", (), constraint=OneOf(("yes", "no")))), text) == "yes"


def test_an_answer_in_json_stays_json() -> None:
    schema = {"type": "string", "enum": ["yes"]}
    assert bare(as_schema(ModelRequest("m", (), constraint=Matching(schema))), '"yes"') == '"yes"'
    assert bare(None, '"yes"') == '"yes"'
