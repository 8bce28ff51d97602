from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import pytest_asyncio

from self_distill.clients.connect import connect
from self_distill.clients.local import Local
from self_distill.clients.openai import OpenAI
from self_distill.clients.options import ClientOptions
from self_distill.errors import ModelRefused, UnknownModel
from self_distill.types import Matching, Message, ModelRequest, OneOf, Reply, Sampling

pytestmark = pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs the extra `local`")
SAID = (Message("user", "Is the sentence acceptable: She go home. Answer yes or no."),)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model() -> AsyncIterator[Local]:
    made = connect("local/smollm2", ClientOptions(context=1024))
    assert isinstance(made, Local)
    yield made
    await made.close()


async def ask(model: Local, request: ModelRequest) -> Reply:
    return await model.send(model.encode(request))


async def test_the_embedded_model_answers_the_same_twice_and_counts_its_tokens(model: Local) -> None:
    request = ModelRequest(model.name, SAID, Sampling(max_tokens=12))
    first, second = await ask(model, request), await ask(model, request)
    assert first.text == second.text and first.text
    assert first.usage.counted == "tokenizer" and 20 < first.usage.tokens_in < 80 and 0 < first.usage.tokens_out <= 12


async def test_labels_and_schemas_bind_the_answer(model: Local) -> None:
    one = await ask(model, ModelRequest(model.name, SAID, constraint=OneOf(("maybe", 'so "so"'))))
    assert one.text in ("maybe", 'so "so"')
    schema = {"type": "array", "items": {"type": "string", "enum": ["A", "B"]}, "minItems": 1, "maxItems": 1}
    many = await ask(model, ModelRequest(model.name, SAID, Sampling(max_tokens=60), Matching(schema)))
    assert json.loads(many.text) in (["A"], ["B"])


async def test_temperature_and_seed_reach_the_model(model: Local) -> None:
    said = (Message("user", "Tell me a story."),)
    texts = {seed: (await ask(model, ModelRequest(model.name, said, Sampling(1.5, seed, 8)))).text for seed in (1, 2)}
    again = (await ask(model, ModelRequest(model.name, said, Sampling(1.5, 1, 8)))).text
    assert texts[1] != texts[2] and again == texts[1]


async def test_a_text_beyond_the_window_is_refused_with_what_to_do(model: Local) -> None:
    with pytest.raises(ModelRefused, match="2031 tokens and the window 1024: shorten it"):
        await ask(model, ModelRequest(model.name, (Message("user", "word " * 2000),)))


async def test_the_openai_client_talks_to_llama_cpp_own_server(model: Local) -> None:
    one = OpenAI("openai/smollm2", ClientOptions(base_url=f"{model.address()}/v1"))
    request = ModelRequest(one.name, SAID, Sampling(max_tokens=40), OneOf(("yes", "no")))
    reply = await one.send(one.encode(request))
    await one.close()
    assert reply.text in ("yes", "no")
    assert reply.usage.counted == "server" and reply.usage.tokens_in > 20


def test_a_missing_or_broken_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="there is no file"):
        connect(f"gguf/{tmp_path}/none.gguf")
    with pytest.raises(UnknownModel, match="no embedded model"):
        connect("local/giant")
