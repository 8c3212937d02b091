"""The grid of uses: for every use what is in force now, said where, and which statement wins (RULES section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.app import rights
from cantoria.app.pages.decide_draft import scope_for
from cantoria.app.pages.decide_names import (
    Value,
    named,
    names_of,
    period_value,
    scope_value,
    territory_value,
)
from cantoria.app.pages.decide_said import conditions_value, licensee_value
from cantoria.app.pages.decide_things import reached
from cantoria.app.ports import FactIndex
from cantoria.clearance.rights import Rights
from cantoria.consent import Effective, LicenseeKind, Scope, ScopeKind, Target, precedence, reaches
from cantoria.kernel import territories
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_grounds import targets_of_scope

SAMPLE_MAX: Final = 40  # recordings by which the statements around a release or catalogue are found
SHOWN_MAX: Final = 6  # statements listed for one use
# The rows of the grid. What is done with a person's voice, likeness or style is theirs alone to decide.
FAMILIES: Final = (
    ("training", (Use.ANALYSE, Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE)),
    ("input", (Use.INPUT,)),
    ("persona", (Use.STYLE, Use.VOICE, Use.LIKENESS)),
    ("output", (Use.RELEASE_OUTPUT, Use.ADVERTISE)),
)
_WIDE: Final = (ScopeKind.PRESENT_WORKS, ScopeKind.FUTURE_WORKS)
_LEVELS: Final = {
    ScopeKind.RECORDING: (
        ScopeKind.PRESENT_WORKS,
        ScopeKind.FUTURE_WORKS,
        ScopeKind.CATALOGUE,
        ScopeKind.RELEASE,
        ScopeKind.WORK,
        ScopeKind.RECORDING,
    ),
    ScopeKind.WORK: (ScopeKind.PRESENT_WORKS, ScopeKind.FUTURE_WORKS, ScopeKind.CATALOGUE, ScopeKind.WORK),
    ScopeKind.RELEASE: (*_WIDE, ScopeKind.CATALOGUE, ScopeKind.RELEASE),
    ScopeKind.CATALOGUE: (*_WIDE, ScopeKind.CATALOGUE),
    ScopeKind.PRESENT_WORKS: (ScopeKind.PRESENT_WORKS,),
    ScopeKind.FUTURE_WORKS: (ScopeKind.FUTURE_WORKS,),
    ScopeKind.PERSONA: (ScopeKind.PRESENT_WORKS, ScopeKind.PERSONA),
}


def rows_of(kind: ScopeKind) -> Sequence[tuple[str, tuple[Use, ...]]]:
    """Return the families of uses that a statement of this scope can speak of: those of persons belong to the person,
    the others to works and recordings; what is said of all present works speaks of both."""
    if kind is ScopeKind.PERSONA:
        return [FAMILIES[2], FAMILIES[3]]
    if kind is ScopeKind.PRESENT_WORKS:
        return FAMILIES
    return [FAMILIES[0], FAMILIES[1], FAMILIES[3]]


@dataclass(frozen=True, slots=True)
class Near:
    """The statements of a party that speak of a scope, the one that decides first; and how many speak of less."""

    before: tuple[Effective, ...]
    narrower: tuple[Effective, ...]


def grid(index: FactIndex, party: str, scope: Scope, *, at: int, size: int) -> Value:
    """Return the grid of a party and scope at the moment `at`, as of `size`."""
    sample = list(reached(index, party, scope, size=size, limit=SAMPLE_MAX).listed) if _sampled(scope) else []
    things = [one for one in (scope.id, *sample) if one]
    view = rights.load_said(index, parties=[party], things=things, size=size)
    scopes = {scope_for(scope, use) for _, uses in rows_of(scope.kind) for use in uses}
    spoken = {one: near(view, party, one, sample if one == scope else [], at=at) for one in sorted(scopes | {scope})}
    shown = [said for one in spoken.values() for said in (*one.before, *one.narrower)]
    ids = {name for one in shown for name in (one.scope.id, one.voice.speaker, one.licensee.id)}
    names = names_of(index, {name for name in ids if "_" in name}, size=size)
    return {
        "levels": [kind.name.lower() for kind in _LEVELS[scope.kind]],
        "families": [
            {
                "family": family,
                "rows": [_row(use, spoken, scope_for(scope, use), names, at) for use in uses],
            }
            for family, uses in rows_of(scope.kind)
        ],
    }


def _sampled(scope: Scope) -> bool:
    return scope.kind in (ScopeKind.RELEASE, ScopeKind.CATALOGUE)


def near(view: Rights, party: str, scope: Scope, sample: Sequence[str], *, at: int) -> Near:
    """Return what has been said for a party that speaks of this scope, in the order of precedence, and what speaks of
    a part of it alone."""
    voices = view.mandates.all_voices(PartyId(party))
    said = [one for voice in voices for one in view.standings.by_voice(voice) if one.period.contains(at)]
    targets = list(_targets(view, PartyId(party), scope, sample))
    before = [one for one in said if _covers(one, scope, targets, view)]
    narrower = [one for one in said if one not in before and _part(one, scope, view, sample)]
    before.sort(key=lambda one: precedence(one, at=at, model_version=None))
    return Near(tuple(before), tuple(narrower))


def _targets(view: Rights, party: PartyId, scope: Scope, sample: Sequence[str]) -> Iterable[Target]:
    if scope.kind in (ScopeKind.RECORDING, ScopeKind.WORK, ScopeKind.PERSONA):
        yield from targets_of_scope(scope, party, view.registry)
    for recording in sample:
        yield from targets_of_scope(Scope(ScopeKind.RECORDING, recording), party, view.registry)


def _covers(said: Effective, scope: Scope, targets: Sequence[Target], view: Rights) -> bool:
    """Tell whether a statement speaks of all that the scope does, or of what it is part of."""
    if said.scope == scope:
        return True
    if scope.kind in _WIDE:
        return said.scope.kind is scope.kind
    if _sampled(scope) and said.scope.kind <= scope.kind:
        return False
    return any(reaches(said, target, registry=view.registry) for target in targets)


def _part(said: Effective, scope: Scope, view: Rights, sample: Sequence[str]) -> bool:
    """Tell whether a statement speaks of some of the scope only: an exception within it."""
    kind = said.scope.kind
    if kind is ScopeKind.PERSONA or kind >= scope.kind:
        return False
    if scope.kind in _WIDE:
        return scope.kind is ScopeKind.PRESENT_WORKS
    if scope.kind is ScopeKind.WORK:
        return said.scope.id in view.registry.recordings_of(scope.id)
    works = {work for recording in sample for work in view.registry.works_of(recording)}
    return said.scope.id in works or said.scope.id in sample


def _row(use: Use, every: Mapping[Scope, Near], scope: Scope, names: dict[str, Value], at: int) -> Value:
    """Return one row: what anyone may do now, where that was said, level by level, and what else was said."""
    spoken = every[scope]
    before = [one for one in spoken.before if use in one.uses]
    world = territories.countries(at)
    open_to_all = [
        one
        for one in before
        if one.licensee.kind is LicenseeKind.ANY and territories.resolve(one.territory, at=at) == world
    ]
    wins = open_to_all[0] if open_to_all else None
    exceptions = [one for one in spoken.narrower if use in one.uses]
    others = [one for one in before if one is not wins]
    return {
        "use": use.value,
        "now": _said(wins, names, at) if wins else None,
        "inherited": wins is not None and wins.scope.kind is not scope.kind,
        "levels": [_level(kind, open_to_all, wins) for kind in _LEVELS[scope.kind]],
        "others": [_said(one, names, at) for one in others[:SHOWN_MAX]],
        "others_left_out": len(others[SHOWN_MAX:]),
        "exceptions": len(exceptions),
    }


def _level(kind: ScopeKind, said: Sequence[Effective], wins: Effective | None) -> Value:
    """Return what was said to anyone at one level of the inheritance, and whether it decides."""
    here = next((one for one in said if one.scope.kind is kind), None)
    return {
        "kind": kind.name.lower(),
        "verdict": here.verdict.value if here else "",
        "wins": here is not None and here is wins,
    }


def _said(one: Effective, names: dict[str, Value], at: int) -> Value:
    return {
        "statement": one.statement,
        "verdict": one.verdict.value,
        "scope": scope_value(one.scope, names),
        "licensee": licensee_value(one.licensee, names),
        "territory": territory_value(one.territory, at=at),
        **period_value(one.period),
        "conditions": conditions_value(one.conditions),
        "own": one.own,
        "voice": named(names, one.voice.speaker),
    }
