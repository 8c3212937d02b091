"""One message of MEAD, PIE or RIN while it is read: what its references mean, and an entry for each of its records.

References (`P1`, `W1`) mean something within their message only: the key of a thing is the message's id with the
reference. A party without any code is therefore another party in each message, since a name identifies nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from cantoria.formats.ddex_credits.elements import (
    creation_codes,
    first_text,
    flag,
    names_of,
    party_codes,
    party_kind,
    roles_of,
    title_of,
    titles_of,
)
from cantoria.formats.durations import duration_of
from cantoria.formats.entries.types import Entry, Outcome, Party, Recording, Release, Share, Work
from cantoria.formats.ern.roles import CONTRIBUTORS
from cantoria.formats.notes import Notes
from cantoria.formats.outgoing import Seen
from cantoria.formats.plain_text import plain
from cantoria.formats.types import Severity
from cantoria.formats.xml_records import Element, child, children, name_of, text_of
from cantoria.registry.types import Role, Side, Tier

_KEY_CHARS: Final = 60
_WRITERS: Final = ("Writer",)
_ARTISTS: Final = ("DisplayArtist", "MainArtist", "SupplementalArtist")
_CREDITS: Final = ("Contributor", "ContributorReference", "SoundRecordingContributorReference", "ResourceContributor")
# Such a message documents a line-up; of who wrote the works it is no authority, as with ERN.
EVIDENCED: Final = {Side.RECORDING: Tier.DOCUMENTED, Side.WORK: Tier.ASSERTED}
_PERFORMING: Final = {True: Role.FEATURED_PERFORMER, False: Role.NON_FEATURED_PERFORMER}


class Message:
    """The state of one message: its id, and which references it has defined (16 bytes for each)."""

    def __init__(self, file: str) -> None:
        self._id = _short(file)
        self._defined = Seen()
        self._inline = 0
        self.test = False

    def header(self, element: Element) -> None:
        """Take the message's id from its header, and whether it is a test."""
        said = text_of(child(element, "MessageId")) or text_of(child(element, "FileId"))
        if said:
            self._id = _short(said)
        control = text_of(child(element, "MessageControlType")) or text_of(child(element, "FileControlType"))
        self.test = control == "TestMessage"

    def key(self, reference: str) -> str:
        """Return the key of a reference of this message."""
        return f"{self._id}#{plain(reference, chars_max=_KEY_CHARS)}"

    def define(self, kind: str, reference: str) -> str:
        """Return the key of a thing that the message defines, with a number of its own where it has no reference."""
        if not reference:
            self._inline += 1
            reference = f"{kind}-{self._inline}"
        self._defined.add(kind, reference)
        return self.key(reference)

    def refer(self, kind: str, reference: str) -> str:
        """Return the key of what a reference means, or nothing where the message has not defined it."""
        return self.key(reference) if self._defined.has(kind, reference) else ""


class Draft:
    """The entry of one record while it is made."""

    def __init__(self, message: Message, notes: Notes) -> None:
        self.message, self.notes = message, notes
        self._parties: dict[str, Party] = {}
        self._described: dict[Element, str] = {}
        self.works: list[Work] = []
        self.recordings: list[Recording] = []
        self.releases: list[Release] = []

    def party(self, element: Element, reference: str = "") -> str:
        """Take in a party that is described here; return its key, or nothing where it says nothing."""
        names, codes = names_of(element), party_codes(element)
        if not names and not codes:
            return ""
        key = self.message.define("party", reference)
        self._parties[key] = Party(key=key, names=names, kind=party_kind(element), codes=codes)
        return key

    def credits(self, element: Element, side: Side) -> Iterator[Share]:
        """Give the roles on one side that the credits of a record give, each once."""
        found: dict[Share, None] = {}
        for one in element:
            name = name_of(one)
            if name in (*_WRITERS, *_ARTISTS, *_CREDITS):
                for role in self._roles(one, name):
                    if role.side is side and (party := self._credited(one)):
                        found[Share(party=party, role=role, tier=EVIDENCED[side])] = None
        featured = {share.party for share in found if share.role is Role.FEATURED_PERFORMER}
        for share in found:
            if share.role is not Role.NON_FEATURED_PERFORMER or share.party not in featured:
                yield share

    def note_others(self, element: Element) -> None:
        """Say which credits of a record make nobody a holder."""
        others: dict[str, None] = {}
        for one in element:
            if name_of(one) in _CREDITS and not self._roles(one, name_of(one)):
                others |= dict.fromkeys(roles_of(one) or ("no role",))
        if others:
            self.notes.add(
                f"these credits make nobody a holder here: {', '.join(others)}"[:300],
                "nothing, unless the party performs, writes or produces",
                severity=Severity.INFO,
                field="Contributor",
            )

    def entry(self, kind: str) -> Entry:
        """Return the entry."""
        return Entry(
            line=self.notes.line,
            kind=kind,
            outcome=Outcome.PASSED_OVER if self.message.test else Outcome.REGISTER,
            parties=tuple(self._parties.values()),
            works=tuple(self.works),
            recordings=tuple(self.recordings),
            releases=tuple(self.releases),
            findings=self.notes.findings(),
        )

    def _roles(self, element: Element, name: str) -> tuple[Role, ...]:
        if name in _WRITERS:
            return tuple(role for text in roles_of(element) for role in CONTRIBUTORS.get(text, ())) or (Role.AUTHOR,)
        if name in _ARTISTS:
            return (Role.FEATURED_PERFORMER,)
        featured = flag(element, "HasMadeFeaturedContribution")
        found = (role for text in roles_of(element) for role in CONTRIBUTORS.get(text, ()))
        return tuple(
            _PERFORMING[featured] if featured is not None and role in _PERFORMING.values() else role for role in found
        )

    def _credited(self, element: Element) -> str:
        """Return the party of a credit: one that the message has defined, or one that is described here."""
        reference = text_of(element)
        for one in element:
            if name_of(one).endswith("Reference") and text_of(one):
                reference = text_of(one)
        if not reference:
            if element not in self._described:
                self._described[element] = self.party(element)
            return self._described[element]
        key = self.message.refer("party", reference)
        if not key:
            self.notes.add("no party of the message has this reference", "correct it", field="Party", value=reference)
        return key


def work(draft: Draft, element: Element, *, summary: Element) -> None:
    """Take in a work with its writers."""
    key = draft.message.define("work", text_of(child(element, "MusicalWorkReference")))
    draft.works.append(
        Work(
            key=key,
            title=title_of(summary),
            titles=titles_of(summary) + (titles_of(element) if element is not summary else ()),
            codes=creation_codes(summary),
            shares=tuple(draft.credits(summary, Side.WORK)),
            mentioned=True,
        )
    )
    draft.note_others(summary)


def recording(draft: Draft, element: Element, *, summary: Element) -> None:
    """Take in a recording with its performers, and what it says of who wrote its works."""
    works = [
        found
        for used in (element, *children(element, "UsedMusicalWork"))
        for one in used
        if name_of(one) in ("SoundRecordingMusicalWorkReference", "ResourceMusicalWorkReference")
        and (found := draft.message.refer("work", text_of(one)))
    ]
    artist = next((text for one in children(summary, "DisplayArtistName") if (text := first_text(one))), "")
    draft.recordings.append(
        Recording(
            key=draft.message.define("recording", text_of(child(element, "ResourceReference"))),
            title=title_of(summary),
            titles=titles_of(summary) + (titles_of(element) if element is not summary else ()),
            artist=artist,
            version=first_text(child(summary, "Version")) or first_text(child(summary, "SoundRecordingVersion")),
            duration_ms=duration_of(text_of(child(summary, "Duration"))),
            codes=creation_codes(summary),
            works=tuple(dict.fromkeys(works)),
            shares=tuple(draft.credits(summary, Side.RECORDING)),
            mentioned=True,
        )
    )
    written = tuple(draft.credits(summary, Side.WORK))
    if written:
        draft.works += [Work(key=found, shares=written, mentioned=True) for found in dict.fromkeys(works)]
        if not works:
            draft.notes.add(
                "writers are named, but no work; nothing is claimed",
                "name the work",
                severity=Severity.INFO,
                field="Contributor",
            )
    draft.note_others(summary)


def release(draft: Draft, element: Element, *, summary: Element) -> None:
    """Take in a release by its codes."""
    codes = creation_codes(summary)
    key = draft.message.define("release", text_of(child(element, "ReleaseReference")))
    draft.releases.append(Release(key=key, title=title_of(summary), codes=codes))


def _short(text: str) -> str:
    """Return an id that can begin a key: as it is where it is short and plain, else its digest."""
    cleaned = plain(text)
    if 0 < len(cleaned) <= _KEY_CHARS and cleaned.isprintable() and not set(cleaned) & set(":|#"):
        return cleaned
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
