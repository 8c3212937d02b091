"""What the use cases need from the world, as protocols; adapters implement them, tests may replace them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO, Protocol

from cantoria.kernel.facts import Capacity, Fact, Recorded, Signature
from cantoria.kernel.ids import PartyId
from cantoria.ledger.ed25519 import Signer
from cantoria.ledger.facts import ErasureBasis
from cantoria.ledger.ports import Receipt as LedgerReceipt
from cantoria.ledger.ports import Refusal


class Clock(Protocol):
    def now(self) -> int:
        """UTC microseconds since 1970."""
        ...


class Entropy(Protocol):
    def token(self, count: int) -> bytes:
        """`count` unpredictable bytes."""
        ...


class Vault(Protocol):
    """Holds the keys of persons whose accounts this house keeps, and signs for them when they decide."""

    def sign(self, party: str, message: bytes) -> Signature | None:
        """The party's signature over `message`, or None when this vault holds no key of theirs."""
        ...

    def add(self, seeds: Iterable[tuple[str, bytes]]) -> None:
        """Keep seeds (party, 32 bytes); a party that has one already is an `InputError`."""
        ...

    def public_key(self, party: str) -> str | None:
        """The party's public key in hex, or None when its key is not here."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...


@dataclass(frozen=True, slots=True)
class Author:
    """An organisation that records facts in a declared capacity, and its signing key."""

    name: str
    party: PartyId
    capacity: Capacity
    signer: Signer


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a fact was recorded: its ledger index and fact id."""

    index: int
    fact_id: str
    fact: Fact


class Attachments(Protocol):
    """Content-addressed files kept beside the ledger: usage batches, manifests, results."""

    def put(self, data: bytes) -> str:
        """Keep `data` durably; return its SHA-256 in hex. Putting the same bytes twice keeps them once."""
        ...

    def receive(self, digest: str, parts: Iterable[bytes]) -> int:
        """Keep a stream of bytes if it is what `digest` names, else `IntegrityError`; return how many there are."""
        ...

    def get(self, digest: str) -> bytes:
        """Return the bytes of this digest, verified; unknown is an `InputError`, altered an `IntegrityError`."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """Open what is kept under this digest, for readers that go to and fro in it; unknown is an `InputError`."""
        ...


class FactIndex(Protocol):
    """A rebuildable index of the ledger's facts by subject and type (a view: it can be deleted any time)."""

    def catch_up(
        self, progress: Callable[[int, int], None] | None = None, *, fresh: Mapping[int, Fact] | None = None
    ) -> int:
        """Index everything up to the ledger's size and return that size. `fresh` are facts by index that this very
        process has just encoded and recorded, so that they need not be read back."""
        ...

    def scan(
        self, *, tags: Iterable[int] | None = None, start: int = 0, size: int | None = None
    ) -> Iterator[Recorded[Any]]:
        """All facts in ledger order with index in [start, size), of these type tags; erased bodies are left out, and
        so is what the rows of batches say: `about` and `rows_about` give it."""
        ...

    def about(
        self, subjects: Sequence[str], *, tags: Iterable[int] | None = None, size: int | None = None
    ) -> list[Recorded[Any]]:
        """The facts about any of these subjects, in ledger order, each once; what rows of batches say is among them."""
        ...

    def rows_about(
        self, subjects: Sequence[str], *, tags: Iterable[int] | None = None, size: int | None = None
    ) -> list[Recorded[Any]]:
        """Of the facts about any of these subjects those alone that rows of batches say, in ledger order."""
        ...

    def rows(self, *, start: int = 0, size: int | None = None) -> Iterator[Recorded[Any]]:
        """What all rows of all batches with an index in [start, size) say, in ledger order: there may be millions."""
        ...

    def batches(self, *, size: int | None = None) -> int:
        """How many batches of rows with effect have an index below `size`."""
        ...

    def leaf_through(self, subject: str, *, tag: int, before: int, limit: int) -> list[Recorded[Any]]:
        """Of the single facts of one type about a subject those `limit` that stand last before ledger index `before`,
        the newest first: a page of what may be very many."""
        ...

    def tally(self, subject: str, *, tag: int, size: int) -> int:
        """How many single facts of one type are about a subject below `size`."""
        ...

    def named(self, codes: Sequence[str]) -> set[str]:
        """Which of many code keys facts or rows may be about: surely none of the others."""
        ...

    def mark(self, *, tags: Iterable[int], size: int) -> tuple[int, int, int]:
        """How many readable facts of these types have an index below `size`, the highest such index (or -1), and how
        often a fact of these types came in late or was erased: it changes with every change among them."""
        ...

    def subjects_of(self, tag: int) -> set[str]:
        """All subjects of readable facts of this type."""
        ...

    def by_fact_id(self, fact_id: str) -> Recorded[Any] | None:
        """The readable fact of this id (32 hex digits), or None."""
        ...

    def name_of(self, entity: str) -> str:
        """What people call a party, work or recording, with its id; the id alone when no name is on record."""
        ...

    def unreadable(self) -> list[tuple[int, str]]:
        """The facts whose body cannot be read as its type, and why: (index, reason). They are kept, without effect."""
        ...

    def awaited(self) -> int:
        """How many facts there are whose body is not here yet: they have no effect until it arrives."""
        ...

    def counts(self) -> dict[str, int]:
        """How many readable facts of each type there are, by type name."""
        ...

    def subjects_like(self, prefix: str, *, limit: int = 50) -> list[str]:
        """Up to `limit` indexed subjects that begin with `prefix`, in byte order."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...


class Kind(StrEnum):
    """What was found."""

    RECORDING = "recording"
    WORK = "work"
    RELEASE = "release"
    PARTY = "party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found: `title` is a party's name; `code` the first code known of it, or nothing; `score` 0 to 100."""

    kind: Kind
    id: str
    title: str
    artist: str
    code: str
    score: int


class Search(Protocol):
    """A rebuildable index of the words of titles and names (a view: it can be deleted any time)."""

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Index everything that the fact index holds; return the ledger size as of which it is complete."""
        ...

    def exists(self) -> bool:
        """Tell whether there is an index already."""
        ...

    def find(self, text: str, *, limit: int) -> list[Hit]:
        """Up to `limit` hits for words, the best first; the same index gives the same answer."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...


class Journal(Protocol):
    """Appends facts to the ledger: signed by their author, all or nothing, durable on return."""

    def record(self, facts: Sequence[Fact], *, author: Author) -> list[Receipt]:
        """Append and return one receipt per fact; a refused fact raises `InputError` and nothing is appended."""
        ...

    def erase(
        self, targets: Sequence[Recorded[Any]], *, basis: ErasureBasis, author: Author
    ) -> LedgerReceipt | Refusal:
        """Record and carry out the erasure of these facts' bodies in one step."""
        ...

    def size(self) -> int:
        """The number of leaves."""
        ...
