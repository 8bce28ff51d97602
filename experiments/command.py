"""What every experiment is called with; the predecessor's options among them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from experiments import table
from experiments.figures import report
from experiments.harness import Arm, Experiment, Options, run
from self_distill import wire
from self_distill.background import run_sync
from self_distill.errors import SelfDistillError, SettingsError
from self_distill.settings import Settings, load_settings
from self_distill.tracking.ledger import RunLedger

err = Console(stderr=True)


class Parser(argparse.ArgumentParser):
    """A wrong call is one line, as everywhere."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}: see `{self.prog} --help`")


def parser(experiment: Experiment, prog: str) -> argparse.ArgumentParser:
    p = Parser(prog=prog or None, description=experiment.title, allow_abbrev=False)
    p.add_argument("--model", help="answers at run time: local/smollm2, llama3.2:3b, openai/NAME …")
    p.add_argument("--maker", default="", help="writes the tools anew; without it the shipped ones are used")
    for share in experiment.shares:
        p.add_argument(*share.flags, type=int, default=share.n, dest=share.dataset, help=f"{share.dataset} items")
    if experiment.scales:
        p.add_argument("--scales", default=",".join(map(str, experiment.scales)), help="e.g. 1,10")
    p.add_argument("--seed", type=int, default=42)
    p.add_argument("--data", type=Path, help="folder that holds the public data sets")
    p.add_argument("--tools", type=Path, help="folder of tools; with --maker they are written there")
    p.add_argument("--record", type=Path, help="cassette that keeps the maker's replies (without: the model's)")
    p.add_argument("--resume", action="store_true", help="go on with the latest unfinished run of these options")
    p.add_argument("--json", action="store_true", help="one JSON document on stdout")
    return p


def options(experiment: Experiment, given: argparse.Namespace, settings: Settings) -> Options:
    model = given.model or settings.model
    if not model:
        raise SettingsError("which model? Give --model, or set `model` in self-distill.toml; try local/smollm2")
    shares = tuple(replace(share, n=getattr(given, share.dataset)) for share in experiment.shares)
    if bad := [share for share in shares if share.n < 0]:
        raise SettingsError(f"{bad[0].flags[0]} is not negative")
    return Options(
        model=model,
        shares=shares,
        arms=_scaled(experiment.arms, getattr(given, "scales", "")),
        seed=given.seed,
        maker=given.maker,
        data=given.data or settings.data,
        tools=given.tools,
        record=given.record,
    )


def _scaled(arms: Sequence[Arm], scales: str) -> tuple[Arm, ...]:
    """The arms at each scale; an arm's baseline is the one at its own scale."""
    if not scales:
        return tuple(arms)
    try:
        numbers = [int(part) for part in scales.split(",")]
    except ValueError:
        numbers = []
    if not numbers or min(numbers) < 1:
        raise SettingsError(f"--scales is a list of whole numbers from 1, not {scales!r}")
    return tuple(
        replace(arm, name=f"{arm.name} x{n}", baseline=arm.baseline and f"{arm.baseline} x{n}", scale=n)
        for n in numbers
        for arm in arms
    )


def main(experiment: Experiment, args: Sequence[str] | None = None, prog: str = "") -> dict[str, Any]:
    """Runs an experiment and prints its report, which it returns too. Raises `SelfDistillError`."""
    given = parser(experiment, prog).parse_args(args)
    document = conduct(experiment, given)
    if given.json:
        print(json.dumps(document, ensure_ascii=False))
    else:
        table.show(document, table.console())
    return document


def conduct(experiment: Experiment, given: argparse.Namespace) -> dict[str, Any]:
    """The report of a run; it also goes into the run's folder and, where there is MLflow, into it."""
    settings = load_settings()
    chosen = options(experiment, given, settings)
    ledger = wire.make_ledger(settings)
    try:
        with ledger.run(experiment.name, _params(chosen), resume=given.resume) as arm:
            document = _run(experiment, chosen, settings, arm)
    finally:
        ledger.close()
    err.print(f"[dim]{_kept(document, chosen, settings)}", highlight=False)
    return document


def alone(experiment: Experiment) -> None:
    """The same as a program of its own: `python experiments/exp003_executable_tools.py …`."""
    try:
        main(experiment)
    except SelfDistillError as error:
        print(f"{experiment.name}: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print(f"{experiment.name}: interrupted; what is done is kept, --resume goes on", file=sys.stderr)
        sys.exit(130)


def _run(experiment: Experiment, chosen: Options, settings: Settings, arm: RunLedger) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        shown: dict[str, Any] = {}

        def notice(what: str, done: int, of: int) -> None:
            if what not in shown:
                shown[what] = bars.add_task(what, total=of)
            bars.update(shown[what], completed=done, total=of)

        return report(run_sync(run(experiment, chosen, settings, arm, notice)))


def _params(chosen: Options) -> dict[str, Any]:
    """What makes two runs the same, so that one can go on where the other ended."""
    return {
        "model_name": chosen.model,
        "maker": chosen.maker,
        "seed": chosen.seed,
        "dataset_name": "+".join(share.dataset for share in chosen.shares),
        "dataset_split": "+".join(share.split for share in chosen.shares),
        "dataset_size": sum(share.n for share in chosen.shares),
        **{share.dataset: share.n for share in chosen.shares},
        "arms": ", ".join(arm.name for arm in chosen.arms),
        "tools": str(chosen.tools or ""),
    }


def _kept(document: Mapping[str, Any], chosen: Options, settings: Settings) -> str:
    """Writes report and plot into the run's folder and, where there is MLflow, into it; says where."""
    folder = settings.state / "runs" / document["run"]
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"report.json": json.dumps(document, indent=1), "report.md": table.markdown(document)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    table.plot(document, folder / "report.png")
    where = f"report and plot: {folder}"
    if find_spec("mlflow") is None:
        return f"{where}; for MLflow: uv run --extra mlflow …, or pip install 'rlm-self-distill[mlflow]'"
    try:
        _logged(document, chosen, texts, folder)
    except SelfDistillError as error:
        return f"{where}; {error}"
    return f"{where}; in MLflow too: `mlflow ui` shows the run"


def _logged(document: Mapping[str, Any], chosen: Options, texts: Mapping[str, str], folder: Path) -> None:
    """One MLflow run for each approach, so that they can be compared there."""
    from self_distill.tracking.mlflow import log_run  # MLflow takes a second to import

    for row in document["rows"]:
        log_run(
            document["experiment"],
            f"{row['approach']} {document['run']}",
            params={**_params(chosen), "mode": row["approach"]},
            metrics=metrics(row),
            documents=texts,
            figures={"report.png": folder / "report.png"},
        )


def metrics(row: Mapping[str, Any]) -> dict[str, float]:
    """An approach's figures by the predecessor's names, and by those that it did not have."""
    used, change = row["tokens_in"] + row["tokens_out"], row["change"]
    spent = used + row["tokens_making"]
    named: dict[str, float | None] = {
        "total_calls": row["calls"],
        "total_input_tokens": row["tokens_in"],
        "total_output_tokens": row["tokens_out"],
        "total_rule_tokens": row["tokens_making"],
        "final_no_rule_calls": row["calls"],
        "final_rule_usage_calls": (row["accuracy"]["rule"] or {"n": 0})["n"],
        "final_tokens_saved_by_rules": spent / (1 + change) - spent if change is not None and spent else None,
        "avg_tokens_no_rule": used / row["calls"] if row["calls"] else None,
        "rule_token_overhead_pct": 100 * row["tokens_making"] / used if used else None,
        "change": change,
        "break_even": row["break_even"],
        "exposures": row["exposures"],
        "latency_ms_p50": row["latency_ms"]["p50"],
        "latency_ms_p95": row["latency_ms"]["p95"],
    }
    for part, found in row["accuracy"].items():
        if found:
            named |= {f"accuracy_{part}": found["value"], f"accuracy_{part}_low": found["low"]}
            named |= {f"accuracy_{part}_high": found["high"], f"accuracy_{part}_n": found["n"]}
    return {name: float(value) for name, value in named.items() if value is not None}
