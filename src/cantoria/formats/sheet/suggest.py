"""Propose a mapping for a table: by its headings (English, Korean, Spanish) and by what its cells look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.content import content_of, duration_unit, looks_like, share_unit
from cantoria.formats.sheet.fields import FIELDS, POSITIONS, TOLD_BY_FORM, Content, Field, Kind, field_of, plain
from cantoria.formats.sheet.mapping import Mapping, headings_of
from cantoria.formats.sheet.opening import open_table
from cantoria.formats.sheet.rows import Row
from cantoria.formats.sheet.text import Readable
from cantoria.kernel.errors import InputError

SAMPLE_ROWS: Final = 500
_HEADER_ROWS: Final = 15
_SAME: Final = ("title", "english", "iswc", "komca")  # of a work with a row per holder
_SHARES: Final = ("performing", "mechanical", "share")
_CODES: Final = (
    "isrc",
    "uci",
    "iscc",
    "iswc",
    "komca",
    "gtin",
    "grid",
    *("ipi_name", "ipi_base", "isni", "ipn", "dpid"),
)
# What a kind of table has that others have not, and how much it counts.
_SIGNS: Final = {
    Kind.RECORDINGS: {
        "isrc": 4,
        "duration": 2,
        "artist": 2,
        "title": 2,
        "version": 1,
        "youtube_asset": 3,
        "release": 1,
    },
    Kind.WORKS: {"iswc": 4, "komca": 4, "ipi_name": 2, "role": 3, "performing": 3, "mechanical": 3, "title": 1}
    | dict.fromkeys(("composer", "lyricist", "arranger", "publisher", "party"), 2),
    Kind.RELEASES: {"title": 3, "gtin": 2, "grid": 2},
    Kind.PARTIES: {"name": 2, "ipi_name": 3, "ipi_base": 3, "isni": 4, "ipn": 4, "dpid": 4, "other_name": 1},
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the sample: what it is called and holds."""

    heading: str
    plain: str
    content: Content
    cells: tuple[str, ...]

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return all(self.cells) and len(set(self.cells)) == len(self.cells)


def suggest(headings: Sequence[str], rows: Sequence[Sequence[str]], *, kind: Kind | None = None) -> Mapping:
    """Return the mapping that a table with these headings and sample rows most likely has; of `kind` if given.

    Raises `InputError` when nothing in it is recognised.
    """
    columns = [
        _Column(heading, plain(heading), content_of(cells), cells)
        for place, heading in enumerate(headings_of(headings))
        for cells in [tuple(row[place] if place < len(row) else "" for row in rows)]
    ]
    found = {one: _fields(one, columns) for one in ([kind] if kind else Kind)}
    person = found.get(Kind.PARTIES, {}).get("name")
    if kind is None and any(chosen.get("title", person) != person for chosen in found.values()):
        del found[Kind.PARTIES]  # what has a title is no list of people, whoever stands in it
    best = max(found, key=lambda one: _score(one, found[one]))
    chosen = found[best]
    if not _score(best, chosen):
        raise InputError("no column of this table is recognised", "map its columns yourself, see the reference")
    key = _key(best, chosen, columns)
    named = {"key": key} if key else {}
    for field in FIELDS[best]:
        if field.name in chosen:
            named[field.name] = (chosen[field.name].heading,)
    shares = [chosen[name].cells for name in _SHARES if name in chosen]
    of_thing = [one for one in columns if one.heading in {h for n in ("key", *_SAME) for h in named.get(n, ())}]
    return Mapping(
        kind=best,
        columns=named,
        duration=duration_unit(chosen["duration"].cells) if "duration" in chosen else "clock",
        shares=share_unit(shares),
        fill_down=_fill_down(of_thing, chosen["party"]) if best is Kind.WORKS and "party" in chosen else (),
    )


def _fill_down(of_work: Sequence[_Column], holder: _Column) -> tuple[str, ...]:
    """Return the columns of the work that are blank in some row that names a holder: they go on from above."""
    first = next((place for place, cell in enumerate(holder.cells) if cell), 0)
    return tuple(
        column.heading
        for column in of_work
        if any(named and not cell for named, cell in list(zip(holder.cells, column.cells, strict=True))[first + 1 :])
        and column.cells[first : first + 1] != ("",)
    )


def _titled(found: dict[Kind, dict[str, _Column]]) -> bool:
    """Tell whether a column is the title of something and not the name of somebody."""
    name = found[Kind.PARTIES].get("name")
    return any("title" in chosen and chosen["title"] is not name for chosen in found.values())


def suggest_for(
    stream: Readable, *, file: str, sheet: str = "", kind: Kind | None = None, limits: SheetLimits = SHEET
) -> tuple[Mapping, tuple[tuple[str, ...], ...]]:
    """Return a mapping for the table in `stream`, with where its headings are, and the first rows: headings and
    sample. How the text is written is found out anew whenever it is read, so that next month's file may differ."""
    table = open_table(stream, file=file, sheet=sheet, limits=limits)
    rows = [row for row in islice(table.rows, SAMPLE_ROWS) if isinstance(row, Row)]
    place = _header(rows)
    if place is None:
        raise InputError(f"{file} has no row that reads", "send a table with a heading line")
    headings, sample = rows[place].cells, tuple(row.cells for row in rows[place + 1 :])
    mapping = replace(suggest(headings, sample, kind=kind), header_line=rows[place].line, sheet=sheet)
    return mapping, (headings_of(headings), *sample)


def _header(rows: Sequence[Row]) -> int | None:
    """Return the place of the heading line: of the first rows the one that names most fields."""
    known = {heading for fields in FIELDS.values() for one in fields for heading in one.headings}
    best, most = (0 if rows else None), 0
    for place, row in enumerate(rows[:_HEADER_ROWS]):
        score = len({plain(cell) for cell in row.cells} & known)
        if score > most:
            best, most = place, score
    return best


def _fields(kind: Kind, columns: Sequence[_Column]) -> dict[str, _Column]:
    """Return which column is which field: the best heading of each field first, then codes by their form alone."""
    wanted = [
        (rank, order, one, column)
        for order, one in enumerate(FIELDS[kind])
        for column in columns
        if one.name != "key" and (rank := _rank(one, column)) is not None
    ]
    chosen: dict[str, _Column] = {}
    used: set[str] = set()
    for _, _, one, column in sorted(wanted, key=lambda found: found[:2]):
        if one.name not in chosen and column.heading not in used:
            chosen[one.name] = column
            used.add(column.heading)
    for column in columns:
        name = column.content.value
        told = column.content in TOLD_BY_FORM and field_of(kind, name) is not None
        if told and name not in chosen and column.heading not in used:
            chosen[name] = column
            used.add(column.heading)
    return chosen


def _rank(field: Field, column: _Column) -> int | None:
    """Return how well a heading fits a field, 0 best; None where it does not, or its cells cannot be that."""
    if column.plain not in field.headings or not _fits(field, column):
        return None
    return field.headings.index(column.plain)


def _fits(field: Field, column: _Column) -> bool:
    if field.content is None or column.content is Content.EMPTY or column.content in field.content:
        return True
    codes = field.content & TOLD_BY_FORM | field.content & {Content.GTIN, Content.ISNI, Content.IPI_NAME, Content.UCI}
    if field.content == frozenset({Content.UCI}) or field.content == frozenset({Content.IPN}):
        return column.content in (Content.TEXT, Content.NUMBER)
    if codes and field.name != "key":
        # A column that says it holds codes holds them although some are wrong: those become findings.
        return column.content in (Content.TEXT, Content.NUMBER) and _some(column, next(iter(codes)))
    return False


def _some(column: _Column, content: Content) -> bool:
    filled = [cell for cell in column.cells if cell]
    return any(looks_like([cell], content) for cell in filled)


def _score(kind: Kind, chosen: dict[str, _Column]) -> int:
    """Return how much a table looks like one of that kind, 0 where it names none of them."""
    if not {"title", "name", "komca"} & set(chosen):
        return 0
    return sum(points for name, points in _SIGNS[kind].items() if name in chosen)


def _key(kind: Kind, chosen: dict[str, _Column], columns: Sequence[_Column]) -> tuple[str, ...]:
    """Return the columns that make up a key: one that differs in every row, else one with the place within it;
    without codes, who and what together."""
    field = next(one for one in FIELDS[kind] if one.name == "key")
    used = {column.heading for column in chosen.values()}
    named = sorted(
        (field.headings.index(column.plain), column.heading, column)
        for column in columns
        if column.plain in field.headings and column.heading not in used and column.content is not Content.EMPTY
    )
    candidates = [column for _, _, column in named]
    for column in candidates:
        if column.unique or (kind is Kind.WORKS and "party" in chosen):
            return (column.heading,)
    places = [column for column in columns if column.plain in POSITIONS and column.heading not in used]
    for column in candidates:
        together = [column, *(place for place in places if place is not column)]
        if len(together) > 1 and all(column.cells) and _distinct(together):
            if kind is Kind.RECORDINGS and "release_key" not in chosen:
                chosen["release_key"] = column
            return tuple(one.heading for one in together)
    if any(name in chosen for name in _CODES):
        return ()
    described = [chosen[name] for name in ("artist", "title", "version", "name") if name in chosen]
    return tuple(column.heading for column in described)


def _distinct(columns: Sequence[_Column]) -> bool:
    rows = list(zip(*(column.cells for column in columns), strict=True))
    return len(set(rows)) == len(rows)
