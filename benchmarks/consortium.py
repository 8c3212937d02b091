"""Facts committed by a whole consortium on this machine: `python -m benchmarks.consortium [--quick] [--seconds 300]`.

For 4 and for 7 validators: real CometBFT nodes and real applications on loopback, all of them and the load on the same
cores. Organisations seal facts (salts, commitments, a signature for each batch of 1,000) and queue them with their
bodies in their own node's intake; a fact counts once it is in a committed block of the first node. Then as many nodes
as the network must survive are killed, under load. The baseline, in the same run: the same facts on the same network,
one in each transaction.

Every process's share of the work is real: each node checks every signature and every envelope, hashes every leaf, and
writes every entry durably. Only the network is short.
"""

from __future__ import annotations

import argparse
import base64
import secrets
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from benchmarks import report
from cantoria.adapters.cometbft.config import Timeouts
from cantoria.adapters.cometbft.pair import read_state
from cantoria.adapters.keys import KeyRing
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.errors import UnavailableError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import batch as batches
from cantoria.ledger.batch import BATCH_MAX, Batch, Draft, FactIds
from cantoria.ledger.envelope import ENVELOPE_BYTES
from cantoria.node import home as homes
from cantoria.node.local import LocalNetwork

TIMEOUTS: Final = Timeouts(propose=1000, propose_delta=500, vote=500, vote_delta=250, commit=200)
WAITING_FACTS_MAX: Final = 40_000  # queued at each node: about a block
TARGETS: Final = {
    "facts_per_s_4": (">=", 20_000.0),
    "facts_per_s_7": (">=", 10_000.0),
    "block_p50_s_4": ("<=", 1.5),
    "block_p50_s_7": ("<=", 1.5),
    "worst_gap_with_f_dead_s_4": ("<=", 4.0),
    "worst_gap_with_f_dead_s_7": ("<=", 4.0),
}
PEERS: Final = {
    "hyperledger_fabric_2_5_tps": 2_947,
    "besu_qbft_4_validators_tps": 1_200,
    "cometbft_qa_200_nodes_tx_per_s": 400,
    "note": "published by those projects on other hardware: not like for like",
}


@dataclass(frozen=True, slots=True)
class Window:
    """What a stretch of load came to: facts and seconds at the first node, and the seconds between its blocks."""

    facts: int
    seconds: float
    gaps: tuple[float, ...]
    bytes_per_fact: float

    @property
    def rate(self) -> float:
        """Facts a second."""
        return self.facts / self.seconds


class Load:
    """Keeps every node's intake filled with sealed batches of `size` facts, from one thread, until it is stopped."""

    def __init__(self, network: LocalNetwork, *, size: int) -> None:
        self._network = network
        self._size = size
        self._authors = [network.author(number) for number in range(len(network))]
        self._ids = [FactIds(secrets.token_bytes) for _ in self._authors]
        self._voices = [_voice(network, number) for number in range(len(network))]
        self._dead: frozenset[int] = frozenset()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def spare(self, dead: Sequence[int]) -> None:
        """Queue nothing more at nodes that are dead."""
        self._dead = frozenset(dead)

    def stop(self) -> None:
        """End, and wait until it has."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        group = min(10, max(1, 10_000 // self._size)) if self._size > 1 else 500
        while not self._stop.is_set():
            fed = False
            for number, voice in enumerate(self._voices):
                if (
                    voice is None
                    or number in self._dead
                    or self._network.intake(number).waiting() * self._size > WAITING_FACTS_MAX
                ):
                    continue
                with suppress(UnavailableError):  # the queue is full: the next round finds room
                    self._network.intake(number).put([self._batch(number, *voice) for _ in range(group)])
                    fed = True
            if not fed:
                time.sleep(0.02)

    def _full(self, number: int) -> bool:
        return self._network.intake(number).waiting() * self._size > WAITING_FACTS_MAX

    def _batch(self, number: int, fact_type: FactType, capacity: Capacity) -> Batch:
        now = time.time_ns() // 1000
        name = secrets.token_hex(8)
        drafts = [
            Draft(fact_type, b'{"number":"%s%06d"}' % (name.encode(), at), (name,), capacity, now)
            for at in range(self._size)
        ]
        author, ids = self._authors[number], self._ids[number]
        return batches.seal(drafts, author, ids=ids, entropy=secrets.token_bytes, claimed_at=now)


def main() -> int:
    """Run the benchmark; exit status 0 whether or not the targets are met, the JSON line tells."""
    options = _options()
    seconds = 3.0 if options.quick else options.seconds
    sizes = [4] if options.quick else [4, 7]
    metrics: dict[str, Any] = {}
    for nodes in sizes:
        metrics |= _network(nodes, seconds=seconds, quick=options.quick)
    single = _baseline(4, seconds=2.0 if options.quick else 30.0)
    metrics["one_fact_per_transaction_per_s_4"] = round(single, 1)
    if single:  # a busy machine may not get one through in the short form
        metrics["ratio_to_one_fact_per_transaction"] = round(metrics["facts_per_s_4"] / single, 1)
    params = {"batch": BATCH_MAX, "seconds": seconds, "timeout_commit_ms": TIMEOUTS.commit, "validators": sizes}
    targets = {name: bound for name, bound in TARGETS.items() if int(name[-1]) in sizes}
    report.emit("consortium", params, metrics, PEERS, targets)
    return 0


def _network(nodes: int, *, seconds: float, quick: bool) -> dict[str, Any]:
    faulty = (nodes - 1) // 3
    with (
        tempfile.TemporaryDirectory() as name,
        LocalNetwork.make(nodes, Path(name) / "n", timeouts=TIMEOUTS) as network,
    ):
        network.start()
        network.wait_height(3, seconds=120)
        load = Load(network, size=BATCH_MAX)
        load.start()
        try:
            time.sleep(1 if quick else 10)
            steady = _window(network, seconds=seconds)
            memory = _memory_mib(network)
            dead = range(nodes - faulty, nodes)
            load.spare(dead)
            limping = _window(network, seconds=4.0 if quick else 60.0, begin=lambda: network.kill(*dead))
        finally:
            load.stop()
        return {
            f"facts_per_s_{nodes}": round(steady.rate),
            f"facts_{nodes}": steady.facts,
            f"block_p50_s_{nodes}": round(statistics.median(steady.gaps), 2),
            f"block_p99_s_{nodes}": round(report.percentile(steady.gaps, share=0.99), 2),
            f"chain_bytes_per_fact_{nodes}": round(steady.bytes_per_fact, 1),
            f"facts_per_s_with_f_dead_{nodes}": round(limping.rate),
            f"worst_gap_with_f_dead_s_{nodes}": round(max(limping.gaps, default=seconds), 2),
            f"memory_mib_all_processes_{nodes}": memory,
        }


def _baseline(nodes: int, *, seconds: float) -> float:
    """Return the facts a second when each stands in a transaction, with a signature, of its own."""
    with (
        tempfile.TemporaryDirectory() as name,
        LocalNetwork.make(nodes, Path(name) / "n", timeouts=TIMEOUTS) as network,
    ):
        network.start()
        network.wait_height(3, seconds=120)
        load = Load(network, size=1)
        load.start()
        try:
            time.sleep(seconds / 3)
            return _window(network, seconds=seconds).rate
        finally:
            load.stop()


def _window(network: LocalNetwork, *, seconds: float, begin: Callable[[], None] = lambda: None) -> Window:
    """Let `seconds` pass under load after `begin`; count from block to block, so that no block is cut."""
    first = _height(network)
    begin()
    time.sleep(seconds)
    last = _height(network)
    with network.rpc(0) as rpc:
        blocks = [rpc.block(height) for height in (first, last)]
        metas = [_meta(rpc.commit(height)) for height in range(first, last + 1)]
        sizes = [_facts_and_bytes(rpc.block(height)) for height in range(first + 1, last + 1)]
    since, until = (_moment(block["block"]["header"]["time"]) for block in blocks)
    facts, length = sum(one[0] for one in sizes), sum(one[1] for one in sizes)
    gaps = tuple(after - before for before, after in pairwise(metas))
    return Window(facts, max(until - since, 1e-9), gaps, length / max(facts, 1))


def _height(network: LocalNetwork) -> int:
    found = None
    while found is None:
        found = network.height(0)
    return found


def _facts_and_bytes(block: dict[str, Any]) -> tuple[int, int]:
    """Return the facts in a block and its transactions' bytes; of the base64 only the first byte is decoded."""
    facts = total = 0
    for one in block["block"]["data"]["txs"]:
        length = len(one) * 3 // 4 - one.count("=")
        total += length
        if base64.b64decode(one[:4])[0] == batches.KIND_BATCH:
            facts += (length - batches.HEADER_BYTES) // ENVELOPE_BYTES
    return facts, total


def _meta(commit: dict[str, Any]) -> float:
    return _moment(commit["signed_header"]["header"]["time"])


def _moment(text: str) -> float:
    """Return seconds since 1970 of an RFC 3339 time with nanoseconds."""
    head, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(head + "+00:00").timestamp() + float(f"0.{fraction or 0}")


def _memory_mib(network: LocalNetwork) -> float:
    """Return the resident memory of all nodes' processes together."""
    total = 0
    for number in range(len(network)):
        state = read_state(homes.run_path(network.home(number)))
        for pid in (state.application, state.cometbft) if state else ():
            with suppress(OSError):
                words = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
                total += int(words[1]) * 4096
    return round(total / (1 << 20), 1)


def _voice(network: LocalNetwork, number: int) -> tuple[FactType, Capacity] | None:
    """Return what this node's organisation may record, and as what; None for one that only validates."""
    keys = KeyRing(network.home(number) / "keys")
    held = keys.capacities(network.settings(number).organisation)
    found = ((one.TYPE, held_one) for one in BY_TAG.values() for held_one in held if held_one in one.TYPE.capacities)
    return next(found, None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a minute, to keep it alive")
    parser.add_argument("--seconds", type=float, default=300.0, help="of load on each network")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
