"""Values of each type of personal data from a seeded source, with the checksums that standards ask for."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import phonenumbers
from faker import Faker

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
HEX = "0123456789abcdef"
ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

# Country of the account -> shape of its BBAN: A a capital letter, 9 a digit (SWIFT IBAN registry).
BBAN = {
    "GB": "AAAA" + "9" * 14,
    "DE": "9" * 18,
    "FR": "9" * 23,
    "ES": "9" * 20,
    "IT": "A" + "9" * 22,
    "NL": "AAAA" + "9" * 10,
    "SE": "9" * 20,
    "PL": "9" * 24,
    "BR": "9" * 23 + "A9",
}
CARDS = (("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("35", 16))
KEYS = (
    ("sk-", ALNUM, 48),
    ("sk-proj-", ALNUM, 64),
    ("sk-ant-api03-", ALNUM, 80),
    ("AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
    ("ghp_", ALNUM, 36),
    ("glpat-", ALNUM, 20),
    ("xoxb-", "0123456789", 12),
    ("AIza", ALNUM, 35),
    ("sk_live_", ALNUM, 24),
    ("hf_", ALNUM, 34),
)

PHONE_TRIES = 20
PHONE_SHAPES = (0, 1, 1, 2, 2)  # phonenumbers.PhoneNumberFormat: E.164, international, national


def new_faker(locale: str) -> Faker:
    """Gives the same values in every process: Faker lists Italian cities in the order of a set, which is another
    one each time."""
    if locale == "it_IT":
        address = import_module("faker.providers.address.it_IT").Provider
        address.cities = sorted(address.cities)
    return Faker(locale)


@cache
def faker(locale: str) -> Faker:
    return new_faker(locale)


@dataclass(frozen=True, slots=True)
class Source:
    """Randomness and country of one text."""

    rng: random.Random
    locale: str
    fake: Faker

    @property
    def country(self) -> str:
        return self.locale[-2:]

    def text(self, alphabet: str, length: int) -> str:
        return "".join(self.rng.choices(alphabet, k=length))

    def digits(self, length: int) -> str:
        return self.text("0123456789", length)


def luhn_digit(digits: str) -> str:
    """The digit that makes `digits` + it pass the Luhn check (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[::-2])
    return str(-(sum(doubled) + sum(int(d) for d in digits[-2::-2])) % 10)


def grouped(value: str, size: int, separator: str) -> str:
    return separator.join(value[i : i + size] for i in range(0, len(value), size))


def ascii_word(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum()) or "user"


def email(s: Source) -> str:
    first, last = ascii_word(s.fake.first_name()), ascii_word(s.fake.last_name())
    local = s.rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}_{first}", f"{first}+{last}"))
    local += s.rng.choice(("", "", str(s.rng.randrange(2, 99))))
    host = s.rng.choice((ascii_word(s.fake.last_name()), "mail." + ascii_word(s.fake.city()), "example"))
    return f"{local}@{host}.{s.rng.choice(('com', 'org', 'net', 'co.uk', 'de', 'fr', 'io', 'eu'))}"


def phone(s: Source) -> str:
    """A number that is valid in the plan of the country: an example number with its last digits changed."""
    kind = s.rng.choice((phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE))
    number = phonenumbers.example_number_for_type(s.country, kind)
    if number is None or number.national_number is None:
        raise ValueError(f"phonenumbers has no example number for {s.country}")
    base = number.national_number
    for _ in range(PHONE_TRIES):
        number.national_number = base - base % 10**5 + s.rng.randrange(10**5)
        if s.country == "US":
            number.national_number = int(f"{s.rng.choice((202, 212, 303, 415, 617, 713))}555{s.digits(4)}")
        if phonenumbers.is_valid_number(number):
            break
    else:
        number.national_number = base
    return phonenumbers.format_number(number, s.rng.choice(PHONE_SHAPES))


def ssn(s: Source) -> str:
    area = s.rng.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03}-{s.rng.randrange(1, 100):02}-{s.rng.randrange(1, 10000):04}"


def credit_card(s: Source) -> str:
    prefix, length = s.rng.choice(CARDS)
    body = prefix + s.digits(length - len(prefix) - 1)
    number = body + luhn_digit(body)
    return grouped(number, 4, s.rng.choice(("", " ", "-"))) if length == 16 else number


def iban(s: Source) -> str:
    country = s.country if s.country in BBAN else s.rng.choice(sorted(BBAN))
    bban = "".join(s.text("ABCDEFGHJKLMNPRSTUVWXYZ", 1) if c == "A" else s.digits(1) for c in BBAN[country])
    number = "".join(str(int(c, 36)) for c in bban + country + "00")
    value = f"{country}{98 - int(number) % 97:02}{bban}"
    return s.rng.choice((value, grouped(value, 4, " ")))


def bank_routing(s: Source) -> str:
    """ABA routing number: first two digits a Federal Reserve district, weights 3 7 1."""
    body = f"{s.rng.randrange(1, 13):02}{s.digits(6)}"
    return body + str(-sum(int(d) * w for d, w in zip(body, (3, 7, 1) * 3, strict=False)) % 10)


def ip(s: Source) -> str:
    if s.rng.random() < 0.7:
        return ".".join(str(s.rng.randrange(1, 255)) for _ in range(4))
    full = [format(s.rng.randrange(1, 65536), "x") for _ in range(8)]
    return s.rng.choice((":".join(full), "2001:db8::" + ":".join(full[:3]), "fe80::" + ":".join(full[:4])))


def mac(s: Source) -> str:
    digits = s.text(HEX, 12)
    return s.rng.choice((grouped(digits, 2, ":"), grouped(digits.upper(), 2, "-"), grouped(digits, 4, ".")))


def api_key(s: Source) -> str:
    prefix, alphabet, length = s.rng.choice(KEYS)
    return prefix + s.text(alphabet, length) + ("-" + s.text(ALNUM, 24) if prefix == "xoxb-" else "")


def url_credentials(s: Source) -> str:
    scheme = s.rng.choice(("https", "postgres", "mysql", "redis", "ftp", "amqp", "mongodb"))
    user = ascii_word(s.fake.first_name())
    host = f"{s.rng.choice(('db', 'git', 'cache', 'files'))}.{ascii_word(s.fake.last_name())}.example"
    return f"{scheme}://{user}:{s.text(ALNUM, 12)}@{host}/{s.rng.choice(('main', 'app', 'repo.git', 'prod'))}"


def base58check(payload: bytes) -> str:
    raw = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, out = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        out = BASE58[rest] + out
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out


def bech32(program: list[int]) -> str:
    """A version 0 address of 32 five-bit groups (BIP 173)."""
    values = [0, *program]
    check = 1
    for v in [3, 3, 0, 2, 3, *values, *[0] * 6]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ v
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    check ^= 1
    return "bc1" + "".join(BECH32[v] for v in [*values, *(check >> 5 * (5 - i) & 31 for i in range(6))])


def crypto_address(s: Source) -> str:
    return s.rng.choice(
        (
            "0x" + s.text(HEX, 40),
            base58check(b"\0" + s.rng.randbytes(20)),
            bech32([s.rng.randrange(32) for _ in range(32)]),
        )
    )


def date_of_birth(s: Source) -> str:
    day, month, year = s.rng.randrange(1, 29), s.rng.randrange(1, 13), s.rng.randrange(1930, 2010)
    if s.country == "US":
        return s.rng.choice((f"{month}/{day}/{year}", f"{month:02}/{day:02}/{year}", f"{year}-{month:02}-{day:02}"))
    return s.rng.choice((f"{day:02}.{month:02}.{year}", f"{day}/{month}/{year}", f"{year}-{month:02}-{day:02}"))


def person(s: Source, form: str = "") -> str:
    first, last = s.fake.first_name(), s.fake.last_name()
    if form in {"first", "last"}:
        return first if form == "first" else last
    if form == "comma":
        return f"{last}, {first}"
    middle = s.rng.choice(("", "", "", "", f" {s.text('ABCDEFGHJKLMNPRST', 1)}.", f" {s.fake.first_name()}"))
    full = f"{first}{middle} {last}"
    return {"lower": full.lower(), "upper": full.upper()}.get(form, full)


def location(s: Source, form: str = "") -> str:
    if form == "country" or (not form and s.rng.random() < 0.4):
        return s.fake.country()
    return s.fake.city().strip()


def address(s: Source, form: str = "") -> str:
    """One line, the street line alone, or the lines as on an envelope (`block`)."""
    lines = [" ".join(line.split()) for line in s.fake.address().splitlines()]
    if form == "street":
        return lines[0].rstrip(",")
    return "\n".join(lines) if form == "block" else ", ".join(line.rstrip(",") for line in lines)


def organisation(s: Source, form: str = "") -> str:
    if s.rng.random() < 0.5:
        return s.fake.company()
    head = s.rng.choice((s.fake.last_name(), s.fake.city().strip(), s.rng.choice(BRAND_HEADS)))
    return f"{head} {s.rng.choice(BRAND_TAILS)}{s.rng.choice(('', '', ' ' + s.rng.choice(LEGAL_FORMS)))}"


BRAND_HEADS = (
    "Blue Harbour",
    "Northgate",
    "Silverline",
    "Oakfield",
    "Redstone",
    "Brightpath",
    "Evergreen",
    "Delta",
)
BRAND_TAILS = (
    "Logistics",
    "Bank",
    "Insurance",
    "Systems",
    "Partners",
    "University",
    "Hospital",
    "Media",
    "Foods",
)
LEGAL_FORMS = ("Inc", "Inc.", "LLC", "Ltd", "GmbH", "AG", "S.A.", "B.V.", "Corp.", "PLC", "S.r.l.", "AB")

PLAIN: dict[str, Callable[[Source], str]] = {
    "EMAIL": email,
    "PHONE": phone,
    "SSN": ssn,
    "IP": ip,
    "MAC": mac,
    "CREDIT_CARD": credit_card,
    "IBAN": iban,
    "BANK_ROUTING": bank_routing,
    "URL_CREDENTIALS": url_credentials,
    "API_KEY": api_key,
    "CRYPTO_ADDRESS": crypto_address,
    "DATE_OF_BIRTH": date_of_birth,
}
FORMED: dict[str, Callable[[Source, str], str]] = {
    "PERSON": person,
    "ADDRESS": address,
    "LOCATION": location,
    "ORGANISATION": organisation,
}
