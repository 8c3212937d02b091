"""What lineage records: models, their versions and training runs. Tags 451 to 499, never reused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.clearance.facts import AsOf, Attached
from cantoria.clearance.manifest_proof import ManifestHead
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.ids import CertificateId, ModelId, PartyId, RunId, VersionId
from cantoria.kernel.uses import Use
from cantoria.lineage.reasons import RunReason

DEVELOPERS = frozenset({Capacity.AI_DEVELOPER, Capacity.OPERATOR})


class RunOutcome(StrEnum):
    COMPLETED = "completed"
    ABORTED = "aborted"


class Retirement(StrEnum):
    """How a version ended: taken out of use, or rows unlearned from it."""

    RETIRED = "retired"
    UNLEARNED = "unlearned"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRegistered:
    """A model exists; `developer` answers for it."""

    TYPE: ClassVar = FactType(451, "model-registered", DEVELOPERS)
    model: ModelId
    developer: PartyId
    name: str

    def subjects(self) -> tuple[str, ...]:
        return (self.model, self.developer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersionRegistered:
    """A version of a model exists. `bases` are earlier versions, of any model, that it was made from (fine-tuned,
    merged, distilled): whatever they were trained on, it carries too."""

    TYPE: ClassVar = FactType(452, "model-version-registered", DEVELOPERS)
    version: VersionId
    model: ModelId
    label: str
    bases: tuple[VersionId, ...] = ()

    def subjects(self) -> tuple[str, ...]:
        return (self.version, self.model, *self.bases)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRunStarted:
    """A training run of a version began on the rows that `manifest` binds, under `certificate` (None: under none).

    The rows were compared with those of the certificate that still are cleared as of `as_of`. Rows outside are not
    refused but recorded: `unauthorised` counts them, the file `unauthorised_rows` lists (line, reason), and `flags`
    are the reasons that occur, in order of precedence (RULES section 6).
    """

    TYPE: ClassVar = FactType(453, "training-run-started", DEVELOPERS)
    run: RunId
    version: VersionId
    developer: PartyId
    use: Use
    certificate: CertificateId | None
    manifest: ManifestHead
    as_of: AsOf
    started_at: int
    unauthorised: int
    unauthorised_rows: Attached | None = None
    flags: tuple[RunReason, ...] = ()

    def subjects(self) -> tuple[str, ...]:
        return tuple(name for name in (self.run, self.version, self.developer, self.certificate) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRunEnded:
    """A training run ended; `weights_sha256` (hex) is the digest of what came out, empty when nothing did."""

    TYPE: ClassVar = FactType(454, "training-run-ended", DEVELOPERS)
    run: RunId
    ended_at: int
    outcome: RunOutcome
    weights_sha256: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.run,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersionRetired:
    """A version was retired, or what a revocation touched was unlearned from it, at `at` (UTC microseconds)."""

    TYPE: ClassVar = FactType(455, "model-version-retired", DEVELOPERS)
    version: VersionId
    at: int
    how: Retirement

    def subjects(self) -> tuple[str, ...]:
        return (self.version,)
