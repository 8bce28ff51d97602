"""Words around a finding that make it more or less likely to be what it looks like."""

from __future__ import annotations

from typing import Any

from self_distill.macros.detectors.family import Find, pattern

BEFORE, BEHIND = 48, 24
"""Bytes of the subject that are looked at."""
MORE, LESS = 0.4, 0.35
SURE = 0.85


def _words(text: str) -> Any:
    """Words that begin like one of these; a trailing $ closes a word."""
    alternatives = "|".join(w.replace("$", r"\b") for w in text.split("|"))
    return pattern(rf"(?:\b|_)(?:{alternatives})".encode("latin-1"))


SUPPORT = {
    "PHONE": _words(
        "phone|telefon|telephon|tel$|t\xe9l|mobil|cell$|cellphone|call|fax|office$|desk$|dial|sms$|text me|text$|"
        "ring$|whatsapp|contact|hotline|picks? up|answers?$|bel$|tried$|messages?$|registered|reach|handy|celular|"
        "m\xe9vil|voicemail|ext$|\\(?[mtfp]\\)?:"
    ),
    "SSN": _words("ssn|social|security|tax"),
    "CREDIT_CARD": _words("card|cc$|credit|debit|visa|mastercard|amex|pan$|carte|karte|tarjeta|payment|pay$|charge"),
    "IBAN": _words("iban|account|konto|compte|cuenta|transfer|bank"),
    "BANK_ROUTING": _words("routing|aba$|rtn$|transit|wire"),
    "NATIONAL_ID": _words(
        "national id|identity|id$|nino$|insurance|steuer|tax|idnr|s\xe9curit\xe9|sociale|dni$|nif$|nie$|codice|"
        "fiscale|bsn$|burgerservice|personnummer|personal number|pesel|cpf$|ssn|social|num\xe9ro|passport"
    ),
    "API_KEY": _words("api|key|token|secret|password|passwd|pwd|auth|bearer|credential|access|private|session"),
    "IP": _words("ip$|ip_|address|host|server|client|from$|subnet|gateway|ping|dns"),
    "DATE_OF_BIRTH": _words("birth|born|dob"),
}
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


def weighed(data: bytes, find: Find) -> tuple[float, str]:
    """The score with its context, at most 1, and the rule with the word that changed it. What is sure by itself
    stays so."""
    if find.score >= SURE:
        return find.score, find.rule
    before = data[max(0, find.start - BEFORE) : find.start].rpartition(b"\0")[2]
    behind = data[find.end : find.end + BEHIND].partition(b"\0")[0]
    score, rule = find.score, find.rule
    for table, step, sign in ((SUPPORT, MORE, "+"), (AGAINST, -LESS, "-")):
        words = table.get(find.type)
        match = words and (words.search(before) or (sign == "+" and words.search(behind)))
        if match:
            score += step
            rule += f" {sign}{match.group().decode('latin-1').strip('_ ')}"
    return min(1.0, score), rule
