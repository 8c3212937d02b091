"""How much money a pair is about: what waits for the two things, else what they earned, else how often they were used.

Money that waits stands in the named balances of the postings (`suspense:…`, `unattributed`) under the thing, or under
one of its codes where the code names nothing or several things: just what a match can settle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cantoria.app import payday
from cantoria.app.house import House
from cantoria.app.waiting import pools_of
from cantoria.registry import Registry
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import Relation
from cantoria.royalty.types import SUSPENSES, UNATTRIBUTED
from cantoria.usage.facts import UsageReported
from cantoria.usage.lines import read_usage

WAITING: Final = frozenset({*SUSPENSES, UNATTRIBUTED})


@dataclass(frozen=True, slots=True, order=True)
class Stake:
    """What is at stake, in order of weight: fine units that wait, fine units earned, plays reported."""

    waiting: int = 0
    earned: int = 0
    plays: int = 0

    def plus(self, other: Stake) -> Stake:
        """Return both together."""
        return Stake(self.waiting + other.waiting, self.earned + other.earned, self.plays + other.plays)


@dataclass(frozen=True, slots=True)
class Stakes:
    """Stakes by thing or code. `basis` says what the queue is ranked by: waiting, earned, plays or nothing."""

    currency: str
    waiting: Counter[str] = field(default_factory=Counter)
    earned: Counter[str] = field(default_factory=Counter)
    plays: Counter[str] = field(default_factory=Counter)

    @property
    def basis(self) -> str:
        if any(self.waiting.values()):
            return "waiting"
        if any(self.earned.values()):
            return "earned"
        return "plays" if self.plays else "nothing"

    def of(self, names: Iterable[str]) -> Stake:
        """Return what is at stake under these ids and code keys, each counted once."""
        found = Stake()
        for name in dict.fromkeys(names):
            found = found.plus(Stake(self.waiting[name], self.earned[name], self.plays[name]))
        return found


def load_stakes(house: House, *, currency: str) -> Stakes:
    """Return what is at stake in a currency, from all postings there are and all plays reported."""
    stakes = Stakes(currency)
    size = house.index.catch_up()
    accounts = payday.load_accounts(house, size=size)
    for pool in pools_of(house, accounts, currency=currency):
        for key, fine in pool.totals.items():
            if key.holder in WAITING:
                stakes.waiting[key.subject] += fine
            elif key.holder.startswith("party_"):
                stakes.earned[key.subject] += fine
                stakes.earned[key.holder] += fine
    if stakes.basis == "nothing":
        for recorded in house.index.scan(tags=[UsageReported.TYPE.tag], size=size):
            for line in read_usage(house.attachments.get(recorded.fact.attachment)).lines:
                stakes.plays[line.code] += line.plays
    return stakes


def names_at_stake(house: House, registry: Registry, thing: str) -> tuple[str, ...]:
    """Return the ids and codes under which money of a thing may stand: its own, and of a work those of its
    recordings. What only a batch registered has the codes that its row says."""
    if registry.registered_index(thing) < 0:
        said = house.index.about([thing], tags=[LinkAsserted.TYPE.tag])
        named = (one.fact.left for one in said if one.fact.relation is Relation.IDENTIFIES)
        return tuple(dict.fromkeys((thing, *named)))
    things = (thing, *registry.recordings_of(thing))
    return tuple(dict.fromkeys(name for one in things for name in (one, *registry.codes_of(one))))
