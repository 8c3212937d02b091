"""The rights around a few things, for one page or one answer: their holders, who speaks for these, and no further.

`rights.load_around` also walks from whoever speaks for a holder to everybody else they speak for, so that all of a
society's members may come along. Here a party is read as far as the answer for the things needs it: a holder with all
that it says, whose yes stands beside or instead of its own with the mandates it gave, any other speaker only with
registration, keys, guardians and death. Answers for the things named (and persons named) are the same, reason by
reason; what other parties say of other things is not in the views.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cantoria.app.ports import FactIndex
from cantoria.app.rights import PARTY_TAGS, RIGHTS_TAGS, SIGNER_TAGS, TOMBSTONE, fold, late_tombstones
from cantoria.app.rights_leads import next_of
from cantoria.clearance import Rights
from cantoria.consent.facts import DenyTombstone, StatementMade
from cantoria.consent.types import ScopeKind
from cantoria.kernel.facts import Recorded
from cantoria.mandates.facts import DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.mandates.types import MandateKind
from cantoria.registry.facts import ShareClaimed
from cantoria.registry.types import Found

OFFICE_TAGS: Final = SIGNER_TAGS | {GuardianAppointed.TYPE.tag, EstateOpened.TYPE.tag}
MOUTH_TAGS: Final = OFFICE_TAGS | {DelegationGranted.TYPE.tag}
# Whose yes is needed beside the principal's own: an agent's or a society's yes only stands for it.
DEMANDING: Final = frozenset({MandateKind.COSIGNER, MandateKind.TRUST})
_ON_THINGS: Final = frozenset({ScopeKind.RECORDING, ScopeKind.WORK, ScopeKind.RELEASE, ScopeKind.CATALOGUE})
SPEAKER, MOUTH, HOLDER = 1, 2, 3  # how much of a party is read


@dataclass(frozen=True, slots=True)
class Near:
    """The rights views around some things, and the facts that they were folded from, in ledger order."""

    rights: Rights
    facts: tuple[Recorded[Any], ...]


def load_near(
    index: FactIndex, *, subjects: Sequence[str], size: int, media: str = "recording", whole: bool = False
) -> Near:
    """Return the rights as of `size` of things named by ids or code keys; parties among `subjects` count as holders.

    What the codes resolve to is looked at too, so that a row known only by its ISWC finds its recording. Of what
    holders say, statements on single things that are not among these are left out, unless `whole`.
    """
    walk = _Walk(index, size, whole)
    walk.visit(subjects)
    codes = [name for name in subjects if ":" in name]
    if codes:
        match walk.fold().registry.resolve(codes, media=media):
            case Found(subject=subject):
                walk.visit([subject])
            case _:
                pass
    return Near(walk.fold(), tuple(walk.kept()))


@dataclass(slots=True)
class _Walk:
    """A walk by levels: things as `load_around` has them, parties as far as their place in the rights needs."""

    index: FactIndex
    size: int
    whole: bool
    facts: dict[tuple[int, int], Recorded[Any]] = field(default_factory=dict)
    things: set[str] = field(default_factory=set)
    parties: dict[str, int] = field(default_factory=dict)  # how much of it was read, or is to be

    def visit(self, subjects: Sequence[str]) -> None:
        """Read what hangs together with these things; parties among them are holders."""
        things = {name for name in subjects if name and not name.startswith("party_")} - self.things
        wanted = {name: HOLDER for name in subjects if name.startswith("party_")}
        while things or wanted:
            self.things |= things
            found = self._read(sorted(things), wanted)
            fresh = [one for one in found if one.place not in self.facts]
            self.facts.update((one.place, one) for one in fresh)
            things, wanted = set(), {}
            for one in fresh:
                for name in next_of(one.fact):
                    if not name.startswith("party_"):
                        things.add(name)
                for party, level in _levels(one.fact):
                    if level > max(self.parties.get(party, 0), wanted.get(party, 0)):
                        wanted[party] = level
            things = {name for name in things - self.things if name}

    def _read(self, things: list[str], wanted: dict[str, int]) -> Iterator[Recorded[Any]]:
        at = {level: sorted(name for name, one in wanted.items() if one == level) for level in (HOLDER, MOUTH, SPEAKER)}
        self.parties.update(wanted)
        yield from self.index.about(things, tags=RIGHTS_TAGS, size=self.size)
        late = late_tombstones(self.index.about([*things, *at[HOLDER]], tags=[TOMBSTONE]), self.size)
        yield from (one for one in late if self._matters(one.fact))
        for level, tags in ((HOLDER, PARTY_TAGS), (MOUTH, MOUTH_TAGS), (SPEAKER, OFFICE_TAGS)):
            for one in self.index.about(at[level], tags=tags, size=self.size):
                if self._matters(one.fact):
                    yield one

    def _matters(self, fact: Any) -> bool:
        """Tell whether a fact that names a party says something of it: not what it says or does for others."""
        match fact:
            case StatementMade() | DenyTombstone():
                return self.parties.get(fact.party, 0) == HOLDER and self._is_near(fact)
            case DelegationGranted():
                return self.parties.get(fact.principal, 0) >= MOUTH
            case GuardianAppointed():
                return fact.minor in self.parties
            case EstateOpened():
                return fact.deceased in self.parties
            case _:
                return True

    def _is_near(self, fact: StatementMade | DenyTombstone) -> bool:
        """Tell whether a statement can reach one of the things: if it turns out later that it does, the thing leads to
        it. What was said before under the id of one that does is read with that id."""
        if self.whole or fact.scope.kind not in _ON_THINGS:
            return True
        return fact.scope.id in self.things or fact.statement in self.things

    def kept(self) -> Iterator[Recorded[Any]]:
        """Give the facts read, in ledger order, without what parties say who hold nothing here."""
        for place in sorted(self.facts):
            one = self.facts[place]
            speech = isinstance(one.fact, StatementMade | DenyTombstone)
            if not speech or self.parties.get(one.fact.party, 0) == HOLDER:
                yield one

    def fold(self) -> Rights:
        return fold(self.kept())


def _levels(fact: Any) -> Iterator[tuple[str, int]]:
    """Give the parties that a fact leads to, and how much of each is needed."""
    match fact:
        case ShareClaimed():
            yield fact.party, HOLDER
        case DelegationGranted():
            yield fact.principal, SPEAKER
            yield fact.delegate, MOUTH if fact.kind in DEMANDING else SPEAKER
        case EstateOpened():
            for heir in (*fact.heirs, fact.representative or ""):
                if heir:
                    yield heir, MOUTH
        case _:
            for name in next_of(fact):
                if name.startswith("party_"):
                    yield name, SPEAKER
