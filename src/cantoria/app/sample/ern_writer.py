"""DDEX ERN 4.3 messages of the sample world: one NewReleaseMessage, profile Audio, per release of two labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from cantoria.app.sample.model import Party, Recording, Release
from cantoria.app.sample.names import Language
from cantoria.kernel.periods import format_moment
from cantoria.registry.types import PartyKind

NAMESPACE: Final = "http://ddex.net/xml/ern/43"
_WORLDWIDE: Final = {"ApplicableTerritoryCode": "Worldwide"}
_DEFAULT: Final = {**_WORLDWIDE, "IsDefault": "true"}
_ROLES: Final = {"featured_performer": "Artist", "non_featured_performer": "StudioMusician"}
Element = etree._Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A recording as a label delivers it: who plays on it, in what role, and the ISWCs of its works."""

    recording: Recording
    artist: Party
    performers: tuple[tuple[Party, str], ...]
    iswcs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A release to deliver: its label, the recipient, its recordings in order, and when it is sent."""

    number: int
    release: Release
    label: Party
    recipient: Party
    recordings: tuple[Delivered, ...]
    language: Language
    sent_at: int


def write(message: Message) -> bytes:
    """Return the message as UTF-8 XML that is valid by the schema of ERN 4.3."""
    root = etree.Element(f"{{{NAMESPACE}}}NewReleaseMessage", nsmap={"ern": NAMESPACE})
    root.set("ReleaseProfileVersionId", "Audio")
    root.set("LanguageAndScriptCode", message.language.value)
    root.set("AvsVersionId", "3")
    parties = _Parties(message)
    root.append(_header(message))
    root.append(parties.listed())
    resources = _sub(root, "ResourceList")
    for place, delivered in enumerate(message.recordings, 1):
        resources.append(_recording(place, delivered, parties))
    releases = _sub(root, "ReleaseList")
    releases.append(_release(message, parties))
    for place, delivered in enumerate(message.recordings, 1):
        releases.append(_single(place, delivered, message, parties))
    root.append(_deals(message))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


class _Parties:
    """The parties of one message and their references."""

    def __init__(self, message: Message) -> None:
        everybody = [message.label]
        for delivered in message.recordings:
            everybody += [delivered.artist, *(party for party, _ in delivered.performers)]
        self._parties = {party.key: party for party in everybody}
        self._references = {key: f"P{place}" for place, key in enumerate(self._parties, 1)}
        self.label = message.label

    def of(self, party: Party) -> str:
        """Return the reference of a party."""
        return self._references[party.key]

    def listed(self) -> Element:
        """Return the PartyList."""
        element = etree.Element("PartyList")
        for key, party in self._parties.items():
            one = _sub(element, "Party")
            _sub(one, "PartyReference", self._references[key])
            for name in party.names:
                script = {} if name.script == "Latn" else {"LanguageAndScriptCode": f"ko-{name.script}"}
                named = _sub(one, "PartyName", **script)
                _sub(named, "FullName", name.text)
                if party.kind is PartyKind.PERSON and name.script == "Latn":
                    _sub(named, "FullNameIndexed", _indexed(name.text, korean=len(party.names) > 1))
            codes = dict(code.split(":", 1) for code in party.codes)
            if codes.keys() & {"isni", "dpid", "ipi_name", "ipn"}:
                _party_id(_sub(one, "PartyId"), codes)
        return element


def _party_id(element: Element, codes: Mapping[str, str]) -> None:
    for scheme, tag in (("isni", "ISNI"), ("dpid", "DPID"), ("ipi_name", "IpiNameNumber"), ("ipn", "IPN")):
        if scheme in codes:
            _sub(element, tag, codes[scheme])


def _indexed(name: str, *, korean: bool) -> str:
    """Return a name as lists have it, surname first: Korean ones begin with it, others end with it."""
    first, _, rest = name.partition(" ")
    return f"{first}, {rest}" if korean else f"{rest}, {first}"


def _header(message: Message) -> Element:
    header = etree.Element("MessageHeader")
    _sub(header, "MessageThreadId", f"SAMPLE-{message.release.gtin}")
    _sub(header, "MessageId", f"SAMPLE-{message.release.gtin}-{message.number}")
    for tag, party in (("MessageSender", message.label), ("MessageRecipient", message.recipient)):
        one = _sub(header, tag)
        _sub(one, "PartyId", dict(code.split(":", 1) for code in party.codes)["dpid"])
        _sub(_sub(one, "PartyName"), "FullName", party.names[-1].text)
    when = format_moment(message.sent_at)
    _sub(header, "MessageCreatedDateTime", when if "T" in when else f"{when}T00:00:00Z")
    _sub(header, "MessageControlType", "LiveMessage")
    return header


def _recording(place: int, delivered: Delivered, parties: _Parties) -> Element:
    recording = delivered.recording
    element = etree.Element("SoundRecording")
    _sub(element, "ResourceReference", f"A{place}")
    _sub(element, "Type", "MusicalWorkSoundRecording")
    edition = _sub(element, "SoundRecordingEdition")
    _sub(_sub(edition, "ResourceId"), "ISRC", recording.isrc)
    _line(edition, "PLine", recording.year, parties)
    for iswc in delivered.iswcs:
        _sub(_sub(element, "WorkId"), "ISWC", iswc)
    _titles(element, recording.title, recording.version)
    _artist(element, delivered.artist, parties)
    for sequence, (party, role) in enumerate(delivered.performers, 1):
        contributor = _sub(element, "Contributor", SequenceNumber=str(sequence))
        _sub(contributor, "ContributorPartyReference", parties.of(party))
        _sub(contributor, "Role", _ROLES[role])
    seconds, thousandths = divmod(recording.duration_ms, 1000)
    _sub(element, "Duration", f"PT{seconds // 60}M{seconds % 60}.{thousandths:03d}S")
    _sub(element, "ParentalWarningType", "NotExplicit")
    return element


def _release(message: Message, parties: _Parties) -> Element:
    release, first = message.release, message.recordings[0]
    element = etree.Element("Release")
    _sub(element, "ReleaseReference", "R0")
    _sub(element, "ReleaseType", "Album" if len(message.recordings) > 1 else "Single")
    _sub(_sub(element, "ReleaseId"), "ICPN", release.gtin)
    _titles(element, release.title, "")
    _artist(element, first.artist, parties)
    _sub(element, "ReleaseLabelReference", parties.of(message.label), **_WORLDWIDE)
    _line(element, "PLine", first.recording.year, parties)
    _genre(element)
    _sub(element, "ParentalWarningType", "NotExplicit")
    group = _sub(element, "ResourceGroup")
    _sub(group, "SequenceNumber", "1")
    for place in range(1, len(message.recordings) + 1):
        item = _sub(group, "ResourceGroupContentItem")
        _sub(item, "SequenceNumber", str(place))
        _sub(item, "ReleaseResourceReference", f"A{place}")
    return element


def _single(place: int, delivered: Delivered, message: Message, parties: _Parties) -> Element:
    element = etree.Element("TrackRelease")
    _sub(element, "ReleaseReference", f"R{place}")
    namespace = dict(code.split(":", 1) for code in message.label.codes)["dpid"]
    number = f"{message.release.gtin}-{delivered.recording.isrc}"
    _sub(_sub(element, "ReleaseId"), "ProprietaryId", number, Namespace=namespace)
    _sub(element, "ReleaseResourceReference", f"A{place}")
    _sub(element, "ReleaseLabelReference", parties.of(message.label), **_WORLDWIDE)
    _genre(element)
    return element


def _deals(message: Message) -> Element:
    """Return the DealList: streaming and download; nothing about AI, on which a label speaks in statements."""
    deals = etree.Element("DealList")
    deal = _sub(deals, "ReleaseDeal")
    for place in range(len(message.recordings) + 1):
        _sub(deal, "DealReleaseReference", f"R{place}")
    terms = _sub(_sub(deal, "Deal"), "DealTerms")
    _sub(terms, "TerritoryCode", "Worldwide")
    _sub(_sub(terms, "ValidityPeriod"), "StartDate", f"{message.recordings[0].recording.year}-03-01")
    _sub(terms, "CommercialModelType", "SubscriptionModel")
    _sub(terms, "UseType", "OnDemandStream")
    return deals


def _titles(element: Element, title: str, version: str) -> None:
    shown = f"{title} ({version})" if version else title
    _sub(element, "DisplayTitleText", shown, **_DEFAULT)
    titled = _sub(element, "DisplayTitle", **_DEFAULT)
    _sub(titled, "TitleText", title)
    if version:
        _sub(titled, "SubTitle", version)


def _artist(element: Element, artist: Party, parties: _Parties) -> None:
    _sub(element, "DisplayArtistName", artist.names[0].text, **_DEFAULT)
    displayed = _sub(element, "DisplayArtist", SequenceNumber="1")
    _sub(displayed, "ArtistPartyReference", parties.of(artist))
    _sub(displayed, "DisplayArtistRole", "MainArtist")


def _line(element: Element, tag: str, year: int, parties: _Parties) -> None:
    line = _sub(element, tag)
    _sub(line, "Year", str(year))
    _sub(line, f"{tag}Company", parties.label.names[-1].text)
    _sub(line, f"{tag}Text", f"(P) {year} {parties.label.names[-1].text}")


def _genre(element: Element) -> None:
    _sub(_sub(element, "Genre", **_WORLDWIDE), "GenreText", "Pop")


def _sub(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    child = etree.SubElement(parent, tag, attributes)
    child.text = text
    return child
