"""Clearance of millions of rows: the same answers as `decide`, as a list of SQL statements over a rights snapshot.

Pure text, no I/O: an `Analytics` engine runs the steps in order. All arithmetic is on 64-bit integers. What each voice
comes to is worked out by `standing_plan`. Reasons travel as bit masks, one bit for each `ReasonCode`; names are joined
at the very end. The SQL is what the engines share (see `dialect`).
"""

from __future__ import annotations

from string import Template
from typing import Final

from cantoria.clearance.analytics import Step
from cantoria.clearance.plan_terms import Terms, text_of
from cantoria.clearance.reasons import ReasonCode, is_denial, is_open
from cantoria.clearance.resolution_plan import resolution_steps
from cantoria.clearance.standing_plan import VOICED, because_steps, open_steps, said_steps

__all__ = ["STATUSES", "Terms", "steps", "text_of"]

STATUSES: Final = ("cleared", "denied", "licensable", "unknown")  # by their number in table `answer`
DENIAL_MASK: Final = sum(1 << code for code in ReasonCode if is_denial(code))
UNKNOWN_MASK: Final = sum(1 << code for code in ReasonCode if not is_denial(code) and not is_open(code))


def steps(terms: Terms) -> list[Step]:
    """Return the statements that make `answer`, `reason`, `missing` and, for evidence, `because`.

    `answer(line, subject, status, first, mask, beside)`: one row per manifest line; `beside` where a signal beside the
    row refuses the use. `reason(subject, code, party, about)` and
    `missing(subject, voice)` hold each fact once per subject that is not cleared, `because(subject, index)` the ledger
    index of each statement that a cleared subject rests on. What the persons named come to is not repeated there.
    """
    plan = resolution_steps(several=terms.several)
    if not terms.sides:
        return [*plan, _answer(terms), *_NOTHING_ASKED]
    plan.append(Step("asked_subject", "SELECT DISTINCT subject FROM chosen WHERE subject <> 0"))
    if terms.restricted:
        plan.append(Step("asked_part", _ASKED_PART))
    plan += [*said_steps(terms), *open_steps(terms), _open_part(terms), _problem_here(terms)]
    plan += [Step("subject_mask", _SUBJECT_MASK), _answer(terms), Step("reason", _REASON), Step("missing", _MISSING)]
    return [*plan, *because_steps(terms)] if terms.evidence else plan


_ASKED_PART: Final = "SELECT p.subject, p.unit FROM part AS p JOIN asked_subject AS a ON a.subject = p.subject"


def _open_part(terms: Terms) -> Step:
    """Return the open says of every subject that the manifest names."""
    among = "" if terms.restricted else "JOIN asked_subject AS a ON a.subject = p.subject"
    query = f"""
SELECT p.subject, o.voice, o.about, o.mask FROM {terms.part} AS p JOIN open_need AS o ON o.unit = p.unit {among}"""  # noqa: S608
    return Step("open_part", query)


def _mask_of(code: str) -> str:
    """Return the expression of the mask of one reason code."""
    cases = " ".join(f"WHEN {int(reason)} THEN CAST({1 << reason} AS BIGINT)" for reason in ReasonCode)
    return f"CASE {code} {cases} ELSE 0 END"


def _problem_here(terms: Terms) -> Step:
    """Return what is wrong with the subjects that the manifest names and with what they carry, in a country of the
    request."""
    among = "" if terms.restricted else "JOIN asked_subject AS a ON a.subject = p.subject"
    query = _PROBLEM_HERE.substitute(part=terms.part, among=among)
    if terms.signals:
        query += _SIGNAL_HERE.substitute(code=int(ReasonCode.SIGNAL_REFUSES), use=terms.use, at=terms.at)
    return Step("problem_here", query)


_PROBLEM_HERE: Final = Template("""
SELECT p.subject, u.code, u.about FROM $part AS p JOIN unit_problem AS u ON u.unit = p.unit
JOIN place_mask AS m ON m.place = u.place $among
UNION SELECT p.subject, p.code, p.about FROM problem AS p JOIN asked_subject AS a ON a.subject = p.subject
""")
_SIGNAL_HERE: Final = Template("""
UNION SELECT s.subject, CAST($code AS SMALLINT) AS code, s.about
FROM signal AS s JOIN place_mask AS m ON m.place = s.place JOIN asked_subject AS a ON a.subject = s.subject
WHERE (s.uses & $use) <> 0 AND s.since <= $at AND s.until > $at
""")
_SUBJECT_MASK: Final = Template("""
SELECT subject, bit_or(mask) AS mask
FROM (SELECT subject, mask FROM open_part
      UNION ALL SELECT subject, $of_problem AS mask FROM problem_here) AS masks
GROUP BY subject
""").substitute(of_problem=_mask_of("code"))


def _answer(terms: Terms) -> Step:
    """Return one row per manifest line: its subject (0 when none), status, first reason (0 when cleared) and mask."""
    first = " ".join(f"WHEN (mask & {1 << reason}) <> 0 THEN {int(reason)}" for reason in sorted(ReasonCode))
    found = [str(terms.person_mask)]
    if terms.sides:
        found.append("coalesce(s.mask, 0)")
    if terms.beside and terms.sides:
        found.append(f"CASE WHEN (r.uses & {terms.use}) <> 0 THEN {1 << ReasonCode.SIGNAL_REFUSES} ELSE 0 END")
    query = _ANSWER.substitute(
        first=first,
        found=" | ".join(found),
        not_found=_mask_of("c.outcome"),
        beside=f"c.outcome = 0 AND coalesce(r.uses & {terms.use}, 0) <> 0" if terms.beside and terms.sides else "false",
        masks=("LEFT JOIN subject_mask AS s ON s.subject = c.subject " if terms.sides else "")
        + ("LEFT JOIN manifest_refused AS r ON r.line = c.line" if terms.beside and terms.sides else ""),
        denied=DENIAL_MASK,
        unknown=UNKNOWN_MASK,
    )
    return Step("answer", query)


_ANSWER: Final = Template("""
SELECT line, subject, CAST(CASE WHEN mask = 0 THEN 0 WHEN (mask & $denied) <> 0 THEN 1
                           WHEN (mask & $unknown) <> 0 THEN 3 ELSE 2 END AS SMALLINT) AS status,
  CAST(CASE $first ELSE 0 END AS SMALLINT) AS first, mask, beside
FROM (SELECT c.line, c.subject, CAST(CASE WHEN c.outcome = 0 THEN $found ELSE $not_found END AS BIGINT) AS mask,
        $beside AS beside
      FROM chosen AS c $masks) AS masked
""")

# The masks that occur are few: their bits are told once for each.
_REASON: Final = Template("""
SELECT DISTINCT o.subject, b.code, v.party, o.about
FROM open_part AS o
JOIN (SELECT m.mask, b.code FROM (SELECT DISTINCT mask FROM open_part) AS m JOIN ($bits) AS b ON (m.mask & b.bit) <> 0)
  AS b ON b.mask = o.mask
JOIN voice AS v ON v.voice = o.voice
UNION ALL SELECT subject, code, 0 AS party, about FROM problem_here
""").substitute(
    bits=" UNION ALL ".join(
        f"SELECT CAST({int(reason)} AS SMALLINT) AS code, CAST({1 << reason} AS BIGINT) AS bit"
        for reason in (*VOICED, ReasonCode.UNREACHABLE)
    ),
)
_MISSING: Final = "SELECT DISTINCT subject, voice FROM open_part"
_NOTHING_ASKED: Final = (
    Step("reason", "SELECT subject, code, 0 AS party, about FROM problem WHERE 1 = 0"),
    Step("missing", "SELECT unit AS subject, voice FROM need WHERE 1 = 0"),
    Step("because", "SELECT unit AS subject, registered AS index FROM need WHERE 1 = 0"),
)
