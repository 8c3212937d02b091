"""Gates over a memory judge, and small snapshots of one label, for the tests of what libraries do with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cantoria.clearance.analytics import Kind, Table
from cantoria.clearance.published import GONE, Head
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.snapshot_schema import GONE_SCHEMA, OPEN_END, OPEN_START, SCHEMAS
from cantoria.clearance.types import Status
from cantoria.sdk.gate import Gate, MemoryJudge
from cantoria.sdk.gate.marks import mark_of
from cantoria.testing.packs import KEY, publish_tables

STATUSES = {
    "isrc:KRA381900001": Status.CLEARED,
    "isrc:KRA381900002": mark_of(Status.DENIED, ReasonCode.SAID_NO),
    "isrc:KRA381900003": mark_of(Status.LICENSABLE, ReasonCode.ASKS),
    "isrc:KRA381900004": mark_of(Status.UNKNOWN, ReasonCode.SILENT),
    "isrc:KRA381900005": Status.CLEARED,
    "iswc:T0345246801": Status.CLEARED,
}
CODES = ["KRA381900001", "KRA381900002", "KRA381900003", "KRA381900004", "KRA381900005", "KRA381900099", None, "x"]
KEPT = ["KRA381900001", "KRA381900005"]


def gate(known: Mapping[str, Status | int] = STATUSES, **options: Any) -> Gate:
    """Return a gate over a memory judge."""
    return Gate(MemoryJudge(known), use="train_generative", licensee="party_ai", territories="KR", **options)


EVERY = (1 << 24) - 1
ALL_USES = (1 << 9) - 1
VKEY = KEY.vkey()


def code_of(number: int) -> str:
    """Return the ISRC of a recording of `publish_catalogue`."""
    return f"QZAAA26{number:05}"


def publish_catalogue(
    folder: Path, recordings: int, *, refused: Collection[int] = (), before: Head | None = None, at: int, until: int
) -> Head:
    """Publish a snapshot in which one label alone has a say in so many recordings: yes to all of them, a no, said
    later, to those refused. After a snapshot `before`, a generation with nothing but what changed."""
    told = [_said(7, scope=0, kind=5, verdict=3)]
    told += [_said(100 + number, scope=number, kind=1, verdict=1) for number in sorted(refused)]
    numbers = range(1, recordings + 1)
    label = {"unit": 0, "voice": 1, "registered": 1, "reachable": True, "place": 1, "asked": EVERY}
    rows: dict[str, list[dict[str, Any]]] = {
        "statement": told,
        "statement_name": [{"index": one["index"], "text": f"statement_{one['index']}"} for one in told],
        "reach": [{"scope": number, "unit": number, "since": -1} for number in sorted(refused)],
    }
    if before is None:
        rows |= {
            "subject": [{"subject": n, "text": f"recording_{n}"} for n in numbers],
            "thing": [{"thing": n, "text": f"recording_{n}"} for n in numbers],
            "party": [{"party": 1, "text": "party_label"}],
            "voice": [{"voice": 1, "text": "party_label", "principal": 1, "party": 1}],
            "place": [{"place": 1, "countries": "0276 0410 0724 0840"}],
            "name": [{"code": f"isrc:{code_of(n)}", "subject": n} for n in numbers],
            "lead": [{"code": f"isrc:{code_of(n)}", "level": 1, "subject": n} for n in numbers],
            "part": [{"subject": n, "unit": n} for n in numbers],
            "need": [label | {"unit": n, "about": n} for n in numbers],
        }
        tables = {name: _table(name, rows.get(name, [])) for name in SCHEMAS}
    else:
        rows[GONE] = [{"kind": 4, "key": "1"}]  # the voice's earlier statements no longer count
        rows["statement_name"] = rows["statement_name"][1:]
        tables = {name: _table(name, some) for name, some in rows.items() if some}
    size = 10 if before is None else before.size + 10
    return publish_tables(folder, tables, at=at, until=until, size=size, before=before)


def _said(index: int, **more: Any) -> dict[str, Any]:
    whole = {"own": True, "uses": ALL_USES, "licensee_kind": 2, "place": 1, "since": OPEN_START, "until": OPEN_END}
    return {"voice": 1, "index": index} | whole | more


def _table(name: str, rows: list[dict[str, Any]]) -> Table:
    schema = GONE_SCHEMA if name == GONE else SCHEMAS[name]
    empty = {Kind.TEXT: "", Kind.BOOL: False}
    return Table(
        schema, {column: [row.get(column, empty.get(kind, 0)) for row in rows] for column, kind in schema.items()}
    )
