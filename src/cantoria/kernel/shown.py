"""Text by strangers, as it may be shown to a person: what a terminal or a page takes as an order is spelt out.

Control characters can move the cursor and colour over what was said before; marks of direction can turn a sentence
round. Both are written as JSON escapes, so that what is shown is still all of what was there.
"""

from __future__ import annotations

import json
import re
from typing import Final

_ORDERS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, among them the beginning of every terminal sequence
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks of direction
    "\u2028\u2029\ufeff\ud800-\udfff\U000e0000-\U000e007f]"  # ends of lines, invisible marks, half characters
)
_PLAIN: Final = re.compile("[!-~]+")
_IN_JSON: Final = re.compile(f"(?!\n){_ORDERS.pattern}")


def shown(text: str) -> str:
    """Return `text` on one line, with everything in it that is an order rather than a character as a JSON escape."""
    return _ORDERS.sub(_escape, text)


def shown_exact(text: str) -> str:
    """Return an identifier as it is where it is plain ASCII without spaces, else as a JSON text in ASCII: another one
    that only looks the same, by an invisible mark or a letter of another script, is seen to be another."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def shown_json(text: str) -> str:
    """Return JSON that says the same as the JSON in `text`, laid out in the same lines, and gives no orders."""
    return _IN_JSON.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
