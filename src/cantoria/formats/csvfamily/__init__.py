"""The CSV family: plain tables in, facts and findings out (docs/reference/csv.md)."""

from cantoria.formats.csvfamily.columns import Column, Table
from cantoria.formats.csvfamily.desk import Context
from cantoria.formats.csvfamily.family import read_family, table_of
from cantoria.formats.csvfamily.foreign import read_mapped
from cantoria.formats.csvfamily.lists import ManifestRead, PlaysRead, read_manifest, read_plays
from cantoria.formats.csvfamily.tables import FACT_TABLES, TABLES

__all__ = [
    "FACT_TABLES",
    "TABLES",
    "Column",
    "Context",
    "ManifestRead",
    "PlaysRead",
    "Table",
    "read_family",
    "read_manifest",
    "read_mapped",
    "read_plays",
    "table_of",
]
