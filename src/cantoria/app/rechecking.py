"""Recheck an old certificate: which rows are lost, by which facts, and which runs and model versions carry them.

The rows are decided again by the rights of the house as they are now, or by a published snapshot. What was said since
the certificate is read fact by fact: a fact is named as the cause of a loss where it reaches the lost row. A row that
no fact reaches was lost to time: a statement ended, somebody died, a law changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from cantoria.app import as_of, lineage_views
from cantoria.app.clearing import recheck_certificate
from cantoria.app.datasets import KeptDataset
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.app.revocations import Revocation, revocations
from cantoria.app.snapshot_clearing import check_ours
from cantoria.clearance import results
from cantoria.clearance.analytics import Analytics
from cantoria.clearance.certificate import Validity, attach, validity
from cantoria.clearance.dataset import clear_attached, register_rows
from cantoria.clearance.facts import CertificateRechecked, DatasetCleared
from cantoria.clearance.persons import persons_of
from cantoria.clearance.published import Head, Opened
from cantoria.clearance.relied import Relied, decode_relied
from cantoria.clearance.results import Recheck
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import CertificateId
from cantoria.lineage.revocation import touched_under
from cantoria.lineage.types import TouchedRun, TouchedVersion


class AttachedSnapshot(Protocol):
    """A snapshot whose tables an engine can be given (`adapters.snapshots`)."""

    def attach(self, head: Head, analytics: Analytics) -> None:
        """Name every table of the snapshot in an engine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """What became of a certificate between the ledger size that it was issued as of and `size`, at the moment `at`.

    `causes` has for each lost line the ledger indices of the facts that reach it, none where time alone took it;
    `facts` those facts. `runs` and `versions` carry rows of the certificate; they are listed where rows were lost.
    """

    certificate: DatasetCleared
    size: int
    at: int
    validity: Validity
    changes: Recheck
    causes: Mapping[int, tuple[int, ...]]
    facts: tuple[Revocation, ...]
    runs: tuple[TouchedRun, ...]
    versions: tuple[TouchedVersion, ...]


def recheck(house: House, certificate: str, *, by: tuple[AttachedSnapshot, Opened] | None = None) -> Rechecked:
    """Decide the rows of a certificate again, as of now or `by` a snapshot, and tell what was lost to what."""
    size, at = house.index.catch_up(), house.clock.now()
    history = lineage_views.load(house, size=size)
    issued = history.certificate(CertificateId(certificate))
    if by is None:
        found = recheck_certificate(house, issued)
    else:
        found, size = _by_snapshot(house, issued, by[0], by[1], at), by[1].head.size
    news = list(revocations(house.index, start=issued.as_of.size, size=size)) if found.lost else []
    causes = _causes(house, issued, found, news)
    named = {index for indices in causes.values() for index in indices}
    runs, versions = touched_under(issued.certificate, at=at, lineage=history) if found.lost else ((), ())
    return Rechecked(
        certificate=issued,
        size=size,
        at=at,
        validity=validity(issued, at=at),
        changes=found,
        causes=causes,
        facts=tuple(one for one in news if one.index in named),
        runs=runs,
        versions=versions,
    )


def record(house: House, found: Rechecked, *, author: Author) -> Receipt:
    """Record that a certificate was rechecked as of the present ledger, with the file of its losses."""
    size = house.index.catch_up()
    lost = found.changes.lost
    data = results.encode_results(lost)
    if lost:
        house.attachments.put(data)
    fact = CertificateRechecked(
        certificate=found.certificate.certificate,
        as_of=as_of.present(house, size) if found.size == size else as_of.earlier(house, found.size),
        at=found.at,
        lost=len(lost),
        losses=attach(data, records=len(lost)) if lost else None,
    )
    return house.journal.record([fact], author=author)[0]


def _by_snapshot(house: House, issued: DatasetCleared, store: AttachedSnapshot, opened: Opened, at: int) -> Recheck:
    check_ours(house, opened)
    head = opened.head
    if head.size < issued.as_of.size:
        raise InputError(
            f"the snapshot is of size {head.size}, the certificate of {issued.as_of.size}", "give a newer snapshot"
        )
    kept = _kept(house, issued)
    request = replace(issued.request, size=head.size, at=at)
    with house.analytics() as engine:
        register_rows(kept.rows, analytics=engine)
        store.attach(head, engine)
        persons = persons_of(engine, request=request)
        decided = clear_attached(engine, request=request, persons=persons, at=head.at, until=head.until)
        now = list(decided.results())
    return results.recheck(results.decode_results(house.attachments.get(issued.results.sha256)), now)


def _kept(house: House, issued: DatasetCleared) -> KeptDataset:
    kept = house.datasets.get(issued.certificate)
    if kept is None:
        raise InputError(
            f"the rows of {issued.certificate} are not kept here", "recheck it in the house that cleared them"
        )
    return kept


def _causes(house: House, issued: DatasetCleared, found: Recheck, news: list[Revocation]) -> dict[int, tuple[int, ...]]:
    """Return for each lost line which of the facts reach it."""
    if not found.lost:
        return {}
    kept = _kept(house, issued)
    lost = {result.line for result in found.lost}
    rows = {row.line: row for row in kept.rows if row.line in lost}
    relied = decode_relied(house.attachments.get(issued.relied.sha256))
    spoken = _statements(relied, lost)
    names = {line: {*row.codes, kept.subjects.get(line, "")} for line, row in rows.items()}
    return {
        line: tuple(one.index for one in news if _reaches(one, names[line], spoken.get(line, set())))
        for line in sorted(lost)
    }


def _reaches(one: Revocation, names: set[str], statements: set[str]) -> bool:
    """Tell whether a fact may be why a row with these codes, of this subject, resting on these statements, is lost."""
    reached = not one.reach.whole or not names.isdisjoint((*one.reach.codes, *one.reach.things))
    return reached or one.statement in statements


def _statements(relied: Relied, lines: set[int]) -> dict[int, set[str]]:
    """Return the statements that each of these lines rests on."""
    found: dict[int, set[str]] = {}
    for statement in relied.ranges:
        for line in relied.lines_of(statement):
            if line in lines:
                found.setdefault(line, set()).add(statement)
    return found
