"""Nouns of lineage: unauthorised rows, where an identifier was found, and what a revocation touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cantoria.clearance.facts import AsOf, Remedy
from cantoria.clearance.manifest_proof import KeyProof, Presence
from cantoria.clearance.results import RowResult
from cantoria.clearance.types import Row
from cantoria.kernel.ids import CertificateId, ModelId, PartyId, RunId, VersionId
from cantoria.kernel.uses import Use
from cantoria.lineage.reasons import RunReason


@dataclass(frozen=True, slots=True, order=True)
class UnauthorisedRow:
    """A line of a run's manifest that no certificate in force covers, and why."""

    line: int
    reason: RunReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A training run about to start. `version_label` is the label under which the version may have been cleared;
    `as_of` is the ledger as of which its certificate was rechecked; `started_at` in UTC microseconds."""

    run: RunId
    version: VersionId
    developer: PartyId
    use: Use
    as_of: AsOf
    started_at: int
    version_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """The rows of a certificate with their results, and the `lost` lines that a recheck at the run's start no longer
    clears (empty when all still are)."""

    rows: Sequence[Row]
    results: Sequence[RowResult]
    lost: Iterable[int]


@dataclass(frozen=True, slots=True)
class NoEffect:
    """A recorded fact of lineage without effect, and why; it is kept and shown."""

    index: int
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class CertificateHit:
    """A certificate whose dataset holds an identifier; `cleared` tells whether in a row that was cleared, None when
    the cleared rows were not at hand."""

    certificate: CertificateId
    cleared: bool | None
    proofs: tuple[Presence, ...]


@dataclass(frozen=True, slots=True)
class RunHit:
    """A training run on rows that hold an identifier."""

    run: RunId
    version: VersionId
    certificate: CertificateId | None
    proofs: tuple[Presence, ...]


@dataclass(frozen=True, slots=True)
class VersionHit:
    """A model version that carries what these runs were trained on; `inherited_from` are the base versions it has
    that from, empty when it was trained on the rows itself."""

    version: VersionId
    model: ModelId | None
    runs: tuple[RunId, ...]
    inherited_from: tuple[VersionId, ...]


@dataclass(frozen=True, slots=True)
class NotThere:
    """A certificate or run whose manifest holds none of the identifiers, with a proof of absence for each."""

    subject: str
    proofs: tuple[KeyProof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """The answer to "was I in it?". `unanswered` are certificates and runs whose manifests were not at hand: of
    these nothing is known, which is not a no. Everything speaks of identifiers, not of the sound."""

    codes: tuple[str, ...]
    certificates: tuple[CertificateHit, ...]
    runs: tuple[RunHit, ...]
    versions: tuple[VersionHit, ...]
    absent: tuple[NotThere, ...]
    unanswered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedCertificate:
    """A certificate that relied on revoked statements: how many of its rows, the first of these lines, and which
    statements. `stops_at_once` marks style, voice and likeness: generation ends with the revocation."""

    certificate: CertificateId
    rows: int
    first_lines: tuple[int, ...]
    statements: tuple[str, ...]
    stops_at_once: bool


@dataclass(frozen=True, slots=True)
class TouchedRun:
    """A run under a touched certificate; `after` tells that it began when the yes was already gone."""

    run: RunId
    version: VersionId
    certificate: CertificateId
    after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedVersion:
    """A model version that carries touched rows, with what the licence demands and by when (UTC microseconds, None
    where models are kept). `inherited` tells that it has them from a base; `done_at` when it was retired."""

    version: VersionId
    model: ModelId | None
    certificate: CertificateId
    remedy: Remedy
    due_at: int | None
    inherited: bool
    done_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Everything that a revocation touches. `unanswered` are certificates whose relied statements were not at hand."""

    certificates: tuple[TouchedCertificate, ...]
    runs: tuple[TouchedRun, ...]
    versions: tuple[TouchedVersion, ...]
    unanswered: tuple[CertificateId, ...]
