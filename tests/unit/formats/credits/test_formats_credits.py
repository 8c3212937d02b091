"""MEAD, PIE and RIN: identifiers and credits, whatever the version; what carries none is passed over."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats import ddex_credits
from cantoria.formats.entries.page import write_down
from cantoria.formats.entries.scribe import Scribe
from cantoria.formats.entries.types import Entry, Name, Outcome, Share, Title
from cantoria.formats.types import Counts
from cantoria.kernel.errors import InputError
from cantoria.registry.types import PartyKind, Role, Tier

RIN = """<?xml version="1.0" encoding="UTF-8"?>
<rin:RecordingInformationNotification xmlns:rin="http://ddex.net/xml/rin/20" SchemaVersionId="rin/20">
  <FileHeader><FileId>session-7</FileId><FileControlType>LiveMessage</FileControlType></FileHeader>
  <PartyList>
    <Party><PartyReference>P1</PartyReference><PartyId><ISNI>000000012281955X</ISNI></PartyId>
      <PartyName><FullName>김민지</FullName><FullNameAsciiTranscribed>Kim Minji</FullNameAsciiTranscribed></PartyName>
    </Party>
    <Party><PartyId/><PartyReference>P2</PartyReference>
      <PartyName><NamesBeforeKeyName>Ana</NamesBeforeKeyName><KeyName>Lee</KeyName></PartyName>
      <IsOrganization>false</IsOrganization></Party>
    <Party><PartyReference>P3</PartyReference><PartyName><FullName>Blue Records</FullName></PartyName>
      <IsOrganization>true</IsOrganization></Party>
    <Party><PartyReference>P4</PartyReference></Party>
  </PartyList>
  <MusicalWorkList>
    <MusicalWork><MusicalWorkId><ISWC>T0345246801</ISWC>
      <ProprietaryId Namespace="DPID:PADPIDA2013020802I">w-7</ProprietaryId>
      </MusicalWorkId><MusicalWorkReference>W1</MusicalWorkReference>
      <Title><TitleText>봄비</TitleText></Title><Title><TitleText>Spring Rain</TitleText></Title>
      <ContributorReference SequenceNumber="1"><MusicalWorkContributorReference>P1</MusicalWorkContributorReference>
        <Role>ComposerLyricist</Role></ContributorReference>
    </MusicalWork>
  </MusicalWorkList>
  <ResourceList>
    <SoundRecording><MainArtist>P1</MainArtist>
      <SoundRecordingId><ISRC>KRA381900123</ISRC></SoundRecordingId><ResourceReference>A1</ResourceReference>
      <Title><TitleText>봄비</TitleText></Title><Version>Live</Version><Duration>PT3M34S</Duration>
      <SoundRecordingMusicalWorkReference>W1</SoundRecordingMusicalWorkReference>
      <ContributorReference><SoundRecordingContributorReference>P2</SoundRecordingContributorReference>
        <Role>StudioMusician</Role></ContributorReference>
      <Contributor><ContributorPartyReference>P2</ContributorPartyReference>
        <CreativeContributorRole><Value>Lyricist</Value></CreativeContributorRole></Contributor>
      <Contributor><ContributorPartyReference>P3</ContributorPartyReference>
        <NewStudioRole>MixingEngineer</NewStudioRole></Contributor>
      <Contributor><ContributorPartyReference>P9</ContributorPartyReference><Role>Vocalist</Role></Contributor>
      <Contributor><ContributorPartyReference>P9</ContributorPartyReference><Role>Soloist</Role></Contributor>
    </SoundRecording>
  </ResourceList>
  <SessionList><Session><SessionReference>O1</SessionReference></Session></SessionList>
</rin:RecordingInformationNotification>"""

MEAD = """<mead:MeadMessage xmlns:mead="http://ddex.net/xml/mead/11" AvsVersionId="3">
  <MessageHeader><MessageId>m1</MessageId></MessageHeader>
  <WorkInformationList>
    <WorkInformation><MusicalWorkReference>W1</MusicalWorkReference><WorkSummary>
      <MusicalWorkId><ISWC>T0345246801</ISWC></MusicalWorkId>
      <WorkTitle><TitleText><Title>봄비</Title></TitleText></WorkTitle>
      <Writer><PartyId><IpiNameNumber>00014107338</IpiNameNumber></PartyId>
        <PartyName><FullName><Name>Kim Minji</Name></FullName></PartyName></Writer>
    </WorkSummary><Mood><Value>Calm</Value></Mood></WorkInformation>
  </WorkInformationList>
  <ResourceInformationList>
    <ResourceInformation><ResourceSummary><ResourceId><ISRC>KRA381900123</ISRC></ResourceId>
      <DisplayTitle><TitleText><Title>봄비</Title></TitleText></DisplayTitle>
      <DisplayArtistName><Name>Minji</Name></DisplayArtistName>
      <DisplayArtist><PartyId><ISNI>000000012281955X</ISNI></PartyId>
        <PartyName><FullName><Name LanguageAndScriptCode="ko-Kore">김민지</Name></FullName></PartyName></DisplayArtist>
    </ResourceSummary><UsedMusicalWork><ResourceMusicalWorkReference>W1</ResourceMusicalWorkReference></UsedMusicalWork>
    <AlternativeTitle TitleType="TranslatedTitle"><TitleText><Title>Spring Rain</Title></TitleText></AlternativeTitle>
    </ResourceInformation>
  </ResourceInformationList>
  <ReleaseInformationList>
    <ReleaseInformation><ReleaseSummary><ReleaseId><ICPN>4006381333931</ICPN></ReleaseId>
      <DisplayTitle><TitleText>Album</TitleText></DisplayTitle></ReleaseSummary></ReleaseInformation>
    <ReleaseInformation><ReleaseSummary/></ReleaseInformation>
  </ReleaseInformationList>
  <MetadataSourceList><MetadataSource/></MetadataSourceList>
</mead:MeadMessage>"""

PIE = """<pie:PieMessage xmlns:pie="http://ddex.net/xml/pie/10">
  <MessageHeader><MessageId>p1</MessageId></MessageHeader>
  <PartyList><Party><PartyReference>P1</PartyReference>
    <PartyId><ISNI>000000012281955X</ISNI><IPN>12345678</IPN></PartyId><PartyId><DPID>PADPIDA2013020802I</DPID></PartyId>
    <PartyName><FullName><Name>Blue Band</Name></FullName></PartyName>
    <PartyName><FullName><Name>블루</Name></FullName></PartyName>
    <PartyType><Value>Group</Value></PartyType>
    <RelatedCreation><Contribution><Role>Vocalist</Role><HasMadeFeaturedContribution>true</HasMadeFeaturedContribution>
      </Contribution><ResourceId><ISRC>KRA381900123</ISRC></ResourceId>
      <CreationDescription><Title><TitleText>봄비</TitleText></Title></CreationDescription></RelatedCreation>
    <RelatedCreation><Contribution><Role>Composer</Role></Contribution>
      <MusicalWorkId><ISWC>T0345246801</ISWC></MusicalWorkId></RelatedCreation>
    <RelatedCreation IsFalse="true"><ResourceId><ISRC>KRA381900124</ISRC></ResourceId></RelatedCreation>
    <RelatedCreation><ResourceId><ISRC>wrong</ISRC></ResourceId></RelatedCreation>
  </Party></PartyList>
</pie:PieMessage>"""


def read(text: str | bytes, file: str = "m.xml") -> list[Entry]:
    data = text.encode() if isinstance(text, str) else text
    return list(ddex_credits.read(io.BytesIO(data), file=file))


def test_rin() -> None:
    first, second, third, nameless, work, recording, session = read(RIN)
    (singer,) = first.parties
    assert singer.key == "session-7#P1"
    assert singer.names == (Name("김민지", "Hang"), Name("Kim Minji", "Latn"))
    assert singer.codes == (("isni", "000000012281955X"),)
    assert second.parties[0].names == (Name("Ana Lee", "Latn"),)
    assert third.parties[0].kind is PartyKind.ORGANISATION
    assert nameless.outcome is Outcome.REFUSED
    (song,) = work.works
    assert song.codes == (("iswc", "T0345246801"), ("own", "PADPIDA2013020802I:w-7"))
    assert song.titles == (Title(text="Spring Rain"),)
    assert song.shares == (
        Share(party="session-7#P1", role=Role.COMPOSER, tier=Tier.ASSERTED),
        Share(party="session-7#P1", role=Role.LYRICIST, tier=Tier.ASSERTED),
    )
    (sound,) = recording.recordings
    assert (sound.title, sound.version, sound.duration_ms) == ("봄비", "Live", 214_000)
    assert sound.codes == (("isrc", "KRA381900123"),)
    assert sound.works == ("session-7#W1",)
    assert sound.shares == (
        Share(party="session-7#P1", role=Role.FEATURED_PERFORMER),
        Share(party="session-7#P2", role=Role.NON_FEATURED_PERFORMER),
    )
    (written,) = recording.works
    assert written.shares == (Share(party="session-7#P2", role=Role.LYRICIST, tier=Tier.ASSERTED),)
    messages = [finding.message for finding in recording.findings]
    assert any("MixingEngineer" in message for message in messages)
    assert sum("no party of the message" in message for message in messages) >= 2
    assert session.outcome is Outcome.PASSED_OVER


def test_mead() -> None:
    work, recording, release, empty, source = read(MEAD)
    (writer,) = work.parties
    assert writer.codes == (("ipi_name", "00014107338"),)
    assert work.works[0].title == "봄비"
    assert work.works[0].shares == (Share(party=writer.key, role=Role.AUTHOR, tier=Tier.ASSERTED),)
    (artist,) = recording.parties
    assert artist.names == (Name("김민지", "Kore"),)
    (sound,) = recording.recordings
    assert (sound.title, sound.artist, sound.works) == ("봄비", "Minji", ("m1#W1",))
    assert [title.text for title in sound.titles] == ["Spring Rain"]
    assert sound.shares == (Share(party=artist.key, role=Role.FEATURED_PERFORMER),)
    assert release.releases[0].codes == (("gtin", "4006381333931"),)
    assert (empty.outcome, source.outcome) == (Outcome.REFUSED, Outcome.PASSED_OVER)


def test_pie() -> None:
    (entry,) = read(PIE)
    (band,) = entry.parties
    assert band.kind is PartyKind.GROUP
    assert [name.text for name in band.names] == ["Blue Band", "블루"]
    assert band.codes == (("isni", "000000012281955X"), ("ipn", "12345678"), ("dpid", "PADPIDA2013020802I"))
    (sound,) = entry.recordings
    assert (sound.title, sound.shares) == (
        "봄비",
        (Share(party="p1#P1", role=Role.FEATURED_PERFORMER, tier=Tier.ASSERTED),),
    )
    assert entry.works[0].shares == (Share(party="p1#P1", role=Role.COMPOSER, tier=Tier.ASSERTED),)
    assert "2 creations" in entry.findings[0].message


def test_messages_become_facts(house: Any) -> None:
    counts = Counts()
    for number, text in enumerate((RIN, MEAD, PIE, RIN)):
        scribe = Scribe(house.context(), file=str(number), sha256=f"{number:064d}")
        for entry in read(text):
            imported = write_down(scribe, entry)
            counts += imported.counts
            house.take(imported)
    assert counts == Counts(received=20, registered=14, refused=3, passed_over=3)
    recording = house.lookup("isrc:KRA381900123")
    work = house.lookup("iswc:T0345246801")
    singer = house.thing("session-7#P1")
    assert house.registry.works_of(recording) == (work,)
    assert house.registry.recording(recording).title == "봄비"
    assert (singer, Role.FEATURED_PERFORMER) in {
        (claim.fact.party, claim.fact.role) for claim in house.registry.claims(recording)
    }


def test_a_test_message_registers_nothing() -> None:
    entries = read(RIN.replace("LiveMessage", "TestMessage"))
    assert {entry.outcome for entry in entries} == {Outcome.PASSED_OVER, Outcome.REFUSED}


def test_versions_differ_by_namespace_only() -> None:
    plain = RIN.replace("rin:", "").replace(' xmlns:rin="http://ddex.net/xml/rin/20"', "")
    other = RIN.replace("http://ddex.net/xml/rin/20", "http://ddex.net/xml/f-rin/10")
    assert read(plain) == read(RIN) == read(other)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<NewReleaseMessage/>",
        b"<MeadMessage",
        b"\xff\xfe<",
        b'<?xml version="1.0" encoding="UTF-7"?><MeadMessage/>',
        b"<!DOCTYPE x><MeadMessage/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><MeadMessage>&a;</MeadMessage>',
        b"<MeadMessage><a>\xff</a></MeadMessage>",
        b"<MeadMessage>" + b"<a>" * 100 + b"</a>" * 100 + b"</MeadMessage>",
    ],
)
def test_what_is_no_such_message_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_what_breaks_off_is_an_item_that_is_refused() -> None:
    entries = read(RIN[: RIN.index("<ResourceList>")])
    assert [entry.outcome for entry in entries][-1] is Outcome.REFUSED
    assert len(entries) == 6


@given(st.sampled_from([RIN, MEAD, PIE]), st.integers(0, 3000), st.text(max_size=4), st.integers(0, 40))
def test_mutated_messages_are_read_or_refused(text: str, at: int, put: str, cut: int) -> None:
    try:
        entries = read((text[:at] + put + text[at + cut :]).encode("utf-8", "surrogatepass"))
    except InputError:
        return
    assert all(entry.outcome in Outcome for entry in entries)


names = st.sampled_from(
    [
        "PartyList",
        "Party",
        "PartyId",
        "PartyName",
        "FullName",
        "Name",
        "ResourceList",
        "SoundRecording",
        "Contributor",
        "Role",
        "Title",
        "TitleText",
        "MusicalWorkList",
        "MusicalWork",
        "MusicalWorkReference",
        "Writer",
        "ISRC",
        "ISWC",
        "ProprietaryId",
        "RelatedCreation",
        "Release",
    ]
)
trees = st.recursive(
    st.text("ab <&1", max_size=4).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(
        lambda name, inside: f"<{name}>{''.join(inside)}</{name}>", names, st.lists(inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.sampled_from(["MeadMessage", "PieMessage", "RecordingInformationNotification"]), st.lists(trees, max_size=4))
def test_any_message_is_read(root: str, inside: list[str]) -> None:
    for entry in read(f"<{root}>{''.join(inside)}</{root}>"):
        assert entry.outcome in Outcome
