"""Elements of ERN 4.3 and 4.3.2 messages, in the order of their schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from cantoria.formats.entries.types import Code, Name, Party, Recording, Work
from cantoria.formats.ern.avs import AllowedValues, shipped
from cantoria.formats.ern.gathering import Catalogue, key_of, texts
from cantoria.formats.ern.repeats import MESSAGE_MARK
from cantoria.formats.ern.xml import Element
from cantoria.kernel.periods import DAY, MICROSECONDS, TIME_MIN, Period, format_moment

_WORLDWIDE: Final = {"ApplicableTerritoryCode": "Worldwide"}
_DEFAULT: Final = {**_WORLDWIDE, "IsDefault": "true"}
_CONTROL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PARTY_IDS: Final = (("isni", "ISNI"), ("dpid", "DPID"), ("ipi_name", "IpiNameNumber"), ("ipn", "IPN"))
_EARLIEST: Final = "1900-01-01"


@dataclass(slots=True)
class Sheet:
    """One message being written: its version, what it is written from, and the references that it gives out."""

    catalogue: Catalogue
    new: bool  # 4.3.2
    allowed: AllowedValues = field(default_factory=shipped)
    parties: dict[str, str] = field(default_factory=dict)  # key -> reference
    made: dict[str, Party] = field(default_factory=dict)  # parties that the message needs and nobody listed
    recordings: dict[str, str] = field(default_factory=dict)

    def party(self, key: str) -> str:
        """Return the reference of a party."""
        return self.parties.setdefault(key, f"P{len(self.parties) + 1}")

    def named(self, name: str) -> str:
        """Return the reference of a party of that name, one of those listed or one made for the message."""
        name = _CONTROL.sub("", name).strip() or "Unknown"
        for key, party in self.catalogue.parties.items():
            if any(one.text == name for one in party.names):
                return self.party(key)
        key = f"name {name}"
        self.made[key] = Party(key=key, names=(Name(name),))
        return self.party(key)

    def knows(self, key: str) -> bool:
        """Tell whether there is anything to call a party by: a name or a code (both can have been erased)."""
        party = self.catalogue.parties.get(key)
        return party is not None and bool(
            any(_CONTROL.sub("", name.text).strip() for name in party.names)
            or own_codes(party.codes)
            or any(scheme in dict(_PARTY_IDS) for scheme, _ in party.codes)
        )

    def name_of(self, key: str) -> str:
        """Return the first name of a party, or nothing."""
        party = self.catalogue.parties.get(key)
        return party.names[0].text if party and party.names else ""


def sub(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """Add a child element; characters that XML has no place for are left out."""
    child = etree.SubElement(parent, tag, {name: _CONTROL.sub("", value) for name, value in attributes.items()})
    if text is not None:
        child.text = _CONTROL.sub("", text)
    return child


def party_list(sheet: Sheet) -> Element:
    """Return the PartyList of all parties that were referred to."""
    element = etree.Element("PartyList")
    for key, reference in sheet.parties.items():
        party = sheet.catalogue.parties.get(key) or sheet.made.get(key) or Party(key=key)
        one = sub(element, "Party")
        sub(one, "PartyReference", reference)
        names = [(name.text, name.script) for name in party.names if _CONTROL.sub("", name.text).strip()]
        for text, script in names:
            language = {"LanguageAndScriptCode": f"und-{script}"} if script else {}
            sub(sub(one, "PartyName", **language), "FullName", text)
        _party_ids(sheet, one, party)
    return element


def _party_ids(sheet: Sheet, element: Element, party: Party) -> None:
    columns = [texts(party.codes, scheme) for scheme, _ in _PARTY_IDS]
    own = own_codes(party.codes)
    for place in range(max([len(column) for column in columns] + [1 if own else 0])):
        one = sub(element, "PartyId")
        for (_, tag), column in zip(_PARTY_IDS, columns, strict=True):
            if place < len(column):
                sub(one, tag, column[place])
        if place == 0:
            proprietary(one, own)
    for scheme, text in party.codes:
        if scheme != "own" and scheme not in dict(_PARTY_IDS):
            sheet.catalogue.lost(key_of(party), "code", f"a party has no place for a code of {scheme}", value=text)


def own_codes(codes: tuple[Code, ...]) -> list[str]:
    """Return the proprietary codes, without those that only remember a message."""
    return [text for text in texts(codes, "own") if MESSAGE_MARK not in text]


def proprietary(element: Element, own: list[str]) -> None:
    """Add proprietary ids."""
    for text in own:
        namespace, _, value = text.partition(":")
        sub(element, "ProprietaryId", value, Namespace=namespace)


def recording_ids(sheet: Sheet, element: Element, recording: Recording) -> None:
    """Add the ResourceIds of a recording."""
    isrcs, own = texts(recording.codes, "isrc"), own_codes(recording.codes)
    for place in range(max(len(isrcs), 1)):
        one = sub(element, "ResourceId")
        if place < len(isrcs):
            sub(one, "ISRC", isrcs[place])
        if place == 0:
            proprietary(one, own)
    for scheme, text in recording.codes:
        if scheme not in ("isrc", "own"):
            sheet.catalogue.lost(key_of(recording), "code", f"a recording has no place for {scheme}", value=text)


def work_id(sheet: Sheet, element: Element, work: Work) -> None:
    """Add the WorkId of a work, if it has a code that the format carries."""
    iswcs, own = texts(work.codes, "iswc"), own_codes(work.codes)
    if not iswcs and not own:
        sheet.catalogue.lost(key_of(work), "work", "the work has no ISWC and no proprietary id", value=work.title)
        return
    one = sub(element, "WorkId")
    if iswcs:
        sub(one, "ISWC", iswcs[0])
    proprietary(one, own)
    for text in iswcs[1:]:
        sheet.catalogue.lost(key_of(work), "code", "a second ISWC has no place", value=text)


def titles(element: Element, title: str) -> None:
    """Add the titles that are displayed."""
    sub(element, "DisplayTitleText", title, **_DEFAULT)
    sub(sub(element, "DisplayTitle", **_DEFAULT), "TitleText", title)


def artist_name(sheet: Sheet, element: Element, name: str) -> None:
    """Add the name of the artist as displayed."""
    sub(element, "DisplayArtistName", name, **_DEFAULT)


def label(element: Element, reference: str) -> None:
    """Add the label of a release."""
    sub(element, "ReleaseLabelReference", reference, **_WORLDWIDE)


def genre(sheet: Sheet, element: Element) -> None:
    """Add the genre, which the schema demands and nobody here knows."""
    one = sub(element, "DisplayGenre" if sheet.new else "Genre", **_WORLDWIDE)
    sub(one, "GenreText", "Unknown")


def version_types(sheet: Sheet, element: Element, version: str) -> None:
    """Add the version types: allowed values as they are, anything else in words."""
    for text in dict.fromkeys(part.strip() for part in version.split(",")):
        if text in sheet.allowed.sets["VersionType"]:
            sub(element, "VersionType", text)
        elif text:
            sub(element, "VersionType", "UserDefined", UserDefinedValue=text)


def duration(milliseconds: int) -> str:
    """Return a duration as XML Schema writes it."""
    seconds, thousandths = divmod(milliseconds, 1000)
    fraction = f".{thousandths:03d}" if thousandths else ""
    return f"PT{seconds // 60}M{seconds % 60}{fraction}S"


def moment(value: int) -> str:
    """Return a moment as xs:dateTime."""
    text = format_moment(value)
    return text if "T" in text else f"{text}T00:00:00Z"


def validity(sheet: Sheet, element: Element, period: Period, thing: str) -> None:
    """Add a validity period: days where it begins and ends at midnight (UTC), else times."""
    one = sub(element, "ValidityPeriod")
    start, end = period.start, period.end
    whole = (start == TIME_MIN or start % DAY == 0) and (end is None or end % DAY == 0)
    if start == TIME_MIN:
        sheet.catalogue.lost(thing, "deal", f"a deal has to begin: it is said to do so on {_EARLIEST}")
    if whole:
        sub(one, "StartDate", _EARLIEST if start == TIME_MIN else format_moment(start))
        if end is not None:
            sub(one, "EndDate", format_moment(end - DAY))
        return
    sub(
        one,
        "StartDateTime",
        f"{_EARLIEST}T00:00:00Z" if start == TIME_MIN else moment(start // MICROSECONDS * MICROSECONDS),
    )
    if end is not None:
        sub(one, "EndDateTime", moment(end))
