"""The rights graph: layers in order, few crossings, equal pictures for equal graphs, links that can be reached."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.web.charts import graph as chart
from cantoria.web.charts.layers import lay_out

SVG = "{http://www.w3.org/2000/svg}"
LAYERS = ("person", "share", "work", "recording", "release", "dataset", "model")


def drawn(nodes, edges, **more):
    given_words = {
        "title": "Rights",
        "desc": "said",
        "layers": {layer: layer.title() for layer in LAYERS},
        "labels": {},
        "more": lambda count: f"and {count} more",
        "more_href": "#table",
        **more,
    }
    value = {
        "layers": list(LAYERS),
        "nodes": [{"path": "", "note": "", "state": "", "label": node["id"], **node} for node in nodes],
        "edges": [{"from": one, "to": other, "state": ""} for one, other in edges],
    }
    return chart.draw(graph=value, **given_words)


def crossings(layout):
    """How many pairs of lines between neighbouring columns cross."""
    place = {name: at for column in layout.columns for at, name in enumerate(column)}
    column_of = {name: number for number, column in enumerate(layout.columns) for name in column}
    lines = [
        tuple(sorted(pair, key=column_of.__getitem__)) for route in layout.routes.values() for pair in pairwise(route)
    ]
    lines = [pair for pair in lines if column_of[pair[0]] + 1 == column_of[pair[1]]]
    return sum(
        column_of[one[0]] == column_of[other[0]]
        and (place[one[0]] - place[other[0]]) * (place[one[1]] - place[other[1]]) < 0
        for one, other in combinations(lines, 2)
    )


@st.composite
def graphs(draw):
    columns = [
        [f"{number}.{place}" for place in range(draw(st.integers(0, 5)))] for number in range(draw(st.integers(1, 5)))
    ]
    names = [name for column in columns for name in column] or ["none"]
    edges = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=20))
    return columns, edges


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_nothing_is_lost_and_nothing_added(given_graph):
    columns, edges = given_graph
    layout = lay_out(columns, edges)
    for column, shown in zip(columns, layout.columns, strict=True):
        assert sorted(column) == sorted(name for name in shown if not name.endswith(" "))
    known = {name for column in columns for name in column}
    assert set(layout.routes) == {edge for edge in edges if set(edge) <= known}
    column_of = {name: number for number, column in enumerate(layout.columns) for name in column}
    for (source, target), route in layout.routes.items():
        assert (route[0], route[-1]) == (source, target)
        if column_of[source] != column_of[target]:
            assert {abs(column_of[one] - column_of[other]) for one, other in pairwise(route)} == {1}
    assert layout == lay_out(columns, edges)


def test_crossed_lines_are_uncrossed():
    columns = [["a", "b", "c"], ["x", "y", "z"], ["p", "q", "r"]]
    edges = [("a", "z"), ("b", "y"), ("c", "x"), ("x", "p"), ("y", "q"), ("z", "r")]
    assert crossings(lay_out(columns, edges)) == 0


def test_a_line_over_a_column_runs_between_its_nodes():
    layout = lay_out([["a"], ["b", "c"], ["d"]], [("a", "d"), ("a", "b")])
    [point] = [name for name in layout.columns[1] if name.endswith(" ")]
    assert layout.routes["a", "d"] == ("a", point, "d")


def test_many_nodes_stand_together_and_lead_to_the_table():
    nodes = [{"id": f"p{number}", "layer": "person"} for number in range(48)] + [{"id": "w", "layer": "work"}]
    svg = drawn(nodes, [(f"p{number}", "w") for number in range(48)], shown_max=12)
    tree = ElementTree.fromstring(svg)
    boxes = tree.findall(f".//{SVG}rect")
    assert len(boxes) == 13
    [rest] = [one for one in tree.iter(f"{SVG}a") if one.get("href") == "#table"]
    assert "and 37 more" in "".join(rest.itertext())
    assert len(tree.findall(f".//{SVG}path")) == 12, "lines to what stands together are one line"


def test_every_word_is_escaped_and_every_node_is_a_link():
    evil = '"><script>alert(1)</script>\u202e\x00'
    nodes = [
        {"id": "r", "layer": "recording", "label": evil, "note": evil, "path": "/recordings/r", "state": "plain"},
        {"id": "d", "layer": "dataset", "label": "D", "path": "/certificates/d", "state": "refused"},
    ]
    svg = drawn(nodes, [("r", "d")], query="?as_of=7", title=evil.strip("\x00"), desc="<&>")
    tree = ElementTree.fromstring(svg.replace(" xmlns=", " xmlns="))
    assert "<script" not in svg
    assert "\u202e" not in "".join(one for link in tree.iter(f"{SVG}a") for one in link.itertext())
    assert [one.get("href") for one in tree.iter(f"{SVG}a")] == ["/recordings/r?as_of=7", "/certificates/d?as_of=7"]
    assert tree.get("role") == "group", "an image would hide its links"
    assert "✘ D" in svg


def test_an_empty_graph_is_a_picture_too():
    ElementTree.fromstring(drawn([], []))


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(20, 300))
def test_a_label_fits_its_box(text, width):
    cut = chart.elided(text, width)
    assert cut == text or cut.endswith("…")
    assert len(cut) <= max(2, len(text) + 1)


def test_boxes_do_not_lie_on_one_another():
    nodes = [{"id": f"{layer}{number}", "layer": layer} for layer in LAYERS for number in range(9)]
    edges = [(f"{one}{number}", f"{other}{(number * 5) % 9}") for one, other in pairwise(LAYERS) for number in range(9)]
    edges += [(f"share{number}", f"recording{number}") for number in range(9)]
    tree = ElementTree.fromstring(drawn(nodes, edges))
    spots = [tuple(int(one.get(name)) for name in ("x", "y", "width", "height")) for one in tree.iter(f"{SVG}rect")]
    for (x, y, width, height), (other_x, other_y, _, _) in combinations(spots, 2):
        assert abs(x - other_x) >= width or abs(y - other_y) >= height
    whole = [int(one) for one in tree.get("viewBox").split()]
    assert all(x + width <= whole[2] and y + height <= whole[3] for x, y, width, height in spots)
