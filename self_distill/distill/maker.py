"""A model as maker: it writes several programs, sees failures on train, and repairs while that pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from self_distill.distill import prompts
from self_distill.distill.craft import Craft, RuleCraft
from self_distill.distill.program import NoProgram, Rows, program
from self_distill.distill.trial import Trial
from self_distill.door import Door, Errand
from self_distill.errors import EgressBlocked, LimitError, ModelError
from self_distill.macros.egress import EgressGuard
from self_distill.macros.vault import Vault
from self_distill.protocols import Interpreter
from self_distill.task import Task
from self_distill.types import Example, Message, ModelRequest, Sampling, Usage

NAMES = ("PERSON", "ORGANISATION", "LOCATION")
LEAST = 200
"""Characters of a reply that may be sent again: to exempt a shorter one would exempt its words wherever they stand."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One reply of a maker. Either `code` with its `trial` on train, or the `problem` that it had."""

    candidate: int
    repair: int
    usage: Usage
    code: str = ""
    trial: Trial | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        return f"candidate {self.candidate}" + (f", repair {self.repair}" if self.repair else "")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a maker may try. `room` bounds the characters of examples in a prompt."""

    candidates: int = 3
    repairs: int = 2
    shown: int = 24
    room: int = 8_000
    sampling: Sampling = field(default_factory=lambda: Sampling(max_tokens=2048))


@dataclass(frozen=True, slots=True)
class ModelMaker:
    """`toolkit` is the summary of what the sandbox defines for programs; `notice` hears of each attempt."""

    door: Door
    interpreter: Interpreter
    effort: Effort = field(default_factory=Effort)
    toolkit: str = ""
    notice: Callable[[Attempt], None] = lambda attempt: None
    craft: Craft = field(default_factory=RuleCraft)

    @property
    def name(self) -> str:
        return self.door.client.name

    async def make(self, task: Task, train: Sequence[Example], errand: Errand) -> list[Attempt]:
        """All attempts, in order. A spent budget or a failing model ends the making; what exists is kept.
        Examples are shown to the model as they are: scrub them first."""
        attempts: list[Attempt] = []
        rows = Rows(example.text for example in train)
        for number in range(1, self.effort.candidates + 1):
            try:
                await self._candidate(task, train, rows, number, errand, attempts)
            except (LimitError, ModelError) as error:
                attempts.append(self._told(Attempt(number, 0, Usage(), problem=str(error))))
                if isinstance(error, LimitError):
                    break
            if any(_perfect(attempt) for attempt in attempts):
                break  # another program could not do better on train, and would cost
        return attempts

    async def _candidate(
        self,
        task: Task,
        train: Sequence[Example],
        rows: Rows,
        number: int,
        errand: Errand,
        attempts: list[Attempt],
    ) -> None:
        """One candidate and its repairs; a repair that gains nothing on train is the last one."""
        few = self._few(train)
        messages = self.craft.ask(task, few, self.toolkit, number, self.effort.candidates)
        best = float("-inf")
        for repair in range(self.effort.repairs + 1):
            label = f"make {task.name} {number}.{repair}"
            own = tuple(m.content for m in messages if m.role == "assistant" and guessed(m.content, errand.vault))
            try:
                reply = await self.door.ask(self._request(task, messages, label, own), errand)
            except EgressBlocked as error:
                if not repair:
                    raise
                # The program, or a failure, has a word that is a masked value of some example: a name that is a word.
                attempts.append(self._told(Attempt(number, repair, Usage(), problem=f"not asked for: {error}")))
                return
            attempt = self._told(await self._attempt(task, train, rows, number, repair, reply.text, reply.usage))
            attempts.append(attempt)
            net = attempt.trial.net(task.risk) if attempt.trial else float("-inf")
            if _perfect(attempt) or (repair and net <= best):
                return
            best = max(best, net)
            found = self.craft.finding(attempt.trial) if attempt.trial else attempt.problem
            messages = prompts.repair(messages[:2], reply.text, found)

    async def _attempt(
        self,
        task: Task,
        train: Sequence[Example],
        rows: Rows,
        number: int,
        repair: int,
        reply: str,
        usage: Usage,
    ) -> Attempt:
        try:
            code = program(reply, rows, self.craft.entry)
        except NoProgram as error:
            return Attempt(number, repair, usage, problem=str(error))
        return Attempt(number, repair, usage, code, await self.craft.tried(code, task, train, self.interpreter))

    def _request(
        self, task: Task, messages: tuple[Message, ...], label: str, own: tuple[str, ...] = ()
    ) -> ModelRequest:
        constant = (self.craft.system, self.toolkit, task.instructions.strip(), prompts.form(task), *prompts.STRATEGIES)
        frames = (*constant, *own)
        return ModelRequest(self.name, messages, self.effort.sampling, label=label, frames=frames)

    def _few(self, train: Sequence[Example]) -> list[Example]:
        """As many examples as there is room for, labels in turn, so that rare ones are seen."""
        by_label: dict[str, list[Example]] = {}
        for example in train:
            by_label.setdefault(repr(example.label), []).append(example)
        turns = [e for row in zip_longest(*by_label.values()) for e in row if e is not None]
        few: list[Example] = []
        left = self.effort.room
        for example in turns:
            left -= len(example.text)
            if len(few) == self.effort.shown or (left < 0 and few):
                break
            few.append(example)
        return few

    def _told(self, attempt: Attempt) -> Attempt:
        self.notice(attempt)
        return attempt


def _perfect(attempt: Attempt) -> bool:
    trial = attempt.trial
    return trial is not None and trial.n > 0 and trial.answered == trial.n and trial.wrong == 0


def guessed(reply: str, vault: Vault) -> bool:
    """Whether a maker may be sent its own reply again. A name in it (apple, an organisation in some example) is a word
    that it knew; a number or an address cannot be guessed, so there the request is refused as any other."""
    if len(reply) < LEAST:
        return False
    strict = Vault()
    for value, type_ in vault.noted():
        if type_ not in NAMES or any(map(str.isdigit, value)):
            strict.note(value, type_)
    try:
        EgressGuard().check(reply.encode("utf-8", "surrogatepass"), strict, ())
    except EgressBlocked:
        return False
    return True


def best_of(attempts: Sequence[Attempt], risk: float) -> Attempt | None:
    """The attempt that is worth most on its trial; the shorter of two equals."""
    made = [attempt for attempt in attempts if attempt.trial]
    return max(made, key=lambda a: (a.trial.net(risk) if a.trial else 0.0, -len(a.code)), default=None)


def spent(attempts: Sequence[Attempt]) -> Usage:
    total = Usage()
    for attempt in attempts:
        total += attempt.usage
    return total
