"""Elements that the three messages share, read by local name, so that versions differ as little as they can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cantoria.formats.bwarm.values import TITLES
from cantoria.formats.entries.types import Code, Name, Title
from cantoria.formats.plain_text import plain
from cantoria.formats.scripts import script_of
from cantoria.formats.xml_records import Element, child, children, name_of, text_of
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind

_PARTY_CODES: Final = {
    "ISNI": "isni",
    "DPID": "dpid",
    "IpiNameNumber": "ipi_name",
    "IPN": "ipn",
    "CisacSocietyId": "society",
}
_PARTY_FLAGS: Final = {"IsISNI": "isni", "IsDPID": "dpid", "IsIPN": "ipn"}  # of a PartyId that holds the code itself
_CREATION_CODES: Final = {"ISWC": "iswc", "ISRC": "isrc", "GRid": "grid", "ICPN": "gtin"}
_TITLED: Final = ("WorkTitle", "DisplayTitle", "DisplayTitleText", "Title", "ReferenceTitle", "MusicalWorkTitle")
_NAMED: Final = ("FullName", "FullNameAsciiTranscribed")
_KINDS: Final = {
    "organization": PartyKind.ORGANISATION,
    "organisation": PartyKind.ORGANISATION,
    "group": PartyKind.GROUP,
}
_NOT_NAMESPACE: Final = re.compile(r"[^A-Z0-9._-]+")


def flag(element: Element | None, name: str) -> bool | None:
    """Return a child or attribute that says true or false, else None."""
    said = text_of(child(element, name)) or (element.get(name, "") if element is not None else "")
    return {"true": True, "1": True, "false": False, "0": False}.get(said.lower())


def first_text(element: Element | None) -> str:
    """Return the text of an element, or of its `Name`, `Title`, `Value` or `TitleText`, fit for a fact."""
    if element is None:
        return ""
    for name in ("", "TitleText", "Title", "Name", "Value"):
        found = text_of(element) if not name else first_text(child(element, name))
        if found:
            return plain(found)
    return ""


def title_of(element: Element) -> str:
    """Return the title of a work, recording or release; empty when it has none."""
    return next((text for name in _TITLED for one in children(element, name) if (text := first_text(one))), "")


def titles_of(element: Element) -> tuple[Title, ...]:
    """Return the other titles: what is called alternative, and further titles of the same name."""
    main, found = title_of(element), dict[Title, None]()
    for one in element:
        if name_of(one) == "AlternativeTitle" or name_of(one) in _TITLED:
            text, kind = first_text(one), TITLES.get(one.get("TitleType", ""), TitleKind.ALTERNATIVE)
            if text and text != main:
                found[Title(text=text, kind=kind, language=plain(one.get("LanguageAndScriptCode", "")))] = None
    return tuple(found)


def party_codes(element: Element) -> tuple[Code, ...]:
    """Return the codes of a party: in its `PartyId` elements, or directly."""
    return tuple(
        dict.fromkeys((*_party_codes(element), *(code for one in _ids(element) for code in _party_codes(one))))
    )


def creation_codes(element: Element | None) -> tuple[Code, ...]:
    """Return the codes of a work, recording or release in the elements that hold its ids."""
    if element is None:
        return ()
    found: dict[Code, None] = {}
    for holder in (element, *(one for one in element if name_of(one).endswith("Id"))):
        for one in holder:
            scheme = _CREATION_CODES.get(name_of(one))
            if scheme and text_of(one):
                found[scheme, plain(text_of(one))] = None
            elif name_of(one) == "ProprietaryId" and (own := _own(one)):
                found[own] = None
    return tuple(found)


def names_of(element: Element) -> tuple[Name, ...]:
    """Return the names of a party, each once, the full name first."""
    found: dict[str, Name] = {}
    for one in children(element, "PartyName"):
        written = [child(one, name) for name in _NAMED]
        texts = [(text, part) for part in written if part is not None and (text := first_text(part))]
        if not texts:
            parts = (child(one, name) for name in ("NamesBeforeKeyName", "KeyName", "NamesAfterKeyName"))
            whole = " ".join(filter(None, map(first_text, parts))) or plain(text_of(one))
            texts = [(whole, one)] if whole else []
        for text, part in texts:
            holders = (child(part, "Name"), part, one)
            tags = (holder.get("LanguageAndScriptCode", "") for holder in holders if holder is not None)
            language = next(filter(None, tags), "")
            found.setdefault(text, Name(text, script_of(text, language)))
    return tuple(found.values())


def party_kind(element: Element) -> PartyKind:
    """Return what kind of party it is, a person where nothing says otherwise."""
    if flag(element, "IsOrganization"):
        return PartyKind.ORGANISATION
    said = first_text(child(element, "PartyType")).lower()
    return next((kind for word, kind in _KINDS.items() if word in said), PartyKind.PERSON)


def roles_of(element: Element) -> tuple[str, ...]:
    """Return the role words of a credit."""
    found = (first_text(one) for one in element if name_of(one).endswith("Role"))
    return tuple(dict.fromkeys(text for text in found if text))


def _ids(element: Element) -> Iterator[Element]:
    for name in ("PartyId", "Identifier"):
        yield from children(element, name)


def _party_codes(element: Element) -> Iterator[Code]:
    for one in element:
        scheme = _PARTY_CODES.get(name_of(one))
        if scheme and text_of(one):
            yield scheme, plain(text_of(one))
        elif name_of(one) == "ProprietaryId" and (own := _own(one)):
            yield own
    if name_of(element) == "PartyId" and text_of(element):
        for name, scheme in _PARTY_FLAGS.items():
            if element.get(name, "").lower() == "true":
                yield scheme, plain(text_of(element))


def _own(element: Element) -> Code | None:
    """Return a proprietary id as its namespace's own code, None where it has no namespace or nothing in it."""
    space = element.get("Namespace", "").removeprefix("DPID:").upper()
    space = _NOT_NAMESPACE.sub("-", space).strip("-._")[:32]
    value = text_of(element) or text_of(child(element, "Identifier"))
    return ("own", f"{space}:{plain(value)}") if space and value else None
