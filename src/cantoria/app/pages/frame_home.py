"""What the start page says of the ledger: how much is on it, and what the newest certificate decided."""

from __future__ import annotations

from typing import Any, Final

from cantoria.app.house import House
from cantoria.clearance.facts import DatasetCleared
from cantoria.consent.facts import StatementMade
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable
from cantoria.registry.facts import PartyRegistered, RecordingRegistered, WorkRegistered

Value = dict[str, Any]
STATUSES: Final = ("cleared", "licensable", "denied", "unknown")


def home_page(house: House, *, size: int) -> Value:
    """Return the figures of the ledger below `size`; they are counted once for each size."""
    found: Value = house.memo.get(("home", size), lambda: _figures(house, size))
    return found


def _figures(house: House, size: int) -> Value:
    rows = dict.fromkeys(BatchTable, 0)
    for one in house.index.scan(tags=[BatchRegistered.TYPE.tag], size=size):
        rows[one.fact.table] += one.fact.rows

    def count(cls: Any) -> int:
        return house.index.mark(tags=[cls.TYPE.tag], size=size)[0]

    return {
        "figures": {
            "facts": size,
            "parties": count(PartyRegistered),
            "recordings": count(RecordingRegistered) + rows[BatchTable.RECORDINGS],
            "works": count(WorkRegistered) + rows[BatchTable.WORKS],
            "statements": count(StatementMade),
            "certificates": count(DatasetCleared),
        },
        "newest": _newest(house, size),
    }


def _newest(house: House, size: int) -> Value | None:
    """Return what the newest certificate says, None where there is none."""
    _, last, _ = house.index.mark(tags=[DatasetCleared.TYPE.tag], size=size)
    if last < 0:
        return None
    (said,) = house.index.scan(tags=[DatasetCleared.TYPE.tag], start=last, size=last + 1)
    fact: DatasetCleared = said.fact
    counts = {one.status.value: one.rows for one in fact.counts}
    return {
        "certificate": fact.certificate,
        "title": fact.title,
        "use": fact.request.use.value,
        "issued_at": fact.issued_at,
        "rows": sum(counts.values()),
        "counts": [{"status": status, "rows": counts.get(status, 0)} for status in STATUSES],
    }
