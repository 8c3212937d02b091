"""What is asked over HTTP, checked at the edge: a request for clearance in the query or the body."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from cantoria.clearance import Request, Row
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import TIME_MAX, parse_moment
from cantoria.kernel.territories import EXPRESSION_CHARS_MAX
from cantoria.kernel.uses import Use
from cantoria.registry.resolve import CODES_MAX

ROWS_MAX: Final = 1_000
CODE_CHARS_MAX: Final = 512
NAMES_MAX: Final = 64

Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[Name], Field(max_length=NAMES_MAX)]
Territories = Annotated[str, Field(max_length=EXPRESSION_CHARS_MAX)]
Code = Annotated[str, Field(min_length=1, max_length=CODE_CHARS_MAX)]
Media = Literal["recording", "work"]


class Offer(BaseModel):
    """A price offered for each row: a decimal amount of an ISO 4217 currency."""

    model_config = ConfigDict(extra="forbid", strict=True)
    amount: Annotated[str, Field(max_length=40)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]


class _Wish(BaseModel):
    """What a request says however it comes in. Its countries are those of the four territory expressions together."""

    use: Use
    licensee: Name = Field(description="the party that wants to use the music")
    media: Media = "recording"
    territories: Territories = Field(default="", description="TIS or ISO codes, such as `KR` or `2136 -0840`")
    training_place: Territories = ""
    establishment: Territories = ""
    markets: Territories = ""
    profile: Name = "base"
    licensee_classes: Names = Field(default_factory=list)
    model_version: Name | None = None
    campaign: Name | None = None
    persons: Names = Field(default_factory=list, description="the persons named or replicated")
    attribution: bool = False
    label: bool = False
    tuned_on: bool = False
    used_input: bool = False

    def asked(self, *, offer: Money | None, at: int, size: int) -> Request:
        """Return the request for clearance as of a moment (UTC microseconds) and ledger size."""
        return Request(
            use=self.use,
            licensee=PartyId(self.licensee),
            territories=self.territories,
            at=at,
            size=size,
            licensee_classes=frozenset(self.licensee_classes),
            profile=self.profile,
            model_version=self.model_version,
            offer=offer,
            attribution=self.attribution,
            label=self.label,
            campaign=self.campaign,
            persons=tuple(PartyId(person) for person in sorted(set(self.persons))),
            tuned_on=self.tuned_on,
            used_input=self.used_input,
            training_place=self.training_place,
            establishment=self.establishment,
            markets=self.markets,
        )


class QueryWish(_Wish):
    """A request in the query of an address; lists are repeated parameters."""

    model_config = ConfigDict(extra="forbid")
    offer: Annotated[str, Field(max_length=60)] | None = Field(default=None, description="such as `EUR 0.05`")
    at: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="RFC 3339 or UTC microseconds; now when left out"
    )

    def request(self, *, now: int, size: int) -> Request:
        """Return the request; `InputError` for a price or moment that cannot be read."""
        currency, _, amount = (self.offer or "").partition(" ")
        offer = Money.parse(amount, currency) if self.offer else None
        return self.asked(offer=offer, at=_moment(self.at, now=now), size=size)


class BodyWish(_Wish):
    """A request in a body."""

    model_config = ConfigDict(extra="forbid", strict=True)
    offer: Offer | None = None
    at: Annotated[int, Field(ge=0, le=TIME_MAX)] | Annotated[str, Field(max_length=40)] | None = None

    def request(self, *, now: int, size: int) -> Request:
        """Return the request; `InputError` for a price or moment that cannot be read."""
        offer = Money.parse(self.offer.amount, self.offer.currency) if self.offer else None
        return self.asked(offer=offer, at=_moment(self.at, now=now), size=size)


class RowAsked(BaseModel):
    """One row: its code keys, and its medium where it is not the request's."""

    model_config = ConfigDict(extra="forbid", strict=True)
    codes: Annotated[list[Code], Field(max_length=CODES_MAX)]
    media: Media | None = None
    refused: Annotated[
        list[Use], Field(max_length=len(Use), description="uses that a signal beside the row refuses")
    ] = Field(default_factory=list)

    def row(self, line: int, *, media: Media) -> Row:
        """Return the row as line `line` of a manifest."""
        return Row(line, tuple(self.codes), self.media or media, frozenset(self.refused))


class Batch(BaseModel):
    """Many rows under one request."""

    model_config = ConfigDict(extra="forbid", strict=True)
    request: BodyWish
    rows: Annotated[list[RowAsked], Field(min_length=1, max_length=ROWS_MAX)]


def _moment(text: int | str | None, *, now: int) -> int:
    """Return a moment in UTC microseconds."""
    if text is None:
        return now
    if isinstance(text, int) or (text.isascii() and text.isdecimal()):
        moment = int(text)
        if moment > TIME_MAX:
            raise InputError(f"{moment} is no moment", "write UTC microseconds, or RFC 3339")
        return moment
    return parse_moment(text)
