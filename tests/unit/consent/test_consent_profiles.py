"""Profiles only ever add, whatever a document says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.consent.law_cases import document_value

from cantoria.consent import LawBook, When, law_book, parse_document, profile_named, profiles, strictest
from cantoria.consent.needs import ASKED_OF_SIDES, EVERY_ROLE
from cantoria.consent.profiles import BASE
from cantoria.kernel import canonical, territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use
from cantoria.registry.types import Role

NOW = parse_moment("2026-11-20")
NAMES = st.sampled_from(sorted(profiles()))
COUNTRIES = st.lists(st.sampled_from(["0410", "0724", "0840", "0250", "0380", "0036"]), max_size=4)
ADDED = st.fixed_dictionaries(
    {
        "use": st.sampled_from(list(Use)),
        "when": st.sampled_from(list(When)),
        "roles": st.sets(st.sampled_from(list(Role))),
    }
)


@pytest.mark.parametrize("name", sorted(profiles()))
def test_a_profile_removes_nothing_from_the_base(name: str) -> None:
    profile = profile_named(name)
    for use in Use:
        assert profile.matrix[use] >= BASE.matrix[use]
    assert profile.trust_cmo >= BASE.trust_cmo


@given(lines=st.lists(ADDED, max_size=6), trust=st.booleans(), estate=st.booleans())
def test_no_document_demands_less_than_the_base(lines: list[dict[str, Any]], trust: bool, estate: bool) -> None:
    adds = []
    for line in lines:
        use, roles = Use(line["use"]), line["roles"]
        entry = {"use": use.value, "when": str(line["when"])}
        if roles:
            adds.append(entry | {"asks": ASKED_OF_SIDES[use].value, "roles": sorted(str(role) for role in roles)})
        else:
            adds.append(entry | {"asks": use.value, "persons": True})
    terms = {"adds": adds, "trust_cmo": trust, "estate_representative": estate, "why": "a reason"}
    book = LawBook.of([parse_document(canonical.encode(document_value(profile=terms)))])
    profile = profile_named("kr", book=book)
    merged = strictest("base", countries=["0410"], book=book)
    for use in Use:
        assert profile.matrix[use] >= BASE.matrix[use]
        assert merged.matrix[use] == profile.matrix[use]
    assert profile.trust_cmo == merged.trust_cmo == trust
    assert not merged.estate_representative  # the base asks all heirs


def test_what_a_document_inherits_is_demanded_too() -> None:
    base = document_value(territory="EU", profile={"trust_cmo": True, "why": "a reason"})
    heir = document_value(territory="ES", inherits=["EU"])
    book = LawBook.of(parse_document(canonical.encode(value)) for value in (base, heir))
    assert strictest("base", countries=["0724"], book=book).trust_cmo
    assert strictest("base", countries=["0380"], book=book).trust_cmo
    assert not strictest("base", countries=["0840"], book=book).trust_cmo


@given(name=NAMES, countries=COUNTRIES)
def test_the_strictest_profile_removes_nothing_from_any(name: str, countries: list[str]) -> None:
    merged = strictest(name, countries=countries, at=NOW)
    known = profiles(at=NOW).values()
    involved = [profile_named(name)] + [
        p
        for p in known
        if p.territory and any(c in territories.resolve(p.territory, at=NOW) for c in countries) and p.territory != "EU"
    ]
    for profile in involved:
        assert all(merged.matrix[use] >= profile.matrix[use] for use in Use)
        assert merged.trust_cmo >= profile.trust_cmo
        assert merged.estate_representative <= profile.estate_representative


def test_a_country_without_profile_brings_in_the_base() -> None:
    assert strictest("us", countries=["0840"]).estate_representative
    assert not strictest("us", countries=["0840", "0036"]).estate_representative


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


def test_the_profiles_that_ship_demand_what_they_did() -> None:
    known = profiles(at=NOW)
    assert set(known) == {"base"} | {document.territory.lower() for document in law_book().documents}
    assert {name for name, profile in known.items() if profile.trust_cmo} == {"kr"}
    assert {name for name, profile in known.items() if profile.estate_representative} == {"us"}
    assert {name: profile.majority_age for name, profile in known.items() if profile.majority_age} == {
        **dict.fromkeys(["de", "es", "fr", "gb", "jp", "se"], 18),
        "kr": 19,
    }
