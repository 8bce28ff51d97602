"""E-mail, addresses of machines, URLs that carry a password."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

from self_distill.macros.detectors.family import ALNUM, LETTER, Family, Find, bordered, found, pattern, wordy

EMAIL = pattern(
    rb"[a-z0-9_\xe9](?:[a-z0-9._%+&'#~\xe9-]{0,62}[a-z0-9_+\xe9-])?@(?:[a-z0-9\xe9](?:[a-z0-9\xe9-]{0,61}[a-z0-9\xe9])?\.)+"
    rb"(?:[a-z\xe9]{2,24}|xn--[a-z0-9-]{2,59})"
)
IPV4 = pattern(rb"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}")
IPV6 = pattern(rb"[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?::?\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})?")
MAC = pattern(rb"[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}")
URL = pattern(rb"[a-z][a-z0-9+.-]{1,20}://[^\s/?#@:]{0,128}:[^\s/?#@]{1,256}@[^\s/?#@]{1,255}(?:[/?#][^\s]*)?")
DIGIT = pattern(rb"\d")
TAIL = b".,;:!?"


def read_email(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, end, _ in found(EMAIL, data, low, high):
        if not wordy(data, end) and not (data[end : end + 1] == b"-" and wordy(data, end + 1)):
            yield Find(start, end, "EMAIL", 0.95, "address")


def read_ipv4(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, end, value in found(IPV4, data, low, high):
        parts = value.split(b".")
        alone = not wordy(data, start - 1) and not wordy(data, end)
        longer = data[start - 1 : start] == b"." or (data[end : end + 1] == b"." and wordy(data, end + 1))
        if alone and not longer and all(int(p) < 256 and (p == b"0" or p[0] != 48) for p in parts):
            small = all(int(p) < 20 for p in parts)
            yield Find(start, end, "IP", 0.4 if small else 0.8, "IPv4, all small" if small else "IPv4")


def read_colons(data: bytes, low: int, high: int) -> Iterator[Find]:
    if high - low >= len("00:00:00:00:00:00"):
        for start, end, _ in found(MAC, data, low, high):
            if bordered(data, start, end) and data[end : end + 1] != b":" and data[start - 1 : start] != b":":
                yield Find(start, end, "MAC", 0.9, "MAC")
    for start, end, value in found(IPV6, data, low, high):
        while value.endswith(b":") and not value.endswith(b"::"):
            value, end = value[:-1], end - 1
        if value.strip(b":") and bordered(data, start, end) and _is_ipv6(value):
            yield Find(start, end, "IP", 0.9, "IPv6")


def _is_ipv6(value: bytes) -> bool:
    if not DIGIT.search(value):  # a::b is a name in a program
        return False
    try:
        return bool(socket.inet_pton(socket.AF_INET6, value.decode("ascii")))
    except OSError:
        return False


def read_mac(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, end, _ in found(MAC, data, low, high):
        alone = bordered(data, start, end) and data[start - 1 : start] not in (b"-", b".")
        if alone and not (data[end : end + 1] in (b"-", b".") and wordy(data, end + 1)):
            yield Find(start, end, "MAC", 0.85, "MAC")


def read_url(data: bytes, low: int, high: int) -> Iterator[Find]:
    for start, _, value in found(URL, data, low, high):
        kept = len(value.rstrip(TAIL))
        yield Find(start, start + kept, "URL_CREDENTIALS", 0.95, "URL with a password")


FAMILIES = (
    Family("email", (rb"@[a-z0-9\xe9]",), ALNUM + LETTER + b"._%+&'#~-@", read_email, "EMAIL"),
    Family("ipv4", (rb"\d\.\d{1,3}\.\d{1,3}\.\d",), b"0123456789.", read_ipv4, "IP", sys.maxsize),
    Family("colons", (rb":[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:", b"::"),
           b"0123456789abcdefABCDEF:.", read_colons, "IP"),
    Family("mac", (rb"[0-9a-f]{2}-[0-9a-f]{2}-[0-9a-f]{2}-", rb"\.[0-9a-f]{4}\.[0-9a-f]{4}"),
           b"0123456789abcdefABCDEF.-", read_mac, "MAC"),
    Family("url", (rb"://[^\s/?#@]{0,200}:[^\s/?#@]{1,100}@",),
           bytes(c for c in range(33, 256) if c not in b"\"'<>()[]{}`|\\^"), read_url, "URL_CREDENTIALS"),
)  # fmt: skip
