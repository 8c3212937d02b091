"""The tables of a rights snapshot: what the set-based plan reads (documented in `docs/reference/snapshot.md`).

A snapshot is the rights views as of one ledger size for one request, in columns of integers. Texts stand once, in
dictionaries. Numbers begin at 1; 0 stands for nobody and nothing.
"""

from __future__ import annotations

from typing import Final

from cantoria.clearance.analytics import Kind, Schema

REGIONS_MAX: Final = 62  # territory classes in one 64-bit mask
INDEX_BITS: Final = 39
OPEN_END: Final = 1 << 62

# `need` and `statement` carry besides the columns of `region_columns`.
SCHEMAS: Final[dict[str, Schema]] = {
    # dictionaries
    "subject": {"subject": Kind.INT32, "text": Kind.TEXT},
    "thing": {"thing": Kind.INT32, "text": Kind.TEXT},
    "voice": {"voice": Kind.INT32, "text": Kind.TEXT, "party": Kind.INT32},
    "party": {"party": Kind.INT32, "text": Kind.TEXT},
    "statement_name": {"index": Kind.INT64, "text": Kind.TEXT},
    # from codes to subjects
    "name": {"code": Kind.TEXT, "media": Kind.INT16, "subject": Kind.INT32, "outcome": Kind.INT16},
    "lead": {
        "code": Kind.TEXT,
        "media": Kind.INT16,
        "way": Kind.INT16,
        "level": Kind.INT16,
        "subject": Kind.INT32,
    },
    # from subjects to whoever has a say
    "part": {"subject": Kind.INT32, "unit": Kind.INT32},
    "problem": {"subject": Kind.INT32, "code": Kind.INT16, "about": Kind.INT32},
    "unit_problem": {"unit": Kind.INT32, "code": Kind.INT16, "about": Kind.INT32},
    "need": {
        "unit": Kind.INT32,
        "voice": Kind.INT32,
        "about": Kind.INT32,
        "registered": Kind.INT64,
        "reachable": Kind.BOOL,
    },
    # what was said
    "statement": {
        "voice": Kind.INT32,
        "index": Kind.INT64,
        "scope": Kind.INT32,
        "kind": Kind.INT16,
        "own": Kind.BOOL,
        "verdict": Kind.INT16,
        "uses": Kind.INT16,
        "licensee_kind": Kind.INT16,
        "licensee": Kind.INT32,
        "countries": Kind.INT16,
        "model": Kind.INT32,
        "currency": Kind.INT32,
        "price": Kind.INT64,
        "attribution": Kind.BOOL,
        "label": Kind.BOOL,
        "campaign": Kind.INT32,
        "unknown_terms": Kind.BOOL,
    },
    "reach": {"scope": Kind.INT32, "unit": Kind.INT32, "since": Kind.INT64},
}

MANIFEST_SCHEMAS: Final[dict[str, Schema]] = {
    "manifest": {"line": Kind.INT64, "media": Kind.INT16, "code": Kind.TEXT},
    "manifest_code": {"line": Kind.INT64, "code": Kind.TEXT},
}


def region_columns(regions: int) -> tuple[str, ...]:
    """Return the columns that hold so many territory classes as bits."""
    return tuple(f"regions{number}" for number in range(max(1, -(-regions // REGIONS_MAX))))


def holds(region: int) -> str:
    """Return the SQL condition that a row counts in this territory class."""
    return f"(regions{region // REGIONS_MAX} & {1 << region % REGIONS_MAX}) <> 0"


def schema_of(table: str, *, regions: int) -> Schema:
    """Return the schema of a table of a snapshot with so many territory classes."""
    columns = dict(SCHEMAS[table])
    if table in ("need", "statement"):
        columns |= dict.fromkeys(region_columns(regions), Kind.INT64)
    return columns


def region_values(mask: int, *, regions: int) -> tuple[int, ...]:
    """Return a mask of territory classes, one bit each, as the values of those columns."""
    if regions <= REGIONS_MAX:
        return (mask,)
    columns = len(region_columns(regions))
    return tuple(mask >> REGIONS_MAX * number & (1 << REGIONS_MAX) - 1 for number in range(columns))
