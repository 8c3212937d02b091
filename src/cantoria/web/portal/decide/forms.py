"""What the forms of this area take, and what of it the use cases are given."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cantoria.app.pages.decide_draft import Decision
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party, period_of
from cantoria.consent.types import LicenseeKind, LicenseeTerm, Scope, Verdict
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Currency, Money
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_facts import Stance
from cantoria.licensing.offers import Basis, Price
from cantoria.registry.facts import PartyRegistered
from cantoria.web.portal.page import FormModel, Several

Choice = Literal["", "yes", "no", "ask", "stop"]
ID_CHARS = 100
TEXT_CHARS = 200


class TermsForm(FormModel):
    """On what terms something is said: to whom, where, when."""

    party: str = Field(max_length=ID_CHARS, description="whose say it is: the id of a party you may speak for")
    scope: str = Field(max_length=ID_CHARS, description="present, future, persona, or the id or code of a thing")
    licensee_kind: Literal["anyone", "class", "named"] = "anyone"
    licensee: str = Field("", max_length=ID_CHARS, description="a party's id or code, where licensee_kind is named")
    licensee_class: str = Field("", max_length=ID_CHARS, description="such as research, where licensee_kind is class")
    territory: str = Field("", max_length=1_000, description="such as 'KR ES'; empty is everywhere")
    since: str = Field("", max_length=40, description="first day; empty is at once")
    until: str = Field("", max_length=40, description="the day after the last; empty is until further notice")
    currency: str = Field("", max_length=3, description="of all prices")

    def licensee_of(self, opened: WiredHouse) -> LicenseeTerm:
        """Return to whom it is said."""
        if self.licensee_kind == "class":
            if not self.licensee_class:
                raise InputError("which class of licensees?", "name it, such as research")
            return LicenseeTerm(LicenseeKind.CLASS, self.licensee_class)
        if self.licensee_kind == "named":
            if not self.licensee:
                raise InputError("which licensee?", "choose one, or write its id")
            party = find_party(opened, self.licensee)
            if not opened.index.about([party], tags=[PartyRegistered.TYPE.tag]):
                raise InputError(f"{party} is nobody on this ledger", "choose a licensee, or write another id")
            return LicenseeTerm(LicenseeKind.NAMED, party)
        return LicenseeTerm()


class DecideForm(TermsForm):
    """A verdict for any of the nine uses (empty: it stays as it is), and what the yeses among them demand."""

    analyse: Choice = ""
    train_nongenerative: Choice = ""
    train_generative: Choice = ""
    input: Choice = ""
    style: Choice = ""
    voice: Choice = ""
    likeness: Choice = ""
    release_output: Choice = ""
    advertise: Choice = ""
    price_analyse: str = Field("", max_length=40, description="the least price per row of a yes; empty: none")
    price_train_nongenerative: str = Field("", max_length=40)
    price_train_generative: str = Field("", max_length=40)
    price_input: str = Field("", max_length=40)
    price_style: str = Field("", max_length=40)
    price_voice: str = Field("", max_length=40)
    price_likeness: str = Field("", max_length=40)
    price_release_output: str = Field("", max_length=40)
    price_advertise: str = Field("", max_length=40)
    attribution: bool = Field(False, description="only with attribution")
    label: bool = Field(False, description="only when the output is labelled as made by AI")
    model_version: str = Field("", max_length=TEXT_CHARS, description="only for this version of a model")
    campaign: str = Field("", max_length=TEXT_CHARS, description="the campaign of a yes to advertise")

    def decision(self, opened: WiredHouse, scope: Scope) -> Decision:
        """Return what the form decides."""
        verdicts = {use: Verdict(said) for use in Use if (said := getattr(self, use.value))}
        prices = {use: _money(text, self.currency) for use in verdicts if (text := getattr(self, f"price_{use.value}"))}
        return Decision(
            party=PartyId(self.party),
            scope=scope,
            verdicts=verdicts,
            prices=prices,
            licensee=self.licensee_of(opened),
            territory=self.territory or territories.WORLD,
            period=period_of(self.since, self.until),
            attribution=self.attribution,
            label=self.label,
            model_version=self.model_version or None,
            campaign=self.campaign or None,
        )


class TrustForm(TermsForm):
    """A standing rule: yes to somebody, for some uses, at a price or better, under terms."""

    uses: Several = Field(default_factory=list, max_length=len(Use), description="one or more uses")
    price: str = Field("", max_length=40, description="the least price per row; 0 where nothing is to be paid")
    terms: str = Field("one-version", max_length=ID_CHARS, description="a document of terms")

    def decision(self, opened: WiredHouse, scope: Scope) -> Decision:
        """Return what the rule says as a decision; its terms are the caller's to add."""
        uses = [use_of(one) for one in self.uses]
        if not self.price:
            raise InputError("the rule needs a price", "write an amount, 0 where nothing is to be paid")
        price = _money(self.price, self.currency)
        return Decision(
            party=PartyId(self.party),
            scope=scope,
            verdicts=dict.fromkeys(uses, Verdict.YES),
            prices=dict.fromkeys(uses, price),
            licensee=self.licensee_of(opened),
            territory=self.territory or territories.WORLD,
            period=period_of(self.since, self.until),
        )


class AnswerForm(FormModel):
    """One answer to one or more offers, each written `licence:digest`: it binds the very offer that was looked at."""

    offers: Several = Field(default_factory=list, max_length=100)
    stance: Stance
    price: str = Field("", max_length=40, description="what a counter-offer asks for instead")
    currency: str = Field("", max_length=3)
    lump_sum: bool = Field(False, description="the price is for all things together, not for each")
    terms: str = Field("", max_length=ID_CHARS, description="other terms that a counter-offer asks for")
    note: str = Field("", max_length=500, description="a word to the other side; no place for personal data")


class OfferForm(FormModel):
    """A licensee's new offer for a licence that waits; what is left empty stays as it was."""

    price: str = Field("", max_length=40)
    currency: str = Field("", max_length=3)
    lump_sum: bool = False
    terms: str = Field("", max_length=ID_CHARS)
    days: int = Field(30, ge=1, le=1_000, description="after how many days without an answer it is a no")


class ReasonForm(FormModel):
    """A word on why."""

    reason: str = Field("", max_length=TEXT_CHARS)


class NothingForm(FormModel):
    """Nothing but the wish itself."""


def use_of(text: str) -> Use:
    """Return the use called `text`, or raise `InputError`."""
    try:
        return Use(text)
    except ValueError as error:
        raise InputError(f"{text[:40]!r} is not a use", "one of " + ", ".join(Use)) from error


def price_of(amount: str, currency: str, *, lump: bool) -> Price | None:
    """Return the price that a form names, None where it names none."""
    if not amount:
        return None
    return Price(_money(amount, currency), Basis.LUMP_SUM if lump else Basis.PER_ROW)


def _money(amount: str, currency: str) -> Money:
    if not currency:
        raise InputError("an amount without a currency", "choose one")
    money = Money.parse(amount, Currency(currency))
    if money.fine < 0:
        raise InputError("a price below zero", "write an amount, or leave it empty")
    return money
