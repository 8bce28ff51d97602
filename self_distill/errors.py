"""The one tree of errors. Every message is one line that says what to do.

SelfDistillError
├── CallerError            the call was wrong (exit 2)
│   ├── SettingsError          a setting, a pattern or a task file
│   ├── DataError              a data set, a file, a row
│   ├── UnknownModel           no such model or adapter
│   └── MissingExtra           an optional package is not installed
├── ModelError             a model or its server failed
│   ├── ModelUnavailable       refused, dropped, timed out, 429, 5xx: worth another attempt
│   ├── ModelRefused           the server says no to this request: another attempt is pointless
│   ├── BadReply               the reply cannot be read
│   └── ReplayMiss             a cassette has no such request
├── SafetyError            the door stays closed; nothing was sent
│   ├── MacroFailed            a macro raised or exceeded its time
│   ├── EgressBlocked          an original value was in the outgoing bytes
│   └── VaultError             wrong key, cut or expired file, unknown vault
├── LimitError             a budget or limit is spent; `partial` holds what there is
├── AnswerError            a model's answer is outside the answer space of its task
└── SandboxBroken          the sandbox itself failed (a rule that fails is a `Fault`, no exception)
"""

from __future__ import annotations


class SelfDistillError(Exception):
    exit_code = 1


class CallerError(SelfDistillError):
    exit_code = 2


class SettingsError(CallerError):
    pass


class DataError(CallerError):
    pass


class UnknownModel(CallerError):
    pass


class MissingExtra(CallerError):
    def __init__(self, what: str, extra: str, pip: str = "") -> None:
        how = pip or f"pip install 'rlm-self-distill[{extra}]'"
        super().__init__(f"{what} needs the extra `{extra}`: uv run --extra {extra} …, or {how}")


class ModelError(SelfDistillError):
    pass


class ModelUnavailable(ModelError):
    """`retry_after` is what the server asked us to wait, in seconds, if it did."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelRefused(ModelError):
    pass


class BadReply(ModelError):
    pass


class ReplayMiss(ModelError):
    pass


class SafetyError(SelfDistillError):
    pass


class MacroFailed(SafetyError):
    pass


class EgressBlocked(SafetyError):
    pass


class VaultError(SafetyError):
    pass


class LimitError(SelfDistillError):
    def __init__(self, message: str, partial: object = None) -> None:
        super().__init__(message)
        self.partial = partial


class AnswerError(SelfDistillError):
    pass


class SandboxBroken(SelfDistillError):
    pass
