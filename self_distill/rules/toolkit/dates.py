"""Dates as (year, month, day) in the proleptic Gregorian calendar."""

from __future__ import annotations

import re

MONTH_NAMES = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def is_leap(year: int) -> bool:
    """29 days in February?"""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    return 29 if month == 2 and is_leap(year) else _MONTH_DAYS[month - 1]


def day_number(year: int, month: int, day: int) -> int:
    """Days since 0001-01-01, which is 1: differences of dates."""
    before = year - 1
    total = before * 365 + before // 4 - before // 100 + before // 400 + day
    for m in range(1, month):
        total += days_in_month(year, m)
    return total


def date_of(number: int) -> tuple[int, int, int]:
    """(year, month, day) of a day number."""
    year = number * 400 // 146097 + 1
    while day_number(year, 1, 1) > number:
        year -= 1
    while day_number(year + 1, 1, 1) <= number:
        year += 1
    rest, month = number - day_number(year, 1, 1) + 1, 1
    while rest > days_in_month(year, month):
        rest -= days_in_month(year, month)
        month += 1
    return (year, month, rest)


def add_days(date: tuple[int, int, int], days: int) -> tuple[int, int, int]:
    """The date so many days later (or earlier)."""
    return date_of(day_number(date[0], date[1], date[2]) + days)


def add_months(date: tuple[int, int, int], months: int) -> tuple[int, int, int]:
    """The same day so many months later, or the month's last day where there is no such day."""
    index = date[0] * 12 + date[1] - 1 + months
    year, month = index // 12, index % 12 + 1
    return (year, month, min(date[2], days_in_month(year, month)))


def weekday(year: int, month: int, day: int) -> str:
    """Monday to Sunday."""
    return WEEKDAYS[(day_number(year, month, day) - 1) % 7]


def month_number(name: str) -> int:
    """1 to 12 for an English month or its abbreviation of three letters or more; 0 for anything else."""
    low = name.lower().strip(". ")
    for i in range(12):
        if (len(low) >= 3 and MONTH_NAMES[i].startswith(low)) or (low == "sept" and i == 8):
            return i + 1
    return 0


def find_date(text: str, day_first: bool = False) -> tuple[int, int, int] | None:
    """First valid date of a text as (year, month, day) or None: 2024-05-17, May 17, 2024, 17 May 2024, 5/17/2024"""
    found = []
    for m in re.finditer(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", text):
        found.append((m.start(), (int(m.group(1)), int(m.group(2)), int(m.group(3)))))
    for m in re.finditer(r"\b([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b", text):
        found.append((m.start(), (int(m.group(3)), month_number(m.group(1)), int(m.group(2)))))
    for m in re.finditer(r"\b(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([A-Za-z]{3,9})\.?,? (\d{4})\b", text):
        found.append((m.start(), (int(m.group(3)), month_number(m.group(2)), int(m.group(1)))))
    for m in re.finditer(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", text):
        a, b = int(m.group(1)), int(m.group(2))
        found.append((m.start(), (int(m.group(3)), b if day_first else a, a if day_first else b)))
    for _, (year, month, day) in sorted(found):
        if 1 <= month <= 12 and year >= 1 and 1 <= day <= days_in_month(year, month):
            return (year, month, day)
    return None
