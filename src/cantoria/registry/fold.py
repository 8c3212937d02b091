"""The registry as it stands after the first N facts of the ledger: a pure function of the ordered facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cantoria.kernel.check import require
from cantoria.kernel.facts import Recorded
from cantoria.registry import conflict_facts as conflict
from cantoria.registry import facts as said
from cantoria.registry import trade_facts as trade
from cantoria.registry.answer_facts import RegistrationAnswered
from cantoria.registry.around import contents
from cantoria.registry.docket import Docket
from cantoria.registry.noted import Noted


class Registry(Docket):
    """Parties, works, recordings, links and claims. Make one with `fold`; `add` takes in one more fact, in ledger
    order. Answers are kept until a fact that can change them comes in."""

    def __init__(self) -> None:
        super().__init__()
        self._takes = self._handlers()
        self._noted: Noted | None = None

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]], *, size: int | None = None) -> Registry:
        """Return the registry after all facts, or after those with a ledger index below `size`. Facts of other rooms
        are passed over, and so is the order in which the facts are given: the ledger index alone counts."""
        registry = Registry()
        for recorded in sorted(facts, key=lambda recorded: recorded.place):
            if size is None or recorded.index < size:
                registry.add(recorded)
        return registry

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in one fact; its place must be above all before. A fact of another room changes nothing."""
        require(recorded.place > self._last, f"fact {recorded.place} after {self._last}: not in ledger order")
        self._last = recorded.place
        take = self._takes.get(type(recorded.fact))
        if take is not None:
            take(recorded)

    def take(self, facts: Iterable[Recorded[Any]]) -> Noted:
        """Take in facts, in ledger order; return what they may have changed."""
        self._noted = noted = Noted()
        try:
            for recorded in facts:
                self.add(recorded)
        finally:
            self._noted = None
        return noted

    def _handlers(self) -> dict[type, Callable[[Recorded[Any]], None]]:
        things, links = self._entities, self._graph
        return {
            said.PartyRegistered: lambda r: self._party(r, things.add_party),
            said.PartyNamed: things.add_name,
            said.PartyKeyRegistered: lambda r: self._party(r, things.add_key),
            said.WorkRegistered: lambda r: self._register(r.fact.work, things.add_work, r),
            said.RecordingRegistered: lambda r: self._register(r.fact.recording, things.add_recording, r),
            said.ReleaseRegistered: lambda r: self._gather(things.add_release, r, r.fact.release, r.fact.recordings),
            said.CatalogueDefined: lambda r: self._gather(things.add_catalogue, r, r.fact.catalogue, r.fact.members),
            said.LinkAsserted: lambda r: self._link(links.assert_link, r),
            said.LinkReviewed: self._review,
            said.ShareClaimed: lambda r: self._touch(*self._claims.claim(r)),
            said.ClaimWithdrawn: self._withdraw_claim,
            said.HoldersDeclaredComplete: self._declare,
            said.CompletenessWithdrawn: lambda r: self._side(r, self._claims.undeclare),
            said.PublicDomainEvidenced: lambda r: self._side(r, self._claims.evidence),
            said.DisputeOpened: self._open,
            said.DisputeClosed: self._close,
            trade.TitleGiven: self._trade.give_title,
            trade.LinkWithdrawn: self._withdraw,
            trade.CollectionClaimed: lambda r: self._touch(*self._trade.collect(r)),
            trade.ChainAsserted: lambda r: self._touch(*self._trade.chain(r)),
            conflict.CaseAnswered: self._conflicts.add,
            conflict.CaseEscalated: self._conflicts.add,
            conflict.CaseDecided: self._conflicts.add,
            RegistrationAnswered: self._answers.add,
        }

    def _part(self) -> None:
        """Forget what carries what."""
        self._closures.clear()
        self._embodied.clear()

    def _touch(self, *subjects: str) -> None:
        if self._noted is not None:
            self._noted.sides.update(subjects)
        for subject in subjects:
            self._books.pop(subject, None)
            self._chains.pop(subject, None)
            self._closures.pop(subject, None)

    def _party(self, recorded: Recorded[Any], take: Callable[[Recorded[Any]], None]) -> None:
        """Take in what tells who answers for a party, on which the links of a chain that it grants depend."""
        party = recorded.fact.party
        before = self.party(party) if self._noted is not None else None
        take(recorded)
        if self._noted is not None:
            after = self.party(party)
            if before is None or after is None or before.reachable != after.reachable:
                self._noted.parties.add(party)
                self._noted.naming.add(party)
        self._touch(*self._trade.granted_by(party))

    def _register(self, thing: str, take: Callable[[Recorded[Any]], None], recorded: Recorded[Any]) -> None:
        """Take in the registration of a work or recording."""
        before = contents(thing, entities=self._entities) if self._noted is not None else None
        take(recorded)
        if self._noted is not None:
            after = contents(thing, entities=self._entities)
            if before != after:
                self._noted.contents.add(thing)
                self._noted.naming.add(thing)
                self._noted.lost.update(before.things - after.things if before and after else ())
        self._part()
        self._touch(thing)

    def _gather(
        self, take: Callable[[Recorded[Any]], None], recorded: Recorded[Any], into: str, things: Iterable[str]
    ) -> None:
        """Take in what is put on a release or into a catalogue."""
        take(recorded)
        if self._noted is not None:
            self._noted.naming.add(into)
            self._noted.gathered.update(things)

    def _link(self, take: Callable[[Recorded[Any]], None], recorded: Recorded[said.LinkAsserted]) -> None:
        take(recorded)
        self._part()
        self._touch(recorded.fact.left)
        if self._noted is not None:
            fact = recorded.fact
            self._noted.link(
                edge
                for edge in self._graph.edges_of(fact.left)
                if (edge.left, edge.relation, edge.right) == (fact.left, fact.relation, fact.right)
            )

    def _review(self, recorded: Recorded[said.LinkReviewed]) -> None:
        self._graph.review(recorded)
        self._note_links(recorded.fact.link)
        self._part()

    def _withdraw(self, recorded: Recorded[trade.LinkWithdrawn]) -> None:
        self._touch(*self._graph.withdraw(recorded))
        self._note_links(recorded.fact.link)
        self._part()

    def _note_links(self, link: str) -> None:
        if self._noted is not None:
            self._noted.link(self._graph.edges_under(link))

    def _withdraw_claim(self, recorded: Recorded[said.ClaimWithdrawn]) -> None:
        self._touch(*self._claims.withdraw(recorded))
        for subject in self._conflicts.ruled(recorded):
            self._touch(*self._claims.withdraw_ruled(recorded, subject))

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
        closed = self._claims.close_dispute(recorded, decided=self._conflicts.decided(recorded))
        self._disputed = None
        self._touch(*closed)
