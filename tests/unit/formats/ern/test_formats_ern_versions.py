"""All versions of ERN say the same with the same facts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.formats.ern.ern_messages import deals, message, old_message, old_recording, recording, tag, terms

from cantoria import codes
from cantoria.formats import ern
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.registry import PartyKind, Role, Tier

GTIN = codes.key("gtin", "4006381333931")
NEW = ("41", "411", "42", "43", "431", "432")
OLD = ("38", "381", "382", "383")


def read(desk: Any, data: bytes) -> Any:
    return desk.take(ern.read_message(data, file="m.xml", context=desk.context()))


def holders(desk: Any, subject: str) -> set[tuple[str, Role, Tier]]:
    return {
        (desk.registry.party(claim.fact.party).names[0], claim.fact.role, claim.fact.tier)
        for claim in desk.registry.claims(subject)
    }


@pytest.mark.parametrize("number", [*NEW, *OLD])
def test_formats_ern_every_version_registers_the_same(desk: Any, number: str) -> None:
    imported = read(desk, message(number) if number in NEW else old_message(number))
    counts = imported.counts
    assert counts.received == counts.registered + counts.passed_over
    recording_, work = desk.one("isrc:KRA381900123"), desk.one("iswc:T0345246801")
    view = desk.registry.recording(recording_)
    assert (view.title, view.display_artist, view.duration_ms) == ("Spring Rain", "Minji", 214_500)
    assert desk.registry.works_of(recording_) == (work,)
    assert holders(desk, recording_) == {
        ("Kim Minji", Role.FEATURED_PERFORMER, Tier.DOCUMENTED),
        ("Blue Records", Role.PRODUCER, Tier.DOCUMENTED),
    }
    assert holders(desk, work) == {
        ("Bo Writer", Role.COMPOSER, Tier.ASSERTED),
        ("Bo Writer", Role.LYRICIST, Tier.ASSERTED),
    }
    release = desk.one(GTIN)
    assert desk.registry.release(release).title == "First"
    assert desk.registry.release(release).recordings == (recording_,)
    kinds = {desk.registry.party(party).names[0]: desk.registry.party(party).kind for party in desk.registry.parties()}
    assert kinds["Blue Records"] is PartyKind.ORGANISATION
    assert kinds["Kim Minji"] is PartyKind.PERSON


def test_formats_ern_isrc_of_an_old_track_release_names_the_recording_alone(desk: Any) -> None:
    read(desk, old_message())
    assert desk.registry.named_by("isrc:KRA381900123") == (desk.one("isrc:KRA381900123"),)
    assert desk.one("isrc:KRA381900123").startswith("recording_")


def test_formats_ern_old_work_may_stand_in_the_recording(desk: Any) -> None:
    read(desk, old_message("38", old_recording(listed=False)))
    assert desk.registry.works_of(desk.one("isrc:KRA381900123")) == (desk.one("iswc:T0345246801"),)


def test_formats_ern_old_parties_without_id_are_one_by_name_within_a_message(desk: Any) -> None:
    imported = read(desk, old_message("382", old_recording(), old_recording(place=2, isrc="KRA381900124")))
    named = [desk.registry.party(party).names[0] for party in desk.registry.parties()]
    assert named.count("Blue Records") == 1
    warned = [one for one in imported.findings if one.field == "Party" and one.severity is Severity.WARNING]
    assert [one.value for one in warned] == ["Blue Records"]


def test_formats_ern_old_contained_recordings_are_samples(desk: Any) -> None:
    inner = tag(
        "ResourceContainedResourceReferenceList",
        tag("ResourceContainedResourceReference", tag("ResourceContainedResourceReference", "A2")),
    )
    mix = old_recording().replace("</SoundRecording>", inner + "</SoundRecording>")
    read(desk, old_message("382", mix, old_recording(place=2, isrc="KRA381900124")))
    assert desk.registry.recording(desk.one("isrc:KRA381900123")).samples == (desk.one("isrc:KRA381900124"),)


def test_formats_ern_old_territories_are_put_together(desk: Any) -> None:
    korean = tag(
        "SoundRecordingDetailsByTerritory",
        tag("TerritoryCode", "KR"),
        tag("Title", tag("TitleText", "봄비"), TitleType="DisplayTitle"),
        tag(
            "ResourceContributor",
            tag("PartyName", tag("FullName", "Park Drums")),
            tag("ResourceContributorRole", "StudioMusician"),
        ),
    )
    whole = old_recording()
    both = whole.replace("<SoundRecordingDetailsByTerritory>", korean + "<SoundRecordingDetailsByTerritory>", 1)
    read(desk, old_message("382", both))
    one = desk.one("isrc:KRA381900123")
    assert desk.registry.recording(one).title == "Spring Rain"
    assert ("Park Drums", Role.NON_FEATURED_PERFORMER, Tier.DOCUMENTED) in holders(desk, one)


def test_formats_ern_old_party_ids_may_be_flags(desk: Any) -> None:
    flagged = '<PartyId IsISNI="true">0000 0001 2281 955X</PartyId>'
    data = old_message().decode().replace("<PartyId><ISNI>000000012281955X</ISNI></PartyId>", flagged)
    read(desk, data.encode())
    assert desk.one("isni:000000012281955X")


@pytest.mark.parametrize("number", ["43", "382"])
def test_formats_ern_use_types_stand_where_the_version_has_them(desk: Any, number: str) -> None:
    old = number == "382"
    use = "UseForGenerativeAI" if old else "UseForTrainingGenerativeAI"
    deal = deals(terms(use, "Stream", old=old))
    read(desk, old_message(number, deal=deal) if old else message(number, deal=deal))
    (signal,) = desk.disclosures.signals(desk.one(GTIN))
    assert signal.uses == (use,)


@pytest.mark.parametrize(
    "namespace", ["http://ddex.net/xml/ern/37", "http://ddex.net/xml/ern/44", "http://example.org/xml/ern/43", ""]
)
def test_formats_ern_other_versions_are_refused(desk: Any, namespace: str) -> None:
    data = message("43").replace(b"http://ddex.net/xml/ern/43", namespace.encode())
    with pytest.raises(InputError, match=r"ERN|XML"):
        ern.read_message(data, file="m.xml", context=desk.context())


def test_formats_ern_elements_in_the_namespace_are_read_too(desk: Any) -> None:
    data = message("43").decode().replace('xmlns:ern="', 'xmlns="http://ddex.net/xml/ern/43" xmlns:ern="').encode()
    read(desk, data)
    assert desk.registry.recording(desk.one("isrc:KRA381900123")).title == "Spring Rain"


def test_formats_ern_formal_titles_are_titles(desk: Any) -> None:
    formal = tag("FormalTitle", tag("TitleText", "봄비"), LanguageAndScriptCode="ko")
    read(desk, message("432", recording("432").replace("<DisplayArtistName>", formal + "<DisplayArtistName>")))
    titles = desk.registry.titles(desk.one("isrc:KRA381900123"))
    assert [(title.title, title.language) for title in titles] == [("봄비", "ko")]
