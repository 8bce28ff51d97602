"""Check digits. Every function takes the bare characters, without separators, and says whether they are consistent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

IBAN_LENGTH = {
    country: int(length)
    for length, countries in {
        "15": "NO", "16": "BE", "18": "DK FO FI GL NL SD", "19": "MK SI", "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH HR LI LV", "22": "BG BH CR DE GB GE IE ME RS VA", "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG", "25": "LY PT ST", "26": "IS TR", "27": "BI DJ FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV", "29": "BR EG PS QA UA", "30": "JO KW MU", "31": "MT SC",
        "32": "LC", "33": "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip
"""Characters of an account number by country (SWIFT IBAN registry)."""

DECIMAL = frozenset("0123456789")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_FISCAL_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def luhn(digits: str) -> bool:
    numbers = [ord(c) - 48 for c in reversed(digits)]
    return (sum(numbers[::2]) + sum(_DOUBLED[n] for n in numbers[1::2])) % 10 == 0


def iban(value: str) -> bool:
    """Length by country and ISO 7064 MOD 97-10."""
    if len(value) != IBAN_LENGTH.get(value[:2]) or not value[2:4].isdigit() or not value.isalnum():
        return False
    moved = value[4:] + value[:4]
    for letter in set(moved) - DECIMAL:
        moved = moved.replace(letter, str(int(letter, 36)))
    return int(moved) % 97 == 1


def weighted(digits: str, weights: Sequence[int]) -> int:
    return sum((ord(d) - 48) * w for d, w in zip(digits, weights, strict=False))


def aba(digits: str) -> bool:
    """Routing number: the first two digits name a Federal Reserve district or a kind of institution."""
    district = int(digits[:2])
    known = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return known and weighted(digits, (3, 7, 1) * 3) % 10 == 0 and digits.strip("0") != ""


def social_security(digits: str) -> bool:
    """No area 000, 666 or 9xx, no group 00, no serial 0000 (SSA)."""
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def _day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def steuer_id(digits: str) -> bool:
    product = 10
    for d in digits[:10]:
        product = ((int(d) + product) % 10 or 10) * 2 % 11
    return digits[0] != "0" and 8 <= len(set(digits[:10])) <= 9 and (11 - product) % 10 == int(digits[10])


def nir(digits: str) -> bool:
    return digits[0] in "12" and 1 <= int(digits[3:5]) <= 42 and 97 - int(digits[:13]) % 97 == int(digits[13:])


def bsn(digits: str) -> bool:
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and digits.strip("0") != ""


def personnummer(digits: str) -> bool:
    return _day(digits[2:4], digits[4:6]) and luhn(digits)


def pesel(digits: str) -> bool:
    month = f"{int(digits[2:4]) % 20:02}"
    return _day(month, digits[4:6]) and weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def cpf(digits: str) -> bool:
    return len(set(digits)) > 1 and all(
        weighted(digits, range(first, 1, -1)) * 10 % 11 % 10 == int(digits[first - 1]) for first in (10, 11)
    )


def dni(value: str) -> bool:
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(value[:8]) % 23] == value[8]


def national_insurance(value: str) -> bool:
    first, second = value[0], value[1]
    return first not in "DFIQUV" and second not in "DFIQUVO" and value[:2] not in ("BG", "GB", "NK", "TN", "ZZ")


def codice_fiscale(value: str) -> bool:
    rank = [int(c) if c.isdigit() else ord(c) - 65 for c in value]
    total = sum(_FISCAL_ODD[r] for r in rank[:15:2]) + sum(rank[1:15:2])
    return chr(65 + total % 26) == value[15]


BY_DIGITS: dict[int, tuple[tuple[str, Callable[[str], bool], float], ...]] = {
    9: (("NL", bsn, 0.2),),
    10: (("SE", personnummer, 0.3),),
    11: (("DE", steuer_id, 0.35), ("PL", pesel, 0.4), ("BR", cpf, 0.4)),
    12: (("SE", lambda d: d[:2] in ("19", "20") and personnummer(d[2:]), 0.45),),
    15: (("FR", nir, 0.55),),
}
"""Length -> (country, check, score without context)."""

BY_SHAPE: dict[str, tuple[str, Callable[[str], bool], float]] = {
    "99999999A": ("ES", dni, 0.7),
    "AA999999A": ("GB", national_insurance, 0.65),
    "AAAAAA99A99A999A": ("IT", codice_fiscale, 0.9),
}


def base58check(value: str) -> bool:
    """Version byte, 20 bytes and four bytes of double SHA-256 (Bitcoin and its relatives)."""
    number = 0
    for char in value:
        if (digit := BASE58.find(char)) < 0:
            return False
        number = number * 58 + digit
    try:
        raw = number.to_bytes(25, "big")
    except OverflowError:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def bech32(value: str) -> bool:
    """BIP 173, or BIP 350 for later witness versions."""
    head, _, tail = value.lower().rpartition("1")
    if not head or not set(tail) <= set(BECH32) or value not in (value.lower(), value.upper()):
        return False
    values = [ord(c) >> 5 for c in head] + [0] + [ord(c) & 31 for c in head] + [BECH32.index(c) for c in tail]
    check = 1
    for v in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ v
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check in (1, 0x2BC830A3)
