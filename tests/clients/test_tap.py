from __future__ import annotations

import asyncio
import json

from self_distill.background import run_sync
from self_distill.clients.scripted import Scripted
from self_distill.clients.tap import Tap
from self_distill.types import Message, ModelRequest, OneOf


def tap() -> Tap:
    return Tap(Scripted(lambda _: "x"))


async def send(client: Tap, text: str) -> None:
    request = ModelRequest("m", (Message("user", text),), constraint=OneOf(("yes", "né")))
    await client.send(client.encode(request))
    await asyncio.sleep(0)


async def test_each_value_is_counted_once_per_body_as_it_is_written() -> None:
    client = tap()
    with client.watching(["Ada", "Zoë", "", "Ada", "nobody"]) as seen:
        await send(client, "Ada and Ada wrote to Zoë; not ada")
        await send(client, 'a "quoted"\nAda')
    assert (seen.exposures, seen.bodies) == (3, 2)


async def test_keys_and_constraints_are_looked_at_too() -> None:
    client = tap()
    with client.watching(["né", "messages"]) as seen:
        await send(client, "nothing")
    assert seen.exposures == 2


async def test_tasks_side_by_side_watch_for_their_own_values() -> None:
    client = tap()

    async def seen(text: str, values: list[str]) -> int:
        with client.watching(values) as watched:
            await asyncio.gather(send(client, text), send(client, "none"))
        return watched.exposures

    assert await asyncio.gather(seen("ada and bob", ["ada", "bob"]), seen("carl", ["ada"])) == [2, 0]


def test_work_on_the_background_loop_is_watched_as_well() -> None:
    client = tap()
    with client.watching(["ada"]) as seen:
        run_sync(send(client, "ada"))
    run_sync(send(client, "ada"))
    assert (seen.exposures, seen.bodies) == (1, 1)


async def test_a_watched_client_keeps_its_name_and_its_bytes() -> None:
    inner = Scripted(["x"], name="local/smollm2")
    client = Tap(inner)
    await send(client, "ada")
    assert client.name == "local/smollm2" and json.loads(inner.sent[0])["messages"] == [["user", "ada"]]
    await client.close()
