"""What one record of MusicBrainz speaks of, gathered: each party, work and recording once, by its MBID."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from cantoria.formats.entries.types import Code, Entry, Name, Party, Recording, Release, Title, Work
from cantoria.formats.musicbrainz.values import Value, members, text, texts
from cantoria.formats.notes import Notes
from cantoria.formats.scripts import script_of
from cantoria.kernel.errors import InputError
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind

NAMESPACE: Final = "MUSICBRAINZ"
HINT: Final = "Search hint"  # a wrong spelling that people type
NAMES_MAX: Final = 100
_MBID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Artists of the database that are nobody: [anonymous], [data], [dialogue], [no artist], [traditional], [unknown],
# Various Artists and the like all have names in brackets, but for this one.
_VARIOUS: Final = "89ad4ac3-39f7-470e-963a-56509c546377"
_GROUPS: Final = frozenset({"Group", "Orchestra", "Choir"})


class Gathering:
    """Things of one record, in the order in which they must be named."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self._parties: dict[str, Party] = {}
        self._works: dict[str, Work] = {}
        self._recordings: dict[str, Recording] = {}
        self._releases: list[Release] = []

    def party(self, value: Value, *, label: bool = False) -> str:
        """Take in an artist or label; return its key, or nothing where it is nobody or has no MBID."""
        key = text(value, "id").lower()
        name = text(value, "name")
        if not _MBID.fullmatch(key) or key == _VARIOUS or (name.startswith("[") and name.endswith("]")):
            return ""
        made = Party(
            key=key,
            names=tuple(_names(value, name)),
            kind=PartyKind.ORGANISATION if label else _kind(text(value, "type")),
            codes=(own(key), *_codes(value, "isnis", "isni"), *_codes(value, "ipis", "ipi_name")),
        )
        before = self._parties.get(key)
        self._parties[key] = made if before is None else _joined(before, made)
        return key

    def work(self, work: Work) -> None:
        """Take in a work; a record of its own goes before a mention."""
        before = self._works.get(work.key)
        if before is None or (before.mentioned and not work.mentioned):
            self._works[work.key] = work

    def recording(self, recording: Recording) -> None:
        """Take in a recording; a record of its own goes before a mention."""
        before = self._recordings.get(recording.key)
        if before is None or (before.mentioned and not recording.mentioned):
            self._recordings.pop(recording.key, None)
            self._recordings[recording.key] = recording

    def release(self, release: Release) -> None:
        """Take in a release."""
        self._releases.append(release)

    def entry(self, kind: str) -> Entry:
        """Return the entry of the record."""
        return Entry(
            line=self.notes.line,
            kind=kind,
            parties=tuple(self._parties.values()),
            works=tuple(self._works.values()),
            recordings=tuple(self._recordings.values()),
            releases=tuple(self._releases),
            findings=self.notes.findings(),
        )


def own(mbid: str) -> Code:
    """Return an MBID as a code."""
    return "own", f"{NAMESPACE}:{mbid}"


def mbid_of(value: Value) -> str:
    """Return the MBID of a record; `InputError` where it has none."""
    key = text(value, "id").lower()
    if not _MBID.fullmatch(key):
        raise InputError("the record has no MBID", "send records of MusicBrainz as it gives them", {"field": "id"})
    return key


def is_mbid(key: str) -> bool:
    """Tell whether a text is an MBID."""
    return bool(_MBID.fullmatch(key))


def titles_of(value: Value) -> tuple[Title, ...]:
    """Return the aliases of a work or recording as titles, each once."""
    main = text(value, "title")
    found: dict[Title, None] = {}
    for alias in members(value, "aliases")[:NAMES_MAX]:
        name, locale = text(alias, "name"), text(alias, "locale")
        if name and name != main:
            found[Title(text=name, kind=_title_kind(main, name, text(alias, "type")), language=locale)] = None
    return tuple(found)


def _title_kind(main: str, name: str, kind: str) -> TitleKind:
    if kind == HINT:
        return TitleKind.INCORRECT
    return TitleKind.ALTERNATIVE


def _names(value: Value, name: str) -> Iterable[Name]:
    """Give the name, the name in its sort order where that is in another script, and the aliases; each once."""
    found: dict[str, Name] = {}
    if name:
        found[name] = Name(name, script_of(name))
    sort = text(value, "sort-name")
    if sort and name and script_of(sort) and script_of(sort) != script_of(name):
        found.setdefault(sort, Name(sort, script_of(sort)))
    for alias in members(value, "aliases")[:NAMES_MAX]:
        other = text(alias, "name")
        if other and text(alias, "type") != HINT:
            found.setdefault(other, Name(other, script_of(other, text(alias, "locale"))))
    return found.values()


def _kind(type_: str) -> PartyKind:
    return PartyKind.GROUP if type_ in _GROUPS else PartyKind.PERSON


def _codes(value: Value, name: str, scheme: str) -> list[Code]:
    return [(scheme, code) for code in texts(value, name)]


def _joined(before: Party, other: Party) -> Party:
    """Return one party of two mentions of it."""
    names = tuple(dict.fromkeys((*before.names, *other.names)))
    codes = tuple(dict.fromkeys((*before.codes, *other.codes)))
    kind = before.kind if before.kind is not PartyKind.PERSON else other.kind
    return replace(before, names=names, codes=codes, kind=kind)
