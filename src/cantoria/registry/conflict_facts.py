"""What is recorded of a case while it is being settled. Tags 152 to 154 of the registry's range.

The case itself is worked out (`cantoria.registry.cases`); these facts move its clock. `subject` is the case's own, so
that whoever looks at the subject finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.kernel.facts import FactType
from cantoria.kernel.ids import CaseId, PartyId
from cantoria.registry.facts import REGISTRARS


class Stance(StrEnum):
    """What a party to a case does with its claim."""

    UPHOLD = "uphold"
    PARTLY = "partly"  # upholds a part; the changed claim is recorded beside
    RELEASE = "release"  # gives it up; the case ends when the claim is withdrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswered:
    """A party to a case answers. `attachments` are the SHA-256 (hex) of documents. Free text may name people, so the
    body is erasable; an erased answer only gives the turn back."""

    TYPE: ClassVar = FactType(152, "case-answered", REGISTRARS, identity=True)
    case: CaseId
    subject: str
    party: PartyId | str
    stance: Stance
    text: str = ""
    attachments: tuple[str, ...] = ()

    def subjects(self) -> tuple[str, ...]:
        return (self.case, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalated:
    """A party to a case passes it on to the next stage before its time is over."""

    TYPE: ClassVar = FactType(153, "case-escalated", REGISTRARS, identity=True)
    case: CaseId
    subject: str
    party: PartyId | str
    reason: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.case, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecided:
    """A register decides a case: which claims and links (ids) stand, which fall. It takes effect through what is
    recorded with it (withdrawals, reviews of tier ADJUDICATED); nobody decides in its own favour."""

    TYPE: ClassVar = FactType(154, "case-decided", REGISTRARS)
    case: CaseId
    subject: str
    decided_by: PartyId | str
    outcome: str
    stands: tuple[str, ...] = ()
    falls: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()

    def subjects(self) -> tuple[str, ...]:
        return (self.case, self.subject, *self.stands, *self.falls)
