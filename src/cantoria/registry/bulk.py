"""What the rows of a batch say: for each row the facts that would have been recorded one by one (spec/batch.md).

They stand at the ledger index of the batch, in the order of the rows; `Recorded.part` tells them apart. A link that
follows from a row needs no room of its own: its id is made of the batch's digest, the row and the link's number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded, Source
from cantoria.kernel.ids import LinkId, RecordingId, WorkId, typed_id, uuid_of
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable
from cantoria.registry.facts import LinkAsserted, RecordingRegistered, WorkRegistered
from cantoria.registry.types import Relation, Tier

ROWS_MAX: Final = 1_000_000  # rows of one batch
CODES_MAX: Final = 32  # code keys of one row, and so many works
PARTS_PER_ROW: Final = 128  # a registration, its codes and its works fit
_DIGEST_BYTES: Final = 10
_ROW_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a batch of recordings or works; `position` is its place in the batch (0-based), `line` its record in
    the source file (1-based). `codes` are code keys, an ISRC or ISWC first; `works` the works a recording embodies."""

    position: int
    id: str
    title: str
    line: int = 0
    display_artist: str = ""
    duration_ms: int | None = None
    version: str = ""
    codes: tuple[str, ...] = ()
    works: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """One row of a batch of links."""

    position: int
    left: str
    relation: str
    right: str
    line: int = 0


def facts_of_row(batch: Recorded[BatchRegistered], row: Row | LinkRow) -> Iterator[Recorded[Any]]:
    """Give what a row says: its registration, then a link for each code, then one for each work."""
    source = Source(batch.fact.file, batch.fact.source, row.line)
    start = 1 + row.position * PARTS_PER_ROW
    if isinstance(row, LinkRow):
        yield _recorded(batch, start, _link(batch, source, (row.position, 0), (row.left, row.relation, row.right)))
        return
    yield _recorded(batch, start, _registration(batch.fact.table, row, source))
    edges = [(code, Relation.IDENTIFIES.value, row.id) for code in row.codes]
    edges += [(row.id, Relation.EMBODIES.value, work) for work in row.works]
    for number, edge in enumerate(edges, start=1):
        yield _recorded(batch, start + number, _link(batch, source, (row.position, number), edge))


def _recorded(batch: Recorded[BatchRegistered], part: int, fact: Any) -> Recorded[Any]:
    return Recorded(batch.index, batch.fact_id, batch.organisation, batch.capacity, batch.claimed_at, fact, "", part)


def _registration(table: BatchTable, row: Row, source: Source) -> RecordingRegistered | WorkRegistered:
    if table is BatchTable.WORKS:
        return WorkRegistered(work=WorkId(row.id), title=row.title, source=source)
    return RecordingRegistered(
        recording=RecordingId(row.id),
        title=row.title,
        display_artist=row.display_artist,
        duration_ms=row.duration_ms,
        version=row.version,
        source=source,
    )


def _link(
    batch: Recorded[BatchRegistered], source: Source, place: tuple[int, int], edge: tuple[str, str, str]
) -> LinkAsserted:
    left, relation, right = edge
    return LinkAsserted(
        link=LinkId(link_id(batch.fact.attachment, row=place[0], number=place[1])),
        left=left,
        relation=Relation(relation),
        right=right,
        asserted_by=batch.organisation,
        tier=Tier.DOCUMENTED,
        source=source,
    )


def link_id(attachment: str, *, row: int, number: int) -> str:
    """Return the id of a link that a row of a batch states."""
    tail = row.to_bytes(_ROW_BYTES, "big") + number.to_bytes(16 - _DIGEST_BYTES - _ROW_BYTES, "big")
    return typed_id("link", bytes.fromhex(attachment)[:_DIGEST_BYTES] + tail)


def row_of_link(link: str) -> tuple[str, int] | None:
    """Return how the digest of the batch begins (20 hex digits) and which row states a link, if a batch does."""
    try:
        made_of = uuid_of(link, prefix="link")
    except InputError:
        return None
    return made_of[:_DIGEST_BYTES].hex(), int.from_bytes(made_of[_DIGEST_BYTES : _DIGEST_BYTES + _ROW_BYTES], "big")
