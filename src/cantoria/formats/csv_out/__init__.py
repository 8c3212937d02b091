"""The CSV family out: entries as the tables that `csvfamily` reads (docs/reference/exports.md).

A package beside `csvfamily`, since entries are made with what that reads by, and this is made of entries.
"""

from cantoria.formats.csv_out.writing import WRITTEN, write, write_family

FORMAT = "csv"

__all__ = ["FORMAT", "WRITTEN", "write", "write_family"]
