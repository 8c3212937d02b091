"""What a CWR file is made of: records by their fields, transactions, groups, and what is odd about them.

A `Record` keeps its line as it stands (`raw`, `manner`), so that writing what was read gives the same bytes; its
`values` are cut out when first asked for. Every item of a file has `records` and `findings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from cantoria.formats.cwr.layout import RecordLayout
from cantoria.formats.types import Finding, Severity


class Level(StrEnum):
    """What a message of CWR is about and rejects: field, record, transaction, group or entire file."""

    FIELD = "F"
    RECORD = "R"
    TRANSACTION = "T"
    GROUP = "G"
    FILE = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class CwrFinding(Finding):
    """A finding with CWR's level, our own name of the rule (docs/reference/cwr.md), and the record it is about.

    `severity` is ERROR when the level is T, G or E: the transaction is not taken. At R the record is passed over, at
    F the field, and the rest is taken: WARNING. INFO rejects nothing.
    """

    level: Level = Level.FIELD
    rule: str = ""
    record: str = ""  # the record's type
    sequence: int = 0  # its record sequence number


@dataclass(frozen=True, slots=True)
class Manner:
    """How a line stands in its file: the bytes that end it, and the encoding of its text."""

    end: str = "\r\n"
    encoding: str = "utf-8"


PLAIN: Final = Manner()


class Record:
    """One line: its type, line number (1-based, 0 for one that was composed), text without its end, and its fields.

    Not to be changed. `layout` is None for a line of no known type.
    """

    __slots__ = ("_values", "kind", "layout", "line", "manner", "raw")

    def __init__(self, kind: str, line: int, raw: str, layout: RecordLayout | None, manner: Manner = PLAIN) -> None:
        self.kind = kind
        self.line = line
        self.raw = raw
        self.layout = layout
        self.manner = manner
        self._values: dict[str, str] | None = None

    @property
    def values(self) -> Mapping[str, str]:
        """Return the text of every field by its name, without the blanks around it; "" when blank or cut off."""
        if self._values is None:
            raw = self.raw
            slices = self.layout.slices if self.layout is not None else ()
            self._values = {name: raw[part].strip(" ") for name, part in slices}
        return self._values

    @property
    def transaction_sequence(self) -> int | None:
        """Return the transaction sequence number, None when it is no number or the record has none."""
        return _number(self.raw[3:11]) if self.layout is not None and self.layout.prefixed else None

    @property
    def record_sequence(self) -> int | None:
        """Return the record sequence number, None when it is no number or the record has none."""
        return _number(self.raw[11:19]) if self.layout is not None and self.layout.prefixed else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return (self.raw, self.manner, self.line) == (other.raw, other.manner, other.line)

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"Record({self.kind!r}, {self.line}, {self.raw!r})"


@dataclass(frozen=True, slots=True)
class Header:
    """HDR: who sends the file. `version` is that of the layout; `sender_id` is as sent, without blanks.

    In 2.x an IPI name number of eleven digits begins in the sender type; `sender_ipi` puts it together.
    """

    record: Record
    version: str
    revision: str
    sender_type: str
    sender_id: str
    sender_name: str
    sender_ipi: str
    created: str  # YYYYMMDDHHMMSS as sent
    charset: str
    file: str
    findings: tuple[CwrFinding, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the record."""
        return (self.record,)


@dataclass(frozen=True, slots=True)
class Group:
    """GRH: begins a group of transactions of one kind."""

    record: Record
    kind: str
    number: int
    findings: tuple[CwrFinding, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the record."""
        return (self.record,)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction: its kind (NWR, WRK, ACK …), first line, records in order (the first has that kind), findings.

    An ACK that repeats the transaction it answers holds its records after its own ACK and MSG records.
    """

    kind: str
    line: int
    version: str
    records: tuple[Record, ...]
    findings: tuple[CwrFinding, ...] = ()

    @property
    def rejected(self) -> bool:
        """Tell whether a finding rejects the transaction (level T and above)."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def original(self) -> tuple[Record, ...]:
        """Return the records of the transaction that an ACK repeats; nothing for other kinds."""
        if self.kind != "ACK":
            return ()
        for position, record in enumerate(self.records):
            if record.kind not in ("ACK", "MSG"):
                return self.records[position:]
        return ()

    def of(self, *kinds: str) -> Iterator[Record]:
        """Give the records of these types in order."""
        return (record for record in self.records if record.kind in kinds)


@dataclass(frozen=True, slots=True)
class GroupEnd:
    """GRT: ends a group; its counts were compared."""

    record: Record
    findings: tuple[CwrFinding, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the record."""
        return (self.record,)


@dataclass(frozen=True, slots=True)
class Trailer:
    """TRL: ends the file; its counts were compared. `record` is None when the file ends without one."""

    record: Record | None
    findings: tuple[CwrFinding, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the record, if there is one."""
        return () if self.record is None else (self.record,)


@dataclass(frozen=True, slots=True)
class Stray:
    """A line that belongs to nothing: of no known type, empty, or outside of every transaction."""

    record: Record
    findings: tuple[CwrFinding, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """Return the record."""
        return (self.record,)


Item: TypeAlias = Header | Group | Transaction | GroupEnd | Trailer | Stray


def _number(text: str) -> int | None:
    return int(text) if len(text) == 8 and text.isascii() and text.isdigit() else None
