"""Relations of MusicBrainz and what they say here: who has a role, and what is made of what. Facts of its relationship
types as its site lists them; a relation that is not listed makes nobody a holder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cantoria.formats.musicbrainz.gather import is_mbid
from cantoria.formats.musicbrainz.values import Value, member, members, text, texts
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import ALWAYS, DAY, TIME_MIN, Period, parse_moment
from cantoria.registry.types import Role, WorkKind

WRITERS: Final = {
    "composer": Role.COMPOSER,
    "lyricist": Role.LYRICIST,
    "librettist": Role.LYRICIST,
    "writer": Role.AUTHOR,
    "arranger": Role.ARRANGER,
    "instrument arranger": Role.ARRANGER,
    "vocal arranger": Role.ARRANGER,
    "orchestrator": Role.ARRANGER,
    "translator": Role.TRANSLATOR,
    "publishing": Role.PUBLISHER,
}
PERFORMERS: Final = frozenset(
    {"performer", "instrument", "vocal", "performing orchestra", "conductor", "chorus master", "concertmaster"}
)
PRODUCERS: Final = frozenset({"phonographic copyright"})
# The sound of the other recording is in this one, when the relation goes forward.
MADE_OF: Final = frozenset({"samples material", "mashes up", "remix", "edit", "compilation", "DJ-mix", "remaster"})
# This work was made from the other one, when the relation goes backward.
MADE_FROM: Final = {
    "arrangement": WorkKind.ARRANGEMENT,
    "orchestration": WorkKind.ARRANGEMENT,
    "based on": WorkKind.ARRANGEMENT,
    "revision of": WorkKind.ARRANGEMENT,
    "other version": WorkKind.ARRANGEMENT,
}
TRANSLATED: Final = "translated"
MEDLEY: Final = "medley"
PERFORMANCE: Final = "performance"
VERSIONS: Final = ("live", "instrumental", "acappella", "karaoke", "demo", "partial")
_LENGTHS: Final = {4: "{}-01-01", 7: "{}-01", 10: "{}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A relation: its type, the kind of its target, the target, whether it goes forward, its attributes, when it
    held, and whether it is over without saying since when."""

    type: str
    kind: str
    target: Value
    forward: bool
    attributes: tuple[str, ...]
    period: Period
    over: bool


def relations_of(value: Value) -> Iterator[Related]:
    """Give the relations of a record that name a target, in order."""
    for found in members(value, "relations"):
        kind = text(found, "target-type").replace("_", "-")
        target = member(found, kind)
        if not kind or not is_mbid(text(target, "id").lower()):
            continue
        period, known = _period(found)
        yield Related(
            type=text(found, "type"),
            kind=kind,
            target=target,
            forward=text(found, "direction") != "backward",
            attributes=tuple(texts(found, "attributes")),
            period=period,
            over=not known,
        )


def _period(found: Value) -> tuple[Period, bool]:
    """Return when a relation holds, and whether that is known: it is not where it ended nobody says when."""
    ended = found.get("ended") in (True, "true")
    try:
        start = _moment(text(found, "begin"))
        end = _moment(text(found, "end"), last=True)
        if ended and end is None:
            return ALWAYS, False
        if start is None and end is None:
            return ALWAYS, True
        return Period(TIME_MIN if start is None else start, end), True
    except InputError:
        return ALWAYS, not ended


def _moment(day: str, *, last: bool = False) -> int | None:
    """Return the first moment of a day, month or year, or with `last` the one after it; None for no date."""
    form = _LENGTHS.get(len(day))
    if form is None:
        return None
    if not last:
        return parse_moment(form.format(day))
    if len(day) == 4:
        return parse_moment(f"{int(day) + 1:04d}-01-01") if day.isdigit() else parse_moment(day)
    if len(day) == 7:
        year, _, month = day.partition("-")
        if not (year.isdigit() and month.isdigit()):
            return parse_moment(day)
        return parse_moment(f"{int(year) + int(month) // 12:04d}-{int(month) % 12 + 1:02d}-01")
    return parse_moment(day) + DAY
