"""From a request to the numbers of a snapshot that an engine holds: the terms that the plan is made from.

The countries of the request are grouped into classes that no place of the snapshot tells apart; the table
`place_mask` says which classes each place holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from cantoria.clearance import plan
from cantoria.clearance.analytics import Analytics, Table
from cantoria.clearance.plan_terms import UNIT_MAX
from cantoria.clearance.rights import countries_of, needs_of, profile_for
from cantoria.clearance.snapshot_schema import (
    SIDE_USES,
    USE_BITS,
    mode_of,
    place_mask_schema,
    region_values,
)
from cantoria.clearance.types import Answer, Cleared, Request
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.registry import Role

# What is held at once of a snapshot that outgrows memory: the more, the fewer steps.
PIECE_UNITS: Final = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a manifest is cleared: with which rows (`several` codes on some, signals `beside` some), looking only at
    what it names (`restricted`), keeping the statements behind each cleared row (`evidence`), so many works and
    recordings at a time (`piece_units`)."""

    several: bool = True
    beside: bool = False
    restricted: bool = False
    evidence: bool = False
    piece_units: int = PIECE_UNITS


def prepare(
    analytics: Analytics, *, request: Request, persons: Answer, manner: Manner, signals: bool = True
) -> plan.Terms:
    """Register `place_mask` for a request beside the snapshot that the engine holds, and return the request's terms.

    `persons` is what the persons named come to; `signals` tells whether the snapshot has signals on record. Raises
    `InputError` for a request that cannot be read.
    """
    asking = Asking.of(request)
    places = cast("list[Any]", analytics.fetch("SELECT place, countries FROM place ORDER BY place"))
    held = {place: frozenset(countries.split()) for place, countries in places}
    classes = classes_of(countries_of(request), places=held.values())
    analytics.register("place_mask", place_masks(held, classes=classes))
    numbers = _numbers(analytics, request)
    offer = request.offer
    named = (numbers.get(f"class:{name}", 0) for name in sorted(request.licensee_classes))
    return plan.Terms(
        use=USE_BITS[asking.use],
        asked=asking.asked,
        at=request.at,
        regions=len(classes),
        licensee=numbers.get(f"licensee:{request.licensee}", 0),
        licensee_classes=tuple(number for number in named if number),
        model=numbers.get(f"model:{request.model_version}", 0) if request.model_version is not None else 0,
        currency=numbers.get(f"currency:{offer.currency}", 0) if offer else 0,
        offer=offer.fine if offer else 0,
        attribution=request.attribution,
        label=request.label,
        campaign=numbers.get(f"campaign:{request.campaign}", 0) if request.campaign is not None else 0,
        campaign_needed=request.use is Use.ADVERTISE,
        sides=asking.sides,
        person_mask=person_mask(persons),
        several=manner.several,
        beside=manner.beside,
        signals=signals,
        restricted=manner.restricted,
        evidence=manner.evidence,
        pieces=_pieces(analytics, manner.piece_units) if asking.sides else (),
    )


def _pieces(analytics: Analytics, units: int) -> tuple[tuple[int, int], ...]:
    """Return the numbers of all units in ranges of about so many."""
    [(last,)] = cast("list[Any]", analytics.fetch("SELECT coalesce(max(unit), 1) FROM unit"))
    count = max(1, round(last / units))
    ends = [last * number // count for number in range(1, count)] + [UNIT_MAX]
    return tuple(zip([1, *(end + 1 for end in ends)], ends, strict=False))


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request asks of works and recordings: whether anything (`sides`), for which use, and which bit of
    `need.asked` tells who is asked."""

    sides: bool
    use: Use
    asked: int

    @staticmethod
    def of(request: Request) -> Asking:
        """Return what a request asks of the sides, by the strictest of its profiles."""
        profile = profile_for(request)
        needs = [need for need in needs_of(request, profile=profile) if not need.persons]
        uses = {need.use for need in needs}
        if len(uses) > 1:
            raise InputError(
                f"profile {profile.name} asks works and recordings for {len(uses)} uses at once",
                "let a profile ask the sides for one use in each line of its matrix",
            )
        if any(need.roles != frozenset(Role) for need in needs):
            raise InputError(
                f"profile {profile.name} leaves out some of the holders of works and recordings",
                "let it ask holders in every role: a profile adds to the matrix and removes nothing",
            )
        if not uses:
            return Asking(False, request.use, 0)
        use = next(iter(uses))
        mode = mode_of(trust_cmo=profile.trust_cmo, estate_representative=profile.estate_representative)
        return Asking(True, use, 1 << mode * len(SIDE_USES) + SIDE_USES.index(use))


def classes_of(countries: Iterable[str], *, places: Iterable[frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Return countries in classes that no place tells apart."""
    found = list(countries)
    marks: dict[str, list[int]] = {country: [] for country in found}
    for number, place in enumerate(places):
        for country in place & marks.keys():
            marks[country].append(number)
    classes: dict[tuple[int, ...], list[str]] = {}
    for country in found:
        classes.setdefault(tuple(marks[country]), []).append(country)
    return tuple(tuple(members) for members in classes.values())


def place_masks(places: Mapping[int, frozenset[str]], *, classes: tuple[tuple[str, ...], ...]) -> Table:
    """Return the table `place_mask`: which of the classes each place holds (bits) and how many countries it has."""
    schema = place_mask_schema(len(classes))
    rows = []
    for place, countries in places.items():
        mask = sum(1 << region for region, members in enumerate(classes) if members[0] in countries)
        if mask:
            rows.append((place, len(countries), *region_values(mask, regions=len(classes))))
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return Table(schema, dict(zip(schema, columns, strict=True)))


def person_mask(persons: Answer) -> int:
    """Return the reasons of the persons named as a mask."""
    mask = 0
    if not isinstance(persons, Cleared):
        for reason in persons.reasons:
            mask |= 1 << reason.code
    return mask


def term_texts(request: Request) -> tuple[str, ...]:
    """Return what a statement could name of this request, as it stands in the dictionary `term`."""
    texts = [f"licensee:{request.licensee}", *(f"class:{name}" for name in request.licensee_classes)]
    if request.model_version is not None:
        texts.append(f"model:{request.model_version}")
    if request.offer is not None:
        texts.append(f"currency:{request.offer.currency}")
    if request.campaign is not None:
        texts.append(f"campaign:{request.campaign}")
    return tuple(sorted(texts))


def _numbers(analytics: Analytics, request: Request) -> dict[str, int]:
    listed = ", ".join(plan.text_of(text) for text in term_texts(request))
    rows = analytics.fetch(f"SELECT text, term FROM term WHERE text IN ({listed})")  # noqa: S608
    return cast("dict[str, int]", dict(cast("list[Any]", rows)))
