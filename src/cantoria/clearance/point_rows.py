"""The rows of a snapshot that one answer reads, and the book that hands them out (see `snapshot_schema`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from cantoria.clearance.point_codes import Chosen, LeadRow
from cantoria.clearance.types import Request
from cantoria.consent import LicenseeKind
from cantoria.kernel.errors import IntegrityError

# To whom a statement can speak so that it speaks to who asks: kinds of licensee with the number of the term.
Licensees = tuple[tuple[int, int], ...]


class NeedRow(NamedTuple):
    """A say that a unit needs: whose (`voice`), about which thing, registered at which ledger index; where (`place`)
    and for which uses and modes (`asked`) it is needed."""

    unit: int
    voice: int
    about: int
    registered: int
    reachable: bool
    place: int
    asked: int


class SaidRow(NamedTuple):
    """One statement of a voice: the columns of table `statement` after its voice."""

    index: int  # type: ignore[assignment]  # a tuple's method of that name is not needed
    scope: int
    kind: int
    own: bool
    verdict: int
    uses: int
    licensee_kind: int
    licensee: int
    place: int
    since: int
    until: int
    model: int
    currency: int
    price: int
    attribution: bool
    label: bool
    campaign: int
    unknown_terms: bool


class ProblemRow(NamedTuple):
    """What is wrong with a subject or one of its units: a reason's number, the thing, and where (0: everywhere)."""

    code: int
    about: int
    place: int


class SignalRow(NamedTuple):
    """Which uses an outside signal refuses for a subject, where and when."""

    uses: int
    place: int
    since: int
    until: int


class PersonRow(NamedTuple):
    """One voice of a person: for which uses and modes it is asked, and whether it can be reached."""

    voice: int
    asked: int
    reachable: bool


class SubjectRows(NamedTuple):
    """Everything on record about one subject.

    `narrow` has by unit and voice the statements whose scope reaches the unit, each with the ledger index above which
    a yes must stand to do so; `wide` has by voice the statements on a person's present and future works.
    """

    text: str
    problems: Sequence[ProblemRow]
    needs: Sequence[NeedRow]
    narrow: Mapping[tuple[int, int], Sequence[tuple[int, SaidRow]]]
    wide: Mapping[int, Sequence[SaidRow]]
    signals: Sequence[SignalRow]


class Masks(dict[int, int]):
    """Masks by place. A place that the snapshot does not have is no empty one: that could leave somebody unasked."""

    def __missing__(self, place: int) -> int:
        raise IntegrityError(f"the snapshot has no place {place}", "make it anew")


class Book(Protocol):
    """A snapshot, one thing at a time. Numbers that it does not know are an `IntegrityError`."""

    def places(self) -> Mapping[int, frozenset[str]]:
        """Return the countries (TIS codes) of every place."""
        ...

    def term(self, text: str) -> int:
        """Return the number of a term such as `licensee:party_1`, 0 for one that no statement names."""
        ...

    def name(self, code: str, media: int) -> Chosen:
        """Return what a single code names."""
        ...

    def leads(self, code: str, media: int) -> Sequence[LeadRow]:
        """Return where a code leads."""
        ...

    def subject(self, number: int, *, licensees: Licensees) -> SubjectRows:
        """Return what is on record about a subject; of what was said, what speaks to one of `licensees`."""
        ...

    def person(self, party: str) -> Sequence[PersonRow]:
        """Return the voices of a person."""
        ...

    def persona(self, voice: int, *, licensees: Licensees) -> Sequence[SaidRow]:
        """Return what a voice says of a person themself to one of `licensees`: statements on the person and on all
        present works."""
        ...

    def thing(self, number: int) -> str:
        """Return the id of a thing."""
        ...

    def voice(self, number: int) -> tuple[str, str]:
        """Return a voice as text, and the party that speaks."""
        ...

    def statement(self, index: int) -> str:
        """Return the id of the statement at a ledger index."""
        ...


def licensees_of(request: Request, *, book: Book) -> Licensees:
    """Return what a statement can name as its licensee so that it speaks to who asks."""
    classes = sorted({book.term(f"class:{name}") for name in request.licensee_classes} - {0})
    named = book.term(f"licensee:{request.licensee}")
    return (
        (int(LicenseeKind.ANY), 0),
        *((int(LicenseeKind.CLASS), number) for number in classes),
        *([(int(LicenseeKind.NAMED), named)] if named else []),
    )
