from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from self_distill.errors import SettingsError
from self_distill.rlm import RLM, RLMChatCompletion
from self_distill.rlm.compat import _REFUSED

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'
OFFICIAL = set(
    "backend backend_kwargs environment environment_kwargs depth max_depth max_iterations max_budget max_timeout "
    "max_tokens max_errors custom_system_prompt other_backends other_backend_kwargs logger verbose persistent "
    "custom_tools custom_sub_tools compaction compaction_threshold_pct max_concurrent_subcalls on_subcall_start "
    "on_subcall_complete on_iteration_start on_iteration_complete sampling_args sub_sampling_args orchestrator "
    "user_prologue".split()
)
"""Of `rlm.RLM` in rlms 0.1.3."""


def test_every_name_of_the_official_constructor_is_known() -> None:
    assert set(inspect.signature(RLM).parameters) | set(_REFUSED) >= OFFICIAL


def test_a_completion_has_the_official_fields(world: Any) -> None:
    w = world('```repl\nx = llm_query("q")\n```', READY.format("x + context"))
    result = RLM(pipeline=w.pipeline, verbose=True).completion("ctx", root_prompt="What?")
    assert isinstance(result, RLMChatCompletion)
    assert (result.root_model, result.prompt, result.response, result.error) == ("scripted", "ctx", "heard 1ctx", None)
    usage = result.usage_summary.model_usage_summaries["scripted"]
    assert usage.total_calls == 3 == len(w.client.sent)
    assert result.usage_summary.total_input_tokens > 0 < result.usage_summary.total_output_tokens
    assert result.usage_summary.total_cost is None and result.execution_time > 0
    assert result.metadata and result.metadata["turns"] == 2
    assert result.to_dict()["usage_summary"]["model_usage_summaries"]["scripted"]["total_calls"] == 3


def test_without_a_root_prompt_the_request_is_the_context(world: Any) -> None:
    w = world(READY.format("context"))
    assert RLM(pipeline=w.pipeline).completion([{"role": "user", "content": "hi"}]).response.startswith("[{'role'")
    assert "Answer the request in `context`" in w.told[0]


def test_an_incomplete_answer_says_why_and_invents_nothing(world: Any) -> None:
    result = RLM(pipeline=world("no code").pipeline, max_iterations=2).completion("ctx")
    assert (result.response, result.error) == ("", "the limit of 2 turns is reached")


def test_it_can_be_awaited_side_by_side_and_followed(world: Any) -> None:
    w = world(READY.format("context"))
    rlm = RLM(pipeline=w.pipeline)

    async def together() -> tuple[list[str], list[str]]:
        results = await asyncio.gather(*(rlm.acompletion(f"text {n}") for n in range(20)))
        kinds = [getattr(item, "kind", "solved") async for item in rlm.stream("text")]
        return [result.response for result in results], kinds

    responses, kinds = asyncio.run(together())
    assert responses == [f"text {n}" for n in range(20)]
    assert kinds == ["start", "turn", "reply", "cell", "end", "solved"]


def test_depth_zero_is_a_plain_call(world: Any) -> None:
    w = world(sub=lambda prompt: "plain")
    assert RLM(pipeline=w.pipeline, max_depth=0).completion("x" * 50_000).response == "plain"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"environment": "docker"}, "sandbox"),
        ({"custom_tools": {"f": print}}, "custom_tools.*no host function"),
        ({"persistent": True}, "persistent.*fresh REPL"),
        ({"other_backends": ["openai"]}, "one model"),
        ({"colour": "red"}, "no option 'colour'"),
        ({"backend": "gemini"}, "litellm reaches the others"),
        ({"backend": "openai"}, "model_name"),
        ({"backend_kwargs": {"model_name": "x", "region": "eu"}}, "region"),
        ({"sampling_args": {"top_p": 0.5}}, "top_p"),
    ],
)
def test_options_that_make_no_sense_here_raise_with_a_sentence(options: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        RLM(**options)


def test_a_limit_in_money_needs_a_price(world: Any) -> None:
    with pytest.raises(SettingsError, match="price"):
        RLM(pipeline=world("x").pipeline, max_budget=1.0).completion("x")


def test_options_that_are_switched_off_are_accepted(world: Any) -> None:
    RLM(pipeline=world("x").pipeline, persistent=False, logger=None, custom_tools=None, compaction=False)


def test_it_opens_and_closes_a_pipeline_of_its_own() -> None:
    kwargs = {"model_name": "m", "base_url": "http://127.0.0.1:9/v1", "api_key": "k"}
    with RLM(backend="openai", backend_kwargs=kwargs) as rlm:
        assert rlm.pipeline.parts.door.client.name == "openai/m"
