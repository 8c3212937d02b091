"""Whom to ask: the greedy plan opens what it says, never more than the best, and the best never more than the bound."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.clearance.unlock import plan_unlock
from cantoria.clearance.unlock_bounds import PARTS, Group, merged, upper_bounds
from cantoria.clearance.unlock_exact import best_rows
from cantoria.kernel.errors import InputError

SETS = st.lists(st.tuples(st.frozensets(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 1_000)), max_size=14)


def groups_of(pairs: list[tuple[frozenset[int], int]]) -> tuple[Group, ...]:
    return merged(Group(tuple(sorted(voices)), rows) for voices, rows in pairs)


def opened_by(groups: tuple[Group, ...], chosen: set[int]) -> int:
    return sum(group.rows for group in groups if chosen.issuperset(group.voices))


def by_trying_all(groups: tuple[Group, ...], yeses: int) -> int:
    voices = sorted({voice for group in groups for voice in group.voices})
    count = min(yeses, len(voices))
    return max((opened_by(groups, set(chosen)) for chosen in combinations(voices, count)), default=0)


@given(pairs=SETS, yeses=st.integers(1, 9))
def test_greedy_is_at_most_the_best_and_the_best_at_most_the_bound(
    pairs: list[tuple[frozenset[int], int]], yeses: int
) -> None:
    groups = groups_of(pairs)
    plan = plan_unlock(groups, yeses=yeses, exact=True)
    best = by_trying_all(groups, yeses)
    assert plan.best == best
    assert plan.rows <= best <= plan.bound <= plan.waiting
    chosen: set[int] = set()
    for move in plan.moves:
        assert not chosen & set(move.voices)
        chosen |= set(move.voices)
        assert move.yeses == len(chosen) <= yeses
        assert move.rows == opened_by(groups, chosen)
        assert move.rows <= by_trying_all(groups, move.yeses) <= move.bound


@given(pairs=SETS)
def test_all_yeses_open_all_rows(pairs: list[tuple[frozenset[int], int]]) -> None:
    groups = groups_of(pairs)
    plan = plan_unlock(groups, yeses=9)
    assert plan.rows == plan.waiting == plan.bound == plan.best


@given(pairs=SETS, yeses=st.integers(1, 9))
def test_bounds_grow_with_the_yeses(pairs: list[tuple[frozenset[int], int]], yeses: int) -> None:
    bounds = upper_bounds(groups_of(pairs), yeses=yeses)
    assert list(bounds) == sorted(bounds)
    assert bounds[0] == 0


def test_the_bound_is_that_of_the_linear_relaxation_where_sharing_out_finds_it() -> None:
    """Two yeses, a label that all rows need and one singer for each: no split can charge more than two singers' rows
    and what the label carries; levelled out, the bound is exact here."""
    groups = groups_of([(frozenset({1, singer}), 10) for singer in range(2, 12)])
    assert by_trying_all(groups, 2) == 10
    assert upper_bounds(groups, yeses=2)[2] <= 20
    assert plan_unlock(groups, yeses=2).rows == 10
    assert plan_unlock(groups, yeses=3).rows == 20


def test_a_move_is_what_one_group_misses_and_opens_its_parts_too() -> None:
    groups = groups_of([(frozenset({1, 2, 3}), 50), (frozenset({1, 2}), 30), (frozenset({3}), 5), (frozenset({4}), 20)])
    plan = plan_unlock(groups, yeses=3)
    assert [move.voices for move in plan.moves] == [(1, 2, 3)]
    assert plan.rows == 85
    assert plan.best == 85


def test_greedy_can_be_beaten_and_the_plan_says_so() -> None:
    """Greedy takes the single yes that opens most at once, and has none left for the pair that opens more."""
    groups = groups_of([(frozenset({1}), 6), (frozenset({2, 3}), 11)])
    plan = plan_unlock(groups, yeses=2)
    assert (plan.rows, plan.best) == (6, 11)
    assert plan.bound >= 11


def test_nothing_missing_needs_no_plan() -> None:
    plan = plan_unlock((), yeses=5)
    assert (plan.moves, plan.rows, plan.waiting, plan.bound, plan.best) == ((), 0, 0, 0, 0)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_larger_cases_keep_the_order(seed: int) -> None:
    groups = groups_of(
        [(frozenset({(seed * 7 + n * 13) % 97, (seed + n * 29) % 97, n % 11}), 1 + (seed * n) % 50) for n in range(600)]
    )
    plan = plan_unlock(groups, yeses=30)
    assert plan.best is None  # not small
    assert 0 < plan.rows <= plan.bound <= plan.waiting
    assert opened_by(groups, {voice for move in plan.moves for voice in move.voices}) == plan.rows


def test_a_search_without_end_says_that_it_found_nothing_certain() -> None:
    groups = groups_of([(frozenset({a, b}), 1) for a in range(20) for b in range(a + 1, 20)])
    assert best_rows(groups, yeses=8, nodes_max=10) is None


def test_what_is_no_group_is_refused() -> None:
    for group in (Group((), 1), Group((2, 1), 1), Group((1, 1), 1), Group((1,), -1)):
        with pytest.raises(InputError, match="is no group"):
            merged([group])
    for yeses in (0, 1_001):
        with pytest.raises(InputError, match="yeses"):
            plan_unlock((), yeses=yeses)
    assert merged([Group((1,), 2), Group((1,), 3), Group((2,), 0)]) == (Group((1,), 5),)
    assert PARTS > 0
