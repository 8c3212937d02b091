"""The store's own promises beside the engine's: marks, bodies that arrive late, bodies that are destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cantoria import ledger
from cantoria.kernel.errors import UnavailableError
from cantoria.ledger import Head, StoredBody, Write, merkle
from cantoria.ledger.tiles import Edge

SALT = bytes(range(32))


def write(store: ledger.LedgerStore, edge: Edge, entries: Sequence[bytes], *, mark: bytes = b"") -> Edge:
    """Store entries without bodies, as a member that only follows the log does."""
    after, changed = edge.extend(merkle.leaf_hashes(entries))
    facts = [(one[3:19], at, one[1] << 8 | one[2]) for at, one in enumerate(entries, edge.size) if one[0] == 1]
    store.commit(
        Write(
            first=edge.size,
            entries=entries,
            facts=facts,
            bodies=[],
            governance=[],
            tiles=changed,
            head=Head(after.size, after.frontier()),
            before=Head(edge.size, edge.frontier()),
            mark=mark,
        )
    )
    return after


def held(store: ledger.LedgerStore, count: int) -> list[tuple[int, bytes | None, int | None]]:
    return [(one.index, one.body, one.erased_at) for one in store.bodies(0, stop=count)]


def test_a_mark_is_stored_with_the_head_and_may_change_alone(house, make_store) -> None:
    store = make_store()
    assert store.mark() == b""
    batch = house.batch(2)
    edge = write(store, Edge(), [batch.header, *batch.envelopes], mark=b"height 1")
    assert store.mark() == b"height 1"
    edge = write(store, edge, [], mark=b"height 2")
    assert (store.mark(), store.head().size, store.last_index()) == (b"height 2", 3, 2)
    with pytest.raises(UnavailableError, match="another process"):
        write(store, Edge(), [batch.header], mark=b"height 3")
    assert store.mark() == b"height 2"
    store.close()
    assert make_store().mark() == b"height 2"
    write(make_store(), edge, [batch.header])
    assert make_store().mark() == b""


def test_bodies_arrive_later_only_beside_facts_and_only_once(house, make_store) -> None:
    store = make_store()
    batch = house.batch(3)
    write(store, Edge(), [batch.header, *batch.envelopes])
    assert store.add_bodies([]) == 0
    rows = [(0, SALT, b"header"), (3, SALT, b"c"), (2, SALT, b"b"), (2, SALT, b"b again"), (9, SALT, b"beyond")]
    assert store.add_bodies(rows) == 2
    assert held(store, 10) == [(2, b"b", None), (3, b"c", None)]
    assert store.add_bodies([(2, SALT, b"other"), (1, SALT, b"a")]) == 1
    assert held(store, 10) == [(1, b"a", None), (2, b"b", None), (3, b"c", None)]
    assert store.bodies(1, stop=2) == [StoredBody(1, SALT, b"a")]


def test_a_dropped_body_is_gone_for_good_whether_it_was_here_or_not(house, make_store) -> None:
    store = make_store()
    batch = house.batch(3)
    write(store, Edge(), [batch.header, *batch.envelopes])
    store.add_bodies([(1, SALT, b"a"), (2, SALT, b"b")])
    assert store.drop_bodies([2, 3, 2, 0, 77], erased_at=5) == 2
    assert held(store, 9) == [(1, b"a", None), (2, None, 5), (3, None, 5)]
    assert store.drop_bodies([3, 1], erased_at=6) == 1
    assert store.add_bodies([(1, SALT, b"a"), (2, SALT, b"b"), (3, SALT, b"c")]) == 0
    assert held(store, 9) == [(1, None, 6), (2, None, 5), (3, None, 5)]
    assert all(one.salt is None for one in store.bodies(0, stop=9))
    store.scrub()


def test_an_erasure_in_a_write_marks_a_body_that_was_never_here(house, make_store) -> None:
    store = make_store()
    batch = house.batch(2)
    edge = write(store, Edge(), [batch.header, *batch.envelopes])
    head = Head(edge.size, edge.frontier())
    empty = Write(first=3, entries=[], facts=[], bodies=[], governance=[], tiles=[], head=head, before=head)
    store.commit(replace(empty, erasures=[(2, 8)]))
    assert held(store, 3) == [(2, None, 8)]
    store.commit(replace(empty, erasures=[(2, 9)]))
    assert held(store, 3) == [(2, None, 8)]


def test_many_late_bodies_come_in_one_call(house, make_store) -> None:
    store = make_store()
    batch = house.batch(1000)
    write(store, Edge(), [batch.header, *batch.envelopes])
    rows = [(at, salt, body) for at, (salt, body) in enumerate(zip(batch.salts, batch.bodies, strict=True), 1)]
    assert store.add_bodies(rows[:3]) == 3
    assert store.add_bodies([*rows, *rows]) == 997
    assert [one.body for one in store.bodies(0, stop=1001)] == list(batch.bodies)
    assert store.drop_bodies(range(1001), erased_at=4) == 1000


def test_a_bookmark_and_the_numbers_of_late_changes_go_on(house, make_store) -> None:
    store = make_store()
    engine = house.begin(store)
    first = engine.append([house.batch(2)])[0].index
    assert store.bookmark() == 0
    for number in (7, 2**40, 3):
        store.set_bookmark(number)
        assert store.bookmark() == number
    store.drop_bodies([first], erased_at=1)
    assert store.last_late_change() == 1
    store.number_late_above(9)
    store.number_late_above(5)
    store.drop_bodies([first + 1], erased_at=1)
    assert [one for one in store.late_changes(1, limit=9) if one[1]] == [(10, first + 1)]
    engine.append([house.batch(1, first=2)])
    assert make_store().bookmark() == 3


def test_late_changes_are_numbered_in_their_order_and_those_of_the_commit_are_not(house, make_store) -> None:
    store = make_store()
    batch = house.batch(4)
    edge = write(store, Edge(), [batch.header, *batch.envelopes])
    assert (store.last_late_change(), store.late_changes(0, limit=9)) == (0, [])
    store.add_bodies([(3, SALT, b"c"), (1, SALT, b"a"), (0, SALT, b"header")])
    store.add_bodies([(1, SALT, b"again")])
    store.drop_bodies([1, 4], erased_at=5)
    store.drop_bodies([1], erased_at=6)
    head = Head(edge.size, edge.frontier())
    empty = Write(first=5, entries=[], facts=[], bodies=[], governance=[], tiles=[], head=head, before=head)
    store.commit(replace(empty, erasures=[(3, 8), (4, 8)]))
    assert store.late_changes(0, limit=9) == [(1, 1), (2, 3), (3, 1), (4, 4), (5, 3)]
    assert store.late_changes(1, limit=2) == [(2, 3), (3, 1)]
    assert store.last_late_change() == 5
    store.close()
    assert make_store().late_changes(4, limit=9) == [(5, 3)]
