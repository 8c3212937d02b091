"""What the way to a licence records. Tags 354 to 359, never reused (spec/licensing.md, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.consent.types import ANYONE, LicenseeTerm, Scope
from cantoria.kernel.facts import FactType, Signature
from cantoria.kernel.ids import DelegationId, PartyId, StatementId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import Use
from cantoria.licensing.facts import DEALERS
from cantoria.licensing.offers import LicenceId, Offer, Price, RequestId, TermsDigest
from cantoria.licensing.terms import Terms
from cantoria.registry.facts import REGISTRARS


class Stance(StrEnum):
    """What a voice answers. Silence until the offer expires is a no."""

    ACCEPT = "accept"
    COUNTER = "counter"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRequested:
    """A licensee offers a holder a licence. `voices` are those whose yes is missing: the holder, or its heirs,
    co-signers and trust CMO; each must accept. `request` is the step in which it was asked, `basis` the certificate
    or the digest of the manifest behind it.

    `settled_by` are published prices that the offer meets: the holder said yes beforehand. A later one with the same
    licence and the next number is a new offer to the same holder for the same things and use; the old one is off the
    table.
    """

    TYPE: ClassVar = FactType(354, "licence-requested", DEALERS)
    request: RequestId
    offer: Offer
    voices: tuple[PartyId, ...]
    basis: str = ""
    settled_by: tuple[StatementId, ...] = ()
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.offer.licence, self.request, self.offer.licensee, self.offer.holder, *self.voices)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceAnswered:
    """A voice answers the offer with the digest `offer`. To accept it names the `statements` by which the yes was said
    just before; to counter, what it asks for instead. `speaker` is who answers for the voice: itself, its guardian,
    or its delegate under `delegation`. `note` is no place for personal data: it stays as long as the licence."""

    TYPE: ClassVar = FactType(355, "licence-answered", REGISTRARS)
    licence: LicenceId
    offer: str
    voice: PartyId
    speaker: PartyId
    stance: Stance
    statements: tuple[StatementId, ...] = ()
    price: Price | None = None
    terms: TermsDigest | None = None
    delegation: DelegationId | None = None
    note: str = ""
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.licence, self.voice, self.speaker)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceWithdrawn:
    """The licensee takes an offer off the table, or notes that it expired: no answer after it counts, whatever time
    that claims."""

    TYPE: ClassVar = FactType(356, "licence-withdrawn", DEALERS)
    licence: LicenceId
    licensee: PartyId
    reason: str = ""
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.licence, self.licensee)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceConcluded:
    """The receipt of a licence: every voice accepted the offer with the digest `offer`, by these `statements`, for
    this price in all. It makes nothing true: it counts where the answers before it bear it out."""

    TYPE: ClassVar = FactType(357, "licence-concluded", DEALERS)
    licence: LicenceId
    offer: str
    licensee: PartyId
    holder: PartyId
    statements: tuple[StatementId, ...]
    total: Money | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.licence, self.licensee, self.holder)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """One published price per thing: for these uses, licensees, things, places and times, by this yes."""

    statement: StatementId
    uses: frozenset[Use]
    scope: Scope
    price: Money
    licensee: LicenseeTerm = ANYONE
    territory: str = WORLD
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListPublished:
    """A holder publishes prices: each line stands beside a yes of the holder with that least price, so an offer that
    meets it is cleared at once. A later list with the same id, of the same holder, takes the place of the earlier."""

    TYPE: ClassVar = FactType(358, "price-list-published", REGISTRARS)
    price_list: str
    holder: PartyId
    speaker: PartyId
    terms: TermsDigest
    lines: tuple[PriceLine, ...]
    delegation: DelegationId | None = None
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.price_list, self.holder, self.speaker)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPublished:
    """An organisation publishes a document of terms; its digest follows from it. The standard terms need no publishing:
    every house knows them."""

    TYPE: ClassVar = FactType(359, "terms-published", DEALERS)
    terms: Terms

    def subjects(self) -> tuple[str, ...]:
        return (self.terms.digest,)
