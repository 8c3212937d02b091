"""What a society or publisher answers to the registration of a work. Tag 161 of the registry's range."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.kernel.facts import FactType, Source
from cantoria.kernel.ids import WorkId
from cantoria.registry.facts import NOWHERE, REGISTRARS


class AnswerStatus(StrEnum):
    """What was answered, in words. The codes of CISAC's CWR are in `formats/cwr`."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    ACCEPTED_PAYABLE = "accepted_payable"  # and ready for payment
    ACCEPTED_CHANGED = "accepted_changed"  # with changes that the answer shows
    ACCEPTED_CHANGED_PAYABLE = "accepted_changed_payable"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    CLAIM_REJECTED = "claim_rejected"
    NO_PARTICIPATION = "no_participation"  # nobody of theirs has a part in the work
    NO_AGREEMENT = "no_agreement"
    WRONG_AGREEMENT = "wrong_agreement"
    DEREGISTERED = "deregistered"
    NOT_DEREGISTERED = "not_deregistered"
    UNKNOWN_WORK = "unknown_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMessage:
    """What the answer says of one place: `level` is field, record, transaction, group or file; `record` the type of the
    record and `sequence` its number in the transaction; `rule` the number of the check."""

    text: str
    level: str = ""
    record: str = ""
    sequence: int = 0
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationAnswered:
    """`answered_by` (a code key such as `society:052`, or a party id) answered to the registration of a work.

    `said_at` is when it was decided (UTC microseconds), `transaction` what was answered to (NWR, REV, WRK, DRW),
    `their_number` the answerer's number of the work. A later answer of the same answerer to the same work stands for
    what holds now; the same `answer` id recorded again says nothing new.
    """

    TYPE: ClassVar = FactType(161, "registration-answered", REGISTRARS)
    answer: str
    work: WorkId
    answered_by: str
    status: AnswerStatus
    said_at: int
    transaction: str = ""
    their_number: str = ""
    messages: tuple[AnswerMessage, ...] = ()
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.answer, self.work, self.answered_by)
