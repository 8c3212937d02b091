"""How a ledger grew: entries by time, as a line over a surface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from cantoria.web.charts.strokes import UNIT, framed, number, words

WIDTH, HEIGHT = 420, 200
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 26, 28
_WIDE: Final = (WIDTH - LEFT - RIGHT) * UNIT
_HIGH: Final = (HEIGHT - TOP - BOTTOM) * UNIT


class Point(NamedTuple):
    """How many entries there were at a moment (microseconds)."""

    at: int
    entries: int


def draw(points: Sequence[Any], *, name: str, title: str, summary: str, since: str, until: str, most: str) -> Markup:
    """Return the growth as SVG. `points` ascend; `since`, `until` and `most` are what the ends of the axes are called.

    Between two points the line is level, then rises: nothing is known of the way from one to the other.
    """
    known = [Point(*one) for one in points]
    places = [_place(point, known) for point in known]
    body = [*_grid()]
    if places:
        steps = "".join(f"H{number(x)}V{number(y)}" for x, y in places[1:])
        first = f"M{number(places[0][0])} {number(places[0][1])}"
        floor = number((HEIGHT - BOTTOM) * UNIT)
        body.append(f'<path class="gr-surface" d="{first}{steps}V{floor}H{number(places[0][0])}Z"/>')
        body.append(f'<path class="gr-line" d="{first}{steps}"/>')
        x, y = places[-1]
        body.append(f'<circle class="gr-end" cx="{number(x)}" cy="{number(y)}" r="4"/>')
    base = HEIGHT - 8
    body.append(f'<text class="chart-said" x="{LEFT}" y="{base}">{words(since)}</text>')
    body.append(f'<text class="chart-said" x="{WIDTH - RIGHT}" y="{base}" text-anchor="end">{words(until)}</text>')
    body.append(f'<text class="chart-name" x="{WIDTH - RIGHT}" y="16" text-anchor="end">{words(most)}</text>')
    return framed(body, name=name, kind="growth", width=WIDTH, height=HEIGHT, title=title, summary=summary)


def _place(point: Point, points: Sequence[Point]) -> tuple[int, int]:
    """Return where a point lies, in hundredths; entries are counted from nought."""
    span = max(1, points[-1].at - points[0].at)
    most = max(1, points[-1].entries)
    x = LEFT * UNIT + (point.at - points[0].at) * _WIDE // span
    return x, (HEIGHT - BOTTOM) * UNIT - point.entries * _HIGH // most


def _grid() -> Iterator[str]:
    for quarter in range(5):
        y = number((HEIGHT - BOTTOM) * UNIT - _HIGH * quarter // 4)
        yield f'<path class="gr-grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
