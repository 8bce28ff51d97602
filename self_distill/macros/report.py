"""What a scrub found, as a page: counts by type and detector, and masked samples. No original value is in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from self_distill.charts import bars
from self_distill.macros.scrub import Scrubbed
from self_distill.page import render

SAMPLES = 12
AROUND = 60
"""Characters shown on each side of the first placeholder of a sample."""
_PAGE = """\
{% extends "frame" %}
{% block body %}
<h1>What was masked in {{ source }}</h1>
<div class="cards"><div><b>{{ t.documents | thousands }}</b>documents</div>
<div><b>{{ t.touched | thousands }}</b>with a value</div>
<div><b>{{ t.values | thousands }}</b>values masked</div>
<div><b>{{ t.characters | thousands }}</b>characters, {{ t.share | percent }} of them masked</div>
{% if t.seconds %}<div><b>{{ "{:,.0f}".format(t.characters / t.seconds / 1e3) }}</b>thousand characters per second\
</div>{% endif %}</div>
{% if not t.values %}<p>Nothing was found. That is no proof that nothing is there: see what each type can find in \
docs/macros.md.</p>{% else %}
<h2>By type</h2>{{ chart }}
<table><tr><th>type</th><th>detector</th><th class="n">values</th><th class="n">lowest score</th></tr>
{% for (type, detector), n in t.by_detector.most_common() %}<tr><td>{{ type }}</td><td>{{ detector }}</td>\
<td class="n">{{ n | thousands }}</td><td class="n">{{ "%.2f" | format(t.lowest[type, detector]) }}</td></tr>\
{% endfor %}
</table>
<h2>Samples, as a model would see them</h2>
{% for text in samples %}<pre>{{ text | marked }}</pre>{% endfor %}
{% endif %}
<p class="dim">Only scrubbed text is on this page; it loads nothing and runs nothing.</p>
{% endblock %}
"""


@dataclass(slots=True)
class Totals:
    """Filled as documents pass; `seconds` is what scrubbing took."""

    documents: int = 0
    touched: int = 0
    characters: int = 0
    hidden: int = 0
    seconds: float = 0.0
    by_detector: Counter[tuple[str, str]] = field(default_factory=Counter)
    lowest: dict[tuple[str, str], float] = field(default_factory=dict)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, text: str, scrubbed: Scrubbed) -> None:
        self.documents += 1
        self.touched += bool(scrubbed.spans)
        self.characters += len(text)
        for span in scrubbed.spans:
            key = (span.type, span.detector)
            self.hidden += span.end - span.start
            self.by_detector[key] += 1
            self.lowest[key] = min(span.score, self.lowest.get(key, 1.0))
        for type_ in {span.type for span in scrubbed.spans}:
            kept = self.samples.setdefault(type_, [])
            if len(kept) < SAMPLES:
                kept.append(scrubbed.text)

    @property
    def values(self) -> int:
        return self.by_detector.total()

    @property
    def share(self) -> float:
        return self.hidden / self.characters if self.characters else 0.0


def report(totals: Totals, source: str) -> str:
    """One page; `source` names the input."""
    by_type: Counter[str] = Counter()
    for (type_, _), n in totals.by_detector.items():
        by_type[type_] += n
    each = max(1, SAMPLES // max(1, len(by_type)))
    shown = [_around(text, name) for name, _ in by_type.most_common() for text in totals.samples[name][:each]]
    chart = bars([(type_, float(n)) for type_, n in by_type.most_common()])
    return render(
        _PAGE, title=f"Masked in {source}", source=source, t=totals, chart=chart, samples=dict.fromkeys(shown)
    )


def _around(text: str, type_: str) -> str:
    """The surroundings of the first placeholder of that type, or the beginning."""
    at = max(0, text.find(f"[{type_}"))
    start, end = max(0, at - AROUND), at + 2 * AROUND
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
