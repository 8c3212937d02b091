"""ERN 4.3 messages: what they register, what they only signal, and that hostile ones are refused whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.formats import ern
from cantoria.formats.ern.records import duration_ms
from cantoria.formats.ern.xml import stream
from cantoria.formats.limits import XmlLimits
from cantoria.formats.types import Imported, Severity
from cantoria.kernel.errors import InputError
from cantoria.registry import Found, PartyKind, Problem, Role, Side, Tier
from cantoria.registry.facts import HoldersDeclaredComplete, RecordingRegistered

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ern:NewReleaseMessage xmlns:ern="http://ddex.net/xml/ern/43" LanguageAndScriptCode="en" AvsVersionId="3">
<MessageHeader><MessageId>M-1</MessageId>
<MessageSender><PartyId>PADPIDA2013020802I</PartyId>
<PartyName><FullName>Blue Records</FullName></PartyName></MessageSender>
<MessageCreatedDateTime>2024-01-02T03:04:05Z</MessageCreatedDateTime><MessageControlType>LiveMessage</MessageControlType>
</MessageHeader>
"""
PARTIES = """<PartyList>
<Party><PartyReference>P1</PartyReference><PartyId><ISNI>000000012281955X</ISNI></PartyId>
 <PartyName><FullName>Kim Minji</FullName></PartyName>
 <PartyName LanguageAndScriptCode="ko-Hang"><FullName>김민지</FullName></PartyName></Party>
<Party><PartyReference>P2</PartyReference><PartyName><FullName>Blue Records</FullName></PartyName></Party>
<Party><PartyReference>P3</PartyReference><PartyId><IpiNameNumber>00014107338</IpiNameNumber></PartyId>
 <PartyName><FullName>Bo Writer</FullName></PartyName></Party>
<Party><PartyReference>P4</PartyReference>
 <PartyId><ProprietaryId Namespace="PADPIDA2013020802I">art-4</ProprietaryId></PartyId>
 <PartyName><FullName>City Choir</FullName></PartyName></Party>
</PartyList>
"""


def tag(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"


def sound(place: int, *, isrc: str = "KRA381900123", more: str = "", named: str = "", work: str = "") -> str:
    artist = tag("ArtistPartyReference", "P1") + tag("DisplayArtistRole", "MainArtist")
    return f"""<SoundRecording><ResourceReference>A{place}</ResourceReference><Type>MusicalWorkSoundRecording</Type>
<SoundRecordingEdition><ResourceId><ISRC>{isrc}</ISRC></ResourceId>
<PLine><Year>2024</Year><PLineText>(P) 2024 BLUE records</PLineText></PLine></SoundRecordingEdition>{work}
<DisplayTitleText>Spring Rain {place}</DisplayTitleText><DisplayArtistName>Minji</DisplayArtistName>
<DisplayArtist>{artist}</DisplayArtist>{named}<Duration>PT3M34.5S</Duration>{more}</SoundRecording>"""


def message(*resources: str, deals: str = "", head: str = HEAD, parties: str = PARTIES, releases: str = "") -> bytes:
    items = "".join(
        tag("ResourceGroupContentItem", tag("ReleaseResourceReference", f"A{n + 1}")) for n in range(len(resources))
    )
    release = f"""<Release><ReleaseReference>R0</ReleaseReference><ReleaseId><ICPN>4006381333931</ICPN></ReleaseId>
<DisplayTitleText>First</DisplayTitleText><ReleaseLabelReference>P2</ReleaseLabelReference>
<ResourceGroup>{items}</ResourceGroup></Release>"""
    lists = f"<ResourceList>{''.join(resources)}</ResourceList><ReleaseList>{release}{releases}</ReleaseList>"
    return (head + parties + lists + f"<DealList>{deals}</DealList></ern:NewReleaseMessage>").encode()


def contributor(party: str, *roles: str, more: str = "") -> str:
    named = "".join(f"<Role>{role}</Role>" for role in roles)
    return f"<Contributor><ContributorPartyReference>{party}</ContributorPartyReference>{named}{more}</Contributor>"


def take(house: Any, data: bytes, file: str = "m.xml") -> Imported:
    imported: Imported = house.take(ern.read_message(data, file=file, context=house.context()))
    return imported


def holders(house: Any, subject: str) -> dict[str, set[tuple[Role, Tier]]]:
    found: dict[str, set[tuple[Role, Tier]]] = {}
    for claim in house.registry.claims(subject):
        names = house.registry.party(claim.fact.party).names
        found.setdefault(names[0], set()).add((claim.fact.role, claim.fact.tier))
    return found


def one(house: Any, code: str, media: str = "recording") -> str:
    match house.registry.resolve([code], media=media):
        case Found(subject=subject):
            return str(subject)
        case other:
            raise AssertionError(other)


def fields(imported: Imported, severity: Severity) -> list[str]:
    return [finding.field for finding in imported.findings if finding.severity is severity]


def test_formats_ern_registers_recording_work_release_and_line_up(house: Any) -> None:
    work = "<WorkId><ISWC>T-034.524.680-1</ISWC></WorkId>"
    made = contributor("P3", "ComposerLyricist") + contributor("P4", "Choir") + contributor("P2", "StudioProducer")
    imported = take(house, message(sound(1, work=work, named=made)))
    assert imported.counts.received == imported.counts.registered == 6
    registry = house.registry
    recording, song = one(house, "isrc:KRA381900123"), one(house, "iswc:T0345246801", "work")
    assert registry.works_of(recording) == (song,)
    view = registry.recording(recording)
    assert (view.title, view.display_artist, view.duration_ms) == ("Spring Rain 1", "Minji", 214_500)
    assert holders(house, recording) == {
        "Kim Minji": {(Role.FEATURED_PERFORMER, Tier.DOCUMENTED)},
        "City Choir": {(Role.NON_FEATURED_PERFORMER, Tier.DOCUMENTED)},
        "Blue Records": {(Role.PRODUCER, Tier.DOCUMENTED)},
    }
    assert holders(house, song) == {"Bo Writer": {(Role.COMPOSER, Tier.ASSERTED), (Role.LYRICIST, Tier.ASSERTED)}}
    (release,) = registry.releases_of(recording)
    assert "gtin" in {code.partition(":")[0] for code in registry.codes_of(release)}
    kinds = {registry.party(party).names[0]: registry.party(party).kind for party in registry.parties()}
    assert kinds == {
        "Kim Minji": PartyKind.PERSON,
        "Blue Records": PartyKind.ORGANISATION,
        "Bo Writer": PartyKind.PERSON,
        "City Choir": PartyKind.GROUP,
    }
    assert registry.party(registry.named_by("isni:000000012281955X")[0]).names == ("Kim Minji", "김민지")


def test_formats_ern_line_up_is_never_declared_complete(house: Any) -> None:
    imported = take(house, message(sound(1)))
    assert not [fact for fact in imported.facts if isinstance(fact, HoldersDeclaredComplete)]
    state = house.registry.side(one(house, "isrc:KRA381900123"), territory="KR", at=house.NOW)
    assert state.problems == (Problem.HOLDERS_INCOMPLETE,)


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        (contributor("P3", "StudioMusician"), (Role.NON_FEATURED_PERFORMER, Tier.DOCUMENTED)),
        (contributor("P3", "Soloist"), (Role.FEATURED_PERFORMER, Tier.DOCUMENTED)),
        (
            contributor("P3", "Vocalist", more="<HasMadeFeaturedContribution>true</HasMadeFeaturedContribution>"),
            (Role.FEATURED_PERFORMER, Tier.DOCUMENTED),
        ),
        (
            contributor("P3", "Artist", more="<HasMadeContractedContribution>true</HasMadeContractedContribution>"),
            (Role.NON_FEATURED_PERFORMER, Tier.DOCUMENTED),
        ),
        (
            contributor("P3", more="<InstrumentType>Oud</InstrumentType>"),
            (Role.NON_FEATURED_PERFORMER, Tier.DOCUMENTED),
        ),
        (contributor("P3"), (Role.NON_FEATURED_PERFORMER, Tier.ASSERTED)),
        (contributor("P3", "MixingEngineer"), None),
        (contributor("P3", "Composer"), None),
        (
            "<ResourceRightsController><RightsControllerPartyReference>P3</RightsControllerPartyReference>"
            "<RightsControlType>RightsController</RightsControlType></ResourceRightsController>",
            (Role.PRODUCER, Tier.DOCUMENTED),
        ),
        (
            "<ResourceRightsController><RightsControllerPartyReference>P3</RightsControllerPartyReference>"
            "<RightsControlType>RightsController</RightsControlType><DelegatedUsageRights><UseType>Stream</UseType>"
            "</DelegatedUsageRights></ResourceRightsController>",
            None,
        ),
        (
            "<ResourceRightsController><RightsControllerPartyReference>P3</RightsControllerPartyReference>"
            "<RightsControlType>RoyaltyAdministrator</RightsControlType></ResourceRightsController>",
            None,
        ),
    ],
)
def test_formats_ern_what_a_credit_makes(house: Any, credit: str, expected: Any) -> None:
    imported = take(house, message(sound(1, named=credit)))
    found = holders(house, one(house, "isrc:KRA381900123")).get("Bo Writer", set())
    assert found == ({expected} if expected else set())
    if expected is None:
        assert {"Contributor", "ResourceRightsController", "WorkId"} & set(fields(imported, Severity.INFO))


def test_formats_ern_producer_who_is_no_party_is_found_not_invented(house: Any) -> None:
    data = message(sound(1)).replace(b"(P) 2024 BLUE records", b"(P) 2024 Someone Else Ltd")
    imported = take(house, data)
    assert "PLine" in fields(imported, Severity.WARNING)
    assert Role.PRODUCER not in {claim.fact.role for claim in house.registry.claims(one(house, "isrc:KRA381900123"))}


def test_formats_ern_samples_join_the_closure_and_unknown_ones_block(house: Any) -> None:
    def made_of(reference: str, isrc: str = "") -> str:
        inner = tag("ResourceRelationshipType", "HasContentFrom")
        inner += tag("ResourceId", tag("ISRC", isrc)) if isrc else ""
        inner += tag("ResourceRelatedResourceReference", reference) if reference else ""
        return tag("RelatedResource", inner)

    mix = sound(1, more=made_of("A2") + made_of("A3"))
    take(house, message(mix, sound(2, isrc="KRA381900124")))
    mixed, other = one(house, "isrc:KRA381900123"), one(house, "isrc:KRA381900124")
    closure = house.registry.closure(mixed)
    assert closure.recordings == tuple(sorted((mixed, other)))
    assert Problem.SAMPLE_UNKNOWN in closure.problems
    again = message(sound(1, isrc="KRA381900125", more=made_of("", "KRA381900124"))).replace(b"M-1", b"M-2")
    take(house, again)
    closure = house.registry.closure(one(house, "isrc:KRA381900125"))
    assert other in closure.recordings
    assert Problem.SAMPLE_UNKNOWN not in closure.problems


def test_formats_ern_deal_about_ai_is_a_signal_never_consent(house: Any) -> None:
    deal = (
        "<ReleaseDeal><DealReleaseReference>R0</DealReleaseReference><Deal><DealTerms>"
        "<UseType>UseForTrainingGenerativeAI</UseType><UseType>Stream</UseType></DealTerms></Deal></ReleaseDeal>"
    )
    imported = take(house, message(sound(1), deals=deal))
    (finding,) = [f for f in imported.findings if f.field == "ReleaseDeal/UseType"]
    assert "nobody's yes" in finding.message
    assert finding.value == "UseForTrainingGenerativeAI"
    assert {type(fact).TYPE.tag // 100 for fact in imported.facts} == {1}
    assert imported.counts.passed_over == 1


def test_formats_ern_other_records_are_passed_over_one_finding_each(house: Any) -> None:
    video = tag("Video", tag("ResourceReference", "A2")) + tag("Image", tag("ResourceReference", "A3"))
    track = tag("TrackRelease", tag("ReleaseReference", "R1") + tag("ReleaseResourceReference", "A2"))
    imported = take(house, message(sound(1) + video, releases=track))
    counts = imported.counts
    assert (counts.received, counts.registered, counts.passed_over) == (9, 6, 3)
    assert sorted(fields(imported, Severity.INFO)) == ["Image", "TrackRelease", "Video", "WorkId"]


def test_formats_ern_wrong_code_is_dropped_and_the_record_kept(house: Any) -> None:
    imported = take(house, message(sound(1, isrc="NOT-AN-ISRC")))
    assert "SoundRecording/isrc" in fields(imported, Severity.WARNING)
    assert len(list(house.registry.recordings())) == 1


def test_formats_ern_one_isrc_on_two_recordings_names_neither(house: Any) -> None:
    imported = take(house, message(sound(1), sound(2)))
    assert "SoundRecording" in fields(imported, Severity.WARNING)
    assert len(list(house.registry.recordings())) == 2
    assert not isinstance(house.registry.resolve(["isrc:KRA381900123"]), Found)


def test_formats_ern_reference_to_no_party_is_found(house: Any) -> None:
    imported = take(house, message(sound(1, named=contributor("P9", "Artist"))))
    assert "Party" in fields(imported, Severity.WARNING)


def test_formats_ern_same_message_again_is_a_duplicate(house: Any) -> None:
    data = message(sound(1))
    take(house, data)
    size = house.size
    again = take(house, data, file="copy.xml")
    assert house.size == size
    assert again.counts.duplicate == again.counts.received == 6
    together = ern.read_messages(
        {"a.xml": data.replace(b"M-1", b"M-3"), "b.xml": data.replace(b"M-1", b"M-3")}, house.context()
    )
    assert together.counts.duplicate == 6


def test_formats_ern_same_id_with_other_content_is_found_and_taken(house: Any) -> None:
    take(house, message(sound(1)))
    other = take(house, message(sound(1, isrc="KRA381900124")))
    assert "MessageId" in fields(other, Severity.WARNING)
    assert other.counts.duplicate == 0
    assert one(house, "isrc:KRA381900124")


def test_formats_ern_update_meets_the_same_things_and_takes_nothing_away(house: Any) -> None:
    more = (
        "<RelatedResource><ResourceRelationshipType>ContainsSamplesFrom</ResourceRelationshipType>"
        "<ResourceRelatedResourceReference>A2</ResourceRelatedResourceReference></RelatedResource>"
    )
    take(house, message(sound(1, more=more), sound(2, isrc="KRA381900124")))
    recording = one(house, "isrc:KRA381900123")
    take(house, message(sound(1)).replace(b"M-1", b"M-2"))
    assert one(house, "isrc:KRA381900123") == recording
    assert len(house.registry.recording(recording).samples) == 1
    codes = {code for party in house.registry.parties() for code in house.registry.party(party).codes}
    assert len([party for party in house.registry.parties() if house.registry.party(party).codes]) == len(codes) == 3


def test_formats_ern_test_message_registers_nothing(house: Any) -> None:
    imported = take(house, message(sound(1)).replace(b"LiveMessage", b"TestMessage"))
    assert not imported.facts
    assert imported.counts.passed_over == imported.counts.received == 6


def test_formats_ern_message_from_the_future_is_found(house: Any) -> None:
    imported = take(house, message(sound(1)).replace(b"2024-01-02", b"2044-01-02"))
    assert "MessageCreatedDateTime" in fields(imported, Severity.WARNING)


BOMB = "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12)) + "]>"
ROOT = '<ern:NewReleaseMessage xmlns:ern="http://ddex.net/xml/ern/43">'
HOSTILE = {
    "empty": b"",
    "no xml": b"hello",
    "truncated": message(sound(1))[:-200],
    "cut in a character": message(sound(1))[: message(sound(1)).index("김".encode()) + 1],
    "billion laughs": (
        BOMB + ROOT + "<MessageHeader><MessageId>&e11;</MessageId></MessageHeader></ern:NewReleaseMessage>"
    ).encode(),
    "external entity": (
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + ROOT + "&f;</ern:NewReleaseMessage>"
    ).encode(),
    "external document type": b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>',
    "parameter entity": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.org/p"> %p;]><x/>',
    "undeclared entity": (
        ROOT + "<MessageHeader><MessageId>&boom;</MessageId></MessageHeader></ern:NewReleaseMessage>"
    ).encode(),
    "deep": (ROOT + "<a>" * 5_000 + "</a>" * 5_000 + "</ern:NewReleaseMessage>").encode(),
    "latin-1": message(sound(1)).decode().replace("UTF-8", "ISO-8859-1").encode(),
    "latin-1 bytes": message(sound(1)).replace(b"Minji<", b"Minj\xed<"),
    "document type in UTF-7": (
        b'<?xml version="1.0" encoding = "UTF-7"?>+ADwAIQ-DOCTYPE x +AFsAPAAh-ENTITY a "boo"+AD4AXQA+-'
        + ROOT.encode()
        + b"<a>+ACY-a;</a></ern:NewReleaseMessage>"
    ),
    "UTF-7 declared far behind": message(sound(1)).replace(b' encoding="UTF-8"', b" " * 400 + b'encoding="UTF-7"'),
    "latin-1 with spaces": message(sound(1)).replace(b'encoding="UTF-8"', b"encoding = 'ISO-8859-1'"),
    "utf-16": message(sound(1)).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "nul": message(sound(1)).replace(b"Minji", b"Min\x00ji"),
    "two roots": message(sound(1)) + b"<x/>",
    "wrong version": message(sound(1)).replace(b"ern/43", b"ern/35"),
    "other message": message(sound(1)).replace(b"NewReleaseMessage", b"PurgeReleaseMessage"),
    "many attributes": (
        ROOT + "<a " + " ".join(f'a{n}="x"' for n in range(100)) + "/></ern:NewReleaseMessage>"
    ).encode(),
    "long text": (ROOT + "<a>" + "x" * 200_000 + "</a></ern:NewReleaseMessage>").encode(),
    "huge text": (ROOT + "<a>" + "x" * 11_000_000 + "</a></ern:NewReleaseMessage>").encode(),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_formats_ern_hostile_message_is_refused_whole(house: Any, name: str) -> None:
    with pytest.raises(InputError) as caught:
        ern.read_message(HOSTILE[name], file="m.xml", context=house.context())
    assert caught.value.remedy
    str(caught.value).encode("utf-8")


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (XmlLimits(file_bytes_max=100), "bytes"),
        (XmlLimits(elements_max=10), "elements"),
        (XmlLimits(depth_max=4), "deeper"),
        (XmlLimits(text_chars_max=5), "characters"),
    ],
)
def test_formats_ern_limits(limits: XmlLimits, what: str) -> None:
    with pytest.raises(InputError, match=what):
        list(stream(message(sound(1)), file="m.xml", limits=limits))


def test_formats_ern_comments_and_instructions_are_no_content(house: Any) -> None:
    data = message(sound(1)).replace(b"<ISRC>KRA381900123", b"<?x y?><ISRC><!-- no -->KRA381900123")
    take(house, data)
    assert one(house, "isrc:KRA381900123")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT3M34.5S", 214_500),
        ("PT0S", 0),
        ("P1DT1H1M1.0019S", 90_061_001),
        ("PT1H", 3_600_000),
        ("", None),
        ("PT", None),
        ("3:34", None),
        ("-PT3S", None),
    ],
)
def test_formats_ern_durations(text: str, expected: int | None) -> None:
    assert duration_ms(text) == expected


WHOLE = message(
    sound(1, work="<WorkId><ISWC>T0345246801</ISWC></WorkId>", named=contributor("P3", "Composer")),
    sound(2, isrc="KRA381900124"),
)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_formats_ern_any_mutation_gives_a_whole_account_or_an_input_error(new_house: Any, data: st.DataObject) -> None:
    mutated = WHOLE
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutated)))
        until = data.draw(st.integers(at, min(len(mutated), at + data.draw(st.sampled_from([1, 8, 60, 400])))))
        piece = data.draw(
            st.sampled_from([b"", b"<", b">", b"&", b"&#0;", b"\xff", b"x", b"<a/>", b"</a>", b'"', b"9"])
        )
        mutated = mutated[:at] + piece + mutated[until:]
    house = new_house()
    try:
        imported = ern.read_message(mutated, file="m.xml", context=house.context())
    except InputError:
        return
    house.take(imported)
    recordings = [fact for fact in imported.facts if isinstance(fact, RecordingRegistered)]
    assert len(recordings) <= 2
    for recording in house.registry.recordings():
        assert house.registry.side_of(recording) is Side.RECORDING
        assert not house.registry.side(recording, territory="KR", at=house.NOW).complete


@settings(deadline=None)
@given(noise=st.binary(max_size=300))
def test_formats_ern_noise_is_an_input_error(new_house: Any, noise: bytes) -> None:
    with pytest.raises(InputError):
        ern.read_message(noise, file="m.xml", context=new_house().context())


def test_formats_ern_findings_tell_the_line(house: Any) -> None:
    data = message(sound(1), sound(2, isrc="BAD"))
    imported = take(house, data)
    (finding,) = [f for f in imported.findings if f.field == "SoundRecording/isrc"]
    line = data[: [m.start() for m in re.finditer(b"<SoundRecording>", data)][1]].count(b"\n") + 1
    assert finding.line == line
