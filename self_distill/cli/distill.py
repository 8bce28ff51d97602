"""self-distill distill: from examples to rules that act, with a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from self_distill import wire
from self_distill.background import run_sync
from self_distill.certificates.certificate import GOLD
from self_distill.cli.console import AsJson, Data, err, out, writable, write_beside, write_json
from self_distill.cli.distill_macro import macro_command, macro_task
from self_distill.datasets.files import READERS, read_examples
from self_distill.datasets.load import load_dataset
from self_distill.distill.distillation import Job
from self_distill.distill.figures import Prices, figures
from self_distill.distill.inductive import NAME as INDUCTIVE
from self_distill.distill.maker import Attempt
from self_distill.distill.report import report as page
from self_distill.distiller import Order, distilled
from self_distill.errors import SettingsError
from self_distill.settings import Settings, load_settings
from self_distill.task import Task, load_task
from self_distill.types import AnswerRow, Example

HERE = Path("tools")
LEDGER = "ledger"
"""As --examples: what a model answered before."""


def command(
    examples: Annotated[str, typer.Option("--examples", help="JSONL, CSV or Parquet, a data set's name, or `ledger`.")],
    task: Annotated[str | None, typer.Option("--task", "-t", help="A task file, or the name of a known task.")] = None,
    maker: Annotated[str, typer.Option("--maker", help="A model, or `inductive`, which needs none.")] = "inductive",
    tools: Annotated[Path, typer.Option("--tools", help="Folder that the rules are written to.")] = HERE,
    test: Annotated[str | None, typer.Option("--test", help="A test part that the data keeps for itself.")] = None,
    teacher: Annotated[str, typer.Option(help="Whose answers the labels are: gold, or a model's name.")] = GOLD,
    auditor: Annotated[str, typer.Option(help="A model to compare certified rules with, that may audit them.")] = "",
    risk: Annotated[float | None, typer.Option(help="Share of answers that may be wrong; default: the task's.")] = None,
    confidence: Annotated[float | None, typer.Option(help="Default: the task's.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(min=1, help="Tokens that making may cost.")] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="Expected; rules that cannot pay are refused.")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Cassette that keeps the maker's replies.")] = None,
    report: Annotated[Path | None, typer.Option("--report", help="HTML page with funnel, curves and code.")] = None,
    kind: Annotated[str, typer.Option(help="rule, or macro: find values of --type, to be masked.")] = "rule",
    type_: Annotated[str | None, typer.Option("--type", help="Of the values, such as EMPLOYEE_ID.")] = None,
    about: Annotated[str, typer.Option(help="What a value of the type looks like, for the maker of a macro.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Have rules written for a task, and let act what held-out examples prove."""
    settings = load_settings(data=data)
    writable(report)
    if kind not in ("rule", "macro"):
        raise SettingsError(f"--kind is rule or macro, not {kind!r}")
    if (kind == "macro") != (type_ is not None) or (kind == "rule") != (task is not None):
        raise SettingsError("a rule needs --task; a macro needs --kind macro --type TYPE")
    if type_ and (test or requests or report or auditor or teacher != GOLD):
        raise SettingsError("--test, --teacher, --auditor, --requests and --report are of rules, not of a macro")
    if type_ and maker == INDUCTIVE:
        raise SettingsError("only a model can write a macro: name one with --maker")
    if type_:
        terms = {"risk": risk, "confidence": confidence}
        wanted = macro_task(type_, about, {key: value for key, value in terms.items() if value is not None})
        job = Job(wanted, read(examples, "train", settings), maker)
        macro_command(Order(job, tools, record, budget_tokens, told=told), settings, as_json)
        return
    what = the_task(task or "", settings, risk, confidence)
    logged = examples == LEDGER
    job = Job(
        what,
        answers_of(what, teacher, settings) if logged else read(examples, "train", settings),
        maker,
        read(test, "test", settings) if test else None,
        teacher,
        requests,
        scrubbed=logged,
    )
    with err.status("") as status:
        order = Order(
            job,
            tools,
            record,
            budget_tokens,
            auditor=auditor,
            notice=lambda line: status.update(f"[dim]{escape(what.name)}: {line}"),
            told=told,
        )
        done, rules = run_sync(distilled(order, settings))
    document = figures(done, rules, prices(maker, settings))
    if report:
        write_beside(report, page(done, document, rules))
    if as_json:
        write_json(document)
    else:
        shown(document, tools)


def the_task(name: str, settings: Settings, risk: float | None, confidence: float | None) -> Task:
    """From a file or by name, with other terms where they are given."""
    if name.endswith(".toml"):
        found = load_task(Path(name))
    else:
        tasks = wire.make_tasks(settings)
        if name not in tasks:
            raise SettingsError(f"no task {name!r}: give a .toml file, or one of {', '.join(sorted(tasks))}")
        found = tasks[name]
    return replace(
        found,
        risk=found.risk if risk is None else risk,
        confidence=found.confidence if confidence is None else confidence,
    )


def prices(maker: str, settings: Settings) -> Prices:
    """From the setting `price_table`; the model in use is the setting `model`, else the maker."""
    return Prices(wire.make_price(settings, maker), wire.make_price(settings, settings.model or maker))


def answers_of(task: Task, teacher: str, settings: Settings) -> list[Example]:
    """What a model answered to the task, by our own ledger; its texts are scrubbed."""
    if teacher == GOLD:
        raise SettingsError("the ledger holds answers of models: say whose with --teacher MODEL")
    ledger = wire.make_ledger(settings)
    try:
        rows = [entry.row for entry in ledger.entries(kinds=(AnswerRow,))]
    finally:
        ledger.close()
    mine = [r for r in rows if isinstance(r, AnswerRow) and r.task == task.name and r.by == f"model:{teacher}"]
    return [Example(r.trace, r.text, r.value) for r in mine if not r.error]


def read(source: str, split: str, settings: Settings) -> list[Example]:
    if Path(source).suffix in READERS:
        return read_examples(Path(source))
    return load_dataset(source, split, data=settings.data)


def told(attempt: Attempt) -> None:
    err.print(_heard(attempt), highlight=False)


def _heard(attempt: Attempt) -> str:
    trial = attempt.trial
    if trial is None:
        return f"[dim]{attempt.name}: {escape(attempt.problem)} ({attempt.usage.total:,} tokens)"
    told = f"answers {trial.answered:,} of {trial.n:,} training examples, {trial.wrong:,} wrong"
    return f"[dim]{attempt.name}: {told} ({attempt.usage.total:,} tokens)"


def shown(document: dict[str, Any], tools: Path) -> None:
    table = Table("rule", "status", "certify items", "wrong", "bound", "test coverage", "test accuracy", box=None)
    gold = document["teacher"] == GOLD
    for rule in document["rules"]:
        certify, test = rule["certify"], rule["test"]
        table.add_row(
            rule["name"],
            rule["status"],
            f"{certify.get('answered', 0):,} of {certify.get('n', 0):,}",
            "–" if certify.get("wrong") is None else f"{certify['wrong']:,}",
            "–" if certify.get("bound") is None else f"{certify['bound']:.2%}",
            f"{test['coverage']:.1%}",
            _share(test["accuracy" if gold else "agreement"], test["interval"]),
        )
    if document["rules"]:
        out.print(table)
    if (whole := document["cascade"]["certify"]) and whole.get("bound") is not None:
        out.print(
            f"all rules together: {whole['wrong']:,} wrong of {whole['answered']:,} certify items, error below "
            f"{whole['bound']:.2%} (test {whole['j']})",
            highlight=False,
        )
    cascade = document["cascade"]
    style = "green" if cascade["status"] == "certified" else "yellow"
    out.print(f"[{style}]{cascade['status']}[/]: {escape(cascade['reason'])}", highlight=False)
    if document["savings"]:
        even = document["break_even"]
        pays = "never pays" if even is None else f"break-even at {even:,} requests"
        saved = ", ".join(f"{float(v):+,.0f} at {int(n):,}" for n, v in document["savings"].items())
        out.print(f"making cost {document['tokens_making']:,} tokens; {pays}", highlight=False)
        without = document["tokens_per_request"]["without"]
        out.print(f"tokens saved, by requests of {without:,.0f} without rules: {saved}", highlight=False)
    if beside := document["compared"]:
        out.print(_beside(beside), highlight=False)
    if money := document["money"]:
        saved = ", ".join(f"{value:+,.2f} at {int(n):,}" for n, value in money["savings"].items())
        out.print(f"in money: making {money['making']:,.2f}; saved, by requests: {saved or 'nothing'}", highlight=False)
    err.print(f"[dim]in {escape(str(tools))}; `self-distill tools show NAME` shows the code", highlight=False)


def _beside(found: dict[str, Any]) -> str:
    may = "it may audit the rules" if found["audits"] else "too often to audit the rules"
    disagrees = f"it disagrees on {found['disagreed']:,}, at most {found['disagreement_bound']:.1%}: {may}"
    points = 100 * found["bound"]
    gives = (
        f"the rules give up at most {points:.1f}" if points > 0 else f"the rules are ahead by at least {-points:.1f}"
    )
    gives += f" points of accuracy ({found['tokens']:,} tokens)"
    return f"beside {escape(found['model'])} on {found['n']:,} certify items: {disagrees}; {gives}"


def _share(value: float | None, interval: list[float] | None) -> str:
    if value is None or interval is None:
        return "–"
    return f"{value:.1%} [{interval[0]:.1%}, {interval[1]:.1%}]"
