"""One HTML page that shows a run: turns, code, output, sub-calls as a tree. It loads and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup, escape

from self_distill.rlm.trajectory import Event, Tree
from self_distill.rlm.way import Outcome

SHOWN = 20_000
"""Characters of one text at most."""
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*_(?:\d{1,9}|[0-9A-F]{12,40}|MASKED)\]")
_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>{{ head.question[:80] }}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
pre { background: #f4f5f7; padding: .6rem .8rem; border-radius: 6px; overflow-x: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; margin: .3rem 0 }
pre.code { background: #eef4fb } pre.error { background: #fdeeee } mark { background: #ffe9a8; border-radius: 3px }
details { border-left: 3px solid #d5d9e0; padding-left: .8rem; margin: .4rem 0 } summary { cursor: pointer }
.free { color: #19734a } .dim { color: #667 } .bad { color: #a4262c }
</style></head><body>
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
</body></html>
"""


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters["marked"] = _marked
    return environment.from_string(_PAGE)


def page(head: Mapping[str, Any], events: Iterable[Event], outcome: Outcome) -> str:
    """Everything in it is scrubbed; what stands for a hidden value is marked."""
    return _template().render(head=head, root=Tree(events).root, outcome=outcome)


def _marked(text: str) -> Markup:
    if len(text) > SHOWN:
        text = f"{text[:SHOWN]}\n[… {len(text) - SHOWN:,} characters not shown …]"
    return Markup(_PLACEHOLDER.sub(lambda m: f"<mark>{m[0]}</mark>", str(escape(text))))
