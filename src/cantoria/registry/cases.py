"""Conflicts that somebody has to settle: each with its evidence, since when, whose turn it is, and until when.

A case is worked out from what is recorded, never stored: it goes away when its cause does. Its id depends only on
what it is about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from cantoria.kernel import territories
from cantoria.kernel.ids import CaseId, typed_id
from cantoria.kernel.periods import DAY
from cantoria.registry.claims import Claims, readable
from cantoria.registry.graph import Edge, Graph
from cantoria.registry.holders import share_sums
from cantoria.registry.resolve import Resolver
from cantoria.registry.types import Case, CaseKind, Relation, Right, Tier
from cantoria.registry.views import ClaimView

DUE_DAYS: Final = 30
_EVERYWHERE: Final = -1  # the mask of an expression that nobody can read


def case_id(kind: CaseKind, *about: str) -> CaseId:
    """Return the id of the case of this kind about these things, the same whenever it is worked out."""
    digest = hashlib.sha256("\0".join((kind, *about)).encode("utf-8", "surrogatepass")).digest()
    return CaseId(typed_id("case", digest[:16]))


def all_cases(at: int, *, claims: Claims, graph: Graph, resolver: Resolver) -> tuple[Case, ...]:
    """Return every open case at the moment `at`, the oldest first."""
    found = [
        *_share_cases(claims, at),
        *_dispute_cases(claims),
        *_link_cases(graph),
        *_code_cases(graph, resolver),
    ]
    return tuple(sorted(found, key=lambda case: (case.opened_at, case.case)))


def share_cases(subject: str, claims: Iterable[ClaimView], *, at: int) -> Iterator[Case]:
    """Give one case per right whose shares add up to more than the whole anywhere at the moment `at`."""
    shared = [claim for claim in claims if claim.effective and claim.in_force(at) and claim.fact.share is not None]
    for right, total in share_sums(shared).items():
        if total > 1:
            of_right = [claim for claim in shared if claim.fact.right is right]
            broke = _breaking(of_right, at)
            if broke is not None:
                yield _share_case(subject, right, of_right, broke, at)


def _share_cases(claims: Claims, at: int) -> Iterator[Case]:
    for subject in claims.subjects():
        yield from share_cases(subject, claims.of_subject(subject), at=at)


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


def _share_case(subject: str, right: Right | None, claims: list[ClaimView], broke: ClaimView, at: int) -> Case:
    named = ", ".join(f"{claim.fact.claim} of {claim.fact.party} {claim.fact.share}" for claim in claims)
    about = right.value if right else "role"
    opened_at = broke.recorded.claimed_at
    return Case(
        case=case_id(CaseKind.SHARES_ABOVE_WHOLE, subject, about),
        kind=CaseKind.SHARES_ABOVE_WHOLE,
        subject=subject,
        opened_at=opened_at,
        due_at=opened_at + DUE_DAYS * DAY,
        next_actor=claims[-1].organisation,
        blocks=True,
        evidence=tuple(claim.index for claim in claims),
        detail=f"{about} shares add up to more than 100 %: {named}",
    )


def _dispute_cases(claims: Claims) -> Iterator[Case]:
    for recorded in claims.disputes():
        fact = recorded.fact
        yield Case(
            case=fact.case,
            kind=CaseKind.CLAIM_DISPUTED,
            subject=fact.subject,
            opened_at=recorded.claimed_at,
            due_at=fact.due_at,
            next_actor=fact.next_actor,
            blocks=fact.tier >= Tier.DOCUMENTED,
            evidence=(recorded.index,),
            detail=fact.reason,
        )


def _link_cases(graph: Graph) -> Iterator[Case]:
    for edge in graph.edges():
        if edge.disputed:
            yield _link_case(edge)


def _link_case(edge: Edge) -> Case:
    against = edge.disagreeing()
    first = edge.assertions[0]
    reasons = "; ".join(said.fact.reason for said in against if said.fact.reason)
    detail = f"{edge.left} {edge.relation.value} {edge.right} is disputed"
    opened_at = against[0].claimed_at
    return Case(
        case=case_id(CaseKind.LINK_DISPUTED, edge.left, edge.relation, edge.right),
        kind=CaseKind.LINK_DISPUTED,
        subject=edge.right if edge.relation is Relation.IDENTIFIES else edge.left,
        opened_at=opened_at,
        due_at=opened_at + DUE_DAYS * DAY,
        next_actor=first.organisation,
        blocks=edge.effective and edge.relation is not Relation.SAME_AS,
        evidence=tuple(sorted([said.index for said in edge.assertions] + [said.index for said in against])),
        detail=f"{detail}: {reasons}" if reasons else detail,
    )


def _code_cases(graph: Graph, resolver: Resolver) -> Iterator[Case]:
    """Give a case for each code that names several different things."""
    naming: dict[str, list[Edge]] = {}
    for edge in graph.edges():
        if edge.relation is Relation.IDENTIFIES and edge.effective and not edge.disputed:
            naming.setdefault(edge.left, []).append(edge)
    for code, edges in naming.items():
        if len(edges) > 1 and len({resolver.chief(edge.right) for edge in edges}) > 1:
            yield _code_case(code, edges)


def _code_case(code: str, edges: list[Edge]) -> Case:
    things = sorted({edge.right for edge in edges})
    second = edges[1].assertions[0]
    return Case(
        case=case_id(CaseKind.CODE_SHARED, code),
        kind=CaseKind.CODE_SHARED,
        subject=code,
        opened_at=second.claimed_at,
        due_at=second.claimed_at + DUE_DAYS * DAY,
        next_actor=edges[-1].assertions[0].organisation,
        blocks=True,
        evidence=tuple(sorted(said.index for edge in edges for said in edge.assertions)),
        detail=f"{code} names {', '.join(things)}",
    )
