"""What a table of the CSV family is made of, and the columns that several tables share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` says how a cell is read, `default` what an empty cell or a missing column means."""

    name: str
    kind: str
    required: bool = False
    default: str = ""
    example: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the family; `key` is the column whose value may stand in one row only, if any."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: str = ""

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)


TERRITORY: Final = Column("territory", "territory", False, "2136", "2136 -US", "where it holds")
FROM: Final = Column("from", "date", False, "always", "2026-01-01", "the first day, or an exact time")
TO: Final = Column("to", "date", False, "open", "2031-01-01", "the first day on which it no longer holds")
TIER: Final = Column(
    "tier",
    "signal, asserted, documented, verified",
    False,
    "documented",
    "documented",
    "how well it is evidenced; it has effect from documented upward",
)
SIDE: Final = Column("side", "work, recording", False, "what subject is", "recording", "the side it speaks of")
SUBJECT: Final = Column("subject", "reference", True, "", "R0001", "a work or recording")
CODES: Final = Column(
    "codes", "list of codes", False, "", "own:KOMCA:100000000001", "further codes, written with scheme"
)


def code_columns(*names: str) -> tuple[Column, ...]:
    """Return a column for each of these schemes."""
    examples = {
        "isrc": "KRA381900123",
        "iswc": "T0345246801",
        "uci": "I804:44032-200000668457",
        "youtube_asset": "A935917475088049",
        "iscc": "",
        "gtin": "4006381333931",
        "grid": "A12425GABC1234002M",
        "ipi_name": "00014107338",
        "ipi_base": "I-123456789-3",
        "ipn": "",
        "isni": "000000012281955X",
        "dpid": "PADPIDA2013020802I",
    }
    return tuple(Column(name, "list of codes", False, "", examples[name], "") for name in names)
