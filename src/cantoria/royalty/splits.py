"""Build the split of a recording or work from the registered claims and the tariff (spec/money.md section 4).

A leg whose holders are not known to be complete, or are disputed, is held as a whole in a suspense; it moves to the
holders by a difference as soon as they are settled. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from cantoria.kernel import territories
from cantoria.kernel.shares import W
from cantoria.registry.types import (
    Closure,
    Holding,
    LinkState,
    LinkView,
    Problem,
    Relation,
    Right,
    Role,
    Side,
    SideState,
    Tier,
)
from cantoria.registry.views import ClaimView
from cantoria.royalty.split import split_of, whole
from cantoria.royalty.tariff import Leg, Tariff
from cantoria.royalty.types import DISPUTED, INCOMPLETE, Leaf, Path, Split, Step

_ONE = Fraction(1)
_SMALLEST = Fraction(1, W)


class RightsView(Protocol):
    """What a split needs to know; `registry.Registry` is one."""

    def closure(self, subject: str) -> Closure: ...

    def side(self, subject: str, *, territory: str, at: int) -> SideState: ...

    def claims(self, subject: str) -> Sequence[ClaimView]: ...

    def links(self, node: str) -> Sequence[LinkView]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A holder's part of a leg (after deductions) and the steps that lead to it."""

    holder: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The leg waits in a suspense."""

    holder: str


Parts = tuple[Part, ...] | Held


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBuilder:
    """Builds splits under one tariff as of the moment `at` (UTC microseconds). Subjects in `escrowed` (two claims to
    one sound, an open dispute of an attribution) are held as a whole, whoever came first."""

    rights: RightsView
    tariff: Tariff
    at: int
    escrowed: frozenset[str] = frozenset()

    def build(self, subject: str, *, side: Side = Side.RECORDING) -> Split:
        """Return the split of a recording's money, or of a work's where the work alone was used."""
        if subject in self.escrowed:
            return whole(DISPUTED)
        legs = self._legs(subject, side)
        if self._is_contested(subject, side, legs):
            return whole(DISPUTED)
        if any(leaf.share < _SMALLEST for leaf in legs):
            # A share below one part in 10^9 would never be paid, so a person has to look at it.
            return whole(INCOMPLETE)
        return split_of(legs)

    def build_all(self, subjects: Iterable[str], *, side: Side = Side.RECORDING) -> dict[str, Split]:
        """Return the split of each subject, in canonical order."""
        return {subject: self.build(subject, side=side) for subject in sorted(set(subjects))}

    def _legs(self, subject: str, side: Side) -> list[Leaf]:
        return self._work_only(subject) if side is Side.WORK else self._recording(subject)

    def _is_contested(self, subject: str, side: Side, legs: list[Leaf]) -> bool:
        """Tell whether something is one with the subject by strangers' word, or has holders that say otherwise: two
        claims to one sound wait until they are decided, whoever came first."""
        seen, ahead = {subject}, [subject]
        while ahead:
            for link in self.rights.links(ahead.pop()):
                one = link.relation is Relation.SAME_AS and link.tier >= Tier.DOCUMENTED
                if not one or link.state is not LinkState.AGREED:
                    continue
                if not link.vouched:
                    return True
                ahead += [end for end in (link.left, link.right) if end not in seen]
                seen.update((link.left, link.right))
        others = [
            other for other in sorted(seen - {subject}) if any(one.effective for one in self.rights.claims(other))
        ]
        return any(_paid(self._legs(other, side)) != _paid(legs) for other in others)

    def _work_only(self, work: str) -> list[Leaf]:
        return self._leg(Leg.WORK, self._of_work(work))

    def _recording(self, recording: str) -> list[Leaf]:
        work = self.tariff.work_fraction
        performers = (1 - work) * self.tariff.performers_fraction
        side = self.rights.side(recording, territory=self.tariff.territory, at=self.at)
        own: Parts = _performers(side, self.tariff.featured_fraction)
        if not own:  # a complete line-up without performers: their part falls to the recording leg
            performers = Fraction(0)
        leaves = self._leg(Leg.WORK, self._works_of(recording), steps=(Step("work leg", work),))
        rest = 1 - work - performers
        leaves += self._leg(Leg.RECORDING, self._of_recording(side), steps=(Step("recording leg", rest),))
        if performers:
            leaves += self._leg(Leg.PERFORMERS, own, steps=(Step("performers' own leg", performers),))
        return leaves

    def _leg(self, leg: Leg, parts: Parts, *, steps: tuple[Step, ...] = ()) -> list[Leaf]:
        """Return the leaves of one leg: its deductions, then its holders; or all of it in suspense."""
        if any(step.fraction == 0 for step in steps):
            return []
        if isinstance(parts, Held):
            return [_leaf(parts.holder, leg.value, steps=steps)]
        leaves, rest = [], _ONE
        for deduction in self.tariff.deductions:
            if deduction.leg is leg and deduction.fraction:
                rest -= deduction.fraction
                step = Step(deduction.name, deduction.fraction)
                leaves.append(_leaf(deduction.holder, f"{leg.value}/{deduction.name}", steps=(*steps, step)))
        if rest:
            after = () if rest == 1 else (Step("after deductions", rest),)
            leaves += [_leaf(part.holder, leg.value, steps=(*steps, *after, *part.steps)) for part in parts]
        return leaves

    def _works_of(self, recording: str) -> Parts:
        """Return the parts of the work leg: each embodied work has an equal part of it."""
        links = [
            link
            for link in self.rights.links(recording)
            if link.relation is Relation.EMBODIES and link.left == recording and link.tier >= Tier.DOCUMENTED
        ]
        if any(link.state is LinkState.DISPUTED for link in links):
            return Held(DISPUTED)
        if any(link.vouched for link in links) and not all(link.vouched for link in links):
            return Held(DISPUTED)  # a stranger says that another work is in it, too
        works = sorted({link.right for link in links if link.vouched})
        if not works:
            return Held(INCOMPLETE)
        found: list[Part] = []
        for work in works:
            parts = self._of_work(work)
            if isinstance(parts, Held):
                return parts
            step = () if len(works) == 1 else (Step(f"one of {len(works)} works: {work}", Fraction(1, len(works))),)
            found += [Part(part.holder, (*step, *part.steps)) for part in parts]
        return tuple(found)

    def _of_work(self, work: str) -> Parts:
        side = self.rights.side(work, territory=self.tariff.territory, at=self.at)
        return self._shares(side, self.tariff.work_rights)

    def _of_recording(self, side: SideState) -> Parts:
        return self._shares(side, (Right.NEIGHBOURING,))

    def _shares(self, side: SideState, rights: Sequence[Right]) -> Parts:
        """Return the parts by the first right whose registered shares are whole, else equally, else held."""
        if Problem.BLOCKING_DISPUTE in side.problems:
            return Held(DISPUTED)
        if not side.complete:
            return Held(INCOMPLETE)
        if side.public_domain:
            return (Part(self.tariff.public_domain_holder, (Step("public domain", _ONE),)),)
        claimed = False
        for right in (*rights, None):  # shares registered without naming a right stand for every right
            shares = self._claimed(side, right)
            total = sum((share for _, share in shares), Fraction(0))
            if total > 1:
                return Held(DISPUTED)
            if total == 1:
                label = f"{right.value if right else 'registered'} share of {side.subject}"
                return tuple(Part(party, (Step(label, share),)) for party, share in shares)
            claimed = claimed or bool(shares)
        if claimed or not self.tariff.equal_among_lineup:
            return Held(INCOMPLETE)
        return _equally(sorted({holding.party for holding in side.holders}), f"equal share of {side.subject}")

    def _claimed(self, side: SideState, right: Right | None) -> list[tuple[str, Fraction]]:
        """Return the shares in force for a right there and then; a share of nothing has no part."""
        found = []
        for claim in self.rights.claims(side.subject):
            fact = claim.fact
            if fact.right is not right or not fact.share or fact.role.side is not side.side:
                continue
            if not claim.effective or not claim.in_force(self.at):
                continue
            if self.tariff.territory in territories.resolve(fact.territory, at=self.at):
                found.append((str(fact.party), fact.share))
        return sorted(found)


def _paid(legs: list[Leaf]) -> list[tuple[str, str, Fraction]]:
    """Return who gets what on which leg, however it is worked out."""
    return sorted((leaf.holder, leaf.leg, leaf.share) for leaf in legs)


def _performers(side: SideState, featured_fraction: Fraction) -> Parts:
    """Return the performers' own leg: the featured ones' fraction and the others', equally within each group."""
    if Problem.BLOCKING_DISPUTE in side.problems or not side.complete:
        return Held(DISPUTED if Problem.BLOCKING_DISPUTE in side.problems else INCOMPLETE)
    featured = _parties(side.holders, Role.FEATURED_PERFORMER)
    others = [party for party in _parties(side.holders, Role.NON_FEATURED_PERFORMER) if party not in featured]
    groups = [
        ("featured performers", featured, featured_fraction if others else _ONE),
        ("non-featured performers", others, 1 - featured_fraction if featured else _ONE),
    ]
    return tuple(
        Part(part.holder, (Step(name, fraction), *part.steps))
        for name, parties, fraction in groups
        if parties and fraction
        for part in _equally(parties, "equal share of the group")
    )


def _parties(holders: Iterable[Holding], role: Role) -> list[str]:
    return sorted({str(holding.party) for holding in holders if holding.role is role})


def _equally(parties: Sequence[str], label: str) -> tuple[Part, ...]:
    return tuple(Part(party, (Step(label, Fraction(1, len(parties))),)) for party in parties)


def _leaf(holder: str, leg: str, *, steps: tuple[Step, ...]) -> Leaf:
    path = Path(steps)
    return Leaf(holder, leg, path.share, (path,))
