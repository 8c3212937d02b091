"""ISO 8601 durations, as messages and feeds of the trade write the length of a recording."""

from __future__ import annotations

import re
from typing import Final

_DURATION: Final = re.compile(
    r"P(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,9})(?:[.,]([0-9]{1,9}))?S)?)?"
)


def duration_of(text: str) -> int | None:
    """Return the milliseconds of `PT3M34S`, None for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:4])
    thousandths = int((found[5] or "").ljust(3, "0")[:3])
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def text_of_duration(duration_ms: int | None) -> str:
    """Return a duration in minutes and seconds, nothing for None."""
    if duration_ms is None:
        return ""
    seconds, thousandths = divmod(duration_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    rest = f".{thousandths:03d}" if thousandths else ""
    return f"PT{minutes}M{seconds}{rest}S"
