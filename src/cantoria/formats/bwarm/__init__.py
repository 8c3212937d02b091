"""BWARM-style bulk files of works, shares and recordings, in and out (docs/reference/bwarm.md)."""

from cantoria.formats.bwarm.columns import TABLES, order_of, table_of
from cantoria.formats.bwarm.reading import read, read_set
from cantoria.formats.bwarm.writing import write

FORMAT = "bwarm"

__all__ = ["FORMAT", "TABLES", "order_of", "read", "read_set", "table_of", "write"]
