"""What is said of holders: claims, completeness statements, public-domain evidence and disputes.

A claim belongs to the organisation that recorded it: a later one with the same id replaces it, the same id recorded
by another organisation is another claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.periods import ALWAYS
from cantoria.registry.facts import (
    NOWHERE,
    ClaimWithdrawn,
    CompletenessWithdrawn,
    DisputeClosed,
    DisputeOpened,
    HoldersDeclaredComplete,
    PublicDomainEvidenced,
    ShareClaimed,
)
from cantoria.registry.standing import REGISTERS, interested_in
from cantoria.registry.types import Side, Tier
from cantoria.registry.views import ClaimView

ClaimKey = tuple[str, str]  # organisation, claim id


@dataclass(frozen=True, slots=True)
class Declaration:
    """A completeness statement as it stands; `authentic` says that `signed_by` itself made it."""

    recorded: Recorded[HoldersDeclaredComplete]
    authentic: bool
    withdrawn: bool = False

    @property
    def by_cmo(self) -> bool:
        """Tell whether a CMO made the statement in its own name."""
        said = self.recorded
        return said.capacity is Capacity.CMO and said.organisation == said.fact.signed_by


def _says_the_same(one: ShareClaimed, other: ShareClaimed) -> bool:
    """Tell whether two claims differ in nothing but where they came from."""
    return replace(one, source=NOWHERE) == replace(other, source=NOWHERE)


def readable(expression: str) -> bool:
    """Tell whether a territory expression means anything."""
    try:
        territories.canonical(expression)
    except InputError:
        return False
    return True


class Claims:
    """All of it, by subject."""

    __slots__ = (
        "_by_party",
        "_by_subject",
        "_claims",
        "_declared",
        "_disputed",
        "_disputes",
        "_free",
        "_known",
        "_timed",
        "_timed_claims",
    )

    def __init__(self) -> None:
        self._claims: dict[ClaimKey, ClaimView] = {}
        self._by_subject: dict[str, dict[ClaimKey, None]] = {}
        self._by_party: dict[str, dict[ClaimKey, None]] = {}
        self._known: set[str] = set()
        self._declared: dict[str, list[Declaration]] = {}
        self._free: dict[str, list[Recorded[PublicDomainEvidenced]]] = {}
        self._disputes: dict[ClaimKey, Recorded[DisputeOpened]] = {}
        self._disputed: dict[str, dict[ClaimKey, None]] = {}
        self._timed_claims: dict[ClaimKey, None] = {}
        self._timed: list[HoldersDeclaredComplete | PublicDomainEvidenced] = []

    def claim(self, recorded: Recorded[ShareClaimed]) -> tuple[str, ...]:
        """Take in a claim; return the subjects that it touches. One that repeats what stands changes nothing."""
        fact = recorded.fact
        key = (recorded.organisation, str(fact.claim))
        before = self._claims.get(key)
        if before is not None and before.withdrawn_at is None and _says_the_same(before.fact, fact):
            return ()
        if before is not None:
            self._by_subject[before.fact.subject].pop(key, None)
            self._by_party[before.fact.party].pop(key, None)
        self._claims[key] = ClaimView(recorded)
        self._by_subject.setdefault(fact.subject, {})[key] = None
        self._by_party.setdefault(fact.party, {})[key] = None
        self._timed_claims.pop(key, None)
        if fact.period != ALWAYS:
            self._timed_claims[key] = None
        return (fact.subject, before.fact.subject) if before else (fact.subject,)

    def withdraw(self, recorded: Recorded[ClaimWithdrawn]) -> tuple[str, ...]:
        """Take in that a claimant takes its claim back; an organisation can take back only what it recorded."""
        key = (recorded.organisation, str(recorded.fact.claim))
        claim = self._claims.get(key)
        if claim is None:
            return ()
        at = recorded.fact.at if claim.withdrawn_at is None else min(recorded.fact.at, claim.withdrawn_at)
        self._claims[key] = replace(claim, withdrawn_at=at)
        self._timed_claims[key] = None
        return (claim.fact.subject,)

    def withdraw_ruled(self, recorded: Recorded[ClaimWithdrawn], subject: str) -> tuple[str, ...]:
        """Take in that a register withdraws, on one subject, the claim that it has decided to fall, whoever recorded
        it; nothing where it has an interest in the subject itself, nor where claims of several organisations carry the
        id: nobody's claim falls because a stranger used its id. Return the subjects that it touches."""
        claims = self.of_subject(subject)
        if any(recorded.organisation in interested_in(claim.recorded) for claim in claims):
            return ()
        fallen = [claim for claim in claims if claim.fact.claim == recorded.fact.claim]
        if len({claim.organisation for claim in fallen}) > 1:
            return ()
        for claim in fallen:
            at = recorded.fact.at if claim.withdrawn_at is None else min(recorded.fact.at, claim.withdrawn_at)
            key = (claim.organisation, str(claim.fact.claim))
            self._claims[key] = replace(claim, withdrawn_at=at)
            self._timed_claims[key] = None
        return (subject,) if fallen else ()

    def declare(self, recorded: Recorded[HoldersDeclaredComplete], *, authentic: bool) -> None:
        """Take in a completeness statement. One that a key signed is said once: the same signed body recorded again
        is a replay, which neither comes after a later claim nor undoes that it was taken back."""
        known = self._declared.setdefault(recorded.fact.subject, [])
        own = recorded.organisation == recorded.fact.signed_by
        if own or not any(said.authentic and said.recorded.fact == recorded.fact for said in known):
            known.append(Declaration(recorded, authentic))
            if recorded.fact.period != ALWAYS:
                self._timed.append(recorded.fact)

    def undeclare(self, recorded: Recorded[CompletenessWithdrawn]) -> None:
        """Take in that completeness is taken back; it only ever tightens, so anybody's word counts."""
        fact = recorded.fact
        self._declared[fact.subject] = [
            replace(said, withdrawn=True)
            if (said.recorded.fact.signed_by, said.recorded.fact.side) == (fact.signed_by, fact.side)
            else said
            for said in self._declared.get(fact.subject, [])
        ]

    def evidence(self, recorded: Recorded[PublicDomainEvidenced]) -> None:
        """Take in evidence that a side is in the public domain; for a territory that nobody can read it is none."""
        if not readable(recorded.fact.territory):
            return
        self._free.setdefault(recorded.fact.subject, []).append(recorded)
        if recorded.fact.period != ALWAYS:
            self._timed.append(recorded.fact)

    def open_dispute(self, recorded: Recorded[DisputeOpened]) -> None:
        """Take in a dispute; a case id reused by another organisation is another dispute."""
        key = (recorded.organisation, recorded.fact.case)
        if self._disputes.setdefault(key, recorded) is recorded:
            self._disputed.setdefault(recorded.fact.subject, {})[key] = None

    def close_dispute(self, recorded: Recorded[DisputeClosed], *, decided: Collection[str]) -> tuple[str, ...]:
        """Take in a settlement by whoever opened the dispute, or by the operator or a registrar. Where several
        organisations used the id, a register closes those about the subjects on which it has decided the case
        (`decided`), without a decision the one opened first: nobody's dispute ends with that of a stranger."""
        own: ClaimKey = (recorded.organisation, recorded.fact.case)
        closed: list[ClaimKey] = [own] if own in self._disputes else []
        if not closed and recorded.capacity in REGISTERS:
            found = sorted(
                (key for key in self._disputes if key[1] == recorded.fact.case),
                key=lambda key: self._disputes[key].place,
            )
            closed = [key for key in found if self._disputes[key].fact.subject in decided] or found[:1]
        subjects = tuple(self._disputes.pop(key).fact.subject for key in closed)
        for key, subject in zip(closed, subjects, strict=True):
            self._disputed[subject].pop(key)
        return subjects

    def of_subject(self, subject: str) -> tuple[ClaimView, ...]:
        """Return all claims to a subject, in ledger order."""
        found = (self._claims[key] for key in self._by_subject.get(subject, ()))
        return tuple(sorted(found, key=lambda claim: claim.index))

    def of_party(self, party: str) -> tuple[ClaimView, ...]:
        """Return all claims in which a party is the holder, in ledger order."""
        found = (self._claims[key] for key in self._by_party.get(party, ()))
        return tuple(sorted(found, key=lambda claim: claim.index))

    def subjects(self) -> Iterator[str]:
        """Give all subjects with claims."""
        return (subject for subject, keys in self._by_subject.items() if keys)

    def declarations(self, subject: str, side: Side) -> list[Declaration]:
        """Return the completeness statements for one side, in ledger order."""
        return [said for said in self._declared.get(subject, ()) if said.recorded.fact.side is side]

    def public_domain(self, subject: str, side: Side) -> list[Recorded[PublicDomainEvidenced]]:
        """Return the evidence for one side that is good enough to have effect."""
        known = self._free.get(subject, ())
        return [said for said in known if said.fact.side is side and said.fact.tier >= Tier.DOCUMENTED]

    def disputes(self) -> list[Recorded[DisputeOpened]]:
        """Return all open disputes, in ledger order."""
        return sorted(self._disputes.values(), key=lambda recorded: recorded.index)

    def disputes_of(self, subject: str) -> list[Recorded[DisputeOpened]]:
        """Return the open disputes about one subject, in ledger order."""
        found = (self._disputes[key] for key in self._disputed.get(subject, ()))
        return sorted(found, key=lambda recorded: recorded.index)

    def moments(self) -> Iterator[tuple[str, int]]:
        """Give every moment at which a claim, a completeness statement or the public domain begins or ends, with the
        subject."""
        for key in self._timed_claims:
            claim = self._claims[key]
            yield from ((claim.fact.subject, moment) for moment in claim.fact.period.ends())
            if claim.withdrawn_at is not None:
                yield claim.fact.subject, claim.withdrawn_at
        for fact in self._timed:
            yield from ((fact.subject, moment) for moment in fact.period.ends())

    def territories(self) -> set[str]:
        """Return every territory expression in use that can be read."""
        used = {claim.fact.territory for claim in self._claims.values()}
        used = {text for text in used if readable(text)}
        used.update(recorded.fact.territory for said in self._free.values() for recorded in said)
        return used
