"""Licences that stand in or beside a data set: LICENSE and README files, data set cards, Croissant, `licence` cells.

A licence gives what it gives to whoever it binds; what it does not give is not refused, and it is nobody's yes here.
Only a clause that forbids use by AI in plain words refuses (formats/signals/clauses.py); any other is shown and changes
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from cantoria.consent.signals import (
    Found,
    Offer,
    OutsideSignal,
    Said,
    SignalKind,
    Stance,
    Standard,
    creative_commons,
    licence_signal,
    quoted,
)
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals.clauses import clauses
from cantoria.formats.signals.common import Notes, SignalsRead, is_address, listed, parse_json, take_some
from cantoria.kernel.errors import InputError

LICENCES_MAX: Final = 50
_KINDS: Final = {
    SignalKind.CC_ZERO: "cc0",
    SignalKind.PUBLIC_DOMAIN_MARK: "public-domain-mark",
    SignalKind.PUBLIC_DOMAIN_DEDICATION: "public-domain-dedication",
    SignalKind.OTHER: "other",
}
_SPDX_LINE: Final = re.compile(r"SPDX-License-Identifier:[ \t]{0,9}([A-Za-z0-9.+() -]{1,200})")
_ADDRESS: Final = re.compile(r"https?://(?:www\.)?creativecommons\.org/[A-Za-z0-9.+/_-]{1,100}")
_CARD_KEY: Final = re.compile(
    r"(license|licence|license_name|license_link)[ \t]{0,9}:[ \t]{0,9}(.{0,400})", re.IGNORECASE
)


def read(source: bytes | BinaryIO, *, file: str) -> SignalsRead:
    """Return the licences that a file states, and the clauses in it against use by AI. It never fails; a longer file is
    read up to the limit."""
    notes = Notes(file)
    data = take_some(source, bytes_max=SIGNALS.file_bytes_max + 1)
    if len(data) > SIGNALS.file_bytes_max:
        data = data[: SIGNALS.file_bytes_max]
        notes.add(f"longer than {SIGNALS.file_bytes_max} bytes: the rest is not read")
    text = data.decode("utf-8-sig", "replace")
    stated = list(_of_json(data, file)) if text.lstrip()[:1] in ("{", "[") else []
    stated += _of_card(text)
    stated += [found.strip() for found in _SPDX_LINE.findall(text)]
    stated += _ADDRESS.findall(text)
    different = list(dict.fromkeys(" ".join(one.split()) for one in stated if one.strip()))
    if len(different) > LICENCES_MAX:
        notes.add(f"more than {LICENCES_MAX} licences: the first are shown")
    signals = [signal for one in different[:LICENCES_MAX] for signal in of_text(one, place=file)]
    forbidden = tuple(clauses(text))
    if forbidden:
        signals.append(_signal(forbidden, Found.FILE, file))
    if not signals:
        notes.add("no licence is recognised here, which is no permission", info=True)
    return SignalsRead(tuple(dict.fromkeys(signals)), notes.all())


def of_text(text: str, *, place: str, found: Found = Found.FILE) -> Iterator[OutsideSignal]:
    """Give the signals in one stated licence: an address, a name, an SPDX expression, or words."""
    stated = text[: SIGNALS.text_chars_max]
    signal = licence_signal(stated)
    if signal is None:
        return
    offer = (Offer(quoted(stated), "the licence stated"),) if is_address(stated) else ()
    licence = creative_commons(stated)
    if licence is not None:
        said = tuple(Said(f"cc:{one}", Stance.CONSTRAINED, signal.value) for one in licence.elements)
    else:
        said = (Said(_KINDS.get(signal.kind, "other"), Stance.CONSTRAINED, signal.value),)
    yield _signal(said, found, place, offers=offer)
    forbidden = tuple(clauses(stated))
    if forbidden:
        yield _signal(forbidden, found, place)


def _signal(said: tuple[Said, ...], found: Found, place: str, offers: tuple[Offer, ...] = ()) -> OutsideSignal:
    return OutsideSignal(standard=Standard.LICENCE, version="", found=found, place=place, said=said, offers=offers)


def _of_card(text: str) -> Iterator[str]:
    """Give the licences in the front matter of a data set card: the plain scalars and lists of its top level."""
    if not text.startswith("---"):
        return
    head = text[3 : text.find("\n---", 3)] if "\n---" in text[3:] else ""
    inside = False
    for line in head.splitlines():
        match = _CARD_KEY.fullmatch(line.rstrip())
        item = line.strip()
        if match:
            inside = not match[2].strip()
            yield from _scalars(match[2])
        elif inside and item.startswith("-"):
            yield from _scalars(item[1:])
        elif item and not line.startswith((" ", "\t", "#")):
            inside = False


def _scalars(text: str) -> Iterator[str]:
    for part in text.strip().strip("[]").split(","):
        value = part.strip().strip("\"'")
        if value and not value.startswith("#"):
            yield value


def _of_json(data: bytes, file: str) -> Iterator[str]:
    """Give the licences that a JSON document, such as a Croissant file, names at its top level."""
    try:
        value: Any = parse_json(data, file=file)
    except InputError:
        return
    for one in listed(value):
        if isinstance(one, dict):
            for key in ("license", "licence", "sc:license", "schema:license"):
                for given in listed(one.get(key)):
                    name = given.get("@id", given.get("url", given.get("name"))) if isinstance(given, dict) else given
                    if isinstance(name, str):
                        yield name
