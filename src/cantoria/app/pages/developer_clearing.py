"""The job that clears a dataset: read and check the manifest, decide every row, certify, keep the results.

The certificate has the id of its job, so that a job that was cut off behind its word on the ledger goes on there.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cantoria.app import clearing, coverage, snapshot_clearing
from cantoria.app.clearing import Order
from cantoria.app.coverage import Unlocked
from cantoria.app.house import House
from cantoria.app.jobs.task import Task
from cantoria.app.pages.developer_types import ROWS_MAX, DatasetDesk, Listed, Wanted, wanted_of
from cantoria.app.rights import RIGHTS_TAGS
from cantoria.clearance import results
from cantoria.clearance.facts import DatasetCleared, ReasonCount
from cantoria.clearance.published import Opened
from cantoria.clearance.types import Status
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import CertificateId, typed_id, uuid_of

FINDINGS_SHOWN: Final = 200
MOVES: Final = 10  # yeses that a plan may ask for
LINE_BY_LINE_BYTES_MAX: Final = 8 << 20  # a larger manifest is read by the engine, which knows rows but no columns
BY_HOUSE_ROWS_MAX: Final = 200_000  # for more, a snapshot of yesterday is better than hours
RESULTS: Final = "results.parquet"


@dataclass(frozen=True, slots=True)
class _Done:
    """A dataset that was decided and certified."""

    certificate: DatasetCleared
    index: int
    reasons: tuple[ReasonCount, ...]
    unlocked: Unlocked | None


def clear(task: Task) -> Mapping[str, Any]:
    """Return what clearing the manifest of a job came to: `outcome` is `cleared`, or `checked` where rows cannot be
    taken and nobody said to go on without them."""
    desk: DatasetDesk = task.parts["datasets"]
    wanted = wanted_of(task.job.parameters)
    name = certificate_id(task.job.job)
    task.step(0, 0, "reading")
    before = issued(task.house, name)
    if before is not None:
        return {**_certificate_value(before), **_kept(task.house, desk, before), "findings": [], "findings_total": 0}
    with tempfile.TemporaryDirectory(prefix="cantoria-dataset-") as temporary:
        folder = Path(temporary)
        manifest = folder / f"manifest{wanted.form}"
        with manifest.open("wb") as file, task.open() as source:
            shutil.copyfileobj(source, file)
        opened = _snapshot(task.house, desk)
        current = opened is not None and _current(task.house, opened)
        if opened is not None and current and manifest.stat().st_size > LINE_BY_LINE_BYTES_MAX:
            return _by_snapshot(task, desk, wanted, opened, folder=folder, manifest=manifest, told=None)
        read = desk.read(manifest, namespace=wanted.namespace)
        told = findings_value(read.findings, total=len(read.findings), refused=read.counts.refused)
        if _stops(read.findings, wanted):
            return {"outcome": "checked", "rows": len(read.rows), **told}
        check_rows(len(read.rows))
        if opened is not None and (current or len(read.rows) > BY_HOUSE_ROWS_MAX):
            return _by_snapshot(task, desk, wanted, opened, folder=folder, manifest=manifest, told=told)
        order = Order(
            title=wanted.title,
            rows=read.rows,
            request=wanted.request(now=task.house.clock.now(), size=task.house.index.catch_up()),
            signals=read.signals,
            valid_days=wanted.valid_days,
            aftermath=wanted.aftermath,
            certificate=name,
        )
        done = _by_house(task, desk, order, folder=folder)
        kept = task.house.attachments.put((folder / RESULTS).read_bytes())
        return {**_value(done), **told, "results": kept}


def certificate_id(job: str) -> CertificateId:
    """Return the id of the certificate that a job makes."""
    return CertificateId(typed_id("certificate", uuid_of(job, prefix="job")))


def issued(house: House, name: str, *, size: int | None = None) -> Recorded[DatasetCleared] | None:
    """Return the certificate of this id as it is on the ledger, or None."""
    found = house.index.about([name], tags=[DatasetCleared.TYPE.tag], size=size)
    return next((said for said in found if said.fact.certificate == name), None)


def adopted(house: House, certificate: DatasetCleared) -> list[Listed]:
    """Return the results of a certificate from what the house keeps of it: first reasons alone. Raises `InputError`
    where its rows are not kept here."""
    kept = house.datasets.get(certificate.certificate)
    if kept is None:
        raise InputError(f"the rows of {certificate.certificate} are not kept here", "look at it where it was cleared")
    then = {one.line: one for one in results.decode_results(house.attachments.get(certificate.results.sha256))}
    return [
        Listed(
            line=row.line,
            codes=tuple(sorted(row.codes)),
            status=found.status.value,
            reasons=() if found.reason is None else (found.reason.name.lower(),),
            subject=kept.subjects.get(row.line, ""),
        )
        for row in sorted(kept.rows, key=lambda row: row.line)
        if (found := then.get(row.line)) is not None
    ]


def check_rows(rows: int) -> None:
    """Raise `InputError` for a manifest of no rows, or of more than the portal takes."""
    if not rows:
        raise InputError("the manifest has no rows", "give at least one")
    if rows > ROWS_MAX:
        raise InputError(f"the manifest has more than {ROWS_MAX:,} rows", "split it, or clear it by a snapshot")


def findings_value(findings: Sequence[Finding], *, total: int, refused: int, counted: str = "line") -> dict[str, Any]:
    """Return what is odd about a manifest, the worst first. `counted` tells whether places are lines of the file or
    numbers of rows."""
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    shown = sorted(findings, key=lambda one: (order[one.severity], one.line, one.column))[:FINDINGS_SHOWN]
    listed = [
        {
            "line": one.line,
            "column": one.column,
            "field": one.field,
            "value": one.value,
            "message": one.message,
            "remedy": one.remedy,
            "severity": one.severity.value,
        }
        for one in shown
    ]
    return {"findings": listed, "findings_total": total, "findings_by": counted, "refused": refused}


def _stops(findings: Sequence[Finding], wanted: Wanted) -> bool:
    return not wanted.despite and any(one.severity is Severity.ERROR for one in findings)


def _by_house(task: Task, desk: DatasetDesk, order: Order, *, folder: Path) -> _Done:
    house, rows = task.house, len(order.rows)
    task.step(0, rows, "deciding")
    done = clearing.clear(
        house, order, author=desk.issuer(house, task.author), folder=folder, writing=task.writing, suffix=".parquet"
    )
    task.step(rows, rows, "looking_for_yeses")
    scope = coverage.Scope(title=order.title, rows=order.rows)
    with coverage.by_house(house, scope, replace(order.request, size=done.certificate.as_of.size)) as ready:
        unlocked = coverage.unlock(ready, yeses=MOVES, exact=False)
    receipt = done.receipt
    return _Done(done.certificate, -1 if receipt is None else receipt.index, done.reasons, unlocked)


def _by_snapshot(
    task: Task,
    desk: DatasetDesk,
    wanted: Wanted,
    opened: Opened,
    *,
    folder: Path,
    manifest: Path,
    told: dict[str, Any] | None,
) -> Mapping[str, Any]:
    """Clear by a published snapshot; `told` is what was found in the manifest line by line, where it was read so."""
    house = task.house
    request = wanted.request(now=max(opened.head.at, house.clock.now()), size=opened.head.size)
    with house.analytics() as engine:
        loaded = desk.load(engine, manifest, form=wanted.form, namespace=wanted.namespace)
        if told is None:
            told = findings_value(loaded.findings, total=loaded.findings_total, refused=loaded.refused, counted="row")
            if _stops(loaded.findings, wanted):
                return {"outcome": "checked", **told}
        [(rows,)] = engine.fetch("SELECT count(*) FROM manifest")
        check_rows(int(rows or 0))
        desk.attach(opened, engine)
        task.step(0, int(rows or 0), "deciding")
        decided = snapshot_clearing.decide(
            engine, opened, request, folder=folder, suffix=".parquet", signals=loaded.signals
        )
        made = snapshot_clearing.certify(
            house,
            decided,
            snapshot_clearing.Order(
                title=wanted.title,
                valid_days=wanted.valid_days,
                aftermath=wanted.aftermath,
                certificate=certificate_id(task.job.job),
            ),
            author=desk.issuer(house, task.author),
            folder=folder,
            writing=task.writing,
        )
        task.step(int(rows or 0), int(rows or 0), "looking_for_yeses")
        unlocked = coverage.unlock(coverage.by_snapshot(engine, opened, request), yeses=MOVES, exact=False)
    done = _Done(made.certificate, made.receipt.index, decided.all_reasons, unlocked)
    kept = house.attachments.put((folder / RESULTS).read_bytes())
    return {**_value(done), **told, "results": kept, "revoked_since": made.revoked.rows}


def _snapshot(house: House, desk: DatasetDesk) -> Opened | None:
    opened = desk.snapshot(house)
    return opened if opened is not None and opened.head.covers(house.clock.now()) else None


def _current(house: House, opened: Opened) -> bool:
    """Tell whether nothing was said about rights since a snapshot was made."""
    size = house.index.catch_up()
    marks = [house.index.mark(tags=RIGHTS_TAGS, size=one) for one in (opened.head.size, size)]
    return opened.head.size <= size and marks[0] == marks[1]


def _kept(house: House, desk: DatasetDesk, said: Recorded[DatasetCleared]) -> dict[str, Any]:
    rows = adopted(house, said.fact)
    return {"results": house.attachments.put(desk.write(rows)), "refused": 0, "unlock": None}


def _value(done: _Done) -> dict[str, Any]:
    value = {**certificate_value(done.certificate), "outcome": "cleared", "index": done.index}
    value["reasons"] = {one.reason.name.lower(): one.rows for one in done.reasons}
    return {**value, "unlock": None if done.unlocked is None else unlock_value(done.unlocked)}


def _certificate_value(said: Recorded[DatasetCleared]) -> dict[str, Any]:
    return {**certificate_value(said.fact), "outcome": "cleared", "index": said.index}


def certificate_value(certificate: DatasetCleared) -> dict[str, Any]:
    """Return what a certificate says, as JSON."""
    counts = {one.status: one.rows for one in certificate.counts}
    return {
        "certificate": certificate.certificate,
        "as_of": {"size": certificate.as_of.size, "root": certificate.as_of.root},
        "rows": certificate.manifest.rows,
        "counts": {status.value: counts.get(status, 0) for status in Status},
        "reasons": {one.reason.name.lower(): one.rows for one in certificate.reasons},
        "issued_at": certificate.issued_at,
        "expires_at": certificate.expires_at,
        "snapshot": certificate.snapshot,
    }


def unlock_value(found: Unlocked) -> dict[str, Any]:
    """Return whose yes opens most rows, move by move."""
    voices = found.waiting.voices
    moves = [
        {"voices": [voices[number] for number in move.voices], "yeses": move.yeses, "rows": move.rows}
        for move in found.plan.moves
    ]
    blocked = {code.name.lower(): rows for code, rows in sorted(found.waiting.blocked.items())}
    return {"waiting": found.waiting.rows, "blocked": blocked, "moves": moves, "bound": found.plan.bound}
