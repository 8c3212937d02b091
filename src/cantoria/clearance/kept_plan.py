"""What a clearing leaves behind, worked out by the query engine: the list of the rows cleared, the statements that they
rest on, and the private copy of the dataset. Nothing here holds the dataset in memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, cast

from cantoria.clearance.analytics import Analytics
from cantoria.clearance.dialect import Dialect
from cantoria.clearance.relied import Relied
from cantoria.clearance.root_plan import json_text
from cantoria.clearance.snapshot_codes import MEDIA
from cantoria.clearance.snapshot_schema import USE_BITS
from cantoria.clearance.types import Answer, Cleared
from cantoria.kernel import canonical

SCHEMES: Final = ("isrc", "iswc", "uci", "youtube_asset", "iscc", "gtin", "grid", "own")
_MEDIA: Final = " ".join(f"WHEN {number} THEN '{name}'" for name, number in MEDIA.items())


def cleared_query(dialect: Dialect) -> str:
    """Return the query of the rows that were cleared, as a manifest of the CSV family, by line."""
    columns = ", ".join(f"nullif({_codes(scheme, dialect)}, '') AS {scheme}" for scheme in SCHEMES)
    return f"""
SELECT c.line, {columns}, CASE c.media {_MEDIA} END AS media
FROM (SELECT line, media, code FROM manifest WHERE code IS NOT NULL
      UNION ALL SELECT m.line, m.media, k.code FROM manifest_code AS k JOIN manifest AS m ON m.line = k.line) AS c
JOIN answer AS a ON a.line = c.line WHERE a.status = 0 GROUP BY c.line, c.media ORDER BY c.line"""  # noqa: S608


def _codes(scheme: str, dialect: Dialect) -> str:
    """Return the aggregate of a row's codes of one scheme, `|` between them."""
    start = len(scheme) + 1
    own = f"CASE WHEN substr(c.code, 1, {start}) = '{scheme}:' THEN substr(c.code, {start + 1}) END"
    return dialect.joined.format(dialect.distinct.format(own), "'|'")


def relied_of(analytics: Analytics, *, persons: Answer) -> Relied:
    """Return the statements that the rows of the dataset cleared last rest on; it was cleared with evidence."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    rows = cast("list[Any]", analytics.fetch(_RELIED))
    for statement, ranges in groupby(rows, key=itemgetter(0)):
        found[statement] = tuple((first, last) for _, first, last in ranges)
    if isinstance(persons, Cleared) and persons.because:
        lines = tuple((first, last) for _, first, last in cast("list[Any]", analytics.fetch(_ALL_CLEARED)))
        found |= dict.fromkeys(persons.because, lines) if lines else {}
    return Relied(found)


def kept_parts(analytics: Analytics, *, secret: bytes) -> Iterator[bytes]:
    """Give the bytes of the private copy (`app.datasets.encode`) of the dataset bound with `secret` in pieces."""
    yield canonical.encode({"secret": secret.hex()}) + b"\n"
    masks = [mask for (mask,) in cast("list[Any]", analytics.fetch(_MASKS))]
    yield from analytics.stream_bytes(_kept_query(analytics.dialect, masks))


def _kept_query(dialect: Dialect, masks: list[int]) -> str:
    refused = "''"
    if masks:
        named = " ".join(f"WHEN {mask} THEN ',{_uses(mask)}'" for mask in masks)
        refused = f"CASE f.uses {named} ELSE '' END"
    single = f"CASE WHEN m.code = '' THEN '' ELSE '\"' || {json_text('m.code', dialect)} || '\"' END"
    text = f"""'[' || CAST(m.line AS STRING) || ',"' || CASE m.media {_MEDIA} END || '",['
      || CASE WHEN m.code IS NULL THEN c.codes ELSE {single} END || '],"' || coalesce(s.text, '') || '"'
      || {refused} || ']' || chr(10)"""
    return f"""
SELECT {dialect.utf8.format(text)} AS text
FROM manifest AS m JOIN answer AS a ON a.line = m.line LEFT JOIN bound_code AS c ON c.line = m.line
LEFT JOIN subject AS s ON s.subject = a.subject LEFT JOIN manifest_refused AS f ON f.line = m.line
ORDER BY m.line"""  # noqa: S608


def _uses(mask: int) -> str:
    return canonical.encode(sorted(use.value for use, bit in USE_BITS.items() if mask & bit)).decode()


# Lines that follow one another make one range: within one, line minus place is the same.
_RANGES: Final = """
SELECT text, min(line) AS first, max(line) AS last
FROM (SELECT text, line, line - row_number() OVER (PARTITION BY text ORDER BY line) AS island FROM ({rows}) AS r) AS i
GROUP BY text, island ORDER BY text, first"""
_RELIED: Final = _RANGES.format(
    rows="""SELECT DISTINCT n.text, a.line FROM answer AS a JOIN because AS b ON b.subject = a.subject
            JOIN statement_name AS n ON n.index = b.index WHERE a.status = 0"""
)
_ALL_CLEARED: Final = _RANGES.format(rows="SELECT '' AS text, line FROM answer WHERE status = 0")
_MASKS: Final = "SELECT DISTINCT uses FROM manifest_refused ORDER BY uses"
