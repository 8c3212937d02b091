"""The charts of money: bands add up, nothing overlaps its neighbours, names are escaped, odd amounts are drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.web.charts import heat, sankey, waterfall
from cantoria.web.charts.sankey import Link, Node
from cantoria.web.charts.strokes import UNIT, chars_of, fitted, number
from cantoria.web.charts.waterfall import Step

HOSTILE = "<script>alert(1)</script>\" onload='x' ]]>&amp;\u202e한"
AMOUNTS = st.integers(-(2**63) + 1, 2**63 - 1)
TEXTS = st.text(max_size=40)


def parsed(svg: str) -> ET.Element:
    """The picture as XML: it is well-formed, without styles, scripts and handlers."""
    root = ET.fromstring(svg)
    for one in root.iter():
        assert one.tag.rpartition("}")[2] not in ("script", "style", "a", "foreignObject", "image", "use")
        assert not [name for name in one.attrib if name == "style" or name.startswith("on") or "href" in name]
    return root


@st.composite
def flows(draw: st.DrawFn) -> tuple[list[Node], list[Link]]:
    layers = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    nodes = [
        Node(f"n{layer}-{at}", layer, draw(TEXTS), draw(TEXTS))
        for layer, count in enumerate(layers)
        for at in range(count)
    ]
    links = []
    for layer in range(len(layers) - 1):
        for source in range(layers[layer]):
            for target in draw(st.sets(st.integers(0, layers[layer + 1] - 1))):
                links.append(Link(f"n{layer}-{source}", f"n{layer + 1}-{target}", draw(AMOUNTS), draw(TEXTS)))
    return nodes, links


@settings(deadline=None, max_examples=60)
@given(flows())
def test_bands_fill_their_nodes_and_nothing_overlaps(flow: tuple[list[Node], list[Link]]) -> None:
    nodes, links = flow
    found = sankey.laid_out(nodes, links)
    assert [band.link for band in found.bands] == links
    for side in ("source", "target"):
        for box in found.boxes.values():
            mine = [band for band in found.bands if getattr(band.link, side) == box.node.id]
            assert sum(band.thick for band in mine) <= box.height
            middles = sorted((band.start if side == "source" else band.end, band.thick) for band in mine)
            for (above, thick), (below, other) in pairwise(middles):
                assert above + (thick + 1) // 2 <= below - other // 2 + 1
    for layer in range(found.layers):
        stacked = [box for box in found.boxes.values() if box.node.layer == layer]
        for one, other in pairwise(stacked):
            assert one.top + max(one.height, sankey.SLOT * UNIT) < other.top
    assert all(box.top >= 0 and box.top + box.height <= found.height for box in found.boxes.values())
    parsed(sankey.draw(nodes=nodes, links=links, name="flow", title=HOSTILE, summary=HOSTILE))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=8))
def test_the_sums_of_links_are_the_sums_of_amounts(amounts: list[int]) -> None:
    """What a source gives arrives: the thickness of bands is in proportion to their amounts, a hair at least."""
    nodes = [Node("s", 0, "", ""), *(Node(f"t{at}", 1, "", "") for at in range(len(amounts)))]
    links = [Link("s", f"t{at}", amount, "") for at, amount in enumerate(amounts)]
    found = sankey.laid_out(nodes, links)
    assert sum(band.link.amount for band in found.bands) == sum(amounts)
    whole = sum(amounts) or 1
    for band in found.bands:
        assert band.thick == max(sankey.THIN, band.link.amount * sankey.FULL // whole)


def test_a_sankey_leaves_out_what_leads_nowhere_and_marks_what_is_taken_back() -> None:
    nodes = [Node("a", 0, HOSTILE, HOSTILE), Node("b", 1, "", "")]
    links = [Link("a", "b", -5, "-5"), Link("b", "a", 1, ""), Link("a", "c", 1, "")]
    assert [band.link for band in sankey.laid_out(nodes, links).bands] == links[:1]
    svg = sankey.draw(nodes=nodes, links=links, name="flow", title="", summary="")
    assert "sk-back" in svg
    assert "&lt;script&gt;" in svg
    parsed(svg)
    parsed(sankey.draw(nodes=[], links=[], name="flow", title="", summary=""))


@settings(deadline=None, max_examples=80)
@given(st.lists(st.builds(Step, TEXTS, TEXTS, AMOUNTS, st.booleans()), max_size=12))
def test_bars_of_a_waterfall_stay_in_the_picture_and_tell_the_running_amount(steps: list[Step]) -> None:
    bars = waterfall.placed(steps)
    full = (waterfall.WIDTH - 2 * waterfall.SIDE) * UNIT
    assert all(0 <= bar.start <= bar.end <= full for bar in bars)
    for step, before, after in zip(steps[1:], bars, bars[1:], strict=False):
        if not step.level:
            assert before.after in (after.start, after.end)
    root = parsed(waterfall.draw(steps=steps, name="w", title=HOSTILE, summary=HOSTILE))
    spots = [
        (float(one.get("y", "0")), float(one.get("height", "0"))) for one in root.iter() if one.tag.endswith("rect")
    ]
    rows = sorted(spot for spot in spots if spot[1] == waterfall.BAR)
    assert len(rows) == len(steps)
    assert all(y + height < below for (y, height), (below, _) in pairwise(rows))


def test_a_waterfall_of_huge_amounts_ends_where_it_should() -> None:
    top = 2**63 - 1
    bars = waterfall.placed([Step("", "", top, True), Step("", "", 1 - top, False), Step("", "", 1, True)])
    assert bars[0].end > bars[1].start == bars[2].end == 0


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.integers(0, 10**12)] * 4), min_size=1, max_size=6))
def test_the_parts_of_a_cell_fill_its_bar(counts: list[tuple[int, int, int, int]]) -> None:
    for one in counts:
        parts = heat.lengths(one)
        assert sum(parts) == (heat.lengths((1, 0, 0, 0))[0] if sum(one) else 0)
        assert all(part == 0 for part, count in zip(parts, one, strict=True) if not count)
    cells = [[(one, HOSTILE, HOSTILE, HOSTILE)] for one in counts]
    svg = heat.draw(
        cells=cells,
        rows=[HOSTILE] * len(counts),
        columns=[HOSTILE],
        legend=[HOSTILE] * 4,
        name="h",
        title=HOSTILE,
        summary=HOSTILE,
    )
    root = parsed(svg)
    assert sum("heat-cell" in one.get("class", "") for one in root.iter()) == len(counts)


def test_an_empty_map_is_a_picture() -> None:
    parsed(heat.draw(cells=[], rows=[], columns=[], legend=["", "", "", ""], name="h", title="", summary=""))


@given(st.text(max_size=30), st.integers(1, 20))
def test_texts_fit(text: str, chars: int) -> None:
    assert chars_of(fitted(text, chars)) <= chars


def test_lengths_are_written_as_svg_wants_them() -> None:
    assert [number(one) for one in (0, 5, 50, 100, 12345, -150)] == ["0", "0.05", "0.5", "1", "123.45", "-1.5"]
