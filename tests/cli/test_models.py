from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from self_distill.cli import main


async def called(*args: str) -> int:
    def call() -> int:
        with pytest.raises(SystemExit) as stop:
            main(args)
        return int(stop.value.code or 0)

    return await asyncio.to_thread(call)


async def test_the_models_of_a_server_are_one_a_line_or_json(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = await serve((200, {"models": [{"name": "b:1"}, {"name": "a:2"}]}))
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    assert await called("models", "list") == 0
    assert capfd.readouterr().out == "a:2\nb:1\n"
    assert await called("models", "list", "--json") == 0
    assert json.loads(capfd.readouterr().out) == ["a:2", "b:1"]


async def test_a_server_without_models_says_how_to_get_one(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = await serve((200, {"models": []}))
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    assert await called("models", "list") == 0
    out, err = capfd.readouterr()
    assert out == "" and "models pull" in err


async def test_a_model_is_pulled_by_name(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = await serve((200, b'{"status":"pulling","total":9,"completed":3}\n{"status":"success"}\n'))
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    assert await called("models", "pull", "llama3.2:3b") == 0
    ((first, _, body),) = server.seen
    assert first.startswith("POST /api/pull ") and json.loads(body)["model"] == "llama3.2:3b"
    assert "llama3.2:3b is there" in capfd.readouterr().err


async def test_no_server_is_one_line(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    for args in (("models", "list"), ("models", "pull", "m")):
        assert await called(*args) == 1
        out, err = capfd.readouterr()
        assert out == "" and err.count("\n") == 1 and "ollama serve" in err
