"""MEAD, PIE and RIN: whatever the bytes, each item has one outcome, and only `InputError` refuses a message."""

from __future__ import annotations

import io
from collections.abc import Iterator

from cantoria.formats import ddex_credits
from cantoria.kernel.errors import InputError
from fuzz._entries import use

_PARTY = b"""<PartyList><Party><PartyReference>P1</PartyReference><PartyId><ISNI>000000012281955X</ISNI></PartyId>
<PartyName><FullName><Name>Kim</Name></FullName></PartyName><RelatedCreation><Contribution><Role>Vocalist</Role>
</Contribution><ResourceId><ISRC>KRA381900123</ISRC></ResourceId></RelatedCreation></Party></PartyList>"""
_WORK = b"""<MusicalWork><MusicalWorkId><ISWC>T0345246801</ISWC></MusicalWorkId><MusicalWorkReference>W1
</MusicalWorkReference><Title><TitleText>Rain</TitleText></Title><Contributor><ContributorPartyReference>P1
</ContributorPartyReference><Role>Composer</Role></Contributor></MusicalWork>"""
_SOUND = b"""<SoundRecording><SoundRecordingId><ISRC>KRA381900123</ISRC></SoundRecordingId><Title><TitleText>Rain
</TitleText></Title><Duration>PT3M</Duration><SoundRecordingMusicalWorkReference>W1</SoundRecordingMusicalWorkReference>
<MainArtist>P1</MainArtist><Contributor><ContributorPartyReference>P1</ContributorPartyReference><Role>Lyricist</Role>
</Contributor></SoundRecording>"""
_SUMMARY = b"""<WorkInformationList><WorkInformation><MusicalWorkReference>W1</MusicalWorkReference><WorkSummary>
<MusicalWorkId><ISWC>T0345246801</ISWC></MusicalWorkId><WorkTitle><TitleText><Title>Rain</Title></TitleText></WorkTitle>
<Writer><PartyName><FullName><Name>Kim</Name></FullName></PartyName></Writer></WorkSummary></WorkInformation>
</WorkInformationList>"""


def one(data: bytes) -> None:
    """Read, write down, write out."""
    try:
        entries = list(ddex_credits.read(io.BytesIO(data), file="fuzz"))
    except InputError:
        return
    use(entries)


def seeds() -> Iterator[bytes]:
    """Give a message of each kind."""
    head = b"<MessageHeader><MessageId>m</MessageId></MessageHeader>"
    yield b"<PieMessage>" + head + _PARTY + b"</PieMessage>"
    yield b"<MeadMessage>" + head + _SUMMARY + b"</MeadMessage>"
    lists = b"<MusicalWorkList>" + _WORK + b"</MusicalWorkList><ResourceList>" + _SOUND + b"</ResourceList>"
    name = b"RecordingInformationNotification"
    yield b"<r:" + name + b' xmlns:r="http://ddex.net/xml/rin/20">' + _PARTY + lists + b"</r:" + name + b">"
