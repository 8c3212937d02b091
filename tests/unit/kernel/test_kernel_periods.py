"""Half-open periods and the text of moments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import ALWAYS, DAY, TIME_MAX, TIME_MIN, Period, format_moment, parse_moment

MOMENTS = st.integers(TIME_MIN, TIME_MAX) | st.integers(-3, 12)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """Return a period, often a short one near zero so that pairs overlap."""
    start = draw(st.integers(-3, 10) | st.integers(TIME_MIN, TIME_MAX - 1))
    return Period(start, draw(st.none() | st.integers(start + 1, min(start + 9, TIME_MAX))))


@given(periods(), MOMENTS)
def test_the_start_is_in_and_the_end_is_out(period: Period, moment: int) -> None:
    assert period.contains(period.start)
    assert not period.contains(period.start - 1)
    if period.end is not None:
        assert period.contains(period.end - 1)
        assert not period.contains(period.end)
    assert ALWAYS.contains(moment)


@given(periods(), periods(), MOMENTS)
def test_the_intersection_holds_what_both_hold(first: Period, second: Period, moment: int) -> None:
    common = first.intersect(second)
    assert common == second.intersect(first)
    assert (common is not None and common.contains(moment)) is (first.contains(moment) and second.contains(moment))
    assert first.intersect(first) == first
    assert first.intersect(ALWAYS) == first


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (1, 0), (TIME_MIN - 1, None), (0, TIME_MAX + 1), (TIME_MAX + 1, None)]
)
def test_empty_and_endless_periods_are_refused(start: int, end: int | None) -> None:
    with pytest.raises(InputError):
        Period(start, end)


@pytest.mark.parametrize(
    ("text", "moment", "printed"),
    [
        ("1970-01-01", 0, "1970-01-01"),
        ("1970-01-02", DAY, "1970-01-02"),
        ("1969-12-31", -DAY, "1969-12-31"),
        ("1970-01-01T00:00:00.000001Z", 1, "1970-01-01T00:00:00.000001Z"),
        ("1970-01-01T09:00:00+09:00", 0, "1970-01-01"),
        ("2026-11-20T09:00:00Z", 1_795_165_200_000_000, "2026-11-20T09:00:00Z"),
        ("2026-11-20T09:00:00.5-01:00", 1_795_168_800_500_000, "2026-11-20T10:00:00.500000Z"),
    ],
)
def test_moments(text: str, moment: int, printed: str) -> None:
    assert parse_moment(text) == moment
    assert format_moment(moment) == printed


@given(MOMENTS)
def test_moments_round_trip(moment: int) -> None:
    assert parse_moment(format_moment(moment)) == moment


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-11", "2026-13-01", "2026-02-30", "20261120", "2026-W47-5", "2026-324", "2026-11-20T09:00:00",
     "2026-11-20T09:00Z", "2026-11-20T09:00:00.1234567Z", "2026-11-20T09:00:00+09:00:30", "2026-11-20T09:00:60Z",
     "2026-11-20T25:00:00Z", "2026-11-20T09:00:00+24:00", "1683-01-01", "2256-01-01", "9999-12-31T23:59:59-14:00",
     "２０２６-11-20", " 2026-11-20", "2026-11-20\n", "now", "9" * 10_000],
)  # fmt: skip
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_moment(text)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_an_input_error(text: str) -> None:
    try:
        moment = parse_moment(text)
    except InputError:
        return
    assert TIME_MIN <= moment <= TIME_MAX
