"""Load the rights views: everything for a dataset, or just the neighbourhood of a few codes for one answer.

Both are the same folds over the ledger's facts as of one size; the neighbourhood is a subset of the facts that gives
the same answer for the rows it was made for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cantoria.app.fact_types import FACTS
from cantoria.app.ports import FactIndex
from cantoria.app.rights_leads import members_of, next_of, same_or_named
from cantoria.clearance import Rights
from cantoria.consent import Standings
from cantoria.consent import facts as consent_facts
from cantoria.kernel.check import require
from cantoria.kernel.facts import Recorded
from cantoria.mandates import Mandates
from cantoria.mandates import facts as mandate_facts
from cantoria.registry import Registry
from cantoria.registry import facts as registry_facts
from cantoria.registry.match_facts import MatchDecided, MatchDecisionWithdrawn, MatchingRun
from cantoria.registry.types import Found

KEPT_MAX: Final = 2  # views of a large ledger take much memory
# Deals clear nothing, and proposals of a machine and what is decided about them join nothing (the link that comes with
# a decision does): what is decided here must not depend on them, nor lead to all that they name.
PROPOSED: Final = frozenset(cls.TYPE.tag for cls in (MatchingRun, MatchDecided, MatchDecisionWithdrawn))
RIGHTS_TAGS: Final = frozenset(cls.TYPE.tag for cls in FACTS if 100 < cls.TYPE.tag < 351) - PROPOSED
# What matters of a party beside the claims that led to it; its other claims would drag in its whole catalogue.
PARTY_TAGS: Final = frozenset(
    cls.TYPE.tag
    for cls in (
        registry_facts.PartyRegistered,
        registry_facts.PartyKeyRegistered,
        mandate_facts.DelegationGranted,
        mandate_facts.GuardianAppointed,
        mandate_facts.EstateOpened,
        consent_facts.StatementMade,
        consent_facts.DenyTombstone,
    )
)


TOMBSTONE: Final = consent_facts.DenyTombstone.TYPE.tag
SIGNER_TAGS: Final = frozenset(
    cls.TYPE.tag for cls in (registry_facts.PartyRegistered, registry_facts.PartyKeyRegistered)
)
MANDATES: Final = (mandate_facts.DelegationGranted, mandate_facts.GuardianAppointed, mandate_facts.EstateOpened)
SPEECH_TAG_MIN: Final = 200  # from here on mandates and consent
# The registry's facts that mandates and standings look at: keys, who answers for a party, releases and catalogues.
HEARD_TAGS: Final = frozenset(
    cls.TYPE.tag
    for cls in (
        registry_facts.PartyRegistered,
        registry_facts.PartyKeyRegistered,
        registry_facts.ReleaseRegistered,
        registry_facts.CatalogueDefined,
    )
)
# The facts by which one thing leads to another.
LEADING_TAGS: Final = frozenset(
    cls.TYPE.tag
    for cls in (
        registry_facts.WorkRegistered,
        registry_facts.RecordingRegistered,
        registry_facts.ReleaseRegistered,
        registry_facts.LinkAsserted,
    )
)
LINK: Final = registry_facts.LinkAsserted.TYPE.tag


def fold(facts: Iterable[Recorded[Any]]) -> Rights:
    """Fold facts, in ledger order, into the rights views."""
    ordered = list(facts)
    registry = Registry.fold(ordered)
    mandates = Mandates.fold(ordered, registry=registry)
    standings = Standings.fold(ordered, registry=registry, mandates=mandates)
    return Rights(registry, mandates, standings)


@dataclass(slots=True)
class RightsViews:
    """The rights views of the whole ledger, kept between uses for as long as no fact about rights comes in and none
    is erased. When facts come in, those alone are read and taken in; the view handed out before then speaks of the
    newest size, too. Only where one of them may change who speaks for whom is that worked out anew."""

    index: FactIndex
    _kept: dict[tuple[int, ...], Rights] = field(default_factory=dict)
    _live: _Live | None = None

    def load(self, *, size: int, codes: Iterable[str] | None = None) -> Rights:
        """Return the rights views as of `size`. Of the rows of batches those are in it that hang together with `codes`
        (code keys of a manifest), none without."""
        if codes is not None and self.index.batches(size=size):
            rows = rows_around(self.index, codes=codes, size=size)
            if rows:
                return fold([*self.index.scan(tags=RIGHTS_TAGS, size=size), *self._late(size), *rows])
        mark = self.mark(size=size)
        if mark not in self._kept:
            view = self._advance(size)
            while len(self._kept) >= KEPT_MAX:
                self._kept.pop(next(iter(self._kept)))
            self._kept[mark] = view
        return self._kept[mark]

    def mark(self, *, size: int) -> tuple[int, ...]:
        """Return what tells one state of the rights from another: views of the same mark are the same."""
        return (*self.index.mark(tags=RIGHTS_TAGS, size=size), *(said.index for said in self._late(size)))

    def _late(self, size: int) -> list[Recorded[Any]]:
        return list(late_tombstones(self.index.scan(tags=[TOMBSTONE]), size))

    def _advance(self, size: int) -> Rights:
        """Return the views as of `size`: by taking in what is new since the newest ones, if those still stand."""
        late = self._late(size)
        count, newest, turns = self.index.mark(tags=RIGHTS_TAGS, size=size)
        live = self._live
        if late:
            return fold([*self.index.scan(tags=RIGHTS_TAGS, size=size), *late])
        if live is not None and live.newest <= newest:
            if self.index.mark(tags=RIGHTS_TAGS, size=live.newest + 1) == (live.count, live.newest, live.turns):
                self._kept = {mark: view for mark, view in self._kept.items() if view.registry is not live.registry}
                live.take(self.index.scan(tags=RIGHTS_TAGS, start=live.newest + 1, size=size))
            else:
                live = None
        elif live is not None:
            return fold(self.index.scan(tags=RIGHTS_TAGS, size=size))  # of an earlier size; the newest views stay
        if live is None:
            live = _Live()
            live.take(self.index.scan(tags=RIGHTS_TAGS, size=size))
        live.turns = turns
        self._live = live
        require(live.count == count, f"{count} facts about rights are indexed, {live.count} were read")
        return live.view()


class _Live:
    """The views of the newest size, which grow: the registry fact by fact. Mandates and standings are worked out anew
    from their own facts when one of those comes in, or one of the registry's on which they depend."""

    __slots__ = ("_registry_view", "_said", "count", "newest", "registry", "turns")

    def __init__(self) -> None:
        self.registry = Registry()
        self.count, self.newest, self.turns = 0, -1, 0
        self._said: list[Recorded[Any]] = []
        self._registry_view: Rights | None = None

    def take(self, facts: Iterable[Recorded[Any]]) -> None:
        """Take in the facts that follow."""
        for recorded in facts:
            self.registry.add(recorded)
            self.count += 1
            self.newest = recorded.index
            tag = recorded.fact.TYPE.tag
            if tag >= SPEECH_TAG_MIN:
                self._said.append(recorded)
            if tag >= SPEECH_TAG_MIN or tag in HEARD_TAGS:
                self._registry_view = None

    def view(self) -> Rights:
        """Return the views as they are."""
        if self._registry_view is None:
            mandates = Mandates.fold(self._said, registry=self.registry)
            standings = Standings.fold(self._said, registry=self.registry, mandates=mandates)
            self._registry_view = Rights(self.registry, mandates, standings)
        before = self._registry_view
        return Rights(self.registry, before.mandates, before.standings)


def late_tombstones(tombstones: Iterable[Recorded[Any]], size: int) -> Iterator[Recorded[Any]]:
    """Give the tombstones recorded later for refusals that had been said below `size`: the bodies of those are gone
    at every size, so a view as of `size` without the tombstone would open a door (RULES section 7)."""
    return (said for said in tombstones if said.fact.said_index < size <= said.index)


def rows_around(index: FactIndex, *, codes: Iterable[str], size: int) -> list[Recorded[Any]]:
    """Return what rows of batches say, below `size`, of everything that hangs together with these code keys.

    Of what the codes themselves name, a work's recordings and a release's count too: a row may be resolved to them.
    """
    rows: dict[tuple[int, int], Recorded[Any]] = {}
    named = set(codes)
    ahead = sorted(named)
    while ahead:
        found = index.about(ahead, tags=[LINK], size=size)
        others = {name for one in found for name in same_or_named(one.fact, named)} - named
        named |= others
        ahead = sorted(others)
    seen, ahead = set(named), sorted(named)
    direct = True
    while ahead:
        found = index.about(ahead, tags=LEADING_TAGS, size=size)
        rows.update((one.place, one) for one in found if one.part)
        fresh = {name for one in found for name in next_of(one.fact)}
        if direct:
            fresh |= {name for one in found for name in members_of(one.fact, named)}
        fresh = {name for name in fresh - seen if name and not name.startswith(("party_", "link_"))}
        seen |= fresh
        ahead, direct = sorted(fresh), False
    return [rows[place] for place in sorted(rows)]


def load_around(index: FactIndex, *, subjects: Sequence[str], size: int, media: str = "recording") -> Rights:
    """Return the rights views as of `size` for what hangs together with these codes or entity ids.

    What the codes resolve to is looked at too, so that a row known only by its ISWC finds its recording.
    """
    walk = _Walk(index, size)
    walk.visit(subjects)
    match walk.fold().registry.resolve([name for name in subjects if ":" in name], media=media):
        case Found(subject=subject):
            walk.visit([subject])
        case _:
            pass
    return walk.fold()


def load_supposing(
    index: FactIndex, *, subjects: Sequence[str], supposing: Iterable[Recorded[Any]], size: int
) -> tuple[Rights, Rights]:
    """Return the rights views as of `size` for what hangs together with these entity ids, twice: as they are, and as
    they would be if these facts were recorded, too."""
    walk = _Walk(index, size)
    walk.visit(subjects)
    before = walk.fold()
    walk.facts.update((said.place, said) for said in supposing)
    return before, walk.fold()


def load_said(
    index: FactIndex, *, parties: Sequence[str], things: Sequence[str], signers: Sequence[str] = (), size: int
) -> Rights:
    """Return the rights views as of `size` for what these parties, or others for them, say about these things. What
    other holders of the things say is not in it, so no row can be answered by it. Of `signers` it knows the keys."""
    walk = _Walk(index, size, of_others=False)
    walk.facts.update((said.place, said) for said in index.about(signers, tags=SIGNER_TAGS, size=size))
    walk.visit([*parties, *things])
    return walk.fold()


@dataclass(slots=True)
class _Walk:
    """A breadth-first walk over the subject index, from codes and entities to the parties who have a say. Without
    `of_others` only mandates lead to further parties."""

    index: FactIndex
    size: int
    of_others: bool = True
    facts: dict[tuple[int, int], Recorded[Any]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def visit(self, subjects: Sequence[str]) -> None:
        things, parties = self._sort(subjects)
        while things or parties:
            found = self.index.about(things, tags=RIGHTS_TAGS, size=self.size)
            found += self.index.about(parties, tags=PARTY_TAGS, size=self.size)
            found += late_tombstones(self.index.about([*things, *parties], tags=[TOMBSTONE]), self.size)
            fresh = [recorded for recorded in found if recorded.place not in self.facts]
            self.facts.update((recorded.place, recorded) for recorded in fresh)
            things, parties = self._sort(name for recorded in fresh for name in self._leads(recorded.fact))

    def _leads(self, fact: Any) -> Iterator[str]:
        every = self.of_others or isinstance(fact, MANDATES)
        return (name for name in next_of(fact) if every or not name.startswith("party_"))

    def fold(self) -> Rights:
        return fold(self.facts[position] for position in sorted(self.facts))

    def _sort(self, subjects: Iterable[str]) -> tuple[list[str], list[str]]:
        fresh = sorted({name for name in subjects if name} - self.seen)
        self.seen.update(fresh)
        things = [name for name in fresh if not name.startswith("party_")]
        return things, [name for name in fresh if name.startswith("party_")]
