"""Limits on what a stranger can send, each with its unit in its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLimits:
    """Of one CSV file. A record longer than `record_chars_max` is refused by itself; a file beyond the other limits
    is refused whole."""

    file_bytes_max: int = 256 * 1024 * 1024
    records_max: int = 2_000_000
    columns_max: int = 200
    cell_chars_max: int = 10_000
    record_chars_max: int = 100_000
    list_items_max: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """Of one XML message; beyond any of them it is refused whole."""

    file_bytes_max: int = 1024 * 1024 * 1024
    elements_max: int = 40_000_000
    record_bytes_max: int = 32 * 1024 * 1024  # of one record, which stands in memory
    depth_max: int = 64
    text_chars_max: int = 100_000
    attributes_max: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlStreamLimits:
    """Of one XML file that is read record by record; beyond any of them reading ends."""

    file_bytes_max: int = 4 * 1024 * 1024 * 1024
    record_elements_max: int = 200_000
    depth_max: int = 64
    text_chars_max: int = 100_000
    attributes_max: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLimits:
    """Of one line of a file of JSON lines (refused by itself beyond them), and of one document (refused whole)."""

    line_bytes_max: int = 8 * 1024 * 1024
    document_bytes_max: int = 32 * 1024 * 1024
    values_max: int = 2_000_000
    list_items_max: int = 20_000
    text_chars_max: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TsvLimits:
    """Of one TSV file that is read line by line; a row beyond them is refused by itself."""

    row_bytes_max: int = 1024 * 1024
    cell_chars_max: int = 10_000
    columns_max: int = 200
    list_items_max: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLimits:
    """Of one table of somebody else's (text of any dialect, or a workbook). Beyond those of a file it is refused
    whole, beyond those of a row that row alone. A workbook stands in memory while it is read, text does not."""

    text_bytes_max: int = 64 * 1024**3
    workbook_bytes_max: int = 64 * 1024**2
    unpacked_bytes_max: int = 128 * 1024**2
    marks_max: int = 12_000_000  # of XML in one part: each element has one or two
    parts_max: int = 2_000
    sheets_max: int = 200
    cells_max: int = 2_000_000
    rows_max: int = 50_000_000
    columns_max: int = 1_000
    cell_chars_max: int = 10_000
    record_chars_max: int = 100_000
    record_lines_max: int = 1_000
    line_bytes_max: int = 1024**2
    group_rows_max: int = 2_000
    mapping_chars_max: int = 100_000
    remembered_max: int = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class CwrLimits:
    """Of one CWR file, which may be of any length. A longer line stands alone, unread; of a transaction, what goes
    beyond is left out, with a finding."""

    line_bytes_max: int = 4_096
    chunk_bytes: int = 262_144
    transaction_records_max: int = 20_000
    item_findings_max: int = 200
    stray_findings_max: int = 10_000
    remembered_codes_max: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLimits:
    """Of a large table and of the batches made of it; a row beyond them is refused by itself, a batch whole."""

    batch_bytes_max: int = 2 * 1024 * 1024 * 1024  # unpacked
    columns_max: int = 200
    header_bytes_max: int = 100_000
    text_chars_max: int = 1_000
    duration_ms_max: int = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalLimits:
    """Of one file, page or set of headers with outside signals; beyond any of them it is refused whole, but a longer
    robots.txt is read up to `robots_bytes_max` (RFC 9309 section 2.5) and a longer page up to `page_bytes_max`."""

    file_bytes_max: int = 1024 * 1024
    robots_bytes_max: int = 512 * 1024
    page_bytes_max: int = 512 * 1024
    manifest_bytes_max: int = 16 * 1024 * 1024
    header_bytes_max: int = 64 * 1024
    depth_max: int = 32
    values_max: int = 200_000
    rules_max: int = 5_000
    findings_max: int = 200
    text_chars_max: int = 4_000


CSV: Final = CsvLimits()
XML: Final = XmlLimits()
XML_STREAM: Final = XmlStreamLimits()
JSON: Final = JsonLimits()
TSV: Final = TsvLimits()
SHEET: Final = SheetLimits()
CWR: Final = CwrLimits()
BULK: Final = BulkLimits()
SIGNALS: Final = SignalLimits()
