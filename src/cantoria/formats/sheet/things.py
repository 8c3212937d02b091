"""One row as the things that it speaks of: recordings, works, releases or parties."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.entries.types import Code, Entry, Name, Party, Recording, Release, Share, Title, Work
from cantoria.formats.sheet.content import milliseconds, share
from cantoria.formats.sheet.fields import Kind
from cantoria.formats.sheet.komca import WORKS as KOMCA
from cantoria.formats.sheet.komca import komca_code
from cantoria.formats.sheet.mapping import Mapping as Form
from cantoria.formats.sheet.mapping import ShareUnit
from cantoria.formats.sheet.opening import Notes
from cantoria.formats.sheet.roles import roles_of
from cantoria.formats.types import Severity
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.territories import WORLD
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind, Right, Role

_KEY_CHARS_MAX: Final = 128
_LIST: Final = re.compile(r"[|;]")
_NAMES: Final = re.compile(r"[;/|、]|, | & ")
_FIRMS: Final = re.compile(r"[;|、]")  # the names of firms hold commas and ampersands
_RECORDING: Final = (Scheme.ISRC, Scheme.UCI, Scheme.YOUTUBE_ASSET, Scheme.ISCC)
_RELEASE: Final = (Scheme.GTIN, Scheme.GRID)
_PARTY: Final = (Scheme.IPI_NAME, Scheme.IPI_BASE, Scheme.ISNI, Scheme.IPN, Scheme.DPID)
_NAMED_ROLES: Final = {
    "composer": Role.COMPOSER,
    "lyricist": Role.LYRICIST,
    "arranger": Role.ARRANGER,
    "publisher": Role.PUBLISHER,
}


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a row by field, and what is noted about them."""

    line: int
    cells: Mapping[str, str]
    notes: Notes

    def text(self, name: str) -> str:
        """Return a cell, empty where there is none."""
        return self.cells.get(name, "")

    def note(self, message: str, remedy: str, field: str, *, severity: Severity = Severity.WARNING) -> None:
        """Add a finding at a cell."""
        self.notes.add(self.line, message, remedy, field=field, value=self.text(field), severity=severity)

    def codes(self, *schemes: Scheme) -> Iterator[Code]:
        """Give the codes of the row; what is none becomes a finding at its cell and is left out."""
        for scheme in schemes:
            if scheme.value not in self.cells:
                continue
            for text in filter(None, map(str.strip, _LIST.split(self.text(scheme.value)))):
                try:
                    yield scheme.value, codes.check(scheme, text).value
                except InputError as error:
                    self.note(f"{error.message}; it is left out", error.remedy, scheme.value)


def build(cells: Cells, form: Form, *, mentioned: bool = False) -> Entry | None:
    """Return the entry of a row, None (with the reason in its notes) when nothing tells what it is about.

    `mentioned`: an earlier row registered the same thing, this one adds to it.
    """
    key = cells.text("key")
    if len(key) > _KEY_CHARS_MAX or not key.isprintable():
        cells.note(f"this cannot be a key: it has {len(key)} characters", "use up to 128 printable characters", "key")
        key = key_of(key)
    match form.kind:
        case Kind.RECORDINGS:
            return _recording(cells, key, form, mentioned)
        case Kind.WORKS:
            return _work(cells, key, form, mentioned)
        case Kind.RELEASES:
            return _release(cells, key)
        case Kind.PARTIES:
            return _party(cells, key)


def key_of(text: str) -> str:
    """Return a key for any text: the text itself where it can be one, else its beginning with a digest."""
    if len(text) <= _KEY_CHARS_MAX and text.isprintable():
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return "".join(sign for sign in text[:100] if sign.isprintable()) + "#" + digest


def _fit(cells: Cells, key: str, found: tuple[Code, ...], name: str = "title") -> bool:
    """Tell whether a row names what it is about, and what that is called; else say what is missing."""
    if not key and not found:
        cells.note(
            "the row has neither a key nor a code that reads", "map a key, or fill in a code", "key", severity=ERROR
        )
        return False
    if not cells.text(name):
        cells.note(f"the row has no {name}", "fill it in", name, severity=ERROR)
        return False
    return True


ERROR: Final = Severity.ERROR


def _recording(cells: Cells, key: str, form: Form, mentioned: bool) -> Entry | None:
    found = tuple(cells.codes(*_RECORDING))
    if not _fit(cells, key, found):
        return None
    duration = milliseconds(cells.text("duration"), form.duration) if cells.text("duration") else None
    if cells.text("duration") and duration is None:
        cells.note("this is no duration; it is left out", "write 3:45 or seconds", "duration")
    works = tuple(Work(title=cells.text("title"), codes=(code,), mentioned=True) for code in cells.codes(Scheme.ISWC))
    recording = Recording(
        key=key,
        title=cells.text("title"),
        artist=cells.text("artist"),
        version=cells.text("version"),
        duration_ms=duration,
        codes=found,
        works=tuple(":".join(work.codes[0]) for work in works),
        mentioned=mentioned,
    )
    reference = key or ":".join(found[0])
    return Entry(
        line=cells.line,
        kind="row",
        works=works,
        recordings=(recording,),
        releases=tuple(_carrying(cells, reference)),
        findings=cells.notes.take(),
    )


def _carrying(cells: Cells, recording: str) -> Iterator[Release]:
    """Give the release that a row says its recording is on: by key or code, else by who and what."""
    found, title = tuple(cells.codes(*_RELEASE)), cells.text("release")
    key = cells.text("release_key")
    if not key and not found and title:
        key = f"{cells.text('artist')} – {title}" if cells.text("artist") else title
    if key or found:
        yield Release(key=key_of(key), title=title, codes=found, recordings=(recording,))


def _work(cells: Cells, key: str, form: Form, mentioned: bool) -> Entry | None:
    found = tuple(cells.codes(Scheme.ISWC))
    sent, komca = cells.text("komca"), komca_code(cells.text("komca"))
    if sent and not komca:
        cells.note("this is no KOMCA code; it is left out", "it has 12 digits", "komca")
    if komca:
        found = ((Scheme.OWN.value, f"{KOMCA}:{komca}"), *found)
    if not _fit(cells, key, found):
        return None
    reference = key or ":".join(found[0])
    parties: dict[str, Party] = {}
    shares = tuple(_holders(cells, form.shares, local=(key or found[0][1])[:60], parties=parties))
    english = cells.text("english")
    titles = (Title(text=english, kind=TitleKind.TRANSLATED, language="en"),) if english else ()
    work = Work(key=key, title=cells.text("title"), titles=titles, codes=found, shares=shares, mentioned=mentioned)
    recordings = tuple(
        Recording(
            title=cells.text("title"), artist=cells.text("artist"), codes=(code,), works=(reference,), mentioned=True
        )
        for code in cells.codes(Scheme.ISRC)
    )
    return Entry(
        line=cells.line,
        kind="row",
        parties=tuple(parties.values()),
        works=(work,),
        recordings=recordings,
        findings=cells.notes.take(),
    )


def _holders(cells: Cells, unit: ShareUnit, *, local: str, parties: dict[str, Party]) -> Iterator[Share]:
    """Give the shares of a row: of its one holder with percentages, and of those that are only named in a role."""
    name, found = cells.text("party"), tuple(cells.codes(Scheme.IPI_NAME))
    key = cells.text("party_key")
    roles = roles_of(cells.text("role")) if cells.text("role") else ()
    if name or key or found:
        if not roles:
            cells.note("the holder has no role that is known; it is left out", "such as composer or publisher", "role")
        else:
            own = "" if key or found else f"{local}/{name}"
            kind = PartyKind.ORGANISATION if Role.PUBLISHER in roles else PartyKind.PERSON
            party = Party(key=key_of(key or own), names=(Name(name),) if name else (), kind=kind, codes=found)
            reference = party.key or ":".join(found[0])
            parties[reference] = party
            yield from _shares(cells, unit, reference, roles)
    for field, role in _NAMED_ROLES.items():
        kind = PartyKind.ORGANISATION if role is Role.PUBLISHER else PartyKind.PERSON
        between = _FIRMS if role is Role.PUBLISHER else _NAMES
        for one in filter(None, (part.strip() for part in between.split(cells.text(field)))):
            reference = key_of(f"{local}/{one}")
            parties.setdefault(reference, Party(key=reference, names=(Name(one),), kind=kind))
            yield Share(party=reference, role=role)


def _shares(cells: Cells, unit: ShareUnit, party: str, roles: tuple[Role, ...]) -> Iterator[Share]:
    territory = _territory(cells)
    given = False
    for field, right in (("performing", Right.PERFORMING), ("mechanical", Right.MECHANICAL)):
        name = field if cells.text(field) else "share"
        text = cells.text(name)
        part = share(text, unit) if text else None
        if text and part is None:
            cells.note("the share is not between 0 and 100 percent; the role alone is registered", "write 33.33", name)
        if part is not None:
            given = True
            yield Share(party=party, role=roles[0], right=right, share=part, territory=territory)
    for role in roles[1:] if given else roles:
        yield Share(party=party, role=role, territory=territory)


def _territory(cells: Cells) -> str:
    text = cells.text("territory")
    if not text:
        return WORLD
    try:
        return territories.canonical(text.replace(",", " ").replace("|", " "))
    except InputError as error:
        cells.note(f"{error.message}; the world is meant", error.remedy, "territory")
        return WORLD


def _release(cells: Cells, key: str) -> Entry | None:
    found = tuple(cells.codes(*_RELEASE))
    if not _fit(cells, key, found):
        return None
    release = Release(key=key, title=cells.text("title"), codes=found)
    return Entry(line=cells.line, kind="row", releases=(release,), findings=cells.notes.take())


def _party(cells: Cells, key: str) -> Entry | None:
    found = tuple(cells.codes(*_PARTY))
    if not _fit(cells, key, found, "name"):
        return None
    kind, sent = PartyKind.PERSON, cells.text("party_kind").lower()
    if sent in list(PartyKind):
        kind = PartyKind(sent)
    elif sent:
        cells.note("unknown kind of party; a person is meant", f"use {', '.join(PartyKind)}", "party_kind")
    names = tuple(Name(one) for one in dict.fromkeys((cells.text("name"), cells.text("other_name"))) if one)
    party = Party(key=key, names=names, kind=kind, codes=found)
    return Entry(line=cells.line, kind="row", parties=(party,), findings=cells.notes.take())
