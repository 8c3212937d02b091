"""From the records of a message to facts and findings; every record is registered or said to be passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, BinaryIO, Final

from cantoria.formats.csvfamily.desk import Context
from cantoria.formats.ern.avs import AllowedValues, Checked, shipped
from cantoria.formats.ern.dealing import end_without_deals, read_deals, read_purge
from cantoria.formats.ern.draft import Draft, Session
from cantoria.formats.ern.message import Message
from cantoria.formats.ern.names import Names, Notes
from cantoria.formats.ern.people import read_parties
from cantoria.formats.ern.releasing import read_releases
from cantoria.formats.ern.repeats import is_repeated, remember
from cantoria.formats.ern.sound import read_recordings, read_works
from cantoria.formats.ern.xml import scan
from cantoria.formats.limits import XML, XmlLimits
from cantoria.formats.types import Counts, Finding, Imported, Severity

_NOT_LIVE: Final = "TestMessage"


def read_message(data: bytes, *, file: str, context: Context, allowed: AllowedValues | None = None) -> Imported:
    """Return the facts and findings of one ERN message (3.8, 4.1, 4.2, 4.3 or 4.3.2).

    `allowed` are the allowed values to check against, by default those shipped. Raises `InputError` for what is not
    one whole, well-formed message in UTF-8.
    """
    session = Session(Names(context), allowed or shipped())
    return _whole(_read(session, BytesIO(data), file, XML))


def read_messages(files: Mapping[str, bytes], context: Context, *, allowed: AllowedValues | None = None) -> Imported:
    """Return the facts and findings of several messages that are read together, in the order of their names."""
    session = Session(Names(context), allowed or shipped())
    return _whole(part for file in sorted(files) for part in _read(session, BytesIO(files[file]), file, XML))


def read_stream(
    stream: BinaryIO,
    *,
    file: str,
    context: Context,
    allowed: AllowedValues | None = None,
    limits: XmlLimits = XML,
    verify: bool = False,
) -> Iterator[Imported]:
    """Give the facts and findings of one message in portions of some thousand records.

    The stream is read twice, so it must be seekable. The portions belong together, and the last one makes the message
    known as read: whoever takes them one by one, and not all or none, says `verify`, so that a message that is not
    well-formed somewhere far behind raises its `InputError` before the first of them.
    """
    session = Session(Names(context), allowed or shipped())
    yield from _read(session, stream, file, limits, verify=verify)


def _whole(parts: Iterator[Imported]) -> Imported:
    """Put portions together."""
    facts: list[Any] = []
    findings: list[Finding] = []
    counts = Counts()
    for part in parts:
        facts += part.facts
        findings += part.findings
        counts += part.counts
    return Imported(tuple(facts), tuple(findings), counts)


def _read(
    session: Session, source: BinaryIO, file: str, limits: XmlLimits, *, verify: bool = False
) -> Iterator[Imported]:
    found = scan(source, file=file, limits=limits, verify=verify)
    source.seek(0)
    message = Message(file)
    draft = Draft(message, session, Notes(file), found.sha256)
    skipped = None
    begun = False
    for portion in message.portions(source, found, limits=limits):
        draft.portion = portion
        if not begun:
            begun = True
            skipped = _begin(draft)
        if skipped is None:
            _build(draft)
        else:
            setattr(draft, skipped, portion.size)
        yield draft.handed_on()
    for said in draft.said:
        for thing in said.things:
            session.noticed.setdefault(thing, []).append(said)


def _begin(draft: Draft) -> str | None:
    """Look at the header; return as what all records count if nothing is to be registered."""
    header, context = draft.message.header, draft.session.context
    draft.sender = header.sender[0] or context.sender
    if header.control_type == _NOT_LIVE:
        draft.notes.add(
            0, "this is a test message; nothing of it is registered", "send a live one", severity=Severity.INFO
        )
        return "passed_over"
    if is_repeated(draft):
        return "duplicate"
    created = header.created_at()
    if created is None or created > context.now:
        what = "cannot be read" if created is None else "is in the future"
        remedy = "ask its sender to correct it"
        draft.notes.add(0, f"its time of creation {what}", remedy, field="MessageCreatedDateTime", value=header.created)
    draft.said_at = min(created, context.now) if created is not None else 0
    version = draft.message.version
    if version is not None and not version.number.startswith("3."):  # 3.8 has sets of its own, which are not at hand
        draft.checked = Checked(draft.session.allowed, header.avs)
    return None


def _build(draft: Draft) -> None:
    """Build the facts of a portion."""
    portion = draft.portion
    read_parties(draft)
    read_works(draft)
    read_recordings(draft)
    read_releases(draft)
    read_deals(draft)
    for other in portion.others:
        draft.pass_over(other.line, other.kind, other.reference)
    if draft.message.purge and portion.last:
        read_purge(draft)
    if portion.last:
        end_without_deals(draft)
        remember(draft)
    draft.give_notice(draft.unsaid)
    draft.unsaid = []
