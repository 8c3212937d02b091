"""A funnel: how many rows of a dataset go through, and where the others stop, drawn as bars below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from cantoria.web.charts.strokes import CROSSES, DOTS, STRIPES, UNIT, chars_of, fitted, framed, hatched, number, words

WIDTH, SIDE, ROW, BAR, TOP = 420, 8, 46, 16, 6
CHARS: Final = 54  # narrow letters on one line
KINDS: Final = ("total", "cleared", "licensable", "denied", "unknown")
_FULL: Final = (WIDTH - 2 * SIDE) * UNIT
_MARKS: Final = {"licensable": STRIPES, "denied": CROSSES, "unknown": DOTS}


class Step(NamedTuple):
    """One bar: its kind (one of `KINDS`), its name, its number in words, and how many rows it has."""

    kind: str
    said_name: str
    said: str
    rows: int


def draw(steps: Sequence[Any], *, name: str, title: str, summary: str) -> Markup:
    """Return the funnel of `Step`s (or tuples of their members) as SVG; `name` is its id on the page.

    The widest bar is the largest count; each is centred below the other, so that what is lost is seen at both edges.
    """
    known = [Step(*one) for one in steps]
    most = max([1, *(one.rows for one in known)])
    body = ["<defs>"]
    for kind, mark in _MARKS.items():
        body += hatched(f"{name}-{kind}", f"fn-{kind}", mark)
    body.append("</defs>")
    for place, step in enumerate(known):
        body += _bar(step, most, name=name, top=TOP + place * ROW)
    height = TOP + max(1, len(known)) * ROW
    return framed(body, name=name, kind="funnel", width=WIDTH, height=height, title=title, summary=summary)


def length_of(rows: int, most: int) -> int:
    """Return the length of a bar in hundredths; whatever is there at all can be seen."""
    return max(2 * UNIT, rows * _FULL // most) if rows else 0


def _bar(step: Step, most: int, *, name: str, top: int) -> Iterator[str]:
    length = length_of(step.rows, most)
    start = SIDE * UNIT + (_FULL - length) // 2
    said = words(step.said)
    yield f'<text class="chart-name" x="{SIDE}" y="{top + 14}">{words(_name(step))}</text>'
    yield f'<text class="chart-said" x="{WIDTH - SIDE}" y="{top + 14}" text-anchor="end">{said}</text>'
    fill = f' fill="url(#{name}-{step.kind})"' if step.kind in _MARKS else f' class="fn-{step.kind}"'
    yield (
        f'<rect{fill} x="{number(start)}" y="{top + 20}" width="{number(length)}" height="{BAR}" rx="2">'
        f"<title>{words(step.said_name)}: {said}</title></rect>"
    )


def _name(step: Step) -> str:
    return fitted(step.said_name, CHARS - 2 - chars_of(step.said))
