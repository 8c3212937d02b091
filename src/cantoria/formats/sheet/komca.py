"""Codes of KOMCA, the Korean society of authors: of works (twelve digits) and of right holders.

KOMCA publishes no specification of them; that a code of a work has twelve digits is what its members' lists show. They
are kept as own codes of these namespaces.
"""

from __future__ import annotations

from typing import Final

WORKS: Final = "KOMCA"
AUTHORS: Final = "KOMCA-AUTHOR"


def komca_code(text: str) -> str:
    """Return KOMCA's code of a work, twelve digits; empty where the text is none. Zeros that a spreadsheet dropped
    from the front are put back."""
    digits = text.replace("-", "").replace(" ", "")
    return digits.zfill(12) if digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 12 else ""
