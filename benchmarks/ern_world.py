"""A generated ERN 4.3 message of any size: one release with thousands of recordings, in one of two proportions.

`mixed` has for each recording the terms that the nine official samples have on average (two thirds of their bytes are
deals); `dense` has one deal in all, so that nearly every byte is about a recording, a party or a release: the most
facts that a message of that size can bring.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

DEALS_PER_RECORDING: Final = 9
CREDITS: Final = ("LeadVocalist", "StudioMusician", "Producer", "MixingEngineer")
PARTIES: Final = 400
_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<ern:NewReleaseMessage xmlns:ern="http://ddex.net/xml/ern/43" ReleaseProfileVersionId="Audio"
   LanguageAndScriptCode="en" AvsVersionId="9">
   <MessageHeader>
      <MessageThreadId>THREAD</MessageThreadId>
      <MessageId>MESSAGE</MessageId>
      <MessageSender>
         <PartyId>PADPIDA2013020802I</PartyId>
         <PartyName><FullName>Blue Records</FullName></PartyName>
      </MessageSender>
      <MessageRecipient>
         <PartyId>PADPIDA2014120301R</PartyId>
      </MessageRecipient>
      <MessageCreatedDateTime>2024-01-02T03:04:05Z</MessageCreatedDateTime>
   </MessageHeader>
"""


def parts(megabytes: int, *, mixed: bool) -> Iterator[bytes]:
    """Give the message in parts, of about so many megabytes (10^6 bytes)."""
    count = recordings(megabytes, mixed=mixed)
    yield _HEAD.encode()
    yield b"   <PartyList>\n"
    yield from (_party(place).encode() for place in range(PARTIES))
    yield b"   </PartyList>\n   <ResourceList>\n"
    yield from (_recording(place).encode() for place in range(count))
    yield b"   </ResourceList>\n   <ReleaseList>\n"
    yield from _release(count)
    yield from (_track(place).encode() for place in range(count))
    yield b"   </ReleaseList>\n   <DealList>\n"
    for place in range(count if mixed else 1):
        yield _deal(place, DEALS_PER_RECORDING if mixed else 1).encode()
    yield b"   </DealList>\n</ern:NewReleaseMessage>\n"


def recordings(megabytes: int, *, mixed: bool) -> int:
    """Return how many recordings a message of that size has."""
    whole = len(_recording(10_000)) + len(_track(10_000)) + 190
    whole += len(_deal(10_000, DEALS_PER_RECORDING)) if mixed else 0
    return max(1, megabytes * 1_000_000 // whole)


def _party(place: int) -> str:
    return f"""      <Party>
         <PartyReference>P{place}</PartyReference>
         <PartyName>
            <FullName>Artist Number {place}</FullName>
            <FullNameIndexed>Number {place}, Artist</FullNameIndexed>
         </PartyName>
         <PartyName LanguageAndScriptCode="ko-Hang">
            <FullName>가수 {place}</FullName>
         </PartyName>
         <PartyId>
            <ProprietaryId Namespace="PADPIDA2013020802I">artist-{place}</ProprietaryId>
         </PartyId>
      </Party>
"""


def _recording(place: int) -> str:
    credited = "".join(
        f"""         <Contributor SequenceNumber="{number}">
            <ContributorPartyReference>P{(place * 7 + number) % PARTIES}</ContributorPartyReference>
            <Role>{role}</Role>
         </Contributor>
"""
        for number, role in enumerate(CREDITS, 1)
    )
    return f"""      <SoundRecording>
         <ResourceReference>A{place}</ResourceReference>
         <Type>MusicalWorkSoundRecording</Type>
         <SoundRecordingEdition>
            <ResourceId>
               <ISRC>KRA{place // 100_000:02d}{19 + place // 100_000 % 10:02d}{place % 100_000:05d}</ISRC>
            </ResourceId>
            <PLine>
               <Year>2024</Year>
               <PLineText>(P) 2024 Artist Number 1</PLineText>
            </PLine>
            <TechnicalDetails>
               <TechnicalResourceDetailsReference>T{place}</TechnicalResourceDetailsReference>
               <DeliveryFile>
                  <Type>AudioFile</Type>
                  <File>
                     <URI>resources/recording_{place:06d}.wav</URI>
                     <HashSum>
                        <Algorithm>SHA-256</Algorithm>
                        <HashSumValue>{place:064x}</HashSumValue>
                     </HashSum>
                  </File>
               </DeliveryFile>
            </TechnicalDetails>
         </SoundRecordingEdition>
         <WorkId>
            <ProprietaryId Namespace="PADPIDA2013020802I">work-{place}</ProprietaryId>
         </WorkId>
         <DisplayTitleText IsDefault="true">봄비 Spring Rain {place}</DisplayTitleText>
         <DisplayTitle ApplicableTerritoryCode="Worldwide" IsDefault="true">
            <TitleText>봄비 Spring Rain {place}</TitleText>
         </DisplayTitle>
         <DisplayArtistName ApplicableTerritoryCode="Worldwide" IsDefault="true">Artist</DisplayArtistName>
         <DisplayArtist SequenceNumber="1">
            <ArtistPartyReference>P{place % PARTIES}</ArtistPartyReference>
            <DisplayArtistRole>MainArtist</DisplayArtistRole>
         </DisplayArtist>
{credited}         <Duration>PT{place % 6 + 1}M{place % 60}S</Duration>
         <CreationDate IsApproximate="true">2023-12-01</CreationDate>
         <ParentalWarningType>NotExplicit</ParentalWarningType>
         <IsInstrumental>false</IsInstrumental>
         <LanguageOfPerformance>ko</LanguageOfPerformance>
      </SoundRecording>
"""


def _release(count: int) -> Iterator[bytes]:
    yield b"""      <Release>
         <ReleaseReference>R0</ReleaseReference>
         <ReleaseType>Album</ReleaseType>
         <ReleaseId>
            <ICPN>4006381333931</ICPN>
         </ReleaseId>
         <DisplayTitleText>Everything</DisplayTitleText>
         <ReleaseLabelReference>P1</ReleaseLabelReference>
         <ResourceGroup>
"""
    for place in range(count):
        yield f"""            <ResourceGroupContentItem>
               <SequenceNumber>{place + 1}</SequenceNumber>
               <ReleaseResourceReference>A{place}</ReleaseResourceReference>
            </ResourceGroupContentItem>
""".encode()
    yield b"         </ResourceGroup>\n      </Release>\n"


def _track(place: int) -> str:
    return f"""      <TrackRelease>
         <ReleaseReference>R{place + 1}</ReleaseReference>
         <ReleaseId>
            <ProprietaryId Namespace="PADPIDA2013020802I">single-{place}</ProprietaryId>
         </ReleaseId>
         <ReleaseResourceReference>A{place}</ReleaseResourceReference>
         <ReleaseLabelReference ApplicableTerritoryCode="Worldwide">P1</ReleaseLabelReference>
         <Genre ApplicableTerritoryCode="Worldwide">
            <GenreText>Pop</GenreText>
         </Genre>
      </TrackRelease>
"""


def _deal(place: int, deals: int) -> str:
    terms = "".join(
        f"""         <Deal>
            <DealReference>D{place}-{number}</DealReference>
            <DealTerms>
               <TerritoryCode>{code}</TerritoryCode>
               <ValidityPeriod>
                  <StartDate>2024-02-{number % 28 + 1:02d}</StartDate>
               </ValidityPeriod>
               <CommercialModelType>SubscriptionModel</CommercialModelType>
               <CommercialModelType>AdvertisementSupportedModel</CommercialModelType>
               <UseType>OnDemandStream</UseType>
               <UseType>NonInteractiveStream</UseType>
            </DealTerms>
         </Deal>
"""
        for number, code in zip(range(deals), ("KR", "JP", "US", "DE", "FR", "ES", "BR", "MX", "IN"), strict=False)
    )
    return f"""      <ReleaseDeal>
         <DealReleaseReference>R{place + 1}</DealReleaseReference>
{terms}      </ReleaseDeal>
"""
