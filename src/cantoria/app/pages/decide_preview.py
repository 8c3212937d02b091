"""What a decision would change, before it is said: recordings by use and status, what comes first, what it touches.

The statements are folded beside what is on record, by the same rules that will judge them; nothing is recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cantoria.app import rights, saying
from cantoria.app.house import House
from cantoria.app.pages.decide_draft import Decision
from cantoria.app.pages.decide_grid import near
from cantoria.app.pages.decide_names import Value, names_of
from cantoria.app.pages.decide_said import listed, said_for, spoken_value, uses_value
from cantoria.app.pages.decide_things import Reached, reached
from cantoria.app.pages.decide_touched import stays_trained, touched_value, yeses_ended
from cantoria.app.ports import Author
from cantoria.app.saying import Saying
from cantoria.clearance import Request
from cantoria.clearance.decide import decide_persons, decide_subject
from cantoria.clearance.rights import Rights
from cantoria.clearance.types import Status
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import LicenseeKind, ScopeKind, Verdict
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import FAMILIES, Use

COUNTED_MAX: Final = 120
PERSONAL: Final = FAMILIES["persona"]
OUTPUT: Final = FAMILIES["output"]
SHOWN_MAX: Final = 10


def preview(house: House, decision: Decision, sayings: Sequence[Saying], *, author: Author, at: int) -> Value:
    """Return what these sayings would change if they were said at the moment `at`, as of now."""
    size = house.index.catch_up()
    drafts = [saying.statement_of(house, one) for one in sayings]
    supposed = list(_supposed(house, drafts, author=author, at=at, size=size))
    found = reached(house.index, decision.party, decision.scope, size=size, limit=COUNTED_MAX)
    subjects = [one for one in (decision.party, decision.scope.id, *found.listed) if one]
    before, after = rights.load_supposing(house.index, subjects=subjects, supposing=supposed, size=size)
    said = said_for(house.index, decision.party, size=size)
    refusals = [one for one in drafts if one.verdict is not Verdict.YES]
    names = names_of(house.index, _ids(drafts), size=size)
    why = {one.statement: one.reason for one in after.standings.without_effect}
    return {
        "statements": [{**spoken_value(one, names, at=at), "reason": why.get(one.statement, "")} for one in drafts],
        "counted": len(found.listed),
        "whole": found.whole,
        "changes": list(_changes(before, after, decision, drafts, found, at=at, size=size)),
        "outranked": _outranked(house, after, decision, drafts, found, at=at, size=size),
        "touched": touched_value(house, yeses_ended(said, refusals), at=at, size=size),
        "stays_trained": stays_trained(use for one in refusals for use in one.uses),
        "refuses": bool(refusals),
        "allows": any(one.verdict is Verdict.YES for one in drafts),
    }


def _supposed(
    house: House, drafts: Iterable[StatementMade], *, author: Author, at: int, size: int
) -> Iterator[Recorded[StatementMade]]:
    """Give the statements as they would stand in the ledger."""
    for place, fact in enumerate(drafts):
        yield Recorded(
            index=size + place,
            fact_id="",
            organisation=author.party,
            capacity=author.capacity,
            claimed_at=at,
            fact=fact,
            proven_key=fact.signature.key if fact.signature is not None else "",
        )


def _ids(drafts: Iterable[StatementMade]) -> set[str]:
    named = (name for one in drafts for name in (one.party, one.speaker, one.scope.id, one.licensee.id))
    return {name for name in named if "_" in name}


def _changes(
    before: Rights,
    after: Rights,
    decision: Decision,
    drafts: Iterable[StatementMade],
    found: Reached,
    *,
    at: int,
    size: int,
) -> Iterator[Value]:
    """Give for each use how many recordings have each status now and afterwards, asked by somebody who keeps every
    condition; for the uses of a person what the answer about them is."""
    for draft in drafts:
        for use in uses_value(draft.uses):
            request = _request(decision, draft, Use(use), at=at, size=size)
            personal = Use(use) in PERSONAL or draft.scope.kind is ScopeKind.PERSONA
            counts = [_count(view, request, () if personal else found.listed) for view in (before, after)]
            yield {
                "use": use,
                "verdict": draft.verdict.value,
                "person": personal,
                "before": {one.value: counts[0][one] for one in Status},
                "after": {one.value: counts[1][one] for one in Status},
            }


def _request(decision: Decision, draft: StatementMade, use: Use, *, at: int, size: int) -> Request:
    named = draft.licensee.kind is LicenseeKind.NAMED
    classes = frozenset({draft.licensee.id}) if draft.licensee.kind is LicenseeKind.CLASS else frozenset()
    personal = use in PERSONAL or draft.scope.kind is ScopeKind.PERSONA
    return Request(
        use=use,
        licensee=PartyId(draft.licensee.id if named else ""),
        licensee_classes=classes,
        territories=draft.territory,
        at=max(at, draft.period.start),
        size=size + 1,
        offer=draft.conditions.min_price,
        attribution=True,
        label=True,
        model_version=draft.conditions.model_version,
        campaign=(draft.conditions.campaign or "-") if use is Use.ADVERTISE else None,
        persons=(decision.party,) if personal else (),
        used_input=use in OUTPUT and not personal,
    )


def _count(view: Rights, request: Request, recordings: Sequence[str]) -> Mapping[Status, int]:
    if request.persons:
        return Counter([decide_persons(request, rights=view).status])
    return Counter(decide_subject(one, request, rights=view).status for one in recordings)


def _outranked(
    house: House,
    after: Rights,
    decision: Decision,
    drafts: Iterable[StatementMade],
    found: Reached,
    *,
    at: int,
    size: int,
) -> list[Value]:
    """Return the statements on record that come before a new one for anyone and everywhere, so that it changes nothing
    where they speak: they would have to be taken back first."""
    sample = list(found.listed) if decision.scope.kind in (ScopeKind.RELEASE, ScopeKind.CATALOGUE) else []
    moment = max(at, decision.period.start)
    new = {one.statement: one for one in drafts}
    first: dict[str, None] = {}
    for draft in drafts:
        order = near(after, decision.party, draft.scope, sample, at=moment).before
        for use in sorted(draft.uses):
            for said in order:
                if use not in said.uses or said.licensee.kind < draft.licensee.kind:
                    continue
                if said.statement in new:
                    break
                if said.verdict is not draft.verdict:
                    first[said.statement] = None
                    break
    made = [one for one in said_for(house.index, decision.party, size=size) if one.fact.statement in first]
    return listed(house.index, made[:SHOWN_MAX], at=at, size=size)
