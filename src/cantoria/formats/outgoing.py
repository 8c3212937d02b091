"""On the way out: each thing is defined once however many entries repeat it, and what a format cannot carry is told.

Memory: 16 bytes for each thing that was defined (`Seen`), and one line for each way in which something was lost.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from cantoria import codes
from cantoria.formats.entries.types import Code, Entry, Outcome, Party, Recording, Release, Share, Work
from cantoria.formats.plain_text import plain
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

Thing = Party | Work | Recording | Release
CHUNK_BYTES: Final = 1 << 16
_SIZE_FIRST: Final = 1 << 10
_EXAMPLE_CHARS: Final = 80


@dataclass(slots=True)
class Lost:
    """What could not be written, kind by kind: how often, and which thing was the first."""

    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _first: dict[tuple[str, str], str] = field(default_factory=dict)

    def note(self, what: str, remedy: str, *, thing: str) -> None:
        """Count one loss of a kind: `what` says it in words that are the same for each thing."""
        kind = (what, remedy)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        self._first.setdefault(kind, plain(thing, chars_max=_EXAMPLE_CHARS))

    def findings(self, file: str) -> tuple[Finding, ...]:
        """Return one finding for each kind of loss, in the order in which they first occurred."""
        return tuple(
            Finding(
                file=file,
                value=self._first[what, remedy],
                message=f"{what} ({count} times, first where shown)" if count > 1 else what,
                remedy=remedy,
                severity=Severity.WARNING,
            )
            for (what, remedy), count in self._counts.items()
        )


class Seen:
    """Tells what was added before, by 64 bits of a hash in a table that doubles: two of ten million different texts
    are taken for one with a probability below one in 100,000."""

    __slots__ = ("_count", "_table")

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * _SIZE_FIRST))
        self._count = 0

    def has(self, *text: str) -> bool:
        """Tell whether a text (of several parts) was added before."""
        table, mask, value = self._table, len(self._table) - 1, _hashed(text)
        place = value & mask
        while table[place]:
            if table[place] == value:
                return True
            place = (place + 1) & mask
        return False

    def add(self, *text: str) -> bool:
        """Add a text (of several parts) and tell whether it is new."""
        if not self._put(_hashed(text)):
            return False
        self._count += 1
        if self._count * 2 > len(self._table):
            self._grow()
        return True

    def _put(self, value: int) -> bool:
        table, mask = self._table, len(self._table) - 1
        place = value & mask
        while table[place]:
            if table[place] == value:
                return False
            place = (place + 1) & mask
        table[place] = value
        return True

    def _grow(self) -> None:
        old, self._table = self._table, array("Q", bytes(16 * len(self._table)))
        for value in old:
            if value:
                self._put(value)


def _hashed(text: tuple[str, ...]) -> int:
    digest = blake2b("\0".join(text).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") or 1


class Outgoing:
    """Goes through entries and gives what they define, each thing the first time that it is described."""

    __slots__ = ("lost", "seen")

    def __init__(self, lost: Lost) -> None:
        self.lost, self.seen = lost, Seen()

    def definitions(self, entry: Entry) -> Iterator[Thing]:
        """Give the parties, works, recordings and releases that an entry describes and no entry did before. What has
        neither title nor name is only referred to. An entry that was not registered defines nothing."""
        if entry.outcome is not Outcome.REGISTER:
            return
        for party in entry.parties:
            if (party.names or party.codes) and self._first("party", party):
                yield replace(party, codes=self._fit(party))
        things: tuple[Work | Recording | Release, ...] = (*entry.works, *entry.recordings, *entry.releases)
        for thing in things:
            if thing.title and self._first(kind_of(thing), thing):
                yield replace(thing, codes=self._fit(thing))

    def claims(self, entry: Entry) -> Iterator[tuple[Work | Recording, Share]]:
        """Give the claims of an entry with their subjects, each once of all that are alike."""
        if entry.outcome is not Outcome.REGISTER:
            return
        subjects: tuple[Work | Recording, ...] = (*entry.works, *entry.recordings)
        for subject in subjects:
            about = (kind_of(subject), key_of(subject))
            for share in subject.shares:
                period = (str(share.period.start), str(share.period.end))
                said = (share.party, share.role, share.right or "", str(share.share), share.territory, str(share.tier))
                if self.seen.add("share", *about, *said, *period):
                    yield subject, share

    def embodied(self, entry: Entry) -> Iterator[tuple[Recording, str]]:
        """Give each pair of a recording and a work (key) that it embodies, once."""
        for recording in entry.recordings if entry.outcome is Outcome.REGISTER else ():
            for work in recording.works:
                if key_of(recording) and self.seen.add("embodies", key_of(recording), work):
                    yield recording, work

    def _fit(self, thing: Thing) -> tuple[Code, ...]:
        """Return the codes of a thing that are codes, in their stored form."""
        found: dict[Code, None] = {}
        for scheme, text in thing.codes:
            try:
                found[scheme, _checked(scheme, text)] = None
            except InputError:
                self.lost.note(f"an {scheme} is none and is left out", "correct the code", thing=text)
        return tuple(found)

    def _first(self, kind: str, thing: Thing) -> bool:
        key = key_of(thing)
        if not key:
            self.lost.note(f"a {kind} without key or code cannot be written", "give it a key", thing=_called(thing))
            return False
        return self.seen.add(kind, key)


def kind_of(thing: Thing) -> str:
    """Return the kind of a thing as it stands in ids: party, work, recording, release."""
    match thing:
        case Party():
            return "party"
        case Work():
            return "work"
        case Recording():
            return "recording"
        case Release():
            return "release"


def key_of(thing: Thing) -> str:
    """Return the key of a thing, or its first code as `scheme:text` where it has none, or nothing."""
    return thing.key or next((f"{scheme}:{text}" for scheme, text in thing.codes), "")


def codes_of(thing: Thing, *schemes: str) -> list[str]:
    """Return the codes of a thing in these schemes, each once, in order."""
    return list(dict.fromkeys(text for scheme, text in thing.codes if scheme in schemes))


def other_codes(thing: Thing, *schemes: str) -> list[Code]:
    """Return the codes of a thing in other schemes than these, each once, in order."""
    return list(dict.fromkeys(code for code in thing.codes if code[0] not in schemes))


@lru_cache(maxsize=4096)
def _checked(scheme: str, text: str) -> str:
    return codes.check(scheme, text).value


def _called(thing: Thing) -> str:
    if isinstance(thing, Party):
        return thing.names[0].text if thing.names else ""
    return thing.title
