"""self-distill: programs that a model wrote once answer its repeated sub-tasks, with a bounded error."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from self_distill.macros.chunks import restore_stream
    from self_distill.macros.messages import restore_message, scrub_messages
    from self_distill.macros.vault import Vault
    from self_distill.task import Task
    from self_distill.types import Answer
    from self_distill.wire import Pipeline, make_macros

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "Pipeline",
    "Task",
    "Vault",
    "make_macros",
    "restore_message",
    "restore_stream",
    "scrub_messages",
]
_HOME = {
    "Answer": "types",
    "Pipeline": "wire",
    "Task": "task",
    "Vault": "macros.vault",
    "make_macros": "wire",
    "restore_message": "macros.messages",
    "restore_stream": "macros.chunks",
    "scrub_messages": "macros.messages",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that `import self_distill` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"self_distill.{_HOME[name]}"), name)
