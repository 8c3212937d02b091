"""Read a MEAD, PIE or RIN message: each item of its lists is one entry, and what carries no credit is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from cantoria.formats.ddex_credits.creations import creations
from cantoria.formats.ddex_credits.message import Draft, Message, recording, release, work
from cantoria.formats.entries.types import Entry, Outcome
from cantoria.formats.limits import XML_STREAM, XmlStreamLimits
from cantoria.formats.notes import Notes
from cantoria.formats.plain_text import plain
from cantoria.formats.types import Severity
from cantoria.formats.xml_records import Element, child, line_of, name_of, records, text_of
from cantoria.kernel.errors import InputError

ROOTS: Final = ("MeadMessage", "PieMessage", "RecordingInformationNotification")
_HEADERS: Final = frozenset({"MessageHeader", "FileHeader"})


def read(stream: BinaryIO, *, file: str, limits: XmlStreamLimits = XML_STREAM) -> Iterator[Entry]:
    """Give one entry for each item of a message, in constant memory but for 16 bytes a reference.

    Parties with their ids and names, works with ISWC and writers, recordings with ISRC and performers, releases with
    ICPN become things; all else is passed over. Raises `InputError` for a file that is no such message; what breaks
    off after items were read is an item that is refused.
    """
    message, given = Message(file), False
    try:
        for held_by, element in records(stream, file=file, is_list=lambda name: name.endswith("List"), limits=limits):
            if element.getparent() is None:
                _check_root(element, file)
            elif name_of(element) in _HEADERS:
                message.header(element)
            else:
                given = True
                yield _entry(message, element, Notes(file, line_of(element)), held_by)
    except InputError as error:
        if not given:
            raise
        notes = Notes(file, int(error.context.get("line", 0)))
        notes.error(InputError(f"the rest of the message cannot be read: {error.message}", error.remedy))
        yield Entry(line=notes.line, kind="record", outcome=Outcome.REFUSED, findings=notes.findings())


def _check_root(element: Element, file: str) -> None:
    if name_of(element) not in ROOTS:
        raise InputError(
            f"{plain(file)} is a {plain(name_of(element), chars_max=60)}, no message that is read for its credits",
            f"send one of {', '.join(ROOTS)}; a NewReleaseMessage is read as ERN",
        )


def _entry(message: Message, element: Element, notes: Notes, held_by: str) -> Entry:
    name = name_of(element)
    draft = Draft(message, notes)
    match name:
        case "Party" | "PartyInformation":
            summary = _summary(element, "PartySummary")
            reference = text_of(child(summary, "PartyReference")) or text_of(child(element, "PartyReference"))
            key = draft.party(summary, reference)
            if not key:
                return _refused(notes, name, "the party has neither a name nor an identifier")
            creations(draft, element, key)
        case "MusicalWork" | "WorkInformation":
            work(draft, element, summary=_summary(element, "WorkSummary"))
        case "SoundRecording" | "ResourceInformation":
            recording(draft, element, summary=_summary(element, "ResourceSummary"))
        case "ReleaseInformation" | "Release":
            release(draft, element, summary=_summary(element, "ReleaseSummary"))
            if not draft.releases[0].codes:
                return _refused(notes, name, "the release has no identifier")
        case _:
            where = f" in {held_by}" if held_by else ""
            notes.add(f"{name}{where} carries no credit that is read", "nothing", severity=Severity.INFO)
            return Entry(line=notes.line, kind=name, outcome=Outcome.PASSED_OVER, findings=notes.findings())
    if message.test:
        notes.add("a test message registers nothing", "send a live message", severity=Severity.INFO)
    return draft.entry(name)


def _summary(element: Element, name: str) -> Element:
    found = child(element, name)
    return element if found is None else found


def _refused(notes: Notes, kind: str, why: str) -> Entry:
    notes.add(why, "send one", severity=Severity.ERROR, field=kind)
    return Entry(line=notes.line, kind=kind, outcome=Outcome.REFUSED, findings=notes.findings())
