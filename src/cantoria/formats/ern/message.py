"""An ERN message read into portions of records, before anything is decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from cantoria.formats.ern.common import codes_of, read_other
from cantoria.formats.ern.records import (
    Code,
    DealRecord,
    OtherRecord,
    PartyRecord,
    ReleaseRecord,
    SoundRecord,
    WorkRecord,
)
from cantoria.formats.ern.versions import Version, version_of
from cantoria.formats.ern.xml import Element, Scan, child, name_of, records, text_at, text_of
from cantoria.formats.limits import XML, XmlLimits
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment

PORTION_RECORDS: Final = 2_000  # what is decided together and handed on together
_KINDS: Final = {
    PartyRecord: "parties",
    WorkRecord: "works",
    SoundRecord: "recordings",
    ReleaseRecord: "releases",
    DealRecord: "deals",
    OtherRecord: "others",
}


@dataclass(slots=True)
class Header:
    """Who sends the message, to whom, for whom, when, and under which id. Parties are (DPID, name)."""

    message_id: str = ""
    thread_id: str = ""
    control_type: str = ""
    sender: tuple[str, str] = ("", "")
    recipients: list[str] = field(default_factory=list)
    on_behalf_of: tuple[str, str] = ("", "")
    created: str = ""
    update: str = ""  # UpdateIndicator (ERN 3.8)
    avs: str = ""  # version of the allowed values that the message names

    def created_at(self) -> int | None:
        """Return the time of creation in UTC microseconds, None when it cannot be read."""
        try:
            return parse_moment(self.created)
        except InputError:
            return None


@dataclass(slots=True)
class Portion:
    """Some records of a message, in order. `last` marks the last portion."""

    parties: list[PartyRecord] = field(default_factory=list)
    works: list[WorkRecord] = field(default_factory=list)
    recordings: list[SoundRecord] = field(default_factory=list)
    releases: list[ReleaseRecord] = field(default_factory=list)
    deals: list[DealRecord] = field(default_factory=list)
    others: list[OtherRecord] = field(default_factory=list)
    purged: list[Code] = field(default_factory=list)
    size: int = 0  # the number of records received
    last: bool = False

    def add(self, record: Any) -> None:
        """Add a record."""
        getattr(self, _KINDS[type(record)]).append(record)
        self.size += 1


@dataclass(slots=True)
class Message:
    """A message being read: its header is whole before the first portion is given."""

    file: str
    header: Header = field(default_factory=Header)
    version: Version | None = None
    purge: bool = False

    def portions(self, source: BinaryIO, found: Scan, *, limits: XmlLimits = XML) -> Iterator[Portion]:
        """Give the records of a scanned file, portion by portion; `InputError` for anything but an ERN message."""
        portion = Portion()
        for path, element in records(source, found, file=self.file, limits=limits):
            if self.version is None:
                self._begin(element)
                continue
            place, _, name = path.partition("/")
            if place == "MessageHeader":
                _read_header(self.header, element)
            elif place == "PurgedRelease" and self.purge:
                portion.purged += codes_of(element) if name == "ReleaseId" else []
            elif place:
                read = self.version.readers.get(path, read_other)
                portion.add(read(element))
            elif name == "UpdateIndicator":
                self.header.update = text_of(element)
            if portion.size >= PORTION_RECORDS:
                yield portion
                portion = Portion()
        if self.purge:
            if not portion.purged:
                raise InputError(f"{self.file} purges no release", "name the release in PurgedRelease/ReleaseId")
            portion.size += 1
        portion.last = True
        yield portion

    def _begin(self, root: Element) -> None:
        self.version = version_of(root, file=self.file)
        self.purge = name_of(root) == "PurgeReleaseMessage"
        self.header.avs = root.get("AvsVersionId") or ""


def _read_header(header: Header, element: Element) -> None:
    match name_of(element):
        case "MessageId":
            header.message_id = text_of(element)
        case "MessageThreadId":
            header.thread_id = text_of(element)
        case "MessageControlType":
            header.control_type = text_of(element)
        case "MessageCreatedDateTime":
            header.created = text_of(element)
        case "MessageSender":
            header.sender = _party(element)
        case "MessageRecipient":
            header.recipients.append(_party(element)[0])
        case "SentOnBehalfOf":
            header.on_behalf_of = _party(element)
        case _:
            pass


def _party(element: Element) -> tuple[str, str]:
    """Return DPID and name of a messaging party; in 4.1 the id may stand in elements of its own."""
    party_id = child(element, "PartyId")
    found = text_of(party_id)
    if party_id is not None and not found:
        found = next((text for scheme, text in codes_of(party_id) if scheme == "dpid"), "")
    return found, text_at(element, "PartyName", "FullName")
