"""exp003: a router says which task a text is, tools answer, the model answers what they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments import command
from experiments.harness import Arm, Experiment
from experiments.mix import Share

EXPERIMENT = Experiment(
    "exp003",
    "Executable tools: router, rules, the model for the rest",
    shares=(
        Share(("--cola",), "cola", "acceptability", 50),
        Share(("--pii",), "pii", "pii", 15),
    ),
    arms=(
        Arm("baseline"),
        Arm("executable tools", baseline="baseline", rules="uncertified", routed=True),
        Arm("certified tools", baseline="baseline", rules="certified"),
    ),
)


def main(args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    return command.main(EXPERIMENT, args, prog)


if __name__ == "__main__":
    command.alone(EXPERIMENT)
