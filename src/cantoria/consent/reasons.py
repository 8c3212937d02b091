"""Why a recorded statement has no effect: every code with the line that a person reads."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cantoria.mandates import LINES as MANDATE_LINES
from cantoria.mandates import WhyNot


class NoEffectReason(StrEnum):
    """What is wrong with a statement itself; what is wrong with its speaker is a `mandates.WhyNot`."""

    NAMES_NO_USE = "names_no_use"
    TERRITORY_UNREADABLE = "territory_unreadable"
    NEVER_IN_FORCE = "never_in_force"
    TOMBSTONE_OF_YES = "tombstone_of_yes"
    SAID_ALREADY = "said_already"


_LINES: Final[dict[NoEffectReason, str]] = {
    NoEffectReason.NAMES_NO_USE: "a yes or an ask must name the uses that it speaks of",
    NoEffectReason.TERRITORY_UNREADABLE: "the territory of the yes cannot be read",
    NoEffectReason.NEVER_IN_FORCE: "what is left of the statement's period is empty",
    NoEffectReason.TOMBSTONE_OF_YES: "a tombstone can stand for a refusal, never for a yes",
    NoEffectReason.SAID_ALREADY: "a statement of this id was recorded before: a yes said again does not reach further",
}


def line_of(reason: str) -> str:
    """Return the line for a `NoEffect.reason`."""
    if reason in WhyNot.__members__.values():
        return MANDATE_LINES[WhyNot(reason)]
    return _LINES[NoEffectReason(reason)]
