"""Text of strangers' files as it may stand in a fact: on one line, without control characters, of bounded length."""

from __future__ import annotations

import re
from typing import Final

TEXT_CHARS_MAX: Final = 10_000
_UNFIT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SPACE: Final = re.compile("[\t\n\r\u2028\u2029]")


def plain(text: str, *, chars_max: int = TEXT_CHARS_MAX) -> str:
    """Return `text` on one line without outer spaces. Line breaks and tabs become spaces; other control characters
    and half characters become the replacement character; what is longer than `chars_max` is cut."""
    if text.isascii() and text.isprintable():
        return text.strip()[:chars_max]
    return _UNFIT.sub("\ufffd", _SPACE.sub(" ", text)).strip()[:chars_max]
