"""The standing of one voice: which of its statements cover a target, and which of them decides (RULES section 2).

The order of precedence is one tuple; the smallest wins. What counts as a target is ADR 0003.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.consent.fold import Standings
from cantoria.consent.types import Effective, LicenseeKind, LicenseeTerm, ScopeKind, Verdict
from cantoria.kernel import territories
from cantoria.kernel.uses import Use
from cantoria.mandates import Voice
from cantoria.registry import Registry

_VERDICT_RANK: Final = {Verdict.STOP: 0, Verdict.NO: 0, Verdict.ASK: 1, Verdict.YES: 2}
_PERSON_WIDE: Final = frozenset({ScopeKind.PERSONA, ScopeKind.PRESENT_WORKS})


class TargetKind(StrEnum):
    """What a yes is needed for."""

    RECORDING = "recording"
    WORK = "work"
    PERSONA = "persona"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a yes is needed for: a recording, a work as used in `recording` (empty where a work is used by
    itself, such as lyrics), or a person. `works` are the works of that recording, without those of its samples."""

    kind: TargetKind
    id: str
    recording: str = ""
    works: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """For what a yes is asked: a use, by a licensee of some classes, in one country (TIS code), at a moment, for one
    version of a model (None: the request names none)."""

    use: Use
    licensee: str
    licensee_classes: frozenset[str]
    country: str
    at: int
    model_version: str | None = None


def winner(
    voice: Voice, target: Target, *, occasion: Occasion, standings: Standings, registry: Registry
) -> Effective | None:
    """Return the statement that decides what `voice` says to `target` on this occasion, None for silence."""
    covering = [
        said
        for said in standings.by_voice(voice)
        if reaches(said, target, registry=registry) and applies(said, occasion)
    ]
    version = occasion.model_version
    return min(covering, key=lambda said: precedence(said, at=occasion.at, model_version=version), default=None)


def precedence(said: Effective, *, at: int, model_version: str | None) -> tuple[int, ...]:
    """Return the rank of a statement among those that cover one target; the smallest decides (RULES section 2). Of
    yeses equal in all else, one that names the very model version of the request comes first (ADR 0024)."""
    return (
        0 if said.verdict is Verdict.STOP else 1,
        0 if said.own else 1,
        said.scope.kind,
        said.licensee.kind,
        len(territories.resolve(said.territory, at=at)),
        _VERDICT_RANK[said.verdict],
        0 if said.verdict is Verdict.YES and _names_model(said, model_version) else 1,
        -said.index,
    )


def applies(said: Effective, occasion: Occasion) -> bool:
    """Tell whether a statement speaks of this use, licensee, country and moment."""
    return (
        occasion.use in said.uses
        and said.period.contains(occasion.at)
        and _names(said.licensee, occasion)
        and occasion.country in territories.resolve(said.territory, at=occasion.at)
    )


def _names_model(said: Effective, model_version: str | None) -> bool:
    return model_version is not None and said.conditions.model_version == model_version


def _names(term: LicenseeTerm, occasion: Occasion) -> bool:
    match term.kind:
        case LicenseeKind.NAMED:
            return term.id == occasion.licensee
        case LicenseeKind.CLASS:
            return term.id in occasion.licensee_classes
        case LicenseeKind.ANY:
            return True


def reaches(said: Effective, target: Target, *, registry: Registry) -> bool:
    """Tell whether the scope of a statement reaches a target; a refusal reaches further than a yes."""
    refusal = said.verdict is not Verdict.YES
    kind, scope = said.scope.kind, said.scope.id
    if target.kind is TargetKind.PERSONA:
        return kind in _PERSON_WIDE
    match kind:
        case ScopeKind.PERSONA:
            return False
        case ScopeKind.RECORDING:
            return scope != "" and scope == target.recording
        case ScopeKind.WORK if target.kind is TargetKind.WORK:
            return scope == target.id
        case ScopeKind.WORK:
            return refusal and scope in target.works
        case ScopeKind.RELEASE:
            known = None if refusal else said.index
            on_release = scope in registry.releases_of(target.recording, at_index=known)
            return on_release and (refusal or target.kind is TargetKind.RECORDING)
        case ScopeKind.CATALOGUE:
            # A yes speaks of the members that its speaker could see; a refusal also of those added later.
            seen = registry.last_index + 1 if refusal else said.index
            return scope in registry.catalogues_of(target.id, at_index=seen)
        case ScopeKind.PRESENT_WORKS:
            return registry.registered_index(target.id) < said.index
        case ScopeKind.FUTURE_WORKS:
            return registry.registered_index(target.id) >= said.index
