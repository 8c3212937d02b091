"""What the persons named in a request come to, by the snapshot that an engine holds: for the plan, which asks works
and recordings only. It is the rule of look-ups (`point`), which reads a few rows for each person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from cantoria.clearance.analytics import Analytics
from cantoria.clearance.plan import text_of
from cantoria.clearance.point import question
from cantoria.clearance.point_codes import Chosen, LeadRow
from cantoria.clearance.point_rows import Licensees, PersonRow, SaidRow, SubjectRows
from cantoria.clearance.snapshot_schema import SCHEMAS
from cantoria.clearance.types import Answer, Request
from cantoria.consent import ScopeKind
from cantoria.kernel.check import require
from cantoria.kernel.errors import IntegrityError

_SAID: Final = ", ".join(column for column in SCHEMAS["statement"] if column != "voice")
_KINDS: Final = f"{int(ScopeKind.PERSONA)}, {int(ScopeKind.PRESENT_WORKS)}"


def persons_of(analytics: Analytics, *, request: Request) -> Answer:
    """Return what the persons named in a request come to, by the snapshot whose tables the engine holds. Raises
    `InputError` for a request that cannot be read."""
    return question(request, book=_PersonsBook(analytics)).persons


class _PersonsBook:
    """The tables of a snapshot as `point.question` reads them; works and recordings are the plan's."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    def places(self) -> Mapping[int, frozenset[str]]:
        return {place: frozenset(text.split()) for place, text in self._rows("SELECT place, countries FROM place")}

    def term(self, text: str) -> int:
        found = self._rows(f"SELECT term FROM term WHERE text = {text_of(text)}")  # noqa: S608
        return int(found[0][0]) if found else 0

    def person(self, party: str) -> Sequence[PersonRow]:
        query = f"""SELECT p.voice, p.asked, p.reachable FROM person AS p JOIN party AS n ON n.party = p.party
                    WHERE n.text = {text_of(party)} ORDER BY p.voice"""  # noqa: S608
        return [PersonRow._make(row) for row in self._rows(query)]

    def persona(self, voice: int, *, licensees: Licensees) -> Sequence[SaidRow]:
        spoken_to = " OR ".join(f"(licensee_kind = {kind} AND licensee = {number})" for kind, number in licensees)
        query = f"""SELECT {_SAID} FROM statement WHERE voice = {voice} AND kind IN ({_KINDS}) AND ({spoken_to})
                    ORDER BY index"""  # noqa: S608
        return [SaidRow._make(row) for row in self._rows(query)]

    def thing(self, number: int) -> str:
        return str(self._one(f"SELECT text FROM thing WHERE thing = {number}")[0])  # noqa: S608

    def voice(self, number: int) -> tuple[str, str]:
        query = "SELECT v.text, p.text FROM voice AS v JOIN party AS p ON p.party = v.party WHERE v.voice = "
        text, speaker = self._one(f"{query}{number}")
        return str(text), str(speaker)

    def statement(self, index: int) -> str:
        return str(self._one(f"SELECT text FROM statement_name WHERE index = {index}")[0])  # noqa: S608

    def name(self, code: str, media: int) -> Chosen:
        raise _only_persons()

    def leads(self, code: str, media: int) -> Sequence[LeadRow]:
        raise _only_persons()

    def subject(self, number: int, *, licensees: Licensees) -> SubjectRows:
        raise _only_persons()

    def _rows(self, query: str) -> list[Any]:
        return cast("list[Any]", self._analytics.fetch(query))

    def _one(self, query: str) -> Any:
        found = self._rows(query)
        require(len(found) == 1, "the snapshot has each number once")
        return found[0]


def _only_persons() -> IntegrityError:
    return IntegrityError("works and recordings are the plan's", "this is a defect in Cantoria")
