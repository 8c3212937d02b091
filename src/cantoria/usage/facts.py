"""What usage records. Tags 501 to 599, never reused. The lines themselves are an attachment beside the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.ids import PartyId, VersionId
from cantoria.kernel.periods import Period

REPORTERS = frozenset({Capacity.OPERATOR, Capacity.CMO, Capacity.DISTRIBUTOR, Capacity.AI_DEVELOPER})
GENERATORS = frozenset({Capacity.AI_DEVELOPER, Capacity.ATTRIBUTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReported:
    """A batch of plays came in: number `sequence` (from 1, without gaps) of its producer for `channel`.

    `file_sha256` names the file as it was sent, `attachment` (SHA-256, hex) the canonical lines made of it, `root` the
    Merkle root (RFC 6962) over those lines. `plays` is the sum of all plays in the attachment.
    """

    TYPE: ClassVar = FactType(501, "usage-reported", REPORTERS)
    producer: PartyId
    channel: str
    sequence: int
    period: Period
    file_sha256: str
    attachment: str
    lines: int
    plays: int
    root: str

    def subjects(self) -> tuple[str, ...]:
        return (self.producer, self.attachment)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationsReported:
    """A batch of generation events of a model version came in, number `sequence` (from 1, without gaps)."""

    TYPE: ClassVar = FactType(502, "generations-reported", GENERATORS)
    producer: PartyId
    version: VersionId
    sequence: int
    period: Period
    attachment: str
    events: int
    root: str

    def subjects(self) -> tuple[str, ...]:
        return (self.producer, self.version, self.attachment)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSettled:
    """What became of the lines of an attachment: the accounting identity, signed by who matched them."""

    TYPE: ClassVar = FactType(503, "usage-settled", frozenset({Capacity.OPERATOR, Capacity.CMO}))
    attachment: str
    received: int
    matched: int
    suspense: int
    duplicate: int
    conflict: int
    invalid: int
    outputs: str

    def subjects(self) -> tuple[str, ...]:
        return (self.attachment,)
