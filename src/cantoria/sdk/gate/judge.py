"""What a gate asks: a judge, who gives every row of codes a mark as of one ledger size.

`MemoryJudge` knows a few codes by heart (for tests and small lists); `snapshot.SnapshotJudge` answers from a snapshot
on disk, `remote.RemoteJudge` from a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Protocol

from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Status
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import TIME_MAX
from cantoria.sdk.gate.marks import CLEARED, NOT_FOUND, GateReason, Verdict, mark_of, verdict_of
from cantoria.sdk.gate.rows import Codes

NO_REVOCATIONS: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What every verdict of a judge rests on: the snapshot's id, its log (`origin`), ledger `size` and `root` (hex),
    the moments [`at`, `until`) for which it holds (UTC microseconds), the request and its digest (hex), the mark of
    the revocations heard since, and the log's signed checkpoint ("" where none is at hand)."""

    snapshot: str
    origin: str
    size: int
    root: str
    at: int
    until: int
    request: Mapping[str, Any]
    request_digest: str
    revocations: str = NO_REVOCATIONS
    checkpoint: str = field(default="", repr=False)


class Judge(Protocol):
    """Gives verdicts. It is pickled with its gate: the state must name its snapshot, and differ with another."""

    @property
    def basis(self) -> Basis:
        """What the verdicts rest on."""
        ...

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        """Return one mark for each row; a number among the rows is its own mark."""
        ...

    def verdict(self, row: Codes) -> Verdict:
        """Return the whole verdict on one row, with every reason and the subject where the judge knows them."""
        ...


class Candidates(Protocol):
    """Finds what a row without codes may be; what it finds is shown to a person and never clears anything."""

    def find(self, names: Mapping[str, str]) -> Sequence[str]:
        """Return candidates for `title` and `artist`, best first, as text."""
        ...


class MemoryJudge:
    """A judge by a mapping of code keys to statuses or marks: what it does not know was not found."""

    def __init__(
        self,
        known: Mapping[str, Status | int],
        *,
        request: Mapping[str, Any] | None = None,
        at: int = 0,
        until: int = TIME_MAX,
    ) -> None:
        self._marks = {key: mark_of(one) if isinstance(one, Status) else one for key, one in sorted(known.items())}
        self._request = dict(request or {})
        told = sha256(canonical.encode(self._marks)).hexdigest()
        self._basis = Basis(
            snapshot=f"snapshot_{told[:32]}",
            origin="memory",
            size=1,
            root=told,
            at=at,
            until=until,
            request=self._request,
            request_digest=sha256(canonical.encode(self._request)).hexdigest(),
        )

    @property
    def basis(self) -> Basis:
        return self._basis

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        found = self._marks.get
        return [found(row, NOT_FOUND) if type(row) is str else self._other(row) for row in rows]

    def verdict(self, row: Codes) -> Verdict:
        return verdict_of(self.marks([row])[0])

    def listing(self) -> Iterator[tuple[str, int]]:
        """Give every code that is known, in order, with its mark."""
        yield from self._marks.items()

    def _other(self, row: Codes) -> int:
        """Return the mark of several codes: all that are known must agree."""
        if isinstance(row, int):
            return row
        marks = {self._marks[key] for key in row if key in self._marks}
        return marks.pop() if len(marks) == 1 else int(ReasonCode.CODES_DISAGREE) if marks else NOT_FOUND


class Revised:
    """A judge under revocations heard since: a row that carries such a code is no longer cleared but unknown, until a
    fresh snapshot tells.

    It can only tighten. `heard` are code keys; their digest is the mark that travels in the gate's state.
    """

    def __init__(self, judge: Judge, *, heard: Iterable[str]) -> None:
        self._judge, self._set = judge, frozenset(heard)
        if any(":" not in key for key in self._set):
            raise InputError("a revocation is named by a code key", "such as isrc:KRA381900123")
        self._heard = tuple(sorted(self._set))

    @property
    def basis(self) -> Basis:
        told = sha256(canonical.encode([self._judge.basis.revocations, *self._heard])).hexdigest()
        return replace(self._judge.basis, revocations=f"{len(self._heard)}:{told}")

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        marks = self._judge.marks(rows)
        return [self._revised(row, mark) for row, mark in zip(rows, marks, strict=True)]

    def listing(self) -> Iterator[tuple[str, int]]:
        """Give every code that the judge beneath lists; `AttributeError` where it lists none."""
        listing: Iterator[tuple[str, int]] = self._judge.listing()  # type: ignore[attr-defined]
        return ((code, self._revised(code, mark)) for code, mark in listing)

    def verdict(self, row: Codes) -> Verdict:
        verdict = self._judge.verdict(row)
        revised = self._revised(row, CLEARED) if verdict.passes else CLEARED
        return verdict if revised == CLEARED else verdict_of(revised, subject=verdict.subject)

    def _revised(self, row: Codes, mark: int) -> int:
        if mark != CLEARED:
            return mark
        hit = row in self._set if isinstance(row, str) else isinstance(row, tuple) and not self._set.isdisjoint(row)
        return int(GateReason.REVOKED) if hit else mark

    def __reduce__(self) -> tuple[Any, ...]:
        return _revised, (self._judge, self._heard)


def _revised(judge: Judge, heard: tuple[str, ...]) -> Revised:
    return Revised(judge, heard=heard)
