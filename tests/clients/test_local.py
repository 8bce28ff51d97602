from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from self_distill.clients.connect import connect
from self_distill.clients.local import Local, weights
from self_distill.clients.openai import OpenAI
from self_distill.clients.options import ClientOptions
from self_distill.errors import ModelRefused, UnknownModel
from self_distill.types import Matching, Message, ModelRequest, OneOf, Reply, Sampling

pytestmark = pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs the extra `local`")
SAID = (Message("user", "Is the sentence acceptable: She go home. Answer yes or no."),)


@pytest.fixture(scope="session")
def model() -> Iterator[Local]:
    made = connect("local/smollm2", ClientOptions(context=1024))
    assert isinstance(made, Local)
    yield made
    asyncio.run(made.close())


async def ask(model: Local, request: ModelRequest) -> Reply:
    return await model.send(model.encode(request))


async def test_the_embedded_model_answers_the_same_twice_and_counts_its_tokens(model: Local) -> None:
    request = ModelRequest(model.name, SAID, Sampling(max_tokens=12))
    first, second = await ask(model, request), await ask(model, request)
    assert first.text == second.text and first.text
    assert first.usage.counted == "tokenizer" and 20 < first.usage.tokens_in < 80 and 0 < first.usage.tokens_out <= 12


async def test_labels_bind_the_answer_whatever_is_in_them(model: Local) -> None:
    for labels in (("maybe", 'so "so"'), ('"quoted"', "back\\slash"), ("née 😀", "a\nb")):
        reply = await ask(model, ModelRequest(model.name, SAID, Sampling(max_tokens=24), OneOf(labels)))
        assert reply.text in labels


async def test_a_schema_binds_the_answer(model: Local) -> None:
    schema = {"type": "array", "items": {"type": "string", "enum": ["A", "B"]}, "minItems": 1, "maxItems": 1}
    reply = await ask(model, ModelRequest(model.name, SAID, Sampling(max_tokens=60), Matching(schema)))
    assert json.loads(reply.text) in (["A"], ["B"])


async def test_a_schema_that_cannot_be_followed_is_refused(model: Local) -> None:
    with pytest.raises(ModelRefused, match="schema is none that") as caught:
        await ask(model, ModelRequest(model.name, SAID, constraint=Matching({"type": "bogus"})))
    assert "\n" not in str(caught.value)


async def test_the_event_loop_lives_while_the_model_computes(model: Local) -> None:
    ticks = 0
    call = asyncio.create_task(ask(model, ModelRequest(model.name, SAID, Sampling(max_tokens=4))))
    while not call.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks > 1 and call.result().text


async def test_calls_at_once_come_one_by_one_and_a_cancelled_one_is_not_made(model: Local) -> None:
    one, two, three = (
        asyncio.create_task(ask(model, ModelRequest(model.name, SAID, Sampling(max_tokens=2)))) for _ in range(3)
    )
    await asyncio.sleep(0)
    two.cancel()
    assert (await one).text == (await three).text
    assert two.cancelled()


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


def test_a_name_without_a_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="there is no file"):
        connect(f"gguf/{tmp_path}/none.gguf")
    with pytest.raises(UnknownModel, match="there is no file"):
        connect(f"gguf/{tmp_path}")
    with pytest.raises(UnknownModel, match="no embedded model"):
        connect("local/giant")


async def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF" + bytes(range(256)))
    model = Local(f"gguf/{tmp_path}/m.gguf")
    with pytest.raises(UnknownModel, match="cannot be loaded as GGUF") as caught:
        await ask(model, ModelRequest(model.name, SAID))
    assert "\n" not in str(caught.value)
    await model.close()


async def test_any_file_runs_as_the_embedded_one_does_and_loads_again_after_its_close() -> None:
    model = Local(f"gguf/{weights('local/smollm2')}", ClientOptions(context=256, threads=1))
    request = ModelRequest(model.name, SAID, Sampling(max_tokens=2))
    first = await ask(model, request)
    await model.close()
    assert (await ask(model, request)).text == first.text
    await model.close()
