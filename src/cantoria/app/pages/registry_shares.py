"""Who says what of the holders of a work or recording, and on which countries that leaves what open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cantoria.app.pages.registry_names import Names, Value
from cantoria.clearance import Request, Rights
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import TIME_MIN, Period
from cantoria.registry import Registry
from cantoria.registry.types import Case, Side
from cantoria.registry.views import ClaimView

COUNTRIES_NAMED: Final = 3


def place_value(expression: str, *, at: int) -> Value:
    """Return a territory expression with the countries that it means, the first few by name (ISO 3166 letters)."""
    try:
        found = territories.resolve(expression, at=at)
    except InputError:
        return {"expression": expression, "world": False, "readable": False, "countries": [], "count": 0}
    world = found == territories.countries(at)
    iso = found.iso()
    shown = [] if world else list(iso[:COUNTRIES_NAMED])
    return {"expression": expression, "world": world, "readable": True, "countries": shown, "count": len(iso)}


def period_value(period: Period) -> Value:
    """Return a period by its ends (UTC microseconds); None is open."""
    return {"from": None if period.start == TIME_MIN else period.start, "until": period.end}


def claims_value(registry: Registry, subject: str, *, names: Names, at: int) -> list[Value]:
    """Return all claims to a work or recording: who holds what by whose word, with its evidence; those in force first.

    The share is an exact fraction of one, as text and as numerator and denominator; empty where only the role is known.
    """
    claims = registry.claims(subject)
    names.want(name for claim in claims for name in (claim.fact.party, str(claim.fact.asserted_by), claim.organisation))
    found = [claim_value(claim, names=names, at=at) for claim in claims]
    return sorted(found, key=lambda one: (not one["counts"], one["role"], one["party"]["name"], one["entry"]))


def claim_value(claim: ClaimView, *, names: Names, at: int) -> Value:
    """Return one claim."""
    fact = claim.fact
    in_force = claim.in_force(at)
    return {
        "claim": str(fact.claim),
        "party": names.ref(fact.party),
        "role": fact.role.value,
        "right": fact.right.value if fact.right else "",
        "share": str(fact.share) if fact.share is not None else "",
        "share_of": [fact.share.numerator, fact.share.denominator] if fact.share is not None else [],
        "territory": place_value(fact.territory, at=at),
        **period_value(fact.period),
        "tier": fact.tier.name.lower(),
        "counts": claim.effective and in_force,
        "in_force": in_force,
        "withdrawn_at": claim.withdrawn_at,
        "said_by": names.ref(str(fact.asserted_by or claim.organisation)),
        "recorded_by": names.ref(claim.organisation),
        "entry": claim.index,
        "source": {"file": fact.source.file, "line": fact.source.line},
    }


def sides_value(rights: Rights, subject: str, request: Request, *, names: Names) -> list[Value]:
    """Return for all that a work or recording carries with it whether its holders are all known: one state for the
    countries of the request that share it."""
    closure = rights.registry.closure(subject)
    things = dict.fromkeys((*closure.recordings, *closure.works))
    names.want(things)
    classes = rights.terms_of(request).classes
    found = []
    for thing in things:
        states: dict[tuple[bool, bool, tuple[str, ...]], list[str]] = {}
        for countries in classes:
            side = rights.registry.side(thing, territory=countries[0], at=request.at)
            key = (side.complete, side.public_domain, tuple(problem.value for problem in side.problems))
            states.setdefault(key, []).extend(countries)
        found.append(
            {
                "thing": names.ref(thing),
                "side": "work" if rights.registry.side_of(thing) is Side.WORK else "recording",
                "states": [_state_value(*key, countries) for key, countries in states.items()],
            }
        )
    return found


def _state_value(complete: bool, free: bool, problems: tuple[str, ...], countries: list[str]) -> Value:
    return {
        "complete": complete,
        "public_domain": free,
        "problems": list(problems),
        "countries": [territories.name(code) for code in countries[:COUNTRIES_NAMED]],
        "count": len(countries),
    }


def cases_value(registry: Registry, things: Iterable[str], *, at: int) -> list[Value]:
    """Return the open conflicts over things, their claims or their links."""
    wanted = set(things)
    for thing in sorted(wanted):
        wanted |= {str(claim.fact.claim) for claim in registry.claims(thing)}
        wanted |= {str(link.link) for link in registry.links(thing)}
    return [_case_value(case) for case in registry.cases(at) if case.subject in wanted or wanted & set(case.about)]


def _case_value(case: Case) -> Value:
    return {
        "case": str(case.case),
        "kind": case.kind.value,
        "subject": case.subject,
        "stage": case.stage.value,
        "due_at": case.due_at,
        "blocks": case.blocks,
        "about": list(case.about),
    }
