"""Entries written as ERN and read again; what cannot be carried is told."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.unit.formats.ern.ern_world import (
    DEAL,
    DISCLOSED,
    ENTRIES,
    ENVELOPE,
    PARTIES,
    RECIPIENT,
    RECORDING,
    RELEASE,
    SENDER,
)

from cantoria import codes
from cantoria.formats import ern
from cantoria.formats.entries.types import Entry, Name, Outcome, Party, Recording, Release, Share
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, AiPart, DealSignalled
from cantoria.registry.types import Right, Role

GTIN = codes.key("gtin", "4006381333931")


def written(*entries: Entry, version: str = "4.3.2") -> tuple[list[tuple[str, bytes]], list[Finding]]:
    lost: list[Finding] = []
    return list(ern.write(entries or ENTRIES, envelope=ENVELOPE, version=version, note=lost.append)), lost


def one(*entries: Entry, version: str = "4.3.2") -> tuple[bytes, list[str]]:
    messages, lost = written(*entries, version=version)
    ((_, data),) = messages
    return data, [finding.message for finding in lost]


def read(desk: Any, data: bytes) -> Any:
    return desk.take(ern.read_message(data, file="m.xml", context=desk.context()))


def holders(desk: Any, subject: str) -> set[tuple[str, Role]]:
    claims = desk.registry.claims(subject)
    return {(desk.registry.party(claim.fact.party).names[0], claim.fact.role) for claim in claims}


@pytest.mark.parametrize("version", ["4.3", "4.3.2"])
def test_formats_ern_round_trip_keeps_codes_titles_and_credits(desk: Any, version: str) -> None:
    data, _ = one(version=version)
    imported = read(desk, data)
    assert imported.counts.refused == 0
    rain, snow, song = (desk.one(key) for key in ("isrc:KRA381900123", "isrc:KRA381900124", "iswc:T0345246801"))
    view = desk.registry.recording(rain)
    assert (view.title, view.display_artist, view.duration_ms) == ('Spring "Rain"', "Minji", 214_500)
    assert view.version == "LiveVersion, Kitchen take"
    assert desk.one(f"own:{SENDER}:rec-1") == rain
    assert [(title.title, title.language) for title in desk.registry.titles(rain)] == [("봄비", "ko")]
    assert desk.registry.recording(snow).samples == (rain,)
    assert desk.registry.works_of(rain) == (song,)
    assert holders(desk, rain) == {
        ("Kim Minji", Role.FEATURED_PERFORMER),
        ("City Choir", Role.NON_FEATURED_PERFORMER),
        ("Blue Records", Role.PRODUCER),
    }
    assert holders(desk, song) == {("Bo <Writer> & Sons", Role.COMPOSER), ("Bo <Writer> & Sons", Role.LYRICIST)}
    release = desk.registry.release(desk.one(GTIN))
    assert (release.title, release.recordings) == ("First", (rain, snow))
    minji = desk.registry.party(desk.one("isni:000000012281955X"))
    assert minji.names == ("Kim Minji", "김민지")


def test_formats_ern_round_trip_keeps_disclosure_and_signals(desk: Any) -> None:
    data, lost = one()
    assert lost == []
    imported = read(desk, data)
    assert not [finding for finding in imported.findings if "contradicts" in finding.message]
    writer = desk.one("ipi_name:00014107338")
    (said,) = desk.disclosures.disclosed(desk.one("isrc:KRA381900123"))
    assert said.extent is DISCLOSED.extent
    assert said.parts == tuple(replace(part, party=writer) if part.party else part for part in DISCLOSED.parts)
    (of_release,) = desk.disclosures.disclosed(desk.one(GTIN))
    assert of_release.extent is AiExtent.PARTLY
    (signal,) = desk.disclosures.signals(desk.one(GTIN))
    for name in ("uses", "territories", "period", "commercial_models", "said_by", "recipients"):
        assert getattr(signal, name) == getattr(DEAL, name), name


def test_formats_ern_older_version_tells_what_it_cannot_disclose() -> None:
    data, lost = one(version="4.3")
    assert b"ContainsAI" not in data
    assert b"GenerativeAI</SpecialContributor" not in data
    assert b"UseForTrainingGenerativeAI" in data
    assert sum("4.3 has no place" in text for text in lost) == 2


def test_formats_ern_writing_is_deterministic_and_names_each_message() -> None:
    other = Release(key="second", title="Second", codes=(("grid", "A1-2425G-ABC1234002-M"),), recordings=("snow",))
    loose = Recording(key="loose", title="Loose", artist="Minji", duration_ms=1, codes=(("isrc", "KRA381900125"),))
    more = (*ENTRIES, Entry(line=5, kind="release", releases=(other,), recordings=(loose,)))
    first, _ = written(*more)
    assert [name for name, _ in first] == ["M-1", "M-2", "M-3"]
    assert first == written(*more)[0]
    assert [etree.fromstring(data).findtext("MessageHeader/MessageId") for _, data in first] == ["M-1", "M-2", "M-3"]
    assert b"<GRid>" in first[1][1]
    assert b"<TrackRelease>" in first[2][1]


def test_formats_ern_what_a_message_has_no_place_for_is_told() -> None:
    party = Party(key="p", names=(Name("P"),), codes=(("ipi_base", "I-123456789-3"),))
    limited = Share(
        party="p",
        role=Role.NON_FEATURED_PERFORMER,
        right=Right.NEIGHBOURING,
        share=Fraction(1, 3),
        territory="0410",
        period=Period(0, None),
    )
    recording = Recording(
        key="r",
        title="R",
        codes=(("iscc", "x"),),
        works=("gone",),
        samples=("gone",),
        samples_complete=False,
        shares=(limited,),
    )
    release = Release(key="l", codes=(("gtin", "4006381333931"), ("gtin", "4006381333948")), recordings=("r", "away"))
    _, lost = one(Entry(line=1, kind="x", parties=(party,), recordings=(recording,), releases=(release,)))
    for part in (
        "code of ipi_base",
        "no place for iscc",
        "a work of the recording is not among",
        "the sampled recording has no ISRC",
        "samples may be missing",
        "carries no share",
        "the limits of a non_featured_performer",
        "no featured performer",
        "demands a duration",
        "second ICPN",
        "not among the entries",
    ):
        assert [text for text in lost if part in text], part


def test_formats_ern_party_without_name_and_code_is_not_credited_by_its_pseudonym() -> None:
    erased = Party(key="party_secret", names=(Name(" "),), codes=(("ipi_base", "I-123456789-3"),))
    shares = tuple(Share(party=party, role=role) for party in ("party_secret", "party_gone") for role in Role)
    recording = replace(RECORDING, shares=shares, works=())
    said = AiDisclosed(subject="rain", extent=None, parts=(AiPart((), "party_gone", AiExtent.PARTLY),))
    data, lost = one(Entry(line=1, kind="x", parties=(erased,), recordings=(recording,), facts=(said,)))
    assert b"party_" not in data
    assert sum("neither a name nor a code" in text for text in lost) == 2 * len(Role) + 1


@pytest.mark.parametrize("artist", ["", " ", "\x01"])
def test_formats_ern_artist_of_no_name_is_unknown(artist: str) -> None:
    data, _ = one(Entry(line=1, kind="x", recordings=(Recording(key="r", title="R", artist=artist),)))
    names = [name.text for name in etree.fromstring(data).findall("PartyList/Party/PartyName/FullName")]
    assert names == ["Unknown", "Blue Records"]


def test_formats_ern_entries_that_are_refused_are_not_written() -> None:
    assert written(*(replace(entry, outcome=Outcome.REFUSED) for entry in ENTRIES))[0] == []


def test_formats_ern_release_without_recordings_makes_no_message() -> None:
    messages, lost = written(Entry(line=1, kind="x", releases=(Release(key="l", title="L"),)))
    assert messages == []
    assert "without recordings" in lost[0].message


def test_formats_ern_other_versions_are_not_written() -> None:
    with pytest.raises(InputError, match="not written"):
        list(ern.write(ENTRIES, envelope=ENVELOPE, version="4.1"))


def with_deal(deal: DealSignalled) -> tuple[bytes, list[str]]:
    return one(
        Entry(line=1, kind="x", parties=PARTIES, recordings=(RECORDING,)),
        Entry(line=2, kind="x", releases=(replace(RELEASE, recordings=("rain",)),), facts=(deal,)),
    )


@pytest.mark.parametrize(
    ("deal", "told"),
    [
        (replace(DEAL, recipients=("PADPIDA2009101501Y",)), "between others"),
        (replace(DEAL, said_by="PADPIDA2009101501Y"), "between others"),
        (replace(DEAL, uses=("UseForGenerativeAI",)), "not allowed in ERN 4"),
        (replace(DEAL, territories=("KR", "Atlantis")), "left out"),
        (replace(DEAL, territories=(), excluded=("Atlantis",)), "left out"),
    ],
)
def test_formats_ern_deals_that_are_not_ours_or_not_sayable_are_left_out(deal: DealSignalled, told: str) -> None:
    data, lost = with_deal(deal)
    assert b"<DealList" not in data
    assert [text for text in lost if told in text]


@pytest.mark.parametrize(
    ("period", "dates"),
    [
        (Period(), {"StartDate": "1900-01-01"}),
        (Period(parse_moment("2024-01-01")), {"StartDate": "2024-01-01"}),
        (
            Period(parse_moment("2024-01-01"), parse_moment("2024-02-01")),
            {"StartDate": "2024-01-01", "EndDate": "2024-01-31"},
        ),
        (
            Period(parse_moment("2024-01-01T10:00:00Z"), parse_moment("2024-02-01")),
            {"StartDateTime": "2024-01-01T10:00:00Z", "EndDateTime": "2024-02-01T00:00:00Z"},
        ),
    ],
)
def test_formats_ern_validity_periods(period: Period, dates: dict[str, str]) -> None:
    data, _ = with_deal(replace(DEAL, period=period))
    element = etree.fromstring(data).find("DealList/ReleaseDeal/Deal/DealTerms/ValidityPeriod")
    assert element is not None
    assert {part.tag: part.text for part in element} == dates


def test_formats_ern_deal_without_territory_holds_everywhere_or_but_for_some() -> None:
    data, _ = with_deal(replace(DEAL, territories=()))
    assert b"<TerritoryCode>Worldwide</TerritoryCode>" in data
    data, _ = with_deal(replace(DEAL, territories=(), excluded=("US",)))
    assert b"<ExcludedTerritoryCode>US</ExcludedTerritoryCode>" in data
    assert b"<TerritoryCode>" not in data


def test_formats_ern_contribution_of_somebody_beside_a_share_is_one_credit() -> None:
    said = AiDisclosed(subject="rain", extent=None, parts=(AiPart(("AssociatedPerformer",), "choir", AiExtent.PARTLY),))
    data, _ = one(Entry(line=1, kind="x", parties=PARTIES, recordings=(RECORDING,), facts=(said,)))
    credited = etree.fromstring(data).findall("ResourceList/SoundRecording/Contributor")
    assert [one.findtext("AiContribution") for one in credited] == ["Partly"]


@settings(deadline=None, max_examples=60)
@given(text=st.text(min_size=1, max_size=40), called=st.text(min_size=1, max_size=40))
def test_formats_ern_any_text_is_escaped(new_desk: Any, text: str, called: str) -> None:
    party = Party(key="p", names=(Name(called),), codes=(("own", f"{SENDER}:p"),))
    share = Share(party="p", role=Role.FEATURED_PERFORMER)
    recording = Recording(
        key="r", title=text, artist=called, duration_ms=1000, codes=(("isrc", "KRA381900123"),), shares=(share,)
    )
    desk = new_desk()
    read(desk, one(Entry(line=1, kind="x", parties=(party,), recordings=(recording,)))[0])
    view = desk.registry.recording(desk.one("isrc:KRA381900123"))
    plain = "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and not 0xD800 <= ord(c) < 0xE000))
    assert view.title == " ".join(plain.replace("\ufffe", "").replace("\uffff", "").split())
    assert RECIPIENT
