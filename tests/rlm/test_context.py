"""Question and context know each other's values, whatever the shape of the context."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from self_distill.macros.detectors import PatternDetector
from self_distill.macros.scrub import Macros
from self_distill.macros.vault import Vault

READY = '```repl\nanswer["content"] = {}\nanswer["ready"] = True\n```'
MACROS = Macros([PatternDetector()])
MAILS = [f"user{n}.smith@example{n}.org" for n in range(4)]
PIECES = st.sampled_from([*MAILS, "[EMAIL_1]", "[EMAIL_2]", "[EMAIL_9]", "and", "\n", ".", "https://x.example/?q="])


def test_a_value_is_masked_alike_in_question_keys_and_entries(world: Any) -> None:
    w = world(READY.format("[list(context.keys())[0], context]"))
    solved = w.ask({MAILS[0]: [f"mail {MAILS[1]}", MAILS[0]]}, question=f"Who is {MAILS[1]}?")
    assert solved.answer.value == [MAILS[0], {MAILS[0]: [f"mail {MAILS[1]}", MAILS[0]]}]
    assert w.told[0].startswith("Question: Who is [EMAIL_1]?")
    assert all(b"smith" not in body for body in w.client.sent)


def test_what_looks_like_a_placeholder_in_the_context_comes_back_as_it_was(world: Any) -> None:
    w = world(READY.format("context"))
    text = f"Write to {MAILS[0]}, not to [EMAIL_1] or [EMAIL_7]."
    assert w.ask(text).answer.value == text


@given(st.lists(PIECES, max_size=8), st.lists(PIECES, max_size=8))
def test_scrubbing_again_leaves_placeholders_and_lets_no_value_through(first: list[str], second: list[str]) -> None:
    vault = Vault()
    scrubbed = MACROS.scrub(" ".join(first), vault).text
    once = MACROS.again(f"{scrubbed} {' '.join(second)}", vault)
    assert once.startswith(scrubbed)
    assert not vault.needles.find(once) or not any(mail in once for mail in MAILS)
    assert MACROS.again(once, vault) == once


@given(st.lists(PIECES, max_size=8))
def test_a_models_own_words_are_masked_only_where_the_vault_knows_them(pieces: list[str]) -> None:
    vault = Vault()
    MACROS.scrub(f"Mail {MAILS[0]}", vault)
    own = MACROS.again(" ".join(pieces), vault, ())
    assert MAILS[0] not in own
    assert all((mail in own) == (mail in " ".join(pieces)) for mail in MAILS[1:])
