"""A stage for the tests of licences: holders with keys, an offer to one of them, and answers of all kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Conditions, LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, Period
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_facts import (
    LicenceAnswered,
    LicenceConcluded,
    LicenceRequested,
    LicenceWithdrawn,
    Stance,
)
from cantoria.licensing.licences import Licences
from cantoria.licensing.offers import Offer, Price, digest_of
from cantoria.licensing.standard_terms import STANDARD
from cantoria.mandates import MandateKind, Mandates
from cantoria.mandates.facts import DelegationGranted, EstateOpened
from cantoria.registry import PartyKind, Registry, Role
from cantoria.registry.facts import PartyKeyRegistered, PartyRegistered, RecordingRegistered, ShareClaimed
from cantoria.testing.book import Book

TRAIN = Use.TRAIN_GENERATIVE
REC, TWO = Scope(ScopeKind.RECORDING, "recording_1"), Scope(ScopeKind.RECORDING, "recording_2")
PEOPLE = ("ada", "heir", "other", "manager", "stranger")


class Scene:
    """A book with holders, and shorthands to say things in it."""

    def __init__(self, *, estate: bool = False) -> None:
        self.book = Book()
        for person in PEOPLE:
            self.book.say(PartyRegistered(party=person, kind=PartyKind.PERSON), by="house")
            self.book.say(PartyKeyRegistered(party=person, key=f"key_{person}"), by="house")
        for recording in (REC.id, TWO.id):
            self.book.say(RecordingRegistered(recording=recording, title="Song"), by="house")
            self.book.say(
                ShareClaimed(claim=f"claim_{recording}", subject=recording, party="ada", role=Role.FEATURED_PERFORMER),
                by="house",
            )
        if estate:
            self.book.say(
                EstateOpened(deceased="ada", died_at=self.book.now, heirs=("heir", "other"), heirs_complete=True),
                by="house",
            )

    def offer(self, **more: Any) -> Offer:
        fields: dict[str, Any] = {
            "licence": "licence_1",
            "number": 1,
            "licensee": "lab",
            "holder": "ada",
            "use": TRAIN,
            "scopes": (REC, TWO),
            "territory": "0410",
            "period": Period(self.book.now),
            "expires_at": self.book.now + 100 * DAY,
            "terms": STANDARD[0].digest,
            "price": Price(Money.parse("0.05", "EUR")),
            "model_version": "m1",
            "attribution": True,
            "label": True,
            **more,
        }
        return Offer(**fields)

    def ask(self, offer: Offer, *, voices: tuple[str, ...] = ("ada",), by: str = "lab", **more: Any) -> Recorded[Any]:
        fact = LicenceRequested(request="request_1", offer=offer, voices=tuple(sorted(voices)), **more)
        return self.book.say(fact, by=by, capacity=Capacity.AI_DEVELOPER)

    def yes(self, offer: Offer, scope: Scope, *, speaker: str = "ada", key: str | None = None, **more: Any) -> str:
        name = f"statement_{self.book.size}"
        fields: dict[str, Any] = {
            "statement": name,
            "party": offer.holder,
            "speaker": speaker,
            "verdict": Verdict.YES,
            "uses": frozenset({offer.use}),
            "scope": scope,
            "licensee": LicenseeTerm(LicenseeKind.NAMED, offer.licensee),
            "territory": offer.territory,
            "period": offer.period,
            "conditions": Conditions(model_version=offer.model_version, attribution=True, label=True),
            **more,
        }
        self.book.say(StatementMade(**fields), by="house", key=f"key_{speaker}" if key is None else key)
        return name

    def answer(
        self,
        offer: Offer,
        stance: Stance = Stance.ACCEPT,
        *,
        voice: str = "ada",
        speaker: str = "",
        statements: tuple[str, ...] | None = None,
        key: str | None = None,
        at: int | None = None,
        **more: Any,
    ) -> Recorded[Any]:
        """Answer an offer; to accept says the yes to each thing first, unless the statements are given."""
        who = speaker or voice
        if stance is Stance.ACCEPT and statements is None:
            statements = tuple(
                self.yes(offer, scope, speaker=who, key=key, delegation=more.get("delegation"))
                for scope in offer.scopes
            )
        fact = LicenceAnswered(
            licence=offer.licence,
            offer=digest_of(offer),
            voice=voice,
            speaker=who,
            stance=stance,
            statements=statements or (),
            **more,
        )
        return self.book.say(fact, by="house", key=f"key_{who}" if key is None else key, at=at)

    def withdraw(self, offer: Offer, *, by: str = "lab") -> Recorded[Any]:
        fact = LicenceWithdrawn(licence=offer.licence, licensee=offer.licensee)
        return self.book.say(fact, by=by, capacity=Capacity.AI_DEVELOPER)

    def conclude(self, to: Offer, names: tuple[str, ...], **more: Any) -> Recorded[Any]:
        fields: dict[str, Any] = {
            "licence": to.licence,
            "offer": digest_of(to),
            "licensee": to.licensee,
            "holder": to.holder,
            "statements": names,
            "total": None if "total" in more else to.total,
            **more,
        }
        return self.book.say(LicenceConcluded(**fields), by="house")

    def grant(self, *, delegate: str = "manager", **more: Any) -> str:
        fields: dict[str, Any] = {
            "delegation": "delegation_1",
            "principal": "ada",
            "delegate": delegate,
            "kind": MandateKind.AGENT,
            "uses": frozenset({TRAIN}),
            **more,
        }
        self.book.say(DelegationGranted(**fields), by="house", key="key_ada")
        return "delegation_1"

    def mandates(self) -> Mandates:
        return Mandates.fold(self.book.facts, registry=Registry.fold(self.book.facts))

    def licences(self) -> Licences:
        registry = Registry.fold(self.book.facts)
        mandates = Mandates.fold(self.book.facts, registry=registry)
        return Licences.fold(self.book.facts, registry=registry, mandates=mandates)

    def state(self, at: int | None = None) -> str:
        [licence] = self.licences().all()
        return licence.state(self.book.now if at is None else at).value

    def unheard(self) -> list[str]:
        return [why.value for _, why in self.licences().without_effect()]


def again(offer: Offer, **more: Any) -> Offer:
    return replace(offer, number=offer.number + 1, **more)
