"""A drop-in for the official library's `rlm.RLM`: its constructor, its `completion`, its result.

What differs: code runs in the sandbox (`environment` is "local" for compatibility and means it), one budget holds
for the whole tree, text is scrubbed, and options that make no sense here raise with a sentence.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from types import TracebackType
from typing import Any

from self_distill.background import run_sync
from self_distill.budget import Limits, Price
from self_distill.clients.connect import ClientOptions, connect
from self_distill.errors import SettingsError
from self_distill.rlm.loop import REPLY, Options
from self_distill.rlm.trajectory import Event
from self_distill.types import Sampling

logger = logging.getLogger(__name__)
REQUEST = "Answer the request in `context`."
PREVIEW = 80
"""Characters of a sub-call's prompt that a callback is shown."""
WIRE = "self_distill.wire"
"""Settings become a pipeline there; it lies above this package and is reached by name."""
BACKENDS = {"openai": "openai", "vllm": "openai", "openrouter": "openai", "litellm": "litellm", "self-distill": ""}
"""Backend -> prefix of our model names; with "self-distill", `model_name` is one of ours (local/smollm2 …)."""
_REFUSED = {
    "depth": "every loop knows its depth: leave it out",
    "other_backends": "one model answers the whole tree: leave it out",
    "other_backend_kwargs": "one model answers the whole tree: leave it out",
    "environment_kwargs": "the sandbox has no settings here: leave it out",
    "logger": "read `metadata`, listen with `on_event`, or run `self-distill rlm`",
    "persistent": "each completion starts with a fresh REPL: put what it needs into the prompt",
    "custom_tools": "no host function is offered to model-written code; a rule can be called as rules.<task>",
    "custom_sub_tools": "no host function is offered to model-written code; a rule can be called as rules.<task>",
    "compaction_threshold_pct": "there is no compaction",
    "compaction": "outputs are cut and turns bounded instead: see `max_iterations`",
    "user_prologue": "put it into `root_prompt`",
}


@dataclass
class ModelUsageSummary:
    total_calls: int
    total_input_tokens: int
    total_output_tokens: int
    total_cost: float | None = None


@dataclass
class UsageSummary:
    model_usage_summaries: dict[str, ModelUsageSummary]

    @property
    def total_cost(self) -> float | None:
        costs = [one.total_cost for one in self.model_usage_summaries.values() if one.total_cost is not None]
        return sum(costs) if costs else None

    @property
    def total_input_tokens(self) -> int:
        return sum(one.total_input_tokens for one in self.model_usage_summaries.values())

    @property
    def total_output_tokens(self) -> int:
        return sum(one.total_output_tokens for one in self.model_usage_summaries.values())


@dataclass
class RLMChatCompletion:
    """`error` is None, or why the answer is incomplete; `response` is then the best there was, perhaps ""."""

    root_model: str
    prompt: Any
    response: str
    usage_summary: UsageSummary
    execution_time: float
    metadata: dict[str, Any] | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class RLM:
    """`max_depth` counts loops inside one another (0: a plain call), `max_tokens` is for the whole tree, `max_budget`
    in the currency of the price table. Not in the official library: `on_event`, `direct` (a short prompt is answered
    by one plain call; off, as there), `settings` and `pipeline` (one that is already open). Close it, or use it as a
    context manager."""

    def __init__(
        self,
        backend: str = "openai",
        backend_kwargs: Mapping[str, Any] | None = None,
        environment: str = "local",
        *,
        max_depth: int = 1,
        max_iterations: int = 30,
        max_budget: float | None = None,
        max_timeout: float | None = None,
        max_tokens: int | None = None,
        max_errors: int | None = None,
        custom_system_prompt: str | None = None,
        verbose: bool = False,
        max_concurrent_subcalls: int = 4,
        on_subcall_start: Callable[[int, str, str], None] | None = None,
        on_subcall_complete: Callable[[int, str, float, str | None], None] | None = None,
        on_iteration_start: Callable[[int, int], None] | None = None,
        on_iteration_complete: Callable[[int, int, float], None] | None = None,
        sampling_args: Mapping[str, Any] | None = None,
        sub_sampling_args: Mapping[str, Any] | None = None,
        orchestrator: bool = True,
        on_event: Callable[[Event], None] | None = None,
        direct: bool = False,
        settings: Mapping[str, Any] | None = None,
        pipeline: Any = None,
        **others: Any,
    ) -> None:
        _refuse(environment, others)
        self.limits = Limits(
            tokens=max_tokens, money=max_budget, seconds=max_timeout, depth=max_depth, at_once=max_concurrent_subcalls
        )
        self.options = Options(
            turns=max_iterations,
            idle=max_errors or Options().idle,
            direct="auto" if direct else "never" if max_depth else "always",
            sampling=Sampling(**{**asdict(REPLY), **_sampling(sampling_args)}),
            sub_tokens=_sampling(sub_sampling_args).get("max_tokens", Options().sub_tokens),
            system=custom_system_prompt or "",
        )
        self._own = pipeline is None
        self.pipeline = pipeline or _opened(backend, dict(backend_kwargs or {}), dict(settings or {}))
        self._calls = (on_subcall_start, on_subcall_complete, on_iteration_start, on_iteration_complete, on_event)
        self._level = logging.INFO if verbose else logging.DEBUG

    def completion(self, prompt: Any, root_prompt: str | None = None) -> RLMChatCompletion:
        """The answer to `root_prompt` about `prompt`, or to the request that `prompt` is. Works anywhere."""
        return run_sync(self.acompletion(prompt, root_prompt))

    async def acompletion(self, prompt: Any, root_prompt: str | None = None) -> RLMChatCompletion:
        events: list[Event] = []
        tell = self._listener()

        def listen(event: Event) -> None:
            events.append(event)
            tell(event)

        solved = await self.pipeline.recursion.solve(self._asked(prompt, root_prompt), None, listen)
        answer, spent, model = solved.answer, solved.budget.spent, self.pipeline.parts.door.client.name
        cost = solved.budget.money if solved.budget.price != Price() else None
        usage = ModelUsageSummary(solved.budget.calls, spent.tokens_in, spent.tokens_out, cost)
        metadata = {
            "trace": answer.trace,
            "turns": solved.turns,
            "lost": answer.lost,
            "withheld": answer.withheld,
            "events": [event.as_json() for event in events],
        }
        response = "" if answer.value is None else str(answer.value)
        seconds = answer.latency_ms / 1000
        error = None if solved.complete else solved.reason
        return RLMChatCompletion(model, prompt, response, UsageSummary({model: usage}), seconds, metadata, error)

    def stream(self, prompt: Any, root_prompt: str | None = None) -> AsyncIterator[Any]:
        """Events as they happen; last comes what `recursion.Solved` describes."""
        stream: AsyncIterator[Any] = self.pipeline.recursion.stream(self._asked(prompt, root_prompt))
        return stream

    def _asked(self, prompt: Any, root_prompt: str | None) -> Any:
        asked = import_module(WIRE).Asked
        return asked(root_prompt or REQUEST, prompt, limits=self.limits, options=self.options)

    def _listener(self) -> Callable[[Event], None]:
        """Events as the official callbacks."""
        subcall, subcall_done, turn, turn_done, on_event = self._calls
        model = self.pipeline.parts.door.client.name
        open_turns: dict[str, tuple[int, float]] = {}

        def listen(event: Event) -> None:
            logger.log(self._level, "%s %s %s", event.node, event.kind, event.by or event.error)
            if event.kind in ("turn", "end") and event.node in open_turns:
                number, since = open_turns.pop(event.node)
                if turn_done:
                    turn_done(event.depth, number, event.at - since)
            if event.kind == "turn":
                open_turns[event.node] = (event.turn, event.at)
                if turn:
                    turn(event.depth, event.turn)
            elif event.kind == "call" and subcall:
                subcall(event.depth, model, event.text[:PREVIEW])
            elif event.kind == "answer" and subcall_done:
                subcall_done(event.depth, event.by or model, event.seconds, event.error or None)
            if on_event:
                on_event(event)

        return listen

    def close(self) -> None:
        if self._own:
            self.pipeline.close()

    def __enter__(self) -> RLM:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


def _refuse(environment: str, others: Mapping[str, Any]) -> None:
    """Raises `SettingsError` for what the official library takes and this one does not, unless it is switched off."""
    if environment != "local":
        raise SettingsError(f"environment {environment!r}: code runs in the sandbox that comes along: leave it out")
    for name, value in others.items():
        if name not in _REFUSED:
            raise SettingsError(f"RLM has no option {name!r}")
        if value:
            raise SettingsError(f"option {name!r}: {_REFUSED[name]}")


def _opened(backend: str, given: dict[str, Any], settings: dict[str, Any]) -> Any:
    if backend not in BACKENDS:
        raise SettingsError(f"backend {backend!r}: use one of {', '.join(BACKENDS)}; litellm reaches the others")
    name = str(given.pop("model_name", ""))
    if not name:
        raise SettingsError("backend_kwargs need model_name")
    options = ClientOptions(base_url=str(given.pop("base_url", "")), api_key=str(given.pop("api_key", "")))
    if given:
        raise SettingsError(
            f"backend_kwargs: {', '.join(given)} mean nothing here; known are model_name, base_url, api_key"
        )
    model = f"{BACKENDS[backend]}/{name}" if BACKENDS[backend] else name
    return import_module(WIRE).Pipeline(model, client=connect(model, options), **settings)


def _sampling(given: Mapping[str, Any] | None) -> dict[str, Any]:
    known = {"temperature", "seed", "max_tokens"}
    if unknown := sorted(set(given or {}) - known):
        raise SettingsError(f"sampling: {unknown[0]!r} is not passed on; known are {', '.join(sorted(known))}")
    return dict(given or {})
