"""A tape of facts for the registry's tests: each helper records one fact in a readable line."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.periods import DAY, Period
from cantoria.registry import Registry
from cantoria.registry.facts import (
    ClaimWithdrawn,
    HoldersDeclaredComplete,
    LinkAsserted,
    LinkReviewed,
    PartyKeyRegistered,
    PartyRegistered,
    RecordingRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.registry.types import PartyKind, Relation, Right, Role, Side, Tier, WorkKind

NOW = 20_000 * DAY


class Tape:
    """Facts in ledger order, by default recorded by the organisation `label` as a producer."""

    def __init__(self) -> None:
        self.facts: list[Recorded[Any]] = []

    def say(self, fact: Any, by: str = "label", **more: Any) -> int:
        index = len(self.facts)
        capacity = more.pop("capacity", Capacity.PRODUCER)
        at = more.pop("at", NOW + index)
        self.facts.append(Recorded(index, f"fact_{index}", by, capacity, at, fact, more.pop("key", "")))
        assert not more
        return index

    def fold(self, **more: Any) -> Registry:
        return Registry.fold(self.facts, **more)

    def party(self, party: str, **more: Any) -> None:
        self.say(PartyRegistered(party=party, kind=PartyKind.PERSON, **more))

    def vouch(self, party: str, key: str, period: Period | None = None, by: str = "label") -> None:
        self.say(PartyKeyRegistered(party=party, key=key, period=period or Period()), by)

    def work(self, work: str, *parts: str, kind: WorkKind = WorkKind.ORIGINAL, by: str = "label", **more: Any) -> None:
        self.say(WorkRegistered(work=work, title=work.title(), kind=kind, parts=parts, **more), by)

    def recording(self, recording: str, *samples: str, by: str = "label", **more: Any) -> None:
        self.say(RecordingRegistered(recording=recording, title=recording, samples=samples, **more), by)

    def link(self, left: str, relation: Relation, right: str, by: str = "label", **more: Any) -> str:
        link = more.pop("link", f"link_{len(self.facts)}")
        more.setdefault("asserted_by", by)
        self.say(LinkAsserted(link=link, left=left, relation=relation, right=right, **more), by)
        return link

    def names(self, code: str, thing: str, by: str = "label", **more: Any) -> str:
        return self.link(code, Relation.IDENTIFIES, thing, by, **more)

    def embodies(self, recording: str, work: str, by: str = "label", **more: Any) -> str:
        return self.link(recording, Relation.EMBODIES, work, by, **more)

    def review(self, link: str, agreed: bool, by: str = "reviewer", tier: Tier = Tier.DOCUMENTED) -> None:
        capacity = Capacity.REGISTRAR if tier is Tier.ADJUDICATED else Capacity.PRODUCER
        self.say(LinkReviewed(link=link, agreed=agreed, reviewed_by=by, tier=tier), by, capacity=capacity)

    def claim(self, subject: str, party: str, role: Role, share: str | None = None, **more: Any) -> str:
        by = more.pop("by", "label")
        claim = more.pop("claim", f"claim_{len(self.facts)}")
        right = more.pop("right", Right.PERFORMING if share else None)
        exact = Fraction(share) if share else None
        fact = ShareClaimed(claim=claim, subject=subject, party=party, role=role, right=right, share=exact, **more)
        self.say(fact, by)
        return claim

    def withdraw(self, claim: str, at: int = 0, by: str = "label") -> None:
        self.say(ClaimWithdrawn(claim=claim, at=at), by)

    def complete(self, subject: str, side: Side, *claims: str, by: str = "label", **more: Any) -> None:
        signer = more.pop("signed_by", by)
        rest = {name: more.pop(name) for name in ("capacity", "key", "at") if name in more}
        self.say(
            HoldersDeclaredComplete(subject=subject, side=side, signed_by=signer, claims=claims, **more), by, **rest
        )

    def line_up(self, recording: str) -> tuple[str, str]:
        """A complete recording side: a performer `ada` and the producer `label`."""
        claims = (
            self.claim(recording, "ada", Role.FEATURED_PERFORMER),
            self.claim(recording, "label", Role.PRODUCER),
        )
        self.complete(recording, Side.RECORDING, *claims)
        return claims

    def writers(self, work: str) -> tuple[str, str]:
        """A complete work side: a composer `bo` with two thirds, and the publisher `pub` with the rest."""
        claims = (
            self.claim(work, "bo", Role.COMPOSER, "2/3", by="pub"),
            self.claim(work, "pub", Role.PUBLISHER, "1/3", by="pub"),
        )
        self.complete(work, Side.WORK, *claims, by="pub")
        return claims


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture(scope="session")
def new_tape() -> type[Tape]:
    return Tape
