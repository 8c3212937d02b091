"""What the head of an HTML page says: TDMRep and robots metadata, and links or scripts with a licence of RSL.

It speaks of the page, and not of the sound that the page plays or links to; whoever records it for a recording says
that it does. Elements are found without building the page, in time linear in what is read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from cantoria.consent.signals import Found, Offer, OutsideSignal, Said, Stance, Standard, quoted
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals import rsl, tdmrep
from cantoria.formats.signals.common import Notes, SignalsRead, take_some
from cantoria.kernel.errors import InputError

_TAG: Final = re.compile(r"<(meta|link)\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z:-]{1,40})\s{0,9}=\s{0,9}("[^"]*"|'[^']*'|[^\s"'=<>`]+)""")
_SCRIPT: Final = re.compile(r"<script\s([^<>]{0,400})>", re.IGNORECASE)
_NO_AI: Final = ("noai", "noimageai")
RSL_TYPE: Final = "application/rsl+xml"


def read(source: bytes | BinaryIO, *, file: str) -> SignalsRead:
    """Return the signals in the head of a page. It never fails; a longer page is read up to the limit."""
    notes = Notes(file)
    text = take_some(source, bytes_max=SIGNALS.page_bytes_max).decode("utf-8-sig", "replace")
    text = _without_comments(text)
    end = text.lower().find("</head")
    head = text if end < 0 else text[:end]
    fields: list[tuple[str, str]] = []
    signals: list[OutsideSignal] = []
    for tag, attributes in _tags(head):
        if tag == "meta":
            fields.append((attributes.get("name", "").lower(), attributes.get("content", "")))
        elif "license" in attributes.get("rel", "").lower().split():
            signals += _link(attributes, file)
    signals += tdmrep.of_fields(fields, found=Found.META, place=file, notes=notes)
    for name, value in fields:
        if name == "robots":
            signals += directives(value, found=Found.META, place=f"{file}: robots")
    found = SignalsRead(tuple(signals), ())
    for document in _scripts(text):
        try:
            found += rsl.read(document.encode(), file=file, found=Found.META)
        except InputError as error:
            notes.add(f"a licence of RSL in the page cannot be read: {error.message}", remedy=error.remedy)
    return SignalsRead(found.signals, (*notes.all(), *found.findings))


def directives(value: str, *, found: Found, place: str) -> Iterator[OutsideSignal]:
    """Give what the robots directives `noai` and `noimageai` say; others say nothing of AI."""
    words = {word.strip().lower().rpartition(":")[2].strip() for word in value[: SIGNALS.text_chars_max].split(",")}
    said = tuple(Said(word, Stance.REFUSED) for word in _NO_AI if word in words)
    if said:
        yield OutsideSignal(standard=Standard.NO_AI, version="2022-11", found=found, place=place, said=said)


def licence_pointer(address: str, *, found: Found, place: str) -> OutsideSignal:
    """Return a pointer to a licence of RSL: it says nothing itself."""
    offer = Offer(quoted(address), "an RSL file with the licences on offer")
    return OutsideSignal(standard=Standard.RSL, version=rsl.VERSION, found=found, place=place, offers=(offer,))


def _link(attributes: dict[str, str], file: str) -> Iterator[OutsideSignal]:
    address = attributes.get("href", "").strip()
    if address and attributes.get("type", "").lower() == RSL_TYPE:
        yield licence_pointer(address, found=Found.META, place=f"{file}: link")


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in _TAG.finditer(text):
        yield match[1].lower(), _attributes(match[2])


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), html.unescape(value.strip("\"'")))
    return found


def _scripts(text: str) -> Iterator[str]:
    lower = text.lower()
    for match in _SCRIPT.finditer(text):
        end = lower.find("</script", match.end())
        if _attributes(match[1]).get("type", "").lower() == RSL_TYPE and end >= 0:
            yield text[match.end() : end].strip()


def _without_comments(text: str) -> str:
    parts = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        parts.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            at = len(text)
            break
        at = end + 3
    return "".join((*parts, text[at:]))
