"""Layouts of CWR: which fields a record of a version has, at which columns. Read from the generated `_layouts`.

Versions: "2.1", "2.2", "3.0", "3.1" and "3.1-9", the 3.1 of writers that kept 3.0's party numbers of nine characters
(told by a group header that carries a version). Field names are those of the standard in small letters, words joined
by `_`, `#` written `number`; a name that a record has twice gets `_2`. CISAC CWR19-1070R1 (2.x), CWR22-0478 (3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from cantoria.formats.cwr import _layouts
from cantoria.kernel.errors import InputError

VERSIONS: Final = ("2.1", "2.2", "3.0", "3.1", "3.1-9")
PREFIX_CHARS: Final = 19  # record type 3, transaction sequence 8, record sequence 8
WITHOUT_PREFIX: Final = frozenset({"HDR", "GRH", "GRT", "TRL"})
HEADS: Final = {
    "2": frozenset({"AGR", "NWR", "REV", "ISW", "EXC", "ACK"}),
    "3": frozenset({"WRK", "DRW", "ISR", "ISA", "EXC", "ACK", "LIC"}),
}

# Conditional by the type of the record: mandatory where the submitter controls the party, not where others do.
_CONTROLLED: Final = {
    "SPU": ("interested_party_number", "publisher_name", "publisher_type", "publisher_role"),
    "SWR": ("interested_party_number", "writer_last_name", "writer_designation_code", "writer_role"),
}
# Parties that others control may be unknown: real 3.0 files leave their numbers out, whatever the table says.
_UNCONTROLLED: Final = frozenset({"OPT", "OWR", "OWT"})

Row = tuple[str, int, int, str, str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field: `start` is its first column (0-based), `fmt` one of A B F D N T L S, `required` M, C or O.

    `table` names the lookup (`codes` of a table, `society`, `territory`, `ext:…` not held here, `a|b` either);
    `note` holds a constant, or `share` for a number with two implied decimals.
    """

    name: str
    start: int
    size: int
    fmt: str
    required: str
    table: str = ""
    note: str = ""

    @property
    def end(self) -> int:
        """Return the column after the last one (0-based)."""
        return self.start + self.size


@dataclass(frozen=True, slots=True, eq=False)
class RecordLayout:
    """The fields of one record type in one version, in order; `longer` is the layout of lines beyond `length`."""

    version: str
    kind: str
    fields: tuple[Field, ...]
    longer: RecordLayout | None = None
    slices: tuple[tuple[str, slice], ...] = ()

    @property
    def length(self) -> int:
        """Return the columns of a full record."""
        return self.fields[-1].end if self.fields else PREFIX_CHARS

    @property
    def prefixed(self) -> bool:
        """Tell whether the record begins with the two sequence numbers."""
        return self.kind not in WITHOUT_PREFIX

    def field(self, name: str) -> Field:
        """Return the field of that name; raises `InputError` naming it when there is none."""
        for one in self.fields:
            if one.name == name:
                return one
        raise InputError(
            f"{self.kind} of CWR {self.version} has no field {name!r}",
            f"use one of {', '.join(one.name for one in self.fields)}",
            {"field": name},
        )

    def fitting(self, text: str) -> RecordLayout:
        """Return this layout, or the longer one when the text needs it."""
        return self.longer if self.longer is not None and len(text) > self.length else self


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """All record layouts of one version, and the kinds of records that begin a transaction."""

    version: str
    records: Mapping[str, RecordLayout]
    heads: frozenset[str]

    @property
    def major(self) -> str:
        """Return "2" or "3"."""
        return self.version[0]

    def record(self, kind: str) -> RecordLayout:
        """Return the layout of a record type; raises `InputError` when the version has none."""
        found = self.records.get(kind)
        if found is None:
            raise InputError(f"CWR {self.version} has no record {kind!r}", f"use one of {', '.join(self.records)}")
        return found


@cache
def layout_of(version: str) -> Layout:
    """Return the layout of a version; raises `InputError` for one that is not known."""
    tables = _layouts.LAYOUTS.get(version)
    if tables is None:
        raise InputError(f"unknown CWR version {version!r}", f"use one of {', '.join(VERSIONS)}")
    records: dict[str, RecordLayout] = {}
    for kinds, rows in tables.items():
        longer_rows = _layouts.LONGER.get((version, kinds))
        for kind in kinds.split():
            longer = _record_layout(version, kind, longer_rows) if longer_rows else None
            records[kind] = _record_layout(version, kind, rows, longer)
    return Layout(version, MappingProxyType(dict(sorted(records.items()))), HEADS[version[0]])


def _record_layout(version: str, kind: str, rows: tuple[Row, ...], longer: RecordLayout | None = None) -> RecordLayout:
    fields = tuple(_field(kind, *row) for row in rows)
    slices = tuple((one.name, slice(one.start, one.end)) for one in fields)
    return RecordLayout(version, kind, fields, longer, slices)


def _field(kind: str, name: str, start: int, size: int, fmt: str, required: str, table: str, note: str) -> Field:
    if required == "C" and name in _CONTROLLED.get(kind, ()):
        required = "M"
    elif kind in _UNCONTROLLED and name == "interested_party_number":
        required = "C"
    return Field(name, start - 1, size, fmt, required, table, note)
