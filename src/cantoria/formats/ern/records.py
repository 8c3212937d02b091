"""What of an ERN message matters here, as plain values: parties, sound recordings, releases, deals, and the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cantoria.formats.ern.xml import Element, child, children, line_of, name_of, text_at, text_of

Code = tuple[str, str]  # scheme and text as sent; scheme "own" with "NAMESPACE:VALUE"
_DURATION: Final = re.compile(
    r"P(?:([0-9]{1,4})D)?T?(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,7})(?:\.([0-9]+))?S)?"
)
_PARTY_IDS: Final = {"ISNI": "isni", "DPID": "dpid", "IpiNameNumber": "ipi_name", "IPN": "ipn"}
_IDS: Final = {"ISRC": "isrc", "ISWC": "iswc", "GRid": "grid", "ICPN": "gtin"} | _PARTY_IDS


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """A party of the PartyList: its names with their scripts (ISO 15924 or empty) and its identifiers."""

    line: int
    reference: str
    names: tuple[tuple[str, str], ...]
    codes: tuple[Code, ...]
    person: bool


@dataclass(frozen=True, slots=True)
class Credit:
    """A party named on a recording, with its roles there; `featured` as the message says, None when it does not."""

    line: int
    element: str
    party: str
    roles: tuple[str, ...]
    featured: bool | None = None
    delegated: bool = False  # a rights controller by delegated usage rights only


@dataclass(frozen=True, slots=True)
class Related:
    """Another recording that this one is made of, by reference within the message or by ISRC."""

    line: int
    relation: str
    reference: str
    isrc: str


@dataclass(frozen=True, slots=True)
class SoundRecord:
    """A sound recording."""

    line: int
    reference: str
    title: str
    artist: str
    version: str
    duration_ms: int | None
    codes: tuple[Code, ...]
    works: tuple[tuple[Code, ...], ...]
    composite: str
    credits: tuple[Credit, ...]
    producers: tuple[tuple[int, str], ...]  # line, name as in the P line
    related: tuple[Related, ...]


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release, track release or clip release, with references to its resources in order."""

    line: int
    kind: str
    reference: str
    title: str
    codes: tuple[Code, ...]
    resources: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DealRecord:
    """A release deal with all its use types."""

    line: int
    releases: tuple[str, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record of a kind that is not registered."""

    line: int
    kind: str
    reference: str


def read_party(element: Element) -> PartyRecord:
    """Read a Party."""
    names: dict[str, str] = {}
    person = False
    for name in children(element, "PartyName"):
        script = _script(name.get("LanguageAndScriptCode", ""))
        for kind in ("FullName", "FullNameAsciiTranscribed"):
            text = text_at(name, kind)
            if text:
                names.setdefault(text, script if kind == "FullName" else "Latn")
        person = person or bool(text_at(name, "KeyName")) or "," in text_at(name, "FullNameIndexed")
    codes = [code for party_id in children(element, "PartyId") for code in _codes(party_id)]
    reference = text_at(element, "PartyReference")
    return PartyRecord(line_of(element), reference, tuple(names.items()), tuple(dict.fromkeys(codes)), person)


def read_recording(element: Element) -> SoundRecord:
    """Read a SoundRecording."""
    editions = children(element, "SoundRecordingEdition")
    ids = [found for edition in editions for found in children(edition, "ResourceId")]
    plines = [found for edition in editions for found in children(edition, "PLine")]
    works = [_codes(work) for work in children(element, "WorkId")]
    return SoundRecord(
        line=line_of(element),
        reference=text_at(element, "ResourceReference"),
        title=_title(element),
        artist=_default(element, "DisplayArtistName"),
        version=", ".join(text_of(version) for version in children(element, "VersionType")),
        duration_ms=duration_ms(text_at(element, "Duration")),
        codes=tuple(dict.fromkeys(code for found in ids for code in _codes(found))),
        works=tuple(work for work in works if work),
        composite=text_at(element, "CompositeMusicalWorkType"),
        credits=tuple(_credits(element)),
        producers=tuple((line_of(p), text_at(p, "PLineCompany") or text_at(p, "PLineText")) for p in plines),
        related=tuple(_related(found) for found in children(element, "RelatedResource")),
    )


def read_release(element: Element) -> ReleaseRecord:
    """Read a Release, TrackRelease or ClipRelease."""
    references = [text_of(found) for found in element.iter() if name_of(found) == "ReleaseResourceReference"]
    return ReleaseRecord(
        line=line_of(element),
        kind=name_of(element),
        reference=text_at(element, "ReleaseReference"),
        title=_title(element),
        codes=tuple(dict.fromkeys(code for found in children(element, "ReleaseId") for code in _codes(found))),
        resources=tuple(dict.fromkeys(reference for reference in references if reference)),
        labels=tuple(text_of(found) for found in children(element, "ReleaseLabelReference")),
    )


def read_deal(element: Element) -> DealRecord:
    """Read a ReleaseDeal."""
    uses = [text_of(found) for found in element.iter() if name_of(found) == "UseType"]
    releases = tuple(text_of(found) for found in children(element, "DealReleaseReference"))
    return DealRecord(line_of(element), releases, tuple(dict.fromkeys(uses)))


def read_other(element: Element) -> OtherRecord:
    """Read what there is to say of any other record."""
    references = (text_of(found) for found in element if name_of(found).endswith("Reference"))
    return OtherRecord(line_of(element), name_of(element), next(references, ""))


def duration_ms(text: str) -> int | None:
    """Return an XML Schema duration of days, hours, minutes and seconds in milliseconds; None for any other."""
    match = _DURATION.fullmatch(text)
    if match is None or text in ("", "P", "PT"):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:4])
    thousandths = int((match[5] or "")[:3].ljust(3, "0"))
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _credits(element: Element) -> list[Credit]:
    found = []
    for artist in children(element, "DisplayArtist"):
        roles = [text_of(role) for name in ("DisplayArtistRole", "ArtisticRole") for role in children(artist, name)]
        found.append(Credit(line_of(artist), "DisplayArtist", text_at(artist, "ArtistPartyReference"), tuple(roles)))
    for one in children(element, "Contributor"):
        roles = [text_of(role) for role in children(one, "Role")]
        if not roles and child(one, "InstrumentType") is not None:
            roles = ["Musician"]
        party = text_at(one, "ContributorPartyReference")
        found.append(Credit(line_of(one), "Contributor", party, tuple(roles), _featured(one)))
    for kind in ("ResourceRightsController", "WorkRightsController"):
        for one in children(element, kind):
            roles = [text_of(role) for role in children(one, "RightsControlType")]
            party = text_at(one, "RightsControllerPartyReference")
            delegated = child(one, "DelegatedUsageRights") is not None
            found.append(Credit(line_of(one), kind, party, tuple(roles), None, delegated))
    return found


def _featured(element: Element) -> bool | None:
    if text_at(element, "HasMadeFeaturedContribution") in ("true", "1"):
        return True
    return False if text_at(element, "HasMadeContractedContribution") in ("true", "1") else None


def _related(element: Element) -> Related:
    return Related(
        line_of(element),
        text_at(element, "ResourceRelationshipType"),
        text_at(element, "ResourceRelatedResourceReference"),
        text_at(element, "ResourceId", "ISRC"),
    )


def _codes(element: Element) -> tuple[Code, ...]:
    """Return the identifiers below an id element; a proprietary id with its namespace as an own code."""
    found: list[Code] = []
    for one in element:
        name, text = name_of(one), text_of(one)
        if name in _IDS and text:
            found.append((_IDS[name], text))
        elif name == "ProprietaryId" and text:
            namespace = one.get("Namespace", "").removeprefix("DPID:")
            found.append(("own", f"{namespace}:{text}"))
    return tuple(found)


def _title(element: Element) -> str:
    text = _default(element, "DisplayTitleText")
    return text or text_at(element, "DisplayTitle", "TitleText")


def _default(element: Element, name: str) -> str:
    """Return the text of the default one among several elements, else of the first."""
    found = children(element, name)
    chosen = next((one for one in found if one.get("IsDefault") in ("true", "1")), found[0] if found else None)
    return text_of(chosen)


def _script(code: str) -> str:
    """Return the script of a language and script code such as `ja-Jpan`, or nothing."""
    _, _, script = code.partition("-")
    return script if len(script) == 4 and script.isalpha() and script.isascii() else ""
