"""Coverage: how many rows of a dataset are cleared, licensable, denied or unknown, for each use in each territory.

Every number is a clearing by the set-based plan on one snapshot (`dataset.clear_attached`). Territories that nothing on
record tells apart, under profiles that ask alike, are cleared once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from cantoria.clearance.analytics import Analytics, Step
from cantoria.clearance.dataset import ClearanceResult, clear_attached
from cantoria.clearance.prepare import Asking
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.rights import countries_of
from cantoria.clearance.types import Answer, Cleared, Request, Status
from cantoria.clearance.unlock_bounds import Group, merged
from cantoria.kernel.uses import Use

Progress = Callable[[int, int | None], None]
# What a further yes can mend: nobody said no, everything is known, and who is missing can be asked.
MENDABLE: Final = (
    ReasonCode.CONDITION_UNMET,
    ReasonCode.CONDITION_UNKNOWN,
    ReasonCode.SILENT,
    ReasonCode.PRICE_OPEN,
    ReasonCode.ASKS,
)
_MENDABLE_MASK: Final = sum(1 << code for code in MENDABLE)
_PERSON: Final = -1  # a person named whose voice no row misses otherwise has a number below nought


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One cell to fill: a request, under the name of its territory. `persons` is what the persons named come to."""

    territory: str
    request: Request
    persons: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many rows have each status for one use in one territory."""

    use: Use
    territory: str
    counts: Mapping[Status, int]

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return sum(self.counts.values())

    def share(self, status: Status) -> int:
        """Return the share of a status in whole percent; 100 only where all rows have it, 0 only where none has."""
        count, rows = self.counts.get(status, 0), self.rows
        if not count:
            return 0
        return 100 if count == rows else max(1, min(99, count * 100 // rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """All cells of a dataset, by use and territory in the order they were asked for, as known at a ledger size."""

    title: str
    rows: int
    size: int
    at: int
    cells: tuple[Cell, ...]

    def uses(self) -> tuple[Use, ...]:
        """Return the uses, each once."""
        return tuple(dict.fromkeys(cell.use for cell in self.cells))

    def territories(self) -> tuple[str, ...]:
        """Return the territories, each once."""
        return tuple(dict.fromkeys(cell.territory for cell in self.cells))

    def cell(self, use: Use, territory: str) -> Cell:
        """Return the cell of a use in a territory."""
        return next(cell for cell in self.cells if (cell.use, cell.territory) == (use, territory))


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What stands between a dataset and a use: `groups` of rows that wait for yeses only, `voices` by their numbers
    (`principal` or `principal via speaker`), and the other rows that are not cleared, by their first reason."""

    groups: tuple[Group, ...]
    voices: Mapping[int, str]
    cleared: int
    blocked: Mapping[ReasonCode, int]

    @property
    def rows(self) -> int:
        """Return how many rows wait for yeses only."""
        return sum(group.rows for group in self.groups)


@dataclass(frozen=True, slots=True)
class Span:
    """The moments [`at`, `until`) that the snapshot in the engine answers for."""

    at: int
    until: int


def measure(
    analytics: Analytics, questions: Sequence[Question], *, span: Span, step: Progress | None = None
) -> tuple[Cell, ...]:
    """Return the cell of every question, for the manifest and the snapshot that the engine holds."""
    places = [frozenset(str(text).split()) for _, text in _rows(analytics, "SELECT place, countries FROM place")]
    known: dict[Any, Mapping[Status, int]] = {}
    cells = []
    for position, question in enumerate(questions, 1):
        key = _alike(question, places=places)
        if key not in known:
            known[key] = _counts(_clear(analytics, question, span=span))
        cells.append(Cell(use=question.request.use, territory=question.territory, counts=known[key]))
        if step is not None:
            step(position, len(questions))
    return tuple(cells)


def waiting_for(analytics: Analytics, question: Question, *, span: Span) -> Waiting:
    """Return what stands between the manifest that the engine holds and one request. A no counts as a no: a row that
    somebody refuses waits for nobody."""
    result = _clear(analytics, question, span=span)
    voices = dict(cast("list[tuple[int, str]]", _rows(analytics, _VOICES)))
    numbers = {text: number for number, text in voices.items()}
    named = () if isinstance(question.persons, Cleared) else question.persons.missing
    persons = {numbers.get(voice, _PERSON - position): voice for position, voice in enumerate(named)}
    dialect = analytics.dialect
    listed = dialect.joined.format(dialect.distinct.format("CAST(m.voice AS VARCHAR)"), "' '")
    groups = []
    for text, rows in _rows(analytics, _GROUPS.format(voices=listed, others=~_MENDABLE_MASK)):
        missing = {int(number) for number in (text or "").split()} | persons.keys()
        groups.append(Group(tuple(sorted(missing)), rows))
    counts = _counts(result)
    return Waiting(
        groups=merged(groups),
        voices=voices | persons,
        cleared=counts.get(Status.CLEARED, 0),
        blocked={ReasonCode(code): rows for code, rows in _rows(analytics, _BLOCKED.format(others=~_MENDABLE_MASK))},
    )


def everything(analytics: Analytics, *, media: int) -> None:
    """Make a manifest of every recording (`media` 0) or work (1) that the engine's snapshot can name by a code: one
    line for each, by the first of its codes."""
    analytics.make(Step("manifest", _EVERYTHING.format(media=media)))
    for name, query in (
        ("manifest_code", "SELECT line, code FROM manifest WHERE 1 = 0"),
        ("manifest_refused", "SELECT line, media AS uses FROM manifest WHERE 1 = 0"),
    ):
        analytics.make(Step(name, query))


def _clear(analytics: Analytics, question: Question, *, span: Span) -> ClearanceResult:
    return clear_attached(analytics, request=question.request, persons=question.persons, at=span.at, until=span.until)


def _counts(result: ClearanceResult) -> Mapping[Status, int]:
    return {one.status: one.rows for one in result.counts()}


def _alike(question: Question, *, places: Iterable[frozenset[str]]) -> Any:
    """Return what tells one question from another: who is asked for what, and which places hold its countries."""
    request = question.request
    asking = Asking.of(request)
    held = list(places)
    classes = {
        frozenset(number for number, place in enumerate(held) if country in place) for country in countries_of(request)
    }
    return request.use, asking.use, asking.asked, asking.sides, question.persons, frozenset(classes)


def _rows(analytics: Analytics, query: str) -> list[Any]:
    return cast("list[Any]", analytics.fetch(query))


_GROUPS: Final = """
SELECT s.voices, sum(w.total)
FROM (SELECT subject, count(*) AS total FROM answer
      WHERE status <> 0 AND subject <> 0 AND (mask & ({others})) = 0 GROUP BY subject) AS w
LEFT JOIN (SELECT m.subject, {voices} AS voices FROM missing AS m GROUP BY m.subject) AS s ON s.subject = w.subject
GROUP BY s.voices ORDER BY s.voices
"""
_VOICES: Final = """
SELECT v.voice, v.text FROM voice AS v JOIN (SELECT DISTINCT voice FROM missing) AS m ON m.voice = v.voice
ORDER BY v.voice
"""
# Every reason that no yes mends has a smaller number than those that one does, so the first reason is one of them.
_BLOCKED: Final = """
SELECT first, count(*) FROM answer WHERE status <> 0 AND (subject = 0 OR (mask & ({others})) <> 0)
GROUP BY first ORDER BY first
"""
_EVERYTHING: Final = """
SELECT row_number() OVER (ORDER BY code) AS line, media, code
FROM (SELECT subject, media, min(code) AS code FROM name WHERE outcome = 0 AND media = {media}
      GROUP BY subject, media) AS named
"""
