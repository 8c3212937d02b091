"""ERN 4.1, 4.2, 4.3 and 4.3.2: parties in a list and referred to; 4.3 has editions, 4.3.2 roles with a value inside.

What a version adds is read wherever it stands, so that one reader serves all four. One pass over the children of
each record: a message can hold tens of thousands of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cantoria.formats.ern.common import TRUE, codes_of, delegated_of, featured_of, names_of
from cantoria.formats.ern.records import Code, Credit, PartyRecord, Related, ReleaseRecord, SoundRecord, duration_ms
from cantoria.formats.ern.xml import Element, children, line_of, name_of, text_at, text_of


def read_party(element: Element) -> PartyRecord:
    """Read a Party."""
    codes = [code for party_id in children(element, "PartyId") for code in codes_of(party_id)]
    names = names_of(children(element, "PartyName"))
    return PartyRecord(line_of(element), text_at(element, "PartyReference"), names, tuple(dict.fromkeys(codes)))


def read_recording(element: Element) -> SoundRecord:
    """Read a SoundRecording."""
    read = SoundRecord(line_of(element))
    codes: list[Code] = []
    shown: list[Element] = []
    for part in element:
        name = name_of(part)
        if name in _CREDITED:
            read.credits.append(_CREDITED[name](part, name))
        elif name == "SoundRecordingEdition":
            _edition(read, part, codes)
        elif name in ("ResourceId", "PLine"):
            _identified(read, part, name, codes)
        elif name in _SHOWN:
            shown.append(part)
        elif name in _TEXTS:
            setattr(read, _TEXTS[name], text_of(part))
        elif name == "Duration":
            read.duration_ms = duration_ms(text_of(part))
        elif name == "WorkId":
            work = tuple(codes_of(part))
            read.works += (work,) if work else ()
        elif name == "VersionType":
            version = text_of(part)
            version = part.get("UserDefinedValue") or version if version == "UserDefined" else version
            read.version += (", " if read.version else "") + version
        elif name == "RelatedResource":
            read.related.append(_related(part))
    read.codes = tuple(dict.fromkeys(codes))
    read.title = title_of(shown)
    read.artist = _default(shown, "DisplayArtistName")
    formal = [part for part in shown if name_of(part) in ("FormalTitle", "AdditionalTitle")]
    read.formal_titles = tuple((text_at(one, "TitleText"), one.get("LanguageAndScriptCode") or "") for one in formal)
    return read


def read_release(element: Element) -> ReleaseRecord:
    """Read a Release, TrackRelease or ClipRelease."""
    read = ReleaseRecord(line_of(element), name_of(element))
    codes: list[Code] = []
    shown: list[Element] = []
    resources: list[str] = []
    for part in element:
        name = name_of(part)
        if name == "ReleaseReference":
            read.reference = text_of(part)
        elif name == "ReleaseId":
            codes += codes_of(part)
        elif name in _SHOWN:
            shown.append(part)
        elif name == "ReleaseLabelReference":
            read.labels += (text_of(part),)
        elif name == "ContainsAI":
            read.contains_ai = text_of(part)
        elif name == "ReleaseResourceReference":
            resources.append(text_of(part))
        elif name == "ResourceGroup":
            resources += [text_of(one) for one in part.iter("{*}ReleaseResourceReference")]
    read.codes = tuple(dict.fromkeys(codes))
    read.title = title_of(shown)
    read.resources = tuple(dict.fromkeys(reference for reference in resources if reference))
    return read


def title_of(shown: list[Element]) -> str:
    """Return the default display title, else the first one in parts."""
    text = _default(shown, "DisplayTitleText")
    if text:
        return text
    return next((text_at(part, "TitleText") for part in shown if name_of(part) == "DisplayTitle"), "")


_TEXTS: Final = {
    "ResourceReference": "reference",
    "CompositeMusicalWorkType": "composite",
    "ContainsAI": "contains_ai",
}
_SHOWN: Final = frozenset({"DisplayTitleText", "DisplayTitle", "DisplayArtistName", "FormalTitle", "AdditionalTitle"})


def _default(shown: list[Element], name: str) -> str:
    """Return the text of the default one among several elements, else of the first."""
    chosen: Element | None = None
    for one in shown:
        if name_of(one) != name:
            continue
        if one.get("IsDefault") in TRUE:
            return text_of(one)
        chosen = one if chosen is None else chosen
    return text_of(chosen)


def _edition(read: SoundRecord, element: Element, codes: list[Code]) -> None:
    for part in element:
        name = name_of(part)
        if name == "EditionContributor":
            read.credits.append(_contributor(part, name))
        else:
            _identified(read, part, name, codes)


def _identified(read: SoundRecord, part: Element, name: str, codes: list[Code]) -> None:
    if name == "ResourceId":
        codes += codes_of(part)
    elif name == "PLine":
        read.producers.append((line_of(part), text_at(part, "PLineCompany") or text_at(part, "PLineText")))


def _artist(element: Element, name: str) -> Credit:
    party = special = ""
    roles: list[str] = []
    for part in element:
        match name_of(part):
            case "ArtistPartyReference":
                party = text_of(part)
            case "DisplayArtistRole" | "ArtisticRole":
                roles.append(_role(part))
            case "SpecialDisplayArtist":
                special = text_of(part)
            case _:
                pass
    return Credit(line_of(element), name, party, tuple(roles), special=special)


def _contributor(element: Element, name: str) -> Credit:
    credit = Credit(line_of(element), name, "", ())
    roles: list[str] = []
    plays = False
    for part in element:
        match name_of(part):
            case "ContributorPartyReference":
                credit.party = text_of(part)
            case "Role":
                roles.append(_role(part))
            case "InstrumentType":
                plays = True
            case "AiContribution":
                credit.ai = text_of(part)
            case "SpecialContributor":
                credit.special = text_of(part)
            case "HasMadeFeaturedContribution" | "HasMadeContractedContribution":
                credit.featured = featured_of(element)
            case _:
                pass
    credit.roles = tuple(roles) if roles or not plays else ("Musician",)
    return credit


def _role(element: Element) -> str:
    """Return a role: the text of the element, or of its Value from 4.3.2 on."""
    return text_at(element, "Value") if len(element) else text_of(element)


def _controller(element: Element, name: str) -> Credit:
    roles = tuple(text_of(role) for role in children(element, "RightsControlType"))
    party = text_at(element, "RightsControllerPartyReference")
    return Credit(line_of(element), name, party, roles, None, delegated_of(element))


_CREDITED: Final[dict[str, Callable[[Element, str], Credit]]] = {
    "DisplayArtist": _artist,
    "Contributor": _contributor,
    "ResourceRightsController": _controller,
    "WorkRightsController": _controller,
}


def _related(element: Element) -> Related:
    return Related(
        line_of(element),
        text_at(element, "ResourceRelationshipType"),
        text_at(element, "ResourceRelatedResourceReference"),
        text_at(element, "ResourceId", "ISRC"),
    )
