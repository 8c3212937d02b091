"""Bodies that come late or go: the fact index takes them in at their own place, and a rebuilt one agrees."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.sqlite import fact_index
from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.stored_log import StoredLog
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.app.rights import RightsViews
from cantoria.ledger.merkle import leaf_hashes
from cantoria.ledger.ports import Head, Write
from cantoria.ledger.replay import fact_of
from cantoria.ledger.tiles import Edge
from cantoria.registry.facts import PartyNamed, WorkRegistered


@dataclass
class Follower:
    """A member that has the log of another, and what bodies it is given."""

    source: Any
    store: SqliteLedgerStore
    folder: Path
    opened: list[SqliteFactIndex]
    edge: Edge

    def follow(self) -> None:
        """Copy the entries, without bodies."""
        entries = list(self.source.entries(self.edge.size))
        first, before = self.edge.size, Head(self.edge.size, self.edge.frontier())
        self.edge, tiles = self.edge.extend(leaf_hashes(entries))
        facts = [(one[3:19], at, one[1] << 8 | one[2]) for at, one in enumerate(entries, first) if fact_of(one)]
        governance = [at for at, one in enumerate(entries, first) if one[0] == 3]
        head = Head(self.edge.size, self.edge.frontier())
        write = Write(
            first=first,
            entries=entries,
            facts=facts,
            bodies=[],
            governance=governance,
            tiles=tiles,
            head=head,
            before=before,
        )
        self.store.commit(write)

    def receive(self, *indices: int) -> int:
        """Take in the bodies at these places."""
        held = [self.source.store.bodies(index, stop=index + 1)[0] for index in indices]
        return self.store.add_bodies([(one.index, one.salt, one.body) for one in held])

    def index(self, name: str = "late") -> SqliteFactIndex:
        log = StoredLog(self.store, origin=self.source.origin, types=LEDGER_TYPES)
        self.opened.append(SqliteFactIndex(self.folder / f"{name}.db", ledger=log))
        return self.opened[-1]


@pytest.fixture
def follower(bench: Any, tmp_path: Path) -> Iterator[Follower]:
    found = Follower(bench.engine, SqliteLedgerStore(tmp_path / "follower.db"), tmp_path, [], Edge())
    yield found
    for index in found.opened:
        index.close()
    found.store.close()


def works(*numbers: int) -> list[WorkRegistered]:
    return [WorkRegistered(work=f"work_{n}", title=f"song {n}") for n in numbers]


def titles(index: SqliteFactIndex, **cut: Any) -> list[str]:
    return [one.fact.title for one in index.scan(tags=[WorkRegistered.TYPE.tag], **cut)]


def rows(path: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(path) as db:
        names = ("fact", "about", "unreadable", "awaited")
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names[:3]} | {
            "awaited": db.execute("SELECT idx FROM awaited ORDER BY 1").fetchall()
        }


def test_a_fact_without_its_body_is_awaited_and_has_no_effect(bench: Any, follower: Follower) -> None:
    places = bench.record(*works(0, 1, 2))
    follower.follow()
    index = follower.index()
    assert index.catch_up() == bench.engine.size
    assert (index.awaited(), index.counts(), list(index.scan())) == (3, {}, [])
    assert follower.receive(places[1]) == 1
    index.catch_up()
    assert (index.awaited(), titles(index)) == (2, ["song 1"])


def test_late_bodies_take_their_own_place_at_every_size(
    bench: Any, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = bench.record(*works(0, 1, 2, 3))
    follower.follow()
    index = follower.index()
    index.catch_up()
    follower.receive(places[2])
    index.catch_up()
    follower.receive(places[3], places[0])
    monkeypatch.setattr(fact_index, "CATCH_UP_ROWS", 1)
    index.catch_up()
    assert titles(index) == ["song 0", "song 2", "song 3"]
    assert titles(index, size=places[3]) == ["song 0", "song 2"]
    assert titles(index, size=places[1]) == ["song 0"]
    later = bench.record(*works(4))
    follower.follow()
    follower.receive(places[1], *later)
    index.catch_up()
    assert titles(index) == [f"song {n}" for n in range(5)]
    assert [one.index for one in index.about(["work_1"])] == [places[1]]
    assert index.awaited() == 0


def test_grown_or_built_anew_the_rows_are_the_same(bench: Any, follower: Follower, tmp_path: Path) -> None:
    places = bench.record(*works(0, 1), PartyNamed(party="party_ada", name="Ada Secret"), *works(2))
    follower.follow()
    index = follower.index()
    index.catch_up()
    follower.receive(*reversed(places))
    index.catch_up()
    assert index.name_of("party_ada").startswith("Ada")
    follower.store.drop_bodies([places[2], places[3]], erased_at=9)
    follower.store.scrub()
    index.catch_up()
    follower.index("anew").catch_up()
    assert rows(tmp_path / "late.db") == rows(tmp_path / "anew.db")
    assert titles(index) == ["song 0", "song 1"]
    assert index.about(["party_ada"]) == []
    assert index.awaited() == 0
    files = [path.read_bytes() for path in tmp_path.iterdir() if path.name.startswith(("late", "anew", "follower"))]
    assert not any(b"Ada Secret" in data for data in files), "what is erased is overwritten here too"


def test_what_is_erased_stays_erased_even_if_its_body_comes_after(bench: Any, follower: Follower) -> None:
    places = bench.record(*works(0, 1))
    follower.follow()
    index = follower.index()
    index.catch_up()
    follower.store.drop_bodies([places[0]], erased_at=9)
    assert follower.receive(*places) == 1
    index.catch_up()
    assert titles(index) == ["song 1"]
    assert index.awaited() == 0


def test_a_mark_changes_with_a_body_that_came_late_even_as_another_goes(bench: Any, follower: Follower) -> None:
    tags = [WorkRegistered.TYPE.tag]
    places = bench.record(*works(0, 1, 2))
    follower.follow()
    index = follower.index()
    follower.receive(places[0], places[2])
    index.catch_up()
    before = index.mark(tags=tags, size=10**9)
    follower.receive(places[1])
    follower.store.drop_bodies([places[0]], erased_at=9)
    index.catch_up()
    after = index.mark(tags=tags, size=10**9)
    assert before[:2] == after[:2] == (2, places[2])
    assert before != after


def test_rights_views_read_again_what_came_late(bench: Any, follower: Follower) -> None:
    places = bench.record(*works(0, 1, 2))
    follower.follow()
    index = follower.index()
    follower.receive(places[0], places[2])
    views = RightsViews(index)
    size = index.catch_up()
    assert sorted(views.load(size=size).registry.works()) == ["work_0", "work_2"]
    follower.receive(places[1])
    follower.store.drop_bodies([places[0]], erased_at=9)
    index.catch_up()
    assert sorted(views.load(size=size).registry.works()) == ["work_1", "work_2"]
