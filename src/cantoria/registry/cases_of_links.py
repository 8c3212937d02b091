"""Cases about what names what: disputed links, a code of several things, several codes of one thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cantoria.codes import Scheme
from cantoria.kernel.periods import DAY
from cantoria.registry.cases import Books, case_id, concerned
from cantoria.registry.escalation import first_days
from cantoria.registry.graph import Edge
from cantoria.registry.types import Case, CaseKind, Relation, Side

# Schemes that give one thing one code. Several ISRCs are no error (a recording registered twice keeps both), nor are
# several GTINs (one for each carrier) or codes of a sender's own.
ONE_CODE: Final = ("iswc", "grid")


def link_cases(books: Books) -> Iterator[Case]:
    """Give every case about links and codes."""
    naming: dict[str, list[Edge]] = {}
    named: dict[str, list[Edge]] = {}
    for edge in books.graph.edges():
        if edge.disputed:
            yield _link_case(edge)
        elif _names(edge):
            naming.setdefault(edge.left, []).append(edge)
            if _scheme(edge.left) in ONE_CODE:
                named.setdefault(edge.right, []).append(edge)
    for code, edges in naming.items():
        yield from _code_cases(code, edges, books)
    for thing, edges in named.items():
        yield from _codes_cases(thing, edges, books)


def link_cases_of(subject: str, books: Books) -> Iterator[Case]:
    """Give every case about the links at a subject (a code key or an entity id), and about the codes that name it."""
    edges = list(books.graph.edges_of(subject))
    for edge in edges:
        if edge.disputed:
            yield _link_case(edge)
    codes = sorted({edge.left for edge in edges if edge.relation is Relation.IDENTIFIES})
    for code in codes:
        found = [edge for edge in books.graph.out(code, Relation.IDENTIFIES) if _names(edge)]
        yield from _code_cases(code, found, books)
    for thing in sorted({edge.right for edge in edges if edge.relation is Relation.IDENTIFIES}):
        into = [edge for edge in books.graph.into(thing, Relation.IDENTIFIES) if _names(edge)]
        yield from _codes_cases(thing, [edge for edge in into if _scheme(edge.left) in ONE_CODE], books)


def _names(edge: Edge) -> bool:
    return edge.relation is Relation.IDENTIFIES and edge.effective and not edge.disputed


def _scheme(code: str) -> str:
    return code.partition(":")[0]


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
        due_at=opened_at + first_days(CaseKind.LINK_DISPUTED) * DAY,
        next_actor=first.organisation,
        blocks=edge.effective and edge.relation is not Relation.SAME_AS,
        evidence=tuple(sorted([said.index for said in edge.assertions] + [said.index for said in against])),
        detail=f"{detail}: {reasons}" if reasons else detail,
        about=tuple(dict.fromkeys(said.fact.link for said in edge.assertions)),
        concerned=concerned([first], [*edge.assertions, *against], holders=[]),
    )


def _code_cases(code: str, edges: list[Edge], books: Books) -> Iterator[Case]:
    """Give a case where a code names several different things; of somebody's own codes, several of one kind: whoever
    numbers works and recordings apart has two things of one number."""
    if _scheme(code) == Scheme.OWN:
        kinds: dict[str, list[Edge]] = {}
        for edge in edges:
            kinds.setdefault(edge.right.partition("_")[0], []).append(edge)
        edges = next((found for found in kinds.values() if _are_several(found, books)), [])
    if _are_several(edges, books):
        things = ", ".join(sorted({edge.right for edge in edges}))
        yield _code_case(CaseKind.CODE_SHARED, code, edges, detail=f"{code} names {things}", blocks=True)


def _are_several(edges: list[Edge], books: Books) -> bool:
    return len(edges) > 1 and len({books.resolver.chief(edge.right) for edge in edges}) > 1


def _codes_cases(thing: str, edges: list[Edge], books: Books) -> Iterator[Case]:
    """Give a case for each scheme by which one work or release has several codes that are not the same."""
    if len(edges) < 2 or books.entities.kind(thing) is Side.RECORDING:
        return
    for scheme in ONE_CODE:
        of_scheme = [edge for edge in edges if _scheme(edge.left) == scheme]
        if len({books.graph.same(edge.left) for edge in of_scheme}) > 1:
            codes = ", ".join(sorted({edge.left for edge in of_scheme}))
            detail = f"{thing} has {codes}, and one {scheme.upper()} is all that it can have"
            yield _code_case(CaseKind.CODES_SEVERAL, thing, of_scheme, detail=detail, blocks=False, scheme=scheme)


def _code_case(kind: CaseKind, subject: str, edges: list[Edge], *, detail: str, blocks: bool, scheme: str = "") -> Case:
    edges = sorted(edges, key=lambda edge: edge.assertions[0].place)
    opened_at = edges[1].assertions[0].claimed_at
    said = [one for edge in edges for one in edge.assertions]
    last = edges[-1].assertions[0]
    return Case(
        case=case_id(kind, subject, scheme) if scheme else case_id(kind, subject),
        kind=kind,
        subject=subject,
        opened_at=opened_at,
        due_at=opened_at + first_days(kind) * DAY,
        next_actor=last.organisation,
        blocks=blocks,
        evidence=tuple(sorted(one.index for one in said)),
        detail=detail,
        about=tuple(dict.fromkeys(one.fact.link for one in said)),
        concerned=concerned([last], said, holders=[]),
    )
