"""What messages of the trade disclose and signal: the part of AI in a recording, what a deal between a sender and a
recipient names, and that a sender gave notice of something. Tags 115, 116 and 117 of the registry's range.

None of them is anybody's yes: they are shown beside an answer and never change one (RULES sections 1 and 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.kernel.facts import FactType, Source
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.registry.facts import NOWHERE, REGISTRARS


class AiExtent(StrEnum):
    """How much of something AI made (DDEX allowed values of ContainsAI and AiContribution)."""

    ALL = "All"
    PARTLY = "Partly"
    NONE = "None"


class NoticeKind(StrEnum):
    """What a message does to the things that it names."""

    RELEASED = "released"  # they are delivered, or delivered again
    TAKEN_DOWN = "taken_down"  # they are no longer to be offered
    PURGED = "purged"  # the notice of them was wrong and is void


@dataclass(frozen=True, slots=True)
class AiPart:
    """One contribution: its roles (DDEX allowed values), who made it (empty: a generative AI), and how much of it AI
    made (None where the message does not say)."""

    roles: tuple[str, ...]
    party: PartyId | str
    extent: AiExtent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AiDisclosed:
    """A sender says how much of a recording or release AI made, and in which roles (DDEX ERN 4.3.2).

    `extent` is None where only contributions are said. `said_by` is the sender's DPID, or the id of who recorded it;
    `said_at` the message's own time (UTC microseconds): of one sender the latest word counts.
    """

    TYPE: ClassVar = FactType(115, "ai-disclosed", REGISTRARS)
    subject: str
    extent: AiExtent | None
    parts: tuple[AiPart, ...] = ()
    said_by: str = ""
    said_at: int = 0
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.subject,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealSignalled:
    """A deal between a sender and a recipient names uses by AI: a signal, and nobody's yes.

    `uses` and `commercial_models` are DDEX allowed values, `territories` and `excluded` codes as sent, `recipients`
    DPIDs. A newer notice of the release by the same sender replaces its deals. `recordings` is empty for a release of
    very many: then they are those of the release.
    """

    TYPE: ClassVar = FactType(116, "deal-signalled", REGISTRARS)
    release: str
    recordings: tuple[str, ...]
    uses: tuple[str, ...]
    territories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    period: Period = ALWAYS
    commercial_models: tuple[str, ...] = ()
    said_by: str = ""
    recipients: tuple[str, ...] = ()
    said_at: int = 0
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.release, *self.recordings)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven:
    """A sender gave notice of releases and recordings in a message. Who did so first is the authority on them; the
    time of the message (`said_at`, UTC microseconds) tells a newer word from an older one. `territories` are codes
    as sent; empty means everywhere."""

    TYPE: ClassVar = FactType(117, "notice-given", REGISTRARS)
    things: tuple[str, ...]
    said_by: str
    said_at: int
    message: str = ""
    thread: str = ""
    kind: NoticeKind = NoticeKind.RELEASED
    territories: tuple[str, ...] = ()
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return self.things
