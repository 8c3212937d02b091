"""From the codes of millions of rows to what they name: the set-based form of `Registry.resolve`.

A row with one code looks it up in `name`, where the snapshot holds the answer. For rows with several codes the
snapshot holds where each code leads (`lead`), and the codes are weighed here. The levels of a lead:

    1 the chief scheme of the medium names the subject (ISRC a recording, ISWC a work)    2 another code names it
    3 it follows from what an ISRC or ISWC names       4 it follows from what another code names
    5 the code does not lead to the subject but belongs together with it      6 the code leads astray, to nothing

The best level that any code has chooses; every code that leads anywhere must agree. The ways of a lead: 1 without
disputed links (firm), 2 with them (loose), 0 either. Where the two ways come to different ends, nothing is chosen.
"""

from __future__ import annotations

from typing import Final

from cantoria.clearance.analytics import Step
from cantoria.clearance.reasons import ReasonCode

CHIEF, OTHER, FOLLOWS_CHIEF, FOLLOWS_OTHER, TOGETHER, ASTRAY = range(1, 7)
EITHER, FIRM, LOOSE = range(3)

_SINGLE: Final = f"""
SELECT m.line, coalesce(n.subject, 0) AS subject, coalesce(n.outcome, {int(ReasonCode.NOT_FOUND)}) AS outcome
FROM manifest AS m LEFT JOIN name AS n ON n.code = m.code AND n.media = m.media
WHERE m.code IS NOT NULL
"""  # noqa: S608
# Where each code of a row leads, in both ways; a disputed code is one with a lead that not both ways share.
_HIT: Final = f"""
SELECT c.line, w.way, c.code, l.level, l.subject, l.way <> {EITHER} AS disputed
FROM manifest_code AS c JOIN manifest AS m ON m.line = c.line
JOIN lead AS l ON l.code = c.code AND l.media = m.media
JOIN (SELECT CAST({FIRM} AS SMALLINT) AS way UNION ALL SELECT CAST({LOOSE} AS SMALLINT) AS way) AS w
  ON l.way IN ({EITHER}, w.way)
"""  # noqa: S608
# The candidates of a row: the subjects at its best level, and how many codes there name each.
_CANDIDATE: Final = f"""
SELECT h.line, h.way, h.subject, count(DISTINCT h.code) AS codes
FROM hit AS h
JOIN (SELECT line, way, min(level) AS level FROM hit GROUP BY line, way) AS b
  ON b.line = h.line AND b.way = h.way AND b.level = h.level
WHERE h.level <= {FOLLOWS_OTHER}
GROUP BY h.line, h.way, h.subject
"""  # noqa: S608
_WEIGHED: Final = f"""
WITH best AS (SELECT line, way, count(*) AS subjects, max(subject) AS subject, max(codes) AS agreed
              FROM candidate GROUP BY line, way),
     foremost AS (SELECT h.line, h.way, count(DISTINCT h.code) AS codes
                 FROM hit AS h JOIN (SELECT line, way, min(level) AS level FROM hit GROUP BY line, way) AS b
                   ON b.line = h.line AND b.way = h.way AND b.level = h.level GROUP BY h.line, h.way),
     speaking AS (SELECT h.line, h.way, count(DISTINCT h.code) AS codes,
                    count(DISTINCT CASE WHEN h.subject = b.subject AND h.level <= {TOGETHER} THEN h.code END) AS agreed
                  FROM hit AS h JOIN best AS b ON b.line = h.line AND b.way = h.way GROUP BY h.line, h.way)
SELECT b.line, b.way, b.subject,
  CASE WHEN b.subjects > 1 AND b.agreed = l.codes THEN {int(ReasonCode.AMBIGUOUS)}
       WHEN b.subjects > 1 OR s.agreed < s.codes THEN {int(ReasonCode.CODES_DISAGREE)} ELSE 0 END AS outcome
FROM best AS b JOIN foremost AS l ON l.line = b.line AND l.way = b.way
JOIN speaking AS s ON s.line = b.line AND s.way = b.way
"""  # noqa: S608
_CHOSEN: Final = f"""
{_SINGLE} UNION ALL
SELECT line, CASE WHEN outcome = 0 THEN subject ELSE 0 END AS subject, outcome
FROM (SELECT m.line, coalesce(f.subject, 0) AS subject,
        CAST(CASE WHEN f.outcome = 0 AND l.outcome = 0 AND f.subject = l.subject THEN 0
             WHEN f.outcome IS NULL AND l.outcome IS NULL THEN {int(ReasonCode.NOT_FOUND)}
             WHEN f.outcome = {int(ReasonCode.CODES_DISAGREE)} THEN f.outcome
             WHEN d.line IS NULL THEN f.outcome
             ELSE {int(ReasonCode.AMBIGUOUS)} END AS SMALLINT) AS outcome
      FROM manifest AS m
      LEFT JOIN weighed AS f ON f.line = m.line AND f.way = {FIRM}
      LEFT JOIN weighed AS l ON l.line = m.line AND l.way = {LOOSE}
      LEFT JOIN (SELECT DISTINCT line FROM hit WHERE disputed) AS d ON d.line = m.line
      WHERE m.code IS NULL) AS weighed_rows
"""  # noqa: S608


def resolution_steps(*, several: bool) -> list[Step]:
    """Return the statements that make `chosen(line, subject, outcome)`: outcome 0 found, else the reason's code."""
    if not several:
        return [Step("chosen", _SINGLE)]
    return [Step("hit", _HIT), Step("candidate", _CANDIDATE), Step("weighed", _WEIGHED), Step("chosen", _CHOSEN)]
