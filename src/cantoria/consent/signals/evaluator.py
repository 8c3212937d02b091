"""One evaluator for all outside signals: any *no* wins, absent is not allowed, and an *allowed* never allows.

It is a union over the signals, so one more can only add a refusal or a pointer, and their order does not matter.
What one standard's own text lets override another of its signals is settled before (`precedence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cantoria.consent.signals.crosswalk import LATEST, crosswalk
from cantoria.consent.signals.types import Offer, OutsideSignal, Said, Stance
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use


class Weight(StrEnum):
    """What signals come to for a use. NOT_REFUSED opens nothing: whoever has a say must still say yes."""

    REFUSED = "refused"
    NOT_REFUSED = "not_refused"


@dataclass(frozen=True, slots=True)
class Weighed:
    """What signals come to: the verdict, the signals that refuse, and where a licence is said to be on offer."""

    verdict: Weight
    because: tuple[OutsideSignal, ...] = ()
    offers: tuple[Offer, ...] = ()


def weigh(
    signals: Iterable[OutsideSignal], *, use: Use, at: int, territory: str = territories.WORLD, version: str = LATEST
) -> Weighed:
    """Return what signals come to for a use at a moment (UTC microseconds) anywhere in a territory (expression).

    `version` is that of the crosswalk. A signal whose territory cannot be read speaks of everywhere.
    """
    refusing: set[OutsideSignal] = set()
    offers: set[Offer] = set()
    for signal in signals:
        if not (signal.period.contains(at) and _meets(signal.territory, territory, at)):
            continue
        if use in refused_uses(signal, version=version):
            refusing.add(signal)
        if not signal.said or use in named_uses(signal, version=version):  # a pointer alone may be for any use
            offers.update(signal.offers)
    verdict = Weight.REFUSED if refusing else Weight.NOT_REFUSED
    return Weighed(verdict, tuple(sorted(refusing, key=_order)), tuple(sorted(offers)))


def refuses(said: Said, *, offered: bool) -> bool:
    """Tell whether something said is a *no*: a refusal, or terms where nothing says what they are or where."""
    return said.stance is Stance.REFUSED or (said.stance is Stance.CONSTRAINED and not (said.detail or offered))


def refused_uses(signal: OutsideSignal, *, version: str = LATEST) -> frozenset[Use]:
    """Return the uses that a signal refuses, wherever and whenever it speaks."""
    return frozenset(_uses(signal, [one for one in signal.said if refuses(one, offered=bool(signal.offers))], version))


def named_uses(signal: OutsideSignal, *, version: str = LATEST) -> frozenset[Use]:
    """Return the uses that a signal says anything of, yes or no."""
    return frozenset(_uses(signal, signal.said, version))


def _uses(signal: OutsideSignal, said: Iterable[Said], version: str) -> Iterator[Use]:
    table = crosswalk(version)
    for one in said:
        yield from table.uses(signal.standard, one.category)


def _meets(theirs: str, ours: str, at: int) -> bool:
    try:
        return bool(territories.resolve(theirs, at=at) & territories.resolve(ours, at=at))
    except InputError:
        return True


def _order(signal: OutsideSignal) -> tuple[str, ...]:
    said = " ".join(f"{one.category}={one.stance.value}" for one in signal.said)
    return (signal.standard.value, signal.place, signal.location, said, repr(signal))
