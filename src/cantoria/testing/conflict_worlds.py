"""Random worlds with the trouble that conflicts are made of: over-claims, chains of title, links taken back, several
codes, and what people say in the cases that follow from it."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import ClaimId, LinkId, PartyId, WorkId
from cantoria.kernel.periods import DAY, Period
from cantoria.registry import Registry, Relation, Right, Role
from cantoria.registry.answer_facts import AnswerStatus, RegistrationAnswered
from cantoria.registry.conflict_facts import CaseAnswered, CaseDecided, CaseEscalated, Stance
from cantoria.registry.facts import ClaimWithdrawn, LinkAsserted, LinkReviewed, ShareClaimed
from cantoria.registry.trade_facts import ChainAsserted, ChainKind, CollectionClaimed, LinkWithdrawn, TitleGiven
from cantoria.testing.book import Book
from cantoria.testing.world_parts import PLACES, isrc_of, iswc_of
from cantoria.testing.worlds import World, random_world

ORGANISATIONS = {
    "party_cmo": Capacity.CMO,
    "party_publisher": Capacity.PUBLISHER,
    "party_label": Capacity.PRODUCER,
    "party_stranger": Capacity.PUBLISHER,
    "party_registrar": Capacity.REGISTRAR,
}


def conflict_world(seed: int) -> World:
    """Return the world of a seed with its conflicts; the requests may know all of it."""
    world = random_world(seed)
    last = world.facts[-1]
    book = Book(list(world.facts), now=last.claimed_at, size=last.index + 1)
    maker = _Trouble(book, Random(seed * 7 + 1))  # noqa: S311 - worlds must be the same for the same seed
    for _ in range(maker.rng.randint(2, 14)):
        maker.one_thing()
    return World(seed, tuple(book.facts), world.requests, world.rows)


class _Trouble:
    """Records one thing after the other."""

    def __init__(self, book: Book, rng: Random) -> None:
        self.book, self.rng = book, rng
        registry = Registry.fold(book.facts)
        self.works = list(registry.works()) or ["work_0"]
        self.recordings = list(registry.recordings()) or ["recording_0"]
        self.persons = [f"party_p{n}" for n in range(4)]

    def one_thing(self) -> None:
        """Record something that can open, move or end a case."""
        by = self.rng.choice(sorted(ORGANISATIONS))
        makers = (self._chain, self._chain, self._claim, self._collection, self._code, self._review, self._link_back)
        self._say(self.rng.choice((*makers, self._answer, self._in_a_case, self._in_a_case, self._title))(by), by)

    def _say(self, fact: Any, by: str) -> None:
        if fact is not None:
            self.book.say(fact, by=by, capacity=ORGANISATIONS[by])

    def _place(self) -> str:
        return self.rng.choice((*PLACES, "2136", "2136"))

    def _party(self) -> str:
        return self.rng.choice((*self.persons, "party_publisher", "party_sub"))

    def _chain(self, by: str) -> Any:
        return ChainAsserted(
            chain=f"chain_{self.rng.randint(0, 4)}",
            subject=self.rng.choice(self.works),
            grantor=self.rng.choice(("", *self.persons, "party_publisher")),
            acquirer=PartyId(self.rng.choice(("party_publisher", "party_publisher", "party_sub"))),
            kind=self.rng.choice(tuple(ChainKind)),
            territory=self._place(),
            period=Period(end=self.book.now) if self.rng.random() < 0.1 else Period(),
        )

    def _claim(self, by: str) -> Any:
        return ShareClaimed(
            claim=ClaimId(f"claim_{self.rng.randint(0, self.book.size)}"),
            subject=self.rng.choice(self.works),
            party=PartyId(self._party()),
            role=self.rng.choice((Role.COMPOSER, Role.PUBLISHER)),
            right=Right.MECHANICAL,
            share=Fraction(self.rng.randint(1, 4), 4),
            territory=self._place(),
        )

    def _collection(self, by: str) -> Any:
        return CollectionClaimed(
            claim=ClaimId(f"claim_{self.rng.randint(0, self.book.size)}"),
            subject=self.rng.choice(self.works),
            party=PartyId(self._party()),
            role=Role.PUBLISHER,
            right=Right.MECHANICAL,
            share=Fraction(1, 2),
            territory=self._place(),
        )

    def _code(self, by: str) -> Any:
        number = self.rng.randint(0, 2)
        pair = self.rng.choice(((isrc_of(number), self.recordings), (iswc_of(number), self.works)))
        link = LinkId(f"link_{self.rng.choice((self.book.size, self.rng.randint(0, self.book.size)))}")
        return LinkAsserted(
            link=link, left=pair[0], relation=Relation.IDENTIFIES, right=self.rng.choice(pair[1]), asserted_by=by
        )

    def _some_link(self) -> str:
        links = [said.fact.link for said in self.book.facts if isinstance(said.fact, LinkAsserted)]
        return str(self.rng.choice(links or ["link_0"]))

    def _review(self, by: str) -> Any:
        agreed = self.rng.random() < 0.4
        return LinkReviewed(link=LinkId(self._some_link()), agreed=agreed, reviewed_by=by)

    def _link_back(self, by: str) -> Any:
        return LinkWithdrawn(link=LinkId(self._some_link()))

    def _title(self, by: str) -> Any:
        return TitleGiven(subject=self.rng.choice(self.works), title="other")

    def _answer(self, by: str) -> Any:
        return RegistrationAnswered(
            answer=f"answer_{self.book.size}",
            work=WorkId(self.rng.choice(self.works)),
            answered_by="society:052",
            status=self.rng.choice((AnswerStatus.CONFLICT, AnswerStatus.ACCEPTED)),
            said_at=self.book.now,
        )

    def _in_a_case(self, by: str) -> Any:
        cases = Registry.fold(self.book.facts).cases(self.book.now + DAY)
        if not cases:
            return None
        case = self.rng.choice(cases)
        about: dict[str, Any] = {"case": case.case, "subject": case.subject}
        match self.rng.randint(0, 3):
            case 0:
                return CaseAnswered(**about, party=by, stance=self.rng.choice(tuple(Stance)))
            case 1:
                return CaseEscalated(**about, party=by)
            case _:
                falls = tuple(self.rng.sample(case.about, k=min(1, len(case.about))))
                self._say(CaseDecided(**about, decided_by=by, outcome="so be it", falls=falls), by)
                return ClaimWithdrawn(claim=ClaimId(falls[0]), at=0) if falls else None
