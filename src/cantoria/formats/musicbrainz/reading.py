"""Read MusicBrainz: each record of the file is one entry, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from cantoria.formats.entries.types import Entry, Outcome
from cantoria.formats.musicbrainz.gather import Gathering
from cantoria.formats.musicbrainz.json_records import Found, json_records
from cantoria.formats.musicbrainz.kinds import REGISTERED, hint_of, kind_of
from cantoria.formats.musicbrainz.things import take
from cantoria.formats.musicbrainz.xml_records import mmd_records
from cantoria.formats.notes import Notes
from cantoria.formats.pushback import Pushback
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError

_PEEKED_BYTES: Final = 4096


def read(stream: BinaryIO, *, file: str, kind: str = "") -> Iterator[Entry]:
    """Give one entry for each record of a file of MusicBrainz: a document of its web service in JSON or XML
    (mmd-2.0), or a dump of JSON lines, in memory that does not grow with the file.

    `kind` says what the records are (`recording`, `work` …) where neither their form nor the file's name does. Areas,
    events, places and the like are passed over. Raises `InputError` for a file that is neither JSON nor mmd-2.0.
    """
    source = Pushback(stream)
    begin = source.peek(_PEEKED_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    found = mmd_records(source, file=file) if begin.startswith(b"<") else json_records(source, file=file)
    for record in found:
        yield _entry(record, file=file, kind=kind, hint=hint_of(file))


def _entry(found: Found, *, file: str, kind: str, hint: str) -> Entry:
    notes = Notes(file, found.line)
    if found.value is None:
        notes.add(found.wrong, "ask for the record again", severity=Severity.ERROR)
        return Entry(line=found.line, kind="record", outcome=Outcome.REFUSED, findings=notes.findings())
    kind = found.kind or kind or kind_of(found.value, hint=hint)
    if not kind:
        notes.add(
            "it cannot be told what this record is", "say it, by the file's name or by kind", severity=Severity.ERROR
        )
        return Entry(line=found.line, kind="record", outcome=Outcome.REFUSED, findings=notes.findings())
    if kind not in REGISTERED:
        notes.add(f"{kind} is not registered", "nothing", severity=Severity.INFO)
        return Entry(line=found.line, kind=kind, outcome=Outcome.PASSED_OVER, findings=notes.findings())
    gathering = Gathering(notes)
    try:
        take(gathering, kind, found.value)
    except InputError as error:
        notes.error(error)
        return Entry(line=found.line, kind=kind, outcome=Outcome.REFUSED, findings=notes.findings())
    return gathering.entry(kind)
