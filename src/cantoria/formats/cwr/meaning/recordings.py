"""Recordings of a work: REC, NRC and cross references that are ISRCs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from cantoria.formats.cwr.meaning.keys import fits, local_key, printable
from cantoria.formats.cwr.meaning.notes import Notes
from cantoria.formats.cwr.meaning.values import milliseconds, text
from cantoria.formats.cwr.records import Record
from cantoria.formats.entries import Code, Recording, Title
from cantoria.registry.trade_facts import TitleKind

_LAST: Final = ("performing_artist_last_name", "performing_artist_name")
_FIRST: Final = ("performing_artist_first_name",)


@dataclass(slots=True)
class Recordings:
    """The recordings of one work, gathered record by record. `work` is its key, `title` its title."""

    work: str
    title: str
    notes: Notes
    found: list[Recording] = field(default_factory=list)
    performers: dict[str, Record] = field(default_factory=dict)

    def take(self, record: Record) -> bool:
        """Take in a record; False when it is about no recording."""
        if record.kind == "REC":
            self._recording(record)
            return True
        if record.kind == "NRC":
            self._other_title(record)
            return True
        if record.kind == "PER":
            last, first = text(record, *_LAST), text(record, *_FIRST)
            self.performers.setdefault(f"{first} {last}".strip(), record)
            return True
        return False

    def all(self) -> tuple[Recording, ...]:
        """Return the recordings. Where one performer is named for the work, its recordings without an artist are
        that performer's; of several performers nobody can say which recorded it."""
        if len(self.performers) == 1 and any(not one.artist for one in self.found):
            ((name, record),) = self.performers.items()
            self.notes.once(record, _LAST[0], "recordings without an artist go by the only performer", value=name)
            return tuple(one if one.artist else replace(one, artist=name) for one in self.found)
        for name, record in self.performers.items():
            self.notes.once(record, "", "performers of a work are kept in the file alone", value=name)
        return tuple(self.found)

    def isrc(self, code: str) -> None:
        """Take in an ISRC of the work that comes without anything else."""
        if not any(("isrc", code) in one.codes for one in self.found):
            self.found.append(self._only_code(code))

    def _only_code(self, code: str) -> Recording:
        return Recording(title=self.title, codes=(("isrc", code),), works=(self.work,), mentioned=True)

    def _recording(self, record: Record) -> None:
        title, version = text(record, "recording_title"), text(record, "version_title")
        number, artist = text(record, "submitter_recording_identifier"), text(record, "display_artist")
        codes = self._codes(record)
        if not (title or number or codes):
            message = "the record names no recording that could be found again; it stays in the file"
            self.notes.once(record, "isrc", message, value=text(record, "album_title"))
            return
        if not title:
            self.notes.once(record, "recording_title", "a recording without a title goes by the title of its work")
        key = printable(number) or ("" if codes else local_key(self.work, "recording", title, version, artist))
        self.found.append(
            Recording(
                key=key,
                title=title or self.title,
                artist=artist,
                duration_ms=milliseconds(record, "recording_duration") or milliseconds(record, "release_duration"),
                version=version,
                codes=codes,
                works=(self.work,),
                mentioned=not title,
            )
        )

    def _codes(self, record: Record) -> tuple[Code, ...]:
        isrc, validity = text(record, "isrc"), text(record, "isrc_validity")
        if not isrc:
            return ()
        if validity in ("N", "U"):
            said = "the code" if validity == "N" else "its link to this work"
            message = f"the sender says that {said} is not valid; it is not registered"
            self.notes.once(record, f"isrc_validity {validity}", message, value=isrc)
            return ()
        if not fits("isrc", isrc):
            self.notes.add(
                record, "this is no ISRC; it is not registered", "check the code", fields=("isrc",), value=isrc
            )
            return ()
        return (("isrc", isrc),)

    def _other_title(self, record: Record) -> None:
        title = text(record, "recording_title")
        if self.found and title:
            other = Title(text=title, kind=TitleKind.TRANSCRIBED, language=text(record, "language_code"))
            self.found[-1] = replace(self.found[-1], titles=(*self.found[-1].titles, other))
