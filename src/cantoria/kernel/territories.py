"""Territories by CISAC's Territory Information System (TIS): sets of countries as of a moment.

A statement keeps its territory as an *expression*, such as `2136 -0840` (the world but the United States),
because groups change: the United Kingdom left the European Union on 2020-02-01 and took no statement with it.
`resolve` turns an expression into the `TerritorySet` that it means at one moment.

The bits of a mask are positions in this version's table: compare and combine masks, never store them.
Facts: CISAC ISTIS-0184a, TIS09-1540a, TIS09-1540c. Days begin and end at 00:00 UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cantoria.kernel._tis import MEMBERS, TERRITORIES
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY, TIME_MIN, Period, moment_of

WORLD: Final = "2136"
EXPRESSION_CHARS_MAX: Final = 4096

_REMEDY: Final = "use TIS codes (2136, 0410), ISO 3166 alpha-2 (KR), TIS-A codes (2WL), EU or Worldwide"
_ALIASES: Final = {"WW": ("2136",), "WORLDWIDE": ("2136",), "EU": ("2123",)}


def _moment(day: int) -> int:
    return moment_of(datetime(day // 10000, day // 100 % 100, day % 100, tzinfo=UTC))


def _period(first: int, last: int) -> Period:
    return Period(_moment(first) if first else TIME_MIN, _moment(last) + DAY if last else None)


def _read_members() -> dict[str, tuple[tuple[str, Period], ...]]:
    """Return, for each group, its members and when each is one."""
    groups = {}
    for group, text in MEMBERS.items():
        members = []
        for item in text.split():
            child, _, dates = item.partition(":")
            first, _, last = dates.partition("-")
            members.append((child, _period(int(first or 0), int(last or 0))))
        groups[group] = tuple(members)
    return groups


def _read_letter_codes() -> dict[str, tuple[str, ...]]:
    """Return the TIS codes that each letter code ever meant: DE is 0276 and, until 1990, 0280."""
    found: dict[str, tuple[str, ...]] = dict(_ALIASES)
    for code, letters, *_ in sorted(TERRITORIES, key=lambda row: (row[2], row[0])):
        for letter_code in letters.split():
            found[letter_code] = (*found.get(letter_code, ()), code)
    return found


_NAMES: Final = {row[0]: row[4] for row in TERRITORIES}
_EXISTS: Final = {row[0]: _period(row[2], row[3]) for row in TERRITORIES}
_MEMBERS: Final = _read_members()
_LETTER_CODES: Final = _read_letter_codes()
_COUNTRIES: Final = tuple(row[0] for row in TERRITORIES if row[0] not in MEMBERS)
_ISO: Final = tuple(row[1].split()[0] for row in TERRITORIES if row[0] not in MEMBERS)
_BITS: Final = {code: 1 << position for position, code in enumerate(_COUNTRIES)}
_PERIODS: Final = (*_EXISTS.values(), *(period for members in _MEMBERS.values() for _, period in members))
_CHANGES: Final = sorted({p.start for p in _PERIODS} | {p.end for p in _PERIODS if p.end is not None})


@dataclass(frozen=True, slots=True)
class TerritorySet:
    """A set of TIS countries, one bit of `mask` each. `in` takes a TIS or ISO alpha-2 code of a country."""

    mask: int

    def __post_init__(self) -> None:
        if not 0 <= self.mask < 1 << len(_COUNTRIES):
            raise InputError(f"{self.mask} is not a set of countries", "make territory sets by resolve")

    def __or__(self, other: TerritorySet) -> TerritorySet:
        return TerritorySet(self.mask | other.mask)

    def __and__(self, other: TerritorySet) -> TerritorySet:
        return TerritorySet(self.mask & other.mask)

    def __sub__(self, other: TerritorySet) -> TerritorySet:
        return TerritorySet(self.mask & ~other.mask)

    def __le__(self, other: TerritorySet) -> bool:
        return self.mask & ~other.mask == 0

    def __contains__(self, code: str) -> bool:
        bit = _BITS.get(code)  # nearly always asked by the TIS code of a country
        if bit is not None:
            return self.mask & bit != 0
        return any(self.mask & _country_bit(tis) for tis in _tis_codes(code))

    def __len__(self) -> int:
        return self.mask.bit_count()

    def __bool__(self) -> bool:
        return self.mask != 0

    def __iter__(self) -> Iterator[str]:
        return (code for code, bit in _BITS.items() if self.mask & bit)

    def iso(self) -> tuple[str, ...]:
        """Return the ISO 3166 alpha-2 codes of the countries, sorted, each once."""
        return tuple(sorted({_ISO[position] for position in range(len(_ISO)) if self.mask >> position & 1}))


def resolve(text: str, *, at: int) -> TerritorySet:
    """Return the countries that the territory expression `text` means at the moment `at` (UTC microseconds).

    Tokens, separated by spaces, are taken from left to right: a code adds, `-` before it takes away. A
    country or membership counts only while it exists: `SU` is empty after 1991. A letter code means whichever
    of its countries exist then (DE, YU, CS were reused). Raises `InputError` for an unknown code, naming it,
    for an empty expression and for one that begins by taking away.
    """
    return _resolve(text, bisect_right(_CHANGES, at))


def segment(at: int) -> int:
    """Return a number that stands for the time between two neighbouring changes of the table in which `at` lies: at two
    moments of the same number every expression means the same."""
    return bisect_right(_CHANGES, at)


def next_change(at: int) -> int | None:
    """Return the first moment after `at` at which any expression may come to mean other countries, None for never."""
    place = bisect_right(_CHANGES, at)
    return _CHANGES[place] if place < len(_CHANGES) else None


def canonical(text: str) -> str:
    """Return the same expression in TIS codes, with one spelling for one sequence of additions and removals.

    Neighbouring additions (or removals) are sorted and named once; the result means the same at every moment.
    """
    runs: list[tuple[str, set[str]]] = []
    for sign, codes in _steps(text):
        if not runs or runs[-1][0] != sign:
            runs.append((sign, set()))
        runs[-1][1].update(codes)
    return " ".join(sign + code for sign, codes in runs for code in sorted(codes))


def name(code: str) -> str:
    """Return the published name of a territory, of the latest one where a letter code was reused."""
    return _NAMES[_tis_codes(code)[-1]]


def countries(at: int) -> TerritorySet:
    """Return all countries that exist at the moment `at`: the world."""
    return resolve(WORLD, at=at)


@lru_cache(maxsize=65_536)
def _resolve(text: str, segment: int) -> TerritorySet:
    mask = 0
    for sign, codes in _steps(text):
        for code in codes:
            part = _mask(code, segment)
            mask = mask & ~part if sign else mask | part
    return TerritorySet(mask)


@lru_cache(maxsize=65_536)
def _mask(code: str, segment: int) -> int:
    """Return the mask of one territory between two neighbouring changes of the table."""
    moment = _CHANGES[segment - 1] if segment else TIME_MIN - 1
    if not _EXISTS[code].contains(moment):
        return 0
    if code in _BITS:
        return _BITS[code]
    mask = 0
    for child, period in _MEMBERS[code]:
        if period.contains(moment):
            mask |= _mask(child, segment)
    return mask


def _steps(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the steps of an expression: the sign (`-` or empty) and the TIS codes that the token means."""
    if len(text) > EXPRESSION_CHARS_MAX:
        raise InputError(f"territory expression of {len(text)} characters", f"at most {EXPRESSION_CHARS_MAX}")
    steps = []
    for token in text.split():
        sign = "-" if token[0] == "-" else ""
        steps.append((sign, _tis_codes(token[1:] if token[0] in "+-" else token, token)))
    if not steps:
        raise InputError("empty territory expression", "write 2136 for the world")
    if steps[0][0]:
        raise InputError(f"territory expression {text!r} begins by taking away", f"write {WORLD} {text.strip()}")
    return steps


def _tis_codes(code: str, token: str = "") -> tuple[str, ...]:
    """Return the TIS codes meant by one code, oldest first; ASCII only, lest a letter folds into another."""
    if code.isascii():
        if code.isdigit() and len(code) <= 4:
            if code.zfill(4) in _NAMES:
                return (code.zfill(4),)
        elif code.upper() in _LETTER_CODES:
            return _LETTER_CODES[code.upper()]
    raise InputError(f"unknown territory {(token or code)[:40]!r}", _REMEDY)


def _country_bit(code: str) -> int:
    if code not in _BITS:
        raise InputError(f"{code} ({_NAMES[code]}) is a group, not a country", "resolve it at a moment first")
    return _BITS[code]
