"""Nouns of licensing: the id of a blanket deal, its states, and why something said of one has no effect."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

DealId = NewType("DealId", str)


class DealState(StrEnum):
    """Whether a deal is in force at a moment; a contest is shown beside, whatever the state."""

    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    ENDED = "ended"


class WhyNot(StrEnum):
    """Why something recorded of a deal has no effect; it is kept and shown."""

    SCOPE = "scope"
    TERRITORY = "territory"
    NO_USE = "no_use"
    NOT_THEIRS_TO_END = "not_theirs_to_end"
