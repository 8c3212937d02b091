"""The SQL of matching: dictionaries of values, blocks, pairs, levels, patterns and bands. Integers and text only.

A pair of rows is one number, the smaller row number in the upper 32 bits, so that finding distinct pairs is work on
one column of integers, which spills to disk well.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Template
from typing import Final

from cantoria.clearance.analytics import Step
from cantoria.registry.matching.comparing import DURATION_MS, RARE_ROWS
from cantoria.registry.matching.types import BITS, Code, Duration, Facets, Field, Names, Title, Writers

ROW_MASK: Final = (1 << 32) - 1


def dictionary(name: str) -> tuple[Step, ...]:
    """Return the step that numbers the distinct values of a column, with how many rows have each."""
    counted = f"(SELECT {name} AS text, count(*) AS uses FROM row_in GROUP BY 1)"  # noqa: S608
    query = f"SELECT row_number() OVER () AS id, text, uses FROM {counted}"  # noqa: S608
    return (Step(f"{name}_value", query),)


ONCE: Final = (
    Step("first_row", "SELECT min(n) AS n FROM row_in GROUP BY id"),
    Step("row_once", "SELECT r.* FROM row_in AS r JOIN first_row AS f ON f.n = r.n"),
    Step("row_in", "SELECT * FROM row_once"),
)
ITEMS: Final = (
    Step(
        "item",
        """
SELECT r.n, r.id, r.source, t.id AS titles, n.id AS names, f.id AS facets, w.id AS writers, r.shares, r.first_codes,
  r.second_codes, r.other_codes, r.audio, r.related, r.duration_ms, t.uses AS title_uses
FROM row_in AS r JOIN titles_value AS t ON t.text = r.titles JOIN names_value AS n ON n.text = r.names
JOIN facets_value AS f ON f.text = r.facets JOIN writers_value AS w ON w.text = r.writers""",
    ),
    Step(
        "block_key",
        "SELECT n, substr(key, 1, 1) AS kind, hash(key) AS key FROM (SELECT n, unnest(keys) AS key FROM row_in)",
    ),
)


def blocks(rows_max: int, *, one_each: Sequence[str]) -> tuple[Step, ...]:
    """Return the steps that make `block(key, kind, uses)` and the distinct `pair(pair)` of blocks within the cap."""
    within = f"k.key IN (SELECT key FROM block WHERE uses BETWEEN 2 AND {rows_max})"  # noqa: S608
    apart = ""
    if one_each:
        names = ", ".join(_quoted(name) for name in one_each)
        apart = f" AND NOT (l.source = r.source AND l.source IN ({names}))"
    joined = " JOIN item AS l ON l.n = a.n JOIN item AS r ON r.n = b.n" if one_each else ""
    return (
        Step("block", "SELECT key, any_value(kind) AS kind, count(*) AS uses FROM block_key GROUP BY key"),
        Step("small_key", f"SELECT k.n, k.key FROM block_key AS k WHERE {within}"),  # noqa: S608
        Step(
            "pair",
            f"""SELECT DISTINCT (CAST(a.n AS BIGINT) << 32) + b.n AS pair
FROM small_key AS a JOIN small_key AS b ON a.key = b.key AND a.n < b.n{joined} WHERE true{apart}""",  # noqa: S608
        ),
    )


def blocks_report(rows_max: int) -> str:
    """Return the query of what each kind of key did (see `ports.KeyKind`)."""
    beyond = f"uses > {rows_max}"
    return f"""
SELECT kind, count(CASE WHEN uses > 1 THEN 1 END), max(uses), count(CASE WHEN {beyond} THEN 1 END),
  CAST(coalesce(sum(CASE WHEN {beyond} THEN uses END), 0) AS BIGINT),
  CAST(coalesce(sum(CASE WHEN {beyond} THEN uses * (uses - 1) // 2 END), 0) AS BIGINT)
FROM block GROUP BY kind ORDER BY kind"""  # noqa: S608


def unreached(rows_max: int) -> str:
    """Return the query that counts the rows in blocks beyond the cap and in no block within it."""
    return f"""
SELECT count(*) FROM (
  SELECT DISTINCT k.n FROM block_key AS k JOIN block AS b ON b.key = k.key WHERE b.uses > {rows_max}
  EXCEPT SELECT n FROM small_key) AS rows_left"""  # noqa: S608


def value_pairs(name: str) -> str:
    """Return the query of the distinct pairs of different values that some pair of rows has, with their texts."""
    return f"""
SELECT d.a, d.b, va.text AS left_text, vb.text AS right_text FROM (
  SELECT DISTINCT least(l.{name}, r.{name}) AS a, greatest(l.{name}, r.{name}) AS b
  FROM pair AS p JOIN item AS l ON l.n = p.pair >> 32 JOIN item AS r ON r.n = p.pair & {ROW_MASK}
  WHERE l.{name} <> r.{name}) AS d
JOIN {name}_value AS va ON va.id = d.a JOIN {name}_value AS vb ON vb.id = d.b
WHERE {"true" if name == "facets" else "va.text <> '' AND vb.text <> ''"}"""  # noqa: S608


def _by_value(name: str, *, equal: int, missing: int) -> str:
    """Return the expression of the level of a column that is compared by value; equal and empty is missing."""
    known = f"(SELECT id FROM {name}_value WHERE text = '')"  # noqa: S608
    if missing == equal:
        return f"CASE WHEN l.{name} = r.{name} THEN {equal} ELSE coalesce({name}_level.level, {missing}) END"
    return f"""CASE WHEN l.{name} = r.{name} THEN CASE WHEN l.{name} = coalesce({known}, -1) THEN {missing}
  ELSE {equal} END ELSE coalesce({name}_level.level, {missing}) END"""


def _by_code(name: str) -> str:
    return f"""CASE WHEN len(l.{name}) = 0 OR len(r.{name}) = 0 THEN {Code.MISSING:d}
  WHEN list_has_any(l.{name}, r.{name}) THEN {Code.AGREE:d} ELSE {Code.DISAGREE:d} END"""


def levels(*, works: bool) -> Step:
    """Return the step that gives every pair its levels; `works`: what parties are known by stands for writers."""
    duration = " ".join(
        f"WHEN abs(l.duration_ms - r.duration_ms) <= {most} THEN {level:d}" for most, level in DURATION_MS
    )
    related = f"""CASE WHEN len(l.related) = 0 OR len(r.related) = 0 THEN {Writers.MISSING:d}
  WHEN list_has_any(l.related, r.related) THEN {Writers.OVERLAP:d} ELSE {Writers.DISJOINT:d} END"""
    query = _LEVELS.substitute(
        mask=ROW_MASK,
        titles=_by_value("titles", equal=Title.EQUAL, missing=Title.MISSING),
        names=_by_value("names", equal=Names.EQUAL, missing=Names.MISSING),
        facets=_by_value("facets", equal=Facets.SAME, missing=Facets.SAME),
        writers=related if works else _by_value("writers", equal=Writers.EQUAL, missing=Writers.MISSING),
        equal=int(Title.EQUAL),
        duration=f"CASE WHEN l.duration_ms IS NULL OR r.duration_ms IS NULL THEN {Duration.MISSING:d} {duration} "
        f"ELSE {Duration.FAR:d} END",
        first=_by_code("first_codes"),
        second=_by_code("second_codes"),
        other=f"CASE WHEN list_has_any(l.other_codes, r.other_codes) THEN {Code.AGREE:d} ELSE 0 END",
        shares=f"CASE WHEN l.shares = '' OR r.shares = '' THEN 0 WHEN l.shares = r.shares THEN {Code.AGREE:d} "
        f"ELSE {Code.DISAGREE:d} END",
        audio=_by_code("audio"),
        joins="\n".join(
            f"LEFT JOIN {name}_level ON {name}_level.a = least(l.{name}, r.{name}) "
            f"AND {name}_level.b = greatest(l.{name}, r.{name})"
            for name in ("titles", "names", "facets", "writers")
        ),
    )
    return Step("compared", query)


_LEVELS: Final = Template("""
SELECT p.pair, l.titles AS left_titles, l.names AS left_names, r.titles AS right_titles, r.names AS right_names,
  $titles AS title, $names AS name, $duration AS duration, $first AS first_code, $second AS second_code,
  $other AS other_code, $writers AS writer, $shares AS share, $audio AS audio, $facets AS facet,
  l.title_uses + r.title_uses AS title_uses
FROM pair AS p JOIN item AS l ON l.n = p.pair >> 32 JOIN item AS r ON r.n = p.pair & $mask
$joins
""")

SWAPPED_CANDIDATES: Final = f"""
SELECT c.pair, lt.text AS left_title, ln.text AS left_name, rt.text AS right_title, rn.text AS right_name
FROM compared AS c JOIN titles_value AS lt ON lt.id = c.left_titles JOIN names_value AS ln ON ln.id = c.left_names
JOIN titles_value AS rt ON rt.id = c.right_titles JOIN names_value AS rn ON rn.id = c.right_names
WHERE c.title BETWEEN {Title.DIFFERENT:d} AND {Title.WEAK:d} AND c.name BETWEEN {Names.DIFFERENT:d} AND {Names.WEAK:d}
"""  # noqa: S608

_COLUMNS: Final = {
    Field.TITLE: f"CASE WHEN s.pair IS NOT NULL THEN {Title.NEAR:d} "
    f"WHEN c.title = {Title.EQUAL:d} AND c.title_uses <= {RARE_ROWS} THEN {Title.EQUAL_RARE:d} ELSE c.title END",
    Field.NAMES: f"CASE WHEN s.pair IS NOT NULL THEN {Names.SIMILAR:d} ELSE c.name END",
    Field.DURATION: "c.duration",
    Field.FIRST_CODE: "c.first_code",
    Field.SECOND_CODE: "c.second_code",
    Field.OTHER_CODE: "c.other_code",
    Field.WRITERS: "c.writer",
    Field.SHARES: "c.share",
    Field.AUDIO: "c.audio",
    Field.FACETS: "c.facet",
    Field.SWAPPED: "CASE WHEN s.pair IS NOT NULL THEN 1 ELSE 0 END",
}
_PATTERN: Final = " + ".join(f"(CAST({text} AS BIGINT) << {BITS * field})" for field, text in _COLUMNS.items())
PATTERNS: Final = Step(
    "patterned",
    f"SELECT c.pair, {_PATTERN} AS pattern FROM compared AS c LEFT JOIN swapped AS s ON s.pair = c.pair",  # noqa: S608
)


def scores(*, one_each: Sequence[str]) -> tuple[Step, ...]:
    """Return the steps that make `scored(a, b, pattern, weight, ppm, band, rule)` of the bands link and review."""
    first = "proposed" if one_each else "scored"
    steps = [
        Step(
            first,
            f"""SELECT p.pair >> 32 AS a, p.pair & {ROW_MASK} AS b, p.pattern, j.weight, j.ppm, j.band, j.rule
FROM patterned AS p JOIN judged AS j ON j.pattern = p.pattern WHERE j.band <> 'no'""",  # noqa: S608
        )
    ]
    if one_each:
        names = ", ".join(_quoted(name) for name in one_each)
        steps += [Step("rival", _RIVALS.substitute(names=names)), Step("scored", _ONE_EACH)]
    return tuple(steps)


# A row's partners of one source, each with how many of them weigh at least as much; the best stands alone.
_RIVALS: Final = Template("""
SELECT DISTINCT a, b FROM (
  SELECT a, b, rank() OVER (PARTITION BY own, source ORDER BY weight DESC) AS place,
    count(*) OVER (PARTITION BY own, source, weight) AS equals
  FROM (SELECT s.a, s.b, s.weight, s.a AS own, r.source FROM proposed AS s JOIN item AS r ON r.n = s.b
        WHERE s.band = 'link' AND r.source IN ($names)
        UNION ALL SELECT s.a, s.b, s.weight, s.b, l.source FROM proposed AS s JOIN item AS l ON l.n = s.a
        WHERE s.band = 'link' AND l.source IN ($names)) AS partners) AS ranked
WHERE place > 1 OR equals > 1
""")
_ONE_EACH: Final = """
SELECT s.a, s.b, s.pattern, s.weight, s.ppm, CASE WHEN r.a IS NULL THEN s.band ELSE 'review' END AS band,
  CASE WHEN r.a IS NULL THEN s.rule ELSE 'one_to_one' END AS rule
FROM proposed AS s LEFT JOIN rival AS r ON r.a = s.a AND r.b = s.b AND s.band = 'link'
"""
SCORED_PAIRS: Final = """
SELECT least(l.id, r.id) AS left_id, greatest(l.id, r.id) AS right_id, s.pattern, s.weight, s.ppm, s.band, s.rule
FROM scored AS s JOIN item AS l ON l.n = s.a JOIN item AS r ON r.n = s.b ORDER BY 1, 2
"""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
