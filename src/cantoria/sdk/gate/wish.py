"""What a developer asks of a gate, as a clearance request and as text that a digest can be taken of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Required, TypedDict, Unpack

from cantoria.clearance.types import Request
from cantoria.kernel import canonical, territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.uses import Use

_TRAIN: Final = {"train", "training", "fine-tune", "finetune", "pretrain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The request of a gate without its moment and ledger size, which the source of clearance adds."""

    use: Use
    licensee: str
    territories: str = ""
    media: str = "recording"
    profile: str = "base"
    model_version: str | None = None
    offer: Money | None = None
    licensee_classes: tuple[str, ...] = ()
    attribution: bool = False
    label: bool = False
    campaign: str | None = None
    persons: tuple[str, ...] = ()
    tuned_on: bool = False
    used_input: bool = False
    training_place: str = ""
    establishment: str = ""
    markets: str = ""

    def request(self, *, at: int, size: int) -> Request:
        """Return the clearance request of this moment and ledger size."""
        return Request(
            use=self.use,
            licensee=PartyId(self.licensee),
            territories=self.territories,
            at=at,
            size=size,
            licensee_classes=frozenset(self.licensee_classes),
            profile=self.profile,
            model_version=self.model_version,
            offer=self.offer,
            attribution=self.attribution,
            label=self.label,
            campaign=self.campaign,
            persons=tuple(PartyId(person) for person in self.persons),
            tuned_on=self.tuned_on,
            used_input=self.used_input,
            training_place=self.training_place,
            establishment=self.establishment,
            markets=self.markets,
        )

    @property
    def uses(self) -> frozenset[Use]:
        """The use, and those that its rows are asked for besides: what is tuned on, what was used as input."""
        more = {Use.TRAIN_GENERATIVE} if self.tuned_on else set()
        return frozenset({self.use, *more, *({Use.INPUT} if self.used_input else ())})

    def to_json(self) -> dict[str, Any]:
        """Return the request as a JSON value; what is empty or false is left out."""
        value: dict[str, Any] = {"use": self.use.value, "licensee": self.licensee, "media": self.media}
        for name in ("territories", "training_place", "establishment", "markets"):
            if getattr(self, name):
                value[name] = territories.canonical(getattr(self, name))
        value["profile"] = self.profile
        if self.offer is not None:
            value["offer"] = {"currency": self.offer.currency, "amount": self.offer.format()}
        for name in ("model_version", "campaign"):
            if getattr(self, name) is not None:
                value[name] = getattr(self, name)
        for name in ("licensee_classes", "persons"):
            if getattr(self, name):
                value[name] = list(getattr(self, name))
        return value | {
            name: True for name in ("attribution", "label", "tuned_on", "used_input") if getattr(self, name)
        }


class Asked(TypedDict, total=False):
    """What the arguments of a gate ask.

    `use` (`train_generative`, …) and `licensee` (a party id) are needed; countries are those of `training_place`,
    `establishment` and `markets` (of the output), or `territories` for all of them together (`KR ES`). `offer` is a
    price for each row, `persons` are those named or replicated; the others are told in `clearance.types.Request`.
    """

    use: Required[str]
    licensee: Required[str]
    territories: str
    training_place: str
    establishment: str
    markets: str
    profile: str
    model_version: str | None
    offer: Money | None
    licensee_classes: Iterable[str]
    attribution: bool
    label: bool
    campaign: str | None
    persons: Sequence[str]
    tuned_on: bool
    used_input: bool


def use_of(text: str) -> Use:
    """Return the use of that name. `train` alone is refused: whether a model can generate decides whose yes counts."""
    if text in tuple(Use):
        return Use(text)
    if text.strip().lower() in _TRAIN:
        raise InputError(
            f"use={text!r} does not say what is trained",
            "choose train_generative (the model can make music, text or images) or train_nongenerative (it cannot)",
        )
    raise InputError(f"use={text!r:.60} is unknown", "choose one of " + ", ".join(Use))


def wish_of(*, media: str, **asked: Unpack[Asked]) -> Wish:
    """Return the wish that the arguments of a gate spell; `InputError` for what cannot be read."""
    if not asked.get("licensee"):
        raise InputError("licensee is empty", "name who wants to use the music, by party id")
    unknown = sorted(set(asked) - set(Asked.__annotations__))
    if unknown:
        raise InputError(f"{unknown[0]!r:.60} is nothing that a gate asks", "see docs/reference/gate.md")
    others = {name: value for name, value in asked.items() if name not in ("use", "licensee_classes", "persons")}
    return Wish(
        use=use_of(asked.get("use", "")),
        media=media,
        licensee_classes=tuple(sorted(set(asked.get("licensee_classes", ())))),
        persons=tuple(sorted(set(asked.get("persons", ())))),
        **others,  # type: ignore[arg-type]
    )


def digest_of(value: Mapping[str, Any]) -> str:
    """Return the digest (hex) of a request as a JSON value."""
    return sha256(canonical.encode(dict(value))).hexdigest()
