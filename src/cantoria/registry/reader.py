"""What the registry answers: questions about the state that its fold has reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.registry.answers import Answers
from cantoria.registry.chains import ChainBook
from cantoria.registry.claims import Claims, readable
from cantoria.registry.closure import close, embodied
from cantoria.registry.conflicts import Conflicts
from cantoria.registry.entities import Entities
from cantoria.registry.graph import Edge, Graph
from cantoria.registry.holders import SideBook
from cantoria.registry.resolve import Lead, Resolver
from cantoria.registry.trade import Trade
from cantoria.registry.trade_facts import ChainAsserted
from cantoria.registry.types import Closure, LinkView, Relation, Resolution, Side, SideState, Tier
from cantoria.registry.views import (
    ChainView,
    ClaimView,
    CollectionView,
    PartyView,
    RecordingView,
    ReleaseView,
    TitleView,
    WorkView,
)

_MEDIA = {"recording": Side.RECORDING, "work": Side.WORK}


def _unbroken(country: str, at: int) -> bool:
    """Without a chain of title on record there is none to break."""
    return False


class Reader:
    """Answers from the books that `Registry` fills; answers are kept until a fact that can change them comes in."""

    def __init__(self) -> None:
        self._entities = Entities()
        self._graph = Graph()
        self._claims = Claims()
        self._trade = Trade()
        self._answers = Answers()
        self._conflicts = Conflicts()
        self._resolver = Resolver(self._entities, self._graph)
        self._books: dict[str, SideBook] = {}
        self._chains: dict[str, ChainBook] = {}
        self._closures: dict[str, Closure] = {}
        self._embodied: dict[str, tuple[str, ...]] = {}
        self._disputed: frozenset[str] | None = None
        self._last: tuple[int, int] = (-1, 0)

    @property
    def last_index(self) -> int:
        """The ledger index of the last fact taken in, -1 when there is none."""
        return self._last[0]

    def subjects(self) -> Iterator[str]:
        """Give all works, then all recordings, each in order of registration."""
        yield from self._entities.works()
        yield from self._entities.recordings()

    def works(self) -> Iterator[str]:
        """Give all works, in order of registration."""
        return self._entities.works()

    def recordings(self) -> Iterator[str]:
        """Give all recordings, in order of registration."""
        return self._entities.recordings()

    def releases(self) -> Iterator[str]:
        """Give all releases, in order of registration."""
        return self._entities.releases()

    def parties(self) -> Iterator[str]:
        """Give all parties, in order of registration."""
        return self._entities.parties()

    def party(self, party: str) -> PartyView | None:
        """Return a party, or None when it is not registered."""
        return self._entities.party(party)

    def work(self, work: str) -> WorkView | None:
        """Return a work, or None when it is not registered."""
        return self._entities.work(work)

    def recording(self, recording: str) -> RecordingView | None:
        """Return a recording, or None when it is not registered."""
        return self._entities.recording(recording)

    def release(self, release: str) -> ReleaseView | None:
        """Return a release, or None when it is not registered."""
        return self._entities.release(release)

    def registered_by(self, thing: str) -> str:
        """Return the organisation that registered a work, recording or release first, empty when none did."""
        return self._entities.first_by(thing)

    def registered_index(self, entity: str) -> int:
        """Return the ledger index at which something was first registered, -1 when it never was."""
        return self._entities.first_index(entity)

    def releases_of(self, recording: str, *, at_index: int | None = None) -> tuple[str, ...]:
        """Return the releases that carry a recording, sorted; `at_index` as in `catalogues_of`."""
        return self._entities.releases_of(recording, at_index=at_index)

    def catalogues_of(self, subject: str, *, at_index: int) -> tuple[str, ...]:
        """Return the catalogues that held the subject, or a release that carries it, before ledger index `at_index`.

        A work's recordings are not implied, nor a recording's works. Only the organisation that first defined a
        catalogue (or registered a release) can add to it, so that nobody widens what another's yes covers.
        """
        return self._entities.catalogues_of(subject, at_index=at_index)

    def grew(self, thing: str, *, start: int, end: int) -> bool:
        """Tell whether something was put into a release or catalogue at a ledger index from `start` to below `end`."""
        return self._entities.grew(thing, start=start, end=end)

    def catalogue_owner(self, catalogue: str) -> str | None:
        """Return whose catalogue it is, or None when it is not defined."""
        return self._entities.catalogue_owner(catalogue)

    def key_in_force(self, party: str, key: str, at: int, index: int) -> bool:
        """Tell whether an Ed25519 key (hex) is the party's at the moment `at` by facts before ledger index `index`."""
        return self._entities.key_in_force(party, key, at=at, index=index)

    def answers_for(self, party: str, said: Recorded[Any]) -> bool:
        """Tell whether what was recorded there of a party's keys, guardians or estate can open something."""
        return self._entities.answers_for(party, said)

    def authentic(self, recorded: Recorded[Any], speaker: str) -> bool:
        """Tell whether `speaker` itself said it: its organisation recorded it, or a key of its own signed the body."""
        key, index = recorded.proven_key, recorded.index
        signed = bool(key) and self.key_in_force(speaker, key, recorded.claimed_at, index)
        return recorded.organisation == speaker or signed

    def resolve(self, codes: Sequence[str], *, media: str = "recording") -> Resolution:
        """Return what a row's code keys name: exactly one thing, nothing, or an ambiguity that chooses nothing.

        `media` is `recording` or `work`. Raises `InputError` for another one and for more than 64 codes.
        """
        if media not in _MEDIA:
            raise InputError(f"media {media!r} is unknown", "use recording or work")
        return self._resolver.resolve(codes, side=_MEDIA[media])

    def codes(self) -> Iterator[str]:
        """Give every node of the code graph that may name a subject, each once; all others name nothing."""
        return self._graph.namers()

    def leads(self, code: str, *, media: str = "recording") -> tuple[Lead, Lead]:
        """Return where one code leads by firm links, and by disputed ones too: what `resolve` weighs."""
        side = _MEDIA[media]
        firm = self._resolver.lead(code, side, disputed=False)
        return firm, self._resolver.lead(code, side, disputed=True) if self._resolver.disputed(code) else firm

    def named_by(self, code: str) -> tuple[str, ...]:
        """Return the things that a code key names by undisputed links with effect, and parties that carry it."""
        named = self._resolver.named_by(code) | set(self._entities.parties_named_by(code))
        return tuple(sorted(named))

    def codes_of(self, entity: str) -> tuple[str, ...]:
        """Return the code keys that name an entity by undisputed links with effect (and a party's own), sorted."""
        codes = {edge.left for edge in self._graph.into(entity, Relation.IDENTIFIES) if not edge.disputed}
        view = self._entities.party(entity)
        return tuple(sorted(codes | set(view.codes if view else ())))

    def links(self, node: str) -> tuple[LinkView, ...]:
        """Return every link with `node` (a code key or an entity id) at either end, with and without effect."""
        views = (replace(edge.view(), vouched=self._vouches(edge)) for edge in self._graph.edges_of(node))
        return tuple(sorted(views, key=lambda view: view.index))

    def _vouches(self, edge: Edge) -> bool:
        """Tell whether an office, or who registered it first, stands behind an edge for each thing that it is about."""
        if edge.relation is Relation.IDENTIFIES:
            return True
        ends = (edge.left,) if edge.relation is Relation.EMBODIES else (edge.left, edge.right)
        said: list[Recorded[Any]] = [one for one in edge.assertions if one.fact.tier >= Tier.DOCUMENTED]
        said += [one for one in edge.reviews.values() if one.fact.agreed and one.fact.tier >= Tier.DOCUMENTED]
        return all(any(self._entities.vouched(end, one) for one in said) for end in ends)

    def link(self, link: str) -> LinkView | None:
        """Return one link by its id, or None."""
        return self._graph.link(link)

    def works_of(self, recording: str) -> tuple[str, ...]:
        """Return the works that a recording embodies, with their originals and parts, without those of samples."""
        works = self._embodied.get(recording)
        if works is None:
            works = self._embodied[recording] = embodied(recording, entities=self._entities, graph=self._graph).works
        return works

    def recordings_of(self, work: str) -> tuple[str, ...]:
        """Return the recordings linked to a work itself, sorted."""
        return tuple(sorted(edge.left for edge in self._graph.into(work, Relation.EMBODIES)))

    def side_of(self, subject: str) -> Side:
        """Return which side a subject has; what is not registered goes by the claims and links that name it."""
        side = self._entities.kind(subject)
        if side is None:
            claims = self._claims.of_subject(subject)
            if claims:
                return claims[0].fact.role.side
            performed = any(True for _ in self._graph.out(subject, Relation.EMBODIES))
            side = Side.RECORDING if performed else Side.WORK
        return side

    def side(self, subject: str, *, territory: str, at: int) -> SideState:
        """Return who holds a work or recording in one country (TIS or ISO alpha-2 code) at one moment, and whether
        they are all. A subject that is not registered is never complete."""
        return self._book(subject).state(territory=territory, at=at)

    def side_expressions(self, subject: str) -> tuple[str, ...]:
        """Return the territory expressions by which `side` tells countries apart for a subject, sorted; some may not
        be readable, and those tell none apart."""
        found = self._book(subject).expressions
        if self._trade.is_chained(subject):
            found = tuple(sorted({*found, *self._chain_book(subject).expressions()}))
        return found

    def _book(self, subject: str) -> SideBook:
        book = self._books.get(subject)
        if book is None:
            side = self.side_of(subject)
            book = self._books[subject] = SideBook(
                subject,
                side,
                claims=self._claims,
                disputed=subject in self._blocked(),
                registered=self._entities.kind(subject) is not None,
                vouched=partial(self._entities.vouched, subject),
                broken=self._chain_book(subject).blocked if self._trade.is_chained(subject) else _unbroken,
            )
        return book

    def _chain_book(self, subject: str) -> ChainBook:
        book = self._chains.get(subject)
        if book is None:
            book = ChainBook(self.claims(subject), self.collections(subject), self.chains(subject))
            self._chains[subject] = book
        return book

    def _blocked(self) -> frozenset[str]:
        """Return the subjects with an open dispute that blocks."""
        if self._disputed is None:
            blocking = (said for said in self._claims.disputes() if said.fact.tier >= Tier.DOCUMENTED)
            self._disputed = frozenset(said.fact.subject for said in blocking)
        return self._disputed

    def closure(self, subject: str) -> Closure:
        """Return everything that a recording or a work carries with it, itself included: originals, medley parts,
        sampled recordings and theirs, and what agreed SAME_AS links make one with any of them."""
        closure = self._closures.get(subject)
        if closure is None:
            side = self.side_of(subject)
            closure = close(subject, side=side, entities=self._entities, graph=self._graph)
            self._closures[subject] = closure
        return closure

    def claims(self, subject: str) -> tuple[ClaimView, ...]:
        """Return all claims to a subject, withdrawn and undocumented ones too, in ledger order."""
        return self._claims.of_subject(subject)

    def claims_of_party(self, party: str) -> tuple[ClaimView, ...]:
        """Return all claims in which a party is the holder, in ledger order."""
        return self._claims.of_party(party)

    def titles(self, subject: str) -> tuple[TitleView, ...]:
        """Return what a work, recording or release is also called, in the order in which it was first said."""
        return self._trade.titles(subject)

    def collections(self, subject: str) -> tuple[CollectionView, ...]:
        """Return who says that it collects what of a work, in ledger order."""
        return self._trade.collections(subject)

    def chains(self, subject: str) -> tuple[ChainView, ...]:
        """Return the links of a work's chain of title, those without effect too, in ledger order.

        A link has effect where an office, who registered the work first, or who answers for the grantor recorded it.
        """
        return tuple(ChainView(said, self._chain_counts(said)) for said in self._trade.chains(subject))

    def _chain_counts(self, said: Recorded[ChainAsserted]) -> bool:
        grantor = said.fact.grantor
        return self._entities.vouched(said.fact.subject, said) or (bool(grantor) and self.answers_for(grantor, said))

    def territory_expressions(self) -> set[str]:
        """Return every readable territory expression that claims, chains and public-domain evidence use."""
        return self._claims.territories() | {text for text in self._trade.territories() if readable(text)}
