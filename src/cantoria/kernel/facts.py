"""What every fact has: a type whose tag is never reused, subjects it is about, and its place in the ledger.

A fact is a frozen slotted dataclass in the past tense. It carries only what its author says; when and by whom it
was recorded is the ledger's to say, and stands beside it in `Recorded`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Generic, Protocol, TypeVar


class Capacity(IntEnum):
    """In what role an organisation records a fact (RULES section 8). Numbers are never reused."""

    OPERATOR = 1
    CMO = 2
    PUBLISHER = 3
    PRODUCER = 4
    DISTRIBUTOR = 5
    PERFORMERS_ORGANISATION = 6
    AI_DEVELOPER = 7
    REGISTRAR = 8
    ATTRIBUTOR = 9


ALL_CAPACITIES = frozenset(Capacity)


@dataclass(frozen=True, slots=True)
class FactType:
    """A fact type: `tag` (unsigned 16 bit, never reused), stable `name`, in which capacities it may be recorded (one
    that a council admits may name capacities that this code does not know), and `identity`: whether the body is
    identity data that a person may have erased (RULES section 7)."""

    tag: int
    name: str
    capacities: frozenset[int] = ALL_CAPACITIES
    identity: bool = False


class Fact(Protocol):
    """Anything that can be recorded."""

    TYPE: ClassVar[FactType]

    def subjects(self) -> tuple[str, ...]:
        """Ids of all things this fact is about, for the subject index: a look-up by any of them finds it."""
        ...


F_co = TypeVar("F_co", bound=Fact, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[F_co]):
    """A fact with its place in the ledger.

    `index` is its leaf index (the order of everything), `organisation` (a party id) and `capacity` who recorded it
    and as what, `claimed_at` the time its envelope claims (UTC microseconds). `proven_key` is the Ed25519 public key
    (hex) whose signature over the body was verified on reading, empty when there is none or it is wrong: whose key
    that is, the rights folds decide. `part` orders what one leaf says: 0 for the fact in the leaf itself, from 1 on for
    what the rows of its batch say (spec/batch.md).
    """

    index: int
    fact_id: str
    organisation: str
    capacity: Capacity
    claimed_at: int
    fact: F_co
    proven_key: str = ""
    part: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the order of everything that was said."""
        return self.index, self.part


@dataclass(frozen=True, slots=True)
class Signature:
    """A person's Ed25519 signature over a body: `key` is the 32-byte public key and `value` the 64 bytes, in hex."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where an assertion came from: file name, its SHA-256 (hex), and the line (1-based, 0 when unknown)."""

    file: str = ""
    sha256: str = ""
    line: int = 0
