"""An ERN 4.3 message read into records, before anything is decided about it (DDEX ERN 4.3, NewReleaseMessage)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cantoria.formats.ern.records import (
    DealRecord,
    OtherRecord,
    PartyRecord,
    ReleaseRecord,
    SoundRecord,
    read_deal,
    read_other,
    read_party,
    read_recording,
    read_release,
)
from cantoria.formats.ern.xml import Element, name_of, namespace_of, stream, text_at, text_of
from cantoria.formats.limits import XML, XmlLimits
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment

NAMESPACE: Final = "http://ddex.net/xml/ern/43"


@dataclass(slots=True)
class Header:
    """Who sends the message, for whom, when, and under which id. Parties are (DPID, name)."""

    message_id: str = ""
    thread_id: str = ""
    control_type: str = ""
    sender: tuple[str, str] = ("", "")
    on_behalf_of: tuple[str, str] = ("", "")
    created: str = ""

    def created_at(self) -> int | None:
        """Return the time of creation in UTC microseconds, None when it cannot be read."""
        try:
            return parse_moment(self.created)
        except InputError:
            return None


@dataclass(slots=True)
class Message:
    """Everything that a message holds."""

    file: str
    header: Header = field(default_factory=Header)
    parties: list[PartyRecord] = field(default_factory=list)
    recordings: list[SoundRecord] = field(default_factory=list)
    releases: list[ReleaseRecord] = field(default_factory=list)
    deals: list[DealRecord] = field(default_factory=list)
    others: list[OtherRecord] = field(default_factory=list)

    @property
    def records(self) -> int:
        """The number of records received."""
        resources = len(self.recordings) + len(self.others)
        return len(self.parties) + resources + len(self.releases) + len(self.deals)


def parse(data: bytes, *, file: str, limits: XmlLimits = XML) -> Message:
    """Return the records of a message, in order. Raises `InputError` for anything but one whole ERN 4.3 message."""
    message = Message(file)
    readers: dict[str, tuple[list[Any], Callable[[Element], Any]]] = {
        "PartyList/Party": (message.parties, read_party),
        "ResourceList/SoundRecording": (message.recordings, read_recording),
        "ReleaseList/Release": (message.releases, read_release),
        "ReleaseList/TrackRelease": (message.releases, read_release),
        "ReleaseList/ClipRelease": (message.releases, read_release),
        "DealList/ReleaseDeal": (message.deals, read_deal),
    }
    first = True
    for path, element in stream(data, file=file, limits=limits):
        if first:
            _check_root(element, file)
            first = False
        elif path.startswith("MessageHeader/"):
            _read_header(message.header, element)
        else:
            records, read = readers.get(path, (message.others, read_other))
            records.append(read(element))
    return message


def _check_root(root: Element, file: str) -> None:
    if name_of(root) != "NewReleaseMessage" or namespace_of(root) != NAMESPACE:
        shown = f"{name_of(root)} of {namespace_of(root) or 'no namespace'}"[:200]
        raise InputError(f"{file} is a {shown}, not an ERN 4.3 NewReleaseMessage", f"send one of {NAMESPACE}")


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
            header.sender = text_at(element, "PartyId"), text_at(element, "PartyName", "FullName")
        case "SentOnBehalfOf":
            header.on_behalf_of = text_at(element, "PartyId"), text_at(element, "PartyName", "FullName")
        case _:
            pass
