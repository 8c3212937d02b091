"""The law column's data: parsed strictly, dated, sourced, inherited, versioned; what ships answers every topic."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.consent.law_cases import document_value, extended, scheme, verdict

from cantoria.consent import LawBook, LawKind, law_book, law_of, parse_document
from cantoria.consent.law import NOT_ASSESSED, Finding, LawDocument, SchemeKind, Topic
from cantoria.consent.law_documents import DOCUMENT_BYTES_MAX
from cantoria.consent.profiles import strictest
from cantoria.kernel import canonical, territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use

NOW = parse_moment("2026-11-20")
SHIPPED = {document.label: document for document in law_book().documents}


def parse(value: Any) -> LawDocument:
    return parse_document(canonical.encode(value))


def test_a_whole_document_is_read() -> None:
    document = parse(document_value())
    assert document.label == "KR 1"
    entry = LawBook.of([document]).entry(Use.ANALYSE, country="0410", at=NOW)
    assert (entry.kind, entry.source, entry.check) == (LawKind.CONSENT_REQUIRED, "An Act art. 1", "a lawyer")
    assert (entry.document, entry.assessed_on) == ("KR 1", "2026-11-20")


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "another format": ({"format": "cantoria-law/v2"}, "format"),
    "a field of its own": ({"removes": ["composer"]}, "unknown field"),
    "version nought": ({"version": 0}, "version 0"),
    "a version that is no number": ({"version": "1"}, "is not int"),
    "no name": ({"name": " "}, "name is empty"),
    "nobody to check it": ({"check": ""}, "check is empty"),
    "no disclaimer": ({"disclaimer": ""}, "disclaimer is empty"),
    "no day of assessment": ({"assessed_on": ""}, "assessed_on is empty"),
    "a moment for a day": ({"assessed_on": "2026-11-20T00:00:00Z"}, "not a day"),
    "a day that is none": ({"assessed_on": "2026-13-40"}, "not a date"),
    "an unknown territory": ({"territory": "QQ"}, "unknown territory"),
    "several territories": ({"territory": "KR ES"}, "no code of two letters"),
    "a territory by number": ({"territory": "0410"}, "no code of two letters"),
    "all but one": ({"territory": "-KR"}, "no code of two letters"),
    "ends before it begins": ({"since": "2026-01-02", "until": "2026-01-01"}, "not after its start"),
    "a source that is missing": ({"verdicts": [verdict(cites=[{"source": "other"}])]}, "not described"),
    "a source nobody cites": (
        {"sources": {key: {"title": "T", "published": "P", "known_by": "text"} for key in ("act", "more")}},
        "cited nowhere",
    ),
    "a source without a place": (
        {"sources": {"act": {"title": "T", "published": "", "known_by": "text"}}},
        "place of publication",
    ),
    "a verdict without a source": ({"verdicts": [verdict(), verdict(cites=[])]}, "lacks uses, basis or source"),
    "a verdict without a basis": ({"verdicts": [verdict(basis="")]}, "lacks uses, basis or source"),
    "a verdict on no use": ({"verdicts": [verdict(uses=[])]}, "lacks uses, basis or source"),
    "a use that is none": ({"verdicts": [verdict(uses=["train"])]}, "is not a Use"),
    "a kind that would clear": ({"verdicts": [verdict(kind="cleared")]}, "is not a LawKind"),
    "two verdicts at a time": ({"verdicts": [verdict(), verdict(since="2020-01-01")]}, "second verdict on analyse"),
    "an extended licence of nobody": ({"verdicts": [verdict(kind="extended_licence")]}, "contradict each other"),
    "an extended licence that is not described": (
        {"verdicts": [verdict(kind="extended_licence", scheme="ecl")]},
        "rests on no extended licence",
    ),
    "an extended licence for another use": (
        {"verdicts": [verdict(kind="extended_licence", scheme="ecl")], "schemes": {"ecl": scheme()}},
        "rests on no extended licence",
    ),
    "a statutory scheme taken for a licence": (
        {
            "verdicts": [verdict(kind="extended_licence", scheme="ecl")],
            "schemes": {"ecl": scheme(kind="statutory", uses=["analyse"])},
        },
        "rests on no extended licence",
    ),
    "a scheme without a tariff": ({"schemes": {"ecl": scheme(tariff="")}}, "lacks title, cmo or tariff"),
    "a scheme for nobody": ({"schemes": {"ecl": scheme(roles=[])}}, "lacks uses, roles or source"),
    "a topic left out": ({"notes": document_value()["notes"][:-1]}, "nothing on minors"),
    "a rule without a source": (
        {"notes": [{"topic": topic.value, "finding": "rule", "says": "A rule."} for topic in Topic]},
        "names no source",
    ),
    "a demand without a reason": ({"profile": {"trust_cmo": True}}, "does not say why"),
    "an age of majority of a child": ({"profile": {"majority_age": 7}}, "age of majority 7"),
    "a line that asks nobody": (
        {"profile": {"adds": [{"use": "style", "when": "always", "asks": "style"}], "why": "w"}},
        "or nobody",
    ),
    "a line that asks sides for another use": (
        {
            "profile": {
                "adds": [{"use": "style", "when": "always", "asks": "analyse", "roles": ["composer"]}],
                "why": "w",
            }
        },
        "asks for analyse",
    ),
    "a line that takes roles away": (
        {"profile": {"adds": [{"use": "style", "when": "never", "asks": "style", "persons": True}], "why": "w"}},
        "is not a When",
    ),
    "text that turns around": ({"name": "A \u202e country"}, "control characters"),
    "text with an escape": ({"disclaimer": "No \u001b[2J advice"}, "control characters"),
    "text without end": ({"check": "a" * 2_001}, "2001 characters"),
    "lists without end": ({"verdicts": [verdict()] * 501}, "501 items"),
    "a number with a point": ({"version": 1.5}, "usable JSON"),
}


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_a_broken_document_is_refused_and_the_place_named(case: str) -> None:
    changes, message = BROKEN[case]
    with pytest.raises(InputError, match=message):
        parse_document(json.dumps(document_value(**changes)).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b'"law"',
        b"{",
        b"\xff\xfe",
        b'{"format":1,"format":2}',
        b"[" * 100_000,
        b" " * (DOCUMENT_BYTES_MAX + 1),
    ],
    ids=["empty", "list", "null", "text", "cut off", "no UTF-8", "a key twice", "deep", "large"],
)
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_document(data)


@given(
    path=st.lists(st.integers(0, 50), min_size=1, max_size=6),
    junk=st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=5), st.just([]), st.just({})),
)
def test_any_member_changed_is_refused_or_still_a_document(path: list[int], junk: Any) -> None:
    value = json.loads(json.dumps(extended()))
    place: Any = value
    for step in path[:-1]:
        child = list(place.values() if isinstance(place, dict) else place)[step % len(place)] if place else None
        if not isinstance(child, dict | list) or not child:
            break
        place = child
    key = (list(place) if isinstance(place, dict) else range(len(place)))[path[-1] % len(place)]
    place[key] = junk
    try:
        document = parse(value)
    except InputError:
        return
    assert LawBook.of([document]).digest


def test_law_is_dated() -> None:
    before, after = parse_moment("2021-11-03"), parse_moment("2021-11-04")
    assert law_of(Use.ANALYSE, country="0724", at=before) == NOT_ASSESSED
    entry = law_of(Use.ANALYSE, country="0724", at=after)
    assert entry.kind is LawKind.LAWFUL_WITHOUT_CONSENT
    assert "24/2021" in entry.source


def test_the_versions_of_a_territory_follow_one_another() -> None:
    first = document_value(until="2027-01-01")
    second = document_value(version=2, since="2027-01-01", verdicts=[verdict(kind="lawful_without_consent")])
    book = LawBook.of([parse(second), parse(first)])
    before, after = parse_moment("2026-12-31"), parse_moment("2027-01-01")
    assert book.entry(Use.ANALYSE, country="0410", at=before).document == "KR 1"
    assert book.entry(Use.ANALYSE, country="0410", at=after).document == "KR 2"
    assert book.find("kr", at=after).version == 2
    assert book.digest != LawBook.of([parse(first)]).digest
    assert book.digest == LawBook.of([parse(first), parse(second)]).digest
    for other in (document_value(version=2), document_value()):
        with pytest.raises(InputError, match=r"at the same time|stands twice"):
            LawBook.of([parse(first), parse(other)])


def test_the_own_document_goes_before_what_it_inherits_and_before_that_of_its_group() -> None:
    base = document_value(
        territory="EU",
        verdicts=[verdict(uses=["analyse", "input"], since="2021-06-07"), verdict(uses=["voice"])],
    )
    heir = document_value(
        territory="ES", inherits=["EU"], verdicts=[verdict(kind="lawful_without_consent", since="2021-11-04")]
    )
    book = LawBook.of([parse(base), parse(heir)])

    def kind(use: Use, country: str, day: str) -> tuple[LawKind, str]:
        entry = book.entry(use, country=country, at=parse_moment(day))
        return entry.kind, entry.document

    assert kind(Use.ANALYSE, "0724", "2022-01-01") == (LawKind.LAWFUL_WITHOUT_CONSENT, "ES 1")
    assert kind(Use.ANALYSE, "0724", "2021-07-01") == (LawKind.NOT_ASSESSED, "")  # its own judges, later
    assert kind(Use.INPUT, "0724", "2022-01-01") == (LawKind.CONSENT_REQUIRED, "EU 1")
    assert kind(Use.ANALYSE, "0380", "2022-01-01") == (LawKind.CONSENT_REQUIRED, "EU 1")
    assert kind(Use.VOICE, "0826", "2019-01-01") == (LawKind.CONSENT_REQUIRED, "EU 1")
    assert kind(Use.VOICE, "0826", "2021-01-01") == (LawKind.NOT_ASSESSED, "")  # no member any more
    assert kind(Use.STYLE, "0724", "2022-01-01") == (LawKind.NOT_ASSESSED, "")
    assert {source.label for source, _ in book.notes(country="0724", at=NOW)} == {"ES 1", "EU 1"}


def test_inheritance_leads_somewhere_and_ends() -> None:
    with pytest.raises(InputError, match="missing or an heir"):
        LawBook.of([parse(document_value(inherits=["EU"]))])
    with pytest.raises(InputError, match="missing or an heir"):
        LawBook.of([parse(document_value(inherits=["KR"]))])
    circle = [document_value(inherits=["ES"]), document_value(territory="ES", inherits=["KR"])]
    with pytest.raises(InputError, match="missing or an heir"):
        LawBook.of(parse(value) for value in circle)


def test_a_scheme_names_what_is_due() -> None:
    book = LawBook.of([parse(extended())])
    [(document, key, terms)] = book.schemes(Use.TRAIN_GENERATIVE, country="0410", at=NOW)
    assert (document.label, key, terms.kind, terms.cmo) == ("KR 1", "ecl", SchemeKind.EXTENDED_LICENCE, "a society")
    assert not list(book.schemes(Use.VOICE, country="0410", at=NOW))
    assert not list(book.schemes(Use.TRAIN_GENERATIVE, country="0724", at=NOW))


@pytest.mark.parametrize("label", sorted(SHIPPED))
def test_what_ships_judges_every_use_and_speaks_of_every_topic_with_sources_and_dates(label: str) -> None:
    document = SHIPPED[label]
    country = next(iter(territories.resolve(document.territory, at=NOW)))
    book = LawBook.of([document, *(SHIPPED[f"{parent} 1"] for parent in document.inherits)])
    for use in Use:
        entry = book.entry(use, country=country, at=NOW)
        assert entry.basis
        assert entry.source
        assert entry.confidence
        assert entry.assessed_on == document.assessed_on
        assert entry.check
        assert entry.document == label
    assert {note.topic for note in document.notes} == set(Topic)
    assert all(note.cites for note in document.notes if note.finding is not Finding.NOT_ASSESSED)
    assert "no legal advice" in document.disclaimer
    assert "no lawyer has checked it" in document.disclaimer
    assert not document.checked_by  # nobody has


def test_the_territories_of_the_first_book() -> None:
    assert {document.territory for document in law_book().documents} == {
        *("KR", "ES", "EU", "DE", "FR", "SE", "GB", "US", "JP")
    }
    heirs = {document.territory for document in law_book().documents if document.inherits == ("EU",)}
    assert heirs == {"ES", "DE", "FR", "SE"}


def test_no_extended_licence_is_in_force_in_what_ships() -> None:
    kinds = {verdict.kind for document in law_book().documents for verdict in document.verdicts}
    assert LawKind.EXTENDED_LICENCE not in kinds
    assert not any(document.schemes for document in law_book().documents)
    assert law_of(Use.TRAIN_GENERATIVE, country="0410", at=NOW).kind is LawKind.NOT_ASSESSED


MOMENTS = sorted({edge for at in law_book()._changes for edge in (at - 1, at, at + 1)})


@given(st.lists(st.sampled_from([*MOMENTS, NOW]), min_size=2, max_size=6), st.sampled_from(list(Use)))
def test_what_a_book_remembers_of_one_moment_it_says_of_no_other(moments: list[int], use: Use) -> None:
    book = law_book()
    for at in moments:
        fresh = LawBook(book.documents)
        for country in ("0410", "0724", "0840", "0276"):
            assert book.document_of(country, at=at) == fresh._speaking(country, at)
            assert book.entry(use, country=country, at=at) == fresh.entry(use, country=country, at=at)
        countries = tuple(territories.countries(at))[:40]
        assert strictest("base", countries=countries, at=at) == strictest(
            "base", countries=countries, at=at, book=fresh
        )


def test_moments_of_one_era_are_those_between_which_nothing_changes() -> None:
    book = law_book()
    assert len({book.era(at) for at in book._changes}) == len(book._changes)
    for at in book._changes:
        assert book.era(at - 1) != book.era(at)
    assert hash(LawBook(book.documents)) == hash(book)
