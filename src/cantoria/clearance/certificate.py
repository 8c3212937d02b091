"""Certificates: issue one from the answers for a dataset, check its time, and recompute it (RULES section 6).

The certificate is the body of a `DatasetCleared` fact. Its signatures are the ledger's: the file that is handed out
is a `cantoria-proof/v1` bundle of that fact, verified offline (`ledger.bundle`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from cantoria.clearance import manifest as manifests
from cantoria.clearance.facts import KEEP, Aftermath, AsOf, Attached, DatasetCleared
from cantoria.clearance.manifest import Manifest
from cantoria.clearance.relied import Relied, collect
from cantoria.clearance.results import (
    RowResult,
    count_reasons,
    count_statuses,
    encode_results,
    root_of_results,
)
from cantoria.clearance.types import Request, Row, Status
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import CertificateId, PartyId
from cantoria.kernel.periods import DAY

VALID_DAYS: Final = 90
VALID_DAYS_MAX: Final = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a certificate says beside its results. `as_of.size` is the request's; times are UTC microseconds."""

    certificate: CertificateId
    title: str
    issuer: PartyId
    request: Request
    as_of: AsOf
    issued_at: int
    valid_days: int = VALID_DAYS
    aftermath: Aftermath = KEEP
    snapshot: str = ""
    law: str = ""

    def __post_init__(self) -> None:
        if self.as_of.size != self.request.size:
            raise InputError(f"decided as of {self.request.size}, certified as of {self.as_of.size}")
        if not 1 <= self.valid_days <= VALID_DAYS_MAX:
            raise InputError(f"valid for {self.valid_days} days", f"choose 1 to {VALID_DAYS_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The rows that were decided, by ascending line, with the result of each. `because` gives the statements that
    each cleared line rests on, `subjects` by line what a row was resolved to. `secret` salts the manifest."""

    rows: Sequence[Row]
    results: Sequence[RowResult]
    because: Iterable[tuple[int, Iterable[str]]]
    secret: bytes
    subjects: Mapping[int, str] = field(default_factory=dict)

    def cleared_rows(self) -> list[Row]:
        """Return the rows that passed."""
        pairs = zip(self.rows, self.results, strict=True)
        return [row for row, result in pairs if result.status is Status.CLEARED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A new certificate with what it binds: both manifests, and the two files to keep beside the ledger."""

    fact: DatasetCleared
    manifest: Manifest
    cleared: Manifest
    relied: Relied
    results_file: bytes
    relied_file: bytes


class Validity(StrEnum):
    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    EXPIRED = "expired"


def issue(dataset: Dataset, *, terms: Terms) -> Issued:
    """Return the certificate for a decided dataset. Rows, results and lines must match; else `InputError`."""
    if [row.line for row in dataset.rows] != [result.line for result in dataset.results]:
        raise InputError("rows and results are not of the same lines", "decide every row once, in line order")
    manifest = manifests.build(dataset.rows, secret=dataset.secret, subjects=dataset.subjects)
    cleared = manifests.build(dataset.cleared_rows(), secret=dataset.secret, subjects=dataset.subjects)
    relied = collect(dataset.because)
    _check_relied(relied, dataset.results)
    results_file, relied_file = encode_results(dataset.results), relied.encode()
    fact = DatasetCleared(
        certificate=terms.certificate,
        title=terms.title,
        issuer=terms.issuer,
        request=terms.request,
        as_of=terms.as_of,
        manifest=manifest.head,
        cleared=cleared.head,
        results_root=root_of_results(dataset.results, row_digests=manifest.row_digests).hex(),
        counts=count_statuses(dataset.results),
        reasons=count_reasons(dataset.results),
        results=attach(results_file, records=len(dataset.results)),
        relied=attach(relied_file, records=len(relied.ranges)),
        issued_at=terms.issued_at,
        expires_at=terms.issued_at + terms.valid_days * DAY,
        aftermath=terms.aftermath,
        snapshot=terms.snapshot,
        law=terms.law,
    )
    return Issued(
        fact=fact,
        manifest=manifest,
        cleared=cleared,
        relied=relied,
        results_file=results_file,
        relied_file=relied_file,
    )


def attach(data: bytes, *, records: int) -> Attached:
    """Return what a fact says of a file that is kept beside the ledger."""
    return Attached(sha256(data).hexdigest(), len(data), records)


def validity(certificate: DatasetCleared, *, at: int) -> Validity:
    """Tell whether the certificate is in force at the moment `at` (UTC microseconds)."""
    if at < certificate.issued_at:
        return Validity.NOT_YET
    return Validity.IN_FORCE if at < certificate.expires_at else Validity.EXPIRED


def recompute(certificate: DatasetCleared, dataset: Dataset) -> Issued:
    """Return the certificate's files and manifests, computed again from its dataset.

    Raises `IntegrityError` when they do not lead to the certificate: the dataset, a result, the secret or a
    statement relied on is not the one certified.
    """
    days, rest = divmod(certificate.expires_at - certificate.issued_at, DAY)
    if rest:
        raise IntegrityError("the certificate is not valid for whole days", "do not rely on it")
    terms = Terms(
        certificate=certificate.certificate,
        title=certificate.title,
        issuer=certificate.issuer,
        request=certificate.request,
        as_of=certificate.as_of,
        issued_at=certificate.issued_at,
        valid_days=days,
        aftermath=certificate.aftermath,
        snapshot=certificate.snapshot,
        law=certificate.law,
    )
    issued = issue(dataset, terms=terms)
    if issued.fact != certificate:
        raise IntegrityError(
            "the dataset does not lead to its certificate", "compare rows, results, secret and statements"
        )
    return issued


def _check_relied(relied: Relied, results: Sequence[RowResult]) -> None:
    """Refuse a statement relied on by a line that is not cleared."""
    cleared = {result.line for result in results if result.status is Status.CLEARED}
    for statement in relied.ranges:
        for line in relied.lines_of(statement):
            if line not in cleared:
                raise InputError(f"line {line} is not cleared but relies on {statement}")
