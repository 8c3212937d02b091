"""Whose turn it is in a case of each kind, and for how long: data, and nothing but data."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cantoria.registry.types import CaseKind, Stage

REGISTRAR: Final = "registrar"  # the next actor where any register may decide
CARRY_OUT_DAYS: Final = 30  # to record what a decision demands


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a case and how many days whoever is next has in it."""

    stage: Stage
    days: int


_CLAIMANT, _OTHERS = Step(Stage.CLAIMANT, 30), Step(Stage.OTHERS, 30)
_SOCIETIES, _REGISTRAR = Step(Stage.SOCIETIES, 60), Step(Stage.REGISTRAR, 60)
_OF_RIGHTS: Final = (_CLAIMANT, _OTHERS, _SOCIETIES, _REGISTRAR)
# Links and codes are matters of fact: no society need agree with another about them.
_OF_IDENTITY: Final = (_CLAIMANT, Step(Stage.OTHERS, 14), Step(Stage.REGISTRAR, 30))

STEPS: Final = MappingProxyType(
    {
        CaseKind.SHARES_ABOVE_WHOLE: _OF_RIGHTS,
        CaseKind.CLAIM_DISPUTED: _OF_RIGHTS,
        CaseKind.CHAIN_BROKEN: _OF_RIGHTS,
        CaseKind.LINK_DISPUTED: _OF_IDENTITY,
        CaseKind.CODE_SHARED: _OF_IDENTITY,
        CaseKind.CODES_SEVERAL: (Step(Stage.CLAIMANT, 60), Step(Stage.REGISTRAR, 60)),
        CaseKind.REGISTRATION_CONFLICT: (_CLAIMANT, Step(Stage.OTHERS, 60), _REGISTRAR),
    }
)


def first_days(kind: CaseKind) -> int:
    """Return how many days whoever is next first has in a case of this kind."""
    return STEPS[kind][0].days
