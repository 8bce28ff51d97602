"""Recursive language models: `from self_distill.rlm import RLM` has the constructor of the official library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from self_distill.rlm.compat import RLM, RLMChatCompletion

__all__ = ["RLM", "RLMChatCompletion"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from self_distill.rlm import compat

    return getattr(compat, name)
