"""Lists of words as they stand best in source: one text, taken apart once."""

from __future__ import annotations


def words(text: str, *, by: str | None = None) -> tuple[str, ...]:
    """Return the parts of `text` between separators, by default any white space."""
    return tuple(part for part in text.split(by) if part)
