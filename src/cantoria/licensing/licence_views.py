"""A licence as it stands: the offer on the table, what each voice answered, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.licensing.licence_facts import LicenceAnswered, LicenceConcluded, LicenceRequested, Stance
from cantoria.licensing.offers import Offer


class LicenceState(StrEnum):
    """OPEN and COUNTERED wait for somebody; the others are ends."""

    OPEN = "open"
    COUNTERED = "countered"
    CONCLUDED = "concluded"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def waits(self) -> bool:
        """Tell whether it may still be concluded."""
        return self in (LicenceState.OPEN, LicenceState.COUNTERED)


@dataclass(frozen=True, slots=True)
class Licence:
    """One holder's licence. `answers` are the last ones with effect to the offer on the table, by voice; `end` is how
    it ended, None while it waits; `statements` make it where it is concluded; `concluded_at` is the ledger index as of
    which it was; `receipt` the recorded conclusion."""

    recorded: Recorded[LicenceRequested]
    digest: str
    answers: tuple[tuple[PartyId, Recorded[LicenceAnswered]], ...]
    end: LicenceState | None
    statements: tuple[StatementId, ...]
    concluded_at: int | None
    receipt: Recorded[LicenceConcluded] | None

    @property
    def fact(self) -> LicenceRequested:
        return self.recorded.fact

    @property
    def offer(self) -> Offer:
        return self.recorded.fact.offer

    def state(self, at: int) -> LicenceState:
        """Return the state at the moment `at`: silence until the offer expires is a no."""
        if self.end is not None:
            return self.end
        if at >= self.offer.expires_at:
            return LicenceState.EXPIRED
        countered = any(said.fact.stance is Stance.COUNTER for _, said in self.answers)
        return LicenceState.COUNTERED if countered else LicenceState.OPEN

    def waiting(self, at: int, *, again: bool = False) -> tuple[PartyId, ...]:
        """Return the voices whose answer is awaited at the moment `at`, sorted. A counter waits for the licensee; with
        `again` its voice counts too."""
        if not self.state(at).waits:
            return ()
        said = {voice for voice, one in self.answers if not again or one.fact.stance is Stance.ACCEPT}
        return tuple(voice for voice in self.fact.voices if voice not in said)
