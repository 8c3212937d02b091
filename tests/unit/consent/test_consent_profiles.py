"""Profiles only ever add, and the law column says what it says and nothing about the status."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.consent import PROFILES, LawKind, When, law_of, profile_named, strictest
from cantoria.consent.law import LAW, NOT_ASSESSED
from cantoria.consent.profiles import BASE, EVERY_ROLE
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use
from cantoria.registry.types import Role

NAMES = st.sampled_from(sorted(PROFILES))
COUNTRIES = st.lists(st.sampled_from(["0410", "0724", "0840", "0250"]), max_size=4)
NOW = parse_moment("2026-01-01")


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_profile_removes_nothing_from_the_base(name: str) -> None:
    profile = profile_named(name)
    for use in Use:
        assert profile.matrix[use] >= BASE.matrix[use]
    assert profile.trust_cmo >= BASE.trust_cmo


@given(name=NAMES, countries=COUNTRIES)
def test_the_strictest_profile_removes_nothing_from_any(name: str, countries: list[str]) -> None:
    merged = strictest(name, countries=countries)
    involved = [profile_named(name)] + [p for p in PROFILES.values() if p.country in countries]
    for profile in involved:
        assert all(merged.matrix[use] >= profile.matrix[use] for use in Use)
        assert merged.trust_cmo >= profile.trust_cmo
        assert merged.estate_representative <= profile.estate_representative


def test_a_country_without_profile_brings_in_the_base() -> None:
    assert strictest("us", countries=["0840"]).estate_representative
    assert not strictest("us", countries=["0840", "0250"]).estate_representative


def test_every_use_asks_every_role_or_the_person() -> None:
    assert frozenset(Role) == EVERY_ROLE
    for use in Use:
        needs = BASE.matrix[use]
        assert needs
        assert all(need.persons != bool(need.roles) for need in needs)
        assert all(need.roles in (frozenset(), EVERY_ROLE) for need in needs)
    always = {use for use in Use if any(need.when is When.ALWAYS and need.roles for need in BASE.matrix[use])}
    assert always == {Use.ANALYSE, Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE, Use.INPUT}


def test_an_unknown_profile_is_an_input_error() -> None:
    with pytest.raises(InputError, match="unknown legal profile"):
        strictest("atlantis", countries=[])


def test_law_is_dated() -> None:
    before, after = parse_moment("2021-11-03"), parse_moment("2021-11-04")
    assert law_of(Use.ANALYSE, country="0724", at=before) == NOT_ASSESSED
    entry = law_of(Use.ANALYSE, country="0724", at=after)
    assert entry.kind is LawKind.LAWFUL_WITHOUT_CONSENT
    assert "24/2021" in entry.source


def test_every_law_entry_names_its_basis_and_source() -> None:
    for entries in LAW.values():
        assert all(entry.basis and entry.source for entry in entries)


def test_no_extended_licence_is_in_force_in_what_ships() -> None:
    kinds = {entry.kind for entries in LAW.values() for entry in entries}
    assert LawKind.EXTENDED_LICENCE not in kinds
    assert law_of(Use.TRAIN_GENERATIVE, country="0410", at=NOW).kind is LawKind.NOT_ASSESSED
