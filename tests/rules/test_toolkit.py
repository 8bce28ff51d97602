from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
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
    "numbers_of('1,2,3; 7-5; 2.50; 4.0')": [1, 2, 3, 7, 5, 2.5, 4],
    "numbers_of('12345678901234567891')": [12345678901234567891],
    "digits_of('+49 (0)30')": "49030",
    "luhn('4111111111111112')": False,
    "mod97('\u00b2 not one')": False,
    "is_leap(1900)": False,
    "days_in_month(2000, 2)": 29,
    "list(add_days((2024, 12, 31), 1))": [2025, 1, 1],
    "word_number('two hundred and five thousand three')": 205003,
    "word_number('two dogs')": None,
    "edit_distance('kitten', 'sitting')": 3,
}


@pytest.mark.parametrize("call", CALLS)
async def test_a_helper_gives_the_same_in_the_sandbox_as_here(call: str, sandbox: Sandbox) -> None:
    names: dict[str, Any] = {**vars(dates), **vars(checks), **vars(words)}
    decision = await sandbox.run(f"def run(text):\n    return [{call}]\n", "")
    assert isinstance(decision, Ruled) and decision.value == [CALLS[call]] == [eval(call, names)]


CALLER = """
import json
HELPERS = {"find_date": find_date, "words_of": words_of, "sentences_of": sentences_of, "numbers_of": numbers_of,
           "word_number": word_number, "edit_distance": edit_distance, "mod97": mod97, "digits_of": digits_of,
           "month_number": month_number, "date_of": date_of, "add_months": add_months, "weekday": weekday}
def run(text):
    name, arguments = json.loads(text)
    return [HELPERS[name](*arguments)]
"""
texts = st.text(max_size=40) | st.text("01.,-/ aAnd'\u2019th", max_size=30)
dates_ = st.dates().map(lambda d: [d.year, d.month, d.day])
calls = st.one_of(
    st.tuples(
        st.sampled_from("find_date words_of sentences_of numbers_of word_number mod97 digits_of month_number".split()),
        st.tuples(texts),
    ),
    st.tuples(st.just("edit_distance"), st.tuples(texts, texts)),
    st.tuples(st.just("date_of"), st.tuples(st.integers(-1000, 3_000_000))),
    st.tuples(st.just("weekday"), dates_),
    st.tuples(st.just("add_months"), st.tuples(dates_, st.integers(-100, 100))),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    made = Sandbox(toolkit.source())
    yield made
    asyncio.run(made.close())


@settings(max_examples=30, deadline=None)
@given(st.lists(calls, min_size=5, max_size=20))
def test_any_call_gives_the_same_in_the_sandbox_as_here(shared: Sandbox, made: list[Any]) -> None:
    names: dict[str, Any] = {**vars(dates), **vars(checks), **vars(words)}
    decisions = asyncio.run(shared.run_many(CALLER, [json.dumps(call) for call in made]))
    here = [[names[name](*arguments)] for name, arguments in made]
    assert [d.value if isinstance(d, Ruled) else d for d in decisions] == json.loads(json.dumps(here))


@given(st.integers(0, 10**18))
def test_one_check_digit_makes_a_card_number_right(number: int) -> None:
    assert sum(checks.luhn(f"{number}{digit}") for digit in range(10)) == 1


@given(st.integers(0, 10**12).map(str), st.sampled_from(["DE", "GB", "FR"]))
def test_one_pair_of_check_digits_makes_an_account_number_right(account: str, country: str) -> None:
    assert sum(checks.mod97(f"{country}{pair:02}{account}") for pair in range(2, 99)) == 1


@given(st.dates(), st.integers(-500, 500))
def test_adding_days_and_months_keeps_to_the_calendar(day: datetime.date, many: int) -> None:
    date = (day.year, day.month, day.day)
    assert dates.add_days(dates.add_days(date, many), -many) == date
    year, month, last = dates.add_months(date, many)
    assert 1 <= month <= 12 and 1 <= last <= min(day.day, dates.days_in_month(year, month))


@given(st.integers(-(10**30), 10**30))
def test_a_written_number_is_read(number: int) -> None:
    assert words.numbers_of(f"It is {number:,}, or {number}.") == [number, number]


def test_no_text_is_too_odd_for_a_helper_that_reads_text() -> None:
    for text in ("", "\0", "\u0662\u00b2", "9" * 5000, "9" * 400 + ".5", "1." + "0" * 400, "." * 1000):
        for helper in (words.words_of, words.sentences_of, words.numbers_of, words.word_number, dates.find_date):
            helper(text)
        checks.mod97(text)
        checks.luhn(checks.digits_of(text))


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
