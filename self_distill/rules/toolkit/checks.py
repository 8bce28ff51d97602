"""Check digits."""

from __future__ import annotations


def digits_of(text: str) -> str:
    """The ASCII digits of a text, in order."""
    return "".join([c for c in text if "0" <= c <= "9"])


def luhn(digits: str) -> bool:
    """Whether a string of digits passes the Luhn check (payment cards)."""
    total = 0
    for place, c in enumerate(digits[::-1]):
        n = int(c) * (1 + place % 2)
        total += n - 9 if n > 9 else n
    return len(digits) > 1 and total % 10 == 0


def mod97(text: str) -> bool:
    """Whether letters and digits, first four moved to the end, are 1 modulo 97 (IBAN)."""
    plain = "".join([c for c in text.upper() if "0" <= c <= "9" or "A" <= c <= "Z"])
    rest = 0
    for c in plain[4:] + plain[:4]:
        value = int(c) if c <= "9" else ord(c) - 55
        rest = (rest * (100 if value > 9 else 10) + value) % 97
    return rest == 1
