"""Words around a finding that make it more or less likely to be what it looks like."""

from __future__ import annotations

from typing import Any, NamedTuple

from self_distill.macros.detectors.family import Find, pattern, searcher

BEFORE, BEHIND = 48, 24
"""Bytes of the subject that are looked at."""
MORE, LESS = 0.4, 0.35
SURE = 0.85
"""What scores so is not weighed."""


class Words(NamedTuple):
    """Words that begin like one of these; a trailing $ closes a word."""

    there: Any
    which: Any
    source: bytes


def _words(text: str) -> Words:
    alternatives = "|".join(w.replace("$", r"\b") for w in text.split("|"))
    whole = rf"(?:\b|_)(?:{alternatives})".encode("latin-1")
    return Words(searcher(whole), pattern(whole), whole)


NUMERIC = ("PHONE", "SSN", "CREDIT_CARD", "BANK_ROUTING", "NATIONAL_ID")
_SUPPORT = {
    "PHONE": (
        "phone|telefon|telephon|tel$|t\xe9l|mobil|cell$|cellphone|call|fax|office$|desk$|dial|sms$|text me|text$|"
        "ring$|whatsapp|contact|hotline|picks? up|answers?$|bel$|tried$|messages?$|registered|reach|handy|celular|"
        "m\xe9vil|voicemail|ext$|\\(?[mtfp]\\)?:"
    ),
    "SSN": "ssn|social|security|tax",
    "CREDIT_CARD": ("card|cc$|credit|debit|visa|mastercard|amex|pan$|carte|karte|tarjeta|payment|pay$|charge"),
    "IBAN": ("iban|account|konto|compte|cuenta|transfer|bank"),
    "BANK_ROUTING": ("routing|aba$|rtn$|transit|wire"),
    "NATIONAL_ID": (
        "national id|identity|id$|nino$|insurance|steuer|tax|idnr|s\xe9curit\xe9|sociale|dni$|nif$|nie$|codice|"
        "fiscale|bsn$|burgerservice|personnummer|personal number|pesel|cpf$|ssn|social|num\xe9ro|passport"
    ),
    "API_KEY": ("api|key|token|secret|password|passwd|pwd|auth|bearer|credential|access|private|session"),
    "IP": ("ip$|ip_|address|host|server|client|from$|subnet|gateway|ping|dns"),
    "DATE_OF_BIRTH": ("birth|born|dob"),
}
SUPPORT = {type_: _words(text) for type_, text in _SUPPORT.items()}
ANY_NUMBER = _words("|".join(_SUPPORT[type_] for type_ in NUMERIC))
"""Words that speak for a number of any kind."""
AGAINST = {
    "PHONE": _words(
        "order|invoice|isbn|version|ticket|id:|ref|tracking|sku|part|item|case|amount|total|price|eur$|usd$|\\$"
    ),
    "CREDIT_CARD": _words("isbn|order|tracking|barcode|ean$|imei"),
    "SSN": _words("order|phone|invoice|part|tracking|ticket"),
    "IP": _words("version|release|v$|build|section|chapter|firmware"),
    "BANK_ROUTING": _words("order|phone|invoice"),
    "NATIONAL_ID": _words("order|invoice|tracking|isbn|phone|ticket"),
    "API_KEY": _words("commit|sha|hash|md5|uuid|etag|checksum|revision"),
}


def weighed(data: bytes, find: Find, threshold: float) -> tuple[float, str]:
    """The score with its context, at most 1, and the rule with the words that changed it. Words in favour are looked
    for only where they are needed to reach the threshold."""
    start, end, type_, score, rule = find
    before = data[max(0, start - BEFORE) : start].rpartition(b"\0")[2]
    if (words := AGAINST.get(type_)) and words.there.Match(before):
        score = round(score - LESS, 2)
        rule += f" -{_word(words, before)}"
    if score < threshold and (words := SUPPORT.get(type_)):
        behind = data[end : end + BEHIND].partition(b"\0")[0]
        if near := next((part for part in (before, behind) if words.there.Match(part)), None):
            score = min(1.0, round(score + MORE, 2))
            rule += f" +{_word(words, near)}"
    return score, rule


def supported(data: bytes, start: int, end: int) -> bool:
    """Whether any word around speaks for a number of any kind."""
    return bool(ANY_NUMBER.there.Match(data[max(0, start - BEFORE) : end + BEHIND]))


def _word(words: Words, part: bytes) -> str:
    match = words.which.search(part)
    return match.group().decode("latin-1").strip("_ ") if match else ""
