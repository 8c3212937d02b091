"""What is recorded of outside signals: tags 304 and 305 of consent's range. Neither is anybody's consent.

A recorded signal is evidence: what was found, where, when and how, and the digest of the bytes it was read from, which
are kept as an attachment. It can tighten an answer and never loosen one (RULES section 6, spec/signals.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from cantoria.consent.signals.types import Covers, Found, Offer, OutsideSignal, Said, Standard
from cantoria.kernel.facts import FactType
from cantoria.kernel.ids import SignalId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD

THINGS_MAX: Final = 5_000  # of one recorded signal, so that its body stays small


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalObserved:
    """Somebody read an outside signal on works or recordings (`things`, ids).

    `evidence` is the SHA-256 (hex) of the bytes in which it stands, kept as an attachment; `address` where they were
    found, `retrieved_at` when (UTC microseconds) and `how`, in words. `crosswalk` is the version of the table that
    tells what it refuses. Whose record tightens what is decided where it is read (`consent.signal_fold`).
    """

    TYPE: ClassVar = FactType(304, "signal-observed")
    signal: SignalId
    things: tuple[str, ...]
    standard: Standard
    version: str
    found: Found
    place: str
    said: tuple[Said, ...]
    crosswalk: str
    evidence: str
    address: str = ""
    retrieved_at: int = 0
    how: str = ""
    covers: Covers = Covers.RECORDING
    location: str = ""
    territory: str = WORLD
    period: Period = ALWAYS
    offers: tuple[Offer, ...] = ()

    def subjects(self) -> tuple[str, ...]:
        return (self.signal, *self.things)

    def outside(self) -> OutsideSignal:
        """Return the signal as it was read."""
        return OutsideSignal(
            standard=self.standard,
            version=self.version,
            found=self.found,
            place=self.place,
            said=self.said,
            covers=self.covers,
            location=self.location,
            territory=self.territory,
            period=self.period,
            offers=self.offers,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRetracted:
    """A recorded signal no longer stands from `at` on (UTC microseconds), with the reason in words.

    It can open a door, so it ends only what the same organisation recorded, or, by a register, what anybody did."""

    TYPE: ClassVar = FactType(305, "signal-retracted")
    signal: SignalId
    at: int
    because: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.signal,)
