"""One JSON request over HTTP; whatever goes wrong becomes one of three errors: try again, pointless, unreadable."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from self_distill.errors import BadReply, ModelRefused, ModelUnavailable

SHOWN = 200
"""Characters of a server's own message in an error line."""
ECHO = 24
"""As many characters of the prompt in a row in a server's message are no accident."""
TRY_AGAIN = {408, 409, 425, 429}


class NobodyThere(ModelUnavailable):
    """No connection: most likely the server does not run."""


class NotFound(ModelRefused):
    """404; `told` is what the server says."""

    def __init__(self, message: str, told: str) -> None:
        super().__init__(message)
        self.told = told


class Http:
    """Keeps connections open, by event loop; `close` closes them all."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}

    async def session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if loop not in self._sessions:
            for ended in [other for other in self._sessions if other.is_closed()]:
                await _closed(self._sessions.pop(ended))
            self._sessions[loop] = aiohttp.ClientSession(timeout=self._timeout)
        return self._sessions[loop]

    async def post(self, url: str, body: bytes, headers: Mapping[str, str] = {}) -> Any:
        """The JSON of the answer. Raises `ModelUnavailable`, `ModelRefused` or `BadReply`."""
        return await self._asked("POST", url, body, headers)

    async def get(self, url: str) -> Any:
        return await self._asked("GET", url, None, {})

    async def _asked(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        sent = {"content-type": "application/json", **headers}
        session, where = await self.session(), shown(url)
        try:
            async with session.request(method, url, data=body, headers=sent, allow_redirects=False) as answer:
                data = await answer.read()
                status, wait = answer.status, answer.headers.get("retry-after", "")
        except TimeoutError:
            seconds = self._timeout.total or 0
            raise ModelUnavailable(f"{self.name}: no answer from {where} in {seconds:g} s") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, ValueError) as error:
            what = "an address starts with http:// or https://, a key is one line of ASCII"
            raise ModelRefused(f"{self.name}: {where} cannot be asked ({type(error).__name__}): {what}") from None
        except aiohttp.ClientPayloadError:
            raise ModelUnavailable(f"{self.name}: {where} broke off in the middle of its reply") from None
        except (aiohttp.ClientError, OSError) as error:
            kind = type(error).__name__
            raise NobodyThere(f"{self.name}: no connection to {where} ({kind}): is the server running?") from None
        if status >= 300:
            raise self._refusal(where, status, wait, said(data, body or b""))
        try:
            return json.loads(data)
        except ValueError:
            raise BadReply(f"{self.name}: {where} answered with something that is not JSON") from None

    def _refusal(self, where: str, status: int, wait: str, told: str) -> Exception:
        line = f"{self.name}: {where} answered {status}{': ' + told if told else ''}"
        if status in TRY_AGAIN or status >= 500:
            return ModelUnavailable(line, seconds_in(wait))
        if status < 400:
            return ModelRefused(f"{line}: redirects are not followed, give the final address")
        return NotFound(line, told) if status == 404 else ModelRefused(line)

    async def close(self) -> None:
        here = asyncio.get_running_loop()
        sessions, self._sessions = self._sessions, {}
        for loop, session in sessions.items():
            if loop is not here and loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(session.close(), loop))
            else:
                await _closed(session)


async def _closed(session: aiohttp.ClientSession) -> None:
    with suppress(RuntimeError):  # its loop is gone, and the connections with it
        await session.close()


def shown(url: str) -> str:
    """An address without what may be a secret in it: user, password, query."""
    return re.sub(r"[^/@]*@", "", url.partition("?")[0])


def seconds_in(wait: str) -> float | None:
    """Retry-After: seconds or a date (RFC 9110, 10.2.3); None for anything else."""
    try:
        seconds = float(wait)
    except ValueError:
        try:
            then = parsedate_to_datetime(wait)
        except ValueError:
            return None
        seconds = (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def said(data: bytes, body: bytes) -> str:
    """What a server says of an error, in a line; nothing if it repeats of what it was asked."""
    try:
        found = json.loads(data)["error"]
        text = str(found["message"] if isinstance(found, dict) else found)
    except (ValueError, KeyError, TypeError):
        return ""
    line = " ".join(text.split())
    asked = _asked_in(body)
    echoed = any(part in asked for part in (line[i : i + ECHO] for i in range(max(1, len(line) - ECHO + 1))))
    return "" if echoed else line[:SHOWN]


def _asked_in(body: bytes) -> str:
    """The contents of the messages in a body, in one line."""
    try:
        return " ".join(" ".join(str(message["content"]) for message in json.loads(body)["messages"]).split())
    except (ValueError, KeyError, TypeError):
        return ""
