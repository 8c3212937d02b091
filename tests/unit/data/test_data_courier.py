"""The courier: bodies come from their authors or from others, wrong ones from nobody; erasures are carried out."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.body_pages import Page, pack_page, read_page
from cantoria.adapters.http import data_service
from cantoria.adapters.sqlite.courier_rows import Stage
from cantoria.adapters.sqlite.fact_index import SqliteFactIndex
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.consent.types import Scope, ScopeKind, Verdict
from cantoria.kernel.facts import Capacity
from cantoria.kernel.uses import Use
from cantoria.ledger import BodyErased, Draft, ErasureBasis, fact_id_text, seal
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.replay import replay
from cantoria.registry.facts import PartyNamed, WorkRegistered

STATEMENT: dict[str, Any] = {
    "statement": "statement_1",
    "party": "party_ada",
    "speaker": "party_ada",
    "uses": frozenset({Use.TRAIN_GENERATIVE}),
    "scope": Scope(ScopeKind.WORK, "work_1"),
}


def works(*numbers: int) -> list[WorkRegistered]:
    return [WorkRegistered(work=f"work_{n}", title=f"song {n}") for n in numbers]


def titles(site: Any) -> list[str]:
    return [one.fact.title for one in site.index().scan(tags=[WorkRegistered.TYPE.tag])]


def erase(site: Any, target: int, *, capacity: Capacity = Capacity.CMO, own: bool = True) -> None:
    """Queue the fact that the body at `target` is erased, as `LedgerJournal.erase` does."""
    entry = site.store.entries(target, stop=target + 1)[0]
    fact = BodyErased(fact_id_text(entry[3:19]), ErasureBasis.OBJECTION)
    now, organisation = site.clock.now(), site.organisation
    draft = Draft(BODY_ERASED, fact.body(), fact.subjects(), capacity, now)
    batch = seal([draft], organisation.author, ids=organisation.ids, entropy=organisation.noise, claimed_at=now)
    site.data.parts.intake.put([batch], erasures=[target] if own else [])


def place(site: Any, body: str) -> int:
    """Return where the body that holds this text lies."""
    return next(index for index, data in site.bodies() if data is not None and body.encode() in data)


def test_bodies_come_from_their_authors(network: Any) -> None:
    network[0].record(*works(0, 1))
    network[1].record(*works(2))
    network.block()
    assert titles(network[2]) == []
    assert network[2].index().awaited() == 3
    network.rounds(1)
    for site in network.sites:
        assert sorted(titles(site)) == ["song 0", "song 1", "song 2"]
        assert site.data.parts.desk.memory.awaited() == {}
    assert network[0].bodies() == network[1].bodies() == network[2].bodies()


def test_where_the_author_is_down_another_member_gives_them(network: Any) -> None:
    network[0].record(*works(0))
    network.block()
    network[2].stop()
    network[1].data.courier.round()
    network[2].serve()
    network[0].stop()
    courier, memory = network[2].data.courier, network[2].data.parts.desk.memory
    courier.round()
    assert titles(network[2]) == ["song 0"]
    assert memory.peer(network[0].id).failures == 1
    assert "does not answer" in memory.peer(network[0].id).trouble
    assert memory.peer(network[0].id).retry_at > network.clock.now()


def test_a_peer_that_is_down_is_left_alone_for_longer_each_time(network: Any) -> None:
    network[0].record(*works(0))
    network.block()
    for site in network.sites[:2]:
        site.stop()
    courier, memory = network[2].data.courier, network[2].data.parts.desk.memory
    for _ in range(3):
        courier.round()
        courier.round()
        network.clock.pass_(10)
    assert memory.peer(network[0].id).failures == 3
    assert memory.awaited() == {network[0].id: 1}
    network[0].serve()
    network.clock.pass_(300)
    courier.round()
    assert memory.awaited() == {}
    assert memory.peer(network[0].id).trouble == ""


def test_a_wrong_body_is_refused_and_the_right_one_taken_from_another(network: Any, monkeypatch: Any) -> None:
    network[0].record(*works(0, 1))
    network.block()
    network[1].data.courier.round()
    liar = network[0].store

    def lie(store: Any, start: int, *, stop: int) -> Page:
        rows = [(one.index, one.salt, one.body) for one in store.bodies(start, stop=stop)]
        forged = [(index, salt, body.replace(b"song 1", b"sung 1")) for index, salt, body in rows]
        return Page(stop, tuple(forged if store is liar else rows))

    monkeypatch.setattr(data_service, "read_page", lie)
    network[2].data.courier.round()
    assert titles(network[2]) == ["song 0", "song 1"]
    assert "wrong body" in network[2].data.parts.desk.memory.peer(network[0].id).trouble


def test_a_member_that_answers_slowly_and_little_by_little_keeps_no_other_back(network: Any, monkeypatch: Any) -> None:
    """The others' bodies come all the same, and so does the turn of every other duty."""
    network[0].record(*works(*range(200)))
    network.block()
    network[1].data.courier.round()
    slow, asked = network[0].store, []

    def dawdle(store: Any, start: int, *, stop: int) -> Page:
        if store is not slow:
            return read_page(store, start, stop=stop)
        asked.append(start)
        network.clock.pass_(25)
        return Page(start + 1, ())

    monkeypatch.setattr(data_service, "read_page", dawdle)
    network[2].data.courier.round()
    assert len(titles(network[2])) == 200
    assert len(asked) <= 3


@pytest.mark.parametrize("page", [b"", b"\x00" * 7, pack_page(Page(0, ())), pack_page(Page(10**9, ())), b"\xff" * 90])
def test_a_page_that_is_none_stores_nothing_and_hangs_nobody(network: Any, monkeypatch: Any, page: bytes) -> None:
    network[0].record(*works(0))
    network.block()
    monkeypatch.setattr(data_service, "pack_page", lambda _: page)
    network[2].data.courier.round()
    assert network[2].data.parts.desk.memory.awaited() == {network[0].id: 1}
    assert network[2].data.parts.desk.memory.peer(network[0].id).trouble


def test_an_erasure_reaches_all_holders_and_every_replay_agrees(network: Any, tmp_path: Path) -> None:
    network[0].record(PartyNamed(party="party_ada", name="Ada Secretname"), *works(0))
    network.block()
    network.rounds(1)
    target = place(network[0], "Secretname")
    erase(network[0], target)
    network.block()
    network.rounds()
    rows = []
    for site in network.sites:
        assert site.store.bodies(target, stop=target + 1)[0].body is None
        assert [one.stage for one in site.data.parts.desk.memory.erasures(Stage.DONE)] == [Stage.DONE]
        site.index()
        fresh = SqliteFactIndex(tmp_path / f"{site.organisation.name}.db", ledger=site.data.parts.desk.log)
        fresh.catch_up()
        fresh.close()
        with sqlite3.connect(tmp_path / f"{site.organisation.name}.db") as anew:
            rows.append([anew.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in ("fact", "about")])
            assert anew.execute("SELECT count(*) FROM awaited").fetchone() == (0,)
        with sqlite3.connect(site.home / "views.db") as grown:
            rows.append([grown.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in ("fact", "about")])
        machine = replay(site.store.entries(0, stop=site.store.head().size), types={1: BODY_ERASED, **LEDGER_TYPES})
        assert machine.state.digest() == network[0].replica.state.digest()
    assert all(one == rows[0] for one in rows)
    for site in network.sites:
        files = [path for path in site.home.rglob("*") if path.is_file() and "keys" not in path.parts]
        assert not [path for path in files if b"Secretname" in path.read_bytes()], "no copy stays on disk"


def test_a_member_that_never_had_the_body_takes_none_in_after_its_erasure(network: Any) -> None:
    network[0].record(PartyNamed(party="party_ada", name="Ada"))
    network.block()
    network[1].data.courier.round()
    target = place(network[0], "Ada")
    kept = network[1].store.bodies(target, stop=target + 1)[0]
    erase(network[0], target)
    network.block()
    network[2].data.courier.round()
    assert network[2].store.bodies(target, stop=target + 1)[0].erased_at is not None
    assert network[2].store.add_bodies([(kept.index, kept.salt, kept.body)]) == 0
    assert network[2].data.parts.desk.memory.awaited().get(network[0].id) is None


@pytest.mark.parametrize("register", [False, True])
def test_only_its_author_or_a_register_has_a_body_erased(network: Any, register: bool) -> None:
    network[0].record(PartyNamed(party="party_ada", name="Ada"))
    network.block()
    network.rounds(1)
    target = place(network[0], "Ada")
    erase(network[1], target, capacity=Capacity.OPERATOR if register else Capacity.CMO, own=False)
    network.block()
    network.rounds()
    for site in network.sites:
        assert (site.store.bodies(target, stop=target + 1)[0].body is None) is register
        refused = site.data.parts.desk.memory.erasures(Stage.REFUSED)
        assert [one.reason[:20] for one in refused] == ([] if register else ["another organisation"])


def test_a_rights_input_stays_and_so_does_what_is_named_before_it_is_recorded(network: Any) -> None:
    network[0].record(*works(0))
    network.block()
    network.rounds(1)
    target = place(network[0], "song 0")
    erase(network[0], target, own=False)
    network.block()
    network.rounds()
    assert [titles(site) for site in network.sites] == [["song 0"]] * 3
    assert "is kept" in network[1].data.parts.desk.memory.erasures(Stage.REFUSED)[0].reason


REFUSAL = StatementMade(verdict=Verdict.NO, **STATEMENT)
YES = StatementMade(verdict=Verdict.YES, **STATEMENT)


def tombstone(index: int, **changes: Any) -> DenyTombstone:
    return DenyTombstone(**{**STATEMENT, "verdict": Verdict.NO, "said_index": index, **changes})


@pytest.mark.parametrize(
    ("said", "first", "erased"),
    [
        (REFUSAL, lambda index: tombstone(index), True),
        (REFUSAL, None, False),
        (REFUSAL, lambda index: tombstone(index, verdict=Verdict.ASK), False),
        (REFUSAL, lambda index: tombstone(index, uses=frozenset({Use.ANALYSE})), False),
        (REFUSAL, lambda index: tombstone(index + 1), False),
        (REFUSAL, lambda _: StatementWithdrawn(statement=REFUSAL.statement, at=5), False),
        (YES, lambda _: StatementWithdrawn(statement=YES.statement, at=5), True),
        (YES, lambda index: tombstone(index, verdict=Verdict.ASK), True),
        (YES, None, False),
    ],
)
def test_a_statement_goes_only_where_no_door_opens(network: Any, said: Any, first: Any, erased: bool) -> None:
    network[0].record(said)
    network.block()
    network.rounds(1)
    target = place(network[0], "statement_1")
    if first is not None:
        network[0].record(first(target))
        network.block()
    erase(network[0], target, own=False)
    network.block()
    network.rounds()
    for site in network.sites:
        assert (site.store.bodies(target, stop=target + 1)[0].body is None) is erased
        stages = [stage for stage in Stage if site.data.parts.desk.memory.erasures(stage)]
        assert stages == [Stage.DONE if erased else Stage.REFUSED]


def test_a_statement_waits_for_the_tombstone_whose_body_is_late(network: Any) -> None:
    network[0].record(REFUSAL)
    network.block()
    network.rounds(1)
    target = place(network[0], "statement_1")
    network[0].record(tombstone(target))
    network.block()
    erase(network[0], target, own=False)
    network.block()
    late = network[1].data.parts.desk
    erasure = network[0].bodies()[-1][0]
    held = network[0].store.bodies(erasure, stop=erasure + 1)[0]
    for site in (network[0], network[2]):
        site.stop()
    late.log.store.add_bodies([(held.index, held.salt, held.body)])
    network[1].data.courier.round()
    assert [one.stage for one in late.memory.erasures(Stage.PENDING)] == [Stage.PENDING]
    network[0].serve()
    network.rounds()
    assert [one.stage for one in late.memory.erasures(Stage.DONE)] == [Stage.DONE]


def test_a_file_that_only_erased_bodies_name_goes_with_them(network: Any) -> None:
    desk = network[0].data.parts.desk
    digest = desk.attachments.put(b"lines\n")
    envelope = network[0].seal(PartyNamed(party="party_ada", name="Ada"))
    network[0].data.parts.intake.put([envelope])
    network.block()
    network.rounds(1)
    target = place(network[0], "Ada")
    with sqlite3.connect(network[0].home / "data.db") as db:
        db.execute("INSERT INTO named VALUES (?, ?, 102), (?, ?, 102)", (digest, target, digest, target + 1))
    desk.log.store.drop_bodies([target], erased_at=5)
    network[0].data.courier.round()
    assert desk.attachments.holds(digest), "another fact names it"
    assert desk.memory.forget(target + 1) == [digest]


def test_what_the_courier_does_survives_its_death_at_any_time(network: Any) -> None:
    """Its memory is thrown away: it walks the log again and comes to the same."""
    network[0].record(PartyNamed(party="party_ada", name="Ada"), *works(0))
    network.block()
    network.rounds(1)
    erase(network[0], place(network[0], "Ada"))
    network.block()
    network.rounds()
    before = network[1].bodies()
    network[1].close()
    for name in ("data.db", "data.db-wal", "data.db-shm"):
        (network[1].home / name).unlink(missing_ok=True)
    network[1].open()
    network[1].serve()
    network.rounds()
    assert network[1].bodies() == before
    assert len(network[1].data.parts.desk.memory.erasures(Stage.DONE)) == 1


def test_a_checkpoint_that_was_missed_is_taken_in_when_a_quorum_cosigned_it(network: Any) -> None:
    network[0].record(*works(0))
    network.block()
    network.block()
    newest = network[0].store.checkpoint()
    assert newest is not None
    size = int(newest.splitlines()[1])
    with sqlite3.connect(network[2].home / "ledger.db") as db:
        db.execute("DELETE FROM checkpoint")
    network.rounds(3)
    found = network[2].store.checkpoint()
    assert found is not None
    assert int(found.splitlines()[1]) == size
    assert found.splitlines()[0:3] == newest.splitlines()[0:3]
    assert found != newest, "signed by this member as the log"
    cosigners = [line for line in newest.splitlines() if "cosigner" in line]
    assert len(cosigners) >= 3
    assert set(cosigners) <= set(found.splitlines())
