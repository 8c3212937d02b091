"""Coverage of a catalogue, a manifest or everything registered: the map of use by territory, and whom to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from cantoria.app import world_views
from cantoria.app.house import House
from cantoria.clearance import Answer, Request, Row
from cantoria.clearance.analytics import Analytics
from cantoria.clearance.coverage import (
    Coverage,
    Question,
    Span,
    Waiting,
    everything,
    measure,
    waiting_for,
)
from cantoria.clearance.dataset import register_rows
from cantoria.clearance.decide import decide_persons
from cantoria.clearance.persons import persons_of
from cantoria.clearance.published import Opened
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_codes import MEDIA
from cantoria.clearance.unlock import UnlockPlan, plan_unlock
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.registry import Side
from cantoria.registry.facts import CatalogueDefined, ReleaseRegistered

Progress = Callable[[int, int | None], None]
PERSONAL: Final = frozenset({Use.STYLE, Use.VOICE, Use.LIKENESS})
OF_OUTPUT: Final = frozenset({Use.RELEASE_OUTPUT, Use.ADVERTISE})
CELLS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is looked at: rows of a manifest or catalogue, or (None) every recording that is registered with a code.
    `unnamed` counts members of a catalogue that no code names."""

    title: str
    rows: Sequence[Row] | None
    unnamed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """What stands between a scope and one use, and whose yes opens most of it."""

    waiting: Waiting
    plan: UnlockPlan
    rows: int
    size: int


def unlocked_value(found: Unlocked) -> dict[str, Any]:
    """Return how much is cleared, what waits and what the plan opens, as JSON; not its moves: each caller names the
    parties in them for itself."""
    waiting, plan = found.waiting, found.plan
    return {
        "rows": found.rows,
        "cleared": waiting.cleared,
        "waiting": plan.waiting,
        "blocked": {code.name.lower(): rows for code, rows in sorted(waiting.blocked.items())},
        "yeses": plan.yeses,
        "opened": plan.rows,
        "at_most": plan.bound,
        "best": plan.best,
    }


def of_catalogue(house: House, catalogue: str) -> Scope:
    """Return the scope of a registered catalogue: its recordings and works, those on its releases among them."""
    size = house.index.catch_up()
    members: set[str] = set()
    for said in house.index.about([catalogue], tags=[CatalogueDefined.TYPE.tag], size=size):
        members.update(said.fact.members)
    for said in house.index.about(sorted(members), tags=[ReleaseRegistered.TYPE.tag], size=size):
        members.update(said.fact.recordings)
    registry = world_views.load(house, size=size).registry
    if registry.catalogue_owner(catalogue) is None:
        raise InputError(f"{catalogue[:60]} is no catalogue", "name the id of a catalogue that was defined")
    things = [
        thing
        for thing in sorted(members)
        if catalogue in registry.catalogues_of(thing, at_index=size)
        and (registry.recording(thing) is not None or registry.work(thing) is not None)
    ]
    rows: list[Row] = []
    for thing in things:
        media = "work" if registry.side_of(thing) is Side.WORK else "recording"
        code = _code(registry.codes_of(thing), first="iswc:" if media == "work" else "isrc:")
        if code:
            rows.append(Row(len(rows) + 1, (code,), media))
    return Scope(title=catalogue, rows=rows, unnamed=len(things) - len(rows))


def uses_for(request: Request) -> tuple[Use, ...]:
    """Return the uses that a map shows when nobody chose: those of persons where persons are named, advertising where a
    campaign is."""
    chosen = (use for use in Use if (use not in PERSONAL or request.persons))
    return tuple(use for use in chosen if use is not Use.ADVERTISE or request.campaign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An engine that holds a snapshot and the manifest of a scope; the request as of that snapshot; and what the
    persons that a request names come to."""

    engine: Analytics
    span: Span
    request: Request
    persons: Callable[[Request], Answer]

    def question(self, request: Request, territory: str) -> Question:
        """Return the question of a request under the name of its territory."""
        return Question(territory=territory, request=request, persons=self.persons(request))


@contextmanager
def by_house(house: House, scope: Scope, request: Request) -> Iterator[Ready]:
    """Give what is needed to look at a scope by the ledger as of now."""
    size = house.index.catch_up()
    if scope.rows is None:
        rights, codes = world_views.load(house, size=size), None
    else:
        codes = sorted({code for row in scope.rows for code in row.codes})
        rights = house.rights.load(size=size, codes=codes)
    snapshot = build(rights, at=request.at, size=size, only=codes)
    with house.analytics() as engine:
        for name, table in snapshot.tables.items():
            engine.register(name, table)
        fill(engine, scope)
        yield Ready(
            engine=engine,
            span=Span(snapshot.at, snapshot.until),
            request=replace(request, size=size),
            persons=lambda asked: decide_persons(asked, rights=rights),
        )


def by_snapshot(engine: Analytics, opened: Opened, request: Request) -> Ready:
    """Return what is needed to look, by a published snapshot that is attached to the engine, at the manifest there."""
    return Ready(
        engine=engine,
        span=Span(opened.head.at, opened.head.until),
        request=replace(request, size=opened.head.size),
        persons=lambda asked: persons_of(engine, request=asked),
    )


def fill(engine: Analytics, scope: Scope) -> None:
    """Make the manifest of a scope in an engine that holds a snapshot."""
    if scope.rows is None:
        everything(engine, media=MEDIA["recording"])
    elif scope.rows:
        register_rows(scope.rows, analytics=engine)
    else:
        raise InputError(f"{scope.title} has no rows", "name one that has some")


def coverage(
    ready: Ready, *, title: str, uses: Sequence[Use], territories: Sequence[str], step: Progress | None = None
) -> Coverage:
    """Return how many rows have which status for each of `uses` in each of `territories` (expressions, a column each).
    The request says the rest: licensee, offer, promises, persons; its own use and places are not looked at."""
    if not uses or not territories or len(uses) * len(territories) > CELLS_MAX:
        raise InputError(f"{len(uses)} uses in {len(territories)} territories", f"ask for 1 to {CELLS_MAX} cells")
    questions = [
        ready.question(request_for(ready.request, use, territory), territory)
        for use in uses
        for territory in territories
    ]
    cells = measure(ready.engine, questions, span=ready.span, step=step)
    request = ready.request
    return Coverage(title=title, rows=cells[0].rows, size=request.size, at=request.at, cells=cells)


def unlock(ready: Ready, *, yeses: int, exact: bool | None = None, step: Progress | None = None) -> Unlocked:
    """Return whose yes opens most rows for the request, with at most `yeses` further yeses."""
    question = ready.question(request_for(ready.request, ready.request.use, ""), "")
    waiting = waiting_for(ready.engine, question, span=ready.span)
    plan = plan_unlock(waiting.groups, yeses=yeses, step=step, exact=exact)
    rows = waiting.cleared + waiting.rows + sum(waiting.blocked.values())
    return Unlocked(waiting=waiting, plan=plan, rows=rows, size=ready.request.size)


def request_for(request: Request, use: Use, territory: str) -> Request:
    """Return the request for one cell: an output is one made with the rows as input, else no row would be asked for."""
    asked = replace(request, use=use, used_input=request.used_input or use in OF_OUTPUT)
    if not territory:
        return asked
    return replace(asked, territories=territory, training_place="", establishment="", markets="")


def _code(codes: Sequence[str], *, first: str) -> str:
    """Return the code that names a thing best: its ISRC or ISWC, else the first."""
    return next((code for code in codes if code.startswith(first)), codes[0] if codes else "")
