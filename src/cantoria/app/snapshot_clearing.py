"""Clear datasets of millions of rows by a published snapshot: in the engine from the first row to the last file.

Without a house there are results and the list of cleared rows. In a house a certificate is recorded; it names the
snapshot that it was decided by, whatever the ledger has heard since. What was revoked since is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cantoria.app import as_of, since
from cantoria.app.clearing import FORMATS
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.app.since import Revoked
from cantoria.clearance import certificate as certificates
from cantoria.clearance import kept_plan, root_plan
from cantoria.clearance.analytics import Analytics, Format
from cantoria.clearance.certificate import attach
from cantoria.clearance.dataset import ClearanceResult, clear_attached
from cantoria.clearance.facts import KEEP, Aftermath, Attached, DatasetCleared, ReasonCount, StatusCount
from cantoria.clearance.persons import persons_of
from cantoria.clearance.published import Opened
from cantoria.clearance.relied import Relied
from cantoria.clearance.types import Request, Status
from cantoria.consent import law_book
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import CertificateId
from cantoria.kernel.periods import DAY

CLEARED_FILE: Final = "cleared.csv"
NO_SIGNALS: Final[Mapping[int, str]] = {}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A dataset that was decided by a snapshot, still in the engine: what it came to, and the files written."""

    opened: Opened
    result: ClearanceResult
    counts: tuple[StatusCount, ...]
    reasons: tuple[ReasonCount, ...]
    all_reasons: tuple[ReasonCount, ...]
    files: tuple[Path, ...]

    @property
    def rows_cleared(self) -> int:
        """How many rows were cleared."""
        return sum(one.rows for one in self.counts if one.status is Status.CLEARED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How to certify what was decided. `certificate` is the id of the certificate to be, a fresh one when empty."""

    title: str
    valid_days: int = certificates.VALID_DAYS
    aftermath: Aftermath = KEEP
    certificate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedBySnapshot:
    """A recorded certificate, its file, and what was revoked between the snapshot and now."""

    certificate: DatasetCleared
    receipt: Receipt
    file: Path
    revoked: Revoked


def decide(
    engine: Analytics,
    opened: Opened,
    request: Request,
    *,
    folder: Path,
    suffix: str,
    signals: Mapping[int, str] = NO_SIGNALS,
    say: Say = lambda _: None,
) -> Decided:
    """Answer `request` for every row of the manifest that the engine holds, by the snapshot attached to it, and write
    to `folder` the results and the list of cleared rows. `signals` has by line what is stated beside a row, to be shown
    with its answer. `say` is told what is being done."""
    if suffix not in FORMATS:
        raise InputError(f"{suffix} is no form of results", "one of " + ", ".join(FORMATS))
    head = opened.head
    if request.size != head.size:
        raise InputError(f"asked as of {request.size}, the snapshot is of {head.size}", "ask as of the snapshot")
    say("Deciding every row")
    persons = persons_of(engine, request=request)
    result = clear_attached(engine, request=request, persons=persons, at=head.at, until=head.until, evidence=True)
    if not result.rows:
        raise InputError("the manifest has no rows", "give at least one")
    say("Writing the results")
    folder.mkdir(parents=True, exist_ok=True)
    results, cleared = folder / f"results{suffix}", folder / CLEARED_FILE
    result.export(str(results), file_format=FORMATS[suffix], signals=signals)
    engine.export(kept_plan.cleared_query(engine.dialect), path=str(cleared), file_format=Format.CSV)
    return Decided(
        opened=opened,
        result=result,
        counts=_all_counts(result),
        reasons=result.reasons(),
        all_reasons=result.all_reasons(),
        files=(results, cleared),
    )


def _all_counts(result: ClearanceResult) -> tuple[StatusCount, ...]:
    counted = {one.status: one.rows for one in result.counts()}
    return tuple(StatusCount(status, counted.get(status, 0)) for status in Status)


def certify(
    house: House,
    decided: Decided,
    order: Order,
    *,
    author: Author,
    folder: Path,
    say: Say = lambda _: None,
    writing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> CertifiedBySnapshot:
    """Record, within `writing`, the certificate of a dataset that was decided by a snapshot of this house's ledger, and
    write its file."""
    check_ours(house, decided.opened)
    engine, secret = decided.result.analytics, house.entropy.token(32)
    name = CertificateId(order.certificate or house.ids.new("certificate"))
    say("Working out the roots of the certificate")
    root_plan.bind(engine, secret=secret)
    try:
        roots = root_plan.roots(engine, secret=secret)
        results = _keep(house, lambda: root_plan.results_file(engine), records=decided.result.rows)
        house.datasets.keep_parts(name, kept_plan.kept_parts(engine, secret=secret))
    finally:
        root_plan.forget(engine)
    say("Listing the statements relied on")
    relied = kept_plan.relied_of(engine, persons=decided.result.persons)
    fact = _fact(house, decided, order, author=author, name=name, roots=roots, results=results, relied=relied)
    house.attachments.put(relied.encode())
    revoked = since.revoked(house, relied, size=decided.opened.head.size)
    with writing():
        receipt = house.journal.record([fact], author=author)[0]
    proof = folder / "certificate.json"
    house.write_file(proof, house.sequencer.bundle(receipt.index))
    return CertifiedBySnapshot(certificate=fact, receipt=receipt, file=proof, revoked=revoked)


def check_ours(house: House, opened: Opened) -> None:
    """Raise unless a snapshot was made from this very ledger: same origin, and the same root at its size."""
    head = opened.head
    if head.origin != house.sequencer.origin:
        raise InputError(f"the snapshot is of {head.origin}, this house's ledger is {house.sequencer.origin}")
    size = house.index.catch_up()
    if head.size > size:
        raise InputError(
            f"the snapshot is of size {head.size}, the ledger here has {size} entries", "bring the ledger up to date"
        )
    if as_of.earlier(house, head.size).root != head.root:
        raise IntegrityError(
            f"the ledger here and the snapshot have different roots of size {head.size}",
            "keep both as evidence and tell the ledger's members",
        )


def _fact(
    house: House,
    decided: Decided,
    order: Order,
    *,
    author: Author,
    name: CertificateId,
    roots: root_plan.Roots,
    results: Attached,
    relied: Relied,
) -> DatasetCleared:
    head = decided.opened.head
    terms = certificates.Terms(
        certificate=name,
        title=order.title,
        issuer=author.party,
        request=decided.result.request,
        as_of=as_of.earlier(house, head.size),
        issued_at=house.clock.now(),
        valid_days=order.valid_days,
        aftermath=order.aftermath,
        snapshot=decided.opened.id,
        law=law_book().digest,
    )
    return DatasetCleared(
        certificate=terms.certificate,
        title=terms.title,
        issuer=terms.issuer,
        request=terms.request,
        as_of=terms.as_of,
        manifest=roots.manifest,
        cleared=roots.cleared,
        results_root=roots.results_root,
        counts=decided.counts,
        reasons=decided.reasons,
        results=results,
        relied=attach(relied.encode(), records=len(relied.ranges)),
        issued_at=terms.issued_at,
        expires_at=terms.issued_at + terms.valid_days * DAY,
        aftermath=terms.aftermath,
        snapshot=terms.snapshot,
        law=terms.law,
    )


def _keep(house: House, parts: Callable[[], Iterator[bytes]], *, records: int) -> Attached:
    """Keep a file of any length beside the ledger: read twice, never held."""
    digest, length = sha256(), 0
    for part in parts():
        digest.update(part)
        length += len(part)
    house.attachments.receive(digest.hexdigest(), parts())
    return Attached(digest.hexdigest(), length, records)
