"""The coverage map and whose yes opens most, made in the background from the published snapshot where there is one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pydantic import Field

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.app import coverage as coverages
from cantoria.app.coverage import Ready, Scope
from cantoria.app.pages import money_coverage
from cantoria.app.pages.money_coverage import Wanted
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance import Request
from cantoria.kernel.uses import Use
from cantoria.ledger.notes import NoteKey
from cantoria.web.desk import Desk
from cantoria.web.portal.money.pages import area
from cantoria.web.portal.money.workshop import small, workshop_of
from cantoria.web.portal.page import Ask, NotHere, PageQuery, Value

MEMORY_BYTES_MAX: Final = 1 << 30
PATIENCE: Final = 2.0  # so many seconds a page waits for a first map, in a small house alone
ID: Final = "^([a-z]+_[0-9a-z]{26})?$"
PLANNED: Final = tuple(use.value for use in Use if use not in coverages.PERSONAL and use is not Use.ADVERTISE)


class CoverageQuery(PageQuery):
    """What the map is asked for."""

    licensee: str = Field("", pattern=ID, description="a developer's party id; what is open to anybody when absent")
    territories: str = Field(money_coverage.TERRITORIES, max_length=80, description="up to 8 codes, a column each")
    scope: str = Field("", pattern=ID, description="a catalogue or a party; every registered recording when absent")
    use: Use = Field(Use.TRAIN_GENERATIVE, description="the use whose missing yeses are planned")


@area.page(
    "/coverage",
    template="money/coverage.html",
    summary="Use by territory: cleared, licensable, denied, unknown; and whose yes opens most",
    query=CoverageQuery,
)
def coverage(ask: Ask) -> Value:
    """Return the newest map there is, or `ready` false while the first one is being made."""
    query: CoverageQuery = ask.query
    wanted = Wanted(licensee=query.licensee, territories=query.territories, scope=query.scope, use=query.use).checked()
    if wanted.use.value not in PLANNED:
        raise NotHere("yeses for this use are not planned on a catalogue", "choose another use")
    if not money_coverage.known_scope(ask.house, wanted.scope, size=ask.newest):
        raise NotHere("nothing is registered under this id")
    desk: Desk | None = ask.portal.desk
    if desk is None and not small(ask.house):
        raise NotHere("no snapshot is served, and the ledger is too large to look without one", "run `cantoria serve`")
    stamp = ask.newest if desk is None else desk.served.head.size

    shop = workshop_of(ask.portal)

    def work(house: WiredHouse) -> Value:
        return money_coverage.measured(
            house, wanted, look=lambda request, scope: _look(house, desk, request, scope), step=shop.step
        )

    made = shop.get(("coverage", wanted), work, stamp=stamp, here=None)
    if made.value is None and small(ask.house) and shop.settle(PATIENCE):
        made = shop.get(("coverage", wanted), work, stamp=stamp, here=None)
    return {
        "ready": made.value is not None,
        "newer": made.value is not None and made.stamp != stamp,
        "map": made.value,
        "licensees": money_coverage.developers(ask.house, size=ask.size),
        "plannable": list(PLANNED),
        "asked": {
            "licensee": wanted.licensee,
            "territories": wanted.territories,
            "scope": wanted.scope,
            "use": wanted.use.value,
        },
    }


@contextmanager
def _look(house: WiredHouse, desk: Desk | None, request: Request, scope: Scope) -> Iterator[Ready]:
    """Give what is needed to look: by the snapshot that the API serves, in place; without one by the ledger."""
    if desk is None:
        with money_coverage.by_ledger(house, request, scope) as ready:
            yield ready
        return
    key = NoteKey(house.settings.origin, house.keys.log_signer().public_key)
    folder = SnapshotFolder(desk.folder, keys=[key])
    memory = min(house.settings.memory_mib << 19, MEMORY_BYTES_MAX)
    with (
        tempfile.TemporaryDirectory(prefix="cantoria-") as spill,
        DuckDBAnalytics(memory_bytes_max=memory, threads=1, spill=spill) as engine,
    ):
        opened = folder.head()
        folder.attach(opened.head, engine)
        coverages.fill(engine, scope)
        yield coverages.by_snapshot(engine, opened, request)
