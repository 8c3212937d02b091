"""What the use cases need from the world, as protocols; adapters implement them, tests may replace them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cantoria.kernel.facts import Capacity, Fact, Recorded, Signature
from cantoria.kernel.ids import PartyId
from cantoria.ledger.ed25519 import Signer


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

    def get(self, digest: str) -> bytes:
        """Return the bytes of this digest, verified; unknown is an `InputError`, altered an `IntegrityError`."""
        ...


class FactIndex(Protocol):
    """A rebuildable index of the ledger's facts by subject and type (a view: it can be deleted any time)."""

    def catch_up(self) -> int:
        """Index everything up to the ledger's size and return that size."""
        ...

    def scan(self, *, tags: Iterable[int] | None = None, size: int | None = None) -> Iterator[Recorded[Any]]:
        """All facts in ledger order with index below `size`, of these type tags; erased bodies are left out."""
        ...

    def about(
        self, subjects: Sequence[str], *, tags: Iterable[int] | None = None, size: int | None = None
    ) -> list[Recorded[Any]]:
        """The facts about any of these subjects, in ledger order, each once."""
        ...


class Journal(Protocol):
    """Appends facts to the ledger: signed by their author, all or nothing, durable on return."""

    def record(self, facts: Sequence[Fact], *, author: Author) -> list[Receipt]:
        """Append and return one receipt per fact; a refused fact raises `InputError` and nothing is appended."""
        ...

    def size(self) -> int:
        """The number of leaves."""
        ...
