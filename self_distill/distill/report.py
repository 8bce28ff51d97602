"""The HTML report of a distillation: funnel, risk and coverage, confusion, the code and what it answered, economics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from self_distill.charts import Axis, Series, bars, lines
from self_distill.distill.cascade import Candidate
from self_distill.distill.distillation import Distilled
from self_distill.distill.figures import curve
from self_distill.distill.trial import Trial
from self_distill.page import render
from self_distill.rules.rule import Rule
from self_distill.types import Fault, Json, Ruled

MOST_LABELS = 12
"""Labels of a confusion table; the rest is joined."""
MOST_REASONS = 12
OTHERS, SILENT = "(others)", "(no answer)"
VOLUMES = [10 ** (k / 4) for k in range(4, 25)]
_PAGE = """\
{% extends "frame" %}
{% block body %}
<h1>{{ d.task }}: {{ d.cascade.status }}</h1>
<p class="{{ 'good' if d.cascade.status == 'certified' else 'bad' }}">{{ d.cascade.reason }}</p>
<p class="dim">maker {{ d.maker }} · teacher {{ d.teacher }} · risk {{ d.risk | percent }} at confidence \
{{ d.confidence | percent }} · always answering the most frequent label errs on {{ d.constant_error | percent }}</p>
<div class="cards">
{% if test %}<div><b>{{ test.coverage | percent }}</b>answered on test ({{ test.answered }} of {{ test.n }})</div>
<div><b>{{ share | percent if share is not none else "–" }}</b>{{ word }} there{% if test.interval %} \
[{{ test.interval[0] | percent }}, {{ test.interval[1] | percent }}]{% endif %}</div>{% endif %}
<div><b>{{ "{:,}".format(d.tokens_making) }}</b>tokens of making</div>
<div><b>{{ "{:,}".format(d.break_even) if d.break_even is not none else "–" }}</b>requests to break even</div>
</div>
<h2>Funnel</h2>{{ funnel }}
<table><tr><th>attempt</th><th class="n">tokens</th><th>on train, or why not</th></tr>
{% for a in d.attempts %}<tr><td>{{ a.name }}</td><td class="n">{{ "{:,}".format(a.tokens) }}</td><td>\
{% if a.train %}answers {{ a.train.answered }} of {{ a.train.n }}, {{ a.train.wrong }} wrong, {{ a.train.faults }} \
failed{% else %}{{ a.problem }}{% endif %}</td></tr>{% endfor %}</table>
{% for f in d.finals %}<p>Test {{ f.certify.j or "not made" }}: {{ f.certify.answered }} of {{ f.certify.n }} certify \
items answered{% if f.certify.wrong is not none %}, {{ f.certify.wrong }} wrong, error below \
{{ "%.2f%%" | format(100 * f.certify.bound) }}{% endif %}{% for r in f.refusals %} · <span class="bad">\
{{ r.told }}</span>{% endfor %}</p>{% endfor %}
<p class="dim">Examples: {% for part, n in d.splits.items() %}{{ n }} {{ part }}{{ ", " if not loop.last }}\
{% endfor %}; {{ d.found.repeated }} repeated, {{ d.found.contradictory }} contradictory, {{ d.found.empty }} empty, \
{{ d.found.strays }} with a label outside the answer space.{% if d.near_copies %} {{ d.near_copies }} certify and test \
items look like train items with other numbers: if the data comes from templates, declare a group.{% endif %}</p>
{% if d.compared %}<p>Beside {{ d.compared.model }} on {{ d.compared.n }} certify items: it disagrees on \
{{ d.compared.disagreed }}, at most {{ d.compared.disagreement_bound | percent }}: \
{{ "within that it audits these rules" if d.compared.audits else "too often to audit these rules" }}. \
Rules wrong and model right: {{ d.compared.rules_wrong_model_right }}; the reverse: \
{{ d.compared.rules_right_model_wrong }}. {% if d.compared.bound > 0 %}The rules give up at most \
{{ "%.1f" | format(100 * d.compared.bound) }}{% else %}The rules are ahead by at least \
{{ "%.1f" | format(-100 * d.compared.bound) }}{% endif %} \
points of accuracy ({{ "{:,}".format(d.compared.tokens) }} tokens).</p>{% endif %}
{% if risk_chart %}<h2>Risk and coverage</h2>{{ risk_chart }}
<p class="dim">On the select items, as programs are added, best first. The dashed line is the risk that must be \
proved; the bound is exact for each point alone.</p>{% endif %}
{% if confusion %}<h2>Confusion on test</h2><table><tr><th>true \\ answered</th>{% for c in confusion.columns %}\
<th class="n">{{ c }}</th>{% endfor %}</tr>
{% for row in confusion.rows %}<tr><td>{{ row.name }}</td>{% for n in row.counts %}<td class="n">{{ n or "·" }}</td>\
{% endfor %}</tr>{% endfor %}</table>{% endif %}
{% for p in programs %}<h2>{{ p.name }}</h2>
<p class="dim">{{ p.made }} · {{ p.lines }} lines, {{ p.branches }} branches · {{ p.hash[:12] }}</p>
<table><tr><th>reason it gave</th><th class="n">answers on test</th><th class="n">right</th></tr>
{% for r in p.reasons %}<tr><td>{{ r.told }}</td><td class="n">{{ r.n }}</td><td class="n">{{ r.right }}</td></tr>\
{% endfor %}</table><pre class="code">{{ p.code }}</pre>{% endfor %}
{% if economics %}<h2>Economics</h2>{{ economics }}
<table><tr>{% for n in d.savings %}<th class="n">{{ n | int | thousands }} requests</th>{% endfor %}</tr><tr>\
{% for v in d.savings.values() %}<td class="n">{{ "{:+,.0f}".format(v) }}</td>{% endfor %}</tr></table>
<p class="dim">Tokens saved against asking the model each time, making included; a request without rules costs \
{{ d.tokens_per_request.without | thousands }} tokens, with them {{ d.tokens_per_request.with | thousands }} \
({{ d.tokens_per_request.counted }}).{% if d.money %} In money: making {{ "%.2f" | format(d.money.making) }}, a \
request {{ "%.6f" | format(d.money.per_request.without) }} without and {{ "%.6f" | format(d.money.per_request.with) }} \
with rules{% if d.money.break_even is not none %}, paid back after {{ d.money.break_even | thousands }} requests\
{% endif %}.{% endif %}</p>{% endif %}
{% endblock %}
"""


def report(done: Distilled, document: Mapping[str, Any], rules: Sequence[Rule]) -> str:
    """The page of `figures.figures`; every text in it is scrubbed, and no example stands in it but by its label."""
    test = document["cascade"]["test"]
    word = "agreement" if test and test["accuracy"] is None and "agreement" in test else "accuracy"
    return render(
        _PAGE,
        title=f"{done.job.task.name}: {document['cascade']['status']}",
        d=document,
        test=test,
        word=word,
        share=test[word] if test else None,
        funnel=funnel(done),
        risk_chart=risk_chart(done),
        confusion=confusion(done.test.trial(done.cascade)) if done.cascade and done.job.task.kind == "label" else None,
        programs=[program(done, rule, place) for place, rule in enumerate(rules)],
        economics=economics(done) if done.certificate else None,
    )


def funnel(done: Distilled) -> Markup:
    worth = sum(done.select.trial([c]).net(done.job.task.risk) > 0 for c in done.candidates)
    steps = [
        ("replies", len(done.attempts)),
        ("programs", sum(attempt.trial is not None for attempt in done.attempts)),
        ("different ones", len(done.candidates)),
        ("worth their errors", worth),
        ("in the cascade", len(done.cascade)),
        ("certified", len(done.cascade) if done.certificate else 0),
    ]
    return bars([(name, float(n)) for name, n in steps])


def risk_chart(done: Distilled) -> Markup | None:
    points = curve(done)
    if not points:
        return None
    most = min(1.0, max(0.1, 1.2 * max(point["bound"] for point in points)))
    alpha = done.job.task.risk
    return lines(
        [
            Series("bound", [(p["coverage"], p["bound"]) for p in points], "two", dots=True),
            Series("risk", [(p["coverage"], p["risk"]) for p in points], "one", dots=True),
            Series("", [(0, alpha), (1, alpha)], "limit"),
        ],
        Axis("coverage", 0, 1, told=percent),
        Axis("wrong among answered", 0, most, told=percent),
    )


def percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def economics(done: Distilled) -> Markup:
    pay = done.pay
    without = [(n, pay.baseline * n) for n in VOLUMES]
    with_rules = [(n, pay.making + pay.with_rules * n) for n in VOLUMES]
    low = min(y for _, y in without)
    high = max(y for _, y in [*without, *with_rules])
    return lines(
        [Series("without rules", without, "two"), Series("with rules", with_rules, "one")],
        Axis("requests", VOLUMES[0], VOLUMES[-1], log=True),
        Axis("tokens", max(low, 1.0), high, log=True),
    )


def confusion(trial: Trial) -> dict[str, Any]:
    """Counts of true against answered labels; rare labels are joined."""
    truths = Counter(_told(outcome.example.label) for outcome in trial.outcomes)
    names = [name for name, _ in truths.most_common(MOST_LABELS)]
    columns = [*names, *([OTHERS] if len(truths) > len(names) else []), SILENT]
    counts: Counter[tuple[str, str]] = Counter()
    for outcome in trial.outcomes:
        truth = _told(outcome.example.label)
        answered = _told(outcome.decision.value) if isinstance(outcome.decision, Ruled) else SILENT
        counts[
            truth if truth in names else OTHERS, answered if answered in names or answered == SILENT else OTHERS
        ] += 1
    rows = [{"name": name, "counts": [counts[name, column] for column in columns]} for name in columns[:-1]]
    return {"columns": columns, "rows": rows}


def program(done: Distilled, rule: Rule, place: int) -> dict[str, Any]:
    candidate: Candidate = done.cascade[place]
    size = candidate.size
    trial = done.test.at_place(done.cascade, place)
    given: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for outcome in trial.outcomes:
        match outcome.decision:
            case Ruled(reason=reason):
                told = _cut(reason) or "(none)"
            case Fault(kind):
                told = f"failed: {kind}"
            case _:
                continue
        given[told] += 1
        right[told] += outcome.right is True
    rows = [{"told": told, "n": n, "right": right[told]} for told, n in given.most_common(MOST_REASONS)]
    facts = {"made": candidate.made, "lines": size.lines, "branches": size.branches}
    return {"name": rule.name, "hash": rule.hash, "code": rule.code, "reasons": rows, **facts}


def _told(label: Json) -> str:
    return label if isinstance(label, str) else str(label)


def _cut(reason: str) -> str:
    return reason if len(reason) <= 80 else f"{reason[:79]}…"
