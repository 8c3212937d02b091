"""What the cells of a column look like, and cells read as what they are mapped to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.sheet.fields import TOLD_BY_FORM, Content
from cantoria.formats.sheet.mapping import DurationUnit, ShareUnit

_MOST: Final = 8  # of ten cells
_CLOCK: Final = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-5][0-9])(?:[.,]([0-9]{1,6}))?")
_ISO: Final = re.compile(r"PT(?:([0-9]{1,3})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})(?:\.([0-9]{1,6}))?S)?")
_NUMBER: Final = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]{1,18}(?:[.,][0-9]+)? ?%?")
_SECONDS: Final = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,6}))?")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_DATE: Final = re.compile(r"[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}(?:[ T].*)?|[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{2,4}")
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_PERCENT: Final = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,12}))? ?%?")
_FRACTION: Final = re.compile(r"([0-9]{1,6}) ?/ ?([0-9]{1,6})")
# In this order: the first that most cells are decides. Digits alone are codes only where their check is right.
_SCHEMES: Final = (
    (Content.ISRC, Scheme.ISRC),
    (Content.ISWC, Scheme.ISWC),
    (Content.DPID, Scheme.DPID),
    (Content.GRID, Scheme.GRID),
    (Content.YOUTUBE_ASSET, Scheme.YOUTUBE_ASSET),
    (Content.ISCC, Scheme.ISCC),
    (Content.IPI_BASE, Scheme.IPI_BASE),
    (Content.ISNI, Scheme.ISNI),
    (Content.GTIN, Scheme.GTIN),
    (Content.IPI_NAME, Scheme.IPI_NAME),
)
_DURATION_MS_MAX: Final = 7 * 24 * 3_600_000


def content_of(cells: Sequence[str]) -> Content:
    """Return what most of the cells that are not empty look like."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return Content.EMPTY
    for content, scheme in _SCHEMES:
        # Letters and digits in such an order are no accident: half of the cells are enough to tell.
        enough = 5 if content in TOLD_BY_FORM else _MOST
        if _most(filled, [codes.module_for(scheme).is_valid(cell) for cell in filled], of_ten=enough):
            return content
    for content, pattern in (
        (Content.CLOCK, _CLOCK),
        (Content.NUMBER, _NUMBER),
        (Content.DATE, _DATE),
        (Content.ADDRESS, _ADDRESS),
    ):
        if _most(filled, [pattern.fullmatch(cell) is not None for cell in filled]):
            return content
    return Content.TEXT


def looks_like(cells: Sequence[str], content: Content) -> bool:
    """Tell whether most of the cells that are not empty look like `content`, or there are none."""
    filled = [cell for cell in cells if cell]
    schemes = dict(_SCHEMES)
    if not filled or content not in schemes:
        return True
    return _most(filled, [codes.module_for(schemes[content]).is_valid(cell) for cell in filled])


def _most(cells: Sequence[str], fits: Sequence[bool], *, of_ten: int = _MOST) -> bool:
    return sum(fits) * 10 >= len(cells) * of_ten


def duration_unit(cells: Sequence[str]) -> DurationUnit:
    """Return the unit in which durations are written: whole numbers beyond a day of seconds are milliseconds."""
    filled = [cell for cell in cells if cell]
    clocks = [cell for cell in filled if _CLOCK.fullmatch(cell) or _ISO.fullmatch(cell)]
    if len(clocks) * 2 >= len(filled):
        return "clock"
    numbers = sorted(int(match[1]) for cell in filled if (match := _SECONDS.fullmatch(cell.replace(",", ""))))
    return "ms" if numbers and numbers[len(numbers) // 2] >= 20_000 else "s"


def share_unit(columns: Sequence[Sequence[str]]) -> ShareUnit:
    """Return whether shares are parts of one (all up to 1, one of them a part) or percent."""
    found = [one for cells in columns for cell in cells if (one := share(cell, "percent")) is not None]
    parts = any(0 < one < Fraction(1, 100) for one in found)
    return "fraction" if parts and all(one <= Fraction(1, 100) for one in found) else "percent"


def milliseconds(text: str, unit: DurationUnit) -> int | None:
    """Return a duration in milliseconds, None where the cell is none. Clock times and PT3M4S are read in any unit."""
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2]), int(clock[3])
        return _bounded(((hours * 60 + minutes) * 60 + seconds) * 1_000 + _thousandths(clock[4]))
    iso = _ISO.fullmatch(text)
    if iso is not None and len(text) > 2:
        hours, minutes, seconds = (int(part or 0) for part in iso.group(1, 2, 3))
        return _bounded(((hours * 60 + minutes) * 60 + seconds) * 1_000 + _thousandths(iso[4]))
    # 3,345 is three thousand; 3,5 is three and a half.
    number = _SECONDS.fullmatch(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    if number is None:
        return None
    if unit == "ms":
        return _bounded(int(number[1]))
    return _bounded(int(number[1]) * 1_000 + _thousandths(number[2]))


def _thousandths(digits: str | None) -> int:
    return int((digits or "0")[:3].ljust(3, "0"))


def _bounded(value: int) -> int | None:
    return value if value <= _DURATION_MS_MAX else None


def share(text: str, unit: ShareUnit) -> Fraction | None:
    """Return a share as an exact part of one, None where the cell is none."""
    fraction = _FRACTION.fullmatch(text)
    if fraction is not None:
        over, under = int(fraction[1]), int(fraction[2])
        return Fraction(over, under) if under and over <= under else None
    percent = _PERCENT.fullmatch(text)
    if percent is None:
        return None
    digits = percent[2] or ""
    value = Fraction(int(percent[1] + digits), 10 ** len(digits))
    value = value if unit == "fraction" and not text.endswith("%") else value / 100
    return value if value <= 1 else None
