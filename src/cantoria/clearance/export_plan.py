"""The result table in words: one row per manifest line, with the names that the plan's numbers stand for."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Final

from cantoria.clearance.analytics import Kind, Table
from cantoria.clearance.dialect import DUCKDB, Dialect
from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.plan import STATUSES, text_of
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Answer, Cleared

MESSAGE_SCHEMA: Final = {"code": Kind.INT16, "name": Kind.TEXT, "text": Kind.TEXT}
SIGNAL_SCHEMA: Final = {"line": Kind.INT64, "text": Kind.TEXT}
BETWEEN: Final = "; "


def message_table() -> Table:
    """Return the table `message`: for each reason its code in words and its line, still with placeholders."""
    codes = sorted(MESSAGES)
    lines = [f"{MESSAGES[code].what} (rule {MESSAGES[code].rule}): {MESSAGES[code].next_step}" for code in codes]
    names = [code.name.lower() for code in codes]
    return Table(MESSAGE_SCHEMA, {"code": [int(code) for code in codes], "name": names, "text": lines})


def signal_table(signals: Mapping[int, str]) -> Table:
    """Return the table `stated`: what was stated beside a line, in words. No answer is read from it."""
    lines = sorted(signals)
    return Table(SIGNAL_SCHEMA, {"line": lines, "text": [signals[line] for line in lines]})


def export_query(
    *, laws: Mapping[str, str], persons: Answer, lists: bool, signals: bool = False, dialect: Dialect = DUCKDB
) -> str:
    """Return the query of the result table in line order. What is several is a list, or, unless `lists`, one text with
    `; ` between. `laws` gives the law columns, the same for every row; `persons` what the persons named come to.
    `signals` fills the column `signal` from the table `stated`."""
    names = " ".join(f"WHEN {number} THEN '{name}'" for number, name in enumerate(STATUSES))
    several = "{}" if lists else dialect.joined.format("{}", f"'{BETWEEN}'")
    none, of_one = dialect.none, dialect.of_one.format
    in_order = "code, party, about"
    return _EXPORT.substitute(
        statuses=names,
        laws="".join(f", {text_of(entry)} AS law_{place}" for place, entry in sorted(laws.items())),
        codes=several.format(f"coalesce(c.codes, CASE WHEN m.code = '' THEN {none} ELSE {of_one('m.code')} END)"),
        reason_codes=several.format(
            f"coalesce(r.names, CASE WHEN a.first = 0 THEN {none} ELSE {of_one('w.name')} END)"
        ),
        reasons=several.format(f"coalesce(r.texts, CASE WHEN a.first = 0 THEN {none} ELSE {of_one(_OF_THE_ROW)} END)"),
        parties=several.format(f"coalesce(r.parties, {none})"),
        missing=several.format(f"coalesce(y.voices, {none})"),
        listed_names=dialect.listed.format(text="name", keys=in_order),
        listed_texts=dialect.listed.format(text="text", keys=in_order),
        listed_parties=dialect.distinct.format("nullif(party, '')"),
        listed_voices=dialect.distinct.format("text"),
        listed_codes=dialect.listed.format(text="code", keys="code"),
        beside_reasons=_BESIDE_REASONS,
        person_reasons=_person_reasons(persons),
        person_missing=_person_missing(persons),
        signal="coalesce(g.text, '')" if signals else "''",
        signals="LEFT JOIN stated AS g ON g.line = a.line" if signals else "",
    )


def reason_query(persons: Answer) -> str:
    """Return the query that counts, for each reason, the rows that have it, first or not, in order of precedence."""
    return _REASONS.substitute(beside_reasons=_BESIDE_REASONS, person_reasons=_person_reasons(persons))


_OF_THE_ROW: Final = "replace(w.text, '{subject}', 'the row')"
# A signal beside a row tightens that row alone, not every row of its subject.
_BESIDE_REASONS: Final = f"""
UNION SELECT a.subject, a.beside, {int(ReasonCode.SIGNAL_REFUSES)}, '', s.text
FROM asked AS a JOIN subject AS s ON s.subject = a.subject WHERE a.beside
"""  # noqa: S608
_EXPORT: Final = Template("""
WITH asked AS (SELECT DISTINCT subject, beside FROM answer WHERE subject <> 0 AND status <> 0),
     told AS (SELECT a.subject, a.beside, r.code, coalesce(p.text, '') AS party, t.text AS about
              FROM asked AS a JOIN reason AS r ON r.subject = a.subject
              LEFT JOIN party AS p ON p.party = r.party LEFT JOIN thing AS t ON t.thing = r.about
              $beside_reasons $person_reasons),
     worded AS (SELECT t.subject, t.beside, t.code, t.party, t.about, w.name,
                  replace(replace(w.text, '{party}', t.party), '{subject}',
                          CASE WHEN t.about = '' THEN 'the row' ELSE t.about END) AS text
                FROM told AS t JOIN message AS w ON w.code = t.code),
     reasons AS (SELECT subject, beside, $listed_names AS names, $listed_texts AS texts, $listed_parties AS parties
                 FROM worded GROUP BY subject, beside),
     yeses AS (SELECT subject, $listed_voices AS voices
               FROM (SELECT m.subject, v.text FROM missing AS m JOIN voice AS v ON v.voice = m.voice
                     $person_missing) AS voices GROUP BY subject),
     coded AS (SELECT line, $listed_codes AS codes FROM manifest_code GROUP BY line)
SELECT a.line, $codes AS codes, CASE a.status $statuses END AS status, $reason_codes AS reason_codes,
  $reasons AS reasons, $parties AS parties, $missing AS missing, coalesce(s.text, '') AS subject,
  $signal AS signal $laws
FROM answer AS a JOIN manifest AS m ON m.line = a.line LEFT JOIN coded AS c ON c.line = a.line
LEFT JOIN subject AS s ON s.subject = a.subject LEFT JOIN message AS w ON w.code = a.first
LEFT JOIN reasons AS r ON r.subject = a.subject AND r.beside = a.beside LEFT JOIN yeses AS y ON y.subject = a.subject
$signals
ORDER BY a.line
""")
_REASONS: Final = Template("""
WITH asked AS (SELECT DISTINCT subject, beside FROM answer WHERE subject <> 0 AND status <> 0),
     told AS (SELECT DISTINCT subject, beside, code FROM (
                SELECT a.subject, a.beside, r.code, '' AS party, '' AS about
                FROM asked AS a JOIN reason AS r ON r.subject = a.subject
                $beside_reasons $person_reasons) AS every),
     counted AS (SELECT t.code, a.line FROM answer AS a
                   JOIN told AS t ON t.subject = a.subject AND t.beside = a.beside WHERE a.status <> 0
                 UNION ALL SELECT first, line FROM answer WHERE subject = 0)
SELECT code, count(*) FROM counted GROUP BY code ORDER BY code
""")


def _person_reasons(persons: Answer) -> str:
    if isinstance(persons, Cleared):
        return ""
    rows = ((int(reason.code), text_of(reason.party), text_of(reason.subject)) for reason in persons.reasons)
    return "".join(
        f"UNION SELECT subject, beside, {code}, {party}, {about} FROM asked "  # noqa: S608
        for code, party, about in rows
    )


def _person_missing(persons: Answer) -> str:
    if isinstance(persons, Cleared):
        return ""
    return "".join(f"UNION SELECT subject, {text_of(voice)} FROM asked " for voice in persons.missing)  # noqa: S608
