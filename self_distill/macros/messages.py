"""Messages as OpenAI-compatible servers take and give them: scrubbed before, restored after."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from self_distill.errors import MacroFailed
from self_distill.macros.arguments import ArgumentRestorer, scrubbed_arguments
from self_distill.macros.calls import CALLS, TEXTS, JsonObject, with_calls, with_text
from self_distill.macros.readings import taken
from self_distill.macros.restore import Restored, restored
from self_distill.macros.scrub import Macros, NoMacros
from self_distill.macros.vault import Vault

ROUNDS = 8
_FIXED = frozenset({"role", "type", "id", "tool_call_id", "index"})
_MEDIA = frozenset(
    {"image_url", "input_image", "image", "images", "input_audio", "audio", "video_url", "file", "input_file"}
)
_FOREIGN = frozenset({"assistant", "tool", "function"})
"""Roles of what was made of scrubbed text: placeholders in it are ours, and links in it not the user's."""


@dataclass(frozen=True, slots=True)
class RestoredMessage:
    """`lost` and `withheld` as in `Restored`; placeholders in the arguments of tools that were not listed are
    withheld."""

    message: dict[str, Any] = field(repr=False)
    lost: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


def scrub_messages(
    messages: Sequence[JsonObject],
    macros: Macros | NoMacros,
    vault: Vault,
    *,
    only: Collection[str] | None = None,
    media: bool = False,
) -> list[dict[str, Any]]:
    """The conversation so far as it may be sent: text, parts of text, calls and results of tools, names. A value
    found anywhere is replaced everywhere. Images, sound and files cannot be looked into and are refused, unless
    `media` lets them pass. Raises `MacroFailed`."""
    scrub = _Scrub(macros, vault, only, media)
    done: list[dict[str, Any]] = [{} for _ in messages]
    known = [-1] * len(messages)
    with vault.lock:
        for _ in range(ROUNDS):
            for place, message in enumerate(messages):
                if known[place] != (now := len(vault.needles)):
                    done[place], known[place] = scrub.message(message), now
            if all(count == len(vault.needles) for count in known):
                return done
    raise MacroFailed("messages: values turn up without end; nothing was sent: shorten the conversation")


def restore_message(message: JsonObject, vault: Vault, restore_into: Collection[str] = ()) -> RestoredMessage:
    """A model's message with the values back in its text, and in the arguments of the tools in `restore_into`."""
    parts: list[Restored] = []

    def kept(part: Restored) -> str:
        parts.append(part)
        return part.text

    def text(shown: str) -> str:
        return kept(restored(shown, vault))

    def called(name: str, shown: str, is_json: bool) -> str:
        if name not in restore_into:
            return kept(Restored(shown, (), placeholders_in(shown, vault)))
        if not is_json:
            return text(shown)
        restorer = ArgumentRestorer(vault)
        return kept(Restored(restorer.close(shown), restorer.lost, restorer.withheld))

    texts = {key: with_text(message[key], text) for key in TEXTS if key in message}
    back = {**message, **texts, **with_calls(message, called)}
    lost = dict.fromkeys(name for part in parts for name in part.lost)
    return RestoredMessage(back, tuple(lost), tuple(dict.fromkeys(n for part in parts for n in part.withheld)))


def placeholders_in(text: str, vault: Vault) -> tuple[str, ...]:
    with vault.lock:
        return tuple(dict.fromkeys(text[start:end] for start, end, _ in taken(text, vault)))


@dataclass(frozen=True, slots=True)
class _Scrub:
    macros: Macros | NoMacros
    vault: Vault
    only: Collection[str] | None
    media: bool

    def message(self, message: JsonObject) -> dict[str, Any]:
        say = self._again if message.get("role") in _FOREIGN else self._text
        done = {key: self._field(key, value, say) for key, value in message.items() if key not in CALLS}
        return done | with_calls(message, self._arguments)

    def _field(self, key: str, value: Any, say: Callable[[str], str]) -> Any:
        """Every string of a field but those of the protocol itself; what is not known is text."""
        if key in _FIXED or value is None:
            return value
        if key in _MEDIA or (isinstance(value, Mapping) and value.get("type") in _MEDIA):
            return self._medium(value)
        if isinstance(value, str):
            return _nameable(say(value)) if key == "name" else say(value)
        if isinstance(value, Mapping):
            return {inner: self._field(inner, item, say) for inner, item in value.items()}
        return [self._field(key, item, say) for item in value] if isinstance(value, list | tuple) else value

    def _medium(self, value: Any) -> Any:
        if self.media:
            return value
        raise MacroFailed(
            "messages: an image, sound or file cannot be looked into; nothing was sent: "
            "leave it out, or let it pass with media=True"
        )

    def _text(self, text: str) -> str:
        return self.macros.scrub(text, self.vault, self.only).text

    def _again(self, text: str) -> str:
        return self.macros.again(text, self.vault, self.only)

    def _arguments(self, name: str, shown: str, is_json: bool) -> str:
        return scrubbed_arguments(shown, self._again) if is_json else self._again(shown)


def _nameable(name: str) -> str:
    """Servers allow no brackets in the name of who speaks."""
    return name.replace("[", "").replace("]", "")
