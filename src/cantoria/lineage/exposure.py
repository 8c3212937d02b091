""" "Was I in it?": where a person's, work's or recording's identifiers stand, with proofs (RULES section 6).

Manifests are held by those who published them. A certificate or run whose manifest is not at hand is reported as
unanswered, never as a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from cantoria.clearance.manifest import Manifest
from cantoria.clearance.manifest_proof import Presence
from cantoria.kernel.ids import RunId, VersionId
from cantoria.lineage.history import Lineage
from cantoria.lineage.types import CertificateHit, Exposure, NotThere, RunHit, VersionHit
from cantoria.registry.types import Closure
from cantoria.registry.views import ClaimView


class Catalogue(Protocol):
    """What is asked of the registry here (`registry.Registry` has it)."""

    def claims_of_party(self, party: str) -> Sequence[ClaimView]: ...

    def subjects(self) -> Iterator[str]: ...

    def closure(self, subject: str) -> Closure: ...

    def codes_of(self, entity: str) -> Sequence[str]: ...


def search_keys(subjects: Iterable[str], *, registry: Catalogue) -> tuple[str, ...]:
    """Return the ids and code keys to look for when somebody asks about these parties, works or recordings.

    A party stands for what it claims. A work or recording stands for everything that carries it: recordings of the
    work, medleys, arrangements, recordings that sample it. `registry` must hold the whole catalogue. Sorted.
    """
    targets: set[str] = set()
    for subject in subjects:
        targets.add(subject)
        targets.update(claim.fact.subject for claim in registry.claims_of_party(subject))
    carriers = set(targets)
    for candidate in registry.subjects():
        closure = registry.closure(candidate)
        if not targets.isdisjoint(closure.works) or not targets.isdisjoint(closure.recordings):
            carriers.add(candidate)
    codes = {code for carrier in carriers for code in registry.codes_of(carrier)}
    return tuple(sorted(carriers | codes))


def was_it_in(codes: Sequence[str], *, lineage: Lineage, manifests: Mapping[str, Manifest]) -> Exposure:
    """Return which certificates, runs and model versions hold any of `codes` (code keys or ids).

    `manifests` are those at hand, by root (hex) of their head. Each hit carries proofs of presence, each manifest
    without a hit one proof of absence per code.
    """
    asked = tuple(sorted(set(codes)))
    certificates, runs, absent, unanswered = [], [], [], []
    for name, issued in lineage.certificates.items():
        manifest = manifests.get(issued.fact.manifest.root)
        found = _find(asked, manifest)
        if manifest is None:
            unanswered.append(str(name))
        elif found:
            cleared = manifests.get(issued.fact.cleared.root)
            passed = None if cleared is None else any(proof.code in cleared for proof in found)
            certificates.append(CertificateHit(name, passed, found))
        else:
            absent.append(NotThere(name, tuple(manifest.prove_absence(code) for code in asked)))
    for run, started in lineage.runs.items():
        manifest = manifests.get(started.fact.manifest.root)
        found = _find(asked, manifest)
        if manifest is None:
            unanswered.append(str(run))
        elif found:
            runs.append(RunHit(run, started.fact.version, started.fact.certificate, found))
        else:
            absent.append(NotThere(run, tuple(manifest.prove_absence(code) for code in asked)))
    return Exposure(
        codes=asked,
        certificates=tuple(certificates),
        runs=tuple(runs),
        versions=exposed_versions([hit.run for hit in runs], lineage=lineage),
        absent=tuple(absent),
        unanswered=tuple(unanswered),
    )


def exposed_versions(runs: Iterable[RunId], *, lineage: Lineage) -> tuple[VersionHit, ...]:
    """Return the versions that carry what these runs were trained on, themselves or through their bases, sorted."""
    trained: dict[VersionId, list[RunId]] = {}
    for run in runs:
        trained.setdefault(lineage.runs[run].fact.version, []).append(run)
    inherited: dict[VersionId, set[VersionId]] = {}
    for version in trained:
        for later in lineage.made_from(version):
            inherited.setdefault(later, set()).add(version)
    return tuple(
        VersionHit(
            version,
            lineage.model_of(version),
            tuple(trained.get(version, ())),
            tuple(sorted(inherited.get(version, ()))),
        )
        for version in sorted(trained.keys() | inherited.keys())
    )


def _find(codes: Sequence[str], manifest: Manifest | None) -> tuple[Presence, ...]:
    if manifest is None:
        return ()
    return tuple(manifest.prove_inclusion(code) for code in codes if code in manifest)
