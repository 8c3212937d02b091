"""Small random worlds of rights facts, with requests and rows: messy on purpose, and the same for the same seed.

A world's `noise` runs from 0 (everybody known, everybody says yes) to 1 (everything that can go wrong sometimes
does), so that all four statuses and every reason occur often enough to be compared and tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from cantoria.clearance.types import Request, Row
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import CaseId, CatalogueId, ClaimId, LinkId, PartyId, RecordingId, ReleaseId, WorkId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period, parse_moment
from cantoria.kernel.uses import Use
from cantoria.registry import facts as registry
from cantoria.registry.types import PartyKind, PublicDomainBasis, Relation, Right, Role, Side, Tier, WorkKind
from cantoria.testing.book import Book
from cantoria.testing.world_parts import PLACES, QUERY, Cast, chance, fill_mandates, isrc_of, iswc_of
from cantoria.testing.world_signals import note_signals, refuse_beside
from cantoria.testing.world_statements import finish_statements, say_statements

LATE: Final = parse_moment("2025-09-01")


@dataclass(frozen=True, slots=True, repr=False)
class World:
    """Facts in ledger order, requests as of their size, and rows to answer them for."""

    seed: int
    facts: tuple[Recorded[Any], ...]
    requests: tuple[Request, ...]
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        return f"random_world({self.seed})"


def random_world(seed: int) -> World:
    """Return the world of a seed."""
    maker = _Maker(Random(seed))  # noqa: S311 - worlds must be the same for the same seed
    return maker.world(seed)


def worlds() -> st.SearchStrategy[World]:
    """Return the strategy of all worlds."""
    return st.integers(min_value=0, max_value=2**32 - 1).map(random_world)


class _Maker:
    """Makes one world, room by room, in ledger order."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.noise, self.book = rng.choice((0.0, 0.15, 0.4, 1.0)), Book()
        self.cast = Cast(
            persons=[PartyId(f"party_p{n}") for n in range(rng.randint(3, 5))],
            works=[f"work_{n}" for n in range(rng.randint(2, 4))],
            recordings=[f"recording_{n}" for n in range(rng.randint(2, 4))],
        )
        self.claims: dict[tuple[str, Side], list[str]] = {}

    def world(self, seed: int) -> World:
        self._parties()
        fill_mandates(self.book, self.rng, self.cast, noise=self.noise)
        late = [name for name in (*self.cast.works, *self.cast.recordings) if chance(self.rng, 0.2)]
        self._things([name for name in (*self.cast.works, *self.cast.recordings) if name not in late])
        say_statements(self.book, self.rng, self.cast, noise=self.noise)
        self._things(late)
        self._collections()
        self._links()
        self._holders()
        say_statements(self.book, self.rng, self.cast, noise=self.noise)
        self._trouble()
        finish_statements(self.book, self.rng, self.cast, noise=self.noise)
        note_signals(self.book, Random(seed + 1), self.cast)  # noqa: S311 - of their own, lest they shift all draws
        requests = tuple(self._request() for _ in range(3))
        rows = refuse_beside(self._rows(), Random(seed + 2))  # noqa: S311
        return World(seed, tuple(self.book.facts), requests, tuple(rows))

    def _odd(self, probability: float) -> bool:
        """Tell whether something goes wrong that does so with this probability in the noisiest worlds."""
        return chance(self.rng, probability * self.noise)

    def _parties(self) -> None:
        cast = self.cast
        for party in (*cast.persons, *cast.organisations):
            kind = PartyKind.PERSON if party in cast.persons else PartyKind.ORGANISATION
            if not self._odd(0.1):
                self.book.say(
                    registry.PartyRegistered(party=party, kind=kind, reachable=not self._odd(0.2)), by=cast.cmo
                )
        for person in cast.persons:
            key = cast.key_of(person)
            if not self._odd(0.15):
                ends = parse_moment("2025-06-01") if self._odd(0.1) else None
                self.book.say(registry.PartyKeyRegistered(party=person, key=key, period=Period(end=ends)), by=cast.cmo)

    def _things(self, names: list[str]) -> None:
        for name in names:
            self._work(name) if name in self.cast.works else self._recording(name)

    def _work(self, name: str) -> None:
        others = [work for work in self.cast.works if work < name]
        kind = self.rng.choice(tuple(WorkKind)) if others and chance(self.rng, 0.4) else WorkKind.ORIGINAL
        parts = self.rng.sample(others, k=self.rng.randint(1, min(2, len(others)))) if others else []
        if kind is WorkKind.ORIGINAL or self._odd(0.2):
            parts = []
        fact = registry.WorkRegistered(
            work=WorkId(name),
            title=name,
            kind=kind,
            parts=tuple(WorkId(part) for part in parts),
            parts_complete=not self._odd(0.1),
        )
        self.book.say(fact, by=self.cast.publisher, capacity=Capacity.PUBLISHER)

    def _recording(self, name: str) -> None:
        others = [recording for recording in self.cast.recordings if recording < name]
        samples = [self.rng.choice(others)] if others and chance(self.rng, 0.25) else []
        fact = registry.RecordingRegistered(
            recording=RecordingId(name),
            title=name,
            samples=tuple(RecordingId(sample) for sample in samples),
            samples_complete=not self._odd(0.1),
        )
        self.book.say(fact, by=self.cast.label, capacity=Capacity.PRODUCER)

    def _collections(self) -> None:
        rng, cast = self.rng, self.cast
        some = rng.sample(cast.recordings, k=rng.randint(1, len(cast.recordings)))
        self.book.say(
            registry.ReleaseRegistered(
                release=ReleaseId("release_0"), title="release", recordings=tuple(RecordingId(r) for r in some)
            ),
            by=cast.label,
        )
        things = [*cast.works, *cast.recordings, "release_0"]
        for _ in range(2):
            members = tuple(rng.sample(things, k=rng.randint(1, 3)))
            self.book.say(
                registry.CatalogueDefined(
                    catalogue=CatalogueId("catalogue_0"), owner=PartyId(cast.publisher), members=members
                ),
                by=cast.publisher,
            )
            say_statements(self.book, rng, cast, noise=self.noise, count=1)

    def _link(self, left: str, relation: Relation, right: str) -> None:
        tier = Tier.ASSERTED if self._odd(0.1) else Tier.DOCUMENTED
        link = LinkId(f"link_{self.book.size}")
        self.book.say(
            registry.LinkAsserted(
                link=link, left=left, relation=relation, right=right, asserted_by=self.cast.label, tier=tier
            ),
            by=self.cast.label,
        )
        if self._odd(0.1):
            by = self.cast.publisher
            agreed = chance(self.rng, 0.3)
            self.book.say(registry.LinkReviewed(link=link, agreed=agreed, reviewed_by=by), by=by)

    def _links(self) -> None:
        rng, cast = self.rng, self.cast
        for n, recording in enumerate(cast.recordings):
            self._link(isrc_of(n), Relation.IDENTIFIES, recording)
            if not self._odd(0.1):
                for work in rng.sample(cast.works, k=rng.randint(1, 2)):
                    self._link(recording, Relation.EMBODIES, work)
        for n, work in enumerate(cast.works):
            self._link(iswc_of(n), Relation.IDENTIFIES, work)
        if self._odd(0.4):
            self._link(isrc_of(0), Relation.IDENTIFIES, rng.choice(cast.recordings))
        if self._odd(0.2):
            pair = rng.sample(rng.choice((cast.works, cast.recordings)), k=2)
            self._link(pair[0], Relation.SAME_AS, pair[1])

    def _claim(self, subject: str, party: str, role: Role, share: Fraction | None) -> None:
        claim = ClaimId(f"claim_{self.book.size}")
        territory = self.rng.choice(PLACES) if self._odd(0.15) else "2136"
        fact = registry.ShareClaimed(
            claim=claim,
            subject=subject,
            party=PartyId(party),
            role=role,
            right=Right.MECHANICAL if share is not None else None,
            share=share,
            territory=territory,
            period=Period(end=LATE) if self._odd(0.05) else Period(),
            tier=Tier.ASSERTED if self._odd(0.1) else Tier.DOCUMENTED,
        )
        self.book.say(fact, by=self.cast.cmo, capacity=Capacity.CMO)
        self.claims.setdefault((subject, role.side), []).append(claim)

    def _holders(self) -> None:
        rng, cast = self.rng, self.cast
        for work in cast.works:
            writers = rng.sample(cast.persons, k=rng.randint(1, 2))
            share = Fraction(1, len(writers) + 1) if chance(rng, 0.5) else None
            for writer in writers:
                share = Fraction(1, 2) if share is not None and self._odd(0.1) else share
                self._claim(work, writer, rng.choice((Role.COMPOSER, Role.LYRICIST, Role.ARRANGER)), share)
            self._claim(work, cast.publisher, Role.PUBLISHER, share)
            self._complete(work, Side.WORK, rng.choice((cast.publisher, cast.cmo)))
        for recording in cast.recordings:
            for n, performer in enumerate(rng.sample(cast.persons, k=rng.randint(1, 2))):
                role = Role.NON_FEATURED_PERFORMER if n else Role.FEATURED_PERFORMER
                self._claim(recording, performer, role, None)
            self._claim(recording, cast.label, Role.PRODUCER, None)
            self._complete(recording, Side.RECORDING, cast.label)

    def _complete(self, subject: str, side: Side, signer: str) -> None:
        if self._odd(0.1):
            return
        claims = self.claims[subject, side]
        if self._odd(0.08):
            claims = [*claims[1:], "claim_erased"]
        signer = self.cast.stranger if self._odd(0.08) else signer
        capacity = Capacity.CMO if signer == self.cast.cmo else Capacity.PRODUCER
        fact = registry.HoldersDeclaredComplete(
            subject=subject, side=side, signed_by=PartyId(signer), claims=tuple(ClaimId(c) for c in claims)
        )
        self.book.say(fact, by=signer, capacity=capacity)
        if self._odd(0.06):
            withdrawn = registry.CompletenessWithdrawn(subject=subject, side=side, signed_by=PartyId(signer))
            self.book.say(withdrawn, by=self.cast.cmo)

    def _trouble(self) -> None:
        """Record late claims, public domain and disputes."""
        rng, cast = self.rng, self.cast
        subject, side = rng.choice(sorted(self.claims))
        if self._odd(0.15):
            role = Role.COMPOSER if side is Side.WORK else Role.NON_FEATURED_PERFORMER
            self._claim(subject, rng.choice(cast.persons), role, None)
        if chance(rng, 0.25):
            fact = registry.PublicDomainEvidenced(
                subject=subject,
                side=side,
                basis=PublicDomainBasis.TERM_EXPIRED,
                territory=rng.choice(PLACES),
                period=Period(parse_moment("2020-01-01")),
                tier=rng.choice((Tier.ASSERTED, Tier.DOCUMENTED)),
                evidence="death dates",
            )
            self.book.say(fact, by=cast.cmo)
        if self._odd(0.35):
            self._dispute(*rng.choice(sorted(self.claims)))

    def _dispute(self, subject: str, side: Side) -> None:
        opened = registry.DisputeOpened(
            case=CaseId("case_0"),
            subject=subject,
            side=side,
            opened_by=self.cast.stranger,
            tier=self.rng.choice((Tier.SIGNAL, Tier.DOCUMENTED)),
            reason="another writer",
            next_actor=self.cast.publisher,
            due_at=QUERY,
        )
        self.book.say(opened, by=self.cast.stranger)
        if chance(self.rng, 0.3):
            self.book.say(registry.DisputeClosed(case=CaseId("case_0"), outcome="withdrawn"), by=self.cast.stranger)

    def _request(self) -> Request:
        rng, cast = self.rng, self.cast
        use = rng.choice((Use.TRAIN_GENERATIVE, Use.TRAIN_GENERATIVE, Use.ANALYSE, *Use))
        persons = tuple(rng.sample(cast.persons, k=rng.choice((0, 1, 1, 2))))
        return Request(
            use=use,
            licensee=rng.choice(cast.developers),
            territories=rng.choice((*PLACES, "0410 0840", "0410")),
            at=rng.choice((QUERY, QUERY, QUERY, LATE, parse_moment("2024-06-01"))),
            size=self.book.size if not self._odd(0.2) else rng.randint(self.book.size // 2, self.book.size),
            licensee_classes=frozenset(rng.sample(("research", "startup"), k=rng.randint(0, 2))),
            profile=rng.choice(("base", "base", "kr", "us", "es")),
            model_version=rng.choice((None, "m1", "m2")),
            offer=rng.choice((None, Money(500, "EUR"), Money(2000, "EUR"), Money(2000, "KRW"))),
            attribution=chance(rng, 0.6),
            label=chance(rng, 0.6),
            campaign=rng.choice(("spring", "autumn")) if use is Use.ADVERTISE else None,
            persons=persons,
            tuned_on=chance(rng, 0.4),
            used_input=chance(rng, 0.6),
        )

    def _rows(self) -> list[Row]:
        rng, cast = self.rng, self.cast
        isrcs = [isrc_of(n) for n in range(len(cast.recordings))]
        iswcs = [iswc_of(n) for n in range(len(cast.works))]
        rows: list[tuple[tuple[str, ...], str]] = [((isrc,), "recording") for isrc in isrcs]
        rows += [((iswc,), "work") for iswc in iswcs]
        rows += [((rng.choice(iswcs),), "recording"), (("isrc:KRA389999999",), "recording")]
        rows += [((rng.choice(isrcs), rng.choice(iswcs)), "recording"), (tuple(rng.sample(isrcs, k=2)), "recording")]
        return [Row(line, codes, media) for line, (codes, media) in enumerate(rows, start=1)]
