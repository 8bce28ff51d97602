"""Charts as inline SVG for our pages: bars, and lines over two axes. Colours come from the page's style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Literal

from markupsafe import Markup

WIDE, HIGH = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 78, 44, 16, 46
ROW = 24
"""Height of one bar with its gap, in pixels."""

Kind = Literal["one", "two", "limit"]


@dataclass(frozen=True, slots=True)
class Series:
    """Points (x, y) joined in order, each with a dot if `dots`; `name` stands at the last one."""

    name: str
    points: Sequence[tuple[float, float]]
    kind: Kind = "one"
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`; `log` needs both above 0. `told` writes a number at a tick."""

    name: str
    low: float
    high: float
    log: bool = False
    told: Callable[[float], str] = "{:,.0f}".format

    def place(self, value: float, start: float, end: float) -> float:
        low, high, at = (self.low, self.high, value)
        if self.log:
            low, high, at = log10(low), log10(high), log10(max(value, self.low))
        share = (at - low) / (high - low) if high > low else 0.0
        return start + min(max(share, 0.0), 1.0) * (end - start)

    def ticks(self) -> list[float]:
        if self.log:
            return [10.0**k for k in range(ceil(log10(self.low)), floor(log10(self.high)) + 1)]
        return [self.low + (self.high - self.low) * k / 4 for k in range(5)]


def bars(rows: Sequence[tuple[str, float]], told: Callable[[float], str] = "{:,.0f}".format) -> Markup:
    """One bar for each (name, value ≥ 0), in the order given."""
    most = max((value for _, value in rows), default=0) or 1
    parts = []
    for i, (name, value) in enumerate(rows):
        y, width = i * ROW, value / most * (WIDE - 290)
        parts.append(Markup('<text x="170" y="{}" text-anchor="end">{}</text>').format(y + 16, name))
        bar = '<rect class="bar" x="180" y="{}" width="{:.1f}" height="16" rx="3"/><text x="{:.1f}" y="{}">{}</text>'
        parts.append(Markup(bar).format(y + 4, width, 188 + width, y + 16, told(value)))
    return _svg(len(rows) * ROW + 4, parts)


def lines(series: Sequence[Series], x: Axis, y: Axis) -> Markup:
    parts = _axes(x, y)
    for one in series:
        placed = [(x.place(a, LEFT, WIDE - RIGHT), y.place(b, HIGH - BOTTOM, TOP)) for a, b in one.points]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in placed)
        parts.append(Markup('<polyline class="{}" stroke-width="2" points="{}"/>').format(one.kind, path))
        for a, b in placed if one.dots else ():
            parts.append(Markup('<circle class="dot-{}" cx="{:.1f}" cy="{:.1f}" r="3.5"/>').format(one.kind, a, b))
        if placed and one.name:
            a, b = placed[-1]
            anchor, at = ("end", a - 8) if a > WIDE * 0.6 else ("start", a + 8)
            label = '<text class="text-{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>'
            parts.append(Markup(label).format(one.kind, at, b - 8 if b > TOP + 14 else b + 16, anchor, one.name))
    return _svg(HIGH, parts)


def _axes(x: Axis, y: Axis) -> list[Markup]:
    base, right = HIGH - BOTTOM, WIDE - RIGHT
    parts = [Markup('<path class="axis" d="M{} {}V{}H{}"/>').format(LEFT, TOP, base, right)]
    for tick in x.ticks():
        at = x.place(tick, LEFT, right)
        mark = '<text class="dim" x="{:.1f}" y="{}" text-anchor="middle">{}</text>'
        parts.append(Markup(mark).format(at, base + 17, x.told(tick)))
    for tick in y.ticks():
        at = y.place(tick, base, TOP)
        mark = '<path class="axis" d="M{} {:.1f}H{}" opacity=".5"/>'
        parts.append(Markup(mark).format(LEFT, at, right))
        label = '<text class="dim" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
        parts.append(Markup(label).format(LEFT - 8, at + 4, y.told(tick)))
    name = '<text class="dim" x="{}" y="{}" text-anchor="middle">{}</text>'
    parts.append(Markup(name).format((LEFT + right) / 2, HIGH - 8, x.name))
    turned = '<text class="dim" transform="translate(14 {}) rotate(-90)" text-anchor="middle">{}</text>'
    parts.append(Markup(turned).format((TOP + base) / 2, y.name))
    return parts


def _svg(high: float, parts: Sequence[Markup]) -> Markup:
    inner = Markup("").join(parts)
    return Markup('<svg viewBox="0 0 {} {}" width="{}" role="img">{}</svg>').format(WIDE, high, WIDE, inner)
