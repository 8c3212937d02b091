"""An offer of a licence: who may do what with which things, where, when, for how much, and under which terms.

An answer binds the digest of the exact offer (spec/licensing.md, section 2), so no word said to one offer counts for
another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from cantoria.consent.types import Scope, ScopeKind
from cantoria.kernel import canonical
from cantoria.kernel.codec import to_json
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.money import FINE_MAX, Money
from cantoria.kernel.periods import Period
from cantoria.kernel.uses import Use

LicenceId = NewType("LicenceId", str)  # one holder's licence
RequestId = NewType("RequestId", str)  # everything that was asked for in one step
TermsDigest = NewType("TermsDigest", str)  # SHA-256 (hex) of a document of terms

OFFER_DOMAIN: Final = b"cantoria/licence-offer/v1\x00"
ID_DOMAIN: Final = b"cantoria/licence-id/v1\x00"
SCOPES_MAX: Final = 2_000  # of one licence: its body stays far below the limit of a fact
SCOPE_KINDS: Final = frozenset({ScopeKind.RECORDING, ScopeKind.WORK, ScopeKind.PERSONA})


class Basis(StrEnum):
    """What a price is for: each thing that the offer lists, or all of them together."""

    PER_ROW = "per_row"
    LUMP_SUM = "lump_sum"


@dataclass(frozen=True, slots=True)
class Price:
    """An exact amount for the holder alone. Nothing is paid here: it is what was agreed."""

    amount: Money
    basis: Basis = Basis.PER_ROW

    def payable(self, things: int) -> bool:
        """Tell whether the price is not below zero, and comes to an amount that can be written, for so many things."""
        times = things if self.basis is Basis.PER_ROW else 1
        return self.amount.fine >= 0 and self.amount.fine * times <= FINE_MAX

    def total(self, things: int) -> Money:
        """Return what the price comes to for so many things."""
        if self.basis is Basis.LUMP_SUM:
            return self.amount
        return Money(self.amount.fine * things, self.amount.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a licensee offers one holder. `scopes` are recordings (with the works in them that the holder has), works
    used by themselves, or the holder as a person; sorted, each once.

    `number` counts the offers of one licence from 1, so that no two have the same digest. `price` None asks for a yes
    without payment. `terms` is the digest of a document of terms. `model_version` None asks for every model of the
    licensee. `expires_at` (UTC microseconds) is when silence becomes a no.
    """

    licence: LicenceId
    number: int
    licensee: PartyId
    holder: PartyId
    use: Use
    scopes: tuple[Scope, ...]
    territory: str
    period: Period
    expires_at: int
    terms: TermsDigest
    price: Price | None = None
    model: str = ""
    model_version: str | None = None
    licensee_classes: tuple[str, ...] = ()
    attribution: bool = False
    label: bool = False
    campaign: str | None = None

    @property
    def total(self) -> Money | None:
        """What the price comes to, None where none is offered."""
        return None if self.price is None else self.price.total(len(self.scopes))


def digest_of(offer: Offer) -> str:
    """Return the SHA-256 (hex) of an offer's canonical form under a domain of its own: what an answer binds."""
    return hashlib.sha256(OFFER_DOMAIN + canonical.encode(to_json(offer))).hexdigest()


def licence_id(request: str, *, holder: str, voices: Iterable[str], scopes: Iterable[Scope], way: str) -> LicenceId:
    """Return the id of one licence of a request. It is worked out, not drawn: who repeats a request that was cut off
    asks nobody twice. `way` is the use, and the price where a published one settles it."""
    things = [f"{int(scope.kind)} {scope.id}" for scope in scopes]
    named = canonical.encode([request, holder, sorted(voices), things, way])
    return LicenceId(typed_id("licence", hashlib.sha256(ID_DOMAIN + named).digest()[:16]))


def request_id(key: str, *, licensee: str) -> RequestId:
    """Return the id of a request by its key: the same licensee with the same key means the same request."""
    return RequestId(typed_id("request", hashlib.sha256(ID_DOMAIN + canonical.encode([licensee, key])).digest()[:16]))
