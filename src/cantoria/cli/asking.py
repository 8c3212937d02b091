"""How a person asks: the options of a request for clearance, and the request that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party
from cantoria.clearance import Request
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Currency, Money
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use

USE = Annotated[
    Use, typer.Option("--use", metavar="<use>", help="What the AI developer wants to do: " + ", ".join(Use) + ".")
]
LICENSEE = Annotated[str, typer.Option("--licensee", help="Who wants it: a party id, code or organisation.")]
TERRITORIES = Annotated[
    str, typer.Option("--in", help="Countries that are not told apart by what connects to them, such as 'KR ES US'.")
]
TRAIN_IN = Annotated[str, typer.Option("--train-in", help="Where the model is trained, such as US.")]
ESTABLISHED_IN = Annotated[str, typer.Option("--established-in", help="Where the developer is established.")]
MARKET = Annotated[str, typer.Option("--market", help="Every market of the output, such as 'KR ES FR' or 2136.")]
OFFER = Annotated[str, typer.Option("--offer", help="The price offered per row, such as 'EUR 0.05'.")]
AT = Annotated[str, typer.Option("--at", help="The moment to decide for; now when empty.")]
PERSON = Annotated[list[str], typer.Option("--person", help="A person named or replicated; may be given again.")]
VERSION = Annotated[str, typer.Option("--model-version", help="The model version it is for.")]
CLASSES = Annotated[list[str], typer.Option("--class", help="A class the licensee belongs to, such as research.")]
ATTRIBUTION = Annotated[bool, typer.Option("--attribution", help="The developer will attribute.")]
LABEL = Annotated[bool, typer.Option("--label", help="The developer will label the output as AI.")]
TUNED = Annotated[bool, typer.Option("--tuned-on", help="Style, voice or likeness is tuned on the rows.")]
INPUT = Annotated[bool, typer.Option("--used-input", help="The output was made with the rows as input.")]
CAMPAIGN = Annotated[str, typer.Option("--campaign", help="The campaign, for advertising.")]
PROFILE = Annotated[
    str,
    typer.Option(
        "--profile", help="The legal profile to start from: base, or that of a country; the strictest counts."
    ),
]


@dataclass(frozen=True, slots=True)
class Places:
    """Territory expressions by what connects a request to them; at least one is given (RULES section 6)."""

    stated: str
    train_in: str
    established_in: str
    market: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, by whom, where, when, and for how much."""

    use: Use
    licensee: str
    places: Places
    at: str
    offer: str
    persons: list[str]
    model_version: str
    classes: list[str]


@dataclass(frozen=True, slots=True)
class Promises:
    """What the developer promises, and what the request is judged by."""

    attribution: bool
    label: bool
    tuned_on: bool
    used_input: bool
    campaign: str
    profile: str


def request_of(opened: WiredHouse, wish: Wish, terms: Promises) -> Request:
    """Return the request that a person wrote, as of now and the ledger's present size."""
    return request_by(
        wish, terms, find=lambda text: find_party(opened, text), now=opened.clock.now(), size=opened.engine.size
    )


def request_by(wish: Wish, terms: Promises, *, find: Callable[[str], PartyId], now: int, size: int) -> Request:
    """Return the request that a person wrote, as of the moment `now` unless it names one and of this ledger size;
    `find` tells the party that a text names."""
    if not any((wish.places.stated, wish.places.train_in, wish.places.established_in, wish.places.market)):
        raise InputError("the request names no place", "give --in, or --train-in, --established-in and --market")
    return Request(
        use=wish.use,
        licensee=find(wish.licensee),
        territories=wish.places.stated,
        at=parse_moment(wish.at) if wish.at else now,
        size=size,
        licensee_classes=frozenset(wish.classes),
        profile=terms.profile,
        model_version=wish.model_version or None,
        offer=money_of(wish.offer),
        attribution=terms.attribution,
        label=terms.label,
        campaign=terms.campaign or None,
        persons=tuple(sorted(find(one) for one in wish.persons)),
        tuned_on=terms.tuned_on,
        used_input=terms.used_input,
        training_place=wish.places.train_in,
        establishment=wish.places.established_in,
        markets=wish.places.market,
    )


def money_of(text: str) -> Money | None:
    """Return the money in `EUR 0.05`, None for an empty text."""
    if not text:
        return None
    currency, _, amount = text.partition(" ")
    return Money.parse(amount.strip(), Currency(currency))
