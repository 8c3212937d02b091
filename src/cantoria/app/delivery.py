"""A file of the trade taken in, part by part: whatever its size, whatever happens in between.

Each part is one commit of what the records say and a `FileTaken` fact that accounts for them. A run that was cut off
goes on behind the last part; a file that was taken in whole is not taken in twice. The file itself is kept beside the
ledger, so that nothing that the registry has no word for is lost.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Protocol

from cantoria.app.code_book import CodeBook
from cantoria.app.house import House
from cantoria.app.intake import context_of, sign_all
from cantoria.app.ports import Author
from cantoria.formats import ern
from cantoria.formats.csvfamily import Context
from cantoria.formats.entries import Entry, Scribe, write_down
from cantoria.formats.ern.avs import AllowedValues
from cantoria.formats.types import Counts, Finding, Imported
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.registry.trade_facts import FileTaken

PART_FACTS: Final = 5_000
PART_RECORDS: Final = 50_000  # a part ends here too, so that a file of refused records is taken in parts as well
PIECE_BYTES: Final = 1 << 20
FINDINGS_KEPT: Final = 1_000


class Reading(Protocol):
    """How a format is read: portions, each of them one or more whole records."""

    format: str
    atomic: bool  # whether the whole file is one commit

    def portions(self, stream: BinaryIO, *, file: str, sha256: str, context: Context, skip: int) -> Iterator[Imported]:
        """Give what the records say, without the first `skip` of them."""
        ...

    def forget(self) -> None:
        """What was given is recorded now: forget how it was named."""
        ...


@dataclass(slots=True)
class Entries:
    """A format whose reader gives entries."""

    format: str
    read: Callable[..., Iterable[Entry]]  # read(stream, *, file)
    atomic: bool = False
    _scribe: Scribe | None = None

    def portions(self, stream: BinaryIO, *, file: str, sha256: str, context: Context, skip: int) -> Iterator[Imported]:
        self._scribe = Scribe(context, file=file, sha256=sha256)
        for number, entry in enumerate(self.read(stream, file=file)):
            if number >= skip:
                yield write_down(self._scribe, entry)

    def forget(self) -> None:
        if self._scribe is not None:
            self._scribe.forget()


@dataclass(slots=True)
class Messages:
    """DDEX ERN: a message is taken in whole or not at all. `allowed` are the values that the standard allows."""

    format: str = ern.FORMAT
    atomic: bool = True
    allowed: AllowedValues | None = None

    def portions(self, stream: BinaryIO, *, file: str, sha256: str, context: Context, skip: int) -> Iterator[Imported]:
        yield from ern.read_stream(stream, file=file, context=context, allowed=self.allowed)

    def forget(self) -> None:
        pass


@dataclass(slots=True)
class Delivered:
    """What became of a file: its account, the facts by type, its first findings and how many there are in all.

    `before` counts the records that earlier runs had taken in; `known` says that there was nothing left to do.
    """

    file: str
    sha256: str
    before: int = 0
    known: bool = False
    counts: Counts = field(default_factory=Counts)
    facts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    last_index: int | None = None

    def take(self, part: Imported, *, note: Callable[[Finding], None] | None) -> None:
        """Add a portion to the account."""
        self.counts += part.counts
        self.facts.update(fact.TYPE.name for fact in part.facts)
        self.found += len(part.findings)
        self.findings += part.findings[: FINDINGS_KEPT - len(self.findings)]
        if note is not None:
            for finding in part.findings:
                note(finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A file to be taken in: its name and how to open it from its beginning, as often as needed."""

    name: str
    open: Callable[[], BinaryIO]


def deliver(
    house: House,
    parcel: Parcel,
    *,
    reading: Reading,
    namespace: str,
    author: Author,
    dry_run: bool = False,
    again: bool = False,
    watch: Callable[[int], None] | None = None,
    note: Callable[[Finding], None] | None = None,
) -> Delivered:
    """Take a file in, or the rest of it. `watch` is told the bytes read so far, `note` every finding.

    `again` reads a file anew that was taken in whole before: what it says then counts as said once more.
    """
    digest, size = _digest(parcel)
    house.index.catch_up()
    before, whole = (0, False) if again else _taken(house, digest, reading, author)
    done = Delivered(parcel.name, digest, before=before, known=whole)
    if done.known:
        return done
    if not dry_run:
        _keep(house, parcel, digest)
    run = _Run(house, CodeBook(house), reading, author, done, dry_run=dry_run, again=again)
    context = context_of(house, run.book, namespace=namespace, author=author)
    # What is recorded is what was kept, whatever becomes of the file meanwhile.
    with parcel.open() if dry_run else house.attachments.open(digest) as stream:
        portions = reading.portions(stream, file=parcel.name, sha256=digest, context=context, skip=done.before)
        part = _Part(first=done.before)
        for portion in portions:
            done.take(portion, note=note)
            part.add(portion)
            if part.full and not reading.atomic:
                part = run.finish(part, whole=False)
            if watch is not None:
                watch(min(stream.tell(), size))
    run.finish(part, whole=True)
    return done


@dataclass(slots=True)
class _Part:
    """What becomes one commit."""

    first: int
    facts: list[Any] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    findings: int = 0

    def add(self, portion: Imported) -> None:
        self.facts += portion.facts
        self.counts += portion.counts
        self.findings += len(portion.findings)

    @property
    def full(self) -> bool:
        """Tell whether the part is large enough to be recorded."""
        return len(self.facts) >= PART_FACTS or self.counts.received >= PART_RECORDS


@dataclass(slots=True)
class _Run:
    """One run over a file: what each part needs to be recorded."""

    house: House
    book: CodeBook
    reading: Reading
    author: Author
    done: Delivered
    dry_run: bool
    again: bool

    def finish(self, part: _Part, *, whole: bool) -> _Part:
        """Record a part, or in a dry run let go of it; return the next one."""
        if self.dry_run:
            self.book.follow((), author=self.author)
        else:
            self._commit(part, whole=whole)
        return _Part(first=part.first + part.counts.received)

    def _commit(self, part: _Part, *, whole: bool) -> None:
        """Record a part with its account."""
        house, author, done = self.house, self.author, self.done
        if not self.again:
            house.index.catch_up()
            if _taken(house, done.sha256, self.reading, author) != (part.first, False):
                raise InputError(
                    f"another run takes {done.file} in as well", "wait until it is done, then say it once more"
                )
        facts, unsigned = sign_all(house, part.facts, author)
        for finding in unsigned:
            done.take(Imported((), (finding,)), note=None)
        account = FileTaken(
            sha256=done.sha256,
            file=done.file,
            format=self.reading.format,
            first=part.first,
            received=part.counts.received,
            registered=part.counts.registered,
            refused=part.counts.refused,
            duplicate=part.counts.duplicate,
            passed_over=part.counts.passed_over,
            findings=part.findings,
            whole=whole,
        )
        receipts = house.journal.record([*facts, account], author=author)
        house.index.catch_up(fresh={receipt.index: receipt.fact for receipt in receipts})
        self.book.follow(facts, author=author)
        self.reading.forget()
        done.last_index = receipts[-1].index


def _taken(house: House, digest: str, reading: Reading, author: Author) -> tuple[int, bool]:
    """Return how many records from the first one on are taken in, read in this form by this organisation, and whether
    those are all. Parts that overlap, of runs that did not know of each other, count once."""
    said = house.index.about([f"file:{digest}"], tags=[FileTaken.TYPE.tag])
    parts: list[FileTaken] = [
        one.fact for one in said if one.organisation == author.party and one.fact.format == reading.format
    ]
    reach, whole = 0, False
    for part in sorted(parts, key=lambda part: part.first):
        if part.first <= reach:
            reach = max(reach, part.first + part.received)
            whole = whole or part.whole
    return reach, whole


def _digest(parcel: Parcel) -> tuple[str, int]:
    taken, count = hashlib.sha256(), 0
    for piece in _pieces(parcel):
        taken.update(piece)
        count += len(piece)
    if count == 0:
        raise InputError(f"{parcel.name} is empty", "check the file")
    return taken.hexdigest(), count


def _pieces(parcel: Parcel) -> Iterator[bytes]:
    with parcel.open() as stream:
        while piece := stream.read(PIECE_BYTES):
            yield piece


def _keep(house: House, parcel: Parcel, digest: str) -> None:
    """Keep the file beside the ledger before anything refers to it."""
    try:
        house.attachments.receive(digest, _pieces(parcel))
    except IntegrityError as error:
        if _digest(parcel)[0] == digest:
            raise
        raise InputError(f"{parcel.name} changed while it was read", "wait until it is written whole") from error
