"""ERN 3.8 to 3.8.3: everything by territory, parties named where they are credited, works in a list of their own.

What several territories say is put together: a credit in one of them is a credit. A party is told by its identifiers,
else by its name within the message.
"""

from __future__ import annotations

from typing import Final

from cantoria.formats.ern.common import TRUE, codes_of, delegated_of, featured_of, names_of
from cantoria.formats.ern.records import (
    Code,
    Credit,
    PartyRecord,
    Related,
    ReleaseRecord,
    SoundRecord,
    WorkRecord,
    duration_ms,
)
from cantoria.formats.ern.xml import Element, child, children, line_of, name_of, text_at, text_of

_ROLES: Final = {  # credit -> (as what it counts, where its roles stand)
    "DisplayArtist": ("DisplayArtist", "ArtistRole"),
    "DisplayConductor": ("DisplayArtist", "ArtistRole"),
    "ResourceContributor": ("Contributor", "ResourceContributorRole"),
    "IndirectResourceContributor": ("Contributor", "IndirectResourceContributorRole"),
    "RightsController": ("ResourceRightsController", "RightsControllerRole"),
}
_COMPOSITES: Final = {"IsMedley": "Medley", "IsPotpourri": "Potpourri"}
_WORLD: Final = "Worldwide"
RELEASES_BY_ISRC: Final = "ERN38"


def read_work(element: Element) -> WorkRecord:
    """Read a MusicalWork of the WorkList."""
    codes = [code for found in children(element, "MusicalWorkId") for code in codes_of(found)]
    return WorkRecord(
        line_of(element),
        text_at(element, "MusicalWorkReference"),
        text_at(element, "ReferenceTitle", "TitleText"),
        tuple(dict.fromkeys(codes)),
    )


def read_recording(element: Element) -> SoundRecord:
    """Read a SoundRecording."""
    read = SoundRecord(line_of(element))
    codes: list[Code] = []
    blocks: list[Element] = []
    works: list[tuple[Code, ...]] = []
    for part in element:
        name = name_of(part)
        if name == "SoundRecordingDetailsByTerritory":
            blocks.append(part)
        elif name == "SoundRecordingId":
            codes += codes_of(part)
        elif name == "IndirectSoundRecordingId":
            works.append(tuple(codes_of(part)))
        elif name == "ResourceReference":
            read.reference = text_of(part)
        elif name == "Duration":
            read.duration_ms = duration_ms(text_of(part))
        elif name == "ResourceMusicalWorkReferenceList":
            read.work_references = _references(part, "ResourceMusicalWorkReference")
        elif name == "ResourceContainedResourceReferenceList":
            contained = _references(part, "ResourceContainedResourceReference")
            read.related += [Related(line_of(part), "HasContentFrom", one, "") for one in contained]
        elif name in _COMPOSITES and text_of(part) in TRUE:
            read.composite = _COMPOSITES[name]
    read.codes = tuple(dict.fromkeys(codes))
    read.works = tuple(work for work in works if work)
    read.title = _title(element, blocks)
    _territories(read, blocks)
    return read


def read_release(element: Element) -> ReleaseRecord:
    """Read a Release. The ISRC of a track release names its recording, never the release; where there is no other id
    it becomes an own code in a namespace for this, so that the next message speaks of the same release."""
    blocks = children(element, "ReleaseDetailsByTerritory")
    given = [code for found in children(element, "ReleaseId") for code in codes_of(found)]
    codes = [code for code in given if code[0] != "isrc"]
    codes = codes or [("own", f"{RELEASES_BY_ISRC}:{text}") for _, text in given[:1]]
    listed = [text_of(one) for one in element.iter("{*}ReleaseResourceReference")]
    return ReleaseRecord(
        line=line_of(element),
        kind=name_of(element),
        reference=text_at(element, "ReleaseReference"),
        title=_title(element, blocks),
        codes=tuple(dict.fromkeys(codes)),
        resources=tuple(dict.fromkeys(reference for reference in listed if reference)),
    )


def _references(element: Element, name: str) -> tuple[str, ...]:
    """Return the references in a list whose items have the name of the reference within them."""
    found = [text_of(one) for one in element.iter(f"{{*}}{name}") if not len(one)]
    return tuple(dict.fromkeys(reference for reference in found if reference))


def _title(element: Element, blocks: list[Element]) -> str:
    """Return the title displayed, with its subtitle, that of the world first; else the reference title."""
    titles = [title for block in _world_first(blocks) for title in children(block, "Title")]
    displayed = [title for title in titles if title.get("TitleType") == "DisplayTitle"]
    chosen = next(iter(displayed or titles), None)
    if chosen is None:
        chosen = child(element, "ReferenceTitle")
    if chosen is None:
        return ""
    text, subtitle = text_at(chosen, "TitleText"), text_at(chosen, "SubTitle")
    return f"{text} ({subtitle})" if text and subtitle and chosen in displayed else text


def _world_first(blocks: list[Element]) -> list[Element]:
    return sorted(blocks, key=lambda block: text_at(block, "TerritoryCode") != _WORLD)


def _territories(read: SoundRecord, blocks: list[Element]) -> None:
    """Put together what the blocks of all territories credit."""
    known: set[tuple[str, str, tuple[str, ...], bool | None]] = set()
    parties: dict[str, PartyRecord] = {}
    lines: dict[str, int] = {}
    for block in _world_first(blocks):
        for part in block:
            name = name_of(part)
            if name in _ROLES:
                party = _party(part)
                credit = _credit(part, name, party.reference)
                mark = (credit.element, credit.party, credit.roles, credit.featured)
                if mark not in known:
                    known.add(mark)
                    read.credits.append(credit)
                if party.reference:
                    parties.setdefault(party.reference, party)
            elif name == "DisplayArtistName":
                read.artist = read.artist or text_of(part)
            elif name == "PLine":
                lines.setdefault(text_at(part, "PLineCompany") or text_at(part, "PLineText"), line_of(part))
    read.parties = list(parties.values())
    read.producers = [(line, text) for text, line in lines.items()]
    if not read.artist:
        read.artist = _shown_artist(read)


def _shown_artist(read: SoundRecord) -> str:
    """Return the names of the main artists, where no name is given for display."""
    names = {party.reference: party.names[0][0] for party in read.parties if party.names}
    main = [one.party for one in read.credits if one.element == "DisplayArtist" and "MainArtist" in one.roles]
    return ", ".join(dict.fromkeys(names[party] for party in main if party in names))


def _credit(element: Element, name: str, party: str) -> Credit:
    counts, place = _ROLES[name]
    roles = [text_of(role) for role in children(element, place)]
    if name == "DisplayConductor":
        roles.append("Conductor")
    if not roles and child(element, "InstrumentType") is not None:
        roles.append("Musician")
    return Credit(line_of(element), counts, party, tuple(roles), featured_of(element), delegated_of(element))


def _party(element: Element) -> PartyRecord:
    codes = [code for found in children(element, "PartyId") for code in _party_codes(found)]
    names = names_of(children(element, "PartyName"))
    if codes:
        reference = "\t".join(f"{scheme}:{text}" for scheme, text in sorted(codes))
    else:
        reference = f"name:{names[0][0].casefold()}" if names else ""
    return PartyRecord(line_of(element), reference, names, tuple(dict.fromkeys(codes)), listed=False)


def _party_codes(element: Element) -> list[Code]:
    """Return the identifiers of a PartyId: elements within it, or its own text with flags that say what it is."""
    found = codes_of(element)
    text = text_of(element)
    if text and not len(element):
        if element.get("IsISNI") in TRUE:
            found.append(("isni", text))
        elif element.get("IsDPID") in TRUE or text.upper().startswith(("PADPIDA", "PA-DPIDA")):
            found.append(("dpid", text))
        elif namespace := element.get("Namespace", "").removeprefix("DPID:"):
            found.append(("own", f"{namespace}:{text}"))
    return found
