"""A decision before it is said: a verdict for each use, on shared terms, and the statements that it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cantoria.app.pages.decide_whose import Office, office_for
from cantoria.app.saying import Saying
from cantoria.consent.types import ANYONE, NO_CONDITIONS, Conditions, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.uses import FAMILIES, Use


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody wants to say for `party` about `scope`. `prices` are least prices per row for the yeses among
    `verdicts`; the other terms are the same for all of them."""

    party: PartyId
    scope: Scope
    verdicts: Mapping[Use, Verdict]
    prices: Mapping[Use, Money] = field(default_factory=dict)
    licensee: LicenseeTerm = ANYONE
    territory: str = territories.WORLD
    period: Period = ALWAYS
    attribution: bool = False
    label: bool = False
    model_version: str | None = None
    campaign: str | None = None


def sayings(decision: Decision, held: Sequence[Office]) -> tuple[Saying, ...]:
    """Return one saying for all uses with the same verdict, conditions and office, in the order of the rules.

    Raises `InputError` where nothing is decided, or none of the offices carries a use.
    """
    groups: dict[tuple[Verdict, Scope, tuple[object, ...], Office], list[Use]] = {}
    for use in Use:
        verdict = decision.verdicts.get(use)
        if verdict is not None:
            office = _office(held, use, verdict)
            key = (verdict, scope_for(decision.scope, use), _terms(decision, use, verdict), office)
            groups.setdefault(key, []).append(use)
    if not groups:
        raise InputError("nothing is decided", "choose yes, no, ask or stop for at least one use")
    return tuple(_saying(decision, key[0], uses, key[3]) for key, uses in groups.items())


def scope_for(scope: Scope, use: Use) -> Scope:
    """Return of what a use is decided in a scope: voice, likeness and style, decided together with all present works,
    are the person's."""
    personal = use in FAMILIES["persona"] and scope.kind is ScopeKind.PRESENT_WORKS
    return Scope(ScopeKind.PERSONA) if personal else scope


def _saying(decision: Decision, verdict: Verdict, uses: Iterable[Use], office: Office) -> Saying:
    named = frozenset(uses)
    return Saying(
        party=decision.party,
        speaker=office.speaker,
        verdict=verdict,
        uses=named,
        scope=scope_for(decision.scope, min(named)),
        licensee=decision.licensee,
        territory=decision.territory,
        period=decision.period,
        conditions=_conditions(decision, min(named), verdict),
        delegation=office.delegation,
    )


def _conditions(decision: Decision, use: Use, verdict: Verdict) -> Conditions:
    """Return what a yes to a use demands; only a yes demands anything, and only an advertisement names a campaign."""
    if verdict is not Verdict.YES:
        return NO_CONDITIONS
    if use is Use.ADVERTISE and not decision.campaign:
        raise InputError("a yes to advertising names the campaign", "write which campaign it is for")
    return Conditions(
        model_version=decision.model_version,
        min_price=decision.prices.get(use),
        attribution=decision.attribution,
        label=decision.label,
        campaign=decision.campaign if use is Use.ADVERTISE else None,
    )


def _terms(decision: Decision, use: Use, verdict: Verdict) -> tuple[object, ...]:
    given = _conditions(decision, use, verdict)
    price = None if given.min_price is None else (given.min_price.currency, given.min_price.fine)
    return price, given.campaign


def _office(held: Sequence[Office], use: Use, verdict: Verdict) -> Office:
    found = office_for(held, [use])
    if found is None and verdict is not Verdict.YES and held:
        return held[0]  # a delegate under any mandate may refuse
    if found is None:
        raise InputError(
            f"no mandate on record names {use.value}",
            "let the party itself decide, or record a mandate that names the use",
        )
    return found
