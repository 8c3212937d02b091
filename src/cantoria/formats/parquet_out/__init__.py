"""Parquet out: what the registry knows as tables for analysis (docs/reference/exports.md)."""

from cantoria.formats.parquet_out.schema import SCHEMAS
from cantoria.formats.parquet_out.writing import write

FORMAT = "parquet"

__all__ = ["FORMAT", "SCHEMAS", "write"]
