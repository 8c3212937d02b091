"""What several columns of a row mean together."""

from __future__ import annotations

from cantoria.formats.bwarm import values
from cantoria.formats.bwarm.sheet import Row
from cantoria.formats.durations import duration_of
from cantoria.formats.entries.types import Recording, Title
from cantoria.formats.notes import Notes
from cantoria.kernel.errors import InputError
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import Right, Role


def recording_of(row: Row, notes: Notes, *, key: str, mentioned: bool, works: tuple[str, ...] = ()) -> Recording:
    """Return the recording that the columns of a row describe."""
    duration = duration_of(row.text("Duration"))
    if duration is None and row.text("Duration"):
        notes.add("this is no duration", "write it as PT3M34S", field="Duration", value=row.text("Duration"))
    return Recording(
        key=key,
        title=row.text("RecordingTitle"),
        version=row.text("RecordingSubTitle"),
        artist=row.text("DisplayArtistName"),
        duration_ms=duration,
        codes=(("isrc", row.text("ISRC")),) if row.text("ISRC") else (),
        works=works,
        mentioned=mentioned,
    )


def title_of(row: Row) -> Title:
    """Return the other title that a row gives."""
    kind = values.TITLES.get(row.text("TitleType"), TitleKind.ALTERNATIVE)
    return Title(text=row.needed("AlternativeTitle"), kind=kind, language=row.text("LanguageAndScriptCode"))


def role_of(row: Row) -> tuple[bool, Role]:
    """Return whether a share is only collected, and in which role."""
    text = row.text("PartyRole")
    collected = text == values.ADMINISTRATOR or bool(values.COLLECTED & set(row.listed("RightShareType")))
    if text == values.ADMINISTRATOR:
        return True, Role.PUBLISHER
    if text not in values.ROLES:
        known = ", ".join((*values.ROLES, values.ADMINISTRATOR))
        raise InputError(
            "the row names no role that is known", f"use one of {known}", {"field": "PartyRole", "value": text}
        )
    return collected, values.ROLES[text]


def rights_of(row: Row) -> tuple[Right | None, ...] | None:
    """Return the rights that a row is about; None where none of them is registered. A percentage without a right is of
    the mechanical right: such files are made for mechanical licences."""
    listed = row.listed("RightsType")
    if not listed:
        return (Right.MECHANICAL,) if row.text("RightSharePercentage") else (None,)
    found = tuple(dict.fromkeys(right for text in listed for right in values.RIGHTS.get(text, ())))
    return found or None
