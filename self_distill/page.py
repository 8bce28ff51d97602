"""The frame of every HTML page we write: it loads nothing, runs nothing and escapes everything.

A page is a Jinja template `{% extends "frame" %}{% block body %}…{% endblock %}`, rendered with `render(template,
title=…, **values)`; `| marked` shows a scrubbed text with its placeholders marked, charts come from `charts.py`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import DictLoader, Environment, Template
from markupsafe import Markup, escape

SHOWN = 20_000
"""Characters of one text at most."""
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*_(?:\d{1,9}|[0-9A-F]{12,40}|MASKED)\]")
_FRAME = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>{{ title[:80] }}</title>
<style>
:root { --ink: #1b1f24; --dim: #667085; --paper: #fff; --panel: #f4f5f7; --code: #eef4fb; --line: #d5d9e0;
  --mark: #ffe9a8; --good: #19734a; --bad: #a4262c; --badpanel: #fdeeee; --one: #2f6fb7; --two: #d9822b }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #98a2b3; --paper: #14171b; --panel: #1e2329;
  --code: #1b2633; --line: #394049; --mark: #6b5500; --good: #5fc795; --bad: #f1797f; --badpanel: #3a1d20;
  --one: #6aa7ec; --two: #eba55c } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink);
  background: var(--paper) }
h1 { font-size: 1.5rem; overflow-wrap: anywhere } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
pre { background: var(--panel); padding: .6rem .8rem; border-radius: 6px; overflow-x: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; margin: .3rem 0; font-size: 13px }
pre.code { background: var(--code) } pre.error { background: var(--badpanel) }
mark { background: var(--mark); color: inherit; border-radius: 3px }
details { border-left: 3px solid var(--line); padding-left: .8rem; margin: .4rem 0 } summary { cursor: pointer }
table { border-collapse: collapse; margin: .5rem 0 } th { text-align: left; color: var(--dim); font-weight: 500 }
th, td { padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.good, .free { color: var(--good) } .dim { color: var(--dim) } .bad { color: var(--bad) }
.cards { display: flex; flex-wrap: wrap; gap: .6rem } .cards > div { background: var(--panel); border-radius: 8px;
  padding: .5rem .9rem } .cards b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums }
svg { max-width: 100%; height: auto; font: 12px system-ui, sans-serif } svg text { fill: var(--ink) }
svg .dim { fill: var(--dim) } svg .axis { stroke: var(--line); fill: none } svg .one { stroke: var(--one); fill: none }
svg .two { stroke: var(--two); fill: none } svg .limit { stroke: var(--bad); stroke-dasharray: 5 4; fill: none }
svg .bar, svg .dot-one { fill: var(--one) } svg .dot-two { fill: var(--two) } svg .text-two { fill: var(--two) }
svg .text-one { fill: var(--one) } svg .text-limit { fill: var(--bad) }
</style></head><body>
{% block body %}{% endblock %}
</body></html>
"""


@cache
def _template(source: str) -> Template:
    environment = Environment(autoescape=True, trim_blocks=True, loader=DictLoader({"frame": _FRAME}))
    environment.filters["marked"] = marked
    environment.filters["thousands"] = "{:,.0f}".format
    environment.filters["percent"] = "{:.1%}".format
    return environment.from_string(source)


def render(template: str, *, title: str, **values: Any) -> str:
    return _template(template).render(title=title, **values)


def marked(text: str) -> Markup:
    """A scrubbed text, escaped, what stands for a hidden value marked."""
    if len(text) > SHOWN:
        text = f"{text[:SHOWN]}\n[… {len(text) - SHOWN:,} characters not shown …]"
    return Markup(_PLACEHOLDER.sub(lambda m: f"<mark>{m[0]}</mark>", str(escape(text))))
