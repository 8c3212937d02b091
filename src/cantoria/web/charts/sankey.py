"""A Sankey diagram: where money comes from and where it goes, in bands as wide as their amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from cantoria.web.charts.strokes import UNIT, fitted, framed, number, words

WIDTH, TOP, NODE, SLOT, GAP, MARGIN = 960, 12, 14, 34, 8, 190
LETTER: Final = 8  # a narrow letter is no wider
FULL: Final = 340 * UNIT  # what all the money of the fullest layer is high
THIN: Final = UNIT  # no band is thinner


class Node(NamedTuple):
    """A place of money: its id, the layer it stands in (from 0), its name, and its amount in words."""

    id: str
    layer: int
    name: str
    said: str


class Link(NamedTuple):
    """Money that goes from one node to another; below nought it is taken back. `said` is the amount in words."""

    source: str
    target: str
    amount: int
    said: str


@dataclass(slots=True)
class Box:
    """Where a node lies, in hundredths: its top and height, and how much of both sides is taken by bands."""

    node: Node
    top: int
    height: int
    out: int = 0
    into: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """Where a link lies, in hundredths: the middles of both its ends, and how thick it is."""

    link: Link
    start: int
    end: int
    thick: int


@dataclass(slots=True)
class Layout:
    """All boxes by their node's id, in the order in which they were given, and all bands."""

    boxes: dict[str, Box] = field(default_factory=dict)
    bands: list[Band] = field(default_factory=list)
    layers: int = 1
    height: int = 0


def draw(nodes: Sequence[Any], links: Sequence[Any], *, name: str, title: str, summary: str) -> Markup:
    """Return the diagram of `Node`s and `Link`s (or tuples of their members) as SVG; `name` is its id on the page.

    Nodes of one layer stand below each other in the order given. Links lead to later layers.
    """
    found = laid_out([Node(*one) for one in nodes], [Link(*one) for one in links])
    body: list[str] = []
    for band in found.bands:
        body += _band(band, found)
    for box in found.boxes.values():
        body += _box(box, found)
    height = (found.height + UNIT - 1) // UNIT + 2 * TOP
    return framed(body, name=name, kind="sankey", width=WIDTH, height=height, title=title, summary=summary)


def laid_out(nodes: Sequence[Node], links: Sequence[Link]) -> Layout:
    """Return where everything lies; a link between unknown nodes or back to an earlier layer is left out."""
    layer = {node.id: node.layer for node in nodes}
    known = [one for one in links if one.source in layer and layer[one.source] < layer.get(one.target, -1)]
    thick = _thickness(known, layer)
    found = Layout(layers=max([node.layer for node in nodes], default=0) + 1)
    tops = [0] * found.layers
    for node in nodes:
        into = sum(thick[at] for at, link in enumerate(known) if link.target == node.id)
        out = sum(thick[at] for at, link in enumerate(known) if link.source == node.id)
        height = max(into, out, THIN)
        found.boxes[node.id] = Box(node, tops[node.layer], height)
        tops[node.layer] += max(height, SLOT * UNIT) + GAP * UNIT
    found.height = max(tops, default=0)
    _centre(found, tops)
    order = {node.id: place for place, node in enumerate(nodes)}
    ends: dict[int, list[int]] = {}
    for at in sorted(range(len(known)), key=lambda at: (order[known[at].target], order[known[at].source])):
        box = found.boxes[known[at].source]
        ends.setdefault(at, []).append(box.top + box.out + thick[at] // 2)
        box.out += thick[at]
    for at in sorted(range(len(known)), key=lambda at: (order[known[at].source], order[known[at].target])):
        box = found.boxes[known[at].target]
        ends[at].append(box.top + box.into + thick[at] // 2)
        box.into += thick[at]
    found.bands = [Band(link, ends[at][0], ends[at][1], thick[at]) for at, link in enumerate(known)]
    return found


def _thickness(links: Sequence[Link], layer: dict[str, int]) -> list[int]:
    """Return how thick each link is: of one scale, by the layer that most money leaves."""
    sums: dict[int, int] = {}
    for link in links:
        sums[layer[link.source]] = sums.get(layer[link.source], 0) + abs(link.amount)
    most = max(sums.values(), default=0) or 1
    return [max(THIN, abs(link.amount) * FULL // most) for link in links]


def _centre(found: Layout, tops: Sequence[int]) -> None:
    """Move each layer to the middle of the picture."""
    for box in found.boxes.values():
        box.top += (found.height - tops[box.node.layer]) // 2


def _left(layer: int, layers: int) -> int:
    return (WIDTH - NODE - MARGIN) * layer // max(1, layers - 1)


def _room(layer: int, layers: int) -> int:
    """Return how many narrow letters fit between the nodes of this layer and the next, or the margin."""
    until = WIDTH if layer == layers - 1 else _left(layer + 1, layers)
    return (until - _left(layer, layers) - NODE - 12) // LETTER


def _band(band: Band, found: Layout) -> Iterator[str]:
    source, target = found.boxes[band.link.source].node, found.boxes[band.link.target].node
    x0, x1 = _left(source.layer, found.layers) + NODE, _left(target.layer, found.layers)
    y0, y1, middle = number(band.start + TOP * UNIT), number(band.end + TOP * UNIT), (x0 + x1) // 2
    kind = "sk-link" if band.link.amount >= 0 else "sk-link sk-back"
    yield f'<path class="{kind}" d="M{x0} {y0} C{middle} {y0} {middle} {y1} {x1} {y1}" '
    yield f'stroke-width="{number(band.thick)}"><title>{words(f"{source.name} → {target.name}: {band.link.said}")}'
    yield "</title></path>"


def _box(box: Box, found: Layout) -> Iterator[str]:
    node = box.node
    x, y = _left(node.layer, found.layers), box.top + TOP * UNIT
    yield f"<g><title>{words(f'{node.name}: {node.said}')}</title>"
    yield f'<rect class="sk-node" x="{x}" y="{number(y)}" width="{NODE}" height="{number(box.height)}"/>'
    text, room = x + NODE + 6, _room(node.layer, found.layers)
    middle = y + box.height // 2
    if box.height < (SLOT - 4) * UNIT:
        middle = y + (SLOT - 4) * UNIT // 2
    yield f'<text class="chart-name" x="{text}" y="{number(middle - 3 * UNIT)}">'
    yield f"{words(fitted(node.name, room))}</text>"
    yield f'<text class="chart-said" x="{text}" y="{number(middle + 12 * UNIT)}">'
    yield f"{words(fitted(node.said, room))}</text></g>"
