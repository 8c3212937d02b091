"""CWR, the Common Works Registration of CISAC: 2.1, 2.2, 3.0 and 3.1 (docs/reference/cwr.md).

Bytes ↔ transactions: `read_transactions`, `write_transactions`, and `write_items` for what was read. What the
transactions mean is in `meaning`.
"""

from typing import Final

from cantoria.formats.cwr.layout import VERSIONS, Field, Layout, RecordLayout, layout_of
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import (
    CwrFinding,
    Group,
    GroupEnd,
    Header,
    Item,
    Level,
    Manner,
    Record,
    Stray,
    Trailer,
    Transaction,
)
from cantoria.formats.cwr.writer import compose, write_items, write_transactions

FORMAT: Final = "cwr"

__all__ = [
    "FORMAT",
    "VERSIONS",
    "CwrFinding",
    "Field",
    "Group",
    "GroupEnd",
    "Header",
    "Item",
    "Layout",
    "Level",
    "Manner",
    "Record",
    "RecordLayout",
    "Stray",
    "Trailer",
    "Transaction",
    "compose",
    "layout_of",
    "read_transactions",
    "write_items",
    "write_transactions",
]
