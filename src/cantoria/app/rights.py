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
from cantoria.clearance import Rights
from cantoria.consent import Standings
from cantoria.consent import facts as consent_facts
from cantoria.kernel.check import require
from cantoria.kernel.facts import Recorded
from cantoria.mandates import Mandates
from cantoria.mandates import facts as mandate_facts
from cantoria.registry import Registry
from cantoria.registry import conflict_facts, trade_facts
from cantoria.registry import facts as registry_facts
from cantoria.registry import types as registry_types
from cantoria.registry.answer_facts import RegistrationAnswered
from cantoria.registry.types import Found

KEPT_MAX: Final = 2  # views of a large ledger take much memory
RIGHTS_TAGS: Final = frozenset(cls.TYPE.tag for cls in FACTS if 100 < cls.TYPE.tag < 400)
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
    is erased; when facts come in, only those are read and everything is folded again."""

    index: FactIndex
    _kept: dict[tuple[int, ...], Rights] = field(default_factory=dict)
    _facts: list[Recorded[Any]] = field(default_factory=list)
    _turns: int = 0

    def load(self, *, size: int) -> Rights:
        """Return the rights views as of `size`."""
        mark = self.mark(size=size)
        if mark not in self._kept:
            while len(self._kept) >= KEPT_MAX:
                self._kept.pop(next(iter(self._kept)))
            self._kept[mark] = fold([*self._read(size), *self._late(size)])
        return self._kept[mark]

    def mark(self, *, size: int) -> tuple[int, ...]:
        """Return what tells one state of the rights from another: views of the same mark are the same."""
        return (*self.index.mark(tags=RIGHTS_TAGS, size=size), *(said.index for said in self._late(size)))

    def _late(self, size: int) -> list[Recorded[Any]]:
        return list(_late(self.index.scan(tags=[TOMBSTONE]), size))

    def _read(self, size: int) -> list[Recorded[Any]]:
        """Return all facts about rights below `size`; the facts read before are used again if they still stand."""
        count, newest, turns = self.index.mark(tags=RIGHTS_TAGS, size=size)
        known = self._facts[-1].index if self._facts else -1
        read = (len(self._facts), known, self._turns)
        if known <= newest and self.index.mark(tags=RIGHTS_TAGS, size=known + 1) == read:
            self._facts = [*self._facts, *self.index.scan(tags=RIGHTS_TAGS, start=known + 1, size=size)]
        else:
            self._facts = list(self.index.scan(tags=RIGHTS_TAGS, size=size))
            self._turns = turns
        require(len(self._facts) == count, f"{count} facts about rights are indexed, {len(self._facts)} were read")
        return self._facts


def _late(tombstones: Iterable[Recorded[Any]], size: int) -> Iterator[Recorded[Any]]:
    """Give the tombstones recorded later for refusals that had been said below `size`: the bodies of those are gone
    at every size, so a view as of `size` without the tombstone would open a door (RULES section 7)."""
    return (said for said in tombstones if said.fact.said_index < size <= said.index)


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


@dataclass(slots=True)
class _Walk:
    """A breadth-first walk over the subject index, from codes and entities to the parties who have a say."""

    index: FactIndex
    size: int
    facts: dict[int, Recorded[Any]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def visit(self, subjects: Sequence[str]) -> None:
        things, parties = self._sort(subjects)
        while things or parties:
            found = self.index.about(things, tags=RIGHTS_TAGS, size=self.size)
            found += self.index.about(parties, tags=PARTY_TAGS, size=self.size)
            found += _late(self.index.about([*things, *parties], tags=[TOMBSTONE]), self.size)
            fresh = [recorded for recorded in found if recorded.index not in self.facts]
            self.facts.update((recorded.index, recorded) for recorded in fresh)
            things, parties = self._sort(name for recorded in fresh for name in _next(recorded.fact))

    def fold(self) -> Rights:
        return fold(self.facts[position] for position in sorted(self.facts))

    def _sort(self, subjects: Iterable[str]) -> tuple[list[str], list[str]]:
        fresh = sorted({name for name in subjects if name} - self.seen)
        self.seen.update(fresh)
        things = [name for name in fresh if not name.startswith("party_")]
        return things, [name for name in fresh if name.startswith("party_")]


def _next(fact: Any) -> tuple[str, ...]:
    """Where to go on from a fact: to everything it names, but never from a catalogue or release to its members."""
    match fact:
        case registry_facts.CatalogueDefined():
            return (fact.catalogue, fact.owner)
        case registry_facts.ReleaseRegistered():
            return (fact.release,)
        case registry_facts.ShareClaimed() | trade_facts.CollectionClaimed():
            return (fact.claim, fact.party)
        case trade_facts.ChainAsserted():
            return (fact.chain, fact.grantor, fact.acquirer)
        case conflict_facts.CaseAnswered() | conflict_facts.CaseEscalated() | conflict_facts.CaseDecided():
            return (fact.case,)
        case trade_facts.TitleGiven() | trade_facts.FileTaken() | RegistrationAnswered():
            return ()
        case consent_facts.StatementMade() | consent_facts.DenyTombstone():
            return (fact.statement, fact.party, fact.speaker)
        case registry_facts.HoldersDeclaredComplete() | registry_facts.CompletenessWithdrawn():
            return (fact.signed_by,)
        case mandate_facts.DelegationGranted():
            return (fact.delegation, fact.principal, fact.delegate, fact.parent or "")
        case registry_facts.PartyRegistered() | registry_facts.PartyKeyRegistered() | registry_facts.PartyNamed():
            return ()
        case registry_facts.LinkAsserted():
            # From a recording to its works, never from a work to all its recordings.
            embodies = fact.relation is registry_types.Relation.EMBODIES
            return (fact.link, fact.right) if embodies else (fact.link, fact.left, fact.right)
        case _:
            subjects: tuple[str, ...] = fact.subjects()
            return subjects
