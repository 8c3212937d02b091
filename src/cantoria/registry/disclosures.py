"""What was disclosed and signalled of a thing, and whose word on it stands: the authority lock.

Every sender is heard. Who gave notice of a thing first is the authority on it; what another sender says stands beside
it and replaces nothing. Of one sender the word with the latest time counts, in whatever order words arrive. A sender
is who recorded the message together with the name that it gives itself: anybody can write another's name into one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cantoria.kernel.facts import Recorded
from cantoria.kernel.periods import TIME_MIN
from cantoria.registry.disclosure_facts import AiDisclosed, DealSignalled, NoticeGiven, NoticeKind

Sender = tuple[str, str]  # the name it gives itself, and the organisation that recorded it
_RANK: Final = {NoticeKind.RELEASED: 0, NoticeKind.TAKEN_DOWN: 1, NoticeKind.PURGED: 2}


class Disclosures:
    """A fold of the facts with tags 115, 116 and 117; facts of other types are passed over."""

    __slots__ = ("_deals", "_dealt", "_disclosed", "_notices")

    def __init__(self) -> None:
        self._disclosed: dict[str, dict[Sender, tuple[tuple[int, int], AiDisclosed]]] = {}
        self._deals: dict[tuple[str, Sender], tuple[int, dict[DealSignalled, None]]] = {}  # by release and sender
        self._dealt: dict[str, set[tuple[str, Sender]]] = {}  # thing -> releases and senders whose deals name it
        self._notices: dict[str, list[tuple[Sender, NoticeGiven]]] = {}

    @classmethod
    def fold(cls, facts: Iterable[Recorded[Any]]) -> Disclosures:
        """Return what `facts`, in ledger order, say."""
        made = cls()
        for recorded in facts:
            made.add(recorded)
        return made

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in one fact."""
        match recorded.fact:
            case AiDisclosed() as fact:
                said = self._disclosed.setdefault(fact.subject, {})
                place, sender = (fact.said_at, recorded.index), (fact.said_by, recorded.organisation)
                before = said.get(sender)
                if before is None or before[0] <= place:
                    said[sender] = (place, fact)
            case DealSignalled() as fact:
                self._signal(fact, (fact.said_by, recorded.organisation))
            case NoticeGiven() as fact:
                for thing in fact.things:
                    self._notices.setdefault(thing, []).append(((fact.said_by, recorded.organisation), fact))
            case _:
                pass

    def _signal(self, fact: DealSignalled, sender: Sender) -> None:
        """Keep the deals of the newest message of each sender on a release."""
        key = (fact.release, sender)
        moment, deals = self._deals.get(key, (fact.said_at, {}))
        if fact.said_at > moment:
            moment, deals = fact.said_at, {}
        if fact.said_at == moment:
            deals[fact] = None
        self._deals[key] = (moment, deals)
        for thing in (fact.release, *fact.recordings):
            self._dealt.setdefault(thing, set()).add(key)

    def disclosed(self, subject: str) -> tuple[AiDisclosed, ...]:
        """Return the latest word of each sender on the part of AI in a recording or release, the authority's first."""
        first = self._first(subject)
        said = self._disclosed.get(subject, {})
        return tuple(said[sender][1] for sender in sorted(said, key=lambda sender: (sender != first, sender)))

    def signals(self, thing: str, *, at: int | None = None) -> tuple[DealSignalled, ...]:
        """Return the deals about AI that name a release or recording (in force at the moment `at`): signals only.

        A newer message of the same sender on the release leaves only the deals that it names itself.
        """
        return tuple(
            deal
            for release, sender in sorted(self._dealt.get(thing, ()))
            if self._deals[release, sender][0] >= self._latest(release, sender)
            for deal in self._deals[release, sender][1]
            if (thing == deal.release or thing in deal.recordings) and (at is None or deal.period.contains(at))
        )

    def _latest(self, thing: str, sender: Sender) -> int:
        """Return when a sender last gave notice of a thing, before all time when it never did."""
        said = [notice.said_at for who, notice in self._notices.get(thing, ()) if who == sender]
        return max(said, default=TIME_MIN)

    def _first(self, thing: str) -> Sender:
        return next((sender for sender, _ in self._notices.get(thing, ())), ("", ""))

    def authority(self, thing: str) -> str:
        """Return the sender who gave notice of a thing first, empty when nobody did."""
        return self._first(thing)[0]

    def notices(self, thing: str) -> tuple[NoticeGiven, ...]:
        """Return all notices of a thing, in ledger order."""
        return tuple(notice for _, notice in self._notices.get(thing, ()))

    def standing(self, thing: str) -> NoticeGiven | None:
        """Return the latest notice of a thing by its authority, None when there is none; of one message that which
        takes most away."""
        first = self._first(thing)
        said = [notice for sender, notice in self._notices.get(thing, ()) if sender == first]
        return max(said, key=lambda notice: (notice.said_at, _RANK[notice.kind]), default=None)
