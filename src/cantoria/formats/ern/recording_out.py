"""A sound recording as ERN 4.3 and 4.3.2 write it: its credits, its producer, its works, and the part of AI in it."""

from __future__ import annotations

from typing import Final

from cantoria.formats.entries.types import Recording, Share
from cantoria.formats.ern.disclosing import GENERATIVE
from cantoria.formats.ern.gathering import key_of, texts
from cantoria.formats.ern.parts_out import (
    Sheet,
    artist_name,
    duration,
    recording_ids,
    sub,
    titles,
    version_types,
    work_id,
)
from cantoria.formats.ern.xml import Element
from cantoria.kernel.periods import ALWAYS
from cantoria.kernel.territories import WORLD
from cantoria.registry.disclosure_facts import AiDisclosed, AiPart
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import Role

_ROLES: Final = {
    Role.NON_FEATURED_PERFORMER: "AssociatedPerformer",
    Role.COMPOSER: "Composer",
    Role.LYRICIST: "Lyricist",
    Role.AUTHOR: "Author",
    Role.ARRANGER: "Arranger",
    Role.TRANSLATOR: "Translator",
    Role.PUBLISHER: "MusicPublisher",
}
_TITLES: Final = {
    TitleKind.FORMAL: "FormalTitle",
    TitleKind.TRANSLATED: "TranslatedTitle",
    TitleKind.TRANSCRIBED: "TransliteratedTitle",
    TitleKind.ALTERNATIVE: "AlternativeTitle",
}
Credit = tuple[str, str]  # party key, role as DDEX names it


def write_recording(sheet: Sheet, parent: Element, recording: Recording) -> None:
    """Add a SoundRecording."""
    catalogue, key = sheet.catalogue, key_of(recording)
    element = sub(parent, "SoundRecording")
    sub(element, "ResourceReference", sheet.recordings[key])
    sub(element, "Type", "MusicalWorkSoundRecording")
    edition = sub(element, "SoundRecordingEdition")
    recording_ids(sheet, edition, recording)
    producer = producer_of(sheet, recording)
    if producer and (name := sheet.name_of(producer)):
        line = sub(edition, "PLine")
        sub(line, "PLineCompany", name)
        sub(line, "PLineText", f"(P) {name}")
    works = [catalogue.works[work] for work in recording.works if work in catalogue.works]
    for work in works:
        work_id(sheet, element, work)
    if len(works) < len(recording.works):
        catalogue.lost(key, "work", "a work of the recording is not among the entries")
    titles(element, recording.title)
    _other_titles(sheet, element, recording)
    version_types(sheet, element, recording.version)
    artist_name(sheet, element, lead_artist(sheet, recording))
    displayed(sheet, element, recording)
    shares = [share for work in works for share in work.shares]
    _contributors(sheet, element, recording, [*recording.shares, *shares])
    if producer:
        _controllers(sheet, element, recording)
    if recording.duration_ms is None:
        catalogue.lost(key, "duration", "the schema demands a duration and none is known: zero is written")
    sub(element, "Duration", duration(recording.duration_ms or 0))
    sub(element, "ParentalWarningType", "NoAdviceAvailable")
    _related(sheet, element, recording)
    said = catalogue.disclosed.get(key)
    if said is not None and said.extent is not None and sheet.new:
        sub(element, "ContainsAI", said.extent.value)


def lead_artist(sheet: Sheet, recording: Recording) -> str:
    """Return the name of the artist as displayed: as given, else of the first performer."""
    names = (sheet.name_of(share.party) for share in _performers(sheet, recording))
    return recording.artist or next((name for name in names if name), "") or "Unknown"


def displayed(sheet: Sheet, element: Element, recording: Recording) -> None:
    """Add the featured performers as display artists; the schema demands one, so without any the name displayed."""
    featured = [share.party for share in _performers(sheet, recording) if share.role is Role.FEATURED_PERFORMER]
    references = [sheet.party(party) for party in dict.fromkeys(featured)]
    if not references:
        references = [sheet.named(lead_artist(sheet, recording))]
        sheet.catalogue.lost(
            key_of(recording), "artist", "no featured performer is known: the name displayed is sent as one"
        )
    for number, reference in enumerate(references, 1):
        one = sub(element, "DisplayArtist", SequenceNumber=str(number))
        sub(one, "ArtistPartyReference", reference)
        sub(one, "DisplayArtistRole", "MainArtist")


def producer_of(sheet: Sheet, recording: Recording) -> str:
    """Return the key of the first producer, or nothing."""
    return next(iter(_producers(sheet, recording)), "")


def _producers(sheet: Sheet, recording: Recording) -> list[str]:
    found = (share.party for share in recording.shares if share.role is Role.PRODUCER)
    return [party for party in dict.fromkeys(found) if sheet.knows(party)]


def _performers(sheet: Sheet, recording: Recording) -> list[Share]:
    performing = (Role.FEATURED_PERFORMER, Role.NON_FEATURED_PERFORMER)
    found = [share for share in recording.shares if share.role in performing and sheet.knows(share.party)]
    return sorted(found, key=lambda share: share.role is not Role.FEATURED_PERFORMER)


def _other_titles(sheet: Sheet, element: Element, recording: Recording) -> None:
    for title in recording.titles:
        language = {"LanguageAndScriptCode": title.language} if _is_language(title.language) else {}
        if sheet.new and title.kind is TitleKind.FORMAL:
            sub(sub(element, "FormalTitle", **language), "TitleText", title.text)
        elif not sheet.new and title.kind in _TITLES:
            one = sub(element, "AdditionalTitle", **language, TitleType=_TITLES[title.kind])
            sub(one, "TitleText", title.text)
        else:
            what = f"there is no place for a title that is {title.kind.value}"
            sheet.catalogue.lost(key_of(recording), "title", what, value=title.text)


def _is_language(code: str) -> bool:
    parts = code.split("-")
    return (
        parts[0].isascii()
        and parts[0].isalpha()
        and 2 <= len(parts[0]) <= 3
        and all(part.isascii() and part.isalpha() and len(part) == 4 for part in parts[1:2])
        and len(parts) < 3
    )


def _contributors(sheet: Sheet, element: Element, recording: Recording, shares: list[Share]) -> None:
    """Add contributors: those that a disclosure speaks of as it does, then the others."""
    said = sheet.catalogue.disclosed.get(key_of(recording))
    parts = list(said.parts) if said is not None else []
    if said is not None and not sheet.new:
        _cannot_disclose(sheet, recording, said)
        parts = []
    number = 0
    told: set[Credit] = set()
    for part in parts:
        if part.party and not sheet.knows(part.party):
            _nameless(sheet, recording, part.party)
            continue
        number += 1
        _disclosed(sheet, element, part, number)
        told |= {(part.party, role) for role in part.roles}
    for share in shares:
        if not sheet.knows(share.party):
            _nameless(sheet, recording, share.party)
            continue
        _limits(sheet, recording, share)
        role = _ROLES.get(share.role)
        if role is None or (share.party, role) in told:
            continue
        told.add((share.party, role))
        number += 1
        one = sub(element, "Contributor", SequenceNumber=str(number))
        sub(one, "ContributorPartyReference", sheet.party(share.party))
        _role(sheet, one, role)


def _nameless(sheet: Sheet, recording: Recording, party: str) -> None:
    what = "a party that has neither a name nor a code here cannot be credited"
    sheet.catalogue.lost(key_of(recording), "credit", what, value=party)


def _disclosed(sheet: Sheet, element: Element, part: AiPart, number: int) -> None:
    one = sub(element, "Contributor", SequenceNumber=str(number))
    if part.party:
        sub(one, "ContributorPartyReference", sheet.party(part.party))
    else:
        sub(one, "SpecialContributor", GENERATIVE)
    for role in part.roles:
        _role(sheet, one, role)
    if part.extent is not None:
        sub(one, "AiContribution", part.extent.value)


def _cannot_disclose(sheet: Sheet, recording: Recording, said: AiDisclosed) -> None:
    sheet.catalogue.lost(
        key_of(recording),
        "AI",
        "ERN 4.3 has no place for what is disclosed of AI",
        value=said.extent.value if said.extent else f"{len(said.parts)} contributions",
        remedy="write 4.3.2",
    )


def _role(sheet: Sheet, element: Element, role: str) -> None:
    known = role in sheet.allowed.sets["ContributorRole"]
    attributes = {} if known else {"UserDefinedValue": role}
    text = role if known else "UserDefined"
    if sheet.new:
        sub(sub(element, "Role"), "Value", text, **attributes)
    else:
        sub(element, "Role", text, **attributes)


def _controllers(sheet: Sheet, element: Element, recording: Recording) -> None:
    for number, party in enumerate(_producers(sheet, recording), 1):
        one = sub(element, "ResourceRightsController", SequenceNumber=str(number))
        sub(one, "RightsControllerPartyReference", sheet.party(party))
        sub(one, "RightsControlType", "RightsController")


def _limits(sheet: Sheet, recording: Recording, share: Share) -> None:
    """Say what a credit cannot carry of a claim."""
    lost = sheet.catalogue.lost
    if share.share is not None:
        what = f"a credit carries no share; that of a {share.role.value} is left out"
        lost(key_of(recording), "share", what, value=str(share.share))
    if share.territory != WORLD or share.period != ALWAYS:
        what = f"a credit holds everywhere and always; the limits of a {share.role.value} are left out"
        lost(key_of(recording), "share", what, value=share.territory)


def _related(sheet: Sheet, element: Element, recording: Recording) -> None:
    for sample in recording.samples:
        other = sheet.catalogue.recordings.get(sample)
        isrcs = texts(other.codes, "isrc") if other is not None else []
        isrcs += [sample.removeprefix("isrc:")] if sample.startswith("isrc:") else []
        if sample not in sheet.recordings and not isrcs:
            sheet.catalogue.lost(key_of(recording), "sample", "the sampled recording has no ISRC", value=sample)
            continue
        one = sub(element, "RelatedResource")
        sub(one, "ResourceRelationshipType", "ContainsSamplesFrom")
        if sample in sheet.recordings:
            sub(one, "ResourceRelatedResourceReference", sheet.recordings[sample])
        else:
            sub(sub(one, "ResourceId"), "ISRC", isrcs[0])
    if not recording.samples_complete:
        sheet.catalogue.lost(key_of(recording), "sample", "that samples may be missing cannot be said")
