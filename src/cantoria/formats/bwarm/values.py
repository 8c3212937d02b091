"""What the words and numbers of a BWARM-style cell mean, and how they are written again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeVar

from cantoria.formats.outgoing import Lost
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import ALWAYS, DAY, TIME_MIN, Period, format_moment, parse_moment
from cantoria.kernel.territories import WORLD
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import Right, Role

# Allowed values of DDEX (PartyRole, TitleType, RightShareType, RightsCoverage); the first of a kind is the one written.
ROLES: Final = {
    "Composer": Role.COMPOSER,
    "Lyricist": Role.LYRICIST,
    "ComposerLyricist": Role.AUTHOR,
    "Arranger": Role.ARRANGER,
    "Translator": Role.TRANSLATOR,
    "OriginalPublisher": Role.PUBLISHER,
    "Author": Role.AUTHOR,
    "Creator": Role.AUTHOR,
    "Adapter": Role.ARRANGER,
    "SubArranger": Role.ARRANGER,
    "SubLyricist": Role.LYRICIST,
    "MusicPublisher": Role.PUBLISHER,
    "SubPublisher": Role.PUBLISHER,
    "SubstitutedPublisher": Role.PUBLISHER,
}
ADMINISTRATOR: Final = "RightsAdministrator"
COLLECTED: Final = frozenset({"MusicalWorkCollectionShare", "LicensingShare"})
COLLECTION: Final = "MusicalWorkCollectionShare"
WRITTEN_BY: Final = "MusicalWorkManuscriptShare"
PUBLISHED_BY: Final = "OriginalPublisherShare"
RIGHTS: Final = {
    "MechanicalRight": (Right.MECHANICAL,),
    "PerformingRight": (Right.PERFORMING,),
    "SynchronizationRight": (Right.SYNCHRONISATION,),
    "ReproductionRight": (Right.MECHANICAL,),
    "All": (Right.PERFORMING, Right.MECHANICAL, Right.SYNCHRONISATION),
}
TITLES: Final = {
    "AlternativeTitle": TitleKind.ALTERNATIVE,
    "TranslatedTitle": TitleKind.TRANSLATED,
    "TransliteratedTitle": TitleKind.TRANSCRIBED,
    "FormalTitle": TitleKind.FORMAL,
    "FirstLineOfText": TitleKind.FIRST_LINE,
    "TitleAsPart": TitleKind.PART,
    "IncorrectTitle": TitleKind.INCORRECT,
    "MisspelledTitle": TitleKind.INCORRECT,
}
_PERCENT: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,12}))? ?%?")
_DECIMALS: Final = 12

K = TypeVar("K")


def first_of(table: Mapping[str, K], kind: K) -> str:
    """Return the word that is written for a kind; nothing where none is."""
    return next((word for word, meant in table.items() if meant == kind), "")


@lru_cache(maxsize=4096)
def share_of(text: str) -> Fraction | None:
    """Return an exact share of percent, None for an empty cell; `InputError` for anything else."""
    if not text:
        return None
    found = _PERCENT.fullmatch(text)
    digits = (found[2] or "") if found else ""
    share = Fraction(int(found[1] + digits), 100 * 10 ** len(digits)) if found else Fraction(2)
    if share > 1:
        raise InputError(
            "the share is not between 0 and 100 percent",
            "write percent, such as 33.3333",
            {"field": "RightSharePercentage", "value": text},
        )
    return share


def percent_of(share: Fraction, *, lost: Lost, thing: str) -> str:
    """Return a share as percent; where that does not end, rounded down to 12 decimals, which is noted."""
    scaled = share * 100 * 10**_DECIMALS
    if scaled.denominator != 1:
        lost.note("a share that percent cannot say exactly is rounded down", "export CSV", thing=thing)
    whole, rest = divmod(scaled.numerator // scaled.denominator, 10**_DECIMALS)
    decimals = f"{rest:0{_DECIMALS}d}".rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)


@lru_cache(maxsize=4096)
def territory_of(codes: tuple[str, ...]) -> str:
    """Return the territory expression of a list of codes, the world for none; `InputError` for an unknown code."""
    if not codes:
        return WORLD
    try:
        return territories.canonical(" ".join(codes))
    except InputError as error:
        shown = {"field": "TerritoryCode", "value": "|".join(codes)}
        raise InputError(error.message, error.remedy, shown) from error


def codes_of_territory(territory: str, *, at: int, lost: Lost, thing: str) -> str:
    """Return the cell for a territory: ISO codes where one means the same. A territory with exceptions becomes the
    list of its countries at the moment `at`, which is noted."""
    if "-" in territory:
        lost.note("a territory with exceptions is written as a list of countries", "nothing", thing=thing)
        return "|".join(territories.resolve(territory, at=at).iso())
    return "|".join(_word(code, at) for code in territory.split())


def _word(code: str, at: int) -> str:
    if code == WORLD:
        return "Worldwide"
    countries = territories.resolve(code, at=at).iso()
    if len(countries) == 1 and territories.canonical(countries[0]) == code:
        return countries[0]
    return code


@lru_cache(maxsize=4096)
def period_of(start: str, end: str) -> Period:
    """Return the period of two cells: `end` is the last day, or an exact time at which it is over."""
    try:
        if not start and not end:
            return ALWAYS
        last = parse_moment(end) + (DAY if len(end) == 10 else 0) if end else None
        return Period(parse_moment(start) if start else TIME_MIN, last)
    except InputError as error:
        shown = {"field": "ValidityEndDate" if end else "ValidityStartDate", "value": end or start}
        raise InputError(error.message, error.remedy, shown) from error


def days_of(period: Period) -> tuple[str, str]:
    """Return the two cells of a period."""
    start = "" if period.start == TIME_MIN else format_moment(period.start)
    if period.end is None:
        return start, ""
    return start, format_moment(period.end - DAY if period.end % DAY == 0 else period.end)
