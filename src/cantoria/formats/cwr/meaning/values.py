"""Fields of CWR records as values: text by the names that the versions give a field, shares, dates, durations."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final

from cantoria.formats.cwr.records import Record
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment

HUNDREDTHS: Final = 10_000  # a share field is a percentage with two implied decimals

# What a field is called in 2.x and in 3.x.
PUBLISHER_ROLE: Final = ("publisher_type", "publisher_role")
WRITER_ROLE: Final = ("writer_designation_code", "writer_role")
TERRITORY: Final = ("tis_numeric_code", "territory_code")
ALTERNATIVE: Final = ("alternate_title", "alternative_title", "title")
WORK_NUMBER: Final = ("submitter_work_number", "submitter_original_work_number")
VALIDITY: Final = ("identifier_validity", "validity")


def text(record: Record, *names: str) -> str:
    """Return the first filled field of these names, "" when all are blank."""
    values = record.values
    for name in names:
        found = values.get(name)
        if found:
            return found
    return ""


def flag(record: Record, name: str) -> bool:
    """Tell whether an indicator says yes."""
    return record.values.get(name) == "Y"


def share(record: Record, name: str) -> Fraction | None:
    """Return a share as an exact fraction of 1; None when it is blank, no number or above the whole."""
    return _share(record.values.get(name, ""))


@lru_cache(maxsize=32_768)
def _share(found: str) -> Fraction | None:
    if not (found.isascii() and found.isdigit()):
        return None
    hundredths = int(found)
    return Fraction(hundredths, HUNDREDTHS) if hundredths <= HUNDREDTHS else None


def number(record: Record, name: str) -> int:
    """Return a number, 0 when the field is none."""
    found = record.values.get(name, "")
    return int(found) if found.isascii() and found.isdigit() else 0


def milliseconds(record: Record, name: str) -> int | None:
    """Return a duration HHMMSS in milliseconds; None when it is blank, zero or no duration."""
    found = record.values.get(name, "")
    if len(found) != 6 or not (found.isascii() and found.isdigit()):
        return None
    hours, minutes, seconds = int(found[:2]), int(found[2:4]), int(found[4:])
    total = (hours * 3600 + minutes * 60 + seconds) * 1000
    return total if total and minutes < 60 and seconds < 60 else None


def moment(text_of_day: str) -> int | None:
    """Return the beginning of a day YYYYMMDD in UTC microseconds; None when it is blank, zeros or no day."""
    digits = text_of_day.isascii() and text_of_day.isdigit()
    if len(text_of_day) != 8 or not digits or not text_of_day.strip("0"):
        return None
    try:
        return parse_moment(f"{text_of_day[:4]}-{text_of_day[4:6]}-{text_of_day[6:]}")
    except InputError:
        return None


def whole_name(last: str, first: str) -> str:
    """Return a writer's name as `LAST, FIRST`, which can be told apart again."""
    return f"{last}, {first}" if last and first else last or first


def split_name(name: str) -> tuple[str, str]:
    """Return last and first name of `LAST, FIRST` or `FIRST LAST`."""
    if ", " in name:
        last, _, first = name.partition(", ")
        return last.strip(), first.strip()
    first, _, last = name.rpartition(" ")
    return last.strip(), first.strip()
