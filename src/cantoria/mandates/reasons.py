"""Why somebody may not speak for a party: every code with the line that a person reads."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class WhyNot(StrEnum):
    """Why a statement has no effect as far as mandates can tell. Texts are stable."""

    STRANGER = "stranger"
    UNSIGNED = "unsigned"
    NO_MANDATE_NAMED = "no_mandate_named"
    MANDATE_UNKNOWN = "mandate_unknown"
    MANDATE_OF_OTHERS = "mandate_of_others"
    MANDATE_UNSIGNED = "mandate_unsigned"
    MANDATE_NOT_IN_FORCE = "mandate_not_in_force"
    USES_NOT_NAMED = "uses_not_named"
    SCOPE_BEYOND_MANDATE = "scope_beyond_mandate"
    TERRITORY_BEYOND_MANDATE = "territory_beyond_mandate"
    SUBDELEGATION_FORBIDDEN = "subdelegation_forbidden"
    SAID_AS_MINOR = "said_as_minor"
    SAID_BEFORE_DEATH = "said_before_death"
    SAID_AFTER_DEATH = "said_after_death"


LINES: Final[dict[WhyNot, str]] = {
    WhyNot.STRANGER: "the speaker is neither the party nor anybody who may speak for it",
    WhyNot.UNSIGNED: "a yes needs the speaker's own signature, by a key on record before it",
    WhyNot.NO_MANDATE_NAMED: "a delegate's yes must name the delegation that it is said under",
    WhyNot.MANDATE_UNKNOWN: "the delegation named was not on record when the statement was",
    WhyNot.MANDATE_OF_OTHERS: "the delegation named is between other parties, or of a kind that carries no yes",
    WhyNot.MANDATE_UNSIGNED: "the delegation does not carry its principal's signature",
    WhyNot.MANDATE_NOT_IN_FORCE: "the delegation was not in force when the statement was made",
    WhyNot.USES_NOT_NAMED: "the delegation names none of these AI uses",
    WhyNot.SCOPE_BEYOND_MANDATE: "the statement speaks of more than the delegation does",
    WhyNot.TERRITORY_BEYOND_MANDATE: "the statement speaks of territories that the delegation does not name",
    WhyNot.SUBDELEGATION_FORBIDDEN: "the delegation above this one allows no sub-delegation",
    WhyNot.SAID_AS_MINOR: "the party was a minor under guardianship when it said yes",
    WhyNot.SAID_BEFORE_DEATH: "an heir can speak for the estate only after the death",
    WhyNot.SAID_AFTER_DEATH: "the statement is dated after its speaker's or its principal's death",
}
