"""A heat map of coverage: a cell for each use in each territory, readable without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from cantoria.web.charts.strokes import CROSSES, DOTS, STRIPES, UNIT, fitted, framed, hatched, number, words

LEFT, TOP, CELL, HEIGHT, GAP = 168, 66, 116, 62, 6
STATUSES: Final = ("cleared", "licensable", "denied", "unknown")
_BAR: Final = (CELL - 16) * UNIT


class Cell(NamedTuple):
    """How many rows have each of `STATUSES` at a row and column of the map; `said` is all of it in words, `short` the
    share that is cleared and `rest` the other shares."""

    counts: tuple[int, int, int, int]
    said: str
    short: str
    rest: str


def draw(
    cells: Sequence[Sequence[Any]],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    legend: Sequence[str],
    name: str,
    title: str,
    summary: str,
) -> Markup:
    """Return the map as SVG: `cells` by row and column, their names, and the four statuses in words."""
    width = max(LEFT + len(columns) * (CELL + GAP), 720)
    height = TOP + len(rows) * (HEIGHT + GAP)
    body = ["<defs>", *_patterns(name), "</defs>", *_legend(legend, name)]
    for place, column in enumerate(columns):
        x = LEFT + place * (CELL + GAP) + CELL // 2
        body.append(
            f'<text class="chart-name" x="{x}" y="{TOP - 10}" text-anchor="middle">{words(fitted(column, 15))}</text>'
        )
    for line, (row, found) in enumerate(zip(rows, cells, strict=True)):
        y = TOP + line * (HEIGHT + GAP)
        body.append(f'<text class="chart-name" x="0" y="{y + HEIGHT // 2 + 5}">{words(fitted(row, 23))}</text>')
        for place, cell in enumerate(found):
            body += _cell(Cell(*cell), x=LEFT + place * (CELL + GAP), y=y, name=name)
    return framed(body, name=name, kind="heat", width=width, height=height, title=title, summary=summary)


def lengths(counts: Sequence[int]) -> list[int]:
    """Return how long each part of a cell's bar is: their ends are rounded down, so that they fill it."""
    rows, before, end, found = sum(counts), 0, 0, []
    for count in counts:
        before += count
        start, end = end, before * _BAR // rows if rows else 0
        found.append(end - start)
    return found


def _cell(cell: Cell, *, x: int, y: int, name: str) -> Iterator[str]:
    rows = sum(cell.counts)
    step = 0 if not cell.counts[0] else max(1, min(4, cell.counts[0] * 4 // rows))
    yield f"<g><title>{words(cell.said)}</title>"
    yield f'<rect class="heat-cell heat-{step}" x="{x}" y="{y}" width="{CELL}" height="{HEIGHT}" rx="6"/>'
    yield f'<text class="heat-big" x="{x + 8}" y="{y + 20}">{words(fitted(cell.short, 14))}</text>'
    left = (x + 8) * UNIT
    for status, length in zip(STATUSES, lengths(cell.counts), strict=True):
        if length:
            yield f'<rect x="{number(left)}" y="{y + 28}" width="{number(length)}" height="10" {_look(status, name)}/>'
        left += length
    yield f'<rect class="heat-edge" x="{x + 8}" y="{y + 28}" width="{number(_BAR)}" height="10"/>'
    yield f'<text class="chart-small" x="{x + 8}" y="{y + 54}">{words(fitted(cell.rest, 20))}</text></g>'


def _look(status: str, name: str) -> str:
    return f'class="heat-{status}"' if status == "cleared" else f'fill="url(#{name}-{status})"'


def _patterns(name: str) -> Iterator[str]:
    for status, mark in zip(STATUSES[1:], (STRIPES, CROSSES, DOTS), strict=True):
        yield from hatched(f"{name}-{status}", f"heat-{status}", mark)


def _legend(legend: Sequence[str], name: str) -> Iterator[str]:
    x = 0
    for status, word in zip(STATUSES, legend, strict=True):
        yield f'<rect x="{x}" y="8" width="26" height="12" {_look(status, name)}/>'
        yield f'<text class="chart-said" x="{x + 32}" y="19">{words(fitted(word, 20))}</text>'
        x += 180
