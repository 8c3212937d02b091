"""Conflicts that somebody has to settle: each with its evidence, since when, whose turn it is, and until when.

A case is worked out from what is recorded, never stored: it goes away when its cause does. Its id depends only on
what it is about. What was said in it since moves its clock (`cantoria.registry.clock`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from cantoria.kernel import territories
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import CaseId, typed_id
from cantoria.kernel.periods import DAY
from cantoria.registry.answers import Answers, Registration, RegistrationState
from cantoria.registry.chains import Break, ChainBook
from cantoria.registry.claims import Claims, readable
from cantoria.registry.entities import Entities
from cantoria.registry.escalation import first_days
from cantoria.registry.facts import DisputeOpened
from cantoria.registry.graph import Graph
from cantoria.registry.holders import share_sums
from cantoria.registry.resolve import Resolver
from cantoria.registry.standing import interested_in
from cantoria.registry.trade import Trade
from cantoria.registry.types import Case, CaseKind, Concerned, Right, Tier
from cantoria.registry.views import ClaimView

_EVERYWHERE: Final = -1  # the mask of an expression that nobody can read


@dataclass(frozen=True, slots=True)
class Books:
    """All that cases are worked out from."""

    entities: Entities
    claims: Claims
    graph: Graph
    resolver: Resolver
    trade: Trade
    answers: Answers
    chains: Callable[[str], ChainBook]


def case_id(kind: CaseKind, *about: str) -> CaseId:
    """Return the id of the case of this kind about these things, the same whenever it is worked out."""
    digest = hashlib.sha256("\0".join((kind, *about)).encode("utf-8", "surrogatepass")).digest()
    return CaseId(typed_id("case", digest[:16]))


def rights_cases(books: Books, at: int) -> Iterator[Case]:
    """Give every case about holders: shares, disputes, chains of title, answers to registrations."""
    for subject in books.claims.subjects():
        yield from share_cases(subject, books.claims.of_subject(subject), at=at)
    for said in books.claims.disputes():
        yield _dispute_case(said, books)
    for subject in books.trade.chained():
        yield from _chain_cases(subject, books, at)
    for registration in books.answers.conflicts():
        yield _answer_case(registration, books)


def rights_cases_of(subject: str, books: Books, at: int) -> Iterator[Case]:
    """Give every case about the holders of one subject."""
    yield from share_cases(subject, books.claims.of_subject(subject), at=at)
    for said in books.claims.disputes_of(subject):
        yield _dispute_case(said, books)
    yield from _chain_cases(subject, books, at)
    for registration in books.answers.of(subject):
        if registration.state is RegistrationState.CONFLICT:
            yield _answer_case(registration, books)


def share_cases(subject: str, claims: Iterable[ClaimView], *, at: int) -> Iterator[Case]:
    """Give one case per right whose shares add up to more than the whole anywhere at the moment `at`."""
    shared = [claim for claim in claims if claim.effective and claim.in_force(at) and claim.fact.share is not None]
    for right, total in share_sums(shared).items():
        if total > 1:
            of_right = [claim for claim in shared if claim.fact.right is right]
            broke = _breaking(of_right, at)
            if broke is not None:
                yield _share_case(subject, right, of_right, broke)


def _breaking(claims: list[ClaimView], at: int) -> ClaimView | None:
    """Return the claim with which the shares first exceeded the whole in some country, in ledger order."""
    reached = [(_EVERYWHERE, Fraction(0))]  # parts of the world with what is claimed in them so far
    for claim in claims:
        mask, share = _mask(claim.fact.territory, at), claim.fact.share or Fraction(0)
        parts = []
        for part, total in reached:
            if part & mask:
                parts.append((part & mask, total + share))
                if total + share > 1:
                    return claim
            if part & ~mask:
                parts.append((part & ~mask, total))
        reached = parts
    return None


def _mask(expression: str, at: int) -> int:
    return territories.resolve(expression, at=at).mask if readable(expression) else _EVERYWHERE


def _share_case(subject: str, right: Right | None, claims: list[ClaimView], broke: ClaimView) -> Case:
    named = ", ".join(f"{claim.fact.claim} of {claim.fact.party} {claim.fact.share}" for claim in claims)
    about = right.value if right else "role"
    opened_at = broke.recorded.claimed_at
    said = [claim.recorded for claim in claims]
    return Case(
        case=case_id(CaseKind.SHARES_ABOVE_WHOLE, subject, about),
        kind=CaseKind.SHARES_ABOVE_WHOLE,
        subject=subject,
        opened_at=opened_at,
        due_at=opened_at + first_days(CaseKind.SHARES_ABOVE_WHOLE) * DAY,
        next_actor=claims[-1].organisation,
        blocks=True,
        evidence=tuple(claim.index for claim in claims),
        detail=f"{about} shares add up to more than 100 %: {named}",
        about=tuple(claim.fact.claim for claim in claims),
        concerned=concerned([claims[-1].recorded], said, holders=[claim.fact.party for claim in claims]),
    )


def _dispute_case(recorded: Recorded[DisputeOpened], books: Books) -> Case:
    fact = recorded.fact
    claims = [claim for claim in books.claims.of_subject(fact.subject) if claim.effective]
    said: list[Recorded[Any]] = [recorded, *(claim.recorded for claim in claims if claim.fact.role.side is fact.side)]
    known = concerned([], said, holders=[one.fact.party for one in said[1:]])
    return Case(
        case=fact.case,
        kind=CaseKind.CLAIM_DISPUTED,
        subject=fact.subject,
        opened_at=recorded.claimed_at,
        due_at=fact.due_at,
        next_actor=fact.next_actor,
        blocks=fact.tier >= Tier.DOCUMENTED,
        evidence=(recorded.index,),
        detail=fact.reason,
        about=tuple(one.fact.claim for one in said[1:]),
        concerned=Concerned(
            claimants=(fact.next_actor,), others=known.others, holders=known.holders, interested=known.interested
        ),
    )


def _chain_cases(subject: str, books: Books, at: int) -> Iterator[Case]:
    for broken in books.chains(subject).breaks(at):
        yield _chain_case(subject, broken)


def _chain_case(subject: str, broken: Break) -> Case:
    own = list(broken.said) or [said for said in broken.chains if said.fact.acquirer == broken.party]
    opened_at = max(min(said.claimed_at for said in own), min(said.claimed_at for said in broken.chains))
    holders = [broken.party, *(said.fact.grantor for said in broken.chains if said.fact.grantor)]
    evidence = {said.index for said in (*own, *broken.chains)}
    return Case(
        case=case_id(CaseKind.CHAIN_BROKEN, subject, broken.party),
        kind=CaseKind.CHAIN_BROKEN,
        subject=subject,
        opened_at=opened_at,
        due_at=opened_at + first_days(CaseKind.CHAIN_BROKEN) * DAY,
        next_actor=own[-1].organisation,
        blocks=broken.blocks,
        evidence=tuple(sorted(evidence)),
        detail=broken.why,
        about=tuple(dict.fromkeys(str(said.fact.claim) for said in broken.said)),
        concerned=concerned([own[-1]], [*own, *broken.chains], holders=holders),
    )


def _answer_case(registration: Registration, books: Books) -> Case:
    said, fact = registration.recorded, registration.fact
    named = books.entities.parties_named_by(fact.answered_by)
    answerer = named[0] if len(named) == 1 else fact.answered_by
    texts = "; ".join(message.text for message in fact.messages)
    detail = f"{fact.answered_by} answered {fact.transaction or 'the registration'} of {fact.work} with a conflict"
    return Case(
        case=case_id(CaseKind.REGISTRATION_CONFLICT, fact.work, fact.answered_by, said.organisation),
        kind=CaseKind.REGISTRATION_CONFLICT,
        subject=str(fact.work),
        opened_at=said.claimed_at,
        due_at=said.claimed_at + first_days(CaseKind.REGISTRATION_CONFLICT) * DAY,
        next_actor=registration.sender,
        blocks=False,
        evidence=(said.index,),
        detail=f"{detail}: {texts}" if texts else detail,
        concerned=Concerned(
            claimants=(registration.sender,),
            others=(answerer,),
            interested=frozenset((registration.sender, answerer, fact.answered_by)),
        ),
    )


def concerned(first: list[Recorded[Any]], said: list[Recorded[Any]], *, holders: list[str]) -> Concerned:
    """Return who is concerned by what was said: who said `first` is the claimant, who said the rest the others."""
    claimants = tuple(dict.fromkeys(one.organisation for one in first))
    others = dict.fromkeys(one.organisation for one in said)
    return Concerned(
        claimants=claimants,
        others=tuple(name for name in others if name not in claimants),
        holders=tuple(dict.fromkeys(holders)),
        interested=frozenset(name for one in said for name in interested_in(one)) | frozenset(holders),
    )
