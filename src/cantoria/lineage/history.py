"""The lineage view: certificates, models, versions and runs, folded from the ledger's facts.

A fact recorded by somebody who has no say (a run of another's model, say) is kept without effect and says why. What
would only hide exposure never takes effect away: a run of an unregistered version counts, an unknown base is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cantoria.clearance.facts import CertificateRechecked, DatasetCleared
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import CertificateId, ModelId, RunId, VersionId
from cantoria.lineage.facts import (
    ModelRegistered,
    ModelVersionRegistered,
    ModelVersionRetired,
    TrainingRunEnded,
    TrainingRunStarted,
)
from cantoria.lineage.types import NoEffect


@dataclass(slots=True, kw_only=True)
class Lineage:
    """What was certified, registered and trained, as of a ledger size. Made by `fold`; do not change it.

    Each mapping is in the order of the ledger. `rechecks` and `retired` keep the latest of each.
    """

    certificates: dict[CertificateId, Recorded[DatasetCleared]] = field(default_factory=dict)
    rechecks: dict[CertificateId, Recorded[CertificateRechecked]] = field(default_factory=dict)
    models: dict[ModelId, Recorded[ModelRegistered]] = field(default_factory=dict)
    versions: dict[VersionId, Recorded[ModelVersionRegistered]] = field(default_factory=dict)
    runs: dict[RunId, Recorded[TrainingRunStarted]] = field(default_factory=dict)
    ended: dict[RunId, Recorded[TrainingRunEnded]] = field(default_factory=dict)
    retired: dict[VersionId, Recorded[ModelVersionRetired]] = field(default_factory=dict)
    without_effect: list[NoEffect] = field(default_factory=list)

    @classmethod
    def fold(cls, facts: Iterable[Recorded[Any]], *, size: int | None = None) -> Lineage:
        """Return the view of the facts (in ledger order) with index below `size`; other rooms' facts are ignored."""
        lineage = cls()
        for recorded in facts:
            if size is None or recorded.index < size:
                lineage._take(recorded)
        return lineage

    def runs_of(self, version: VersionId) -> tuple[RunId, ...]:
        """Return the runs that trained this very version, in ledger order."""
        return tuple(run for run, recorded in self.runs.items() if recorded.fact.version == version)

    def runs_under(self, certificate: CertificateId) -> tuple[RunId, ...]:
        """Return the runs that name this certificate, in ledger order."""
        return tuple(run for run, recorded in self.runs.items() if recorded.fact.certificate == certificate)

    def bases_of(self, version: VersionId) -> tuple[VersionId, ...]:
        """Return all versions that this one was made from, over any number of steps, sorted, registered or not."""
        return self._reach(version, {name: recorded.fact.bases for name, recorded in self.versions.items()})

    def made_from(self, version: VersionId) -> tuple[VersionId, ...]:
        """Return all versions that were made from this one, over any number of steps, sorted."""
        above: dict[VersionId, tuple[VersionId, ...]] = {}
        for name, recorded in self.versions.items():
            for base in recorded.fact.bases:
                above[base] = (*above.get(base, ()), name)
        return self._reach(version, above)

    def model_of(self, version: VersionId) -> ModelId | None:
        """Return the model of a version, None where the version is not registered."""
        recorded = self.versions.get(version)
        return recorded.fact.model if recorded else None

    def certificate(self, certificate: CertificateId) -> DatasetCleared:
        """Return the certificate, or raise `InputError` where it is not recorded."""
        recorded = self.certificates.get(certificate)
        if recorded is None:
            raise InputError(f"no certificate {certificate} is recorded", "check the id and the ledger size")
        return recorded.fact

    @staticmethod
    def _reach(start: VersionId, steps: dict[VersionId, tuple[VersionId, ...]]) -> tuple[VersionId, ...]:
        seen: set[VersionId] = set()
        waiting = list(steps.get(start, ()))
        while waiting:
            version = waiting.pop()
            if version not in seen and version != start:
                seen.add(version)
                waiting.extend(steps.get(version, ()))
        return tuple(sorted(seen))

    def _take(self, recorded: Recorded[Any]) -> None:
        match recorded.fact:
            case DatasetCleared(certificate=name, issuer=issuer):
                self._admit(recorded, name, into=self.certificates, says=issuer)
            case CertificateRechecked(certificate=name):
                self.rechecks[name] = recorded
            case ModelRegistered(model=model, developer=developer):
                self._admit(recorded, model, into=self.models, says=developer)
            case ModelVersionRegistered(version=version, model=model):
                self._admit(recorded, version, into=self.versions, says=self._developer(model))
            case TrainingRunStarted(run=run, version=version, developer=developer):
                says = self._developer(self.model_of(version)) or developer
                self._admit(recorded, run, into=self.runs, says=developer if says == developer else "")
            case TrainingRunEnded(run=run):
                started = self.runs.get(run)
                self._admit(recorded, run, into=self.ended, says=started.fact.developer if started else "")
            case ModelVersionRetired(version=version):
                says = self._developer(self.model_of(version)) or ""
                if self._may(recorded, version, says=says):
                    self.retired[version] = recorded
            case _:
                pass

    def _developer(self, model: ModelId | None) -> str | None:
        recorded = self.models.get(model) if model else None
        return recorded.fact.developer if recorded else None

    def _admit(self, recorded: Recorded[Any], name: Any, *, into: dict[Any, Any], says: str | None) -> None:
        """Take a fact under its id unless the id is taken or another than `says` recorded it (None: anyone may)."""
        if name in into:
            self.without_effect.append(NoEffect(recorded.index, name, "the id is taken by an earlier fact"))
        elif self._may(recorded, name, says=says):
            into[name] = recorded

    def _may(self, recorded: Recorded[Any], name: str, *, says: str | None) -> bool:
        if says is None or recorded.organisation == says:
            return True
        reason = f"recorded by {recorded.organisation}, who has no say in it"
        self.without_effect.append(NoEffect(recorded.index, name, reason))
        return False
