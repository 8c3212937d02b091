"""The way from an entry to the root: each level joins what stands left with what stands right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from markupsafe import Markup

from cantoria.web.charts.strokes import framed, words

WIDTH, ROW, TOP = 420, 40, 14
CENTRE: Final = WIDTH // 2
BOX, GAP = 124, 148
SHOWN: Final = 12  # hexadecimal digits of a hash


def draw(path: Sequence[Any], *, name: str, title: str, summary: str, leaf: str, root: str, entry: str) -> Markup:
    """Return the path as SVG. `path` are (hash, `left` or `right`) from the leaf's side on; `leaf` and `root` are the
    hashes at its ends, `entry` and `title` what they are called."""
    levels = len(path)
    height = TOP * 2 + ROW * (levels + 1) + 8
    body: list[str] = []
    bottom = height - TOP - 14
    for level, (sibling, side) in enumerate(path):
        body += _step(sibling, side, level, bottom)
    body += _box(CENTRE, bottom, leaf, "in-leaf", entry)
    body += _box(CENTRE, bottom - ROW * levels, root, "in-root", "") if levels else ()
    return framed(body, name=name, kind="inclusion", width=WIDTH, height=height, title=title, summary=summary)


def _step(sibling: str, side: str, level: int, bottom: int) -> Iterator[str]:
    y = bottom - ROW * level
    x = CENTRE - GAP if side == "left" else CENTRE + GAP
    top = y - ROW
    yield f'<path class="in-edge" d="M{CENTRE} {y}V{top}M{x} {y}L{CENTRE} {top}"/>'
    yield from _box(x, y, sibling, "in-sibling", "")
    if level:
        yield f'<circle class="in-node" cx="{CENTRE}" cy="{y}" r="5"/>'


def _box(x: int, y: int, digest: str, kind: str, said: str) -> Iterator[str]:
    text = f"{said} {digest[:SHOWN]}…".strip()
    width = BOX if not said else BOX + 40
    yield f'<rect class="{kind}" x="{x - width // 2}" y="{y - 12}" width="{width}" height="24" rx="6"/>'
    yield f'<text class="in-hash" x="{x}" y="{y + 4}" text-anchor="middle">{words(text)}</text>'
