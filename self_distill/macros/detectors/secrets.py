"""Keys and tokens: by the prefixes of their issuers, by entropy where the words around speak of one; addresses of
crypto currencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import log2

from self_distill.macros.checksums import base58check, bech32
from self_distill.macros.detectors.family import ALNUM, Family, Find, found, pattern, wordy
from self_distill.macros.normalise import GAP
from self_distill.macros.scan import run_end

PREFIXED = pattern(
    rb"(?:sk-(?:ant-|proj-|svcacct-|or-)?[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}"
    rb"|glpat-[A-Za-z0-9_-]{18,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}"
    rb"|AIza[A-Za-z0-9_-]{35}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{30,}"
    rb"|pypi-[A-Za-z0-9_-]{16,}|dop_v1_[a-f0-9]{40,}|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}|lin_api_[A-Za-z0-9]{30,}"
    rb"|(?:whsec|rzp_live|sq0csp|sq0atp)[_-][A-Za-z0-9_-]{20,}|ya29_?[A-Za-z0-9_-]{30,}|nvapi-[A-Za-z0-9_-]{30,})",
    case=True,
)
JWT = pattern(
    rb"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    case=True,
)
TOKEN = pattern(rb"[A-Za-z0-9_-]{20,}", case=True)
ASSIGNED = pattern(
    rb"[\"']?(?:s\b|[ _](?:key|token))?[\"']?(?: (?:is|was|of|to))? ?(=>|:=|=|:)? ?[\"']?([^\s\"'<>`,;]{6,128})",
    case=True,
)
KINDS = tuple(pattern(kind, case=True) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]", rb"[!@#$%^&*?+~|=-]"))
END = pattern(rb"-----END [A-Z0-9 ]{0,40}-----")
LONGEST_KEY = 16_384
"""Bytes: an RSA key of 16,384 bits takes 12,800."""
AHEAD = 160
HEX = frozenset(b"0123456789abcdefABCDEF")
RANDOM_BITS = 3.5
"""Shannon entropy per character above which a token of 20 characters or more may be random (as in TruffleHog)."""


def entropy(value: bytes) -> float:
    """Bits per character."""
    return -sum(n / len(value) * log2(n / len(value)) for n in Counter(value).values())


def read(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, end, value in found(PREFIXED, data, low, high):
        if not wordy(data, start - 1):
            yield Find(start, end, "API_KEY", 0.95, f"prefix {value[:4].decode('latin-1')}")
    for start, end, value in found(TOKEN, data, low, high):
        yield from _token(start, end, value)


def _token(start: int, end: int, value: bytes) -> Iterator[Find]:
    text = value.decode("latin-1")
    if text[:2].lower() == "0x" and len(text) == 42 and HEX.issuperset(value[2:]):
        yield Find(start, end, "CRYPTO_ADDRESS", 0.9, "0x and 40 hex digits")
    elif text[0] in "13" and 26 <= len(text) <= 35 and base58check(text):
        yield Find(start, end, "CRYPTO_ADDRESS", 0.95, "Base58Check")
    elif text[:3].lower() in ("bc1", "tb1") and len(text) <= 90 and bech32(text):
        yield Find(start, end, "CRYPTO_ADDRESS", 0.95, "Bech32")
    elif any(c.isdigit() for c in text) and any(c.isalpha() for c in text) and entropy(value) >= RANDOM_BITS:
        mixed = any(c.islower() for c in text) and any(c.isupper() for c in text) and len(text) >= 32
        if "-" not in text or mixed:  # a UUID or a slug is no secret by itself
            yield Find(start, end, "API_KEY", 0.35 if mixed else 0.25, "random")


def read_dotted(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, end, _ in found(JWT, data, low, high):
        if not wordy(data, start - 1):
            yield Find(start, end, "API_KEY", 0.95, "signed token")


def read_private_key(data: bytes, low: int, high: int) -> Iterator[Find]:
    """The whole block; where its end is missing, what follows of it."""
    start = max(0, data.rfind(b"-----", 0, high - len("PRIVATE KEY-----")))
    end = END.search(data[high : high + LONGEST_KEY].partition(GAP.encode("latin-1"))[0])
    stop = high + end.end() if end else run_end(data[: high + LONGEST_KEY], high, ALNUM + b"+/=\r\n\\")
    yield Find(start, stop, "API_KEY", 1.0, "private key")


def read_assigned(data: bytes, low: int, high: int) -> Iterator[Find]:
    """A password or key that is given in so many words: of several kinds of characters, or behind = or :."""
    if wordy(data, high) and data[high : high + 1] not in (b"s", b"_"):
        return
    if match := ASSIGNED.match(data[high : high + AHEAD].partition(b"\0")[0]):
        start = match.start(2)
        value = match.group(2).rstrip(b".,;:!?)")
        kinds = sum(bool(kind.search(value)) for kind in KINDS)
        if kinds >= (2 if match.group(1) else 3):
            yield Find(high + start, high + start + len(value), "API_KEY", 0.6, "named as a secret")


FAMILIES = (
    Family(
        "tokens",
        (
            rb"\d[a-z0-9_-]{7,}(?:[^a-z0-9_-]|\z)", rb"sk-[a-z0-9_-]{10}", rb"gh[pousr]_", b"github_pat_", b"glpat-",
            rb"xox[abeoprs]-", rb"a[kisg][ipdr][ao][a-z0-9]{16}", rb"aiza[a-z0-9_-]{10}", rb"[srp]k_(?:live|test)_",
            rb"hf_[a-z0-9]{10}", b"npm_", b"pypi-", b"dop_v1_", b"shp[ascp][tsa]_", b"lin_api_", b"whsec[_-]",
            b"rzp_live", b"sq0[ac]", b"ya29", b"nvapi-", b"[bt][cb]1[a-z0-9]{20}",
        ),
        ALNUM + b"_-", read, "API_KEY",
    ),
    Family("dotted", (rb"eyj[a-z0-9_-]{8}", rb"sg\.[a-z0-9_-]{16}"), ALNUM + b"_-.", read_dotted, "API_KEY"),
    Family("private key", (rb"begin [a-z0-9 ]{0,30}private key(?: block)?-----",), b"", read_private_key, "API_KEY"),
    Family(
        "assigned",
        (b"password", b"passwd", b"pwd", b"passphrase", b"secret", b"api[ _]?key", b"access[ _]token"),
        b"", read_assigned, "API_KEY",
    ),
)  # fmt: skip
