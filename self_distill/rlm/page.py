"""One HTML page that shows a run: turns, code, output, sub-calls as a tree. It loads and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from self_distill.page import render
from self_distill.rlm.trajectory import Event, Tree
from self_distill.rlm.way import Outcome

_PAGE = """\
{% extends "frame" %}
{% block body %}
{% macro node(n) %}
<details{% if n.path == "0" or not n.done or n.error %} open{% endif %}>
<summary><b>{{ n.path }}</b> {{ n.kind }} <span class="{{ 'free' if n.by.startswith('rule:') else 'dim' }}">\
{{ n.by or "…" }}</span> · {{ "{:,}".format(n.total.tokens_in) }} + {{ "{:,}".format(n.total.tokens_out) }} tokens · \
{{ "%.2f" % n.seconds }} s{% if n.error %} · <span class="bad">{{ n.error[:200] }}</span>{% endif %}</summary>
<pre>{{ n.text | marked }}</pre>
{% for e in n.events %}
{% if e.kind == "turn" %}<h4>Turn {{ e.turn }}</h4>
{% elif e.kind == "reply" %}<details><summary class="dim">reply of {{ e.by }}, {{ e.usage.tokens_in }} + \
{{ e.usage.tokens_out }} tokens, {{ "%.2f" % e.seconds }} s</summary><pre>{{ e.text | marked }}</pre></details>
{% else %}<pre class="code">{{ e.text | marked }}</pre>
{% if e.output %}<pre>{{ e.output | marked }}</pre>{% endif %}
{% if e.error %}<pre class="error">{{ e.error | marked }}</pre>{% endif %}{% endif %}
{% endfor %}
{% for child in n.children.values() %}{{ node(child) }}{% endfor %}
{% if n.done and not n.error %}<p>Answer:</p><pre>{{ n.answer | marked }}</pre>{% endif %}
</details>
{% endmacro %}
<h1>{{ head.question | marked }}</h1>
<p class="dim">{{ head.model }} · {{ outcome.turns }} turns · {{ root.below() }} sub-calls · \
{{ "{:,}".format(root.total.tokens_in) }} + {{ "{:,}".format(root.total.tokens_out) }} tokens · trace {{ head.trace }}\
{% if not outcome.complete %} · <span class="bad">incomplete: {{ outcome.reason }}</span>{% endif %}</p>
{{ node(root) }}
{% endblock %}
"""


def page(head: Mapping[str, Any], events: Iterable[Event], outcome: Outcome) -> str:
    """Everything in it is scrubbed; what stands for a hidden value is marked."""
    return render(_PAGE, title=head["question"], head=head, root=Tree(events).root, outcome=outcome)
