"""Legal profiles: whose yes a use needs, as data (RULES sections 1 and 5). A profile adds to the base, never removes.

A request is judged by the strictest of the profile that it names and those of all its countries (RULES section 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.registry.types import Role

EVERY_ROLE: Final = frozenset(Role)


class When(StrEnum):
    """When a need arises, by what the request says."""

    ALWAYS = "always"
    IF_TUNED_ON = "if_tuned_on"
    IF_INPUT_USED = "if_input_used"
    IF_PERSON_NAMED = "if_person_named"


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the matrix: a yes to `use` is needed from every holder in one of `roles`, or, where `persons` is
    set, from every person named or replicated."""

    when: When
    use: Use
    roles: frozenset[Role] = frozenset()
    persons: bool = False


Matrix = Mapping[Use, frozenset[Need]]


@dataclass(frozen=True, slots=True)
class Profile:
    """What one law demands. `country` (TIS code, empty for the base) is where it applies by itself."""

    name: str
    country: str
    matrix: Matrix
    trust_cmo: bool = False
    estate_representative: bool = False


def _sides(use: Use) -> frozenset[Need]:
    return frozenset({Need(When.ALWAYS, use, EVERY_ROLE)})


def _persona(use: Use) -> frozenset[Need]:
    """A voice, likeness or style needs its person; works and recordings only where they are tuned on, and then as
    generative training."""
    return frozenset(
        {
            Need(When.ALWAYS, use, persons=True),
            Need(When.IF_TUNED_ON, Use.TRAIN_GENERATIVE, EVERY_ROLE),
        }
    )


def _output(use: Use) -> frozenset[Need]:
    return frozenset(
        {
            Need(When.IF_INPUT_USED, use, EVERY_ROLE),
            Need(When.IF_PERSON_NAMED, use, persons=True),
        }
    )


_BASE_MATRIX: Final[Matrix] = {
    Use.ANALYSE: _sides(Use.ANALYSE),
    Use.TRAIN_NONGENERATIVE: _sides(Use.TRAIN_NONGENERATIVE),
    Use.TRAIN_GENERATIVE: _sides(Use.TRAIN_GENERATIVE),
    Use.INPUT: _sides(Use.INPUT),
    Use.STYLE: _persona(Use.STYLE),
    Use.VOICE: _persona(Use.VOICE),
    Use.LIKENESS: _persona(Use.LIKENESS),
    Use.RELEASE_OUTPUT: _output(Use.RELEASE_OUTPUT),
    Use.ADVERTISE: _output(Use.ADVERTISE),
}

BASE: Final = Profile("base", "", _BASE_MATRIX)
# Korea: authors assign their rights to the CMO in trust (Copyright Act, trust management), so its yes comes on top.
KR: Final = Profile("kr", "0410", _BASE_MATRIX, trust_cmo=True)
# Spain: moral rights of a deceased author are for all heirs unless the will names somebody (LPI art. 15).
ES: Final = Profile("es", "0724", _BASE_MATRIX)
# United States: the executor or administrator acts for the estate.
US: Final = Profile("us", "0840", _BASE_MATRIX, estate_representative=True)

PROFILES: Final[Mapping[str, Profile]] = {profile.name: profile for profile in (BASE, KR, ES, US)}
_BY_COUNTRY: Final = {profile.country: profile for profile in PROFILES.values() if profile.country}


def profile_named(name: str) -> Profile:
    """Return the profile called `name`, or raise `InputError`."""
    if name not in PROFILES:
        raise InputError(f"unknown legal profile {name[:40]!r}", f"known are {', '.join(sorted(PROFILES))}")
    return PROFILES[name]


def strictest(name: str, *, countries: Iterable[str]) -> Profile:
    """Return the strictest of the profile called `name` and those of `countries` (TIS codes; base where none is).

    Needs and demands add up; a representative stands for all heirs only if every one of these profiles says so.
    """
    profiles = {name: profile_named(name)}
    for country in countries:
        profile = _BY_COUNTRY.get(country, BASE)
        profiles[profile.name] = profile
    return _merge(tuple(profiles[key] for key in sorted(profiles)))


def _merge(profiles: tuple[Profile, ...]) -> Profile:
    if len(profiles) == 1:
        return profiles[0]
    return Profile(
        "+".join(profile.name for profile in profiles),
        "",
        {use: frozenset().union(*(profile.matrix[use] for profile in profiles)) for use in Use},
        trust_cmo=any(profile.trust_cmo for profile in profiles),
        estate_representative=all(profile.estate_representative for profile in profiles),
    )
