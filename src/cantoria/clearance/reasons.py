"""Why a row is not cleared, in order of precedence: the smaller number comes first. Numbers are stable."""

from __future__ import annotations

from enum import IntEnum


class ReasonCode(IntEnum):
    """Reasons 1 to 19 are about the row and always unknown; 20 to 29 deny; 30 to 39 are unknown; 40 to 49 can be
    asked for or bought."""

    NOT_FOUND = 1
    AMBIGUOUS = 2
    CODES_DISAGREE = 3
    STOPPED = 20
    SAID_NO = 21
    SIGNAL_REFUSES = 22
    HOLDERS_INCOMPLETE = 30
    ORIGINAL_UNKNOWN = 31
    SAMPLE_UNKNOWN = 32
    NO_LINKED_WORK = 33
    BLOCKING_DISPUTE = 34
    NO_PERSON_NAMED = 35
    UNREACHABLE = 36
    CONDITION_UNMET = 37
    CONDITION_UNKNOWN = 38
    SILENT = 39
    PRICE_OPEN = 40
    ASKS = 41


def is_denial(code: ReasonCode) -> bool:
    """Tell whether one such reason denies the row."""
    return 20 <= code <= 29


def is_open(code: ReasonCode) -> bool:
    """Tell whether the reason can be asked or bought away."""
    return code >= 40
