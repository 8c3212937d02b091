"""The fields of an HTTP response: TDMRep, `Content-Usage`, `X-Robots-Tag`, and links to licences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from cantoria.consent.signals import Found, OutsideSignal
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals import aipref, pages, tdmrep
from cantoria.formats.signals.common import NOTHING_READ, Notes, SignalsRead, take
from cantoria.kernel.errors import InputError

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_LINK: Final = re.compile(r"<([^<>]{1,2000})>([^,<]{0,2000})")


def read(source: bytes | BinaryIO, *, file: str = "headers") -> SignalsRead:
    """Return the signals in a saved header: one field on each line, a status line before them is passed over."""
    data = take(source, file=file, bytes_max=SIGNALS.header_bytes_max)
    return of_lines(data.decode("latin-1").split("\n"), file=file)


def of_lines(lines: Iterable[str], *, file: str = "headers") -> SignalsRead:
    """Return the signals in fields such as `tdm-reservation: 1`. What is no field is a finding."""
    notes = Notes(file)
    fields: list[tuple[str, str]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        size += len(line)
        if size > SIGNALS.header_bytes_max:
            raise InputError(f"{file} has more than {SIGNALS.header_bytes_max} characters", "no response has")
        name, colon, value = line.strip("\r\n").partition(":")
        if not line.strip() or line.startswith("HTTP/"):
            continue
        if not colon or not _NAME.fullmatch(name):
            notes.add("this is no header field", remedy="write Name: value", line=number, value=line)
            continue
        fields.append((name.lower(), value.strip(" \t")))
    return SignalsRead(tuple(_signals(fields, file, notes)), notes.all()) if fields or notes.found else NOTHING_READ


def _signals(fields: list[tuple[str, str]], file: str, notes: Notes) -> Iterator[OutsideSignal]:
    yield from tdmrep.of_fields(fields, found=Found.HEADER, place=f"{file}: {tdmrep.RESERVATION}", notes=notes)
    usage = ", ".join(value for name, value in fields if name == aipref.FIELD.lower())
    if usage:
        place = f"{file}: {aipref.FIELD}"
        signal = aipref.preferences(usage, found=Found.HEADER, place=place, notes=notes)
        if signal is not None:
            yield signal
    for name, value in fields:
        if name == "x-robots-tag":
            yield from pages.directives(value, found=Found.HEADER, place=f"{file}: X-Robots-Tag")
        elif name == "link":
            for address, parameters in _LINK.findall(value):
                lower = parameters.lower().replace('"', "")
                if "rel=license" in lower.replace(" ", "") and pages.RSL_TYPE in lower:
                    yield pages.licence_pointer(address, found=Found.HEADER, place=f"{file}: Link")
