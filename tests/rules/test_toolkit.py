from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from self_distill.rules import toolkit
from self_distill.rules.toolkit import checks, dates, words
from self_distill.sandbox.pool import Sandbox
from self_distill.types import Ruled


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    made = Sandbox(toolkit.source())
    yield made
    await made.close()


CALLS = {
    "day_number(2024, 5, 17)": 739023,
    "list(date_of(738945))": [2024, 2, 29],
    "weekday(2026, 11, 25)": "Wednesday",
    "list(add_months((2024, 1, 31), 1))": [2024, 2, 29],
    "list(find_date('due May 17th, 2024'))": [2024, 5, 17],
    "list(find_date('5/17/2024'))": [2024, 5, 17],
    "find_date('31/31/2024')": None,
    "month_number('Sept')": 9,
    "luhn('4111111111111111')": True,
    "mod97('DE89 3704 0044 0532 0130 00')": True,
    'words_of("It\'s a well-known fact")': ["It's", "a", "well-known", "fact"],
    "sentences_of('A b. C d! E')": ["A b.", "C d!", "E"],
    "numbers_of('-3 and 4,500.5')": [-3, 4500.5],
    "word_number('two hundred and five thousand three')": 205003,
    "word_number('two dogs')": None,
    "edit_distance('kitten', 'sitting')": 3,
}


@pytest.mark.parametrize("call", CALLS)
async def test_a_helper_gives_the_same_in_the_sandbox_as_here(call: str, sandbox: Sandbox) -> None:
    names: dict[str, Any] = {**vars(dates), **vars(checks), **vars(words)}
    decision = await sandbox.run(f"def run(text):\n    return [{call}]\n", "")
    assert isinstance(decision, Ruled) and decision.value == [CALLS[call]] == [eval(call, names)]


@given(st.dates())
def test_day_numbers_are_those_of_the_calendar(day: datetime.date) -> None:
    assert dates.day_number(day.year, day.month, day.day) == day.toordinal()
    assert dates.date_of(day.toordinal()) == (day.year, day.month, day.day)
    assert dates.weekday(day.year, day.month, day.day) == day.strftime("%A")


@given(st.text(max_size=12), st.text(max_size=12))
def test_edit_distance_is_a_distance(a: str, b: str) -> None:
    distance = words.edit_distance(a, b)
    assert (distance == 0) == (a == b)
    assert distance == words.edit_distance(b, a)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))


def test_the_summary_names_every_public_helper() -> None:
    lines = toolkit.summary().splitlines()
    assert len(lines) == 17 and all("  # " in line for line in lines)
