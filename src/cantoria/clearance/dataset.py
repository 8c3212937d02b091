"""Clear a whole dataset: rows in, a result table out, by the set-based plan on an `Analytics` engine.

The rights are a snapshot, in memory or attached to the engine from files; any request can be answered from it.

The answers are those of `decide`, row by row. What has the size of the dataset stays in the engine: the result hands
it out in line order, or writes it to a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, cast

from cantoria.clearance import plan
from cantoria.clearance.analytics import Analytics, Format
from cantoria.clearance.decide import decide_persons
from cantoria.clearance.export_plan import export_query, message_table, reason_query, signal_table
from cantoria.clearance.facts import ReasonCount, StatusCount
from cantoria.clearance.law_column import law_cells
from cantoria.clearance.plan_run import run
from cantoria.clearance.prepare import PIECE_UNITS, Manner, prepare
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.results import RowResult
from cantoria.clearance.rights import Rights
from cantoria.clearance.snapshot import Snapshot, build
from cantoria.clearance.snapshot_codes import MEDIA
from cantoria.clearance.snapshot_numbers import Rows
from cantoria.clearance.snapshot_schema import MANIFEST_SCHEMAS, USE_BITS
from cantoria.clearance.types import Answer, Cleared, Denied, Licensable, Reason, Request, Row, Status, Unknown
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import format_moment
from cantoria.kernel.spreadsheet import as_text
from cantoria.registry.resolve import CODES_MAX

# A manifest with fewer rows than a quarter of the subjects is worth looking only at what it needs.
RESTRICT_BELOW: Final = 4
_NO_SIGNALS: Final[Mapping[int, str]] = MappingProxyType({})
_STATUSES: Final = tuple(Status(name) for name in plan.STATUSES)
_ANSWERS: Final[dict[Status, type[Denied | Licensable | Unknown]]] = {
    Status.DENIED: Denied,
    Status.LICENSABLE: Licensable,
    Status.UNKNOWN: Unknown,
}


@dataclass(frozen=True, slots=True)
class ClearanceResult:
    """The answers for a dataset, held in the engine's tables until the next clearing there replaces them."""

    request: Request
    persons: Answer
    analytics: Analytics
    rows: int
    evidence: bool

    def counts(self) -> tuple[StatusCount, ...]:
        """Return how many rows have each status; those of no row are left out."""
        found = self._fetch("SELECT status, count(*) FROM answer GROUP BY status ORDER BY status")
        return tuple(StatusCount(_STATUSES[status], rows) for status, rows in found)

    def reasons(self) -> tuple[ReasonCount, ...]:
        """Return how many rows are not cleared for each first reason, in order of precedence."""
        found = self._fetch("SELECT first, count(*) FROM answer WHERE first <> 0 GROUP BY first ORDER BY first")
        return tuple(ReasonCount(ReasonCode(code), rows) for code, rows in found)

    def all_reasons(self) -> tuple[ReasonCount, ...]:
        """Return how many rows have each reason, first or not, in order of precedence."""
        found = self._fetch(reason_query(self.persons))
        return tuple(ReasonCount(ReasonCode(code), rows) for code, rows in found)

    def results(self) -> Iterator[RowResult]:
        """Give line, status and first reason of every row, by ascending line."""
        for line, status, first in self._fetch("SELECT line, status, first FROM answer ORDER BY line"):
            yield RowResult(line, _STATUSES[status], ReasonCode(first) if first else None)

    def subjects(self) -> dict[int, str]:
        """Return by line the work or recording that a row names; rows that name none are left out."""
        query = "SELECT a.line, s.text FROM answer AS a JOIN subject AS s ON s.subject = a.subject ORDER BY a.line"
        return dict(cast("list[tuple[int, str]]", self._fetch(query)))

    def because(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Give the statements that each cleared line rests on, sorted, by ascending line.

        Raises `InputError` where the dataset was cleared without `evidence`.
        """
        if not self.evidence:
            raise InputError("this dataset was cleared without evidence", "clear it again with evidence")
        of_persons = self.persons.because if isinstance(self.persons, Cleared) else ()
        found = {
            subject: tuple(sorted({*of_persons, *(text for _, text in group)}))
            for subject, group in groupby(self._fetch(_BECAUSE), key=itemgetter(0))
        }
        cleared = self._fetch("SELECT line, subject FROM answer WHERE status = 0 ORDER BY line")
        for line, subject in cleared:
            yield line, found.get(subject, of_persons)

    def answers(self) -> Iterator[tuple[int, Answer]]:
        """Give every row's whole answer, by ascending line, as `decide` would; like `because`, it needs evidence."""
        because = dict(self.because())
        reasons = {key: [_reason(*row) for _, *row in rows] for key, rows in self._by_subject(_REASONS)}
        missing = {key: [text for _, text in rows] for key, rows in self._by_subject(_MISSING)}
        persons = self.persons
        named = () if isinstance(persons, Cleared) else persons.reasons
        absent = () if isinstance(persons, Cleared) else persons.missing
        names = self.subjects()
        for line, subject, status, first, beside in self._fetch(
            "SELECT line, subject, status, first, beside FROM answer ORDER BY line"
        ):
            if status == 0:
                yield line, Cleared(because[line])
            elif subject == 0:
                yield line, Unknown((Reason(ReasonCode(first)),), ())
            else:
                own = {Reason(ReasonCode.SIGNAL_REFUSES, "", names[line])} if beside else set()
                all_reasons = tuple(sorted({*named, *reasons.get(subject, ()), *own}))
                all_missing = tuple(sorted({*absent, *missing.get(subject, ())}))
                yield line, _ANSWERS[_STATUSES[status]](all_reasons, all_missing)

    def export(self, path: str, *, file_format: Format, signals: Mapping[int, str] = _NO_SIGNALS) -> int:
        """Write one row per line of the manifest, in line order, to a new file; return how many.

        Columns: line, codes, status, reason codes, reasons as text, parties concerned, missing yeses, subject, the
        signal stated beside the line (by line in `signals`; no answer depends on it), and a law column for each
        country of the request whose law is known (`law_0410`) and for all others.
        """
        self.analytics.register("message", message_table())
        if signals:
            if file_format is Format.CSV:  # what senders wrote, opened in somebody else's spreadsheet
                signals = {line: as_text(text) for line, text in signals.items()}
            self.analytics.register("stated", signal_table(signals))
        query = export_query(
            laws=law_cells(self.request),
            persons=self.persons,
            lists=file_format is not Format.CSV,
            signals=bool(signals),
            dialect=self.analytics.dialect,
        )
        return self.analytics.export(query, path=path, file_format=file_format)

    def _by_subject(self, query: str) -> Iterator[tuple[int, list[Any]]]:
        return ((key, list(rows)) for key, rows in groupby(self._fetch(query), key=itemgetter(0)))

    def _fetch(self, query: str) -> list[Any]:
        return cast("list[Any]", self.analytics.fetch(query))


_REASONS: Final = """
SELECT r.subject, r.code, coalesce(p.text, '') AS party, t.text
FROM reason AS r LEFT JOIN party AS p ON p.party = r.party JOIN thing AS t ON t.thing = r.about
ORDER BY r.subject
"""
_MISSING: Final = """
SELECT m.subject, v.text FROM missing AS m JOIN voice AS v ON v.voice = m.voice ORDER BY m.subject
"""
_BECAUSE: Final = """
SELECT b.subject, s.text FROM because AS b JOIN statement_name AS s ON s.index = b.index ORDER BY b.subject
"""


def clear_rows(
    rows: Iterable[Row], *, request: Request, rights: Rights, analytics: Analytics, evidence: bool = False
) -> ClearanceResult:
    """Clear rows by rights that were folded as of the request's size: `clear_dataset` over a snapshot of just what
    these rows need. Raises `InputError` for a request or row that cannot be read."""
    known = list(rows)
    codes = sorted({code for row in known for code in row.codes})
    persons = decide_persons(request, rights=rights)
    snapshot = build(rights, at=request.at, size=request.size, only=codes)
    register_rows(known, analytics=analytics)
    return clear_dataset(snapshot, request=request, persons=persons, analytics=analytics, evidence=evidence)


def clear_dataset(
    snapshot: Snapshot,
    *,
    request: Request,
    persons: Answer,
    analytics: Analytics,
    evidence: bool = False,
    restricted: bool | None = None,
) -> ClearanceResult:
    """Answer a request for every line of the manifest that the engine holds (tables of `MANIFEST_SCHEMAS`), by a
    snapshot in memory; the rest as in `clear_attached`."""
    for name, table in snapshot.tables.items():
        analytics.register(name, table)
    return clear_attached(
        analytics,
        request=request,
        persons=persons,
        at=snapshot.at,
        until=snapshot.until,
        evidence=evidence,
        restricted=restricted,
    )


def clear_attached(
    analytics: Analytics,
    *,
    request: Request,
    persons: Answer,
    at: int,
    until: int,
    evidence: bool = False,
    restricted: bool | None = None,
    piece_units: int = PIECE_UNITS,
) -> ClearanceResult:
    """Answer a request for every line of the manifest that the engine holds, by the snapshot whose tables it holds
    (those of `SCHEMAS`, registered, attached or defined), which is good for moments in [`at`, `until`).

    `persons` is what the persons named in the request come to: of `decide_persons`, or of the point evaluator on the
    same snapshot. `evidence` keeps the statements that each cleared row rests on, which a certificate needs.
    `restricted` looks only at what the manifest names (None = where it is small beside the snapshot), `piece_units`
    is how many works and recordings are worked on at a time; the answers are the same. Raises `InputError` for a
    request of another time, or one that cannot be read.
    """
    if not at <= request.at < until:
        raise InputError(
            f"the snapshot answers requests from {format_moment(at)} to before {format_moment(until)}, "
            f"not of {format_moment(request.at)}",
            "refresh the snapshot",
        )
    [(rows, several, beside, subjects, signals)] = cast("list[Any]", analytics.fetch(_COUNT))
    restricted = rows * RESTRICT_BELOW < subjects if restricted is None else restricted
    manner = Manner(
        several=several > 0,
        beside=beside > 0,
        restricted=restricted,
        evidence=evidence,
        piece_units=piece_units * max(1, subjects // max(2 * rows, 1)) if restricted else piece_units,
    )
    terms = prepare(analytics, request=request, persons=persons, manner=manner, signals=signals > 0)
    run(analytics, plan.steps(terms))
    return ClearanceResult(request, persons, analytics, rows, evidence)


def register_rows(rows: Iterable[Row], *, analytics: Analytics) -> None:
    """Give rows to the engine as its manifest. A line that stands twice, an unknown medium and a row with more than 64
    codes are `InputError`s."""
    manifest, codes, refused = (Rows(MANIFEST_SCHEMAS[name]) for name in MANIFEST_SCHEMAS)
    seen: set[int] = set()
    for row in rows:
        if row.line in seen:
            raise InputError(f"line {row.line} stands twice", "number the rows")
        if row.media not in MEDIA:
            raise InputError(f"media {row.media!r} is unknown", "use recording or work", {"line": str(row.line)})
        if len(row.codes) > CODES_MAX:
            raise InputError(f"a row with {len(row.codes)} codes", f"give at most {CODES_MAX}", {"line": str(row.line)})
        seen.add(row.line)
        distinct = sorted(set(row.codes))
        only = distinct[0] if len(distinct) == 1 else None if distinct else ""
        manifest.add(row.line, MEDIA[row.media], only)
        if only is None:
            for code in distinct:
                codes.add(row.line, code)
        if row.refused:
            refused.add(row.line, sum(USE_BITS[use] for use in row.refused))
    for name, table in zip(MANIFEST_SCHEMAS, (manifest, codes, refused), strict=True):
        analytics.register(name, table.table())


_COUNT: Final = """
SELECT m.total, m.several, r.total, s.total, g.total
FROM (SELECT count(*) AS total, count(CASE WHEN code IS NULL THEN 1 END) AS several FROM manifest) AS m
CROSS JOIN (SELECT count(*) AS total FROM manifest_refused) AS r
CROSS JOIN (SELECT count(*) AS total FROM subject) AS s CROSS JOIN (SELECT count(*) AS total FROM signal) AS g
"""


def _reason(code: int, party: str, about: str) -> Reason:
    return Reason(ReasonCode(code), party, about)
