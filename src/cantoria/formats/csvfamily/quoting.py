"""An apostrophe before text that a spreadsheet would take for a formula, put there on the way out and taken away on the
way in, so that both files and programs see text and nothing is changed by the journey."""

from __future__ import annotations

from cantoria.kernel.spreadsheet import as_text


def quoted(text: str) -> str:
    """Return `text`, preceded by an apostrophe where it would be a formula, or would be taken for such a text."""
    return "'" + text if _formula(text) else text


def unquoted(text: str) -> str:
    """Return the text that `quoted` wrote as `text`; text without such an apostrophe as it is."""
    return text[1:] if text.startswith("'") and _formula(text) else text


def _formula(text: str) -> bool:
    """Tell whether text is a formula behind any number of apostrophes."""
    bare = text.lstrip("'")
    return as_text(bare) != bare
