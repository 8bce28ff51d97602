"""self-distill explain: who answered a trace, why, and what vouches for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.markup import escape

from self_distill import wire
from self_distill.cli.console import AsJson, Tools, existing, out, write_json
from self_distill.feedback import certificates
from self_distill.rules.store import Store
from self_distill.settings import load_settings
from self_distill.types import AnswerRow, AuditRow, CallRow, LedgerRow, RuleRow


def command(
    trace: Annotated[str, typer.Argument(help="Of an answer; `ledger show` lists them.")],
    tools: Tools = None,
    as_json: AsJson = False,
) -> None:
    """The answer of a trace: its rule and the rule's reason, the certificate, the audits, the calls."""
    settings = load_settings(tools=existing(tools))
    ledger = wire.make_ledger(settings)
    try:
        rows = [entry.row for entry in ledger.trace(trace)]
    finally:
        ledger.close()
    document = explained(trace, rows, Store(settings.tool_folders))
    if as_json:
        write_json(document)
        return
    for line in told(document):
        out.print(escape(line), highlight=False, soft_wrap=True)


def explained(trace: str, rows: Iterable[LedgerRow], store: Store) -> dict[str, Any]:
    rows = list(rows)
    answers = [row for row in rows if isinstance(row, AnswerRow)]
    audits = [row for row in rows if isinstance(row, AuditRow)]
    known = {id_: c for task in {row.task for row in audits} for id_, c in certificates(store, task).items()}
    named = dict.fromkeys(row.certificate for row in audits if row.certificate)
    return {
        "trace": trace,
        "answers": [
            {"task": r.task, "by": r.by, "text": r.text, "answer": r.value, "masked": r.masked, "error": r.error}
            for r in answers
        ],
        "rules": [
            {"rule": r.tool, "hash": r.code_hash, "outcome": r.outcome, "answer": r.value, "reason": r.detail}
            for r in rows
            if isinstance(r, RuleRow)
        ],
        "certificates": [
            {
                "id": name,
                "claim": known[name].claim if name in known else None,
                "date": getattr(known.get(name), "date", None),
            }
            for name in named
        ],
        "audits": [
            {
                "outcome": r.outcome,
                "auditor": r.auditor,
                "says": r.value,
                "point": r.point,
                "rate": r.rate,
                "detail": r.detail,
            }
            for r in audits
        ],
        "calls": [
            {"model": r.model, "phase": r.phase, "status": r.status, "tokens": r.usage.total, "error": r.error}
            for r in rows
            if isinstance(r, CallRow)
        ],
    }


def told(document: dict[str, Any]) -> Iterable[str]:
    for answer in document["answers"]:
        ended = f"failed: {answer['error']}" if answer["error"] else f"{answer['answer']!r} by {answer['by']}"
        yield f"{answer['task']}: {ended}"
        yield f"  text (scrubbed): {answer['text']}"
    for rule in document["rules"]:
        reason = f": {rule['reason']}" if rule["reason"] else ""
        said = f" {rule['answer']!r}" if rule["outcome"] == "answer" else ""
        yield f"rule {rule['rule']}@{rule['hash'][:12]}: {rule['outcome']}{said}{reason}"
    for certificate in document["certificates"]:
        claim = certificate["claim"] or "its rules are not among the tools any more"
        yield f"certificate {certificate['id']}: {claim}"
    for audit in document["audits"]:
        yield f"coin {audit['point']:.4f}, rate {audit['rate']:g}: {AUDITED[audit['outcome']].format(**audit)}"
    for call in document["calls"]:
        ended = f"{call['status']} {call['error']}".strip()
        yield f"call ({call['phase']}) of {call['model']}: {ended}, {call['tokens']:,} tokens"


AUDITED = {
    "passed": "not chosen",
    "waits": "chosen; waits for {auditor}",
    "right": "chosen; {auditor} says {says!r}: right",
    "wrong": "chosen; {auditor} says {says!r}: wrong {detail}",
    "failed": "chosen; the audit by {auditor} failed: {detail}",
    "notice": "a notice, no evidence: {detail}",
}
