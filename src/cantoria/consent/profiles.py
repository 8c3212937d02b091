"""Legal profiles: whose yes a use needs, as data (RULES sections 1 and 5). A profile adds to the base, never removes.

A profile is what the document of a territory demands (`consent/law.py`). A request is judged by the strictest of the
profile that it names and those of all its countries (RULES section 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cantoria.consent.law import LawDocument
from cantoria.consent.law_book import LawBook
from cantoria.consent.law_shipped import law_book
from cantoria.consent.needs import BASE_MATRIX, Matrix, Need
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import TIME_MAX
from cantoria.kernel.uses import Use


@dataclass(frozen=True, slots=True)
class Profile:
    """What one law demands. `territory` (ISO 3166 code or group, empty for the base) is where it applies by itself.
    `majority_age` (0: not known) is told to people and decides nothing."""

    name: str
    territory: str
    matrix: Matrix
    trust_cmo: bool = False
    estate_representative: bool = False
    majority_age: int = 0


BASE: Final = Profile("base", "", BASE_MATRIX)


def profiles(*, at: int = TIME_MAX, book: LawBook | None = None) -> dict[str, Profile]:
    """Return the profiles that count at the moment `at`, by name: the base and one for each territory of the book."""
    chosen = law_book() if book is None else book
    found = (profile_of(document, at=at, book=chosen) for document in chosen.in_force(at))
    return {"base": BASE, **{profile.name: profile for profile in found}}


def profile_of(document: LawDocument, *, at: int, book: LawBook) -> Profile:
    """Return the base with what a document adds, and what those add that it inherits."""
    line = tuple(book.line(document, at=at))
    matrix = dict(BASE_MATRIX)
    for added in (added for source in line for added in source.profile.adds):
        matrix[added.use] |= {Need(added.when, added.asks, added.roles, added.persons)}
    return Profile(
        document.territory.lower(),
        document.territory,
        matrix,
        trust_cmo=any(source.profile.trust_cmo for source in line),
        estate_representative=document.profile.estate_representative,
        majority_age=document.profile.majority_age,
    )


def profile_named(name: str, *, at: int = TIME_MAX, book: LawBook | None = None) -> Profile:
    """Return the profile called `name` at the moment `at`, or raise `InputError`."""
    known = profiles(at=at, book=book)
    if name not in known:
        raise InputError(f"unknown legal profile {name[:40]!r}", f"known are {', '.join(sorted(known))}")
    return known[name]


def strictest(name: str, *, countries: Iterable[str], at: int = TIME_MAX, book: LawBook | None = None) -> Profile:
    """Return the strictest of the profile called `name` and those of `countries` (TIS codes; base where none is).

    Needs and demands add up; a representative stands for all heirs only if every one of these profiles says so.
    """
    chosen = law_book() if book is None else book
    return _strictest(name, tuple(countries), _Moment(at, chosen, chosen.era(at)))


@dataclass(frozen=True, slots=True)
class _Moment:
    """A moment as a book sees it: it says the same at all moments of one era."""

    at: int = field(compare=False)
    book: LawBook
    era: int


@lru_cache(maxsize=256)
def _strictest(name: str, countries: tuple[str, ...], moment: _Moment) -> Profile:
    at, book = moment.at, moment.book
    found = {name: profile_named(name, at=at, book=book)}
    for country in countries:
        document = book.document_of(country, at=at)
        profile = BASE if document is None else profile_of(document, at=at, book=book)
        found[profile.name] = profile
    return _merge(tuple(found[key] for key in sorted(found)))


def _merge(profiles: tuple[Profile, ...]) -> Profile:
    if len(profiles) == 1:
        return profiles[0]
    return Profile(
        "+".join(profile.name for profile in profiles),
        "",
        {use: frozenset().union(*(profile.matrix[use] for profile in profiles)) for use in Use},
        trust_cmo=any(profile.trust_cmo for profile in profiles),
        estate_representative=all(profile.estate_representative for profile in profiles),
    )
