"""An OpenAI-compatible server whose model answers at once: four turns with a sub-call each, then the answer.
`python -m bench.instant` prints its port."""

from __future__ import annotations

import asyncio
import json

SUB = "SUB "
"""How the prompts of sub-calls begin: the server tells them by it."""
ASK = '```repl\nr = llm_query("{}what is part {} of " + context[:80])\nprint(r)\n```'
END = '```repl\nanswer["content"] = str(len(context))\nanswer["ready"] = True\n```'
CALLS = 4


def said(messages: list[dict[str, str]]) -> str:
    if messages[-1]["content"].startswith(SUB):
        return "It is the next part."
    turn = sum(message["role"] == "assistant" for message in messages)
    return ASK.format(SUB, turn) if turn < CALLS else END


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection: requests with a length, answered until it is closed."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
            body = await reader.readexactly(int(fields[b"content-length"]))
            data = json.dumps(answer(json.loads(body)["messages"])).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ")
            writer.write(b"%d\r\n\r\n%b" % (len(data), data))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def answer(messages: list[dict[str, str]]) -> dict[str, object]:
    choice = {"index": 0, "message": {"role": "assistant", "content": said(messages)}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "i", "choices": [choice], "usage": usage}


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 24, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
