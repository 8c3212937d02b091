"""The charts of this area: geometry, and words by strangers."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cantoria.web.charts import funnel, growth, inclusion

counts = st.integers(0, 10**9)


@given(st.lists(counts, min_size=1, max_size=5))
def test_bars_of_a_funnel_are_as_long_as_their_rows(rows):
    steps = [("cleared", "name", "said", count) for count in rows]
    drawn = str(funnel.draw(steps, name="f", title="t", summary="s"))
    widths = [float(one) for one in re.findall(r'<rect class="fn-cleared" x="[^"]+" y="\d+" width="([^"]+)"', drawn)]
    assert len(widths) == len(rows)
    full = funnel.WIDTH - 2 * funnel.SIDE
    for count, width in zip(rows, widths, strict=True):
        assert (width == 0) == (count == 0)
        assert abs(width - full * count / max(1, *rows)) <= 2


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=40))
def test_growth_rises_within_its_picture(pairs):
    points = sorted(pairs)
    points = [
        (at, entries) for at, entries in zip((one[0] for one in points), sorted(one[1] for one in pairs), strict=True)
    ]
    drawn = str(growth.draw(points, name="g", title="t", summary="s", since="a", until="b", most="c"))
    line = re.search(r'class="gr-line" d="([^"]+)"', drawn)
    assert line is not None
    heights = [float(one) for one in re.findall(r"V([\d.]+)", line[1])]
    assert heights == sorted(heights, reverse=True)
    assert all(growth.TOP <= one <= growth.HEIGHT - growth.BOTTOM for one in heights)


def test_an_inclusion_of_the_only_entry_has_no_edges():
    drawn = str(inclusion.draw([], name="i", title="t", summary="s", leaf="a" * 64, root="a" * 64, entry="0"))
    assert "in-edge" not in drawn
    assert "in-leaf" in drawn


def test_siblings_stand_on_their_side():
    path = [("b" * 64, "left"), ("c" * 64, "right")]
    drawn = str(inclusion.draw(path, name="i", title="t", summary="s", leaf="a" * 64, root="d" * 64, entry="1"))
    places = [int(one) for one in re.findall(r'class="in-sibling" x="(-?\d+)"', drawn)]
    assert places[0] < inclusion.CENTRE < places[1]


def test_no_chart_says_more_than_words():
    evil = '</title><script>alert(1)</script>"'
    drawn = [
        funnel.draw([("denied", evil, evil, 3)], name="f", title=evil, summary=evil),
        growth.draw([(1, 1)], name="g", title=evil, summary=evil, since=evil, until=evil, most=evil),
        inclusion.draw([(evil, "left")], name="i", title=evil, summary=evil, leaf=evil, root=evil, entry=evil),
    ]
    for one in drawn:
        assert "<script" not in str(one)
        assert 'role="img"' in str(one)
