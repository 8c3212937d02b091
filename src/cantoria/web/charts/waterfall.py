"""A waterfall: how an amount becomes another one, step by step, drawn as bars below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from cantoria.web.charts.strokes import CROSSES, STRIPES, UNIT, fitted, framed, hatched, number, words

WIDTH, SIDE, ROW, BAR, TOP = 420, 8, 62, 14, 4
CHARS: Final = 44  # narrow letters on one line, in the larger type of a small screen
_FULL: Final = (WIDTH - 2 * SIDE) * UNIT


class Step(NamedTuple):
    """One bar: its name, its amount in words, the amount as a whole number, and whether the amount is a level (drawn
    from nought) or a change of the level before it."""

    name: str
    said: str
    amount: int
    level: bool


class Bar(NamedTuple):
    """Where the bar of a step lies: `start` and `end` in hundredths from the left, `after` the level it leads to."""

    start: int
    end: int
    after: int


def draw(steps: Sequence[Any], *, name: str, title: str, summary: str) -> Markup:
    """Return the waterfall of `Step`s (or tuples of their members) as SVG; `name` is its id on the page."""
    known = [Step(*one) for one in steps]
    body = ["<defs>", *hatched(f"{name}-minus", "wf-minus", STRIPES), *hatched(f"{name}-debt", "wf-minus", CROSSES)]
    body.append("</defs>")
    for place, (step, bar) in enumerate(zip(known, placed(known), strict=True)):
        body += _row(step, bar, name=name, top=TOP + place * ROW, last=place == len(known) - 1)
    height = TOP + max(1, len(known)) * ROW + TOP
    return framed(body, name=name, kind="waterfall", width=WIDTH, height=height, title=title, summary=summary)


def placed(steps: Sequence[Step]) -> list[Bar]:
    """Return where each bar lies. A level sets the running amount, a change moves it."""
    running, ends = 0, []
    for step in steps:
        before = 0 if step.level else running
        running = step.amount if step.level else running + step.amount
        ends.append((before, running))
    low = min([0, *(min(pair) for pair in ends)])
    high = max([0, *(max(pair) for pair in ends)])
    span = high - low

    def at(value: int) -> int:
        return (value - low) * _FULL // span if span else 0

    return [Bar(at(min(pair)), at(max(pair)), at(pair[1])) for pair in ends]


def _row(step: Step, bar: Bar, *, name: str, top: int, last: bool) -> Iterator[str]:
    y, left = top + 38, SIDE * UNIT
    yield f"<g><title>{words(f'{step.name}: {step.said}')}</title>"
    yield f'<text class="chart-name" x="{SIDE}" y="{top + 14}">{words(fitted(step.name, CHARS))}</text>'
    yield f'<text class="chart-said" x="{SIDE}" y="{top + 31}">{words(fitted(step.said, CHARS))}</text>'
    length = max(bar.end - bar.start, UNIT)
    start = min(bar.start, _FULL - length)
    yield f'<rect x="{number(left + start)}" y="{y}" width="{number(length)}" height="{BAR}" {_look(step, name)}/>'
    if not last:
        x = number(left + min(max(bar.after, UNIT // 2), _FULL - UNIT // 2))
        yield f'<path class="wf-tie" d="M{x} {y + BAR} V{top + ROW}"/>'
    yield "</g>"


def _look(step: Step, name: str) -> str:
    """Return how a bar is told: a level is plain, a rise outlined, a fall striped, a debt crossed."""
    if step.level:
        return 'class="wf-level"' if step.amount >= 0 else f'class="wf-edge" fill="url(#{name}-debt)"'
    return 'class="wf-plus"' if step.amount >= 0 else f'class="wf-edge" fill="url(#{name}-minus)"'
