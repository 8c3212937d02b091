"""State sync: a snapshot is taken in whole or refused, whoever sends it, and a restore that was cut off goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.cometbft import snapshots
from cantoria.adapters.cometbft.application import ReplicaApplication
from cantoria.adapters.cometbft.mark import Tip
from cantoria.adapters.cometbft.proto import abci_pb2 as abci
from cantoria.adapters.cometbft.snapshots import Restoring, Snapshot, unpack_snapshot
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import tiles
from cantoria.testing.memory_ledger import MemoryLedgerStore

OFFER = abci.ResponseOfferSnapshot.Result
APPLY = abci.ResponseApplySnapshotChunk.Result
CHUNK = 8


@pytest.fixture
def given_chain(make_chain, monkeypatch: pytest.MonkeyPatch):
    """A chain of five blocks and a few chunks that gives a snapshot of each block's log."""
    monkeypatch.setattr(snapshots, "CHUNK_ENTRIES", CHUNK)
    chain = make_chain(4, snapshot_blocks=1)
    for number in range(5):
        chain.record(chain.organisations[0].batch(4, first=number))
    return chain


class Newcomer:
    """A node with an empty disk that is offered snapshots."""

    def __init__(self, chain) -> None:
        self.chain = chain
        self.store = MemoryLedgerStore()
        self.start()

    def start(self) -> None:
        queue = self.chain.intakes[3]
        self.replica = self.chain.consortium.replica(self.chain.organisations[3], self.store, queue)
        self.application = ReplicaApplication(self.replica, self.store)

    def offer(self, listed: abci.Snapshot, app_hash: bytes) -> int:
        return self.application.offer_snapshot(abci.RequestOfferSnapshot(snapshot=listed, app_hash=app_hash)).result

    def apply(self, number: int, chunk: bytes) -> abci.ResponseApplySnapshotChunk:
        return self.application.apply_snapshot_chunk(
            abci.RequestApplySnapshotChunk(index=number, chunk=chunk, sender="peer")
        )


def giver(chain) -> ReplicaApplication:
    return ReplicaApplication(chain.replicas[0], chain.stores[0])


def newest(chain) -> tuple[abci.Snapshot, bytes]:
    """Return the newest snapshot as listed, and the app hash that the light client would have verified."""
    listed = giver(chain).list_snapshots(abci.RequestListSnapshots()).snapshots[0]
    return listed, chain.replicas[0].mark.app_hash


def chunk(chain, listed: abci.Snapshot, number: int) -> bytes:
    request = abci.RequestLoadSnapshotChunk(height=listed.height, format=listed.format, chunk=number)
    return giver(chain).load_snapshot_chunk(request).chunk


def restore(newcomer: Newcomer, chain, listed: abci.Snapshot, *, start: int = 0) -> None:
    for number in range(start, listed.chunks):
        assert newcomer.apply(number, chunk(chain, listed, number)).result == APPLY.ACCEPT


def test_a_newcomer_is_restored_and_goes_on_with_the_chain(given_chain) -> None:
    chain = given_chain
    listed, verified = newest(chain)
    assert listed.chunks == -(-chain.replicas[0].size // CHUNK) > 3
    newcomer = Newcomer(chain)
    assert newcomer.offer(listed, verified) == OFFER.ACCEPT
    restore(newcomer, chain, listed)
    assert newcomer.store.rows == chain.stores[0].rows
    info = newcomer.application.info(abci.RequestInfo())
    assert (info.last_block_height, info.last_block_app_hash) == (5, verified)
    chain.replicas[3], chain.stores[3] = newcomer.replica, newcomer.store
    chain.record(chain.organisations[0].batch())
    chain.step(1)
    chain.step(3)
    assert newcomer.store.checkpoint() is not None
    assert newcomer.store.notes.keys() <= chain.stores[0].notes.keys()


def test_the_last_snapshots_are_listed_and_older_ones_are_not_given(given_chain) -> None:
    listed = giver(given_chain).list_snapshots(abci.RequestListSnapshots()).snapshots
    assert [one.height for one in listed] == [5, 4, 3]
    for one in listed:
        found = unpack_snapshot(one.metadata)
        assert found.digest() == one.hash
        assert found.tip.height == one.height
    for height, form, number in ((2, 1, 0), (5, 2, 0), (5, 1, 99)):
        request = abci.RequestLoadSnapshotChunk(height=height, format=form, chunk=number)
        assert giver(given_chain).load_snapshot_chunk(request).chunk == b""


def test_a_restore_that_was_cut_off_goes_on(given_chain) -> None:
    listed, verified = newest(given_chain)
    newcomer = Newcomer(given_chain)
    newcomer.offer(listed, verified)
    assert newcomer.apply(0, chunk(given_chain, listed, 0)).result == APPLY.ACCEPT
    assert newcomer.apply(1, chunk(given_chain, listed, 1)).result == APPLY.ACCEPT
    newcomer.start()
    assert newcomer.replica.mark.height == 0
    assert newcomer.apply(2, chunk(given_chain, listed, 2)).result == APPLY.ABORT
    given_chain.record(given_chain.organisations[0].batch(4))
    listed, verified = newest(given_chain)  # by now there is another snapshot
    assert newcomer.offer(listed, verified) == OFFER.ACCEPT
    restore(newcomer, given_chain, listed)
    assert newcomer.replica.mark.app_hash == verified


def test_a_restore_over_another_log_stops(given_chain) -> None:
    listed, verified = newest(given_chain)
    newcomer = Newcomer(given_chain)
    newcomer.store.__init__()  # type: ignore[misc]
    other = type(given_chain.consortium)(4, name="elsewhere")
    other.begin(newcomer.store)
    newcomer.start()
    newcomer.offer(listed, verified)
    with pytest.raises(IntegrityError, match="not a beginning"):
        newcomer.apply(0, chunk(given_chain, listed, 0))


def test_a_false_chunk_is_fetched_again_from_somebody_else(given_chain) -> None:
    listed, verified = newest(given_chain)
    newcomer = Newcomer(given_chain)
    newcomer.offer(listed, verified)
    right = chunk(given_chain, listed, 0)
    entries = tiles.unpack_entries(right)
    for false in (
        b"",
        right[:-1],
        right + b"\x00",
        right[:40] + bytes([right[40] ^ 1]) + right[41:],
        chunk(given_chain, listed, 1),
        tiles.pack_entries(entries[::-1]),
        tiles.pack_entries(entries[:-1]),
        tiles.pack_entries([*entries, b"\x02more"]),
    ):
        answer = newcomer.apply(0, false)
        assert answer.result == APPLY.RETRY
        assert list(answer.refetch_chunks) == [0]
        assert list(answer.reject_senders) == ["peer"]
        assert newcomer.store.rows == []
    restore(newcomer, given_chain, listed)
    assert newcomer.replica.mark.app_hash == verified


def test_chunks_out_of_order_are_not_stored(given_chain) -> None:
    listed, verified = newest(given_chain)
    newcomer = Newcomer(given_chain)
    newcomer.offer(listed, verified)
    for number in (1, 2, listed.chunks, listed.chunks + 7):
        assert newcomer.apply(number, chunk(given_chain, listed, number)).result == APPLY.RETRY
    assert newcomer.store.rows == []


def tampered(listed: abci.Snapshot, change: Callable[[Snapshot], Snapshot]) -> abci.Snapshot:
    found = change(unpack_snapshot(listed.metadata))
    return abci.Snapshot(
        height=listed.height, format=1, chunks=listed.chunks, hash=found.digest(), metadata=found.pack()
    )


def with_tip(snapshot: Snapshot, place: int, **changes: Any) -> Snapshot:
    tips = list(snapshot.tips)
    tips[place] = replace(tips[place], **changes)
    return replace(snapshot, tips=tuple(tips))


FALSE: dict[str, Callable[[Snapshot], Snapshot]] = {
    "another chunk root": lambda one: replace(one, roots=(*one.roots[:-1], bytes(32))),
    "chunk roots in another order": lambda one: replace(one, roots=one.roots[::-1]),
    "another state": lambda one: replace(one, state=bytes(32)),
    "another size": lambda one: with_tip(one, 0, size=one.tip.size - 1),
    "another height": lambda one: with_tip(one, 0, height=one.tip.height + 1),
    "another root of the log": lambda one: with_tip(one, 0, root=bytes(32)),
    "a tip too many": lambda one: replace(one, tips=(one.tip, *one.tips[:3])),
    "a gap in the tips": lambda one: replace(one, tips=(one.tips[0], *one.tips[2:])),
    "a tip larger than the log": lambda one: with_tip(one, 1, size=one.tip.size + 1),
}


@pytest.mark.parametrize("what", sorted(FALSE))
def test_a_false_description_is_refused_before_anything_is_fetched(given_chain, what: str) -> None:
    listed, verified = newest(given_chain)
    newcomer = Newcomer(given_chain)
    assert newcomer.offer(tampered(listed, FALSE[what]), verified) == OFFER.REJECT_SENDER
    assert newcomer.apply(0, chunk(given_chain, listed, 0)).result == APPLY.ABORT


@pytest.mark.parametrize("changes", [{"root": bytes(32)}, {"size": 27}])
def test_false_earlier_tips_are_not_taken_over(given_chain, changes: dict[str, Any]) -> None:
    """Nothing that was agreed on vouches for them before the entries are here; a node never cosigns such a one."""
    listed, verified = newest(given_chain)
    false = tampered(listed, lambda one: with_tip(one, 1, **changes))
    newcomer = Newcomer(given_chain)
    assert newcomer.offer(false, verified) == OFFER.ACCEPT
    restore(newcomer, given_chain, listed)
    assert newcomer.replica.mark.tips[0] == given_chain.replicas[0].mark.tips[0]
    for tip in newcomer.replica.mark.tips:
        assert tiles.tree_root(given_chain.stores[0].tile, size=tip.size) == tip.root


def test_a_snapshot_of_another_form_or_count_is_refused(given_chain) -> None:
    listed, verified = newest(given_chain)
    newcomer = Newcomer(given_chain)
    for changes, answer in (
        ({"format": 2}, OFFER.REJECT_FORMAT),
        ({"chunks": listed.chunks + 1}, OFFER.REJECT_SENDER),
        ({"height": listed.height - 1}, OFFER.REJECT_SENDER),
        ({"metadata": b""}, OFFER.REJECT_SENDER),
    ):
        other = abci.Snapshot()
        other.CopyFrom(listed)
        for name, value in changes.items():
            setattr(other, name, value)
        assert newcomer.offer(other, verified) == answer
    assert newcomer.offer(listed, bytes(32)) == OFFER.REJECT_SENDER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**53 - 1) | st.sampled_from(["", "00", "00" * 32, "zz"]),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries({}, optional={"roots": JSON, "state": JSON, "tips": JSON, "more": JSON})


@given(data=st.binary(max_size=60) | FIELDS.map(canonical.encode) | JSON.map(canonical.encode))
def test_any_metadata_is_read_or_refused(data: bytes) -> None:
    try:
        found = unpack_snapshot(data)
    except InputError:
        return
    assert found.roots
    assert len(found.app_hash) == 32


def test_a_restore_that_leads_elsewhere_is_not_finished(given_chain) -> None:
    snapshot = snapshots.take(given_chain.stores[0], given_chain.replicas[0].mark.snapshots[0])
    store = MemoryLedgerStore()
    restoring = Restoring(store, snapshot)
    assert restoring.take_in(0, snapshots.chunk(given_chain.stores[0], snapshot.tip.size, 0))
    with pytest.raises(IntegrityError, match="does not have the state"):
        restoring.finish(time=0)
    assert store.mark() == b""


def test_tips_are_of_consecutive_blocks(given_chain) -> None:
    tips = given_chain.replicas[0].mark.tips
    assert [one.height for one in tips] == [5, 4, 3, 2]
    assert isinstance(tips[0], Tip)
