"""Chains of title: whether what a publisher claims or collects comes down to it from a writer of the work.

Rights pass along the links of a chain, each within its territory and period; a link gives no more than its grantor
has. What a publisher claims beyond what reaches it is a break. A break of a claim for which a chain is on record, and
which that chain does not bear out, blocks where it is broken; every other break is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.registry.trade_facts import ChainAsserted, ChainKind
from cantoria.registry.types import WRITER_ROLES, Role
from cantoria.registry.views import ChainView, ClaimView, CollectionView

# Who only shares in the income has nothing to pass on.
_PASSES_ON: Final = frozenset(ChainKind) - {ChainKind.INCOME}


@dataclass(frozen=True, slots=True)
class Break:
    """What a party claims or collects of a work without a chain that bears it out: where (a mask of countries, as of
    the moment asked about), whether it blocks there, why, what the party says, and the links on record."""

    party: str
    where: int
    blocks: bool
    why: str
    said: tuple[Recorded[Any], ...]
    chains: tuple[Recorded[ChainAsserted], ...]


class ChainBook:
    """Everything on record that bears on the chain of title of one work. Links without effect are left out."""

    __slots__ = ("_blocked", "_chains", "_claims", "_collections")

    def __init__(
        self, claims: Iterable[ClaimView], collections: Iterable[CollectionView], chains: Iterable[ChainView]
    ) -> None:
        self._chains = [chain for chain in chains if chain.effective]
        self._claims = [claim for claim in claims if claim.effective] if self._chains else []
        self._collections = list(collections) if self._chains else []
        self._blocked: tuple[int, int] | None = None

    def expressions(self) -> set[str]:
        """Return the territory expressions of the links."""
        return {chain.fact.territory for chain in self._chains}

    def blocked(self, country: str, at: int) -> bool:
        """Tell whether a break blocks in one country (TIS or ISO alpha-2 code) at one moment."""
        if not self._chains:
            return False
        if self._blocked is None or self._blocked[0] != at:
            where = 0
            for broken in self.breaks(at):
                where |= broken.where if broken.blocks else 0
            self._blocked = (at, where)
        return country in territories.TerritorySet(self._blocked[1])

    def breaks(self, at: int) -> list[Break]:
        """Return every break at the moment `at`, by party."""
        if not self._chains:
            return []
        reach = self._reach(at)
        parties = {claim.fact.party for claim in self._publishers(at)}
        parties |= {said.fact.party for said in self._collecting(at)}
        parties |= {chain.fact.acquirer for chain in self._chains if chain.in_force(at)}
        found = [self._break(party, reach, at) for party in sorted(parties)]
        found += self._writers_without(at)
        return [broken for broken in found if broken is not None]

    def _writers_without(self, at: int) -> list[Break | None]:
        """Return the writers that collect through a publisher's registration, and from whom no link leads anywhere: a
        registration that controls a writer says who publishes it (CWR: an SWR without a PWR)."""
        grantors = {chain.fact.grantor for chain in self._chains}
        chains = tuple(chain.recorded for chain in self._chains)
        collecting: dict[str, list[CollectionView]] = {}
        for said in self._collections:
            if said.fact.role in WRITER_ROLES and said.fact.party not in grantors and said.in_force(at):
                collecting.setdefault(said.fact.party, []).append(said)
        return [
            Break(
                writer,
                0,
                False,
                f"{writer} collects as a writer, and no chain leads from {writer} to a publisher",
                tuple(said.recorded for said in collecting[writer]),
                chains,
            )
            for writer in sorted(collecting)
        ]

    def _publishers(self, at: int) -> list[ClaimView]:
        return [claim for claim in self._claims if claim.fact.role is Role.PUBLISHER and claim.in_force(at)]

    def _collecting(self, at: int) -> list[CollectionView]:
        return [said for said in self._collections if said.fact.role is Role.PUBLISHER and said.in_force(at)]

    def _reach(self, at: int) -> dict[str, int]:
        """Return where each party has rights: writers by their claims, others by what links bring them."""
        reach: dict[str, int] = {}
        for claim in self._claims:
            if claim.fact.role in WRITER_ROLES and claim.in_force(at):
                reach[claim.fact.party] = reach.get(claim.fact.party, 0) | _countries(claim.fact.territory, at)
        links = [chain.fact for chain in self._chains if chain.in_force(at)]
        only_income: dict[str, int] = {}
        ahead = list(reach)
        while ahead:
            grantor = ahead.pop()
            for link in links:
                if link.grantor != grantor:
                    continue
                has = reach if link.kind in _PASSES_ON else only_income
                gains = reach[grantor] & _countries(link.territory, at, unreadable=0) & ~has.get(link.acquirer, 0)
                if gains:
                    has[link.acquirer] = has.get(link.acquirer, 0) | gains
                    ahead += [link.acquirer] if has is reach else []
        for party, where in only_income.items():
            reach[party] = reach.get(party, 0) | where
        return reach

    def _break(self, party: str, reach: dict[str, int], at: int) -> Break | None:
        claims = [claim for claim in self._publishers(at) if claim.fact.party == party]
        collects = [said for said in self._collecting(at) if said.fact.party == party]
        named = [chain for chain in self._chains if chain.fact.acquirer == party]
        claimed = wanted = 0
        for view in claims:
            claimed |= _countries(view.fact.territory, at)
        for collection in collects:
            wanted |= _countries(collection.fact.territory, at)
        for chain in named if not (claims or collects) else ():
            wanted |= _countries(chain.fact.territory, at) if chain.in_force(at) else 0
        has = reach.get(party, 0)
        if not (claimed | wanted) & ~has or not (named or self._all_granted(at)):
            return None
        blocks = bool(named and claimed & ~has)
        said: tuple[Recorded[Any], ...] = (*(view.recorded for view in claims), *(view.recorded for view in collects))
        where = claimed & ~has if blocks else (claimed | wanted) & ~has
        chains = tuple(chain.recorded for chain in self._chains)
        return Break(party, where, blocks, self._why(party, named, reach, at), said, chains)

    def _all_granted(self, at: int) -> bool:
        """Tell whether every writer has passed rights on by a link on record: then nobody is left from whom a
        publisher that no link names could have any."""
        grantors = {chain.fact.grantor for chain in self._chains}
        writers = {claim.fact.party for claim in self._claims if claim.fact.role in WRITER_ROLES and claim.in_force(at)}
        return writers <= grantors

    def _why(self, party: str, named: list[ChainView], reach: dict[str, int], at: int) -> str:
        reasons = []
        for chain in named:
            grantor = chain.fact.grantor
            if not chain.in_force(at):
                reasons.append(f"the chain to {party} recorded as entry {chain.index} is not in force")
            elif not grantor:
                reasons.append(f"the chain to {party} recorded as entry {chain.index} names no grantor")
            elif not reach.get(grantor):
                reasons.append(f"no chain brings {grantor}, who grants to {party}, any rights from a writer")
            else:
                reasons.append(f"{party} has less from {grantor} than it claims: the territories do not agree")
        return "; ".join(reasons) or f"every writer has granted to others, and no chain leads to {party}"


def _countries(expression: str, at: int, *, unreadable: int | None = None) -> int:
    """Return the mask of an expression; one that nobody can read claims everything and grants nothing."""
    try:
        return territories.resolve(expression, at=at).mask
    except InputError:
        return territories.countries(at).mask if unreadable is None else unreadable
