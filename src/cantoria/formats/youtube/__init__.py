"""YouTube Content ID reports: assets, conflicts and claims in (docs/reference/youtube.md)."""

from cantoria.formats.youtube.reading import FORMAT, read
from cantoria.formats.youtube.reports import Report, ReportKind, recognise

__all__ = ["FORMAT", "Report", "ReportKind", "read", "recognise"]
