"""The result of each row of a dataset: its file, its Merkle root, and the proof of one row's result.

A result's leaf is the row's salted digest (32 bytes) followed by canonical JSON `[line,"status",reason]`. So a root
gives nothing away, and a proof that an identifier stands in the manifest leads, by the same digest, to what was
decided about its row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.clearance.facts import DatasetCleared, ReasonCount, StatusCount
from cantoria.clearance.manifest_proof import HASH_BYTES
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Answer, Cleared, Denied, Licensable, Status, Unknown
from cantoria.kernel import canonical
from cantoria.kernel.check import require
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle

LINE_BYTES_MAX: Final = 200


@dataclass(frozen=True, slots=True, order=True)
class RowResult:
    """What was decided about one line; `reason` is the first reason, None when cleared."""

    line: int
    status: Status
    reason: ReasonCode | None = None

    def __post_init__(self) -> None:
        if (self.status is Status.CLEARED) != (self.reason is None):
            raise InputError(f"line {self.line} is {self.status} with reason {self.reason}", "cleared has no reason")


@dataclass(frozen=True, slots=True)
class ResultProof:
    """Shows the result of one row: its 0-based place among `rows` results, its digest, and the path (hex)."""

    result: RowResult
    index: int
    rows: int
    row_digest: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A line that is decided differently than before."""

    line: int
    before: Status
    after: RowResult


@dataclass(frozen=True, slots=True)
class Recheck:
    """What differs between two decisions of the same rows; `lost` are the lines that no longer are cleared."""

    changes: tuple[Change, ...]

    @property
    def lost(self) -> tuple[RowResult, ...]:
        return tuple(change.after for change in self.changes if change.before is Status.CLEARED)


def result_of(line: int, answer: Answer) -> RowResult:
    """Return the result of a row from its answer."""
    match answer:
        case Cleared():
            return RowResult(line, Status.CLEARED)
        case Denied() | Licensable() | Unknown():
            require(bool(answer.reasons), f"line {line} is {answer.status} without a reason")
            return RowResult(line, answer.status, answer.reasons[0].code)


def recheck(old: Iterable[RowResult], new: Iterable[RowResult]) -> Recheck:
    """Compare the results of the same lines then and now. Other lines on one side are an `InputError`."""
    then = {result.line: result.status for result in old}
    changes = []
    for result in new:
        before = then.pop(result.line, None)
        if before is None:
            raise InputError(f"line {result.line} was not decided before", "recheck the rows of the certificate")
        if before is not result.status:
            changes.append(Change(result.line, before, result))
    if then:
        raise InputError(f"{len(then)} lines were not decided again", f"the first is line {min(then)}")
    return Recheck(tuple(sorted(changes, key=lambda change: change.line)))


def count_statuses(results: Iterable[RowResult]) -> tuple[StatusCount, ...]:
    """Return the number of rows of each status, in the order of `Status`; statuses without rows too."""
    counted = Counter(result.status for result in results)
    return tuple(StatusCount(status, counted[status]) for status in Status)


def count_reasons(results: Iterable[RowResult]) -> tuple[ReasonCount, ...]:
    """Return the number of rows for each first reason that occurs, in order of precedence."""
    counted = Counter(result.reason for result in results if result.reason is not None)
    return tuple(ReasonCount(reason, counted[reason]) for reason in sorted(counted))


def encode_results(results: Sequence[RowResult]) -> bytes:
    """Return the results as JSON lines `[line,"status",reason]`, in line order."""
    return b"".join([_text(result) + b"\n" for result in results])


def decode_results(data: bytes) -> tuple[RowResult, ...]:
    """Return the results in a file of `encode_results`, or raise `InputError` naming the line of the file."""
    if data and not data.endswith(b"\n"):
        raise InputError("the results file ends within a line", "fetch it again")
    results = []
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        value = canonical.decode(line, size_max=LINE_BYTES_MAX)
        if type(value) is not list or len(value) != 3:
            raise InputError("a result is [line, status, reason]", "fetch the file again", {"line": str(number)})
        results.append(_result(value, path=f"result {number}"))
        if number > 1 and results[-1].line <= results[-2].line:
            raise InputError("results are not in line order", "fetch the file again", {"line": str(number)})
    return tuple(results)


def _result(value: list[Any], *, path: str) -> RowResult:
    reason = {} if value[2] is None else {"reason": value[2]}
    return from_json(RowResult, {"line": value[0], "status": value[1]} | reason, path=path)


def _text(result: RowResult) -> bytes:
    reason = "null" if result.reason is None else str(int(result.reason))
    return f'[{result.line},"{result.status.value}",{reason}]'.encode()


def root_of_results(results: Sequence[RowResult], *, row_digests: bytes) -> bytes:
    """Return the Merkle root over the results; `row_digests` are the manifest's, 32 bytes each, in the same order."""
    return merkle.root_of(merkle.leaf_hashes(_leaves(results, row_digests)))


def prove_result(results: Sequence[RowResult], *, row_digests: bytes, line: int) -> ResultProof:
    """Return the proof of the result of `line`; a line that is not there is an `InputError`."""
    index = next((place for place, result in enumerate(results) if result.line == line), None)
    if index is None:
        raise InputError(f"there is no line {line} in this dataset")
    levels = [merkle.leaf_hashes(_leaves(results, row_digests))]
    while len(levels[-1]) > 1:
        levels.append(merkle.parents(levels[-1]))
    path = merkle.inclusion_proof(lambda level, node: levels[level][node], index, size=len(results))
    digest = row_digests[HASH_BYTES * index : HASH_BYTES * (index + 1)].hex()
    return ResultProof(results[index], index, len(results), digest, tuple(sibling.hex() for sibling in path))


def verify_result(proof: ResultProof, *, certificate: DatasetCleared) -> None:
    """Return if the certificate's results root covers this result; else raise `IntegrityError`.

    To show that it is the row of some identifier, compare `row_digest` with that of its verified presence.
    """
    leaf = merkle.leaf_hash(bytes.fromhex(proof.row_digest) + _text(proof.result))
    path = [bytes.fromhex(sibling) for sibling in proof.path]
    root = bytes.fromhex(certificate.results_root)
    rows = certificate.manifest.rows
    if proof.rows != rows or not merkle.verify_inclusion(leaf, proof.index, size=rows, proof=path, root=root):
        raise IntegrityError(
            f"the result of line {proof.result.line} does not lead to the certificate", "do not rely on it"
        )


def _leaves(results: Sequence[RowResult], row_digests: bytes) -> list[bytes]:
    require(len(row_digests) == HASH_BYTES * len(results), "one digest for each result")
    starts = range(0, len(row_digests), HASH_BYTES)
    pairs = zip(starts, results, strict=True)
    return [row_digests[start : start + HASH_BYTES] + _text(result) for start, result in pairs]
