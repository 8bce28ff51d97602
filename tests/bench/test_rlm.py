from __future__ import annotations

from pathlib import Path

from bench.instant import END, SUB, said
from bench.rlm import ours, row, server, together
from self_distill.rlm.blocks import blocks


def test_the_instant_model_asks_four_times_and_then_answers() -> None:
    turns = [[{"role": "assistant", "content": ""}] * n + [{"role": "user", "content": "x"}] for n in range(6)]
    asked = [said(messages) for messages in turns]
    assert asked[4:] == [END] * 2 and len(set(asked[:4])) == 4, "no two calls are equal: each is sent"
    assert all(SUB in line and blocks(line) for line in asked[:4])
    assert said([{"role": "user", "content": f"{SUB}what?"}]) not in asked


def test_our_side_of_the_bench_runs_and_a_missing_peer_leaves_its_column_empty(tmp_path: Path) -> None:
    with server() as url, ours(url, tmp_path) as rlm:
        found = row("case", together(rlm, "some text", 3), None, 1, 1.0)
        done = rlm.completion("some text")
    assert found.ours > 0 and found.peer is None and found.ratio is None
    assert done.metadata and done.metadata["turns"] == 5
    assert done.usage_summary.model_usage_summaries["openai/instant"].total_calls == 9
