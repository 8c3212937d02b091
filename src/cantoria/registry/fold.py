"""The registry as it stands after the first N facts of the ledger: a pure function of the ordered facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cantoria.kernel.check import require
from cantoria.kernel.facts import Recorded
from cantoria.registry import facts as said
from cantoria.registry.reader import Reader


class Registry(Reader):
    """Parties, works, recordings, links and claims. Make one with `fold`; `add` takes in one more fact, in ledger
    order. Answers are kept until a fact that can change them comes in."""

    def __init__(self) -> None:
        super().__init__()
        self._takes = self._handlers()

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]], *, size: int | None = None) -> Registry:
        """Return the registry after all facts, or after those with a ledger index below `size`. Facts of other rooms
        are passed over, and so is the order in which the facts are given: the ledger index alone counts."""
        registry = Registry()
        for recorded in sorted(facts, key=lambda recorded: recorded.index):
            if size is None or recorded.index < size:
                registry.add(recorded)
        return registry

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in one fact; its index must be above all before. A fact of another room changes nothing."""
        require(recorded.index > self._last, f"fact {recorded.index} after {self._last}: not in ledger order")
        self._last = recorded.index
        take = self._takes.get(type(recorded.fact))
        if take is not None:
            take(recorded)

    def _handlers(self) -> dict[type, Callable[[Recorded[Any]], None]]:
        things, links = self._entities, self._graph
        return {
            said.PartyRegistered: things.add_party,
            said.PartyNamed: things.add_name,
            said.PartyKeyRegistered: things.add_key,
            said.WorkRegistered: lambda r: self._thing(r.fact.work, things.add_work, r),
            said.RecordingRegistered: lambda r: self._thing(r.fact.recording, things.add_recording, r),
            said.ReleaseRegistered: things.add_release,
            said.CatalogueDefined: things.add_catalogue,
            said.LinkAsserted: lambda r: self._thing(r.fact.left, links.assert_link, r),
            said.LinkReviewed: self._review,
            said.ShareClaimed: lambda r: self._touch(*self._claims.claim(r)),
            said.ClaimWithdrawn: lambda r: self._touch(*self._claims.withdraw(r)),
            said.HoldersDeclaredComplete: self._declare,
            said.CompletenessWithdrawn: lambda r: self._side(r, self._claims.undeclare),
            said.PublicDomainEvidenced: lambda r: self._side(r, self._claims.evidence),
            said.DisputeOpened: self._open,
            said.DisputeClosed: self._close,
        }

    def _touch(self, *subjects: str) -> None:
        for subject in subjects:
            self._books.pop(subject, None)
            self._closures.pop(subject, None)

    def _thing(self, thing: str, take: Callable[[Recorded[Any]], None], recorded: Recorded[Any]) -> None:
        take(recorded)
        self._closures.clear()
        self._touch(thing)

    def _review(self, recorded: Recorded[said.LinkReviewed]) -> None:
        self._graph.review(recorded)
        self._closures.clear()

    def _declare(self, recorded: Recorded[said.HoldersDeclaredComplete]) -> None:
        authentic = self.authentic(recorded, recorded.fact.signed_by)
        self._claims.declare(recorded, authentic=authentic)
        self._touch(recorded.fact.subject)

    def _side(self, recorded: Recorded[Any], take: Callable[[Recorded[Any]], None]) -> None:
        take(recorded)
        self._touch(recorded.fact.subject)

    def _open(self, recorded: Recorded[said.DisputeOpened]) -> None:
        self._claims.open_dispute(recorded)
        self._disputed = None
        self._touch(recorded.fact.subject)

    def _close(self, recorded: Recorded[said.DisputeClosed]) -> None:
        closed = self._claims.close_dispute(recorded)
        self._disputed = None
        self._touch(*closed)
