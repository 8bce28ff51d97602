"""From examples to acting rules, with makers that are told what to write; the negative controls among them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from self_distill import wire
from self_distill.background import run_sync
from self_distill.budget import Price
from self_distill.certificates.counter import Tally
from self_distill.distill.distillation import Distilled, Job, Make, distil
from self_distill.distill.evidence import Evidence
from self_distill.distill.figures import Prices, curve, figures
from self_distill.distill.install import install
from self_distill.distill.maker import Attempt
from self_distill.distill.report import report
from self_distill.distill.scrubbing import Covered, covered
from self_distill.distill.trial import tried
from self_distill.errors import DataError
from self_distill.rules.store import Store
from self_distill.sandbox.pool import Sandbox
from self_distill.task import Task
from self_distill.tracking.ledger import SqlLedger
from self_distill.types import Decision, Example, Ruled, Usage
from tests.distill.parity import HALF, PARITY, RIGHT, examples


def writes(*codes: str, tokens: int = 100) -> Make:
    """A maker that hands in these programs."""

    async def make(evidence: Evidence, hidden: Covered) -> list[Attempt]:
        sandbox = wire.make_sandbox()
        try:
            return [
                Attempt(i, 0, Usage(tokens, 0), code, await tried(code, PARITY, evidence.train, sandbox))
                for i, code in enumerate(codes, 1)
            ]
        finally:
            await sandbox.close()

    return make


def outcome(
    home: Path, make: Make, rows: Sequence[Example], task: Task = PARITY, folder: Path | None = None, **job: object
) -> Distilled:
    async def work() -> Distilled:
        sandbox: Sandbox = wire.make_sandbox()
        try:
            given = replace(Job(task, rows, "scripted"), **job)  # type: ignore[arg-type]  # a test's own fields
            tally = Tally(home / "state", folder)
            return await distil(given, wire.make_macros(), make, sandbox, tally, SqlLedger())
        finally:
            await sandbox.close()

    return run_sync(work())


def reasons(done: Distilled) -> list[str]:
    return [refusal.why for refusal in done.finals[0].refusals] if done.finals else ["not selected"]


def test_a_right_program_is_certified_and_acts_from_its_folder(tmp_path: Path) -> None:
    done = outcome(tmp_path, writes(RIGHT), examples(300))
    rules = install(done, tmp_path / "tools")
    store = Store((tmp_path / "tools",))
    assert done.certificate and rules[0].status == "certified"
    assert [rule.hash for rule in store.cascade("parity")] == list(done.certificate.rules)
    shown = figures(done, rules)
    assert shown["cascade"]["test"]["accuracy"] == 1 and shown["cascade"]["certify"]["wrong"] == 0
    assert shown["break_even"] and shown["savings"]["1000000"] > 0 > shown["savings"]["100"] - 1e6


def test_the_same_examples_and_program_again_cost_no_further_test(tmp_path: Path) -> None:
    first = outcome(tmp_path, writes(RIGHT), examples(300))
    again = outcome(tmp_path, writes(RIGHT), examples(300))
    assert first.certificate and again.certificate
    assert first.certificate.verdict.j == again.certificate.verdict.j == 1


def test_a_fresh_tools_folder_does_not_reset_the_count_of_tests(tmp_path: Path) -> None:
    outcome(tmp_path, writes(RIGHT), examples(300), folder=tmp_path / "a")
    other = outcome(tmp_path, writes(RIGHT + "\n# other\n"), examples(300), folder=tmp_path / "b")
    assert other.certificate and other.certificate.verdict.j == 2


def test_a_refused_one_is_a_candidate_that_does_not_act(tmp_path: Path) -> None:
    coin = 'def run(text: str):\n    return "odd" if len(text) % 3 else "even"\n'
    done = outcome(tmp_path, writes(coin), examples(300))
    install(done, tmp_path / "tools")
    assert done.certificate is None
    assert Store((tmp_path / "tools",)).cascade("parity") == ()


def test_a_better_cascade_takes_the_place_of_the_old_one_which_is_retired(tmp_path: Path) -> None:
    folder = tmp_path / "tools"
    install(outcome(tmp_path, writes(HALF), examples(600)), folder)
    old = Store((folder,)).cascade("parity")
    install(outcome(tmp_path, writes("# two\n" + RIGHT), examples(600)), folder)
    (new,) = Store((folder,)).cascade("parity")
    assert [rule.status for rule in old] == ["certified"] and new.hash != old[0].hash
    assert {rule.status for rule in Store((folder,)).rules()} == {"certified", "retired"}


def test_approved_by_hand_waits_as_a_candidate_with_its_certificate(tmp_path: Path) -> None:
    rules = install(outcome(tmp_path, writes(RIGHT), examples(300)), tmp_path / "tools", by_hand=True)
    (kept,) = Store((tmp_path / "tools",)).rules()
    assert rules[0].card.certificate and kept.status == "candidate" and kept.card.certificate


CONTROLS = {
    "return True": 'def run(text: str):\n    return "odd"\n',
    "reads a file": 'def run(text: str):\n    return open("/etc/hostname").read()\n',
    "asks the network": "import socket\n\n\ndef run(text: str):\n    return socket.gethostname()\n",
    "loops": "def run(text: str):\n    while True:\n        pass\n",
    "answers outside the space": 'def run(text: str):\n    return "maybe"\n',
    "abstains": "def run(text: str):\n    return None\n",
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_program_that_cheats_or_fails_is_never_certified(name: str, tmp_path: Path) -> None:
    done = outcome(tmp_path, writes(CONTROLS[name]), examples(300))
    assert done.certificate is None
    assert figures(done)["cascade"]["reason"]


def test_a_program_that_is_right_on_train_only_is_not_certified(tmp_path: Path) -> None:
    async def make(evidence: Evidence, hidden: Covered) -> list[Attempt]:
        table = {example.text: example.label for example in evidence.train}
        code = f"TABLE = {table!r}\n\n\ndef run(text: str):\n    return TABLE.get(text, 'odd')\n"
        return [Attempt(1, 0, Usage(100), code)]

    assert reasons(outcome(tmp_path, make, examples(300))) != []
    assert outcome(tmp_path, make, examples(300)).certificate is None


def test_a_program_whose_answers_change_is_refused_without_a_test(tmp_path: Path) -> None:
    class Moody:
        """An interpreter whose programs answer otherwise at every second look."""

        def __init__(self) -> None:
            self.calls = 0

        async def run(self, code: str, text: str) -> Decision:
            return (await self.run_many(code, [text]))[0]

        async def run_many(self, code: str, texts: Sequence[str]) -> list[Decision]:
            self.calls += 1
            return [Ruled("even" if (t.count("x") + (self.calls > 9)) % 2 == 0 else "odd", "") for t in texts]

        async def close(self) -> None: ...

    tally = Tally(tmp_path / "state")
    job = Job(PARITY, examples(300), "scripted")
    done = run_sync(distil(job, wire.make_macros(), writes(RIGHT), Moody(), tally, SqlLedger()))
    assert reasons(done) == ["changing"]
    assert tally.following(done.evidence.touched) == 1


def test_what_a_program_keeps_between_calls_is_gone_at_the_next_so_it_is_judged_as_it_runs(tmp_path: Path) -> None:
    keeps = RIGHT.replace("    n =", "    seen.append(1)\n    n = len(seen) - 1 +").replace(
        "\ndef", "\nseen = []\n\n\ndef"
    )
    assert outcome(tmp_path, writes(keeps), examples(300)).certificate


def test_a_program_sees_no_id_so_that_it_cannot_peek(tmp_path: Path) -> None:
    rows = [replace(row, id=f"{row.label}-{row.id}") for row in examples(300)]
    peeks = 'def run(text: str):\n    return "odd" if "odd" in text else "even" if "even" in text else None\n'
    assert outcome(tmp_path, writes(peeks), rows).certificate is None


def test_shuffled_labels_certify_nothing_of_two_hundred_candidates(tmp_path: Path) -> None:
    rows = examples(400)
    labels = [row.label for row in rows]
    random.Random(1).shuffle(labels)
    shuffled = [replace(row, label=label) for row, label in zip(rows, labels, strict=True)]
    codes = [
        f"def run(text: str):\n    if len(text) % {k % 5 + 1} == 0:\n        return None\n"
        f'    return "odd" if text.count("{"xabz"[k % 4]}") % {k % 7 + 2} == 0 else "even"\n# {k}\n'
        for k in range(200)
    ]
    done = outcome(tmp_path, writes(*codes), shuffled)
    assert len(done.candidates) == 200 and done.certificate is None


def test_too_few_examples_are_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    async def never(evidence: Evidence, hidden: Covered) -> list[Attempt]:
        raise AssertionError("the maker was asked")

    with pytest.raises(DataError, match="give about"):
        outcome(tmp_path, never, examples(60))


def test_a_rule_that_cannot_pay_at_the_expected_volume_is_refused_without_a_test(tmp_path: Path) -> None:
    done = outcome(tmp_path, writes(RIGHT, tokens=1_000_000), examples(300), requests=100)
    assert reasons(done) == ["dear"]
    assert Tally(tmp_path / "state").following(done.evidence.touched) == 1


def test_with_a_model_as_teacher_the_figures_speak_of_agreement(tmp_path: Path) -> None:
    done = outcome(tmp_path, writes(RIGHT), examples(300), teacher="openai/x")
    tested = figures(done)["cascade"]["test"]
    assert tested["agreement"] == 1 and tested["accuracy"] is None
    assert done.certificate and "disagree with openai/x" in done.certificate.claim


def test_the_curve_has_a_point_for_each_program_and_bounds_above_the_risk(tmp_path: Path) -> None:
    points = curve(outcome(tmp_path, writes(HALF, RIGHT), examples(300)))
    assert len(points) == 2 and all(point["bound"] >= point["risk"] for point in points)


def test_examples_are_scrubbed_and_their_labels_with_them() -> None:
    task = Task("who", "Whose address is it?", answer="string")
    rows = [Example("1", "Write to ada@example.org today", "ada@example.org")]
    hidden = covered(task, rows, wire.make_macros())
    assert hidden.examples[0].text == "Write to [EMAIL_1] today" and hidden.examples[0].label == "[EMAIL_1]"


def test_what_is_masked_in_one_example_and_clear_in_another_is_not_told_to_a_maker() -> None:
    task = Task("who", "Whose?", answer="string")
    rows = [Example("1", "Write to ada.king@example.org", "a"), Example("2", "nothing here", "b")]
    hidden = covered(task, rows, wire.make_macros())
    leaky = replace(rows[1], text="the words ada.king at example: ada.king@example.org")
    assert hidden.tellable([*hidden.examples, leaky]) == hidden.examples


def test_a_report_shows_the_outcome_and_escapes_what_a_program_says(tmp_path: Path) -> None:
    hostile = RIGHT.replace('f"{n} x"', '"<script>alert(1)</script>"')
    done = outcome(tmp_path, writes(hostile, HALF), examples(300))
    rules = install(done, tmp_path / "tools")
    page = report(done, figures(done, rules), rules)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "parity: certified" in page and page.count("<svg") == 3
    assert not any(row.text in page for row in done.evidence.train)


def test_a_report_of_a_refusal_says_why(tmp_path: Path) -> None:
    done = outcome(tmp_path, writes(CONTROLS["abstains"]), examples(300))
    assert "no program is worth its errors" in report(done, figures(done), install(done, tmp_path / "tools"))


def test_with_a_price_table_the_figures_are_in_money_too(tmp_path: Path) -> None:
    done = outcome(tmp_path, writes(RIGHT, tokens=1_000_000), examples(300))
    told = figures(done, (), Prices(Price(3.0, 15.0), Price(1.0, 2.0)))["money"]
    assert told["making"] == 3.0 and told["break_even"] == math.ceil(3.0 / told["per_request"]["without"])
    assert figures(done)["money"] is None
