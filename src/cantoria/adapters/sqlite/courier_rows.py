"""What the courier remembers, as values: erasures, demands, and how members answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Stage(IntEnum):
    """How far a recorded erasure has come here."""

    PENDING = 0
    DONE = 1
    REFUSED = 2


@dataclass(frozen=True, slots=True)
class Erasure:
    """The fact at `index` records that the body of fact `target` (16 bytes) is erased."""

    index: int
    target: bytes
    stage: Stage
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A recorded demand (see `LeafDemanded`): who asks whom, since when, and who says to have delivered."""

    fact_id: bytes
    index: int
    asker: bytes
    of: bytes
    batch: int | None
    root: str
    position: int
    at: int
    answered: bool
    trouble: str
    delivered: int | None
    digest: str
    checked: bool
    delivery_trouble: str


@dataclass(frozen=True, slots=True)
class PeerRecord:
    """How a member answers: failures in a row; next to be asked, last answered (UTC microseconds); what is wrong."""

    organisation: bytes
    failures: int
    retry_at: int
    answered_at: int
    trouble: str
