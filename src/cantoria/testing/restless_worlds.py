"""Random worlds in which everything that was once said is said otherwise later: registrations, links, mandates, deaths,
completeness, disputes. What keeps answers from before is tried on them."""

from __future__ import annotations

from random import Random
from typing import Any

from cantoria.kernel.ids import (
    CaseId,
    CatalogueId,
    ClaimId,
    DelegationId,
    LinkId,
    PartyId,
    RecordingId,
    ReleaseId,
    WorkId,
)
from cantoria.kernel.periods import Period
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.registry import PartyKind, PublicDomainBasis, Relation, Role, Side, Tier, WorkKind
from cantoria.registry import facts as said
from cantoria.registry.trade_facts import LinkWithdrawn
from cantoria.testing.book import Book
from cantoria.testing.conflict_worlds import ORGANISATIONS, conflict_world
from cantoria.testing.world_parts import MOMENTS, PLACES, Cast, chance, isrc_of, iswc_of, some_uses
from cantoria.testing.world_signals import note_signals
from cantoria.testing.world_statements import say_statements
from cantoria.testing.worlds import World


def restless_world(seed: int) -> World:
    """Return the world of a seed, with its conflicts and up to thirty things said anew."""
    world = conflict_world(seed)
    last = world.facts[-1]
    book = Book(list(world.facts), now=last.claimed_at, size=last.index + 1)
    rng = Random(seed * 11 + 3)  # noqa: S311 - worlds must be the same for the same seed
    stir = _Stir(book, rng)
    for _ in range(rng.randint(5, 30)):
        stir.one_thing()
    return World(seed, tuple(book.facts), world.requests, world.rows)


class _Stir:
    """Says one thing after the other about a world."""

    def __init__(self, book: Book, rng: Random) -> None:
        self.book, self.rng = book, rng
        self.cast = Cast(
            persons=[PartyId(f"party_p{n}") for n in range(5)],
            works=[f"work_{n}" for n in range(4)],
            recordings=[f"recording_{n}" for n in range(4)],
        )
        self.links = [one.fact.link for one in book.facts if isinstance(one.fact, said.LinkAsserted)]
        self.claims = [one.fact for one in book.facts if isinstance(one.fact, said.ShareClaimed)]

    def one_thing(self) -> None:
        """Say something; a quarter of it are statements and signals."""
        if chance(self.rng, 0.25):
            note_signals(self.book, self.rng, self.cast)
            say_statements(self.book, self.rng, self.cast, noise=0.3, count=1)
            return
        by = self.rng.choice(sorted(ORGANISATIONS))
        makers = (
            self._work,
            self._recording,
            self._release,
            self._catalogue,
            self._link,
            self._link,
            self._review,
            self._take_back,
            self._party,
            self._key,
            self._claim_moved,
            self._claim_ended,
            self._complete,
            self._incomplete,
            self._dispute,
            self._settled,
            self._free,
            self._delegate,
            self._undelegate,
            self._death,
            self._guardian,
        )
        self.book.say(self.rng.choice(makers)(), by=by, capacity=ORGANISATIONS[by])

    def _period(self) -> Period:
        start, end = sorted(self.rng.sample(MOMENTS, k=2))
        return self.rng.choice((Period(), Period(), Period(start, end), Period(start), Period(end=end)))

    def _thing(self) -> str:
        return self.rng.choice([*self.cast.works, *self.cast.recordings])

    def _holder(self) -> PartyId:
        return PartyId(self.rng.choice([*self.cast.holders, "party_unheard_of"]))

    def _work(self) -> Any:
        work, *parts = self.rng.sample(self.cast.works, k=self.rng.randint(1, 3))
        return said.WorkRegistered(
            work=WorkId(work),
            title=self.rng.choice(("old", "new")),
            kind=self.rng.choice(tuple(WorkKind)),
            parts=tuple(WorkId(part) for part in parts),
            parts_complete=not chance(self.rng, 0.1),
        )

    def _recording(self) -> Any:
        recording, *samples = self.rng.sample(self.cast.recordings, k=self.rng.randint(1, 2))
        return said.RecordingRegistered(
            recording=RecordingId(recording),
            title=self.rng.choice(("old", "new")),
            samples=tuple(RecordingId(sample) for sample in samples),
            samples_complete=not chance(self.rng, 0.1),
        )

    def _release(self) -> Any:
        some = self.rng.sample(self.cast.recordings, k=self.rng.randint(1, 2))
        release = ReleaseId(f"release_{self.rng.randint(0, 1)}")
        return said.ReleaseRegistered(release=release, title="r", recordings=tuple(RecordingId(one) for one in some))

    def _catalogue(self) -> Any:
        things = [*self.cast.works, *self.cast.recordings, "release_0", "release_1"]
        catalogue = CatalogueId(f"catalogue_{self.rng.randint(0, 1)}")
        members = tuple(self.rng.sample(things, k=self.rng.randint(1, 2)))
        return said.CatalogueDefined(catalogue=catalogue, owner=PartyId(self.cast.publisher), members=members)

    def _link(self) -> Any:
        rng, cast = self.rng, self.cast
        edges: tuple[tuple[str, Relation, str], ...] = (
            (rng.choice(cast.recordings), Relation.EMBODIES, rng.choice(cast.works)),
            (rng.choice(cast.works), Relation.SAME_AS, rng.choice(cast.works)),
            (rng.choice(cast.recordings), Relation.SAME_AS, rng.choice(cast.recordings)),
            (isrc_of(rng.randint(0, 4)), Relation.IDENTIFIES, self._thing()),
            (iswc_of(rng.randint(0, 4)), Relation.IDENTIFIES, rng.choice((*cast.works, "release_0"))),
            (isrc_of(0), Relation.SAME_AS, isrc_of(rng.randint(1, 5))),
        )
        left, relation, right = rng.choice(edges)
        link = LinkId(rng.choice((f"link_{self.book.size}", *self.links[-2:])))
        self.links.append(link)
        return said.LinkAsserted(
            link=link,
            left=left,
            relation=relation,
            right=right,
            asserted_by=cast.label,
            tier=rng.choice((Tier.ASSERTED, Tier.DOCUMENTED, Tier.DOCUMENTED)),
        )

    def _review(self) -> Any:
        link = LinkId(self.rng.choice((*self.links, "link_to_come")))
        return said.LinkReviewed(link=link, agreed=chance(self.rng, 0.6), reviewed_by=self.cast.publisher)

    def _take_back(self) -> Any:
        return LinkWithdrawn(link=LinkId(self.rng.choice((*self.links, "link_unknown"))))

    def _party(self) -> Any:
        kind = self.rng.choice(tuple(PartyKind))
        return said.PartyRegistered(party=self._holder(), kind=kind, reachable=chance(self.rng, 0.6))

    def _key(self) -> Any:
        party = self._holder()
        return said.PartyKeyRegistered(party=party, key=self.cast.key_of(party) or "key", period=self._period())

    def _claim_moved(self) -> Any:
        known = self.rng.choice(self.claims) if self.claims and chance(self.rng, 0.7) else None
        return said.ShareClaimed(
            claim=known.claim if known else ClaimId(f"claim_{self.book.size}"),
            subject=self._thing(),
            party=self._holder(),
            role=self.rng.choice(tuple(Role)),
            territory=self.rng.choice((*PLACES, "no place at all")),
            period=self._period(),
        )

    def _claim_ended(self) -> Any:
        claim = self.rng.choice(self.claims).claim if self.claims else ClaimId("claim")
        return said.ClaimWithdrawn(claim=claim, at=self.rng.choice(MOMENTS))

    def _complete(self) -> Any:
        thing = self._thing()
        claims = tuple(claim.claim for claim in self.claims if claim.subject == thing)
        side = Side.WORK if thing in self.cast.works else Side.RECORDING
        signer = PartyId(self.rng.choice((self.cast.cmo, self.cast.label)))
        return said.HoldersDeclaredComplete(
            subject=thing, side=side, signed_by=signer, claims=claims, period=self._period()
        )

    def _incomplete(self) -> Any:
        side = self.rng.choice(tuple(Side))
        return said.CompletenessWithdrawn(subject=self._thing(), side=side, signed_by=PartyId(self.cast.label))

    def _dispute(self) -> Any:
        return said.DisputeOpened(
            case=CaseId(f"case_{self.rng.randint(0, 2)}"),
            subject=self._thing(),
            side=self.rng.choice(tuple(Side)),
            opened_by=self.cast.stranger,
            tier=self.rng.choice((Tier.SIGNAL, Tier.DOCUMENTED)),
            reason="mine",
            next_actor=self.cast.publisher,
            due_at=MOMENTS[-1],
        )

    def _settled(self) -> Any:
        return said.DisputeClosed(case=CaseId(f"case_{self.rng.randint(0, 2)}"), outcome="settled")

    def _free(self) -> Any:
        thing = self._thing()
        return said.PublicDomainEvidenced(
            subject=thing,
            side=Side.WORK if thing in self.cast.works else Side.RECORDING,
            basis=PublicDomainBasis.TERM_EXPIRED,
            territory=self.rng.choice(PLACES),
            period=self._period(),
            tier=Tier.DOCUMENTED,
            evidence="dates",
        )

    def _delegate(self) -> Any:
        fact = DelegationGranted(
            delegation=DelegationId(f"delegation_{self.book.size}"),
            principal=self._holder(),
            delegate=PartyId(self.rng.choice((self.cast.agent, self.cast.cmo, "party_p0"))),
            kind=self.rng.choice(tuple(MandateKind)),
            uses=some_uses(self.rng),
            period=self._period(),
        )
        self.cast.delegations.append(fact)
        return fact

    def _undelegate(self) -> Any:
        known = [one.fact.delegation for one in self.book.facts if isinstance(one.fact, DelegationGranted)]
        delegation = self.rng.choice(known) if known else DelegationId("delegation")
        return DelegationEnded(delegation=delegation, at=self.rng.choice(MOMENTS))

    def _death(self) -> Any:
        deceased, *heirs = self.rng.sample(self.cast.persons, k=3)
        return EstateOpened(
            deceased=deceased,
            died_at=self.rng.choice(MOMENTS),
            heirs=tuple(heirs),
            heirs_complete=chance(self.rng, 0.6),
            representative=self.rng.choice((None, PartyId(self.cast.agent))),
        )

    def _guardian(self) -> Any:
        minor, guardian = self.rng.sample(self.cast.persons, k=2)
        return GuardianAppointed(minor=minor, guardian=guardian, majority_at=self.rng.choice(MOMENTS))
