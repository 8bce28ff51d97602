"""National identity numbers with their check digits, and the words that announce them, by country."""

from __future__ import annotations

from self_distill.datasets.pii_values import Source, luhn_digit

LABELS = {
    "GB": "National Insurance number",
    "DE": "Steuer-ID",
    "FR": "Numéro de sécurité sociale",
    "ES": "DNI",
    "IT": "Codice fiscale",
    "NL": "BSN",
    "SE": "Personnummer",
    "PL": "PESEL",
    "BR": "CPF",
}


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=True))


def national_insurance(s: Source) -> str:
    return f"{s.text('ABCEHJLMPRSTWXYZ', 1)}{s.text('ABCEHJLMPRSTWXYZ', 1)}{s.digits(6)}{s.text('ABCD', 1)}"


def steuer_id(s: Source) -> str:
    """Ten digits of which exactly one occurs twice, then ISO 7064 MOD 11,10."""
    body = s.rng.sample("0123456789", 9)
    body.insert(s.rng.randrange(1, 9), body[0])
    if body[0] == "0":
        body = [str((int(d) + 1) % 10) for d in body]
    product = 10
    for d in body:
        product = ((int(d) + product) % 10 or 10) * 2 % 11
    return "".join(body) + str((11 - product) % 10)


def nir(s: Source) -> str:
    body = f"{s.text('12', 1)}{s.rng.randrange(100):02}{s.rng.randrange(1, 13):02}"
    body += f"{s.rng.randrange(1, 96):02}{s.digits(6)}"
    return f"{body}{97 - int(body) % 97:02}"


def dni(s: Source) -> str:
    body = s.digits(8)
    return body + "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]


def codice_fiscale(s: Source) -> str:
    """Fifteen characters and a check letter; odd places count by the table of the decree of 1976."""
    consonants = "BCDFGLMNPRSTVZ"
    day = s.rng.randrange(1, 29) + s.rng.choice((0, 40))
    body = f"{s.text(consonants, 6)}{s.rng.randrange(100):02}{s.text('ABCDEHLMPRST', 1)}{day:02}"
    body += s.text("ABCDEFGHIL", 1) + s.digits(3)
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    rank = [int(c) if c.isdigit() else ord(c) - 65 for c in body]
    return body + chr(65 + (sum(odd[r] for r in rank[::2]) + sum(rank[1::2])) % 26)


def bsn(s: Source) -> str:
    while True:
        body = s.text("123456789", 1) + s.digits(7)
        check = weighted(body, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10:
            return body + str(check)


def personnummer(s: Source) -> str:
    born = f"{s.rng.randrange(40, 100):02}{s.rng.randrange(1, 13):02}{s.rng.randrange(1, 29):02}"
    serial = s.digits(3)
    return f"{born}-{serial}{luhn_digit(born + serial)}"


def pesel(s: Source) -> str:
    body = f"{s.rng.randrange(40, 100):02}{s.rng.randrange(1, 13):02}{s.rng.randrange(1, 29):02}{s.digits(4)}"
    return body + str(-weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


def cpf(s: Source) -> str:
    body = s.digits(9)
    for first in (10, 11):
        check = weighted(body, tuple(range(first, 1, -1))) * 10 % 11 % 10
        body += str(check)
    return f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"


MAKERS = {
    "GB": national_insurance,
    "DE": steuer_id,
    "FR": nir,
    "ES": dni,
    "IT": codice_fiscale,
    "NL": bsn,
    "SE": personnummer,
    "PL": pesel,
    "BR": cpf,
}
