"""One licence while the facts about it are taken in: the offer on the table, the answers to it, and its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.licensing.licence_facts import LicenceAnswered, LicenceConcluded, LicenceRequested, Stance
from cantoria.licensing.licence_reasons import Unheard
from cantoria.licensing.licence_views import Licence, LicenceState
from cantoria.licensing.offers import Offer, digest_of


@dataclass(slots=True)
class Talk:
    """One licence while its facts are taken in; `settled` tells that published prices settled it."""

    recorded: Recorded[LicenceRequested]
    digest: str = ""
    moment: int = 0
    answers: dict[PartyId, Recorded[LicenceAnswered]] = field(default_factory=dict)
    end: LicenceState | None = None
    concluded_at: int | None = None
    settled: bool = False
    receipt: Recorded[LicenceConcluded] | None = None

    def __post_init__(self) -> None:
        self.digest = digest_of(self.offer)

    @property
    def fact(self) -> LicenceRequested:
        return self.recorded.fact

    @property
    def offer(self) -> Offer:
        return self.recorded.fact.offer

    def past(self, recorded: Recorded[Any]) -> bool:
        """Tell whether something was said once the offer had expired. What stands behind something else in the ledger
        was said after it, whatever time it claims."""
        return max(self.moment, recorded.claimed_at) >= self.offer.expires_at

    def renew(self, recorded: Recorded[LicenceRequested]) -> Unheard | None:
        """Return why a new offer cannot take the place of the one on the table, None when it can."""
        new, old = recorded.fact, self.fact
        if self.end is not None:
            return Unheard.ENDED
        if new.offer.number != old.offer.number + 1:
            return Unheard.OFFER_OUT_OF_TURN
        if self.past(recorded):
            return Unheard.TOO_LATE
        same = (new.offer.holder, new.offer.use, new.offer.scopes, new.voices, new.request)
        if same != (old.offer.holder, old.offer.use, old.offer.scopes, old.voices, old.request):
            return Unheard.OTHER_THINGS
        return None

    def put(self, recorded: Recorded[LicenceRequested], *, settled: bool) -> None:
        """Put an offer on the table: what was answered to the one before is past."""
        self.recorded, self.digest, self.answers = recorded, digest_of(recorded.fact.offer), {}
        self.moment = max(self.moment, recorded.claimed_at)
        if settled:
            self.settled, self.end, self.concluded_at = True, LicenceState.CONCLUDED, recorded.index

    def hear(self, recorded: Recorded[LicenceAnswered]) -> None:
        """Take in an answer with effect."""
        self.answers[recorded.fact.voice] = recorded
        self.moment = max(self.moment, recorded.claimed_at)
        if recorded.fact.stance is Stance.DECLINE:
            self.end = LicenceState.DECLINED
        elif self._agreed():
            self.end, self.concluded_at = LicenceState.CONCLUDED, recorded.index

    def _agreed(self) -> bool:
        return all(
            voice in self.answers and self.answers[voice].fact.stance is Stance.ACCEPT for voice in self.fact.voices
        )

    def statements(self) -> tuple[StatementId, ...]:
        """Return the statements that make the licence; none while it is not concluded."""
        if self.end is not LicenceState.CONCLUDED:
            return ()
        named = [name for said in self.answers.values() for name in said.fact.statements]
        return tuple(sorted({*named, *(self.fact.settled_by if self.settled else ())}))

    def view(self) -> Licence:
        answers = tuple(sorted(self.answers.items()))
        return Licence(
            self.recorded, self.digest, answers, self.end, self.statements(), self.concluded_at, self.receipt
        )
