"""A large catalogue in: for each stretch of the file one batch and one commit, to be taken up again after any stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from cantoria.app.code_book import CodeBook
from cantoria.app.house import House
from cantoria.app.ports import Author
from cantoria.formats import bulk
from cantoria.formats.bulk.batch import PREFIX, SCHEMAS
from cantoria.formats.bulk.source import Chunk
from cantoria.formats.types import Counts, Finding, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import typed_id
from cantoria.registry.bulk import ROWS_MAX
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable
from cantoria.registry.facts import LinkAsserted

BATCH_ROWS: Final = 500_000
_TAIL_BITS: Final = 61  # of an id drawn for the first row; the next rows count on from it
LINK: Final = LinkAsserted.TYPE.tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file: its name, its bytes, its SHA-256, and which of its columns are ours."""

    file: str
    stream: BinaryIO
    sha256: str
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One batch, about to be recorded: how many records of the file are done with it, what became of its own, and the
    findings, in order of their lines."""

    done: int
    counts: Counts
    findings: tuple[Finding, ...]


def done_before(house: House, sha256: str, *, table: BatchTable, author: Author) -> list[BatchRegistered]:
    """Return the batches that the author recorded of this very file, in ledger order."""
    house.index.catch_up()
    found = house.index.about([f"file:{sha256}"], tags=[BatchRegistered.TYPE.tag])
    return [one.fact for one in found if one.organisation == author.party and one.fact.table is table]


def take_in(
    house: House,
    source: Source,
    *,
    table: BatchTable,
    author: Author,
    note: Callable[[Step], None],
    rows_per_batch: int = BATCH_ROWS,
    dry_run: bool = False,
) -> Counts:
    """Record every sound row of the file that is not on record yet; return the account of what was read now.

    What an earlier run recorded of the same file is passed over, so that a run can be stopped at any moment and begun
    again. `note` is called for each batch before it is recorded, so that no finding can be lost.
    """
    if not 1 <= rows_per_batch <= ROWS_MAX:
        raise InputError(f"a batch of {rows_per_batch} rows", f"1 to {ROWS_MAX}")
    known = done_before(house, source.sha256, table=table, author=author)
    start = max((one.start + one.taken for one in known), default=0)
    desk = _Desk(house, source, table, author)
    counts = Counts()
    for chunk in bulk.read(
        source.stream,
        file=source.file,
        table=table,
        mapping=source.mapping,
        start=start,
        rows_per_chunk=rows_per_batch,
    ):
        counts = counts + desk.step(chunk, dry_run=dry_run, note=note)
    return counts


@dataclass(slots=True)
class _Desk:
    """One import on its way."""

    house: House
    source: Source
    table: BatchTable
    author: Author

    def step(self, chunk: Chunk, *, dry_run: bool, note: Callable[[Step], None]) -> Counts:
        """Record one chunk; `note` hears of it before it is recorded, so that no finding can be lost."""
        checked = bulk.check(chunk, file=self.source.file, table=self.table)
        findings = list(checked.findings)
        refused = len(findings)
        rows = checked.rows
        if self.table is BatchTable.LINKS:
            rows, duplicate = _sorted_links(rows)
        else:
            rows, found = self._identified(rows)
            refused += sum(one.severity is Severity.ERROR for one in found)
            duplicate = checked.rows.num_rows - rows.num_rows - (refused - len(checked.findings))
            findings += found
        counts = Counts(received=chunk.taken, registered=rows.num_rows, refused=refused, duplicate=duplicate)
        note(Step(chunk.start + chunk.taken, counts, tuple(sorted(findings, key=lambda one: one.line))))
        if not dry_run:
            self._record(chunk, rows, counts)
        return counts

    def _record(self, chunk: Chunk, rows: pa.Table, counts: Counts) -> None:
        names = rows.column(0)
        data = bulk.encode(rows, kind=self.table) if rows.num_rows else b""
        fact = BatchRegistered(
            table=self.table,
            attachment=self.house.attachments.put(data) if data else "",
            rows=rows.num_rows,
            first=names[0].as_py() if rows.num_rows else "",
            last=names[-1].as_py() if rows.num_rows else "",
            file=self.source.file,
            source=self.source.sha256,
            start=chunk.start,
            taken=chunk.taken,
            refused=counts.refused,
            duplicate=counts.duplicate,
        )
        receipt = self.house.journal.record([fact], author=self.author)[0]
        self.house.index.catch_up(fresh={receipt.index: fact})

    def _identified(self, rows: pa.Table) -> tuple[pa.Table, list[Finding]]:
        """Return the rows with ids, sorted by them: a fresh one for what is new, the known one where somebody else
        registered the code; what this organisation registered under the code already is a duplicate."""
        rows = _firsts(rows)
        findings: list[Finding] = []
        if self.table is BatchTable.RECORDINGS:
            rows, findings = self._with_works(rows)
        book = CodeBook(self.house)
        keys = rows.column("key").to_pylist()
        known = self.house.index.named(keys)
        fresh = rows
        settled: list[tuple[int, str]] = []
        if known:
            hits = [(row, key) for row, key in enumerate(keys) if key in known]
            passed = set()
            for row, key in hits:
                thing = self._known(book, key, rows.column("line")[row].as_py(), findings)
                if thing is not None:
                    passed.add(row)
                    if thing:
                        settled.append((row, thing))
            fresh = rows.filter(pa.array([row not in passed for row in range(len(keys))]))
        made = fresh.add_column(0, "id", _fresh_ids(self.house, fresh.num_rows, self.table))
        if settled:
            old = rows.take([row for row, _ in settled])
            old = old.add_column(0, "id", pa.array([thing for _, thing in settled], pa.string()))
            made = pa.concat_tables([made, old]).sort_by([("id", "ascending"), ("line", "ascending")])
            made, more = _once(made)
            settled = settled[: len(settled) - more]
        return made.select(SCHEMAS[self.table].names), findings

    def _known(self, book: CodeBook, key: str, line: int, findings: list[Finding]) -> str | None:
        """Return the thing that a code names, empty for a row to be passed over, None when the code names nothing."""
        things = book.names(key)
        if not things:
            return None
        if len(things) > 1 or not things[0].startswith(PREFIX[self.table] + "_"):
            findings.append(
                Finding(
                    file=self.source.file,
                    line=line,
                    field=key.partition(":")[0],
                    value=key,
                    message="the code names several things, or one of another kind",
                    remedy="settle whose it is: `cantoria registry cases`",
                )
            )
            return ""
        said = self.house.index.about([key], tags=[LINK])
        own = any(one.organisation == self.author.party and one.fact.left == key for one in said)
        return "" if own else things[0]

    def _with_works(self, rows: pa.Table) -> tuple[pa.Table, list[Finding]]:
        """Return the recordings with the works that their ISWCs name; an ISWC that names none is a finding."""
        lists = rows.column("iswc").combine_chunks()
        wanted = [one for one in lists.flatten().unique().to_pylist() if one]
        if not wanted:
            return rows, []
        named = self.house.index.named([f"iswc:{one}" for one in wanted])
        book = CodeBook(self.house)
        works: dict[str, str | None] = {}
        for one in wanted:
            key = f"iswc:{one}"
            works[one] = book.lookup(key, sender=self.author.party) if key in named else None
        findings, columns = [], []
        given = zip(rows.column("line").to_pylist(), lists.to_pylist(), rows.column("works").to_pylist(), strict=True)
        for line, codes, ids in given:
            for code in codes:
                if works[code] is None:
                    findings.append(
                        Finding(
                            file=self.source.file,
                            line=line,
                            field="iswc",
                            value=code,
                            message="no one work has this ISWC, so the recording is not linked to it",
                            remedy="register the work, then link them",
                            severity=Severity.WARNING,
                        )
                    )
            columns.append(list(dict.fromkeys([*ids, *(work for code in codes if (work := works[code]))])))
        place = rows.column_names.index("works")
        return rows.set_column(place, "works", pa.array(columns, pa.list_(pa.string()))), findings


def _firsts(rows: pa.Table) -> pa.Table:
    """Return the first row of each key."""
    keys = rows.select(["key", "line"]).group_by("key").aggregate([("line", "min")])
    if keys.num_rows == rows.num_rows:
        return rows
    return rows.filter(pc.is_in(rows.column("line"), value_set=keys.column("line_min").combine_chunks()))


def _once(rows: pa.Table) -> tuple[pa.Table, int]:
    """Return sorted rows with each id once, and how many went."""
    ids = rows.column("id").combine_chunks()
    if len(ids) < 2:
        return rows, 0
    again = pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1))
    mask = pa.concat_arrays([pa.array([True]), pc.invert(again)])
    kept = rows.filter(mask)
    return kept, rows.num_rows - kept.num_rows


def _sorted_links(rows: pa.Table) -> tuple[pa.Table, int]:
    """Return links in order, each once, and how many were there again."""
    once = rows.group_by(["left", "relation", "right"]).aggregate([("line", "min")])
    columns = {"left": once["left"], "line": once["line_min"], "relation": once["relation"], "right": once["right"]}
    ordered = pa.table(columns).sort_by([(name, "ascending") for name in ("left", "relation", "right")])
    return ordered, rows.num_rows - ordered.num_rows


def _fresh_ids(house: House, count: int, table: BatchTable) -> pa.Array:
    """Return ids for new rows: a UUIDv7 for the first, from which the others count on (RFC 9562 section 6.2), so that
    a batch need not keep them one by one."""
    head = house.clock.now() // 1000 << 16 | 0x7000 | int.from_bytes(house.entropy.token(2), "big") & 0xFFF
    tail = int.from_bytes(house.entropy.token(8), "big") >> (64 - _TAIL_BITS)
    first = head << 64 | 1 << 63 | tail
    prefix = PREFIX[table]
    made = [typed_id(prefix, number.to_bytes(16, "big")) for number in range(first, first + count)]
    return pa.array(made, pa.string())


def totals(done: Sequence[Any]) -> Counts:
    """Return the account of batches recorded before."""
    counts = Counts()
    for one in done:
        counts = counts + Counts(received=one.taken, registered=one.rows, refused=one.refused, duplicate=one.duplicate)
    return counts
