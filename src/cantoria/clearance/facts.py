"""What clearance records: certificates and what became of them. Tags 401 to 449, never reused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.clearance.manifest_proof import ManifestHead
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Request, Status
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.ids import CertificateId, PartyId
from cantoria.kernel.periods import DAY

ISSUERS = frozenset({Capacity.OPERATOR, Capacity.CMO, Capacity.REGISTRAR})


@dataclass(frozen=True, slots=True)
class AsOf:
    """The ledger as something was computed from it: number of leaves and root (hex)."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file kept beside the ledger: SHA-256 (hex), length, and number of records in it."""

    sha256: str
    bytes: int
    records: int


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many rows have this status."""

    status: Status
    rows: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows are not cleared for this first reason."""

    reason: ReasonCode
    rows: int


class Remedy(StrEnum):
    """What a licence demands of existing models once a yes behind it is revoked (RULES section 6)."""

    KEEP = "keep"
    RETIRE_BY = "retire_by"
    UNLEARN_BY = "unlearn_by"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The licence's term for revocation: the remedy and, unless models are kept, within how many days."""

    remedy: Remedy = Remedy.KEEP
    days: int = 0

    def __post_init__(self) -> None:
        if (self.remedy is Remedy.KEEP) != (self.days == 0) or not 0 <= self.days <= 36_500:
            raise InputError(f"{self.remedy} within {self.days} days", "keep has 0 days, the others 1 to 36500")

    def due_at(self, revoked_at: int) -> int | None:
        """Return when the remedy is due (UTC microseconds), or None where models are kept."""
        return None if self.remedy is Remedy.KEEP else revoked_at + self.days * DAY


KEEP = Aftermath()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetCleared:
    """The certificate: what was cleared, for whom and what, as of which ledger, until when.

    `manifest` binds all rows of the dataset and `cleared` the rows that passed, both with the same salts.
    `snapshot` is the id of the published snapshot that the rows were decided by, empty where they were decided by the
    ledger at hand. `law` is the digest of the law book whose profiles counted, empty before there was one.
    `results_root` is the Merkle root over all rows' results in line order. `results` (line, status, first reason) and
    `relied` (which statements each cleared row rests on) are files kept beside the ledger; they name no person. The
    counts restate them. The certificate says nothing of rows that are not cleared but that they are not.
    """

    TYPE: ClassVar = FactType(401, "dataset-cleared", ISSUERS)
    certificate: CertificateId
    title: str
    issuer: PartyId
    request: Request
    as_of: AsOf
    manifest: ManifestHead
    cleared: ManifestHead
    results_root: str
    counts: tuple[StatusCount, ...]
    reasons: tuple[ReasonCount, ...]
    results: Attached
    relied: Attached
    issued_at: int
    expires_at: int
    aftermath: Aftermath = KEEP
    snapshot: str = ""
    law: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.certificate, self.issuer, self.request.licensee, *self.request.persons)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRechecked:
    """The rows of a certificate were decided again at `at` as of a later ledger: `lost` of its cleared rows no longer
    are. `losses` is the file of their results (line, status, first reason), None when none is lost."""

    TYPE: ClassVar = FactType(402, "certificate-rechecked", ISSUERS)
    certificate: CertificateId
    as_of: AsOf
    at: int
    lost: int
    losses: Attached | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.certificate,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotPublished:
    """A snapshot of the rights tables was published: its id, `digest` (SHA-256 of its snapshot.json, hex), as of which
    ledger it was made, the moments [`at`, `until`) that it answers for (UTC microseconds), its generation, and the
    snapshot that it refreshed (empty for none)."""

    TYPE: ClassVar = FactType(403, "snapshot-published", ISSUERS)
    snapshot: str
    digest: str
    as_of: AsOf
    at: int
    until: int
    generation: int
    previous: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.snapshot,)
