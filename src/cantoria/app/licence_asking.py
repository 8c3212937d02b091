"""Ask for licences in bulk: from rows that are not cleared to one licence for each holder, once each.

What published prices settle is concluded at once; everybody else finds the offer in their inbox. A request that was
cut off is repeated with the same key: nobody is asked twice (spec/licensing.md, section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

from cantoria.app import licences, saying
from cantoria.app.datasets import KeptDataset
from cantoria.app.house import House
from cantoria.app.licences import Shelf
from cantoria.app.ports import Author
from cantoria.clearance.dataset import clear_rows
from cantoria.clearance.facts import StatusCount
from cantoria.clearance.rights import Rights, countries_of
from cantoria.clearance.types import Answer, Request, Row
from cantoria.kernel import canonical, territories
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.licensing.asking import Asking, Group
from cantoria.licensing.licence_facts import LicenceConcluded, LicenceRequested
from cantoria.licensing.licence_reasons import LINES, Unheard
from cantoria.licensing.offers import (
    SCOPES_MAX,
    Basis,
    LicenceId,
    Offer,
    Price,
    RequestId,
    digest_of,
    licence_id,
    request_id,
)
from cantoria.licensing.terms import ModelRule, Terms, conforms

FACTS_AT_ONCE: Final = 1_000  # one commit: what is lost with a crash is asked for again
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a licensee wants. `request` says who, what and where, and what is promised; `rows` are those of a manifest
    or certificate (`basis` names it). `key` tells one request from another of the same licensee.

    `expires_at` and `period` are in UTC microseconds; `price` None asks for a yes without payment.
    """

    key: str
    rows: Sequence[Row]
    request: Request
    terms: Terms
    period: Period
    expires_at: int
    price: Price | None = None
    model: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a wish comes to: the groups still to be asked, and how many rows stand how."""

    request: RequestId
    asking: Asking
    groups: tuple[Group, ...]
    asked_before: int


def plan(house: House, wish: Wish) -> Plan:
    """Work out whom to ask, as of now, and record nothing."""
    check(wish)
    name = request_id(wish.key, licensee=wish.request.licensee)
    shelf = licences.load(house, about=[name])
    before = [one for one in shelf.licences.of(name) if one.offer.licensee == wish.request.licensee]
    asked = {
        (one.offer.holder, one.offer.use, voice, scope)
        for one in before
        for voice in one.fact.voices
        for scope in one.offer.scopes
    }
    asking = gather(house, wish, shelf)
    return Plan(name, asking, tuple(asking.groups(asked=frozenset(asked))), len(before))


def check(wish: Wish) -> None:
    """Raise `InputError` for a wish that no offer can be made of."""
    if not wish.rows:
        raise InputError("there are no rows to ask for", "give a manifest or certificate with at least one")
    if wish.price is not None and not wish.price.payable(SCOPES_MAX):
        raise InputError(LINES[Unheard.PRICE_UNPAYABLE], "offer nothing, or an amount")
    if wish.expires_at <= wish.request.at:
        raise InputError("the offer expires before it is made", "give it some days")
    if wish.terms.model_rule is ModelRule.THIS_VERSION and not wish.request.model_version:
        raise InputError("these terms are for one model version", "name it with --model-version")


def gather(house: House, wish: Wish, shelf: Shelf) -> Asking:
    """Return whom to ask for which of the rows, as of now."""
    request = replace(asked_by(wish), at=max(wish.request.at, wish.period.start), size=shelf.size)
    view = house.rights.load(size=shelf.size, codes={code for row in wish.rows for code in row.codes})
    answers = _answers(house, wish.rows, request, view)
    without = answers if request.offer is None else _answers(house, wish.rows, replace(request, offer=None), view)
    asking = Asking(view, request)
    for row in wish.rows:
        asking.add(row, answer=answers[row.line], without_offer=without[row.line])
    return asking


def asked_by(wish: Wish) -> Request:
    """Return the clearance request of a wish: with what its terms demand promised, for the models that they allow, at
    its price per row."""
    request, terms = wish.request, wish.terms
    per_row = wish.price is not None and wish.price.basis is Basis.PER_ROW
    return replace(
        request,
        attribution=request.attribution or terms.attribution,
        label=request.label or terms.label,
        model_version=request.model_version if terms.model_rule is ModelRule.THIS_VERSION else None,
        offer=wish.price.amount if wish.price is not None and per_row else None,
    )


def _answers(house: House, rows: Sequence[Row], request: Request, view: Rights) -> dict[int, Answer]:
    with house.analytics() as engine:
        return dict(clear_rows(rows, request=request, rights=view, analytics=engine, evidence=True).answers())


@dataclass(frozen=True, slots=True)
class Asked:
    """What was recorded: how many licences were settled at once, and how many wait for an answer."""

    plan: Plan
    settled: int
    waiting: int


def request(
    house: House,
    wish: Wish,
    *,
    author: Author,
    step: Step | None = None,
    writing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Asked:
    """Ask for everything that a wish needs and that its request has not asked for yet. Every thousand facts are one
    durable commit within `writing`; `step(done, of)` hears how many licences are."""
    planned = plan(house, wish)
    if planned.groups:
        house.datasets.keep(planned.request, KeptDataset(wish.rows, b"", {}))
        basis = house.attachments.put(_basis(wish))
    settled, done, facts = 0, 0, []
    for group in planned.groups:
        made = list(_facts(house, wish, planned.request, group, basis, author))
        settled += len(made) - 1
        facts += made
        done += 1
        if len(facts) >= FACTS_AT_ONCE or done == len(planned.groups):
            with writing():
                house.journal.record(facts, author=author)
            facts = []
            if step is not None:
                step(done, len(planned.groups))
    return Asked(planned, settled, done - settled)


def _basis(wish: Wish) -> bytes:
    """Return what is kept beside the ledger of a request: what it asks, and of what; its rows stay at home."""
    value = {"request": to_json(asked_by(wish)), "basis": wish.basis}
    return canonical.encode({**value, "rows": len(wish.rows)})


def _facts(house: House, wish: Wish, name: RequestId, group: Group, basis: str, author: Author) -> Iterator[Fact]:
    """Give the request to one holder, with the receipt where published prices settle it."""
    way = group.use.value if group.price is None else f"{group.use.value} {money_text(group.price)}"
    licence = licence_id(name, holder=group.holder, voices=group.voices, scopes=group.scopes, way=way)
    offer = offer_of(wish, group, licence)
    fact = saying.sign(
        house,
        LicenceRequested(request=name, offer=offer, voices=group.voices, basis=basis, settled_by=group.statements),
        speaker=offer.licensee,
    )
    if fact.signature is None and offer.licensee != author.party:
        raise InputError(LINES[Unheard.NOT_THE_LICENSEE], "let the licensee itself ask")
    yield fact
    if group.statements:
        yield LicenceConcluded(
            licence=licence,
            offer=digest_of(offer),
            licensee=offer.licensee,
            holder=offer.holder,
            statements=group.statements,
            total=offer.total,
        )


def offer_of(wish: Wish, group: Group, licence: LicenceId) -> Offer:
    """Return the offer to one holder: at the published price where there is one, else at the price of the wish."""
    asked = asked_by(wish)
    offer = Offer(
        licence=licence,
        number=1,
        licensee=asked.licensee,
        holder=group.holder,
        use=group.use,
        scopes=group.scopes,
        territory=territory_of(asked),
        period=wish.period,
        expires_at=wish.expires_at,
        terms=wish.terms.digest,
        price=wish.price if group.price is None else Price(group.price),
        model=wish.model,
        model_version=asked.model_version,
        licensee_classes=tuple(sorted(asked.licensee_classes)),
        attribution=asked.attribution,
        label=asked.label,
        campaign=asked.campaign,
    )
    conforms(offer, wish.terms)
    return offer


def money_text(money: Money) -> str:
    """Return an exact amount as text."""
    return f"{money.currency} {money.fine}"


def territory_of(request: Request) -> str:
    """Return every country of a request as one territory expression: by all its connecting factors together."""
    factors = (request.territories, request.training_place, request.establishment, request.markets)
    given = [text for text in factors if text]
    return territories.canonical(given[0] if len(given) == 1 else " ".join(countries_of(request)))


def offer_again(
    house: House,
    name: str,
    *,
    author: Author,
    price: Price | None = None,
    terms: Terms | None = None,
    expires_at: int | None = None,
) -> LicenceRequested:
    """Put a new offer to a licence on the table: what was answered to the one before is past. Return what was
    recorded. Raises `InputError` where the licence no longer waits or is somebody else's."""
    [found, *others] = licences.load(house, about=[name]).of(name)
    if others or not found.state(house.clock.now()).waits:
        raise InputError(f"{name} is not one licence that waits", "see `cantoria licence show`")
    old = found.offer
    new = replace(
        old,
        number=old.number + 1,
        price=old.price if price is None else price,
        expires_at=old.expires_at if expires_at is None else expires_at,
    )
    if terms is not None:
        new = replace(
            new,
            terms=terms.digest,
            attribution=new.attribution or terms.attribution,
            label=new.label or terms.label,
            model_version=new.model_version if terms.model_rule is ModelRule.THIS_VERSION else None,
        )
        conforms(new, terms)
    if new.price is not None and not new.price.payable(SCOPES_MAX):
        raise InputError(LINES[Unheard.PRICE_UNPAYABLE], "offer nothing, or an amount")
    fact = saying.sign(house, replace(found.fact, offer=new, settled_by=(), signature=None), speaker=new.licensee)
    if fact.signature is None and new.licensee != author.party:
        raise InputError(LINES[Unheard.NOT_THE_LICENSEE], "let the licensee itself offer")
    house.journal.record([fact], author=author)
    return fact


def status_now(house: House, shelf: Shelf, name: str) -> tuple[StatusCount, ...]:
    """Return how many of the rows of a request have each status now, none where its rows are not kept here."""
    kept = house.datasets.get(name)
    of = shelf.licences.of(name)
    if kept is None or not of:
        return ()
    value = canonical.decode(house.attachments.get(of[0].fact.basis))
    asked = from_json(Request, value["request"] if isinstance(value, dict) else None, path="request")
    request = replace(asked, size=shelf.size, at=max(house.clock.now(), of[0].offer.period.start))
    view = house.rights.load(size=shelf.size, codes={code for row in kept.rows for code in row.codes})
    with house.analytics() as engine:
        return clear_rows(kept.rows, request=request, rights=view, analytics=engine).counts()
