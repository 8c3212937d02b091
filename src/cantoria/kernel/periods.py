"""Half-open periods [start, end) in UTC microseconds since 1970; an open end is None."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from cantoria.kernel.errors import InputError

MICROSECONDS: Final = 1_000_000
DAY: Final = 86_400 * MICROSECONDS
# Times are JSON integers, so they end where those end (2^53 - 1): the years 1684 to 2255. The first means "always".
TIME_MAX: Final = 2**53 - 1
TIME_MIN: Final = -TIME_MAX
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Narrower than `fromisoformat`, which also reads week dates and drops digits beyond the microsecond.
_FORM: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (included) to `end` (excluded, None = open), in UTC microseconds."""

    start: int = TIME_MIN
    end: int | None = None

    def __post_init__(self) -> None:
        if not TIME_MIN <= self.start <= TIME_MAX or (self.end is not None and self.end > TIME_MAX):
            raise InputError(f"period {self.start}..{self.end} leaves the years 1684 to 2255", "check the dates")
        if self.end is not None and self.end <= self.start:
            raise InputError(f"period ends at {self.end}, not after its start {self.start}", "swap or fix the dates")

    def contains(self, moment: int) -> bool:
        """Tell whether `moment` lies in the period."""
        return self.start <= moment and (self.end is None or moment < self.end)

    def ends(self) -> tuple[int, ...]:
        """Return the moments at which it begins and, unless it is open, ends."""
        return (self.start,) if self.end is None else (self.start, self.end)

    def intersect(self, other: Period) -> Period | None:
        """Return the common part, or None when there is none."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends) if ends else None
        return Period(start, end) if end is None or start < end else None


ALWAYS: Final = Period()


def parse_moment(text: str) -> int:
    """Return UTC microseconds of `2026-11-20` or an RFC 3339 time with offset; anything else is an `InputError`."""
    try:
        if not _FORM.fullmatch(text):
            raise ValueError("neither a day nor an RFC 3339 time")
        if len(text) == 10:
            parsed = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        else:
            parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is not a date or time", "write 2026-11-20 or 2026-11-20T09:00:00Z") from error
    if parsed.tzinfo is None:
        raise InputError(f"{text!r} has no time zone", "add Z or an offset such as +09:00")
    moment = moment_of(parsed)
    if not TIME_MIN <= moment <= TIME_MAX:
        raise InputError(f"{text!r} is outside the years 1684 to 2255", "check the date")
    return moment


def moment_of(when: datetime) -> int:
    """Return the UTC microseconds of an aware datetime, exactly."""
    return (when - _EPOCH) // timedelta(microseconds=1)


def format_moment(moment: int) -> str:
    """Write UTC microseconds as RFC 3339; a whole day as the date alone."""
    when = _EPOCH + timedelta(microseconds=moment)
    if moment % DAY == 0:
        return when.date().isoformat()
    return when.isoformat().replace("+00:00", "Z")
