"""Small charts as inline SVG: colours from the page, readable in print.

Here: bars, a line with its interval, a line beside another, predicted against observed. Not here:
what is drawn, or how its numbers are written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 400, 130
LEFT, RIGHT, TOP, BOTTOM = 4, 58, 10, 20
LINE_HEIGHT = 14
Format = Callable[[float], str]


class Point(NamedTuple):
    """One period: its label, its value (None = not known) and, if there is one, its interval."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None


class Pair(NamedTuple):
    """What was predicted of a group, what was observed, and the interval of that."""

    predicted: float
    observed: float
    low: float
    high: float


def bars(points: Sequence[Point], title: str, text: Format) -> Markup:
    """A bar per period, from zero."""
    scale = _Scale(points)
    step = scale.step
    parts = [
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="fill"/>').format(
            scale.x(i) - step * 0.36,
            min(scale.y(p.value), scale.y(0)),
            step * 0.72,
            max(abs(scale.y(p.value) - scale.y(0)), 0.5),
        )
        for i, p in enumerate(points)
        if p.value is not None
    ]
    return _frame(points, scale, title, text, Markup("").join(parts))


def line(points: Sequence[Point], title: str, text: Format) -> Markup:
    """A line over the known periods, broken where one is not known, with a band if it has one."""
    scale = _Scale(points)
    parts = []
    for run in _runs(points):
        if all(p.low is not None for _, p in run):
            upper = [(scale.x(i), scale.y(p.high or 0)) for i, p in run]
            lower = [(scale.x(i), scale.y(p.low or 0)) for i, p in reversed(run)]
            parts.append(Markup('<polygon points="{}" class="band"/>').format(_path(upper + lower)))
    drawing = Markup("").join([*parts, *_strokes(points, scale, "line")])
    return _frame(points, scale, title, text, drawing)


def two_lines(
    points: Sequence[Point],
    others: Sequence[Point],
    names: tuple[str, str],
    title: str,
    text: Format,
) -> Markup:
    """A line and, thin, what to hold it against, of the same periods on one scale."""
    scale = _Scale(points, others)
    drawing = Markup("").join(
        [*_strokes(others, scale, "line thin"), *_strokes(points, scale, "line")]
    )
    said = "; ".join(
        f"{p.label} {names[0]} {_said(p, text)}, {names[1]} {_said(o, text)}"
        for p, o in zip(points, others, strict=True)
    )
    return _frame(points, scale, title, text, drawing, said)


def agreement(pairs: Sequence[Pair], title: str, text: Format) -> Markup:
    """A dot per group: predicted to the right, observed upwards, the diagonal where they agree."""
    top = _round_out(max((max(p.predicted, p.high) for p in pairs), default=0.0)) or 1.0
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(value: float) -> float:
        return LEFT + value / top * width

    def y(value: float) -> float:
        return TOP + (1 - value / top) * height

    stroke = Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>')
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3" class="fill"/>')
    drawing = Markup("").join(
        [
            stroke.format(x(0), y(0), x(top), y(top), "rule"),
            *(stroke.format(x(p.predicted), y(p.low), x(p.predicted), y(p.high), "line thin")
              for p in pairs),
            *(dot.format(x(p.predicted), y(p.observed)) for p in pairs),
        ]
    )  # fmt: skip
    ends = [Point(f"predicted {text(0)}", 0.0), Point(text(top), top)]
    said = "; ".join(f"predicted {text(p.predicted)}, came {text(p.observed)}" for p in pairs)
    return _frame(ends, _Scale(ends), title, text, drawing, said)


class _Scale:
    """From periods and values to points of the drawing. Zero is always in it."""

    def __init__(self, points: Sequence[Point], others: Sequence[Point] = ()) -> None:
        values = [v for p in (*points, *others) for v in (p.value, p.low, p.high) if v is not None]
        self.low = _round_out(min(0.0, *values)) if values else 0.0
        self.high = _round_out(max(0.0, *values)) if values else 0.0
        if self.low == self.high:
            self.high = self.low + 1
        self.step = (WIDTH - LEFT - RIGHT) / max(len(points), 1)

    def x(self, index: int) -> float:
        return LEFT + self.step * (index + 0.5)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def _round_out(value: float) -> float:
    """The next number away from zero with at most two digits, of which the second is even."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1) * 2
    return math.copysign(math.ceil(abs(value) / unit - 1e-9) * unit, value)


def _runs(points: Sequence[Point]) -> list[list[tuple[int, Point]]]:
    runs: list[list[tuple[int, Point]]] = [[]]
    for index, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append((index, point))
    return [run for run in runs if run]


def _strokes(points: Sequence[Point], scale: _Scale, style: str) -> list[Markup]:
    """What is known of one series: its line, a dot where it is one period long and at the end."""
    runs = _runs(points)
    stroke = Markup('<polyline points="{}" class="{}"/>')
    paths = [_path([(scale.x(i), scale.y(p.value or 0)) for i, p in run]) for run in runs]
    ends = [run[0] for run in runs[:-1] if len(run) == 1] + [run[-1] for run in runs[-1:]]
    return [*(stroke.format(path, style) for path in paths), *(_dot(scale, *end) for end in ends)]


def _said(point: Point, text: Format) -> str:
    return "–" if point.value is None else text(point.value)


def _dot(scale: _Scale, index: int, point: Point) -> Markup:
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3" class="fill"/>').format(
        scale.x(index), scale.y(point.value or 0)
    )


def _path(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def _frame(
    points: Sequence[Point],
    scale: _Scale,
    title: str,
    text: Format,
    drawing: Markup,
    said: str | None = None,
) -> Markup:
    """Title for who cannot see it, grid lines with their values, first and last period."""
    rules = [scale.high, scale.low]
    if min(abs(scale.y(0) - scale.y(v)) for v in rules) > LINE_HEIGHT:  # else the numbers collide
        rules.append(0.0)
    grid = Markup("").join(
        Markup(
            '<line x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}" class="rule"/>'
            '<text x="{3}" y="{4:.1f}">{5}</text>'
        ).format(LEFT, WIDTH - RIGHT, scale.y(v), WIDTH - RIGHT + 6, scale.y(v) + 4, text(v))
        for v in rules
    )
    ends = Markup('<text x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text>')
    labels = ends.format(
        LEFT, HEIGHT - 4, points[0].label if points else "",
        WIDTH - RIGHT, HEIGHT - 4, points[-1].label if len(points) > 1 else "",
    )  # fmt: skip
    if said is None:
        said = "; ".join(f"{p.label} {_said(p, text)}" for p in points)
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        WIDTH, HEIGHT, f"{title}: {said}", grid, drawing, labels
    )
