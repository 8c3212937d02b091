"""`as_text`: text in a CSV that stays text when a spreadsheet opens the file."""

from __future__ import annotations

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full-width too: some fold them


def as_text(text: str) -> str:
    """Return `text`, preceded by an apostrophe where a spreadsheet would take it for a formula, even behind spaces."""
    return "'" + text if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text
