"""The gate's verdict on one row, as a small number for millions of them and in words for one.

A *mark* is `rank * 256 + reason`: rank 3 cleared, 2 denied, 1 licensable, 0 unknown, and the number of the first
reason (a `ReasonCode` of clearance, or a `GateReason` for what never reached it). Zeros are therefore unknown: what
was never decided does not pass (RULES section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Status

MARK_MAX: Final = 4 * 256 - 1
CLEARED: Final = 3 * 256
NOT_FOUND: Final = int(ReasonCode.NOT_FOUND)
REFUSED: Final = 2 * 256 + int(ReasonCode.SIGNAL_REFUSES)
_RANKS: Final = {Status.UNKNOWN: 0, Status.LICENSABLE: 1, Status.DENIED: 2, Status.CLEARED: 3}
_STATUSES: Final = (Status.UNKNOWN, Status.LICENSABLE, Status.DENIED, Status.CLEARED)


class GateReason(IntEnum):
    """Why a row never came before the rights at all; every such row is unknown. Numbers are stable."""

    NO_CODE = 100
    BAD_CODE = 101
    TOO_MANY_CODES = 102
    NAME_ONLY = 103
    NO_COLUMN = 104
    OTHER_MEDIA = 105
    BAD_ROW = 106
    REVOKED = 107


_GATE_WORDS: Final[dict[int, str]] = {
    GateReason.NO_CODE: "the row has no code: give an ISRC, an ISWC or another code",
    GateReason.BAD_CODE: "a code of the row cannot be read: correct it",
    GateReason.TOO_MANY_CODES: "the row has more than 64 codes: give those of one recording or work",
    GateReason.NAME_ONLY: "the row has a name and no code: choose among the candidates and add its code",
    GateReason.NO_COLUMN: "the table lacks a column that the gate was told to read: correct `columns`",
    GateReason.REVOKED: "a yes for the row may have been taken back since the snapshot: refresh it",
    GateReason.BAD_ROW: "the row does not fit its table's header: correct the file",
    GateReason.OTHER_MEDIA: "the row is of another medium than the gate: open one with media='work' (or 'recording')",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one row: status, its reasons by name in order of precedence (none when cleared), the work
    or recording that it names ("" for none), candidates to choose among where it carries names only, and `why`: each
    reason in words, with what to do."""

    status: Status
    reasons: tuple[str, ...] = ()
    subject: str = ""
    candidates: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def passes(self) -> bool:
        """Tell whether the row may be used: cleared, and nothing else."""
        return self.status is Status.CLEARED


def mark_of(status: Status, reason: int = 0) -> int:
    """Return the mark of a status and the number of its first reason."""
    return CLEARED if status is Status.CLEARED else _RANKS[status] * 256 + reason


def status_of(mark: int) -> Status:
    """Return the status of a mark; a number that is no mark is unknown."""
    if mark == CLEARED:
        return Status.CLEARED
    return _STATUSES[mark // 256] if 0 <= mark < CLEARED else Status.UNKNOWN


def reason_of(mark: int) -> str:
    """Return the name of a mark's reason, such as `silent`; "" for a cleared row."""
    if mark == CLEARED:
        return ""
    number = mark % 256
    for names in (ReasonCode, GateReason):
        if number in names._value2member_map_:
            return names(number).name.lower()
    return "not_decided"


def words_of(mark: int) -> str:
    """Return the reason of a mark in words that a person can act on; "" for a cleared row."""
    if mark == CLEARED:
        return ""
    number = mark % 256
    if number in _GATE_WORDS:
        return _GATE_WORDS[number]
    if number in ReasonCode._value2member_map_:
        message = MESSAGES[ReasonCode(number)]
        return f"{message.what.format(party='somebody', subject='the row')}: " + message.next_step.format(
            party="whoever has a say", subject="the row"
        )
    return "the row was not decided: open the gate again"


def verdict_of(mark: int, *, subject: str = "") -> Verdict:
    """Return a mark as a verdict with its first reason."""
    reason = reason_of(mark)
    return Verdict(status_of(mark), (reason,) if reason else (), subject, why=(words_of(mark),) if reason else ())
