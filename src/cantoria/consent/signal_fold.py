"""The fold of outside signals: what was recorded of which thing, and whose record tightens the answer of everyone.

A signal tightens where an office recorded it (register, CMO, performers' organisation), or who registered the thing
first, or a holder of it for as long as its claim is in force. Anybody else's is kept and shown. Nothing ever loosens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cantoria.consent.signal_facts import SignalObserved, SignalRetracted
from cantoria.consent.signals import Covers, refused_uses
from cantoria.kernel.facts import Recorded
from cantoria.kernel.periods import TIME_MIN, Period
from cantoria.kernel.uses import Use
from cantoria.registry import Registry, Side
from cantoria.registry.claims import readable
from cantoria.registry.standing import OFFICES, REGISTERS


@dataclass(frozen=True, slots=True)
class Noted:
    """A recorded signal, and from when on it is retracted (UTC microseconds, None = it stands)."""

    recorded: Recorded[SignalObserved]
    ends: int | None = None

    @property
    def fact(self) -> SignalObserved:
        return self.recorded.fact

    @property
    def period(self) -> Period | None:
        """Return when it speaks, None when never."""
        if self.ends is None:
            return self.fact.period
        return self.fact.period.intersect(Period(TIME_MIN, self.ends)) if self.ends > TIME_MIN else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a signal refuses of a thing for everyone: uses, where (a territory expression), when, and the ledger index
    of the record."""

    thing: str
    uses: frozenset[Use]
    territory: str
    period: Period
    index: int


class Signals:
    """All recorded signals as of one ledger size, by the things that they speak of."""

    __slots__ = ("_by_thing", "_retracted", "_said")

    def __init__(self) -> None:
        self._said: list[Recorded[SignalObserved]] = []
        self._by_thing: dict[str, list[Recorded[SignalObserved]]] = {}
        self._retracted: dict[str, list[Recorded[SignalRetracted]]] = {}

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]], *, size: int | None = None) -> Signals:
        """Return the signals that the facts with an index below `size` (None = all) record."""
        signals = Signals()
        for recorded in facts:
            if size is None or recorded.index < size:
                signals.add(recorded)
        return signals

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in one fact; those of other types are passed over."""
        if isinstance(recorded.fact, SignalObserved):
            self._said.append(recorded)
            for thing in dict.fromkeys(recorded.fact.things):
                self._by_thing.setdefault(thing, []).append(recorded)
        elif isinstance(recorded.fact, SignalRetracted):
            self._retracted.setdefault(recorded.fact.signal, []).append(recorded)

    def __bool__(self) -> bool:
        return bool(self._said)

    def things(self) -> tuple[str, ...]:
        """Return the ids of all things that signals speak of, sorted."""
        return tuple(sorted(self._by_thing))

    def on(self, thing: str) -> tuple[Noted, ...]:
        """Return everything recorded of a thing, in ledger order, retracted or not, whoever recorded it."""
        said = sorted(self._by_thing.get(thing, ()), key=lambda recorded: recorded.place)
        return tuple(Noted(recorded, self._ends(recorded)) for recorded in said)

    def refusals(self, thing: str, *, registry: Registry) -> Iterator[Refusal]:
        """Give what signals refuse of a thing for everyone, in ledger order."""
        if thing not in self._by_thing:
            return
        is_work = registry.side_of(thing) is Side.WORK
        for noted in self.on(thing):
            uses = refused_uses(noted.fact.outside(), version=noted.fact.crosswalk)
            if not uses or (is_work and noted.fact.covers is Covers.RECORDING):
                continue
            for period in _counts(noted, thing, registry):
                yield Refusal(thing, uses, noted.fact.territory, period, noted.recorded.index)

    def territory_expressions(self) -> set[str]:
        """Return every readable territory expression that signals use; one that nobody can read holds everywhere."""
        return {text for recorded in self._said if readable(text := recorded.fact.territory)}

    def _ends(self, said: Recorded[SignalObserved]) -> int | None:
        """Return from when on a record is retracted by whoever made it, or by a register."""
        ends = [
            taken.fact.at
            for taken in self._retracted.get(said.fact.signal, ())
            if taken.place > said.place and (taken.organisation == said.organisation or taken.capacity in REGISTERS)
        ]
        return min(ends, default=None)


def _counts(noted: Noted, thing: str, registry: Registry) -> Iterator[Period]:
    """Give the stretches of time in which a record tightens the answers for a thing."""
    period, said = noted.period, noted.recorded
    if period is None:
        return
    if said.capacity in OFFICES or registry.registered_by(thing) == said.organisation:
        yield period
        return
    for claim in registry.claims(thing):
        if not (claim.effective and claim.fact.party == said.organisation):
            continue
        end = claim.withdrawn_at
        held = claim.fact.period
        if end is not None:
            cut = held.intersect(Period(TIME_MIN, end)) if end > TIME_MIN else None
            if cut is None:
                continue
            held = cut
        both = held.intersect(period)
        if both is not None:
            yield both
