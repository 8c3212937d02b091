"""`Gate`: lets the rows of a dataset through that every holder said yes to, and no other.

    gate = Gate("snapshot/", use="train_generative", licensee="party_…", territories="KR ES", key="…")
    dataset = dataset.filter(gate, batched=True)

Only *cleared* passes. What cannot be read, found or decided is unknown, counted, and does not pass. The state that a
gate is pickled with names its snapshot, its ledger size, its request and the revocations heard since, so that a cache
keyed by it forgets what was revoked.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack

from cantoria.clearance.types import Status
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import format_moment
from cantoria.kernel.uses import Use
from cantoria.sdk.gate import files, frames, sql, streams
from cantoria.sdk.gate.batches import Mask, columns_in, is_batch, rows_in
from cantoria.sdk.gate.feed import codes_heard
from cantoria.sdk.gate.judge import Basis, Candidates, Judge, Revised
from cantoria.sdk.gate.marks import CLEARED, GateReason, Verdict, reason_of, status_of, words_of
from cantoria.sdk.gate.opening import judge_of
from cantoria.sdk.gate.report import Report
from cantoria.sdk.gate.rows import NAMES, Codes, Columns, cell_of, columns_of, reader
from cantoria.sdk.gate.wish import Asked, wish_of

if TYPE_CHECKING:
    from os import PathLike

    from cantoria.sdk.client import Client

OnUnknown = Literal["drop", "raise", "flag"]
STATUS_COLUMN: Final = "cantoria_status"
REASON_COLUMN: Final = "cantoria_reason"


class Gate:
    """A gate over one source of clearance, for one request.

    `source` is the folder of a snapshot, the address of a Cantoria server, a `Client`, or a `Judge`; `asked` are the
    arguments of the request (`wish.Asked`), `use`, `licensee` and the countries at least. `columns` maps kinds of code
    to columns (`{"isrc": "ISRC"}`); by default a column is what it is called. `on_unknown`: drop such rows, raise
    `InputError` at the first batch with one, or flag: keep them, marked, wherever rows can carry a mark. `key` is the
    verifier key of the log that signed the snapshot, pinned; without it a snapshot is refused unless
    `unsafe_unpinned`. `at` is the moment to decide for (now); `clock` stands in for the clock, for audits of the past.
    Raises `InputError` for a request that cannot be read or a snapshot that is out of date, `IntegrityError` for one
    that was tampered with.
    """

    __slots__ = ("_candidates", "_clock", "_columns", "_counts", "_judge", "_lock", "_read", "media", "on_unknown")

    def __init__(
        self,
        source: str | PathLike[str] | Client | Judge,
        *,
        on_unknown: OnUnknown = "drop",
        columns: Mapping[str, str | Sequence[str]] | None = None,
        media: str = "recording",
        key: str = "",
        unsafe_unpinned: bool = False,
        at: int | None = None,
        cache: str | PathLike[str] | None = None,
        candidates: Candidates | None = None,
        clock: Callable[[], int] | None = None,
        **asked: Unpack[Asked],
    ) -> None:
        if on_unknown not in ("drop", "raise", "flag"):
            raise InputError(f"on_unknown={on_unknown!r:.40}", "choose drop, raise or flag")
        if media not in ("recording", "work"):
            raise InputError(f"media={media!r:.40}", "choose recording (sound) or work (lyrics, sheet music)")
        wish = wish_of(media=media, **asked)
        now = (clock or _now)()
        judge = judge_of(source, wish=wish, at=at, now=now, key=key, unsafe_unpinned=unsafe_unpinned, cache=cache)
        self._set(judge, on_unknown, columns, media, wish.uses, candidates, clock)
        self.check_time()

    def _set(
        self,
        judge: Judge,
        on_unknown: OnUnknown,
        columns: Mapping[str, str | Sequence[str]] | None,
        media: str,
        uses: frozenset[Use],
        candidates: Candidates | None,
        clock: Callable[[], int] | None,
    ) -> None:
        self._judge, self.on_unknown, self.media = judge, on_unknown, media
        self._columns = columns_of(columns)
        self._read = reader(self._columns, media=media, uses=uses)
        self._candidates, self._clock = candidates, clock
        self._counts: Counter[int] = Counter()
        self._lock = threading.Lock()

    # what it stands on

    @property
    def judge(self) -> Judge:
        """Who gives the verdicts."""
        return self._judge

    @property
    def basis(self) -> Basis:
        """What the verdicts rest on: snapshot, ledger size, request, revocations heard."""
        return self._judge.basis

    @property
    def columns(self) -> Columns:
        """Which column holds what."""
        return self._columns

    def check_time(self) -> None:
        """Raise `InputError` when the snapshot is not good for this moment: fail closed rather than on stale rights."""
        basis, now = self.basis, (self._clock or _now)()
        if not basis.at <= now < basis.until:
            raise InputError(
                f"{basis.snapshot} is good from {format_moment(basis.at)} until {format_moment(basis.until)}, "
                f"not at {format_moment(now)}",
                "fetch a fresh snapshot and open the gate again",
            )

    def with_revocations(self, heard: Iterable[str]) -> Gate:
        """Return this gate, through which no row passes that carries one of these code keys."""
        return self._with(Revised(self._judge, heard=heard))

    def follow(self, client: Client) -> Gate:
        """Return this gate under what a server's feed says since its ledger size. Raises `InputError` where the feed
        says that more was reached than it can list: then only a fresh snapshot tells."""
        return self.with_revocations(codes_heard(client, since=self.basis.size, use=str(self.basis.request.get("use"))))

    def _with(self, judge: Judge) -> Gate:
        other = object.__new__(Gate)
        other._set(judge, self.on_unknown, self._given(), self.media, self._read.uses, self._candidates, self._clock)
        return other

    def _given(self) -> dict[str, tuple[str, ...]] | None:
        return dict(self._columns.of) if self._columns.given else None

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened_again, (self.__getstate__(),)

    def __getstate__(self) -> dict[str, Any]:
        """Return what identifies the gate: a cache that is keyed by its bytes must miss when the rights changed."""
        basis = self.basis
        return {
            "candidates": self._candidates,
            "clock": self._clock,
            "columns": self._given(),
            "judge": self._judge,
            "media": self.media,
            "on_unknown": self.on_unknown,
            "request": basis.request_digest,
            "revocations": basis.revocations,
            "size": basis.size,
            "snapshot": basis.snapshot,
            "uses": sorted(self._read.uses),
        }

    # verdicts

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        """Return the mark of each row that was read, counted; raises for unknown rows where the gate is to."""
        self.check_time()
        marks = self._judge.marks(rows)
        if len(marks) != len(rows):
            raise InputError(f"the judge answered {len(marks)} of {len(rows)} rows", "open the gate again")
        self.count(Counter(marks))
        if self.on_unknown == "raise":
            self._raise_unknown(rows, marks)
        return marks

    def count(self, marks: Counter[int]) -> None:
        """Add to the counts of this process."""
        with self._lock:
            self._counts.update(marks)

    def marks_of(self, batch: Any) -> list[int]:
        """Return the mark of each row of a batch: columns by name, an Arrow or Polars table, a list of rows or of
        ISRCs."""
        return self.marks(self.read(batch))

    def read(self, batch: Any) -> list[Codes]:
        """Return how the rows of a batch are identified."""
        if isinstance(batch, list | tuple):
            if all(isinstance(one, Mapping) for one in batch):
                return self._read.rows(batch)
            isrc = cell_of("isrc")
            return [self._read.row(one) if isinstance(one, Mapping) else isrc(one) for one in batch]
        columns, rows = columns_in(batch, self._columns.all), rows_in(batch)
        return self._read.batch(columns, rows=rows)

    def __call__(self, rows: Any, *more: Any) -> Any:
        """Tell which rows pass: of a batch a mask, of a single row (a mapping of cells) True or False."""
        if more:
            raise InputError("the gate reads whole rows", "filter without input_columns, with_indices and with_rank")
        if self.on_unknown == "flag":
            raise InputError(
                "a filter cannot carry marks", "dataset.map(gate.flag, batched=True), or open it with on_unknown='drop'"
            )
        if isinstance(rows, Mapping) and not is_batch(rows, self._columns.all):
            return self.passes(rows)
        return Mask([mark == CLEARED for mark in self.marks_of(rows)])

    def passes(self, row: Mapping[str, Any]) -> bool:
        """Tell whether one row, by column, is cleared."""
        return self.marks([self._read.row(row)])[0] == CLEARED

    def flag(self, batch: Any) -> dict[str, list[str]]:
        """Return the columns `cantoria_status` and `cantoria_reason` of a batch, for `dataset.map(…, batched=True)`."""
        marks = self.marks_of(batch)
        return {
            STATUS_COLUMN: [status_of(one).value for one in marks],
            REASON_COLUMN: [reason_of(one) for one in marks],
        }

    def explain(self, row: Mapping[str, Any] | str) -> Verdict:
        """Return the whole verdict on one row (or ISRC), not counted; for a name alone with candidates to choose."""
        self.check_time()
        row = {"isrc": row} if isinstance(row, str) else row
        codes = self._read.row(row)
        verdict = self._judge.verdict(codes)
        if codes != GateReason.NAME_ONLY or self._candidates is None:
            return verdict
        names = {role: row[name] for role in NAMES for name in self._columns.of.get(role, ()) if row.get(name)}
        found = tuple(self._candidates.find(names))
        return replace(verdict, status=Status.UNKNOWN, candidates=found)

    def keeps(self, mark: int) -> bool:
        """Tell whether a row with this mark stays where rows carry marks: cleared, and flagged unknown ones."""
        return mark == CLEARED or (self.on_unknown == "flag" and status_of(mark) is Status.UNKNOWN)

    def report(self) -> Report:
        """Return the counts of the rows that this process put through the gate."""
        with self._lock:
            return Report(dict(self._counts), self.basis.snapshot, self.basis.request_digest)

    def review(self, rows: Any) -> Report:
        """Return the counts of a whole dataset, judged now and apart from `report`: what `num_proc` and caches hide."""
        other = self.anew()
        for batch in streams.batched(rows):
            other.marks_of(batch)
        return other.report()

    def anew(self) -> Gate:
        """Return this gate with nothing counted yet, dropping what does not pass."""
        other = self._with(self._judge)
        other.on_unknown = "drop"
        return other

    def _raise_unknown(self, rows: Sequence[Codes], marks: Sequence[int]) -> None:
        unknown = [place for place, mark in enumerate(marks) if status_of(mark) is Status.UNKNOWN]
        if unknown:
            first = unknown[0]
            raise InputError(
                f"{len(unknown)} of {len(rows)} rows are unknown; the first: {words_of(marks[first])}",
                "settle them, or open the gate with on_unknown='drop'",
                {"row of the batch": str(first + 1), "codes": f"{rows[first]!r:.200}"},
            )

    # integrations: each in its own module

    table = frames.table
    record_batches = frames.record_batches
    polars = frames.polars
    parquet = files.parquet
    csv = files.csv
    rows = streams.rows
    wds = property(streams.stage)
    indices = streams.indices
    subset = streams.subset
    duckdb = sql.duckdb


def _opened_again(state: dict[str, Any]) -> Gate:
    gate = object.__new__(Gate)
    uses = frozenset(Use(use) for use in state["uses"])
    read = state["columns"], state["media"], uses
    gate._set(state["judge"], state["on_unknown"], *read, state["candidates"], state["clock"])
    basis = gate.basis
    if (basis.snapshot, basis.size, basis.request_digest, basis.revocations) != (
        state["snapshot"],
        state["size"],
        state["request"],
        state["revocations"],
    ):
        raise InputError("the gate was packed over another snapshot than is at its place now", "open it again")
    return gate


def _now() -> int:
    return time.time_ns() // 1000


__all__ = ["Gate", "Iterator"]
