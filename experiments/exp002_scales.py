"""exp002: exp001 at several scales. A guide is made once, so its share of the tokens falls as requests grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments import command
from experiments.harness import Arm, Experiment
from experiments.mix import Share

EXPERIMENT = Experiment(
    "exp002",
    "Text tools at several scales",
    shares=(
        Share(("--base-cola", "--cola"), "cola", "acceptability", 10),
        Share(("--base-pii", "--pii"), "pii", "pii", 5),
    ),
    arms=(Arm("baseline"), Arm("text tools", baseline="baseline", guided=True)),
    scales=(1, 10),
)


def main(args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    return command.main(EXPERIMENT, args, prog)


if __name__ == "__main__":
    command.alone(EXPERIMENT)
