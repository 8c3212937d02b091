"""The rights graph as SVG: layers from left to right, every node a link, every word escaped.

Nodes of a layer beyond `shown_max` stand together as one ("and 37 more"), which leads to the table. Labels are cut to
their box; the whole text is the node's title. What a label could order a page to do (marks of direction, control
characters) is spelt out.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from cantoria.kernel.shown import shown
from cantoria.web.charts.layers import Layout, lay_out

BOX_WIDTH: Final = 150
BOX_HEIGHT: Final = 44
COLUMN: Final = 196
ROW: Final = 54
POINT_ROW: Final = 14
HEAD: Final = 34
MARGIN: Final = 8
LABEL_WIDTH: Final = 132  # pixels of a label of 13 px type
TITLE_CHARS_MAX: Final = 300
_MARKS: Final = {"cleared": "✔ ", "refused": "✘ "}


@dataclass(frozen=True, slots=True)
class _Node:
    id: str
    label: str
    note: str
    href: str
    state: str
    layer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What is written, and where nodes lead."""

    layers: Mapping[str, str]
    labels: Mapping[str, str]
    more: Callable[[int], str]
    more_href: str
    query: str
    shown_max: int

    def node(self, value: Mapping[str, Any]) -> _Node:
        """Return a node in words."""
        label = self.labels.get(value["label"], value["label"])
        href = f"{value['path']}{self.query}" if value["path"] else ""
        return _Node(value["id"], label, value["note"], href, value["state"], value["layer"])


def draw(
    *,
    graph: Mapping[str, Any],
    title: str,
    desc: str,
    layers: Mapping[str, str],
    labels: Mapping[str, str],
    more: Callable[[int], str],
    more_href: str,
    query: str = "",
    shown_max: int = 12,
    name: str = "graph",
) -> str:
    """Return the SVG of a graph as `app.pages.registry_graph` gives it.

    `layers` names the columns, `labels` translates labels that are codes, `more(count)` says how many stand together
    at `more_href`, and `query` goes behind every address of a page (`?as_of=…`). `name` begins the ids in the SVG.
    """
    words = _Words(layers=layers, labels=labels, more=more, more_href=more_href, query=query, shown_max=shown_max)
    columns, merged = _columns(graph, words)
    nodes = {node.id: node for column in columns for node in column}
    edges = {}
    for edge in graph["edges"]:
        ends = (merged.get(edge["from"], edge["from"]), merged.get(edge["to"], edge["to"]))
        if ends[0] != ends[1] and ends not in edges:
            edges[ends] = edge["state"]
    layout = lay_out([[node.id for node in column] for column in columns], edges)
    spots, height = _spots(layout)
    width = MARGIN * 2 + COLUMN * (len(columns) - 1) + BOX_WIDTH if columns else BOX_WIDTH
    heads = [
        f'<text class="gr-head" x="{MARGIN + COLUMN * number}" y="20">{escape(layers[column[0].layer])}</text>'
        for number, column in enumerate(columns)
    ]
    lines = [_line(layout.routes[ends], spots, state) for ends, state in edges.items() if ends in layout.routes]
    boxes = [_box(nodes[one], *spots[one]) for column in layout.columns for one in column if one in nodes]
    # Not an image: its links are to be reached one by one.
    return (
        f'<svg class="chart rights-graph" role="group" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(desc)}</desc>'
        f'{"".join(heads)}<g class="gr-edges" aria-hidden="true">{"".join(lines)}</g>{"".join(boxes)}</svg>'
    )


def _columns(graph: Mapping[str, Any], words: _Words) -> tuple[list[list[_Node]], dict[str, str]]:
    """Return the columns that hold anything, and which nodes are put together as which."""
    degree = Counter(end for edge in graph["edges"] for end in (edge["from"], edge["to"]))
    columns, merged = [], {}
    for layer in graph["layers"]:
        found = [node for node in graph["nodes"] if node["layer"] == layer]
        if not found or layer not in words.layers:
            continue
        chosen = {node["id"] for node in found}
        if len(found) > words.shown_max:
            ranked = sorted(found, key=lambda node: (-degree[node["id"]], node["id"]))
            chosen = {node["id"] for node in ranked[: words.shown_max - 1]}
        column = [words.node(node) for node in found if node["id"] in chosen]
        if len(chosen) < len(found):
            rest = f"more {layer}"
            merged.update({node["id"]: rest for node in found if node["id"] not in chosen})
            label = words.more(len(found) - len(chosen))
            column.append(_Node(rest, label, "", words.more_href, "more", layer))
        columns.append(column)
    return columns, merged


def _spots(layout: Layout) -> tuple[dict[str, tuple[int, int]], int]:
    """Return the upper left corner of every node and point, and the height of the picture."""
    heights = [sum(_row(name) for name in column) for column in layout.columns]
    whole = max(heights, default=ROW)
    spots = {}
    for number, column in enumerate(layout.columns):
        y = HEAD + (whole - heights[number]) // 2
        for name in column:
            spots[name] = (MARGIN + COLUMN * number, y)
            y += _row(name)
    return spots, HEAD + whole + MARGIN


def _row(name: str) -> int:
    return POINT_ROW if name.endswith(" ") else ROW


def _line(route: Sequence[str], spots: Mapping[str, tuple[int, int]], state: str) -> str:
    """Return an edge: out of the right of one box, through its points, into the left of the next."""
    (x, y), (x_end, y_end) = spots[route[0]], spots[route[-1]]
    middle = BOX_HEIGHT // 2
    style = f' class="gr-edge gr-edge-{state}"' if state else ' class="gr-edge"'
    if x == x_end:  # within one column: a bow at the right
        right = x + BOX_WIDTH
        bow = f"C{right + 36} {y + middle} {right + 36} {y_end + middle} {right} {y_end + middle}"
        return f'<path{style} d="M{right} {y + middle}{bow}"/>'
    forward = x < x_end
    here = (x + BOX_WIDTH if forward else x, y + middle)
    path = [f"M{here[0]} {here[1]}"]
    for name in route[1:]:
        px, py = spots[name]
        point = name.endswith(" ")
        inwards = (px if forward else px + BOX_WIDTH, py + (POINT_ROW // 2 if point else middle))
        half = (here[0] + inwards[0]) // 2
        path.append(f"C{half} {here[1]} {half} {inwards[1]} {inwards[0]} {inwards[1]}")
        here = inwards
        if point:
            here = (px + BOX_WIDTH if forward else px, py + POINT_ROW // 2)
            path.append(f"L{here[0]} {here[1]}")
    return f'<path{style} d="{"".join(path)}"/>'


def _box(node: _Node, x: int, y: int) -> str:
    whole = shown(node.label)
    mark = _MARKS.get(node.state, "")
    note = shown(node.note)
    title = f"{mark}{whole[:TITLE_CHARS_MAX]}{f' · {note[:TITLE_CHARS_MAX]}' if note else ''}"
    line = y + (18 if note else 27)
    inside = (
        f"<title>{escape(title)}</title>"
        f'<rect class="gr-box gr-{escape(node.layer)} gr-is-{escape(node.state or "plain")}" '
        f'x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="7"/>'
        f'<text class="gr-name" x="{x + 9}" y="{line}">{escape(elided(mark + whole, LABEL_WIDTH))}</text>'
    )
    if note:
        inside += f'<text class="chart-small" x="{x + 9}" y="{y + 35}">{escape(elided(note, LABEL_WIDTH))}</text>'
    if not node.href:
        return f"<g>{inside}</g>"
    return f'<a class="gr-link" href="{escape(node.href)}">{inside}</a>'


def elided(text: str, width: int) -> str:
    """Return as much of a text as fits into so many pixels of 13 px type, with an ellipsis where some is left out."""
    used = 0
    for place, sign in enumerate(text):
        used += _width(sign)
        if used > width:
            return text[: max(1, place - 1)].rstrip() + "…"
    return text


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    if unicodedata.east_asian_width(sign) in "WF":
        return 13
    return 9 if sign.isupper() or sign in "mwMW@%" else 7
