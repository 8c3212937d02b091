"""Large catalogues: rows of a table or Parquet file in, checked in columns; batches of spec/batch.md out and in."""

from cantoria.formats.bulk.batch import decode, encode
from cantoria.formats.bulk.check import Checked, check
from cantoria.formats.bulk.source import Chunk, read

__all__ = ["Checked", "Chunk", "check", "decode", "encode", "read"]
