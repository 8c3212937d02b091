"""Who is in a random world, and who speaks for whom there."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.periods import Period, parse_moment
from cantoria.kernel.uses import ALL_USES, FAMILIES, Use
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.testing.book import Book

# The world; the world but the United States; Korea; Spain; the United States and Canada.
PLACES: Final = ("2136", "2136", "2136 -0840", "0410", "0724", "0840 0124")
QUERY: Final = parse_moment("2027-01-01")
MOMENTS: Final = tuple(parse_moment(text) for text in ("2024-01-01", "2025-02-01", "2026-06-01", "2028-01-01"))


def chance(rng: Random, probability: float) -> bool:
    """Return true with this probability."""
    return rng.random() < probability


def isrc_of(number: int) -> str:
    """Return the code key of a recording of the world."""
    return f"isrc:KRA38250000{number}"


def iswc_of(number: int) -> str:
    """Return the code key of a work of the world."""
    return f"iswc:T000000{number:03}0"


def some_uses(rng: Random) -> frozenset[Use]:
    """Return all uses, a family, or a few."""
    few = frozenset(rng.sample(sorted(Use), k=rng.randint(1, 4)))
    return rng.choice((ALL_USES, ALL_USES, rng.choice(sorted(FAMILIES.values(), key=len)), few))


@dataclass(slots=True)
class Cast:
    """Parties and things of a world; offices are filled as they are recorded."""

    persons: list[PartyId]
    works: list[str]
    recordings: list[str]
    cmo: str = "party_cmo"
    label: str = "party_label"
    publisher: str = "party_publisher"
    agent: str = "party_agent"
    stranger: str = "party_stranger"
    developers: tuple[PartyId, ...] = (PartyId("party_dev1"), PartyId("party_dev2"))
    delegations: list[DelegationGranted] = field(default_factory=list)
    speakers: dict[str, list[str]] = field(default_factory=dict)

    @property
    def organisations(self) -> tuple[PartyId, ...]:
        """All organisations that can be holders or speakers."""
        return tuple(PartyId(name) for name in (self.cmo, self.label, self.publisher, self.agent))

    @property
    def holders(self) -> list[str]:
        """Everybody who may hold rights."""
        return [*self.persons, self.publisher, self.label]

    def key_of(self, party: str) -> str:
        """Return the name of a person's key, empty for an organisation, which signs its batches."""
        return f"key_{party}" if party in self.persons else ""


def fill_mandates(book: Book, rng: Random, cast: Cast, *, noise: float) -> None:
    """Record delegations, guardians and estates, more of them in noisier worlds."""
    for _ in range(rng.randint(0, 3)):
        _delegate(book, rng, cast, noise=noise)
    if chance(rng, 0.15):
        minor, guardian = rng.sample(cast.persons, k=2)
        majority_at = rng.choice(MOMENTS)
        book.say(GuardianAppointed(minor=minor, guardian=guardian, majority_at=majority_at), by=cast.cmo)
        cast.speakers.setdefault(minor, []).append(guardian)
    if chance(rng, 0.2):
        deceased, *heirs = rng.sample(cast.persons, k=rng.randint(2, 3))
        fact = EstateOpened(
            deceased=deceased,
            died_at=rng.choice(MOMENTS),
            heirs=tuple(heirs),
            heirs_complete=not chance(rng, 0.4 * noise),
            representative=rng.choice((None, None, heirs[0], PartyId(cast.agent))),
        )
        book.say(fact, by=cast.cmo)
        cast.speakers.setdefault(deceased, []).extend([*heirs, *heirs, *filter(None, [fact.representative])])


def _delegate(book: Book, rng: Random, cast: Cast, *, noise: float) -> None:
    parent = rng.choice(cast.delegations) if cast.delegations and chance(rng, 0.3) else None
    principal = parent.principal if parent else PartyId(rng.choice(cast.holders))
    delegate = PartyId(rng.choice((cast.agent, cast.agent, cast.cmo, cast.label)))
    kind = rng.choice((MandateKind.AGENT, MandateKind.AGENT, MandateKind.CMO, MandateKind.COSIGNER, MandateKind.TRUST))
    fact = DelegationGranted(
        delegation=DelegationId(f"delegation_{book.size}"),
        principal=principal,
        delegate=delegate,
        kind=kind,
        uses=some_uses(rng),
        scope=rng.choice(((), (), ("catalogue_0",), tuple(cast.works[:1]))),
        territory=rng.choice(PLACES),
        period=Period(end=rng.choice(MOMENTS)) if chance(rng, 0.2) else Period(),
        may_subdelegate=chance(rng, 0.5),
        statements_survive=chance(rng, 0.3),
        parent=parent.delegation if parent else None,
    )
    signer = parent.delegate if parent and chance(rng, 0.7) else principal
    _say_signed(book, rng, cast, fact, signer=signer, noise=noise)
    cast.delegations.append(fact)
    cast.speakers.setdefault(principal, []).append(delegate)


def _say_signed(book: Book, rng: Random, cast: Cast, fact: Any, *, signer: str, noise: float) -> None:
    """Record a fact as signed by `signer`; in noisy worlds sometimes not."""
    key = cast.key_of(signer)
    if chance(rng, 0.2 * noise):
        book.say(fact, by=cast.stranger)
    elif key:
        book.say(fact, by=cast.cmo, key=key)
    else:
        book.say(fact, by=signer)


def end_delegations(book: Book, rng: Random, cast: Cast) -> None:
    """Record the end of some delegations, by those concerned or by others."""
    for delegation in cast.delegations:
        if chance(rng, 0.15):
            by = rng.choice((cast.stranger, cast.cmo, delegation.delegate))
            at = rng.choice(MOMENTS)
            book.say(DelegationEnded(delegation=delegation.delegation, at=at), by=by)
