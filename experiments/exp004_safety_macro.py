"""exp004: safety macros first, then rules, then the model on scrubbed text. Which types of personal data a text has
is answered from what the macros found, as the predecessor did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments import command
from experiments.harness import Arm, Experiment
from experiments.mix import Share

EXPERIMENT = Experiment(
    "exp004",
    "Safety macros, rules, and the model on scrubbed text",
    shares=(
        Share(("--cola",), "cola", "acceptability", 50),
        Share(("--pii",), "pii", "pii", 30),
    ),
    arms=(
        Arm("baseline"),
        Arm("macros + model", baseline="baseline", macros=True),
        Arm("macros + tools", baseline="baseline", macros=True, rules="uncertified", routed=True, spans=True),
        Arm("macros + certified tools", baseline="baseline", macros=True, rules="certified"),
    ),
)


def main(args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    return command.main(EXPERIMENT, args, prog)


if __name__ == "__main__":
    command.alone(EXPERIMENT)
