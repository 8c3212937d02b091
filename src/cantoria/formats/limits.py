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

    file_bytes_max: int = 64 * 1024 * 1024
    elements_max: int = 2_000_000
    depth_max: int = 64
    text_chars_max: int = 100_000
    attributes_max: int = 64


CSV: Final = CsvLimits()
XML: Final = XmlLimits()
