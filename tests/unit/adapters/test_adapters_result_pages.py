"""Pages of results: every chosen row once, by line, whatever the size of row groups and pages."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.adapters import result_pages
from cantoria.app.pages.developer_types import ASKABLE, Filter, Listed
from cantoria.kernel.errors import IntegrityError

REASONS = ("not_found", "said_no", "silent", "asks")
TEXTS = st.text(alphabet="aB1=+-@ü\t", max_size=6)
ROW = st.builds(
    Listed,
    line=st.just(0),
    codes=st.lists(TEXTS, max_size=3).map(tuple),
    status=st.sampled_from(("cleared", "denied", "licensable", "unknown")),
    reasons=st.lists(st.sampled_from(REASONS), max_size=3, unique=True).map(tuple),
    missing=st.lists(TEXTS, max_size=2).map(tuple),
    subject=TEXTS,
    signal=TEXTS,
)
ROWS = st.lists(ROW, max_size=40).map(
    lambda rows: [
        Listed(
            line=3 * place + 1,
            codes=one.codes,
            status=one.status,
            reasons=one.reasons,
            missing=one.missing,
            subject=one.subject,
            signal=one.signal,
        )
        for place, one in enumerate(rows)
    ]
)
FILTER = st.builds(
    Filter,
    status=st.sampled_from(("", "cleared", "unknown", ASKABLE)),
    reason=st.sampled_from(("", *REASONS)),
    text=st.sampled_from(("", "b", "1", "=")),
)


def chosen_of(rows: list[Listed], chosen: Filter) -> list[Listed]:
    """The same rows by reading them one by one."""
    found = rows
    if chosen.status == ASKABLE:
        found = [r for r in found if r.status in ("licensable", "unknown") and set(r.reasons) <= {"silent", "asks"}]
    elif chosen.status:
        found = [r for r in found if r.status == chosen.status]
    if chosen.reason:
        found = [r for r in found if chosen.reason in r.reasons]
    if chosen.text:
        text = chosen.text.lower()
        found = [r for r in found if any(text in one.lower() for one in (*r.codes, r.subject))]
    return found


@settings(deadline=None)
@given(rows=ROWS, chosen=FILTER, limit=st.integers(1, 9), group=st.integers(1, 5), groups=st.integers(1, 3))
def test_pages_together_are_the_chosen_rows(rows, chosen, limit, group, groups):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(result_pages, "GROUP_ROWS", group)
        patch.setattr(result_pages, "GROUPS_MAX", groups)
        data = result_pages.write(rows)
        found, after, pages = [], 0, 0
        while after is not None:
            page = result_pages.few(io.BytesIO(data), chosen, after=after, limit=limit)
            assert len(page.rows) <= limit
            assert page.after is None or page.after > after
            found += page.rows
            after = page.after
            pages += 1
    assert found == chosen_of(rows, chosen)
    assert pages <= len(rows) + 1
    lines = result_pages.lines(io.BytesIO(data), chosen, limit=1_000)
    assert lines == [one.line for one in found]


@settings(deadline=None)
@given(rows=ROWS)
def test_csv_says_the_same_and_holds_no_formula(rows):
    text = result_pages.as_csv(io.BytesIO(result_pages.write(rows))).decode()
    told = list(csv.DictReader(io.StringIO(text)))
    assert [int(one["line"]) for one in told] == [one.line for one in rows]
    assert [one["status"] for one in told] == [one.status for one in rows]
    for one in told:
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in one.values())


@settings(deadline=None)
@given(before=ROWS, now=ROWS)
def test_moves_count_every_line_once(before, now):
    counted = result_pages.moves(io.BytesIO(result_pages.write(before)), io.BytesIO(result_pages.write(now)))
    then, present = ({one.line: one.status for one in rows} for rows in (before, now))
    lines = then.keys() | present.keys()
    assert counted == dict(Counter((then.get(line, ""), present.get(line, "")) for line in lines))


def test_damaged_results_are_told():
    with pytest.raises(IntegrityError):
        result_pages.few(io.BytesIO(b"PAR1 no PAR1"), Filter(), after=0, limit=1)
