"""A real network of nodes under load and faults: what it was asked to record, and whether all nodes have one log.

Waits are bounded generously: a slow machine makes them longer, only a network that does not go on makes them end.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

from cantoria.adapters.cometbft.intake import Stage, key_of
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.ledger.batch import Batch, Draft, FactIds, seal
from cantoria.ledger.changes import BallotChange, Propose, Vote
from cantoria.ledger.governance import seal_member_record
from cantoria.ledger.merkle import leaf_hash, leaf_hashes
from cantoria.ledger.replay import state_of
from cantoria.ledger.state import Outcome, State
from cantoria.node import home as homes
from cantoria.node.founding import ORGANISATIONS
from cantoria.node.local import LocalNetwork
from cantoria.testing.simulation.checks import demand

SECONDS: Final = 180.0
_DAY: Final = 86_400_000_000
_STILL_SECONDS: Final = 3.0


class Suffering:
    """A network whose nodes are asked to record things and are then looked at."""

    def __init__(self, network: LocalNetwork) -> None:
        self.network = network
        self.wanted: list[tuple[int, bytes]] = []
        self._ids: dict[int, FactIds] = {}
        self._hashes: dict[int, str] = {}
        self._compared: dict[int, int] = {}

    def batch(self, number: int, *, facts: int) -> Batch:
        """Return a batch of this node's organisation."""
        capacity = ORGANISATIONS[number][1][0]
        kind = next(one for one in LEDGER_TYPES.values() if capacity in one.capacities and one.tag >= 100)
        now = time.time_ns() // 1000
        drafts = [Draft(kind, b'{"n":%d}' % at, (f"rec_{at}",), capacity, now) for at in range(facts)]
        ids = self._ids.setdefault(number, FactIds(os.urandom))
        return seal(drafts, self.network.author(number), ids=ids, entropy=os.urandom, claimed_at=now)

    def put(self, *numbers: int, batches: int = 2, facts: int = 20) -> None:
        """Queue batches with each of these nodes; they must all be recorded in the end."""
        for number in numbers:
            items = [self.batch(number, facts=facts) for _ in range(batches)]
            self.network.submit(number, items)
            self.wanted += [(number, key_of(item)) for item in items]

    def forget(self, number: int) -> None:
        """A node's disk went back: what it was asked meanwhile may be gone."""
        self.wanted = [one for one in self.wanted if one[0] != number]
        self._compared.pop(number, None)

    def goes_on(self, *numbers: int, by: int = 2) -> float:
        """Require that these nodes commit further blocks; return after how many seconds they had."""
        began = time.monotonic()
        height = max(self.network.height(number) or 0 for number in numbers)
        self.network.wait_height(height + by, numbers, seconds=SECONDS)
        return time.monotonic() - began

    def stands_still(self, *numbers: int) -> None:
        """Require that none of these nodes commits anything more, once what was under way is through."""
        time.sleep(_STILL_SECONDS)
        before = [self.network.height(number) for number in numbers]
        time.sleep(_STILL_SECONDS)
        after = [self.network.height(number) for number in numbers]
        demand(before == after, f"without a quorum nodes {numbers} went on from {before} to {after}")

    def settle(self, *numbers: int) -> None:
        """Require that all that waits with these nodes is recorded, once, in the one log that they have."""
        for number in numbers:
            keys = [key for door, key in self.wanted if door == number]
            outcomes = self.network.wait_decided(number, keys, seconds=SECONDS)
            refused = [one.reason for one in outcomes if one.stage is not Stage.COMMITTED]
            demand(not refused, f"node {number} refuses {refused}")
        self.check_one_log(*numbers)
        leaves = leaf_hashes(self.entries(numbers[0]))
        for number, key in self.wanted:
            if number in numbers:
                outcome = self.network.outcomes(number, [key])[0]
                demand(leaves.count(key) == 1, f"an item of node {number} stands {leaves.count(key)} times in the log")
                demand(outcome is not None and outcome.place == leaves.index(key), "a receipt names another place")

    def check_one_log(self, *numbers: int) -> None:
        """Require that these nodes have the same app hash at every common height, and one log."""
        height = max(self.network.height(number) or 0 for number in numbers)
        self.network.wait_height(height, numbers, seconds=SECONDS)
        for number in numbers:
            with self.network.rpc(number) as rpc:
                earliest = int(rpc.status()["sync_info"]["earliest_block_height"])
                for one in range(max(earliest, self._compared.get(number, 0) + 1), height + 1):
                    found = str(rpc.commit(one)["signed_header"]["header"]["app_hash"])
                    known = self._hashes.setdefault(one, found)
                    demand(found == known, f"node {number} has app hash {found} in block {one}, others {known}")
            self._compared[number] = height
        logs = [self.entries(number) for number in numbers]
        common = min(map(len, logs))
        demand(all(log[:common] == logs[0][:common] for log in logs), f"nodes {numbers} have different logs")

    def entries(self, number: int) -> list[bytes]:
        """Return a node's whole log, read from its file."""
        with closing(SqliteLedgerStore(homes.ledger_path(self.network.home(number)))) as store:
            return store.entries(0, stop=store.head().size)

    def state(self, number: int) -> State:
        """Return the state after a node's log."""
        records = [(index, entry) for index, entry in enumerate(self.entries(number)) if entry[:1] == b"\x03"]
        return state_of(records)

    def decide(self, change: BallotChange, *, voters: Sequence[int]) -> None:
        """Have the council decide a change: the first of these nodes proposes it, the others vote yes."""
        ballot = os.urandom(16)
        closes_at = time.time_ns() // 1000 + _DAY
        first, *others = voters
        proposal = seal_member_record(Propose(ballot, change, closes_at), self.network.author(first))
        self._say(first, proposal)
        for number in others:
            self._await(number, lambda state: ballot in state.ballots)
            self.network.submit(
                number, [seal_member_record(Vote(ballot, True, leaf_hash(proposal)), self.network.author(number))]
            )
        self._await(first, lambda state: ballot in state.decisions)
        outcome = self.state(first).decisions[ballot].outcome
        demand(outcome is Outcome.PASSED, f"the ballot on {change} ended as {outcome}")

    def _await(self, number: int, condition: Callable[[State], bool]) -> None:
        what = f"the ballot to be known at node {number}"
        self.network.wait(lambda: condition(self.state(number)), what=what, seconds=SECONDS)

    def _say(self, number: int, record: bytes) -> None:
        outcome = self.network.wait_decided(number, self.network.submit(number, [record]), seconds=SECONDS)[0]
        demand(outcome.stage is Stage.COMMITTED, f"a record of node {number} is refused: {outcome.reason}")
        demand(leaf_hash(self.entries(number)[outcome.place or 0]) == leaf_hash(record), "a record stands elsewhere")


def random_faults(suffering: Suffering, seed: int, *, folder: Path) -> list[str]:
    """Do five random things to a whole network, one after another, under load; mend it, and return what was done."""
    network, random = suffering.network, Random(f"network/{seed}")  # noqa: S311
    everybody = range(len(network))
    done: list[str] = []
    copy: tuple[int, Path] | None = None
    for turn in range(5):
        what = random.choice(["kill", "kill", "kill_application", "freeze", "partition", "copy", "roll_back"])
        some = sorted(random.sample(everybody, random.randint(1, len(network))))
        span = random.uniform(0.2, 3.0)
        suffering.put(random.choice(everybody), batches=random.randint(1, 4))
        done.append(f"{what} {some} for {span:.1f} s")
        match what:
            case "kill":
                network.kill(*some)
                time.sleep(span)
                network.start(*some)
            case "kill_application":
                for number in some:
                    network.kill_application(number)
            case "freeze":
                network.freeze(*some)
                time.sleep(span)
                network.thaw(*some)
            case "partition":
                network.partition([some, [one for one in everybody if one not in some]])
                time.sleep(span)
                network.heal()
            case "copy" if copy is None:
                copy = some[0], folder / f"copy-{seed}-{turn}"
                network.stop(some[0])
                network.copy(*copy)
                network.start(some[0])
            case "roll_back" if copy is not None:
                network.kill(copy[0])
                suffering.forget(copy[0])
                network.roll_back(*copy)
                network.start(copy[0])
        time.sleep(random.uniform(0.0, 2.0))
    return done
