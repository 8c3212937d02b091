"""For whom a visitor may speak: for their own party, and under mandates that the ledger shows (RULES section 5).

Nothing that a form says is believed here: the speaker is always the visitor's own party, and what it may say for
another is read from delegations, guardians and estates on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app.pages.decide_names import Value, named, names_of, period_value, territory_value
from cantoria.app.ports import FactIndex
from cantoria.app.rights import SIGNER_TAGS
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.periods import ALWAYS
from cantoria.kernel.uses import Use
from cantoria.mandates import Mandates
from cantoria.mandates.delegations import CHAIN_MAX, SPEAKING, chain_of
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.registry import Registry

MANDATE_TAGS: Final = frozenset(cls.TYPE.tag for cls in (DelegationGranted, GuardianAppointed, EstateOpened))


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """By what right `speaker` speaks for `principal`: `self`, `agent`, `cmo`, `guardian` or `heir`. A delegation names
    its uses; the other offices carry all. `scope` is empty (everything) or what the delegation is limited to."""

    principal: PartyId
    speaker: PartyId
    kind: str
    uses: frozenset[Use] = frozenset(Use)
    delegation: DelegationId | None = None
    scope: tuple[str, ...] = ()
    territory: str = ""
    granted: DelegationGranted | None = None


def offices(index: FactIndex, speaker: str, principal: str, *, at: int, size: int) -> tuple[Office, ...]:
    """Return by what rights a party speaks for another at the moment `at`; none where it has none."""
    if not speaker or not principal.startswith("party_"):
        return ()
    if speaker == principal:
        return (Office(principal=PartyId(principal), speaker=PartyId(speaker), kind="self"),)
    said = index.about([principal], tags=MANDATE_TAGS, size=size)
    registry, mandates = _weighed(index, said, principal, size=size)
    granted = [one.fact.delegation for one in said if isinstance(one.fact, DelegationGranted)]
    ended = index.about(granted, tags=[DelegationEnded.TYPE.tag], size=size)
    over = {one.fact.delegation for one in ended if one.fact.at <= at}
    heard = [one for one in said if _counts(one, registry, mandates)]
    estates = [one for one in heard if isinstance(one.fact, EstateOpened)][-1:]  # the last word on it counts
    rest = [one for one in heard if not isinstance(one.fact, EstateOpened)]
    found = [_office(one, speaker, principal, at, over) for one in (*rest, *estates)]
    return tuple(one for one in found if one is not None)


def _weighed(
    index: FactIndex, said: Sequence[Recorded[Any]], principal: str, *, size: int
) -> tuple[Registry, Mandates]:
    """Return what is needed to weigh what is said of a party's mandates: the grants above them, and whose keys are
    whose."""
    facts = {one.place: one for one in said}
    for _ in range(CHAIN_MAX):
        grants = [one.fact for one in facts.values() if isinstance(one.fact, DelegationGranted)]
        missing = {one.parent for one in grants if one.parent} - {one.delegation for one in grants}
        above = index.about(sorted(missing), tags=[DelegationGranted.TYPE.tag], size=size) if missing else []
        if not above:
            break
        facts.update((one.place, one) for one in above)
    parties = {principal} | {
        party
        for one in facts.values()
        if isinstance(one.fact, DelegationGranted)
        for party in (one.fact.principal, one.fact.delegate)
    }
    registry = Registry.fold(index.about(sorted(parties), tags=SIGNER_TAGS, size=size))
    return registry, Mandates.fold([facts[place] for place in sorted(facts)], registry=registry)


def _counts(said: Recorded[Any], registry: Registry, mandates: Mandates) -> bool:
    """Tell whether a mandate is more than somebody's claim: granted by its principal in an unbroken chain, or recorded
    by who answers for the party."""
    match said.fact:
        case DelegationGranted(delegation=name):
            grant = mandates.delegation(name)
            if grant is None or grant.recorded is not said:
                return False
            return isinstance(chain_of(grant, find=mandates.delegation, authentic=mandates.authentic), tuple)
        case GuardianAppointed(minor=party) | EstateOpened(deceased=party):
            return registry.answers_for(party, said)
        case _:
            return False


def _office(said: Recorded[Any], speaker: str, principal: str, at: int, over: set[str]) -> Office | None:
    fact, who, whose = said.fact, PartyId(speaker), PartyId(principal)
    match fact:
        case DelegationGranted() if (fact.principal, fact.delegate) == (principal, speaker):
            if fact.kind not in SPEAKING or fact.delegation in over or not fact.period.contains(at):
                return None
            return Office(
                principal=whose,
                speaker=who,
                kind=fact.kind.value,
                uses=fact.uses,
                delegation=fact.delegation,
                scope=fact.scope,
                territory=fact.territory,
                granted=fact,
            )
        case GuardianAppointed() if (fact.minor, fact.guardian) == (principal, speaker) and at < fact.majority_at:
            return Office(principal=whose, speaker=who, kind="guardian")
        case EstateOpened() if fact.deceased == principal and at >= fact.died_at:
            heir = speaker in fact.heirs or speaker == fact.representative
            return Office(principal=whose, speaker=who, kind="heir") if heir else None
        case _:
            return None


def office_for(held: Sequence[Office], uses: Iterable[Use]) -> Office | None:
    """Return the first office that carries all these uses, None where none does."""
    wanted = set(uses)
    return next((one for one in held if wanted <= one.uses), None)


def whose_value(held: Sequence[Office], *, index: FactIndex, at: int, size: int) -> Value:
    """Return for whom these offices speak, as a page shows it."""
    first = held[0]
    names = names_of(index, [first.principal, first.speaker], size=size)
    return {
        "party": named(names, first.principal),
        "speaker": named(names, first.speaker),
        "offices": [
            {
                "kind": one.kind,
                "uses": sorted(use.value for use in one.uses),
                "delegation": one.delegation or "",
                "limited": bool(one.scope),
                "territory": territory_value(one.territory, at=at) if one.territory else None,
                **period_value(one.granted.period if one.granted else ALWAYS),
            }
            for one in held
        ],
        "uses": sorted({use.value for one in held for use in one.uses}),
    }
