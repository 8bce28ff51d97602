"""Made-up values that read like real ones and belong to nobody: documentation and test ranges only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

from self_distill.errors import SettingsError

_lock = threading.Lock()


@lru_cache(maxsize=8)
def _faker(locale: str) -> Any:
    from faker import Faker  # 0.3 s, for who asks for surrogates

    try:
        return Faker(locale)
    except AttributeError:
        raise SettingsError(f"macros: no surrogates for the locale {locale!r}; try en_US") from None


def surrogate(type_: str, value: str, seed: int, locale: str = "en_US") -> str | None:
    """A value of `type_` that is always the same for the same seed; it starts and ends with a letter or digit
    and has no line break. None for a type that has no range set aside for examples (keys, account numbers)."""
    make = _MAKERS.get(type_)
    if make is None:
        return None
    with _lock:
        fake = _faker(locale)
        fake.seed_instance(seed)
        made = " ".join(make(fake, Random(seed), value).split())
    return made if made[:1].isalnum() and made[-1:].isalnum() else None


def _digits(random: Random, count: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(count))


def _email(fake: Any, random: Random, value: str) -> str:
    """RFC 2606: example.com, example.net and example.org belong to nobody."""
    return f"{fake.user_name()}{random.randrange(100)}@example.{random.choice(('com', 'net', 'org'))}"


def _phone(fake: Any, random: Random, value: str) -> str:
    """NANP 555-0100 to 555-0199; for +44, Ofcom's range for drama."""
    if value.replace(" ", "").startswith(("+44", "0044")):
        return f"020 7946 0{_digits(random, 3)}"
    return f"{random.randrange(201, 990)}-555-01{_digits(random, 2)}"


def _ssn(fake: Any, random: Random, value: str) -> str:
    """9xx is no Social Security area; groups below 50 are no taxpayer number either."""
    parts = (f"9{_digits(random, 2)}", f"{random.randrange(50):02}", _digits(random, 4))
    return ("-" if "-" in value else "").join(parts)


def _ip(fake: Any, random: Random, value: str) -> str:
    """RFC 5737 and RFC 3849."""
    if ":" in value:
        return f"2001:db8:{random.randrange(16, 65536):x}::{random.randrange(16, 65536):x}"
    net = random.choice(("192.0.2", "198.51.100", "203.0.113"))
    return f"{net}.{random.randrange(1, 255)}"


def _mac(fake: Any, random: Random, value: str) -> str:
    """RFC 7042, section 2.1.2."""
    return f"00:00:5E:00:53:{random.randrange(256):02X}"


def _card(fake: Any, random: Random, value: str) -> str:
    """ISO/IEC 7812 leaves 9 to national bodies; and the check digit is wrong on purpose."""
    digits = f"9999{_digits(random, 11)}"
    odd = sum(sum(divmod(int(d) * 2, 10)) for d in digits[::2])
    check = -(odd + sum(map(int, digits[1::2]))) % 10
    whole = f"{digits}{(check + 1 + random.randrange(9)) % 10}"
    return " ".join(whole[i : i + 4] for i in range(0, 16, 4)) if " " in value else whole


def _iban(fake: Any, random: Random, value: str) -> str:
    """ISO 3166 never assigns ZZ."""
    return f"ZZ{_digits(random, 20)}"


def _person(fake: Any, random: Random, value: str) -> str:
    return str(fake.first_name() if len(value.split()) == 1 else f"{fake.first_name()} {fake.last_name()}")


_MAKERS: dict[str, Callable[[Any, Random, str], str]] = {
    "EMAIL": _email,
    "PHONE": _phone,
    "SSN": _ssn,
    "IP": _ip,
    "MAC": _mac,
    "CREDIT_CARD": _card,
    "IBAN": _iban,
    "PERSON": _person,
    "ADDRESS": lambda fake, random, value: fake.street_address(),
    "LOCATION": lambda fake, random, value: fake.city(),
    "ORGANISATION": lambda fake, random, value: fake.company(),
    "DATE_OF_BIRTH": lambda fake, random, value: fake.date_of_birth(None, 20, 80).isoformat(),
}
