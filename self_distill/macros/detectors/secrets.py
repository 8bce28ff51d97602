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
NAMED = pattern(
    rb"(?:s\b|[ _-]?(?:access|api|secret|private|signing)?[ _-]?(?:key|token|id|hash)\b)?[\"']?(?: (?:is|was|of|to)\b)?"
    rb" ?(=>|:=|=|:)? ?[\"']?"
)
CLOSING = bytes(0 if c in b" \t\r\n\"'<>`,;" else c for c in range(256))
LOWER, UPPER = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KINDS = (LOWER, UPPER, b"0123456789", b"!@#$%^&*?+~|=-")
END = pattern(rb"-----END [A-Z0-9 ]{0,40}-----")
LONGEST_KEY = 16_384
"""Bytes: an RSA key of 16,384 bits takes 12,800."""
AHEAD, NAMES = 240, 40
SHORT, LONG = 6, 20
PASSWORDS = frozenset({b"ord", b"swd", b"pwd", b"ase", b"ret"})
"""How words end behind which a short secret may stand."""
HEX = frozenset("0123456789abcdefABCDEF")
RANDOM_BITS = 3.5
"""Shannon entropy per character above which a token of 20 characters or more may be random (as in TruffleHog)."""


def entropy(value: bytes) -> float:
    """Bits per character."""
    size = len(value)
    return log2(size) - sum(n * log2(n) for n in Counter(value).values()) / size


def read(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, end, value in found(PREFIXED, data, low, high):
        if not wordy(data, start - 1):
            yield Find(start, end, "API_KEY", 0.95, f"prefix {value[:4].decode('latin-1')}")
    start = low
    for part in data[low:high].replace(b"-", b"_").split(b"_"):
        if 26 <= len(part) <= 90 and (rule := _coin(part.decode("latin-1"))):
            yield Find(start, start + len(part), "CRYPTO_ADDRESS", 0.95, rule)
        start += len(part) + 1


def _coin(text: str) -> str:
    """Of which kind a crypto currency's address is, empty if it is none."""
    if text[:2].lower() == "0x":
        return "0x and 40 hex digits" if len(text) == 42 and HEX.issuperset(text[2:]) else ""
    if text[0] in "13" and len(text) <= 35:
        return "Base58Check" if base58check(text) else ""
    return "Bech32" if text[:3].lower() in ("bc1", "tb1") and bech32(text) else ""


def read_dotted(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, end, _ in found(JWT, data, low, high):
        if not wordy(data, start - 1):
            yield Find(start, end, "API_KEY", 0.95, "signed token")


def read_private_key(data: bytes, low: int, high: int) -> Iterator[Find]:
    """The whole block; where its end is missing, what follows of it."""
    start = max(0, data.rfind(b"-----", 0, high - len("PRIVATE KEY-----")))
    behind = data[high : high + LONGEST_KEY].partition(GAP.encode("latin-1"))[0]
    end = END.search(behind)
    stop = high + (int(end.end()) if end else run_end(behind, 0, ALNUM + b"+/=\r\n\\"))
    yield Find(start, stop, "API_KEY", 1.0, "private key")


def read_assigned(data: bytes, low: int, high: int) -> Iterator[Find]:
    """What is named as a secret: of several kinds of characters, or long and random."""
    ahead = data[high : high + AHEAD].partition(b"\0")[0]
    match = NAMED.match(ahead[:NAMES])
    if ahead[: match.end() + 1].isalnum():
        return
    value = ahead[match.end() :].translate(CLOSING).partition(b"\0")[0].rstrip(b".,;:!?)]}")
    if len(value) < SHORT:
        return
    kinds = sum(len(value.translate(None, kind)) < len(value) for kind in KINDS)
    random = len(value) >= LONG and kinds >= 2 and entropy(value) >= RANDOM_BITS
    word = data[max(0, high - len("api-key")) : high].lower()
    spoken = word[-3:] in PASSWORDS or word[:3] == b"api"
    if random or (spoken and kinds >= (2 if match.group(1) else 3)):
        start = high + int(match.end())
        yield Find(start, start + len(value), "API_KEY", 0.7 if random else 0.6, "named as a secret")


FAMILIES = (
    Family(
        "tokens",
        (
            rb"0x[0-9a-f]{40}", rb"(?:[^a-z0-9]|^)[13][a-z0-9]{25}", rb"bc1[a-z0-9]{20}", rb"tb1[a-z0-9]{20}",
            rb"sk-[a-z0-9_-]{10}", rb"gh[pousr]_", b"github_pat_", b"glpat-", rb"xox[abeoprs]-", b"npm_", b"pypi-",
            rb"(?:akia|asia|agpa|aida|aroa)[a-z0-9]{16}", rb"aiza[a-z0-9_-]{10}", rb"[srp]k_(?:live|test)_",
            rb"hf_[a-z0-9]{10}", b"dop_v1_", b"shp[ascp][tsa]_", b"lin_api_", b"whsec[_-]", b"rzp_live", b"sq0[ac]",
            b"ya29", b"nvapi-",
        ),
        ALNUM + b"_-", read, "API_KEY",
    ),
    Family("dotted", (rb"eyj[a-z0-9_-]{8}", rb"sg\.[a-z0-9_-]{16}"), ALNUM + b"_-.", read_dotted, "API_KEY"),
    Family("private key", (rb"begin [a-z0-9 ]{0,30}private key(?: block)?-----",), b"", read_private_key, "API_KEY"),
    Family(
        "assigned",
        (b"password", b"passwd", b"pwd", b"passphrase", b"secret", b"token", b"key", b"bearer", b"credential", b"auth"),
        b"", read_assigned, "API_KEY",
    ),
)  # fmt: skip
