"""Answers that are computed from the text alone: small programs that are tried one after the other.

The source of the one that fits is written into the rule; the functions of `rules/toolkit` are there too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from self_distill.rules.toolkit.dates import find_date
from self_distill.rules.toolkit.words import numbers_of, words_of
from self_distill.types import Json

Computation = Callable[[str], Json]


def first_number(text: str) -> Json:
    numbers = numbers_of(text)
    return numbers[0] if numbers else None


def last_number(text: str) -> Json:
    numbers = numbers_of(text)
    return numbers[-1] if numbers else None


def largest_number(text: str) -> Json:
    numbers = numbers_of(text)
    return max(numbers) if numbers else None


def smallest_number(text: str) -> Json:
    numbers = numbers_of(text)
    return min(numbers) if numbers else None


def sum_of_numbers(text: str) -> Json:
    numbers = numbers_of(text)
    return sum(numbers) if numbers else None


def product_of_numbers(text: str) -> Json:
    numbers = numbers_of(text)
    return math.prod(numbers) if numbers else None


def difference_of_numbers(text: str) -> Json:
    numbers = numbers_of(text)
    return numbers[0] - numbers[1] if len(numbers) == 2 else None


def how_many_numbers(text: str) -> Json:
    return len(numbers_of(text))


def how_many_words(text: str) -> Json:
    return len(words_of(text))


def first_word(text: str) -> Json:
    words = words_of(text)
    return words[0] if words else None


def last_word(text: str) -> Json:
    words = words_of(text)
    return words[-1] if words else None


def after_colon(text: str) -> Json:
    return text.split(":")[-1].strip() or None


def quoted(text: str) -> Json:
    found = re.findall(r'"([^"]+)"', text)
    return found[0] if len(found) == 1 else None


def sorted_words(text: str) -> Json:
    return " ".join(sorted(text.split(":")[-1].split())) or None


def words_backwards(text: str) -> Json:
    return " ".join(text.split(":")[-1].split()[::-1]) or None


def letters_backwards(text: str) -> Json:
    return text.split(":")[-1].strip()[::-1] or None


def initials(text: str) -> Json:
    return "".join([word[0] for word in text.split(":")[-1].split()]) or None


def in_upper_case(text: str) -> Json:
    return text.split(":")[-1].strip().upper() or None


def in_lower_case(text: str) -> Json:
    return text.split(":")[-1].strip().lower() or None


def first_date(text: str) -> Json:
    date = find_date(text)
    return f"{date[0]:04d}-{date[1]:02d}-{date[2]:02d}" if date else None


NUMBERS: tuple[Computation, ...] = (
    first_number,
    last_number,
    largest_number,
    smallest_number,
    sum_of_numbers,
    product_of_numbers,
    difference_of_numbers,
    how_many_numbers,
    how_many_words,
)
STRINGS: tuple[Computation, ...] = (
    first_word,
    last_word,
    after_colon,
    quoted,
    sorted_words,
    words_backwards,
    letters_backwards,
    initials,
    in_upper_case,
    in_lower_case,
    first_date,
)
