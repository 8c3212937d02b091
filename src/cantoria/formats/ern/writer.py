"""Entries to ERN 4.3 and 4.3.2: one NewReleaseMessage for each release, valid by the official schemas, deterministic.

A message carries one release (ERN 4), so a catalogue becomes as many messages. What the format has no place for is
told, never silently left out: shares, claims limited to a territory or period, disclosures of AI in 4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from cantoria.formats.entries.types import Entry, Recording, Release
from cantoria.formats.ern.gathering import Catalogue, Note, ignore, key_of, texts
from cantoria.formats.ern.parts_out import (
    Sheet,
    artist_name,
    genre,
    label,
    moment,
    own_codes,
    party_list,
    proprietary,
    sub,
    titles,
    validity,
)
from cantoria.formats.ern.recording_out import displayed, lead_artist, producer_of, write_recording
from cantoria.formats.ern.xml import Element
from cantoria.kernel.errors import InputError
from cantoria.registry.disclosure_facts import DealSignalled

VERSIONS: Final = {"4.3": "43", "4.3.2": "432"}
NAMESPACE: Final = "http://ddex.net/xml/ern/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who sends messages to whom, as (DPID, name), from which moment (UTC microseconds) on; the id of the first
    message is `message`, with a number added for each release. `language` is that of the metadata."""

    message: str
    sender: tuple[str, str]
    recipient: tuple[str, str]
    created: int
    thread: str = ""
    language: str = "en"
    test: bool = False


def write(
    entries: Iterable[Entry], *, envelope: Envelope, version: str = "4.3.2", note: Note = ignore
) -> Iterator[tuple[str, bytes]]:
    """Give (message id, message in UTF-8) for each release of the entries, and one for recordings on no release.

    The entries are read to their end first and stand in memory: of a large catalogue give a part at a time. `note` is
    told what cannot be carried. Raises `InputError` for a version that is not written.
    """
    if version not in VERSIONS:
        raise InputError(f"ERN {version} is not written", f"choose one of {', '.join(VERSIONS)}")
    catalogue = Catalogue(note).add(entries)
    held = {item for release in catalogue.releases.values() for item in release.recordings}
    loose = [key for key in catalogue.recordings if key not in held]
    number = 0
    for release in catalogue.releases.values():
        recordings = [catalogue.recordings[key] for key in release.recordings if key in catalogue.recordings]
        for key in release.recordings:
            if key not in catalogue.recordings:
                catalogue.lost(key_of(release), "recording", "the recording is not among the entries", value=key)
        if not recordings:
            catalogue.lost(key_of(release), "release", "a release without recordings makes no message")
            continue
        number += 1
        name = f"{envelope.message}-{number}"
        yield (
            name,
            _message(Sheet(catalogue, version == "4.3.2"), envelope, name, VERSIONS[version], release, recordings),
        )
    if loose:
        recordings = [catalogue.recordings[key] for key in loose]
        name = f"{envelope.message}-{number + 1}"
        yield name, _message(Sheet(catalogue, version == "4.3.2"), envelope, name, VERSIONS[version], None, recordings)


def _message(
    sheet: Sheet, envelope: Envelope, name: str, version: str, release: Release | None, recordings: list[Recording]
) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}{version}}}NewReleaseMessage", nsmap={"ern": f"{NAMESPACE}{version}"})
    if release is not None:
        root.set("ReleaseProfileVersionId", "Audio")
    root.set("LanguageAndScriptCode", envelope.language)
    root.set("AvsVersionId", sheet.allowed.version)
    sheet.recordings = {key_of(one): f"A{place}" for place, one in enumerate(recordings, 1)}
    resources = etree.Element("ResourceList")
    for recording in recordings:
        write_recording(sheet, resources, recording)
    releases = etree.Element("ReleaseList")
    deals: Element | None = None
    if release is not None:
        _release(sheet, releases, release, recordings, envelope)
        deals = _deals(sheet, release, envelope)
    else:
        for place, recording in enumerate(recordings, 1):
            _single(sheet, releases, recording, place, envelope)
    root.append(_header(envelope, name))
    root.append(party_list(sheet))
    root.append(resources)
    root.append(releases)
    if deals is not None:
        root.append(deals)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _header(envelope: Envelope, name: str) -> Element:
    header = etree.Element("MessageHeader")
    if envelope.thread:
        sub(header, "MessageThreadId", envelope.thread)
    sub(header, "MessageId", name)
    for tag, (dpid, called) in (("MessageSender", envelope.sender), ("MessageRecipient", envelope.recipient)):
        one = sub(header, tag)
        sub(one, "PartyId", dpid)
        if called:
            sub(sub(one, "PartyName"), "FullName", called)
    sub(header, "MessageCreatedDateTime", moment(envelope.created))
    sub(header, "MessageControlType", "TestMessage" if envelope.test else "LiveMessage")
    return header


def _release(sheet: Sheet, parent: Element, release: Release, recordings: list[Recording], envelope: Envelope) -> None:
    element = sub(parent, "Release")
    sub(element, "ReleaseReference", "R0")
    sub(element, "ReleaseType", "Album" if len(recordings) > 1 else "Single")
    _release_id(sheet, element, release)
    titles(element, release.title or recordings[0].title)
    artists = dict.fromkeys(lead_artist(sheet, one) for one in recordings)
    artist_name(sheet, element, next(iter(artists)) if len(artists) == 1 else "Various Artists")
    displayed(sheet, element, recordings[0])
    label(element, _label(sheet, recordings, envelope))
    genre(sheet, element)
    sub(element, "ParentalWarningType", "NoAdviceAvailable")
    group = sub(element, "ResourceGroup")
    for place, recording in enumerate(recordings, 1):
        item = sub(group, "ResourceGroupContentItem")
        sub(item, "SequenceNumber", str(place))
        sub(item, "ReleaseResourceReference", sheet.recordings[key_of(recording)])
    said = sheet.catalogue.disclosed.get(key_of(release))
    if said is not None and said.extent is not None:
        if sheet.new:
            sub(element, "ContainsAI", said.extent.value)
        else:
            sheet.catalogue.lost(key_of(release), "AI", "ERN 4.3 has no place for ContainsAI", value=said.extent.value)


def _release_id(sheet: Sheet, element: Element, release: Release) -> None:
    one = sub(element, "ReleaseId")
    for scheme, tag in (("grid", "GRid"), ("gtin", "ICPN")):
        found = texts(release.codes, scheme)
        if found:
            sub(one, tag, found[0])
        for text in found[1:]:
            sheet.catalogue.lost(key_of(release), "code", f"a second {tag} has no place", value=text)
    proprietary(one, own_codes(release.codes))
    for scheme, text in release.codes:
        if scheme not in ("grid", "gtin", "own"):
            sheet.catalogue.lost(key_of(release), "code", f"a release has no place for {scheme}", value=text)


def _label(sheet: Sheet, recordings: list[Recording], envelope: Envelope) -> str:
    """Return the reference of the label: the producer of the first recording that has one, else the sender."""
    for recording in recordings:
        if producer := producer_of(sheet, recording):
            return sheet.party(producer)
    return sheet.named(envelope.sender[1] or envelope.sender[0])


def _single(sheet: Sheet, parent: Element, recording: Recording, place: int, envelope: Envelope) -> None:
    """Add a track release for a recording that is on no release: the schema demands one, known by the sender's id."""
    element = sub(parent, "TrackRelease")
    sub(element, "ReleaseReference", f"R{place}")
    one = sub(element, "ReleaseId")
    sub(one, "ProprietaryId", f"track-release:{key_of(recording)}", Namespace=envelope.sender[0])
    titles(element, recording.title)
    sub(element, "ReleaseResourceReference", sheet.recordings[key_of(recording)])
    label(element, _label(sheet, [recording], envelope))
    genre(sheet, element)


def _deals(sheet: Sheet, release: Release, envelope: Envelope) -> Element | None:
    """Return the deals about AI between this sender and this recipient; those with others are theirs alone."""
    element = etree.Element("DealList")
    listed = sub(element, "ReleaseDeal")
    sub(listed, "DealReleaseReference", "R0")
    for deal in sheet.catalogue.deals.get(key_of(release), ()):
        uses = [use for use in deal.uses if use in sheet.allowed.sets["UseType_ERN"]]
        for use in deal.uses:
            if use not in uses:
                sheet.catalogue.lost(key_of(release), "deal", "the use type is not allowed in ERN 4", value=use)
        if not _is_theirs(deal, envelope):
            sheet.catalogue.lost(key_of(release), "deal", "the deal is between others; it is not passed on")
        elif uses:
            _deal(sheet, listed, deal, uses, key_of(release))
    return element if len(listed) > 1 else None


def _is_theirs(deal: DealSignalled, envelope: Envelope) -> bool:
    return deal.said_by in ("", envelope.sender[0]) and (
        not deal.recipients or envelope.recipient[0] in deal.recipients
    )


def _deal(sheet: Sheet, parent: Element, deal: DealSignalled, uses: list[str], thing: str) -> None:
    """Add a deal. One of whose territories cannot be written is left out whole: without them it would hold
    everywhere."""
    allowed = sheet.allowed.sets["CurrentTerritoryCode"]
    territories = deal.territories or (() if deal.excluded else ("Worldwide",))
    excluded = () if deal.territories else deal.excluded
    for code in (*territories, *excluded):
        if code not in allowed:
            sheet.catalogue.lost(thing, "deal", "the territory has no allowed value: the deal is left out", value=code)
            return
    terms = sub(sub(parent, "Deal"), "DealTerms")
    for code in territories:
        sub(terms, "TerritoryCode", code)
    for code in excluded:
        sub(terms, "ExcludedTerritoryCode", code)
    validity(sheet, terms, deal.period, thing)
    for model in deal.commercial_models:
        if model in sheet.allowed.sets["CommercialModelType_ERN"]:
            sub(terms, "CommercialModelType", model)
        else:
            sheet.catalogue.lost(thing, "deal", "the commercial model has no allowed value", value=model)
    for use in uses:
        sub(terms, "UseType", use)
