"""ERN: whatever the bytes, the reader ends with a whole account; what it took can be recorded, and read as a stream.

Only `InputError` refuses a message.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from cantoria.app.codec import body_of, fact_of
from cantoria.formats import ern
from cantoria.formats.csvfamily import Context
from cantoria.formats.entries.types import Entry, Name, Party, Recording, Release, Share, Work
from cantoria.formats.types import Counts
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import parse_moment
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, AiPart, DealSignalled
from cantoria.registry.types import Role

SENDER = "PADPIDA2013020802I"
NOW = parse_moment("2026-11-20")


def one(data: bytes) -> None:
    """Read at once and as a stream; both say the same, and every fact has a body. A verified stream may be stricter:
    it has been through two parsers."""
    try:
        whole = ern.read_message(data, file="fuzz", context=_context())
    except InputError:
        return
    for fact in whole.facts:
        if fact_of(fact.TYPE.tag, body_of(fact)) != fact:
            raise AssertionError("a fact changes by being recorded")
    for verify in (False, True):
        counts = Counts()
        try:
            for part in ern.read_stream(io.BytesIO(data), file="fuzz", context=_context(), verify=verify):
                counts += part.counts
        except InputError:
            if not verify:
                raise
            continue
        if counts != whole.counts:
            raise AssertionError("a stream of the same bytes has another account")


def seeds() -> Iterator[bytes]:
    """Give messages of all versions: written here, with the namespace and shape of the others."""
    envelope = ern.Envelope(message="M", sender=(SENDER, "Blue"), recipient=(SENDER, ""), created=0)
    for version in ("4.3", "4.3.2"):
        for _, data in ern.write(_entries(), envelope=envelope, version=version):
            yield data
            yield data.replace(b"ern/43", b"ern/42").replace(b"ern/422", b"ern/411")
    yield _OLD.encode()
    yield (
        f'<ern:PurgeReleaseMessage xmlns:ern="http://ddex.net/xml/ern/43">{_HEADER}<PurgedRelease><ReleaseId>'
        "<ICPN>4006381333931</ICPN></ReleaseId></PurgedRelease></ern:PurgeReleaseMessage>"
    ).encode()


def _context() -> Context:
    made = iter(range(1, 1 << 62))
    return Context(
        sender=PartyId(typed_id("party", bytes(16))),
        namespace="FUZZ",
        now=NOW,
        new_id=lambda prefix: typed_id(prefix, next(made).to_bytes(16, "big")),
        lookup=lambda code: None,
    )


def _entries() -> list[Entry]:
    parties = (
        Party(key="a", names=(Name("Kim"), Name("김", "Hang")), codes=(("isni", "000000012281955X"),)),
        Party(key="b", names=(Name("Blue"),), codes=(("own", f"{SENDER}:b"),)),
    )
    shares = (Share(party="a", role=Role.FEATURED_PERFORMER), Share(party="b", role=Role.PRODUCER))
    rain = Recording(
        key="r",
        title="Rain",
        artist="Kim",
        duration_ms=1,
        codes=(("isrc", "KRA381900123"),),
        works=("w",),
        shares=shares,
    )
    snow = Recording(
        key="s", title="Snow", duration_ms=1, codes=(("isrc", "KRA381900124"),), samples=("r",), shares=shares
    )
    work = Work(key="w", codes=(("iswc", "T0345246801"),), shares=(Share(party="a", role=Role.COMPOSER),))
    release = Release(key="l", title="L", codes=(("gtin", "4006381333931"),), recordings=("r", "s"))
    said = AiDisclosed(subject="r", extent=AiExtent.PARTLY, parts=(AiPart(("Choir",), "", AiExtent.ALL),))
    deal = DealSignalled(release="l", recordings=(), uses=("UseForDataMining",), territories=("KR",))
    return [
        Entry(line=1, kind="all", parties=parties, works=(work,), recordings=(rain, snow), releases=(release,)),
        Entry(line=2, kind="said", facts=(said, deal)),
    ]


_HEADER = (
    f"<MessageHeader><MessageId>M</MessageId><MessageSender><PartyId>{SENDER}</PartyId></MessageSender>"
    "<MessageCreatedDateTime>2024-01-02T03:04:05Z</MessageCreatedDateTime></MessageHeader>"
)
_OLD = f"""<?xml version="1.0" encoding="UTF-8"?>
<ernm:NewReleaseMessage xmlns:ernm="http://ddex.net/xml/ern/382">{_HEADER}
<UpdateIndicator>OriginalMessage</UpdateIndicator><WorkList><MusicalWork><MusicalWorkId><ISWC>T0345246801</ISWC>
</MusicalWorkId><MusicalWorkReference>W1</MusicalWorkReference></MusicalWork></WorkList><ResourceList><SoundRecording>
<SoundRecordingId><ISRC>KRA381900123</ISRC></SoundRecordingId><ResourceReference>A1</ResourceReference>
<ReferenceTitle><TitleText>Rain</TitleText></ReferenceTitle><ResourceMusicalWorkReferenceList>
<ResourceMusicalWorkReference><ResourceMusicalWorkReference>W1</ResourceMusicalWorkReference>
</ResourceMusicalWorkReference></ResourceMusicalWorkReferenceList><Duration>PT1S</Duration>
<SoundRecordingDetailsByTerritory><TerritoryCode>Worldwide</TerritoryCode><DisplayArtist><PartyName>
<FullName>Kim</FullName></PartyName><PartyId><ISNI>000000012281955X</ISNI></PartyId><ArtistRole>MainArtist</ArtistRole>
</DisplayArtist><PLine><PLineText>(P) 2024 Kim</PLineText></PLine></SoundRecordingDetailsByTerritory></SoundRecording>
</ResourceList><ReleaseList><Release><ReleaseId><ICPN IsEan="true">4006381333931</ICPN></ReleaseId>
<ReleaseReference>R0</ReleaseReference><ReleaseResourceReferenceList><ReleaseResourceReference>A1
</ReleaseResourceReference></ReleaseResourceReferenceList></Release></ReleaseList><DealList><ReleaseDeal>
<DealReleaseReference>R0</DealReleaseReference><Deal><DealTerms><Usage><UseType>UseForGenerativeAI</UseType></Usage>
<TakeDown>true</TakeDown><TerritoryCode>KR</TerritoryCode><ValidityPeriod><StartDate>2024-01-01</StartDate>
</ValidityPeriod></DealTerms></Deal></ReleaseDeal></DealList></ernm:NewReleaseMessage>
"""
