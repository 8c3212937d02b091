"""The matrix of RULES section 1: whose yes a use needs. Legal profiles add lines to it and never remove one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

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


BASE_MATRIX: Final[Matrix] = MappingProxyType(
    {
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
)
# For what each use asks the holders of works and recordings; an added line asks them for nothing else, so that one
# request asks a side for one use.
ASKED_OF_SIDES: Final[Mapping[Use, Use]] = MappingProxyType(
    {use: next(need.use for need in needs if need.roles) for use, needs in BASE_MATRIX.items()}
)
