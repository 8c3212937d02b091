"""Start a training run: compare its rows with its certificate and record what is outside (RULES section 6).

A row of the run is authorised when the certificate holds a cleared row of the same media with exactly the same codes
and that row still is cleared. Nothing is refused: a run happens in the developer's house, and a gate that refuses
would only keep it out of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cantoria.clearance import certificate as certificates
from cantoria.clearance import manifest as manifests
from cantoria.clearance.certificate import Validity
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.manifest import NO_SUBJECTS, Manifest
from cantoria.clearance.types import Row, Status
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError
from cantoria.lineage.facts import TrainingRunStarted
from cantoria.lineage.reasons import RunReason
from cantoria.lineage.types import Certified, RunRequest, UnauthorisedRow

LINE_BYTES_MAX: Final = 100
RowKey = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedRun:
    """The fact to record, the run's manifest, its unauthorised rows, and their file (None when there are none)."""

    fact: TrainingRunStarted
    manifest: Manifest
    unauthorised: tuple[UnauthorisedRow, ...]
    unauthorised_file: bytes | None


def start_run(
    request: RunRequest,
    *,
    rows: Iterable[Row],
    secret: bytes,
    certificate: DatasetCleared | None = None,
    certified: Certified | None = None,
    subjects: Mapping[int, str] = NO_SUBJECTS,
) -> StartedRun:
    """Return what to record of a run over `rows` (ascending lines); `secret` salts its manifest.

    A certificate without its `certified` rows is an `InputError`: its rows cannot be compared.
    """
    listed = list(rows)
    outside = find_unauthorised(listed, request=request, certificate=certificate, certified=certified)
    manifest = manifests.build(listed, secret=secret, subjects=subjects)
    data = encode_unauthorised(outside) if outside else None
    fact = TrainingRunStarted(
        run=request.run,
        version=request.version,
        developer=request.developer,
        use=request.use,
        certificate=certificate.certificate if certificate else None,
        manifest=manifest.head,
        as_of=request.as_of,
        started_at=request.started_at,
        unauthorised=len(outside),
        unauthorised_rows=certificates.attach(data, records=len(outside)) if data else None,
        flags=tuple(sorted({row.reason for row in outside})),
    )
    return StartedRun(fact=fact, manifest=manifest, unauthorised=outside, unauthorised_file=data)


def find_unauthorised(
    rows: Iterable[Row],
    *,
    request: RunRequest,
    certificate: DatasetCleared | None,
    certified: Certified | None,
) -> tuple[UnauthorisedRow, ...]:
    """Return the rows that are outside, by line; a fault of the certificate puts all of them there."""
    fault = certificate_fault(certificate, request=request)
    if fault is not None:
        return tuple(UnauthorisedRow(row.line, fault) for row in rows)
    if certified is None:
        raise InputError("the rows of the certificate are missing", "give them with their results")
    known = _standing(certified)
    outside = []
    for row in rows:
        reason = known.get(_key(row), RunReason.NOT_IN_CERTIFICATE)
        if reason is not None:
            outside.append(UnauthorisedRow(row.line, reason))
    return tuple(outside)


def certificate_fault(certificate: DatasetCleared | None, *, request: RunRequest) -> RunReason | None:
    """Return why the certificate as a whole does not cover the run, the first reason that applies, or None."""
    if certificate is None:
        return RunReason.NO_CERTIFICATE
    match certificates.validity(certificate, at=request.started_at):
        case Validity.NOT_YET:
            return RunReason.CERTIFICATE_NOT_YET
        case Validity.EXPIRED:
            return RunReason.CERTIFICATE_EXPIRED
        case Validity.IN_FORCE:
            pass
    if certificate.request.licensee != request.developer:
        return RunReason.OTHER_LICENSEE
    if certificate.request.use is not request.use:
        return RunReason.OTHER_USE
    if certificate.request.model_version not in (None, request.version, request.version_label):
        return RunReason.OTHER_VERSION
    return None


def encode_unauthorised(rows: Iterable[UnauthorisedRow]) -> bytes:
    """Return the file of unauthorised rows: JSON lines `[line,reason]`, by line."""
    return b"".join([f"[{row.line},{int(row.reason)}]\n".encode() for row in sorted(rows)])


def decode_unauthorised(data: bytes) -> tuple[UnauthorisedRow, ...]:
    """Return the rows in a file of `encode_unauthorised`, or raise `InputError`."""
    rows = []
    for number, line in enumerate(data.removesuffix(b"\n").split(b"\n") if data else [], 1):
        value: Any = canonical.decode(line, size_max=LINE_BYTES_MAX)
        if type(value) is not list or len(value) != 2:
            raise InputError("an unauthorised row is [line, reason]", "fetch the file again", {"line": str(number)})
        fields = {"line": value[0], "reason": value[1]}
        rows.append(from_json(UnauthorisedRow, fields, path=f"unauthorised row {number}"))
    return tuple(rows)


def _standing(certified: Certified) -> dict[RowKey, RunReason | None]:
    """Return, for each row of the certificate, None if it is cleared to this day, else why it is not.

    Where two lines carry the same codes and stand differently, the worse counts.
    """
    lost = frozenset(certified.lost)
    standing: dict[RowKey, RunReason | None] = {}
    for row, result in zip(certified.rows, certified.results, strict=True):
        if row.line != result.line:
            raise InputError(f"line {row.line} has the result of line {result.line}", "give both in line order")
        reason = None
        if result.status is not Status.CLEARED:
            reason = RunReason.NOT_CLEARED
        elif row.line in lost:
            reason = RunReason.NO_LONGER_CLEARED
        key = _key(row)
        standing[key] = standing.get(key) or reason
    return standing


def _key(row: Row) -> RowKey:
    """What makes two rows the same: the media and the codes, in any order. A row without codes equals no other."""
    return row.media, manifests.row_keys(row)
