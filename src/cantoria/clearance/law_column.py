"""The law column: what the law of each country says of a request, beside the status and never part of it.

Cantoria's status is always opt-in: only the yes of every holder clears. The law column says what the law of a
territory would ask, on whose knowledge, and which money it makes due; nothing reads it to compute a status (RULES
sections 3 and 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from cantoria.clearance.rights import Factor, countries_of, places_of
from cantoria.clearance.types import Request
from cantoria.consent import LawBook, LawEntry, LawKind, Scheme, law_book
from cantoria.kernel import territories
from cantoria.kernel.periods import TIME_MIN, format_moment
from cantoria.kernel.territories import TerritorySet
from cantoria.kernel.uses import Use

STATUS_MEANS: Final = "by consent alone: only the yes of every holder clears"
LAW_MEANS: Final = "what the law says, for information: it clears nothing and is no legal advice"
_WORDS: Final = {
    LawKind.CONSENT_REQUIRED: "the law asks for consent",
    LawKind.LAWFUL_WITHOUT_CONSENT: "the law permits it without consent",
    LawKind.EXTENDED_LICENCE: "an extended collective licence can cover it",
    LawKind.NOT_ASSESSED: "not assessed",
}
_CONNECTED: Final = {
    Factor.TRAINING: "place of training",
    Factor.ESTABLISHMENT: "establishment",
    Factor.MARKET: "market",
    Factor.STATED: "stated",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemunerationDue:
    """Money that the law of a country makes due for a use without the holders' yes: who collects it by which tariff,
    for which roles. It is due beside any status and makes none *cleared*."""

    country: str
    scheme: str
    document: str
    terms: Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class LawLine:
    """What the law of one country (TIS code) says of a request, by which factors the country is in it, and what is due
    there."""

    country: str
    factors: tuple[Factor, ...]
    entry: LawEntry
    due: tuple[RemunerationDue, ...]

    @property
    def place(self) -> str:
        """Return the country's name."""
        return territories.name(self.country)

    def words(self) -> str:
        """Return the line in words: what the law asks for, on which basis, how sure that is, and what is due."""
        entry = self.entry
        said = _WORDS[entry.kind] + (f": {entry.basis}" if entry.basis else "")
        if entry.document:
            said += f" [{entry.source}; law book {entry.document}, {entry.assessed_on}, confidence {entry.confidence}]"
        return said + "".join(f"; remuneration due: {words_of(due)}" for due in self.due)

    def connected(self) -> str:
        """Return by what the country is in the request, in words."""
        return ", ".join(_CONNECTED[factor] for factor in self.factors)


def law_column(request: Request, *, book: LawBook | None = None) -> tuple[LawLine, ...]:
    """Return what the law of every country of a request says of its use, by `book` (None = the one that ships)."""
    chosen = law_book() if book is None else book
    return _column(_Asked(request, request.use, tuple(places_of(request).items()), chosen, chosen.era(request.at)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as far as the law column depends on it: no two that are equal have different columns."""

    request: Request = field(compare=False)
    use: Use
    places: tuple[tuple[Factor, TerritorySet], ...]
    book: LawBook
    era: int


@lru_cache(maxsize=256)
def _column(asked: _Asked) -> tuple[LawLine, ...]:
    request, book = asked.request, asked.book
    due: dict[str, list[RemunerationDue]] = {}
    for one in remuneration_due(request, book=book):
        due.setdefault(one.country, []).append(one)
    return tuple(
        LawLine(
            country=country,
            factors=tuple(factor for factor, members in asked.places if country in members),
            entry=book.entry(request.use, country=country, at=request.at),
            due=tuple(due.get(country, ())),
        )
        for country in countries_of(request)
    )


def remuneration_due(request: Request, *, book: LawBook | None = None) -> tuple[RemunerationDue, ...]:
    """Return what the law of the request's countries makes due for its use without the holders' yes, by country.

    That an extended collective licence exists makes its remuneration due from whoever relies on it, and clears nothing.
    """
    chosen = law_book() if book is None else book
    return tuple(
        RemunerationDue(country=country, scheme=key, document=document.label, terms=scheme)
        for country in countries_of(request)
        for document, key, scheme in chosen.schemes(request.use, country=country, at=request.at)
    )


def words_of(due: RemunerationDue) -> str:
    """Return one item of remuneration in words."""
    terms = due.terms
    opt_out = f", opt out: {terms.opt_out}" if terms.opt_out else ""
    kept = "can be waived" if terms.waivable else "cannot be waived"
    return f"{terms.title} ({due.scheme}), to {terms.cmo} by {terms.tariff}, {kept}{opt_out}"


def law_value(lines: Iterable[LawLine]) -> dict[str, Any]:
    """Return law lines as a JSON value, by country (TIS code)."""
    return {line.country: _line_value(line) for line in lines}


def law_cells(request: Request, *, book: LawBook | None = None) -> dict[str, str]:
    """Return the cells of the result table by country; countries of which nothing is known share `elsewhere`."""
    cells = {}
    for line in law_column(request, book=book):
        known = line.entry.basis or line.due
        cells[line.country if known else "elsewhere"] = f"{line.entry.kind.value}: {line.words()}"
    return cells


def _line_value(line: LawLine) -> dict[str, Any]:
    entry = line.entry
    value: dict[str, Any] = {
        "name": line.place,
        "factors": [factor.value for factor in line.factors],
        "kind": entry.kind.value,
        "basis": entry.basis,
        "source": entry.source,
        "confidence": entry.confidence.value if entry.confidence else None,
        "assessed_on": entry.assessed_on,
        "document": entry.document,
        "check": entry.check,
        "remuneration_due": [due_value(due) for due in line.due],
    }
    if entry.period.start > TIME_MIN:
        value["since"] = format_moment(entry.period.start)
    if entry.period.end is not None:
        value["until"] = format_moment(entry.period.end)
    return value


def due_value(due: RemunerationDue) -> dict[str, Any]:
    """Return one item of remuneration as a JSON value."""
    terms = due.terms
    return {
        "scheme": due.scheme,
        "kind": terms.kind.value,
        "title": terms.title,
        "cmo": terms.cmo,
        "tariff": terms.tariff,
        "roles": sorted(role.value for role in terms.roles),
        "waivable": terms.waivable,
        "opt_out": terms.opt_out,
        "document": due.document,
    }
