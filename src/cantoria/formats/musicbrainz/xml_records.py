"""Records of XML (mmd-2.0), brought to the shape that the same records have in JSON, so that one reader reads both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from cantoria.formats import xml_records
from cantoria.formats.limits import XML_STREAM, XmlStreamLimits
from cantoria.formats.musicbrainz.json_records import Found
from cantoria.formats.musicbrainz.kinds import KINDS
from cantoria.formats.xml_records import Element, name_of, text_of
from cantoria.kernel.errors import InputError

ROOT: Final = "metadata"
# Lists of texts, and what they are called in JSON.
_TEXTS: Final = {
    "iswc-list": "iswcs",
    "isrc-list": "isrcs",
    "ipi-list": "ipis",
    "isni-list": "isnis",
    "attribute-list": "attributes",
    "language-list": "languages",
}
_SINGLES: Final = {"iswc": "iswcs", "isrc": "isrcs", "ipi": "ipis", "isni": "isnis"}
_OBJECTS: Final = {
    "alias-list": "aliases",
    "medium-list": "media",
    "label-info-list": "label-info",
    "track-list": "tracks",
    "data-track-list": "data-tracks",
}


def mmd_records(stream: BinaryIO, *, file: str, limits: XmlStreamLimits = XML_STREAM) -> Iterator[Found]:
    """Give the records of an mmd-2.0 file. Raises `InputError` for a file that is none; what breaks off after records
    were read is a record that cannot be read."""
    given = False
    try:
        for held_by, element in xml_records.records(stream, file=file, is_list=_is_list, limits=limits):
            if element.getparent() is None and not given:
                if name_of(element) != ROOT:
                    raise InputError(f"{file} is no document of MusicBrainz", "send mmd-2.0 XML, or JSON")
                continue
            kind = name_of(element)
            if kind in ("isrc", "puid", "discid", "iswc"):
                yield from _nested(element)
            else:
                value = _value(element)
                known = kind in KINDS or bool(held_by)
                wrong = "" if known else f"<{kind}> is no record"
                yield Found(line=xml_records.line_of(element), kind=kind, value=value if known else None, wrong=wrong)
            given = True
    except InputError as error:
        if not given:
            raise
        line = int(error.context.get("line", 0))
        yield Found(line=line, wrong=f"the rest of the file cannot be read: {error.message}")


def _is_list(name: str) -> bool:
    return name.endswith("-list")


def _nested(element: Element) -> Iterator[Found]:
    """Give the records of an answer to a question by code: they stand in the lists of the code's element."""
    for held in element:
        for item in held if _is_list(name_of(held)) else ():
            yield Found(line=xml_records.line_of(item), kind=name_of(item), value=_value(item))


def _value(element: Element) -> dict[str, Any]:
    """Return an element as the object that JSON has for it."""
    value: dict[str, Any] = {str(name).rpartition("}")[2]: text for name, text in element.attrib.items()}
    for part in element:
        name = name_of(part)
        if name == "relation-list":
            value.setdefault("relations", []).extend(_relations(part))
        elif name == "artist-credit":
            value[name] = [_credit(item) for item in part]
        elif name == "attribute-list" and name_of(element) == "work":
            value["attributes"] = [{"type": item.get("type", ""), "value": text_of(item)} for item in part]
        elif name in _TEXTS:
            value.setdefault(_TEXTS[name], []).extend(item.get("id") or text_of(item) for item in part)
        elif name in _SINGLES:
            value.setdefault(_SINGLES[name], []).append(part.get("id") or text_of(part))
        elif name in _OBJECTS:
            value[_OBJECTS[name]] = [_alias(item) if name == "alias-list" else _value(item) for item in part]
        elif name.endswith("-list"):
            value[name.removesuffix("-list") + "s"] = [_value(item) for item in part]
        elif len(part) or (len(part.attrib) and not text_of(part)):
            value[name] = _value(part)
        else:
            value.setdefault(name, text_of(part))
    return value


def _alias(element: Element) -> dict[str, Any]:
    return {**{str(name): text for name, text in element.attrib.items()}, "name": text_of(element)}


def _credit(element: Element) -> dict[str, Any]:
    return {"joinphrase": element.get("joinphrase", ""), **_value(element)}


def _relations(held: Element) -> Iterator[dict[str, Any]]:
    """Give the relations of a list with the type of their target; without a direction they go forward."""
    target = held.get("target-type", "").rpartition("#")[2].rpartition("/")[2].lower().replace("_", "-")
    for item in held:
        if name_of(item) == "relation":
            value = _value(item)
            kind = value.get("target-type") or target
            identity = value.get("target", "")
            value.setdefault(kind, {"id": identity} if isinstance(identity, str) else {})
            yield {"direction": "forward", **value, "target-type": kind}
