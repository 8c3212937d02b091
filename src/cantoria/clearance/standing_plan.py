"""What every voice comes to for one request, and which needed says are no yes: the heart of the set-based plan.

The standing of one voice is one `max()` over a packed key (RULES section 2), from the highest bit downwards:

    stop 1 | own 1 | narrow scope 3 | narrow licensee 2 | narrow territory 9 | no, ask, yes 2 | this model 1 |
    index 38 | outcome 6

The outcome is what the statement comes to for this request: 0 a yes whose conditions are met, else the number of its
`ReasonCode`. A maximum needs no order and no window, so any engine, partition or thread count gives the same answer.

Most says are a plain yes: a person's own word for all their works, nothing narrower of theirs against it. They are set
aside before what was said of single works, recordings, releases and catalogues is looked at (`wide.plain`).
"""

from __future__ import annotations

from string import Template
from typing import Final

from cantoria.clearance.analytics import Step
from cantoria.clearance.plan_terms import Terms
from cantoria.clearance.reasons import ReasonCode, is_open
from cantoria.clearance.snapshot_schema import holds, region_columns

OUTCOMES: Final = 64
STOP_KEY: Final = 1 << 62
OWN_KEY: Final = 1 << 61
SCOPE_KEY: Final = 1 << 58
LICENSEE_KEY: Final = 1 << 56
TERRITORY_KEY: Final = 1 << 47
VERDICT_KEY: Final = 1 << 45
MODEL_KEY: Final = 1 << 44
COUNTRIES_MAX: Final = 511
SCOPES_MAX: Final = 7


OPEN_MASK: Final = sum(1 << code for code in ReasonCode if is_open(code))
# Whoever cannot be reached cannot be asked for what is open or unsaid.
UNREACHABLE_IF: Final = OPEN_MASK | 1 << ReasonCode.SILENT
# What the winning statement of a voice can come to.
VOICED: Final = (
    ReasonCode.STOPPED,
    ReasonCode.SAID_NO,
    ReasonCode.CONDITION_UNMET,
    ReasonCode.CONDITION_UNKNOWN,
    ReasonCode.SILENT,
    ReasonCode.PRICE_OPEN,
    ReasonCode.ASKS,
)


def said_steps(terms: Terms) -> list[Step]:
    """Return the statements that make `said` and `wide`, which depend on the request alone."""
    return [_said(terms), _wide(terms)]


def open_steps(terms: Terms) -> list[Step]:
    """Return the statements that make `open_need(unit, voice, about, mask)`: every needed say that is no yes, with its
    reasons as a mask over all territory classes. Units are looked at piece by piece, in order of their numbers."""
    plan = []
    for number, (first, last) in enumerate(terms.pieces):
        within = f"unit BETWEEN {first} AND {last}"
        asked = f"JOIN (SELECT DISTINCT unit FROM asked_part WHERE {within}) AS u ON u.unit = n.unit"  # noqa: S608
        among = asked if terms.restricted else ""
        plan.append(
            _weighed(terms, "pending_need", among=among, where=f"n.{within} AND (w.plain IS NULL OR NOT w.plain)")
        )
        plan += _narrow(terms, "narrow", needs="pending_need", where=f"r.{within}")
        plan.append(_open_need(terms, f"open_need{number}" if len(terms.pieces) > 1 else "open_need"))
    if len(terms.pieces) > 1:
        union = " UNION ALL ".join(f"SELECT * FROM open_need{number}" for number in range(len(terms.pieces)))  # noqa: S608
        plan.append(Step("open_need", union))
    return plan


def because_steps(terms: Terms) -> list[Step]:
    """Return the statements that make `because(subject, index)`: the winners of all voices of each cleared subject in
    all territory classes."""
    winners = " UNION ".join(
        f"SELECT p.subject, s.index FROM cleared_part AS p JOIN winner AS n ON n.unit = p.unit "  # noqa: S608
        f"JOIN said AS s ON s.voice = n.voice AND s.key{region} = n.key{region} WHERE {holds(region)}"
        for region in range(terms.regions)
    )
    among = "JOIN (SELECT DISTINCT unit FROM cleared_part) AS u ON u.unit = n.unit"
    return [
        Step("cleared_part", _CLEARED_PART.substitute(part=terms.part)),
        _weighed(terms, "cleared_need", among=among, where="1 = 1"),
        *_narrow(terms, "cleared_narrow", needs="cleared_need", where="1 = 1"),
        Step("because", f"WITH winner AS ({_standing(terms, 'cleared_need', 'cleared_narrow')}) {winners}"),
    ]


_CLEARED_PART: Final = Template("""
SELECT p.subject, p.unit
FROM $part AS p JOIN (SELECT DISTINCT subject FROM answer WHERE subject <> 0 AND status = 0) AS c
  ON c.subject = p.subject
""")


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
        this_model=MODEL_KEY,
        model=terms.model or -1,
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
  + CASE WHEN verdict = 3 AND model = $model THEN CAST($this_model AS BIGINT) ELSE CAST(0 AS BIGINT) END
END + index * $outcomes
+ CASE WHEN verdict = 0 THEN $stopped WHEN verdict = 1 THEN $said_no WHEN verdict = 2 THEN $asks
       WHEN unknown_terms THEN $unknown WHEN $demands THEN $unmet WHEN $priced THEN $price_open ELSE 0 END
""")


def _wide(terms: Terms) -> Step:
    """Return for each voice what its person-wide statements come to, by when a work was registered: from `low` on and
    before `high`. Present works are those registered before the statement, future works those after. `plain` tells
    that this is a yes in every territory class, and that nothing narrower of the voice is anything else."""
    best = _each(terms, "max(CASE WHEN (s.kind = 5) = (s.index > b.low) THEN s.key# END) AS key#")
    return Step(
        "wide",
        _WIDE.substitute(
            best=best,
            keys=_each(terms, "key#"),
            yes=_each(terms, f"coalesce(key# % {OUTCOMES}, 1) = 0", between=" AND "),
            otherwise=_each(terms, f"key# % {OUTCOMES} <> 0", between=" OR "),
        ),
    )


_WIDE: Final = Template("""
SELECT w.voice, low, high, $keys, $yes AND o.voice IS NULL AS plain
FROM (SELECT b.voice, b.low, min(CASE WHEN s.index > b.low THEN s.index END) AS high, $best
      FROM (SELECT voice, index AS low FROM said WHERE kind >= 5
            UNION SELECT voice, CAST(-2 AS BIGINT) AS low FROM said WHERE kind >= 5) AS b
      JOIN said AS s ON s.voice = b.voice AND s.kind >= 5
      GROUP BY b.voice, b.low) AS w
LEFT JOIN (SELECT DISTINCT voice FROM said WHERE kind < 5 AND ($otherwise)) AS o ON o.voice = w.voice
""")


def _weighed(terms: Terms, name: str, *, among: str, where: str) -> Step:
    """Return needed says with what the voice said person-wide, for the works and recordings meant by `among`."""
    query = _WEIGHED.substitute(
        regions=", ".join(f"m.{column}" for column in region_columns(terms.regions)),
        keys=_each(terms, "w.key#"),
        among=among,
        asked=terms.asked,
        where=where,
    )
    return Step(name, query)


_WEIGHED: Final = Template("""
SELECT n.unit, n.voice, n.about, n.reachable, $regions, $keys
FROM need AS n JOIN place_mask AS m ON m.place = n.place $among
LEFT JOIN wide AS w ON w.voice = n.voice AND w.low <= n.registered AND (w.high > n.registered OR w.high IS NULL)
WHERE (n.asked & $asked) <> 0 AND $where
""")


def _narrow(terms: Terms, name: str, *, needs: str, where: str) -> list[Step]:
    """Return what statements on a recording, work, release or catalogue come to, by unit and voice of these needs.

    Which scopes reach the units is found first and kept: from a voice alone, an engine would come to everything that
    the voice ever spoke of.
    """
    reached = f"{name}_reach"
    best = _each(terms, "max(s.key#) AS key#")
    return [
        Step(reached, _REACHED.substitute(needs=needs, where=where)),
        Step(name, _NARROW.substitute(best=best, reached=reached)),
    ]


_REACHED: Final = Template("""
SELECT n.unit, n.voice, r.scope, r.since FROM $needs AS n JOIN reach AS r ON r.unit = n.unit WHERE $where
""")
_NARROW: Final = Template("""
SELECT n.unit, n.voice, $best
FROM $reached AS n JOIN said AS s ON s.scope = n.scope AND s.voice = n.voice
WHERE s.kind < 5 AND (s.refuses OR s.index > n.since)
GROUP BY n.unit, n.voice
""")


def _open_need(terms: Terms, name: str) -> Step:
    cases = " ".join(f"WHEN {int(reason)} THEN CAST({1 << reason} AS BIGINT)" for reason in VOICED)
    outcome = f"CASE WHEN ? THEN CASE key# % {OUTCOMES} {cases} ELSE 0 END ELSE 0 END"
    outcomes = [outcome.replace("#", str(n)).replace("?", holds(n)) for n in range(terms.regions)]
    query = _OPEN_NEED.substitute(
        standing=_standing(terms, "pending_need", "narrow"),
        mask=" | ".join(outcomes),
        unreachable_if=UNREACHABLE_IF,
        unreachable=1 << ReasonCode.UNREACHABLE,
    )
    return Step(name, query)


_OPEN_NEED: Final = Template("""
SELECT unit, voice, about, mask | CASE WHEN (mask & $unreachable_if) <> 0 AND NOT reachable
                                       THEN CAST($unreachable AS BIGINT) ELSE 0 END AS mask
FROM (SELECT unit, voice, about, reachable, $mask AS mask FROM ($standing) AS standing) AS outcome
WHERE mask <> 0
""")


def _standing(terms: Terms, needs: str, narrow: str) -> str:
    """Return the query of these needs with the winning key for each territory class; silence is the least."""
    silent = int(ReasonCode.SILENT)
    keys = _each(terms, f"greatest(coalesce(n.key#, {silent}), coalesce(x.key#, {silent})) AS key#")
    regions = ", ".join(f"n.{column}" for column in region_columns(terms.regions))
    return f"""
SELECT n.unit, n.voice, n.about, n.reachable, {regions}, {keys}
FROM {needs} AS n LEFT JOIN {narrow} AS x ON x.unit = n.unit AND x.voice = n.voice"""  # noqa: S608


def _each(terms: Terms, form: str, between: str = ", ") -> str:
    return between.join(form.replace("#", str(region)) for region in range(terms.regions))
