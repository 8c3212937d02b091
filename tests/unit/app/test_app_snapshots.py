"""Publishing in a house: a refresh answers as a snapshot built anew does, and is not trusted where it could not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.money_world import MoneyWorld
from tests.unit.app.test_app_bulk import parquet, take

from cantoria.adapters.snapshots import BASIS, SnapshotFolder
from cantoria.app import erasure, snapshots, world_views
from cantoria.app.snapshots import bind, build_snapshot, compact_snapshot, refresh_snapshot
from cantoria.bootstrap import house as houses
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance.analytics import Table
from cantoria.clearance.facts import SnapshotPublished
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_schema import SCHEMAS
from cantoria.consent import Scope, ScopeKind, Verdict
from cantoria.consent.facts import StatementMade
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import PartyId, StatementId, WorkId
from cantoria.kernel.uses import Use
from cantoria.ledger.envelope import fact_id_text
from cantoria.ledger.notes import NoteKey, parse_vkey
from cantoria.registry import facts as registry
from cantoria.registry.types import Right, Role, Side
from cantoria.testing.snapshot_folders import KEY, SIGNER, publish
from cantoria.testing.snapshot_rows import logical


def store_of(house: WiredHouse, folder: Path) -> SnapshotFolder:
    return SnapshotFolder(folder, keys=[parse_vkey(house.engine.vkey)])


def held(house: WiredHouse, store: SnapshotFolder) -> dict[str, Any]:
    """Return the snapshot in a folder as logical rows."""
    tables = {}
    with house.analytics() as engine:
        store.attach(store.open().head, engine)
        for name, schema in SCHEMAS.items():
            rows = engine.fetch(f"SELECT {', '.join(schema)} FROM {name}")
            columns = zip(*rows, strict=True) if rows else [()] * len(schema)
            tables[name] = Table(schema, dict(zip(schema, columns, strict=True)))
    return logical(tables)


def anew(house: WiredHouse, store: SnapshotFolder) -> dict[str, Any]:
    head = store.head().head
    return logical(build(world_views.load_apart(house, size=head.size), at=head.at, size=head.size).tables)


def made(how: Any, house: WiredHouse, store: SnapshotFolder) -> snapshots.Made:
    done: snapshots.Made = how(house, store, signer=house.keys.log_signer())
    return done


def stop(money: MoneyWorld, who: str, number: int) -> StatementMade:
    return StatementMade(
        statement=StatementId(f"statement_{who}{number}"),
        party=PartyId(money.ids[who]),
        speaker=PartyId(money.ids[who]),
        verdict=Verdict.STOP if number % 2 else Verdict.ASK,
        uses=frozenset({Use.TRAIN_GENERATIVE}),
        scope=Scope(ScopeKind.PRESENT_WORKS),
    )


def something(money: MoneyWorld, number: int) -> None:
    """Say what changes answers: a refusal, a new work with its holder, a share, rows of a batch."""
    money.record(stop(money, ("ana", "bo", "cy")[number % 3], number))
    work = money.new(f"x{number}", "work")
    money.record(registry.WorkRegistered(work=WorkId(work), title=f"New {number}"))
    money.share(f"x{number}", "cy", Role.COMPOSER, right=Right.PERFORMING, share="1")
    money.complete(f"x{number}", Side.WORK)
    if number % 2:
        take(money.house, money.label, parquet(5, start=100 * number))


def test_refreshes_answer_as_a_snapshot_built_anew(money: MoneyWorld, tmp_path: Path) -> None:
    house, store = money.house, store_of(money.house, tmp_path / "public")
    take(house, money.label, parquet(7))
    first = made(refresh_snapshot, house, store)
    assert first.full
    for number in range(4):
        something(money, number)
        fresh = made(refresh_snapshot, house, store)
        assert (fresh.full, fresh.opened.head.generation) == (False, number + 2)
        assert 0 < sum(entry.rows for entry in fresh.files) < sum(entry.rows for entry in first.files)
        assert held(house, store) == anew(house, store)
    compacted = made(compact_snapshot, house, store)
    assert {entry.generation for entry in compacted.files} == {6}
    assert held(house, store) == anew(house, store)
    something(money, 9)
    assert not made(refresh_snapshot, house, store).full
    assert held(house, store) == anew(house, store)


def test_nothing_new_gives_no_file_but_a_later_moment(money: MoneyWorld, tmp_path: Path) -> None:
    house, store = money.house, store_of(money.house, tmp_path / "public")
    first = made(build_snapshot, house, store).opened
    later = made(refresh_snapshot, house, store)
    assert (later.files, later.opened.head.generation, later.opened.head.files) == ((), 1, first.head.files)
    assert later.opened.head.at > first.head.at
    assert later.opened.head.previous == first.id


@pytest.mark.parametrize("harm", ["gone", "other snapshot", "other state"])
def test_what_was_read_otherwise_is_built_anew(money: MoneyWorld, tmp_path: Path, harm: str) -> None:
    house, store = money.house, store_of(money.house, tmp_path / "public")
    made(build_snapshot, house, store)
    path = store.path / BASIS
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"snapshot_" if "snap" in harm else b'"mark":[', b"x"))
    something(money, 1)
    fresh = made(refresh_snapshot, house, store)
    assert (fresh.full, fresh.opened.head.generation) == (True, 2)
    assert held(house, store) == anew(house, store)


def test_an_erased_body_is_no_small_change(money: MoneyWorld, tmp_path: Path) -> None:
    """Whatever of the facts below the snapshot's size is readable no more, or only now, is found in `mark`."""
    house, store = money.house, store_of(money.house, tmp_path / "public")
    money.record(stop(money, "ana", 1))
    made(build_snapshot, house, store)
    house.index.catch_up()
    [said] = house.index.scan(tags=[StatementMade.TYPE.tag])
    erasure.erase(house, fact_id_text(bytes.fromhex(said.fact_id)), basis="objection", author=money.society)
    fresh = made(refresh_snapshot, house, store)
    assert fresh.full
    assert held(house, store) == anew(house, store)


def test_many_generations_become_one(money: MoneyWorld, tmp_path: Path) -> None:
    house, store = money.house, store_of(money.house, tmp_path / "public")
    made(build_snapshot, house, store)
    seen = []
    for number in range(snapshots.GENERATIONS_KEPT + 1):
        money.record(stop(money, "ana", number))
        seen.append(len({entry.generation for entry in made(refresh_snapshot, house, store).opened.head.files}))
    assert max(seen) <= snapshots.GENERATIONS_KEPT
    assert 1 in seen
    assert held(house, store) == anew(house, store)


def test_a_snapshot_is_bound_to_the_ledger_once(money: MoneyWorld, tmp_path: Path) -> None:
    house, store = money.house, store_of(money.house, tmp_path / "public")
    opened = made(build_snapshot, house, store).opened
    receipt = bind(house, opened, author=money.society)
    assert receipt is not None
    assert bind(house, opened, author=money.society) is None
    house.index.catch_up()
    [fact] = [one.fact for one in house.index.scan(tags=[SnapshotPublished.TYPE.tag])]
    assert (fact.snapshot, fact.as_of.size) == (opened.id, opened.head.size)
    with pytest.raises(InputError, match="cannot record"):
        bind(house, made(refresh_snapshot, house, store).opened, author=money.label)


def test_a_snapshot_of_another_ledger_is_left_alone(money: MoneyWorld, tmp_path: Path) -> None:
    publish(tmp_path / "public", {}, origin="elsewhere.example/log")
    house = money.house
    keys = [KEY, parse_vkey(house.engine.vkey), NoteKey("elsewhere.example/log", SIGNER.public_key)]
    with pytest.raises(InputError, match="name another folder"):
        made(refresh_snapshot, house, SnapshotFolder(tmp_path / "public", keys=keys))


def test_a_snapshot_from_beyond_the_ledger_is_told(money: MoneyWorld, home: Path, tmp_path: Path) -> None:
    """The ledger was restored from an older copy: its snapshot knows more than it does."""
    house, folder = money.house, tmp_path / "public"
    shutil.copytree(home, tmp_path / "old")
    something(money, 1)
    made(build_snapshot, house, store_of(house, folder))
    older = houses.open_house(tmp_path / "old")
    try:
        with pytest.raises(IntegrityError, match="beyond the ledger"):
            made(refresh_snapshot, older, store_of(older, folder))
    finally:
        older.close()
