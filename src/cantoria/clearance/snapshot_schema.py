"""The tables of a rights snapshot: what the set-based plan reads (documented in `docs/reference/snapshot.md`).

A snapshot is the rights views as of one ledger size in columns of integers. It answers every request (all uses,
licensees, territories and profiles) for every moment from `at` to before `until`. Texts stand once, in dictionaries.
Numbers begin at 1 and are stable along a lineage of snapshots; 0 stands for nobody and nothing.
"""

from __future__ import annotations

from typing import Final

from cantoria.clearance.analytics import Kind, Schema
from cantoria.kernel.uses import Use

REGIONS_MAX: Final = 62  # territory classes in one 64-bit mask
INDEX_BITS: Final = 38
OPEN_END: Final = 1 << 62
DAYS_MAX: Final = 30  # that a snapshot answers for
OPEN_START: Final = -OPEN_END
WORLD_PLACE: Final = 1

# `need.asked`: bit mode * 6 + position of the use, where mode = 1 * trust_cmo + 2 * estate_representative.
SIDE_USES: Final = (
    Use.ANALYSE,
    Use.TRAIN_NONGENERATIVE,
    Use.TRAIN_GENERATIVE,
    Use.INPUT,
    Use.RELEASE_OUTPUT,
    Use.ADVERTISE,
)
# `person.asked`: bit mode * 5 + position of the use.
PERSON_USES: Final = (Use.STYLE, Use.VOICE, Use.LIKENESS, Use.RELEASE_OUTPUT, Use.ADVERTISE)
MODES: Final = 4
# `statement.uses` and `signal.uses`: bit by position among all uses.
USE_BITS: Final = {use: 1 << position for position, use in enumerate(Use)}

SCHEMAS: Final[dict[str, Schema]] = {
    # dictionaries, which only grow
    "subject": {"subject": Kind.INT32, "text": Kind.TEXT, "media": Kind.INT16},
    "thing": {"thing": Kind.INT32, "text": Kind.TEXT},
    "unit": {"unit": Kind.INT32, "kind": Kind.INT16, "thing": Kind.INT32, "recording": Kind.INT32},
    "scope": {"scope": Kind.INT32, "kind": Kind.INT16, "text": Kind.TEXT},
    "party": {"party": Kind.INT32, "text": Kind.TEXT},
    "voice": {"voice": Kind.INT32, "text": Kind.TEXT, "principal": Kind.INT32, "party": Kind.INT32},
    "statement_name": {"index": Kind.INT64, "text": Kind.TEXT},
    "term": {"term": Kind.INT32, "text": Kind.TEXT},
    "place": {"place": Kind.INT32, "countries": Kind.TEXT},
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
    "signal": {
        "subject": Kind.INT32,
        "uses": Kind.INT16,
        "place": Kind.INT32,
        "since": Kind.INT64,
        "until": Kind.INT64,
        "index": Kind.INT64,
        "about": Kind.INT32,
    },
    "unit_problem": {"unit": Kind.INT32, "code": Kind.INT16, "about": Kind.INT32, "place": Kind.INT32},
    "need": {
        "unit": Kind.INT32,
        "voice": Kind.INT32,
        "about": Kind.INT32,
        "registered": Kind.INT64,
        "reachable": Kind.BOOL,
        "place": Kind.INT32,
        "asked": Kind.INT32,
    },
    "person": {"party": Kind.INT32, "voice": Kind.INT32, "asked": Kind.INT32, "reachable": Kind.BOOL},
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
        "place": Kind.INT32,
        "since": Kind.INT64,
        "until": Kind.INT64,
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

DICTIONARIES: Final = ("subject", "thing", "unit", "scope", "party", "voice", "statement_name", "term", "place")
# Who owns a row, for deltas: the column that holds the owner, and the kind of owner in table `gone`.
CODE, SUBJECT, UNIT, VOICE, PARTY = range(1, 6)
OWNERS: Final[dict[str, tuple[str, int]]] = {
    "name": ("code", CODE),
    "lead": ("code", CODE),
    "part": ("subject", SUBJECT),
    "problem": ("subject", SUBJECT),
    "signal": ("subject", SUBJECT),
    "unit_problem": ("unit", UNIT),
    "need": ("unit", UNIT),
    "reach": ("unit", UNIT),
    "statement": ("voice", VOICE),
    "person": ("party", PARTY),
}
GONE_SCHEMA: Final[Schema] = {"kind": Kind.INT16, "key": Kind.TEXT}

MANIFEST_SCHEMAS: Final[dict[str, Schema]] = {
    "manifest": {"line": Kind.INT64, "media": Kind.INT16, "code": Kind.TEXT},
    "manifest_code": {"line": Kind.INT64, "code": Kind.TEXT},
    "manifest_refused": {"line": Kind.INT64, "uses": Kind.INT16},
}


def mode_of(*, trust_cmo: bool, estate_representative: bool) -> int:
    """Return the mode of a profile that demands these: which of the four groups of bits of `asked` it looks at."""
    return 1 * trust_cmo + 2 * estate_representative


def place_mask_schema(regions: int) -> Schema:
    """Return the schema of `place_mask`, made for a request with so many territory classes: which of them a place
    holds, and how many countries it has in all. Places that hold none are left out."""
    columns = dict.fromkeys(region_columns(regions), Kind.INT64)
    return {"place": Kind.INT32, "countries": Kind.INT16} | columns


def region_columns(regions: int) -> tuple[str, ...]:
    """Return the columns that hold so many territory classes as bits."""
    return tuple(f"regions{number}" for number in range(max(1, -(-regions // REGIONS_MAX))))


def holds(region: int) -> str:
    """Return the SQL condition that a row counts in this territory class."""
    return f"(regions{region // REGIONS_MAX} & {1 << region % REGIONS_MAX}) <> 0"


def region_values(mask: int, *, regions: int) -> tuple[int, ...]:
    """Return a mask of territory classes, one bit each, as the values of those columns."""
    columns = len(region_columns(regions))
    return tuple(mask >> REGIONS_MAX * number & (1 << REGIONS_MAX) - 1 for number in range(columns))
