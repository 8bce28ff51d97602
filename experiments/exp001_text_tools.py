"""exp001: the model writes a guide for each task once; the guide is put into every prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments import command
from experiments.harness import Arm, Experiment
from experiments.mix import Share

EXPERIMENT = Experiment(
    "exp001",
    "Text tools: a guide that the model wrote is put into every prompt",
    shares=(
        Share(("--cola-limit", "--cola"), "cola", "acceptability", 20),
        Share(("--pii-limit", "--pii"), "pii", "pii", 10),
    ),
    arms=(Arm("baseline"), Arm("text tools", baseline="baseline", guided=True)),
)


def main(args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    return command.main(EXPERIMENT, args, prog)


if __name__ == "__main__":
    command.alone(EXPERIMENT)
