"""Elements that all versions of ERN share: identifiers, names of parties, flags, deals."""

from __future__ import annotations

from typing import Final

from cantoria.formats.ern.records import Code, DealRecord, OtherRecord, Terms
from cantoria.formats.ern.roles import AI_USES
from cantoria.formats.ern.xml import Element, child, children, line_of, name_of, text_at, text_of

PARTY_IDS: Final = {"ISNI": "isni", "DPID": "dpid", "IpiNameNumber": "ipi_name", "IPN": "ipn"}
IDS: Final = {"ISRC": "isrc", "ISWC": "iswc", "GRid": "grid", "ICPN": "gtin"} | PARTY_IDS
TRUE: Final = ("true", "1")


def codes_of(element: Element) -> list[Code]:
    """Return the identifiers below an id element; a proprietary id with its namespace as an own code."""
    found: list[Code] = []
    for one in element:
        name, text = name_of(one), text_of(one)
        if not text:
            continue
        if name in IDS:
            found.append((IDS[name], text))
        elif name == "ProprietaryId":
            found.append(("own", f"{one.get('Namespace', '').removeprefix('DPID:')}:{text}"))
    return found


def names_of(elements: list[Element]) -> tuple[tuple[str, str], ...]:
    """Return the names in PartyName elements with their scripts, each once."""
    names: dict[str, str] = {}
    for element in elements:
        for one in element:
            kind = name_of(one)
            if kind == "FullName" and (text := text_of(one)):
                code = element.get("LanguageAndScriptCode") or one.get("LanguageAndScriptCode") or ""
                names.setdefault(text, script_of(code))
            elif kind == "FullNameAsciiTranscribed" and (text := text_of(one)):
                names.setdefault(text, "Latn")
    return tuple(names.items())


def script_of(code: str) -> str:
    """Return the script of a language and script code such as `ja-Jpan`, or nothing."""
    _, _, script = code.partition("-")
    return script if len(script) == 4 and script.isalpha() and script.isascii() else ""


def featured_of(element: Element) -> bool | None:
    """Tell what a contributor's flags say: featured, not featured (contracted), or nothing."""
    if text_at(element, "HasMadeFeaturedContribution") in TRUE:
        return True
    return False if text_at(element, "HasMadeContractedContribution") in TRUE else None


def read_deal(element: Element) -> DealRecord:
    """Read a ReleaseDeal (ERN 3.8 wraps use types in Usage and has TakeDown; otherwise all versions agree).

    Messages can hold far more deals than recordings, nearly all of them about streams and downloads without an end:
    of those the values are taken in one sweep, and their terms are not taken apart.
    """
    releases = tuple(text_of(one) for one in element.iter("{*}DealReleaseReference"))
    record = DealRecord(line_of(element), releases, [])
    record.uses = _texts({one.text for one in element.iter("{*}UseType")})
    record.models = _texts({one.text for one in element.iter("{*}CommercialModelType")})
    ends = next(element.iter("{*}TakeDown", "{*}AllDealsCancelled", "{*}EndDate", "{*}EndDateTime"), None)
    if ends is not None or not AI_USES.isdisjoint(record.uses):
        for part in element:
            if name_of(part) == "Deal":
                record.terms += [_terms(one) for one in part if name_of(one) == "DealTerms"]
    return record


def _texts(found: set[str | None]) -> set[str]:
    return {" ".join(text.split()) for text in found if text}


def _terms(element: Element) -> Terms:
    lists: dict[str, list[str]] = {name: [] for name in _LISTS}
    read = Terms(line_of(element))
    for part in element:
        name = name_of(part)
        if name in lists:
            lists[name].append(text_of(part))
        elif name == "Usage":
            lists["UseType"] += [text_of(use) for use in children(part, "UseType")]
        elif name == "ValidityPeriod":
            _period(read, part)
        elif name in ("TakeDown", "AllDealsCancelled"):
            read.taken_down = read.taken_down or text_of(part) in TRUE
    read.uses = tuple(dict.fromkeys(lists["UseType"]))
    read.models = tuple(dict.fromkeys(lists["CommercialModelType"]))
    read.territories = tuple(lists["TerritoryCode"])
    read.excluded = tuple(lists["ExcludedTerritoryCode"])
    return read


_LISTS: Final = ("UseType", "CommercialModelType", "TerritoryCode", "ExcludedTerritoryCode")


def _period(read: Terms, element: Element) -> None:
    """Read a validity period. Of several the whole span counts, open where one of them is."""
    start = text_at(element, "StartDateTime") or text_at(element, "StartDate")
    end = text_at(element, "EndDateTime") or text_at(element, "EndDate")
    read.start = min(read.start or start, start)
    read.end = end if not read.start else max(read.end, end) if read.end and end else end


def read_other(element: Element) -> OtherRecord:
    """Read what there is to say of any other record."""
    references = (text_of(found) for found in element if name_of(found).endswith("Reference"))
    return OtherRecord(line_of(element), name_of(element), next(references, ""))


def delegated_of(element: Element) -> bool:
    """Tell whether a rights controller is one by delegated usage rights only."""
    return child(element, "DelegatedUsageRights") is not None
