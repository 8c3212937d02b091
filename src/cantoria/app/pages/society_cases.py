"""What the pages of conflict cases say: whose turn it is until when, the claims side by side, what was said, and the
public statistics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from cantoria.app import cases as settling
from cantoria.app import rights
from cantoria.app.house import House
from cantoria.app.pages.registry_names import kind_of
from cantoria.app.pages.trace_common import names
from cantoria.app.ports import Author
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, TIME_MIN
from cantoria.registry.ageing import Ageing
from cantoria.registry.conflict_facts import CaseAnswered, CaseDecided, CaseEscalated
from cantoria.registry.escalation import STEPS
from cantoria.registry.standing import REGISTERS
from cantoria.registry.types import Case, CaseEvent, LinkView
from cantoria.registry.views import ClaimView

Value = dict[str, Any]
_PARTY: Final = re.compile(r"\bparty_[0-9a-z]{26}\b")
WHOLE_MAX: Final = 400_000  # entries: a larger ledger is looked at around a thing, not as a whole, in a page
LISTED: Final = 40
MINUTE: Final = 60_000_000
SAID_TAGS: Final = tuple(one.TYPE.tag for one in (CaseAnswered, CaseEscalated, CaseDecided))


def listed(house: House, *, size: int, now: int, about: str = "", kind: str = "", start: int = 0) -> Value:
    """Return open cases, the oldest first: about a thing (an id or a code key) and what it carries, or all of them.
    `whole` is False where the ledger is too large to look at all of them in a page."""
    whole = size <= WHOLE_MAX
    found: Sequence[Case] = ()
    if about:
        found = settling.open_cases(house, subjects=[about], size=size, at=now)
    elif whole:
        found = _all(house, size, now)
    chosen = [case for case in found if kind in ("", case.kind.value)]
    shown = chosen[start : start + LISTED]
    known = names(house, (name for case in shown for name in (case.subject, case.next_actor)), size=size)
    return {
        "cases": [short_value(case, known, now=now) for case in shown],
        "total": len(chosen),
        "overdue": sum(case.due_at < now for case in chosen),
        "blocking": sum(case.blocks for case in chosen),
        "next": start + LISTED if start + LISTED < len(chosen) else 0,
        "whole": whole or bool(about),
    }


def short_value(case: Case, known: dict[str, str], *, now: int) -> Value:
    """Return a case as a row of a list."""
    return {
        "case": case.case,
        "kind": case.kind.value,
        "subject": subject_value(case.subject, known),
        "stage": case.stage.value,
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "days_left": _days(case.due_at - now),
        "next_actor": {"id": case.next_actor, "name": known.get(case.next_actor, "")},
        "blocks": case.blocks,
    }


def subject_value(subject: str, known: dict[str, str]) -> Value:
    """Return what a case is about: a thing with its kind, or a code, whose kind is empty."""
    return {"id": subject, "name": known.get(subject, ""), "kind": "" if ":" in subject else kind_of(subject)}


def case_value(
    house: House, case: Case, *, size: int, now: int, author: Author | None, readers: frozenset[str] = frozenset()
) -> Value:
    """Return everything about an open case, and what `author` may do in it. `readers` are the parties that the visitor
    is or speaks for: what was said in a case is shown to those concerned by it, and to registers."""
    registry = rights.load_around(house.index, subjects=[case.subject], size=size).registry
    claims = [one for one in registry.claims(case.subject) if one.fact.claim in case.about]
    links = [one for name in case.about if (one := registry.link(name)) is not None]
    known = names(house, _named(case, claims, links), size=size)
    party = author.party if author else ""
    concerned = {*case.concerned.claimants, *case.concerned.others, *case.concerned.holders, *case.concerned.interested}
    may_read = _register(author) or not readers.isdisjoint(concerned)
    return {
        **short_value(case, known, now=now),
        "settled": False,
        "detail": case.detail,
        "told": _PARTY.sub(lambda found: known.get(found[0]) or found[0], case.detail),
        "missed": case.missed,
        "then": _then(case),
        "clock": {"days": max(1, (case.due_at - case.opened_at) // DAY), "gone": _days(now - case.opened_at)},
        "claimants": [_party(name, known) for name in case.concerned.claimants],
        "others": [_party(name, known) for name in case.concerned.others],
        "claims": [_claim(one, known, own=one.organisation == party, now=now) for one in claims],
        "links": [_link(one, known) for one in links],
        "evidence": list(case.evidence),
        "events": [_heard(_event(one, known), readers, all_of_it=may_read) for one in case.events],
        "may": _may(case, author),
    }


def _named(case: Case, claims: Sequence[ClaimView], links: Sequence[LinkView]) -> Iterator[str]:
    """Give everything that a case's page names."""
    concerned = case.concerned
    yield from (case.subject, case.next_actor, *concerned.claimants, *concerned.others, *concerned.holders)
    for claim in claims:
        yield from (str(claim.fact.party), claim.organisation)
    for link in links:
        yield from (link.left, link.right, *link.asserted_by)
    yield from (one.by for one in case.events)


def _link(one: LinkView, known: dict[str, str]) -> Value:
    return {
        "link": one.link,
        "left": subject_value(one.left, known),
        "relation": one.relation.value,
        "right": subject_value(one.right, known),
        "state": one.state.value,
        "asserted_by": [_party(name, known) for name in one.asserted_by],
        "entry": one.index,
    }


def _event(one: CaseEvent, known: dict[str, str]) -> Value:
    return {
        "entry": one.index,
        "at": one.at,
        "by": _party(one.by, known),
        "what": one.what,
        "text": one.text,
        "without_effect": one.without_effect,
    }


def _register(author: Author | None) -> bool:
    return author is not None and author.capacity in REGISTERS


def _heard(event: Value, readers: frozenset[str], *, all_of_it: bool) -> Value:
    """Return an event without its words where they are not these readers' to read; a decision is public."""
    shown = all_of_it or event["what"] == "decide" or event["by"]["id"] in readers
    return event if shown else {**event, "text": ""}


def settled_value(
    house: House, case: str, *, size: int, author: Author | None = None, readers: frozenset[str] = frozenset()
) -> Value | None:
    """Return what is left of a case that is not open any more: what was said in it. None where nothing was."""
    said = house.index.about([case], tags=SAID_TAGS, size=size)
    if not said:
        return None
    subject = str(said[0].fact.subject)
    known = names(house, [subject, *(one.organisation for one in said)], size=size)
    events = [
        {
            "entry": one.index,
            "at": one.claimed_at,
            "by": _party(one.organisation, known),
            "what": _what(one),
            "text": _text(one),
            "without_effect": "",
        }
        for one in said
    ]
    may_read = _register(author) or not readers.isdisjoint(one.organisation for one in said)
    heard = [_heard(one, readers, all_of_it=may_read) for one in events]
    return {"case": case, "settled": True, "subject": subject_value(subject, known), "events": heard}


def statistics_value(house: House, *, size: int) -> Value | None:
    """Return the public statistics of all open cases; None where the ledger is too large to count in a page."""
    if size > WHOLE_MAX:
        return None
    hour = house.clock.now() // (60 * MINUTE)
    found = house.memo.get(("cases", "statistics", size, hour), lambda: settling.statistics(house))
    known = names(house, (one.next_actor for one in found.rows), size=size)
    return {"rows": [_ageing(one, known) for one in found.rows], "elsewhere": _amounts(found.elsewhere)}


def _all(house: House, size: int, now: int) -> tuple[Case, ...]:
    """Return all open cases, worked out once a minute."""
    key = ("cases", size, now // MINUTE)
    return house.memo.get(key, lambda: settling.open_cases(house, size=size, at=now))


def _may(case: Case, author: Author | None) -> Value:
    """Return what an organisation may do, and a code for why it may not decide."""
    if author is None:
        return {"answer": False, "decide": False, "why_not": "sign_in"}
    interested = author.party in case.concerned.interested
    why = "no_register" if author.capacity not in REGISTERS else "interested" if interested else ""
    return {"answer": True, "decide": not why, "why_not": why}


def _then(case: Case) -> str:
    """Return the stage that the case passes to when its time is over, empty where it stays where it is."""
    stages = [step.stage for step in STEPS[case.kind]]
    if case.stage not in stages or case.stage is stages[-1]:
        return ""
    return stages[stages.index(case.stage) + 1].value


def _claim(one: ClaimView, known: dict[str, str], *, own: bool, now: int) -> Value:
    fact = one.fact
    period = fact.period
    return {
        "claim": str(fact.claim),
        "party": _party(str(fact.party), known),
        "role": fact.role.value,
        "right": fact.right.value if fact.right else "",
        "share": None if fact.share is None else {"part": fact.share.numerator, "whole": fact.share.denominator},
        "territory": fact.territory,
        "since": None if period.start == TIME_MIN else period.start,
        "until": period.end,
        "tier": fact.tier.name.lower(),
        "organisation": _party(one.organisation, known),
        "file": fact.source.file,
        "line": fact.source.line,
        "entry": one.index,
        "in_force": one.in_force(now),
        "own": own,
    }


def _party(name: str, known: dict[str, str]) -> Value:
    return {"id": name, "name": known.get(name, ""), "kind": "party" if name.startswith("party_") else ""}


def _what(said: Recorded[Any]) -> str:
    fact = said.fact
    if isinstance(fact, CaseAnswered):
        return fact.stance.value
    return "escalate" if isinstance(fact, CaseEscalated) else "decide"


def _text(said: Recorded[Any]) -> str:
    fact = said.fact
    return str(getattr(fact, "text", "") or getattr(fact, "reason", "") or getattr(fact, "outcome", ""))


def _ageing(one: Ageing, known: dict[str, str]) -> Value:
    return {
        "kind": one.kind.value,
        "days": one.days,
        "stage": one.stage.value,
        "next_actor": {"id": one.next_actor, "name": known.get(one.next_actor, "")},
        "cases": one.cases,
        "overdue": one.overdue,
        "blocked": one.blocked,
        "waiting": _amounts(one.waiting),
    }


def _amounts(fine: Any) -> list[Value]:
    return [
        {"amount": Money(amount, currency).format(), "currency": currency} for currency, amount in sorted(fine.items())
    ]


def _days(span: int) -> int:
    """Return whole days, rounded towards what is left: a day that has begun counts."""
    return -(-span // DAY)


def find(house: House, case: str, *, subject: str, size: int, now: int) -> Case | None:
    """Return an open case by its id, or None. Around its subject where that is given or something was said in it; in
    all cases only where the ledger is small enough for a page."""
    said = (str(getattr(one.fact, "subject", "")) for one in house.index.about([case], tags=SAID_TAGS, size=size))
    for one in sorted({subject} if subject else {name for name in said if name}):
        for found in _around(house, one, size, now):
            if found.case == case:
                return found
    everything: Iterable[Case] = _all(house, size, now) if size <= WHOLE_MAX else ()
    return next((found for found in everything if found.case == case), None)


def _around(house: House, subject: str, size: int, now: int) -> tuple[Case, ...]:
    try:
        return settling.open_cases(house, subjects=[subject], size=size, at=now)
    except InputError:
        return ()  # the address names a thing that cannot be
