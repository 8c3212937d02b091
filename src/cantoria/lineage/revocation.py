"""What a revocation touches: certificates that relied on the revoked yes, their runs, and the models made from them.

Revocation works forward (RULES section 6): no new certificate, run or model version. What happens to existing models
is the licence's term, carried by the certificate; style, voice and likeness generation stops at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.relied import Relied
from cantoria.clearance.results import Recheck
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import Verdict
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import CertificateId
from cantoria.kernel.uses import FAMILIES
from cantoria.lineage.history import Lineage
from cantoria.lineage.types import Touched, TouchedCertificate, TouchedRun, TouchedVersion

FIRST_LINES: Final = 100
_STOPS_AT_ONCE: Final = FAMILIES["persona"]


def revoked_statements(fact: object, *, recorded: Iterable[Recorded[Any]]) -> tuple[str, ...]:
    """Return the yeses that a withdrawal or a new refusal takes away, sorted; nothing for any other fact.

    A withdrawal names one. A refusal (stop, no or ask) may take away every yes that was said for the same party to one
    of the same uses, whatever its scope: this errs on the side of naming too many, and a recheck tells which rows
    really are lost.
    """
    if isinstance(fact, StatementWithdrawn):
        return (fact.statement,)
    if not isinstance(fact, StatementMade) or fact.verdict is Verdict.YES:
        return ()
    made = (item.fact for item in recorded if isinstance(item.fact, StatementMade))
    return tuple(
        sorted(
            said.statement
            for said in made
            if said.verdict is Verdict.YES and said.party == fact.party and not said.uses.isdisjoint(fact.uses)
        )
    )


def touched_by(
    statements: Iterable[str],
    *,
    at: int,
    lineage: Lineage,
    relied: Mapping[CertificateId, Relied],
    rechecks: Mapping[CertificateId, Recheck] | None = None,
) -> Touched:
    """Return everything that the end of these statements at the moment `at` (UTC microseconds) touches.

    `relied` are the files of the certificates at hand; a certificate without one is unanswered. Where a recheck of a
    certificate after the revocation is given, only the lines that it lost count, so that a yes that another statement
    still carries touches nothing.
    """
    asked = sorted(set(statements))
    certificates, unanswered = [], []
    for name, issued in lineage.certificates.items():
        if name not in relied:
            unanswered.append(name)
            continue
        lost = None
        if rechecks is not None and name in rechecks:
            lost = frozenset(result.line for result in rechecks[name].lost)
        touched = _certificate(issued.fact, asked, relied=relied[name], lost=lost)
        if touched is not None:
            certificates.append(touched)
    names = [touched.certificate for touched in certificates]
    return Touched(
        certificates=tuple(certificates),
        runs=tuple(run for name in names for run in _runs(name, at=at, lineage=lineage)),
        versions=tuple(version for name in names for version in _versions(name, at=at, lineage=lineage)),
        unanswered=tuple(unanswered),
    )


def touched_under(
    certificate: CertificateId, *, at: int, lineage: Lineage
) -> tuple[tuple[TouchedRun, ...], tuple[TouchedVersion, ...]]:
    """Return the runs under a certificate that lost rows at the moment `at`, and the versions that carry them."""
    runs, versions = _runs(certificate, at=at, lineage=lineage), _versions(certificate, at=at, lineage=lineage)
    return tuple(runs), tuple(versions)


def _certificate(
    fact: DatasetCleared, statements: list[str], *, relied: Relied, lost: frozenset[int] | None
) -> TouchedCertificate | None:
    """Return how the certificate relied on the statements, or None when it did not."""
    lines: set[int] = set()
    named = []
    for statement in statements:
        own = [line for line in relied.lines_of(statement) if lost is None or line in lost]
        if own:
            named.append(statement)
            lines.update(own)
    if not lines:
        return None
    return TouchedCertificate(
        certificate=fact.certificate,
        rows=len(lines),
        first_lines=tuple(sorted(lines)[:FIRST_LINES]),
        statements=tuple(named),
        stops_at_once=fact.request.use in _STOPS_AT_ONCE,
    )


def _runs(certificate: CertificateId, *, at: int, lineage: Lineage) -> list[TouchedRun]:
    facts = (lineage.runs[run].fact for run in lineage.runs_under(certificate))
    return [TouchedRun(fact.run, fact.version, certificate, fact.started_at >= at) for fact in facts]


def _versions(certificate: CertificateId, *, at: int, lineage: Lineage) -> list[TouchedVersion]:
    """Return the versions trained under the certificate, and those made from them, sorted."""
    direct = {lineage.runs[run].fact.version for run in lineage.runs_under(certificate)}
    inherited = {later for version in direct for later in lineage.made_from(version)}
    aftermath = lineage.certificates[certificate].fact.aftermath
    found = []
    for version in sorted(direct | inherited):
        retired = lineage.retired.get(version)
        found.append(
            TouchedVersion(
                version=version,
                model=lineage.model_of(version),
                certificate=certificate,
                remedy=aftermath.remedy,
                due_at=aftermath.due_at(at),
                inherited=version not in direct,
                done_at=retired.fact.at if retired else None,
            )
        )
    return found
