"""JSON-LD out: works, recordings, releases and parties for the web of data (docs/reference/exports.md)."""

from cantoria.formats.jsonld.context import CONTEXT, CONTEXT_ID
from cantoria.formats.jsonld.writing import write, write_lines

FORMAT = "jsonld"

__all__ = ["CONTEXT", "CONTEXT_ID", "FORMAT", "write", "write_lines"]
