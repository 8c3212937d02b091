"""Two columns: what holders said decides, what the law says stands beside it and is never mistaken for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.consent.law_cases import document_value, extended, verdict

from cantoria import clearance
from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import (
    Factor,
    Request,
    Rights,
    Row,
    Unknown,
    law_cells,
    law_column,
    law_value,
    remuneration_due,
)
from cantoria.clearance.dataset import clear_rows
from cantoria.clearance.law_column import LAW_MEANS, STATUS_MEANS
from cantoria.consent import LawBook, LawKind, law_shipped, parse_document
from cantoria.kernel import canonical, codec
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.testing.world_parts import QUERY
from cantoria.testing.worlds import random_world

REQUEST = Request(use=Use.TRAIN_GENERATIVE, licensee=PartyId("dev"), territories="0410", at=QUERY, size=0)
EVERYWHERE = ("KR", "ES", "US", "FR", "DE", "SE", "GB", "JP")
EVERY_USE = [use.value for use in Use]
LENIENT = [extended(territory, uses=tuple(EVERY_USE)) for territory in EVERYWHERE[:4]] + [
    document_value(territory=territory, verdicts=[verdict(uses=EVERY_USE, kind="lawful_without_consent")])
    for territory in EVERYWHERE[4:]
]


def book_of(*values: dict[str, Any]) -> LawBook:
    return LawBook.of(parse_document(canonical.encode(value)) for value in values)


LENIENT_BOOK = book_of(*LENIENT)
STRICT_BOOK = book_of(
    *(document_value(territory=territory, verdicts=[verdict(uses=EVERY_USE)]) for territory in EVERYWHERE)
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_law_permits_no_status_reason_or_yes_changes(
    seed: int, monkeypatch: pytest.MonkeyPatch, engine: DuckDBAnalytics
) -> None:
    """Extended licences and exceptions for every use, everywhere, clear nothing that was not cleared: neither by the
    reference nor by the plan."""
    world = random_world(seed)
    told = []
    for book in (STRICT_BOOK, LENIENT_BOOK):
        monkeypatch.setattr(law_shipped, "_shipped", lambda book=book: book)
        rights = Rights.fold(world.facts)
        answers = []
        for position, use in enumerate(Use):
            request = replace(
                world.requests[position % len(world.requests)], use=use, campaign="c", territories="KR ES US JP"
            )
            kinds = {line.entry.kind for line in law_column(request)}
            assert kinds <= (
                {LawKind.CONSENT_REQUIRED}
                if book is STRICT_BOOK
                else {LawKind.EXTENDED_LICENCE, LawKind.LAWFUL_WITHOUT_CONSENT}
            )
            answers.append([clearance.decide(row, request, rights=rights) for row in world.rows])
            if book is LENIENT_BOOK:
                cleared = clear_rows(world.rows, request=request, rights=rights, analytics=engine, evidence=True)
                assert [answer for _, answer in cleared.answers()] == answers[-1]
        told.append(answers)
    assert told[0] == told[1]


def test_an_extended_licence_makes_money_due_and_clears_nothing() -> None:
    book = book_of(extended())
    [due] = remuneration_due(REQUEST, book=book)
    assert (due.country, due.scheme, due.terms.cmo, due.terms.tariff) == ("0410", "ecl", "a society", "its tariff T1")
    [line] = law_column(REQUEST, book=book)
    assert line.entry.kind is LawKind.EXTENDED_LICENCE
    assert "to a society by its tariff T1, cannot be waived, opt out: by a letter to the society" in line.words()
    answer = clearance.decide(Row(1, ("isrc:KRA382500001",)), REQUEST, rights=Rights.fold(()))
    assert isinstance(answer, Unknown)
    assert remuneration_due(replace(REQUEST, use=Use.VOICE), book=book) == ()
    assert remuneration_due(replace(REQUEST, territories="0724"), book=book) == ()


def test_each_country_says_by_which_factor_it_is_there() -> None:
    request = replace(REQUEST, territories="", training_place="US", establishment="KR", markets="KR ES -KR FR")
    factors = {line.country: line.factors for line in law_column(request)}
    assert factors == {
        "0840": (Factor.TRAINING,),
        "0410": (Factor.ESTABLISHMENT,),
        "0724": (Factor.MARKET,),
        "0250": (Factor.MARKET,),
    }
    both = replace(request, markets="KR", territories="KR")
    [_, korea] = sorted(law_column(both), key=lambda line: line.country, reverse=True)
    assert korea.connected() == "establishment, market, stated"


@given(
    places=st.lists(st.sampled_from(["", "KR", "ES", "US", "2123", "KR JP"]), min_size=4, max_size=4).filter(any),
)
def test_the_factors_together_are_the_countries(places: list[str]) -> None:
    stated, training, establishment, markets = places
    request = replace(
        REQUEST, territories=stated, training_place=training, establishment=establishment, markets=markets
    )
    together = replace(REQUEST, territories=" ".join(place for place in places if place))
    assert set(clearance.countries_of(request)) == set(clearance.countries_of(together))
    assert clearance.profile_for(request) == clearance.profile_for(together)


def test_the_strictest_of_all_factors_is_asked() -> None:
    korea = replace(REQUEST, territories="US", profile="us")
    assert not clearance.profile_for(korea).trust_cmo
    for name in ("training_place", "establishment", "markets"):
        profile = clearance.profile_for(replace(korea, **{name: "KR"}))
        assert profile.trust_cmo
        assert not profile.estate_representative


def test_a_request_that_names_no_place_is_refused() -> None:
    with pytest.raises(InputError, match="empty territory expression"):
        clearance.countries_of(replace(REQUEST, territories=""))
    with pytest.raises(InputError, match="no country"):
        clearance.countries_of(replace(REQUEST, markets="SU"))


def test_a_request_recorded_before_there_were_factors_reads_as_it_was() -> None:
    value = codec.to_json(REQUEST)
    assert not {"training_place", "establishment", "markets"} & set(value)
    assert codec.from_json(Request, value) == REQUEST
    named = replace(REQUEST, markets="ES")
    assert codec.from_json(Request, codec.to_json(named)) == named


def test_the_columns_cannot_be_mistaken_for_one_another() -> None:
    assert "only the yes of every holder clears" in STATUS_MEANS
    assert "clears nothing" in LAW_MEANS
    statuses = set(clearance.Status)
    assert not statuses & set(LawKind)
    for line in law_column(replace(REQUEST, territories="2136", use=Use.ANALYSE)):
        words = line.words().split(":")[0].split(" [")[0]
        assert words in {
            "the law asks for consent",
            "the law permits it without consent",
            "an extended collective licence can cover it",
            "not assessed",
        }


def test_the_value_names_kind_basis_source_and_confidence() -> None:
    request = replace(REQUEST, territories="ES AU", use=Use.ANALYSE)
    value = law_value(law_column(request))
    spain = value["0724"]
    assert spain["kind"] == "lawful_without_consent"
    assert spain["factors"] == ["stated"]
    assert spain["since"] == "2021-11-04"
    assert spain["document"] == "ES 1"
    assert all(spain[name] for name in ("name", "basis", "source", "confidence", "assessed_on", "check"))
    assert value["0036"] | {"name": ""} == {
        "name": "",
        "factors": ["stated"],
        "kind": "not_assessed",
        "basis": "",
        "source": "",
        "confidence": None,
        "assessed_on": "",
        "document": "",
        "check": "",
        "remuneration_due": [],
    }
    cells = law_cells(request)
    assert set(cells) == {"0724", "elsewhere"}
    assert cells["0724"].startswith("lawful_without_consent: the law permits it without consent: text and data mining")
    assert cells["elsewhere"] == "not_assessed: not assessed"
