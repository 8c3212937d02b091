"""Work lists as Korean publishers keep them, in CSV or Excel (docs/reference/worklist.md)."""

from cantoria.formats.worklist.reading import FORMAT, read

__all__ = ["FORMAT", "read"]
