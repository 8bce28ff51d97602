"""One JSON request over HTTP; whatever goes wrong becomes one of three errors: try again, pointless, unreadable."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp

from self_distill.errors import BadReply, ModelRefused, ModelUnavailable

SHOWN = 200
"""Characters of a server's own message in an error line."""
TRY_AGAIN = {408, 409, 425, 429}


class Http:
    """Keeps connections open, by event loop; `close` closes them all."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}

    def session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if loop not in self._sessions:
            self._sessions[loop] = aiohttp.ClientSession(timeout=self._timeout)
        return self._sessions[loop]

    async def post(self, url: str, body: bytes, headers: Mapping[str, str] = {}) -> Any:
        """The JSON of the answer. Raises `ModelUnavailable`, `ModelRefused` or `BadReply`."""
        return await self._asked("POST", url, body, headers)

    async def get(self, url: str) -> Any:
        return await self._asked("GET", url, None, {})

    async def _asked(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        sent = {"content-type": "application/json", **headers}
        try:
            async with self.session().request(method, url, data=body, headers=sent, allow_redirects=False) as answer:
                data = await answer.read()
                status, wait = answer.status, answer.headers.get("retry-after", "")
        except TimeoutError:
            seconds = self._timeout.total or 0
            raise ModelUnavailable(f"{self.name}: no answer from {url} in {seconds:g} s") from None
        except aiohttp.ClientPayloadError:
            raise ModelUnavailable(f"{self.name}: {url} broke off in the middle of its reply") from None
        except (aiohttp.ClientError, OSError) as error:
            raise ModelUnavailable(
                f"{self.name}: no connection to {url} ({type(error).__name__}): is the server running?"
            ) from None
        if status >= 300:
            raise self._refusal(url, status, wait, data, body or b"")
        try:
            return json.loads(data)
        except ValueError:
            raise BadReply(f"{self.name}: {url} answered with something that is not JSON") from None

    def _refusal(self, url: str, status: int, wait: str, data: bytes, body: bytes) -> Exception:
        told = said(data, body)
        line = f"{self.name}: {url} answered {status}{': ' + told if told else ''}"
        if status in TRY_AGAIN or status >= 500:
            return ModelUnavailable(line, float(wait) if wait.replace(".", "", 1).isdigit() else None)
        if status < 400:
            return ModelRefused(f"{line}: redirects are not followed, give the final address")
        return ModelRefused(line)

    async def close(self) -> None:
        here = asyncio.get_running_loop()
        sessions, self._sessions = self._sessions, {}
        for loop, session in sessions.items():
            if loop is not here and loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(session.close(), loop))
            else:
                with suppress(RuntimeError):  # its loop is gone, and the connections with it
                    await session.close()


def said(data: bytes, body: bytes) -> str:
    """What a server says of an error, in a line; nothing if it repeats what it was sent."""
    try:
        found = json.loads(data)["error"]
        text = str(found["message"] if isinstance(found, dict) else found)
    except (ValueError, KeyError, TypeError):
        return ""
    line = " ".join(text.split())
    sent = body.decode("utf-8", "replace")
    echoed = any(part in sent for part in (line[i : i + 24] for i in range(max(1, len(line) - 23))))
    return "" if echoed else line[:SHOWN]
