"""A clearance pack: one read-only SQLite file that answers for one row at a time, in process, well under a millisecond.

    pack = Pack(Path("catalogue.pack"))
    asked = pack.ask(request)                       # once for each request
    pack.answer(Row(1, ("isrc:KRA381900123",)), asked)    # Cleared | Denied | Licensable | Unknown, with every reason

Made from a published snapshot (`build_pack`) and good for the moments for which that is. Statements are found by
voice, scope and licensee, so that a holder with a hundred thousand rules costs no more than one with three.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cantoria.clearance import point
from cantoria.clearance.point import Question
from cantoria.clearance.point_codes import NOTHING, Chosen, LeadRow
from cantoria.clearance.point_rows import (
    Licensees,
    NeedRow,
    PersonRow,
    ProblemRow,
    SaidRow,
    SignalRow,
    SubjectRows,
)
from cantoria.clearance.types import Answer, Request, Row
from cantoria.consent import ScopeKind
from cantoria.kernel import periods
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.uses import Use
from cantoria.sdk.pack_build import connect, meta_of

QUESTIONS_MAX: Final = 1_024
TEXTS_MAX: Final = 65_536
MAPPED_BYTES: Final = 1 << 36

_SAID: Final = ", ".join(f's."{name}"' for name in SaidRow._fields)
# CROSS JOIN keeps this order in SQLite: from the few rows of a unit to what is said of just these.
_NEEDS: Final = """
SELECT n.unit, n.voice, n.about, n.registered, n.reachable, n.place, n.asked
FROM part AS p CROSS JOIN need AS n ON n.unit = p.unit WHERE p.subject = ?
"""
_PROBLEMS: Final = """
SELECT code, about, 0 FROM problem WHERE subject = :subject
UNION ALL SELECT u.code, u.about, u.place FROM part AS p CROSS JOIN unit_problem AS u ON u.unit = p.unit
WHERE p.subject = :subject
"""
_TO: Final = "s.licensee_kind = w.column1 AND s.licensee = w.column2"
_NARROW: Final = f"""
SELECT v.unit, v.voice, r.since, {_SAID}
FROM (SELECT DISTINCT n.unit, n.voice FROM part AS p CROSS JOIN need AS n ON n.unit = p.unit WHERE p.subject = ?) AS v
CROSS JOIN reach AS r ON r.unit = v.unit CROSS JOIN (VALUES ?) AS w
CROSS JOIN statement AS s ON s.voice = v.voice AND s.scope = r.scope AND {_TO}
WHERE s.kind BETWEEN {int(ScopeKind.RECORDING)} AND {int(ScopeKind.CATALOGUE)}
"""  # noqa: S608
_WIDE: Final = f"""
SELECT v.voice, {_SAID}
FROM (SELECT DISTINCT n.voice FROM part AS p CROSS JOIN need AS n ON n.unit = p.unit WHERE p.subject = ?) AS v
CROSS JOIN (VALUES ?) AS w CROSS JOIN statement AS s ON s.voice = v.voice AND s.scope = 0 AND {_TO}
WHERE s.kind >= {int(ScopeKind.PRESENT_WORKS)}
"""  # noqa: S608
_PERSONA: Final = f"""
SELECT {_SAID} FROM (VALUES ?) AS w CROSS JOIN statement AS s ON s.voice = ? AND s.scope = 0 AND {_TO}
WHERE s.kind IN ({int(ScopeKind.PERSONA)}, {int(ScopeKind.PRESENT_WORKS)})
"""  # noqa: S608


class Pack:
    """The pack in the file at `path`; `snapshot` is the id that it must be of (None = whichever it is of).

    Safe to use from several threads. Implements `point_rows.Book`.
    """

    def __init__(self, path: Path, *, snapshot: str | None = None) -> None:
        # Never changed once it is there, and replaced whole: no locks in it, and each reader keeps the file it opened.
        self._connection = connect(path, "mode=ro&immutable=1")
        opened = meta_of(self._connection, path)
        if snapshot is not None and opened.id != snapshot:
            self._connection.close()
            raise InputError(f"{path.name} is the pack of {opened.id}, not of {snapshot}", "make it anew")
        self.path, self.id, self.head = path, opened.id, opened.head
        self._connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
        self._lock = threading.Lock()
        self._places: Mapping[int, frozenset[str]] | None = None
        self.ask: Callable[[Request], Question] = lru_cache(QUESTIONS_MAX)(self._ask)
        self.thing: Callable[[int], str] = lru_cache(TEXTS_MAX)(self._thing)
        self.voice: Callable[[int], tuple[str, str]] = lru_cache(TEXTS_MAX)(self._voice)
        self.statement: Callable[[int], str] = lru_cache(TEXTS_MAX)(self._statement)

    def __enter__(self) -> Pack:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file; nothing may be asked any more."""
        with self._lock:
            self._connection.close()

    def _ask(self, request: Request) -> Question:
        """Return a request in the numbers of this snapshot. `InputError` for a request that cannot be read, and for
        one of a moment that the snapshot does not speak of: nothing is ever cleared by a stale one."""
        if not self.head.covers(request.at):
            raise InputError(
                f"{self.id} answers from {periods.format_moment(self.head.at)} "
                f"to before {periods.format_moment(self.head.until)}",
                "refresh the snapshot",
                {"at": periods.format_moment(request.at)},
            )
        if request.size != self.head.size:
            raise InputError(
                f"the request is as of ledger size {request.size}, the snapshot of {self.head.size}",
                "ask for the snapshot's size",
            )
        return point.question(request, book=self)

    def answer(self, row: Row, asked: Question) -> Answer:
        """Return the answer for a row."""
        return point.answer(row, asked, book=self)

    def find(self, codes: Iterable[str], *, media: str = "recording") -> Chosen:
        """Return what code keys name together: a subject's number, or why none."""
        return point.resolve(codes, book=self, media=media)

    def answer_subject(
        self, number: int, asked: Question, *, refused: frozenset[Use] = frozenset()
    ) -> tuple[str, Answer]:
        """Return the id of the subject with this number, and the answer for it; signals beside it refuse `refused`."""
        rows = self.subject(number, licensees=asked.licensees)
        return rows.text, point.answer_subject(rows, asked, book=self, refused=point.refuses(refused, asked))

    def places(self) -> Mapping[int, frozenset[str]]:
        """Return the countries (TIS codes) of every place."""
        if self._places is None:
            self._places = {
                number: frozenset(text.split()) for number, text in self._rows("SELECT place, countries FROM place")
            }
        return self._places

    def term(self, text: str) -> int:
        """Return the number of a term such as `licensee:party_1`, 0 for one that no statement names."""
        found = self._rows("SELECT term FROM term WHERE text = ?", text)
        return int(found[0][0]) if found else 0

    def name(self, code: str, media: int) -> Chosen:
        """Return what a single code names."""
        found = self._rows("SELECT subject, outcome FROM name WHERE code = ? AND media = ?", code, media)
        return Chosen(*found[0]) if found else NOTHING

    def leads(self, code: str, media: int) -> Sequence[LeadRow]:
        """Return where a code leads."""
        found = self._rows("SELECT way, level, subject FROM lead WHERE code = ? AND media = ?", code, media)
        return [LeadRow._make(row) for row in found]

    def subject(self, number: int, *, licensees: Licensees) -> SubjectRows:
        """Return what is on record about a subject; of what was said, what speaks to one of `licensees`."""
        narrow: dict[tuple[int, int], list[tuple[int, SaidRow]]] = {}
        for unit, voice, since, *said in self._rows(*_spread(_NARROW, number, to=licensees)):
            narrow.setdefault((unit, voice), []).append((since, SaidRow._make(said)))
        wide: dict[int, list[SaidRow]] = {}
        for voice, *said in self._rows(*_spread(_WIDE, number, to=licensees)):
            wide.setdefault(voice, []).append(SaidRow._make(said))
        signals = self._rows("SELECT uses, place, since, until FROM signal WHERE subject = ?", number)
        return SubjectRows(
            self._text("SELECT text FROM subject WHERE subject = ?", number),
            [ProblemRow._make(row) for row in self._rows(_PROBLEMS, subject=number)],
            [NeedRow._make(row) for row in self._rows(_NEEDS, number)],
            narrow,
            wide,
            [SignalRow._make(row) for row in signals],
        )

    def person(self, party: str) -> Sequence[PersonRow]:
        """Return the voices of a person."""
        found = self._rows(
            "SELECT p.voice, p.asked, p.reachable FROM party AS t CROSS JOIN person AS p ON p.party = t.party "
            "WHERE t.text = ?",
            party,
        )
        return [PersonRow._make(row) for row in found]

    def persona(self, voice: int, *, licensees: Licensees) -> Sequence[SaidRow]:
        """Return what a voice says of a person themself to one of `licensees`."""
        values, *numbers = _spread(_PERSONA, to=licensees)
        return [SaidRow._make(row) for row in self._rows(values, *numbers, voice)]

    def _thing(self, number: int) -> str:
        return self._text("SELECT text FROM thing WHERE thing = ?", number)

    def _voice(self, number: int) -> tuple[str, str]:
        found = self._rows(
            "SELECT v.text, p.text FROM voice AS v CROSS JOIN party AS p ON p.party = v.party WHERE v.voice = ?",
            number,
        )
        if not found:
            raise IntegrityError(f"the pack has no voice {number}", "make it anew from the snapshot")
        text, speaker = found[0]
        return str(text), str(speaker)

    def _statement(self, index: int) -> str:
        return self._text('SELECT text FROM statement_name WHERE "index" = ?', index)

    def _text(self, query: str, number: int) -> str:
        found = self._rows(query, number)
        if not found:
            raise IntegrityError(f"the pack has no text for {number}", "make it anew from the snapshot")
        return str(found[0][0])

    def _rows(self, query: str, *values: Any, **named: Any) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(query, named or values).fetchall()
        except sqlite3.Error as error:
            raise IntegrityError(f"the pack {self.path.name} cannot be read: {error}", "make it anew") from error


def _spread(query: str, *values: Any, to: Licensees) -> tuple[Any, ...]:
    """Return a query with a list of pairs in place of `VALUES ?`, and its values."""
    pairs = ", ".join(["(?, ?)"] * len(to))
    return query.replace("VALUES ?", f"VALUES {pairs}"), *values, *(number for pair in to for number in pair)
