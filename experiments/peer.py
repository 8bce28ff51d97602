"""The official library `rlms` on our model: a process of its own for each completion, its requests through our door.

It runs what the model writes without a sandbox, in that process. Its prompts are its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextvars import Context, copy_context
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from types import TracebackType

from aiohttp import web

from experiments.long_contexts import LongItem
from self_distill.door import Door, Errand
from self_distill.errors import AnswerError, ModelError, ModelRefused, SettingsError
from self_distill.macros.vault import Vault
from self_distill.types import AnswerRow, Json, Message, ModelRequest, Sampling, Usage

ROOT, SUB = "root", "sub"
"""The names under which it asks: turns of the loop, and sub-calls."""
SECONDS = 6_000


def check() -> None:
    """Raises `SettingsError` where the library is not installed."""
    if find_spec("rlm") is None:
        raise SettingsError("the arm rlms needs the official library: uv run --group bench self-distill run exp006 …")


class Peer:
    """Inside its block a server on loopback takes the library's requests to `door`; sub-calls are labelled so."""

    def __init__(self, door: Door, turns: int, room: int) -> None:
        self._door, self._turns, self._room = door, turns, room
        self._url, self._trace, self._spent = "", "", Usage()
        self._context = Context()
        self._failure: ModelError | None = None

    async def __aenter__(self) -> Peer:
        app = web.Application(client_max_size=2**28)
        app.router.add_post("/v1/chat/completions", self._reply)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _reply(self, request: web.Request) -> web.Response:
        body = await request.json()
        messages = tuple(Message(m["role"], m["content"]) for m in body["messages"])
        label = "rlm rlms" if body["model"] == ROOT else "sub rlms"
        asked = ModelRequest(self._door.client.name, messages, Sampling(max_tokens=self._room), label=label)
        try:
            # In the context of the item that is asked, so that who watches it sees these requests.
            sent = self._door.ask(asked, Errand(self._trace, Vault()))
            reply = await asyncio.get_running_loop().create_task(sent, context=self._context)
        except ModelError as error:
            if not isinstance(error, ModelRefused):
                self._failure = error
            return web.json_response({"error": {"message": str(error)}}, status=500)
        self._spent += reply.usage
        usage = {
            "prompt_tokens": reply.usage.tokens_in,
            "completion_tokens": reply.usage.tokens_out,
            "total_tokens": reply.usage.total,
        }
        said = {"index": 0, "message": {"role": "assistant", "content": reply.text}, "finish_reason": "stop"}
        head = {"id": "peer", "object": "chat.completion", "created": 0, "model": body["model"]}
        return web.json_response({**head, "choices": [said], "usage": usage})

    async def ask(self, item: LongItem) -> bool:
        """Whether its answer is right; one that is no answer of the task, or none, is wrong. Raises `ModelError` when
        the model could not be asked, which says nothing of the library."""
        self._trace, self._spent, started = f"peer {item.id}", Usage(), time.perf_counter()
        self._context = copy_context()
        text, ended = await self._completion(item)
        if self._failure:
            raise self._failure
        value: Json = None
        try:
            value = item.task.parse(text)
            problem = ""
        except AnswerError as error:
            problem = ended or type(error).__name__
        took = (time.perf_counter() - started) * 1000
        row = AnswerRow(
            self._trace, item.task.name, f"model:{self._door.client.name}", item.example.text, value, self._spent, took,
            item=item.id, error=problem,
        )  # fmt: skip
        self._door.ledger.record(row)
        return not problem and item.task.score(value, item.example.label)

    async def _completion(self, item: LongItem) -> tuple[str, str]:
        """What it answered, and how it ended if not as it should."""
        question = f"{item.example.text} {item.task.instructions}"
        order = {"url": self._url, "context": item.context, "question": question, "turns": self._turns}
        with TemporaryDirectory() as folder:
            # A fixed seed: what its REPL prints of a set is in its next prompt.
            clean = {"HOME": folder, "OPENAI_API_KEY": "none", "PYTHONHASHSEED": "0"}
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", PROGRAM, cwd=folder, env=clean,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            try:
                out, _ = await asyncio.wait_for(process.communicate(json.dumps(order).encode()), SECONDS)
            except TimeoutError:
                return "", "Timeout"
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        lines = out.decode(errors="replace").splitlines()
        if process.returncode or not lines:
            return "", f"Exit{process.returncode}"
        return str(json.loads(lines[-1])["answer"]), ""


PROGRAM = """
import json, sys
from rlm import RLM
order = json.load(sys.stdin)
of = lambda name: {"model_name": name, "base_url": order["url"], "api_key": "none"}
rlm = RLM(backend="openai", backend_kwargs=of("root"), max_iterations=order["turns"],
          other_backends=["openai"], other_backend_kwargs=[of("sub")])
done = rlm.completion(order["context"], root_prompt=order["question"])
print("\\n" + json.dumps({"answer": str(done.response)}))
"""
