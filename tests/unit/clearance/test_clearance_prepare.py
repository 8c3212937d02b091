"""A request in the numbers of a snapshot: classes of countries, masks of places, bits of who is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Cleared, Request, Rights, prepare
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_schema import MODES, REGIONS_MAX, SIDE_USES, WORLD_PLACE
from cantoria.consent import Need, When
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use
from cantoria.registry import Role

AT = parse_moment("2027-01-01")
WORLD = sorted(territories.countries(AT))
REQUEST = Request(use=Use.ANALYSE, licensee=PartyId("party_dev"), territories="0410", at=AT, size=1)
SETS = st.frozensets(st.sampled_from(WORLD), max_size=40)


@given(countries=st.frozensets(st.sampled_from(WORLD), min_size=1), places=st.lists(SETS, max_size=6))
def test_a_class_is_what_no_place_tells_apart(countries: frozenset[str], places: list[frozenset[str]]) -> None:
    classes = prepare.classes_of(sorted(countries), places=places)
    assert sorted(country for members in classes for country in members) == sorted(countries)
    marks = [{tuple(country in place for place in places) for country in members} for members in classes]
    assert all(len(mark) == 1 for mark in marks)
    assert len(set().union(*marks)) == len(classes)


@given(countries=st.frozensets(st.sampled_from(WORLD), min_size=1), places=st.lists(SETS, min_size=1, max_size=80))
def test_a_mask_says_which_classes_a_place_holds(countries: frozenset[str], places: list[frozenset[str]]) -> None:
    held = dict(enumerate(places, 1))
    classes = prepare.classes_of(sorted(countries), places=places)
    table = prepare.place_masks(held, classes=classes)
    rows = {row[0]: row[1:] for row in zip(*table.columns.values(), strict=True)}
    for place, members in held.items():
        if members.isdisjoint(countries):
            assert place not in rows
            continue
        size, *masks = rows[place]
        assert size == len(members)
        for region, (first, *_) in enumerate(classes):
            mask = masks[region // REGIONS_MAX]
            assert isinstance(mask, int)
            assert bool(mask >> region % REGIONS_MAX & 1) == (first in members)


def test_each_use_and_mode_of_a_profile_has_a_bit_of_its_own() -> None:
    bits = set()
    for use in SIDE_USES:
        for profile, countries in (("base", "0250"), ("kr", "0250"), ("us", "0840")):
            campaign = "spring" if use is Use.ADVERTISE else None
            request = replace(
                REQUEST, use=use, used_input=True, campaign=campaign, profile=profile, territories=countries
            )
            bits.add(prepare.Asking.of(request).asked)
    assert len(bits) == 3 * len(SIDE_USES)
    assert max(bits) < 1 << MODES * len(SIDE_USES)


def test_a_profile_that_leaves_out_holders_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    writers = Need(When.ALWAYS, Use.ANALYSE, frozenset({Role.COMPOSER}))
    monkeypatch.setattr(prepare, "needs_of", lambda request, profile: (writers,))
    with pytest.raises(InputError, match="leaves out some of the holders"):
        prepare.Asking.of(REQUEST)


def test_what_nobody_ever_named_has_no_number() -> None:
    snapshot = build(Rights.fold(()), at=AT, size=0)
    request = replace(REQUEST, licensee_classes=frozenset({"it's"}), model_version="m\\1", offer=Money(1, "EUR"))
    with DuckDBAnalytics(threads=1) as engine:
        for name, table in snapshot.tables.items():
            engine.register(name, table)
        terms = prepare.prepare(engine, request=request, persons=Cleared(()), manner=prepare.Manner())
        assert engine.fetch("SELECT place FROM place_mask") == [(WORLD_PLACE,)]
    assert (terms.licensee, terms.licensee_classes, terms.model, terms.currency, terms.regions) == (0, (), 0, 0, 1)
