"""Text as CWR's Latin fields take it: capitals of plain ASCII. The other records carry the text as it is."""

from __future__ import annotations

import unicodedata

from anyascii import anyascii


def roman(text: str) -> str:
    """Return the text in ASCII capitals: accents left off, other scripts romanised, blanks single."""
    if text.isascii() and text.isprintable():
        return " ".join(text.upper().split())
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    spelt = bare if bare.isascii() else anyascii(unicodedata.normalize("NFKC", text))
    return " ".join("".join(one if one.isprintable() else " " for one in spelt).upper().split())


def keeps(text: str) -> bool:
    """Tell whether the text is the same in ASCII capitals, but for its case and blanks."""
    return roman(text) == " ".join(text.split()).upper()


def printed(text: str) -> str:
    """Return the text in its own script, without what cannot be printed."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
