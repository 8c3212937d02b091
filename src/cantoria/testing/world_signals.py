"""Outside signals of a random world: on record of its works and recordings, and beside its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from cantoria.clearance.types import Row
from cantoria.consent.signal_facts import SignalObserved, SignalRetracted
from cantoria.consent.signals import LATEST, Covers, Found, Said, Stance, Standard, crosswalk
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import SignalId
from cantoria.kernel.periods import Period
from cantoria.testing.book import Book
from cantoria.testing.world_parts import MOMENTS, PLACES, Cast, chance, some_uses

_STANDARDS = (Standard.DDEX, Standard.TDMREP, Standard.AIPREF)


def note_signals(book: Book, rng: Random, cast: Cast) -> None:
    """Record up to two signals in every fifth world, by those who may tighten an answer and by others."""
    if not chance(rng, 0.2):
        return
    for number in range(rng.randint(1, 2)):
        signal = SignalId(f"signal_{number}")
        by, capacity = rng.choice(
            ((cast.cmo, Capacity.CMO), (cast.label, Capacity.PRODUCER), (cast.stranger, Capacity.PRODUCER))
        )
        book.say(_observed(rng, cast, signal), by=by, capacity=capacity)
        if chance(rng, 0.2):
            book.say(SignalRetracted(signal=signal, at=rng.choice(MOMENTS)), by=by, capacity=capacity)


def _observed(rng: Random, cast: Cast, signal: SignalId) -> SignalObserved:
    standard = rng.choice(_STANDARDS)
    category = rng.choice(crosswalk(LATEST).categories(standard))
    start, end = sorted(rng.sample(MOMENTS, k=2))
    return SignalObserved(
        signal=signal,
        things=tuple(rng.sample([*cast.works, *cast.recordings], k=2)),
        standard=standard,
        version="1",
        found=Found.FILE,
        place="a file",
        said=(Said(category, rng.choice((Stance.REFUSED, Stance.REFUSED, Stance.ALLOWED))),),
        crosswalk=LATEST,
        evidence="0" * 64,
        covers=rng.choice(tuple(Covers)),
        territory=rng.choice(PLACES),
        period=rng.choice((Period(), Period(start, end))),
    )


def refuse_beside(rows: Iterable[Row], rng: Random) -> list[Row]:
    """Return the rows, some of them with a signal beside that refuses uses."""
    return [replace(row, refused=some_uses(rng)) if chance(rng, 0.03) else row for row in rows]
