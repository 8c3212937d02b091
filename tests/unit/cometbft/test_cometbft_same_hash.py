"""One state machine: the embedded engine and replicas come to the same app hash, and so does any way to get there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria import ledger
from cantoria.adapters.cometbft import snapshots
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.embedded_engine import EmbeddedEngine
from cantoria.kernel.errors import InputError
from cantoria.ledger.app_hash import app_hash
from cantoria.ledger.replay import replay
from cantoria.ledger.tiles import edge_from_tiles
from cantoria.testing.consortium import ORIGIN, TYPES, store_log
from cantoria.testing.fact_streams import ACTS, Act, Item, Stream
from cantoria.testing.memory_ledger import MemoryLedgerStore

SECOND = 1_000_000
ACT = st.builds(Act, st.sampled_from(ACTS), st.integers(0, 9), st.integers(0, 300))
STREAMS = st.lists(st.lists(ACT, max_size=8), min_size=1, max_size=6)
FIXED = [
    [Act(ACTS[(7 * block + place) % len(ACTS)], 3 * block + place, 11 * place + block) for place in range(9)]
    for block in range(9)
]


def hash_of(store: MemoryLedgerStore) -> bytes:
    """Return the app hash of a stored log, computed from its entries alone."""
    machine = replay(store.rows, types=TYPES)
    edge = edge_from_tiles(store.tile, size=len(store.rows))
    return app_hash(edge.root(), size=edge.size, state=machine.state.digest())


def feed(engine: EmbeddedEngine, items: Sequence[Item]) -> list[bool]:
    """Record items one after another; tell of each whether it was admitted."""
    admitted = []
    for item in items:
        size = engine.size
        if isinstance(item, ledger.Batch):
            engine.append([item])
        else:
            try:
                engine.submit_record(item)
            except InputError:
                assert engine.size == size
        admitted.append(engine.size > size)
    return admitted


class Twins:
    """An embedded engine and a chain that begin with the same log, and are told the same at the same time."""

    def __init__(self, chain) -> None:
        self.chain = chain
        self.stream = Stream(chain.consortium)
        self.store = MemoryLedgerStore()
        store_log(self.store, chain.consortium.entries)
        self.engine = EmbeddedEngine.open(
            self.store, origin=ORIGIN, signer=chain.consortium.operator, types=TYPES, clock=lambda: chain.now + SECOND
        )

    def tell(self, acts: Sequence[Act]) -> None:
        items = self.stream.items(acts)
        admitted = feed(self.engine, items)
        packed = [one if isinstance(one, bytes) else ledger.pack_item(one) for one in items]
        done = self.chain.decide(packed)
        assert [code == 0 for code, _ in done.codes] == admitted
        assert done.app_hash == hash_of(self.store)


@settings(max_examples=60)
@given(blocks=STREAMS)
def test_both_engines_come_to_the_same_hash_at_every_block(make_chain, blocks: list[list[Act]]) -> None:
    twins = Twins(make_chain(4, others=2))
    for acts in blocks:
        twins.tell(acts)
    assert twins.engine.verify_deep().root == twins.chain.replicas[0].root


@settings(max_examples=30)
@given(blocks=STREAMS, cuts=st.lists(st.integers(0, 60), max_size=4))
def test_replay_and_restore_come_to_the_same_hash(make_chain, blocks: list[list[Act]], cuts: list[int]) -> None:
    """From genesis block by block, with restarts; from a snapshot, in one go; from the entries alone."""
    chain = make_chain(4, others=2, snapshot_blocks=len(blocks))
    stream = Stream(chain.consortium)
    for acts in blocks:
        chain.decide([one if isinstance(one, bytes) else ledger.pack_item(one) for one in stream.items(acts)])
    mark = chain.replicas[0].mark
    assert hash_of(chain.stores[0]) == mark.app_hash
    store = MemoryLedgerStore()
    chain.consortium.begin(store)
    queue = Intake(Path(":memory:"))
    replica = chain.consortium.replica(chain.organisations[0], store, queue, snapshot_blocks=len(blocks))
    for height, (time, transactions) in enumerate(chain.blocks, 1):
        replica.finalize(height, time=time, transactions=transactions)
        if height in cuts:  # it dies before the commit
            replica = chain.consortium.replica(chain.organisations[0], store, queue, snapshot_blocks=len(blocks))
            replica.finalize(height, time=time, transactions=transactions)
        replica.commit()
    assert replica.mark == mark
    assert store.rows == chain.stores[0].rows
    snapshot = snapshots.take(chain.stores[1], mark.snapshots[0])
    assert snapshot.app_hash == mark.app_hash
    restored = MemoryLedgerStore()
    restoring = snapshots.Restoring(restored, snapshots.unpack_snapshot(snapshot.pack()))
    assert restoring.take_in(0, snapshots.chunk(chain.stores[1], snapshot.tip.size, 0))
    restoring.finish(time=0)
    found = chain.consortium.replica(chain.organisations[3], restored, queue)
    assert (found.mark.height, found.mark.app_hash) == (mark.height, mark.app_hash)
    assert (found.state, found.root) == (replica.state, replica.root)
    assert restored.fact_rows == store.fact_rows
    assert restored.records == store.records
    queue.close()


SWEEP = """
import sys
sys.path.insert(0, {folder!r})
from conftest import Chain
from test_cometbft_same_hash import FIXED, Twins
twins = Twins(Chain(4, others=2))
for acts in FIXED:
    twins.tell(acts)
print(twins.chain.replicas[0].mark.app_hash.hex(), twins.chain.replicas[0].size)
"""


def test_the_hash_does_not_depend_on_pythons_hash_seed() -> None:
    script = SWEEP.format(folder=str(Path(__file__).parent))
    root = Path(__file__).parents[3]
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=root,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(found) == 1
    assert int(found.pop().split()[1]) > 30


@pytest.mark.parametrize("what", sorted(set(ACTS)))
def test_the_streams_do_what_they_say(chain, what: str) -> None:
    """Each act is met by the reason that it is there for, or admitted: mere refusals would show little."""
    stream = Stream(chain.consortium)
    chain.decide([ledger.pack_item(one) for one in stream.items([Act("batch", 0, 3)]) if isinstance(one, ledger.Batch)])
    if what in ("vote", "withdraw"):
        chain.decide(stream.items([Act("propose", 0, 2)]))
    if what == "stale_key":
        chain.decide(stream.items([Act("rotate", 1, 0)]))
    items = stream.items([Act(what, 1 if what != "withdraw" else 0, 2 if what != "replay" else 0)])
    done = chain.decide([one if isinstance(one, bytes) else ledger.pack_item(one) for one in items])
    expected = {
        "replay": ["fact_replayed"],
        "stranger": ["unknown_member"],
        "stale_key": ["key_not_valid"],
        "bad_signature": ["bad_signature"],
        "wrong_root": ["wrong_root"],
        "future": ["claimed_in_future"],
        "operator": ["unknown_key", ""],
        "junk": ["malformed"],
    }
    assert [reason for _, reason in done.codes] == expected.get(what, [""] * len(items))
