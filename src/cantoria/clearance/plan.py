"""Clearance of millions of rows: the same answers as `decide`, as a list of SQL statements over a rights snapshot.

Pure text, no I/O: an `Analytics` engine runs the steps in order. All arithmetic is on 64-bit integers. The standing
of one voice is one `max()` over a packed key (RULES section 2), from the highest bit downwards:

    stop 1 | own 1 | narrow scope 3 | narrow licensee 2 | narrow territory 9 | no, ask, yes 2 | index 39 | outcome 6

The outcome is what the statement comes to for this request: 0 a yes whose conditions are met, else the number of its
`ReasonCode`. A maximum needs no order and no window, so any engine, partition or thread count gives the same answer.
Reasons travel as bit masks, one bit for each `ReasonCode`; names are joined at the very end.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Final

from cantoria.clearance.analytics import Step
from cantoria.clearance.reasons import ReasonCode, is_denial, is_open
from cantoria.clearance.resolution_plan import resolution_steps
from cantoria.clearance.snapshot_schema import holds, region_columns

OUTCOMES: Final = 64
STOP_KEY: Final = 1 << 62
OWN_KEY: Final = 1 << 61
SCOPE_KEY: Final = 1 << 58
LICENSEE_KEY: Final = 1 << 56
TERRITORY_KEY: Final = 1 << 47
VERDICT_KEY: Final = 1 << 45
COUNTRIES_MAX: Final = 511
SCOPES_MAX: Final = 7

STATUSES: Final = ("cleared", "denied", "licensable", "unknown")  # by their number in table `answer`
OPEN_MASK: Final = sum(1 << code for code in ReasonCode if is_open(code))
DENIAL_MASK: Final = sum(1 << code for code in ReasonCode if is_denial(code))
UNKNOWN_MASK: Final = sum(1 << code for code in ReasonCode if not is_denial(code) and not is_open(code))
# Whoever cannot be reached cannot be asked for what is open or unsaid.
UNREACHABLE_IF: Final = OPEN_MASK | 1 << ReasonCode.SILENT
# What the winning statement of a voice can come to.
_VOICED: Final = (
    ReasonCode.STOPPED,
    ReasonCode.SAID_NO,
    ReasonCode.CONDITION_UNMET,
    ReasonCode.CONDITION_UNKNOWN,
    ReasonCode.SILENT,
    ReasonCode.PRICE_OPEN,
    ReasonCode.ASKS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A request in the numbers of a snapshot, whose places the table `place_mask` tells.

    `use` is a bit of `statement.uses`, `asked` a bit of `need.asked`, `at` the moment (UTC microseconds); 0 stands for
    a licensee, model, currency or campaign that the snapshot does not know or the request does not name.
    `campaign_needed` says that a yes must name the campaign. `regions` counts the territory classes. `sides` tells
    whether works and recordings are asked at all, `person_mask` what the persons named come to, for every row.
    `several` says that some rows carry several codes, `beside` that a signal beside some row refuses something (table
    `manifest_refused`), `signals` that the snapshot has signals on record, `restricted` that the manifest is small
    beside the snapshot, `evidence` that the statements behind each cleared row are wanted.
    """

    use: int
    asked: int
    at: int
    regions: int
    licensee: int = 0
    licensee_classes: tuple[int, ...] = ()
    model: int = 0
    currency: int = 0
    offer: int = 0
    attribution: bool = False
    label: bool = False
    campaign: int = 0
    campaign_needed: bool = False
    sides: bool = True
    person_mask: int = 0
    several: bool = True
    beside: bool = False
    signals: bool = False
    restricted: bool = False
    evidence: bool = False


def text_of(text: str) -> str:
    """Return the SQL of a text; a backslash, which some engines read as a sign of their own, stands as its number."""
    quoted = text.replace("'", "''").replace("\\", "' || chr(92) || '")
    return f"('{quoted}')" if "\\" in text else f"'{quoted}'"


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
    plan += [_said(terms), _wide(terms), _narrow(terms), _open_need(terms), _problem_here(terms)]
    plan += [Step("subject_mask", _SUBJECT_MASK), _answer(terms), Step("reason", _REASON), Step("missing", _MISSING)]
    return [*plan, _because(terms)] if terms.evidence else plan


def _said(terms: Terms) -> Step:
    """Return the statements that can cover this request, each with its key for every territory class."""
    columns = region_columns(terms.regions)
    query = _SAID.substitute(
        keys=", ".join(f"CASE WHEN {holds(n)} THEN rank END AS key{n}" for n in range(terms.regions)),
        regions=", ".join(f"m.{column}" for column in columns),
        rank=_rank(terms),
        use=terms.use,
        at=terms.at,
        licensee=terms.licensee or -1,
        classes=", ".join(str(number) for number in (*terms.licensee_classes, -1)),
    )
    return Step("said", query)


_SAID: Final = Template("""
SELECT voice, index, scope, kind, verdict <> 3 AS refuses, $keys
FROM (SELECT voice, index, scope, kind, verdict, $regions, $rank AS rank
      FROM statement AS t JOIN place_mask AS m ON m.place = t.place
      WHERE (uses & $use) <> 0 AND kind > 0 AND since <= $at AND until > $at
        AND (licensee_kind = 2 OR licensee_kind = 1 AND licensee IN ($classes)
             OR licensee_kind = 0 AND licensee = $licensee)) AS covering
""")


def _rank(terms: Terms) -> str:
    """Return the expression of a statement's packed key; verdicts are 0 stop, 1 no, 2 ask, 3 yes."""
    campaign = (
        f"campaign <> {terms.campaign or -1}" if terms.campaign_needed else f"campaign NOT IN (0, {terms.campaign})"
    )
    demands = [f"model NOT IN (0, {terms.model})", campaign]
    demands += [name for name, met in (("attribution", terms.attribution), ("label", terms.label)) if not met]
    return _RANK.substitute(
        stop=STOP_KEY,
        own=OWN_KEY,
        scope=SCOPE_KEY,
        scopes_max=SCOPES_MAX,
        licensee=LICENSEE_KEY,
        territory=TERRITORY_KEY,
        countries_max=COUNTRIES_MAX,
        verdict=VERDICT_KEY,
        outcomes=OUTCOMES,
        stopped=int(ReasonCode.STOPPED),
        said_no=int(ReasonCode.SAID_NO),
        asks=int(ReasonCode.ASKS),
        unknown=int(ReasonCode.CONDITION_UNKNOWN),
        unmet=int(ReasonCode.CONDITION_UNMET),
        price_open=int(ReasonCode.PRICE_OPEN),
        demands=" OR ".join(demands),
        priced=f"currency <> 0 AND (currency <> {terms.currency} OR price > {terms.offer})",
    )


_RANK: Final = Template("""
CASE WHEN verdict = 0 THEN CAST($stop AS BIGINT) ELSE
  CASE WHEN own THEN CAST($own AS BIGINT) ELSE CAST(0 AS BIGINT) END
  + CAST($scopes_max - kind AS BIGINT) * $scope + CAST(2 - licensee_kind AS BIGINT) * $licensee
  + CAST($countries_max - countries AS BIGINT) * $territory + CAST(4 - verdict AS BIGINT) * $verdict
END + index * $outcomes
+ CASE WHEN verdict = 0 THEN $stopped WHEN verdict = 1 THEN $said_no WHEN verdict = 2 THEN $asks
       WHEN unknown_terms THEN $unknown WHEN $demands THEN $unmet WHEN $priced THEN $price_open ELSE 0 END
""")


def _wide(terms: Terms) -> Step:
    """Return for each voice what its person-wide statements come to, by when a work was registered: from `low` on and
    before `high`. Present works are those registered before the statement, future works those after."""
    best = _each(terms, "max(CASE WHEN (s.kind = 5) = (s.index > b.low) THEN s.key# END) AS key#")
    return Step("wide", _WIDE.substitute(best=best))


_WIDE: Final = Template("""
SELECT b.voice, b.low, min(CASE WHEN s.index > b.low THEN s.index END) AS high, $best
FROM (SELECT voice, index AS low FROM said WHERE kind >= 5
      UNION SELECT voice, CAST(-2 AS BIGINT) AS low FROM said WHERE kind >= 5) AS b
JOIN said AS s ON s.voice = b.voice AND s.kind >= 5
GROUP BY b.voice, b.low
""")


def _narrow(terms: Terms) -> Step:
    """Return what statements on a recording, work, release or catalogue come to, by voice and unit."""
    return Step("narrow", _NARROW.substitute(best=_each(terms, "max(s.key#) AS key#")))


_NARROW: Final = Template("""
SELECT r.unit, s.voice, $best
FROM said AS s JOIN reach AS r ON r.scope = s.scope
WHERE s.kind < 5 AND (s.refuses OR s.index > r.since)
GROUP BY r.unit, s.voice
""")


def _open_need(terms: Terms) -> Step:
    """Return every needed say that is no yes, with its reasons as a mask over all territory classes."""
    cases = " ".join(f"WHEN {int(reason)} THEN CAST({1 << reason} AS BIGINT)" for reason in _VOICED)
    outcome = f"CASE WHEN ? THEN CASE key# % {OUTCOMES} {cases} ELSE 0 END ELSE 0 END"
    outcomes = [outcome.replace("#", str(n)).replace("?", holds(n)) for n in range(terms.regions)]
    query = _OPEN_NEED.substitute(
        standing=_standing(terms, among=_OF_MANIFEST if terms.restricted else ""),
        mask=" | ".join(outcomes),
        unreachable_if=UNREACHABLE_IF,
        unreachable=1 << ReasonCode.UNREACHABLE,
    )
    return Step("open_need", query)


_OPEN_NEED: Final = Template("""
SELECT unit, voice, about, mask | CASE WHEN (mask & $unreachable_if) <> 0 AND NOT reachable
                                       THEN CAST($unreachable AS BIGINT) ELSE 0 END AS mask
FROM (SELECT unit, voice, about, reachable, $mask AS mask FROM ($standing) AS standing) AS outcome
WHERE mask <> 0
""")
_OF_MANIFEST: Final = """
JOIN (SELECT DISTINCT p.unit FROM part AS p JOIN chosen AS c ON c.subject = p.subject) AS u ON u.unit = n.unit
"""


def _standing(terms: Terms, *, among: str) -> str:
    """Return the query of every needed say with its winning key for each territory class; silence is the least."""
    silent = int(ReasonCode.SILENT)
    key = f"greatest(coalesce(w.key#, {silent}), coalesce(x.key#, {silent})) AS key#"
    return _STANDING.substitute(
        regions=", ".join(f"m.{column}" for column in region_columns(terms.regions)),
        asked=terms.asked,
        keys=_each(terms, key),
        among=among,
    )


_STANDING: Final = Template("""
SELECT n.unit, n.voice, n.about, n.reachable, $regions, $keys
FROM need AS n JOIN place_mask AS m ON m.place = n.place $among
LEFT JOIN wide AS w ON w.voice = n.voice AND w.low <= n.registered AND (w.high > n.registered OR w.high IS NULL)
LEFT JOIN narrow AS x ON x.unit = n.unit AND x.voice = n.voice
WHERE (n.asked & $asked) <> 0
""")


def _each(terms: Terms, form: str) -> str:
    return ", ".join(form.replace("#", str(region)) for region in range(terms.regions))


def _mask_of(code: str) -> str:
    """Return the expression of the mask of one reason code."""
    cases = " ".join(f"WHEN {int(reason)} THEN CAST({1 << reason} AS BIGINT)" for reason in ReasonCode)
    return f"CASE {code} {cases} ELSE 0 END"


def _problem_here(terms: Terms) -> Step:
    """Return what is wrong with subjects and with what they carry, in a country of the request."""
    query = _PROBLEM_HERE
    if terms.signals:
        query += _SIGNAL_HERE.substitute(code=int(ReasonCode.SIGNAL_REFUSES), use=terms.use, at=terms.at)
    return Step("problem_here", query)


_PROBLEM_HERE: Final = """
SELECT p.subject, u.code, u.about FROM part AS p JOIN unit_problem AS u ON u.unit = p.unit
JOIN place_mask AS m ON m.place = u.place
UNION SELECT subject, code, about FROM problem
"""
_SIGNAL_HERE: Final = Template("""
UNION SELECT s.subject, CAST($code AS SMALLINT) AS code, s.about
FROM signal AS s JOIN place_mask AS m ON m.place = s.place
WHERE (s.uses & $use) <> 0 AND s.since <= $at AND s.until > $at
""")
_SUBJECT_MASK: Final = Template("""
SELECT subject, bit_or(mask) AS mask
FROM (SELECT p.subject, o.mask FROM part AS p JOIN open_need AS o ON o.unit = p.unit
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

_ASKED: Final = "(SELECT DISTINCT subject FROM answer WHERE subject <> 0 AND status <> 0)"
_REASON: Final = Template("""
SELECT DISTINCT p.subject, b.code, v.party, o.about
FROM $asked AS a JOIN part AS p ON p.subject = a.subject JOIN open_need AS o ON o.unit = p.unit
JOIN ($bits) AS b ON (o.mask & b.bit) <> 0 JOIN voice AS v ON v.voice = o.voice
UNION SELECT p.subject, p.code, 0 AS party, p.about FROM $asked AS a JOIN problem_here AS p ON p.subject = a.subject
""").substitute(
    asked=_ASKED,
    bits=" UNION ALL ".join(
        f"SELECT CAST({int(reason)} AS SMALLINT) AS code, CAST({1 << reason} AS BIGINT) AS bit"
        for reason in (*_VOICED, ReasonCode.UNREACHABLE)
    ),
)
_MISSING: Final = Template("""
SELECT DISTINCT p.subject, o.voice
FROM $asked AS a JOIN part AS p ON p.subject = a.subject JOIN open_need AS o ON o.unit = p.unit
""").substitute(asked=_ASKED)
_NOTHING_ASKED: Final = (
    Step("reason", "SELECT subject, code, 0 AS party, about FROM problem WHERE 1 = 0"),
    Step("missing", "SELECT unit AS subject, voice FROM need WHERE 1 = 0"),
    Step("because", "SELECT unit AS subject, registered AS index FROM need WHERE 1 = 0"),
)


def _because(terms: Terms) -> Step:
    """Return the statements behind each cleared subject: the winners of all its voices in all territory classes."""
    winners = " UNION ".join(
        f"SELECT p.subject, s.index FROM winner AS n JOIN part AS p ON p.unit = n.unit "  # noqa: S608
        f"JOIN cleared AS c ON c.subject = p.subject "
        f"JOIN said AS s ON s.voice = n.voice AND s.key{region} = n.key{region} WHERE {holds(region)}"
        for region in range(terms.regions)
    )
    return Step("because", _BECAUSE.substitute(standing=_standing(terms, among=_OF_CLEARED), winners=winners))


_OF_CLEARED: Final = """
JOIN (SELECT DISTINCT p.unit FROM part AS p JOIN cleared AS c ON c.subject = p.subject) AS u ON u.unit = n.unit
"""
_BECAUSE: Final = Template("""
WITH cleared AS (SELECT DISTINCT subject FROM answer WHERE subject <> 0 AND status = 0),
     winner AS ($standing)
$winners
""")
