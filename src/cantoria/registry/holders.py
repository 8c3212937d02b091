"""One side of one subject: who holds it, and whether they are all (RULES section 4).

A side is complete when somebody entitled signed so for exactly the claims in force, or when it is in the public
domain. Everything else is a problem with a name. Compiled once per subject; every state is computed once per
stretch of time and set of territories that can differ.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.registry.claims import Claims, Declaration
from cantoria.registry.facts import PublicDomainEvidenced
from cantoria.registry.standing import REGISTERS
from cantoria.registry.types import WRITER_ROLES, Holding, Problem, Right, Role, Side, SideState
from cantoria.registry.views import ClaimView

_ORDER = {problem: position for position, problem in enumerate(Problem)}
_PERFORMERS = frozenset({Role.FEATURED_PERFORMER, Role.NON_FEATURED_PERFORMER})
Vouched = Callable[[Recorded[Any]], bool]  # tells whether an office, or who registered the subject, recorded a fact
Broken = Callable[[str, int], bool]  # tells whether a chain of title is broken in a country at a moment
Inside = Callable[[str], bool]  # tells of a territory expression whether it holds the country in question


class SideBook:
    """Everything on record that bears on one side of one subject, and the states computed from it."""

    __slots__ = (
        "_broken",
        "_claims",
        "_declared",
        "_disputed",
        "_free",
        "_moments",
        "_registered",
        "_states",
        "_vouched",
        "expressions",
        "side",
        "subject",
    )

    def __init__(
        self,
        subject: str,
        side: Side,
        *,
        claims: Claims,
        disputed: bool,
        registered: bool,
        vouched: Vouched,
        broken: Broken,
    ) -> None:
        self.subject, self.side = subject, side
        self._vouched, self._broken = vouched, broken
        self._registered, self._disputed = registered, disputed
        self._claims = [c for c in claims.of_subject(subject) if c.effective and c.fact.role.side is side]
        self._declared = [said for said in claims.declarations(subject, side) if said.authentic and not said.withdrawn]
        self._free = claims.public_domain(subject, side)
        used = {claim.fact.territory for claim in self._claims} | {said.fact.territory for said in self._free}
        self.expressions = tuple(sorted(used))
        self._moments = self._changes()
        self._states: dict[tuple[int, tuple[bool, ...], bool], SideState] = {}

    def _changes(self) -> list[int]:
        """Return the moments at which anything begins or ends, sorted."""
        periods = [claim.fact.period for claim in self._claims]
        periods += [said.recorded.fact.period for said in self._declared]
        periods += [said.fact.period for said in self._free]
        ends = {period.end for period in periods} | {claim.withdrawn_at for claim in self._claims}
        return sorted({period.start for period in periods} | {end for end in ends if end is not None})

    def state(self, *, territory: str, at: int) -> SideState:
        """Return the state in one country (TIS or ISO alpha-2 code) at one moment."""
        covers = tuple([_holds(text, territory, at) for text in self.expressions])
        blocked = self._disputed or (self.side is Side.WORK and self._broken(territory, at))
        key = (bisect_right(self._moments, at), covers, blocked)
        state = self._states.get(key)
        if state is None:
            inside = dict(zip(self.expressions, covers, strict=True)).__getitem__
            state = self._states[key] = self._compute(inside, at, blocked=blocked)
        return state

    def _compute(self, inside: Inside, at: int, *, blocked: bool) -> SideState:
        problems = {Problem.BLOCKING_DISPUTE} if blocked else set()
        in_force = [claim for claim in self._claims if claim.in_force(at)]
        here = [claim for claim in in_force if inside(claim.fact.territory)]
        if any(_applies(said.fact, inside, at) and self._frees(said, here) for said in self._free):
            return SideState(self.subject, self.side, True, True, (), tuple(problems))
        holders = tuple(sorted({Holding(claim.fact.party, claim.fact.role) for claim in here}))
        sums = share_sums(here).values()
        negative = any(claim.fact.share is not None and claim.fact.share < 0 for claim in here)
        whole = all(total == 1 for total in sums) and not negative
        if not here:
            problems.add(Problem.NO_HOLDERS)
        elif not (self._registered and _roles_filled(holders, self.side) and self._declared_whole(in_force, at)):
            problems.add(Problem.HOLDERS_INCOMPLETE)
        if negative or any(total < 1 for total in sums):
            problems.add(Problem.SHARES_NOT_WHOLE)
        if any(total > 1 for total in sums):
            problems.add(Problem.BLOCKING_DISPUTE)
        missing = problems - {Problem.BLOCKING_DISPUTE}
        ordered = tuple(sorted(problems, key=_ORDER.__getitem__))
        return SideState(self.subject, self.side, whole and not missing, False, holders, ordered)

    def _frees(self, said: Recorded[PublicDomainEvidenced], here: list[ClaimView]) -> bool:
        """Tell whether evidence of the public domain has effect: a register's; that of an office or of who registered
        the subject only where nobody else recorded a claim that says otherwise."""
        if said.capacity in REGISTERS:
            return True
        return self._vouched(said) and all(claim.organisation == said.organisation for claim in here)

    def _declared_whole(self, in_force: list[ClaimView], at: int) -> bool:
        """Tell whether somebody entitled signed that exactly these claims are all.

        A claim recorded or changed after the statement was not seen by whoever signed it, so it does not count as
        listed: neither adding nor swapping a holder passes unnoticed.
        """
        listed = {claim.fact.claim for claim in in_force}
        latest = max((claim.index for claim in in_force), default=-1)
        return any(
            said.recorded.index > latest
            and said.recorded.fact.period.contains(at)
            and set(said.recorded.fact.claims) == listed
            and self._entitled(said, in_force)
            for said in self._declared
        )

    def _entitled(self, said: Declaration, in_force: list[ClaimView]) -> bool:
        """Tell whether the signer may say that these are all. Nobody makes itself a producer or publisher for that: the
        claim must come from an office or from who registered the subject."""
        role = Role.PRODUCER if self.side is Side.RECORDING else Role.PUBLISHER
        signer = said.recorded.fact.signed_by
        if self.side is Side.WORK and said.by_cmo:
            return True
        return any(
            claim.fact.party == signer and claim.fact.role is role and self._vouched(claim.recorded)
            for claim in in_force
        )


def share_sums(claims: list[ClaimView]) -> dict[Right | None, Fraction]:
    """Return the sum of the shares claimed for each right; a claim without a share only names its holder."""
    sums: dict[Right | None, Fraction] = {}
    for claim in claims:
        if claim.fact.share is not None:
            sums[claim.fact.right] = sums.get(claim.fact.right, Fraction(0)) + claim.fact.share
    return sums


def _roles_filled(holders: tuple[Holding, ...], side: Side) -> bool:
    """Tell whether the roles without which no side of that kind exists are there."""
    roles = {holder.role for holder in holders}
    if side is Side.RECORDING:
        return Role.PRODUCER in roles and bool(roles & _PERFORMERS)
    return bool(roles & WRITER_ROLES)


def _applies(fact: PublicDomainEvidenced, inside: Inside, at: int) -> bool:
    return fact.period.contains(at) and inside(fact.territory)


def _holds(text: str, territory: str, at: int) -> bool:
    """Tell whether an expression holds a country; one that nobody can read holds all, so that no holder is lost."""
    try:
        resolved = territories.resolve(text, at=at)
    except InputError:
        return True
    return territory in resolved
