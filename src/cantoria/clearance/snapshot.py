"""The rights views in columns, for one request: what the set-based plan reads instead of the views themselves.

Built by the same functions that `decide` uses (targets, sides, voices), once for every work and recording instead of
once for every row. What depends on who asks and what is offered is left to the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cantoria.clearance import plan
from cantoria.clearance.analytics import Table
from cantoria.clearance.decide import decide_persons
from cantoria.clearance.rights import Rights, country_classes, needs_of, profile_for
from cantoria.clearance.snapshot_codes import CodeBook
from cantoria.clearance.snapshot_needs import NeedBook, Question
from cantoria.clearance.snapshot_statements import USE_BITS, Ledger
from cantoria.clearance.types import Answer, Cleared, Request
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.registry import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything the plan needs to answer `request` for any rows: `tables` by the names of `SCHEMAS`, the classes of
    `countries` that stand for one another, the numbers of the `terms` that statements name, and what the `persons`
    named in the request come to. `sides` tells whether the request asks works and recordings at all."""

    request: Request
    countries: tuple[tuple[str, ...], ...]
    tables: Mapping[str, Table]
    terms: Mapping[str, int]
    persons: Answer
    sides: bool
    use: Use

    @property
    def subjects(self) -> int:
        """The number of works and recordings that a row can name."""
        return self.tables["subject"].rows

    def plan_terms(self, *, several: bool, restricted: bool, evidence: bool) -> plan.Terms:
        """Return the request in the numbers of this snapshot."""
        request, terms = self.request, self.terms
        offer = request.offer
        classes = (terms.get(f"class:{name}", 0) for name in sorted(request.licensee_classes))
        return plan.Terms(
            use=USE_BITS[self.use],
            regions=len(self.countries),
            licensee=terms.get(f"licensee:{request.licensee}", 0),
            licensee_classes=tuple(number for number in classes if number),
            model=terms.get(f"model:{request.model_version}", 0) if request.model_version is not None else 0,
            currency=terms.get(f"currency:{offer.currency}", 0) if offer else 0,
            offer=offer.fine if offer else 0,
            attribution=request.attribution,
            label=request.label,
            campaign=terms.get(f"campaign:{request.campaign}", 0) if request.campaign is not None else 0,
            campaign_needed=request.use is Use.ADVERTISE,
            sides=self.sides,
            person_mask=person_mask(self.persons),
            several=several,
            restricted=restricted,
            evidence=evidence,
        )


def person_mask(persons: Answer) -> int:
    """Return the reasons of the persons named as a mask."""
    mask = 0
    if not isinstance(persons, Cleared):
        for reason in persons.reasons:
            mask |= 1 << reason.code
    return mask


def build(rights: Rights, *, request: Request, only: Iterable[str] | None = None) -> Snapshot:
    """Return the snapshot of `rights`, folded as of `request.size`, for a request and all rows, or for rows that carry
    `only` these codes. Raises `InputError` for a request that cannot be read."""
    profile = profile_for(request)
    needs = needs_of(request, profile=profile)
    uses = {need.use for need in needs if not need.persons}
    if len(uses) > 1:
        raise InputError(
            f"profile {profile.name} asks works and recordings for {len(uses)} uses at once",
            "let a profile ask the sides for one use in each line of its matrix",
        )
    countries = country_classes(request, rights=rights)
    question = Question(
        use=next(iter(uses), request.use),
        roles=frozenset().union(*(need.roles for need in needs if not need.persons)),
        at=request.at,
        countries=tuple(members[0] for members in countries),
        profile=profile,
    )
    codes = CodeBook(rights.registry)
    codes.read(rights.registry.codes() if only is None else dict.fromkeys(only))
    ledger = Ledger(rights.standings, at=request.at, countries=question.countries)
    book = NeedBook(rights, question=question, ledger=ledger)
    if uses:
        for subject, side in list(codes.subjects()):
            book.read(Found(subject, side, ""), number=codes.number((subject, side)))
    statements, terms = ledger.tables(book.voices)
    return Snapshot(
        request=request,
        countries=countries,
        tables=codes.tables() | book.tables() | statements,
        terms=terms,
        persons=decide_persons(request, rights=rights),
        sides=bool(uses),
        use=question.use,
    )
