"""Replicas under every fault that a seed can draw, in virtual time: one seed, one schedule, always the same.

`python -m cantoria.testing.simulator 17` runs seed 17 and says what happened; `--count 1000` runs that many from there.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from cantoria import ledger
from cantoria.adapters.cometbft.replica import Replica
from cantoria.testing.consortium import START, Consortium, Organisation
from cantoria.testing.simulation.checks import Checks, ViolationError, demand
from cantoria.testing.simulation.disk import Disk
from cantoria.testing.simulation.faults import Faults
from cantoria.testing.simulation.load import Load
from cantoria.testing.simulation.messages import Block
from cantoria.testing.simulation.node import Node
from cantoria.testing.simulation.timeline import SECOND, Links, Timeline

_MORE_BLOCKS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A schedule's shape: `seated` members with seats, `followers` more with a node, one that joins late by `joins`
    ("blocks" or "snapshot"), and whether the council grows by one and then shrinks by two.

    `faults` happen within `span`; `quiet` after the last one everything must have settled (microseconds).
    """

    seated: int
    followers: int = 0
    joins: str = ""
    membership: bool = False
    faults: int = 6
    span: int = 20 * SECOND
    quiet: int = 240 * SECOND


@dataclass(frozen=True, slots=True)
class Report:
    """What a schedule came to: blocks decided, times a member applied one, entries in the log (`begun`: at the
    beginning), items asked for, how often members died, how many stopped themselves, and the faults in words."""

    seed: int
    plan: Plan
    height: int
    applied: int
    begun: int
    entries: int
    wanted: int
    deaths: int
    stopped: int
    faults: tuple[str, ...] = field(repr=False)


def plan_of(seed: int) -> Plan:
    """Return the shape that a seed stands for."""
    random = Random(f"plan/{seed}")  # noqa: S311
    faults, span = random.randint(2, 9), random.randint(6, 16) * SECOND
    joins = random.choice(["", "", "", "blocks", "snapshot"])
    if random.random() < 0.2:
        return Plan(seated=6, followers=1, joins=joins, membership=True, faults=faults, span=span + 10 * SECOND)
    return Plan(seated=random.choice([4, 4, 7]), joins=joins, faults=faults, span=span)


class Simulation:
    """One schedule. `replicas` puts another class in the place of a member's replica; `files`: a folder for disks."""

    def __init__(
        self,
        seed: int,
        *,
        plan: Plan | None = None,
        replicas: Mapping[int, type[Replica]] | None = None,
        files: Path | None = None,
    ) -> None:
        self.seed = seed
        self.plan = plan or plan_of(seed)
        self.snapshot_blocks = 4
        self.timeline = Timeline(START)
        random = Random(f"schedule/{seed}")  # noqa: S311
        self._random = random
        self.links = Links(self.timeline, random)
        others = self.plan.followers + bool(self.plan.joins)
        self.consortium = Consortium(self.plan.seated, others=others)
        self.checks = Checks(self.consortium.entries)
        self.nodes: list[Node] = []
        self.load = Load(self.nodes, self.checks, random)
        self.copies: list[Disk] = []
        self._latest: dict[int, int] = {}
        for number in range(len(self.consortium.organisations)):
            disk = Disk(files / f"member{number}" if files is not None else None)
            replica = (replicas or {}).get(number, Replica)
            skew = random.randint(-300, 300) * SECOND
            node_random = Random(f"node/{seed}/{number}")  # noqa: S311
            self.nodes.append(Node(self, number, disk, random=node_random, replica=replica, skew=skew))
        self._late = self.nodes[-1] if self.plan.joins else None
        self.faults = Faults(self, random, budget=(self.plan.seated - 1 - 2 * self.plan.membership) // 3)

    def committed(self, node: Node, block: Block, codes: Sequence[int]) -> None:
        """A member stored a block."""
        self._latest[node.number] = block.height
        self.checks.committed(node, block, codes)

    def restart(self, node: Node) -> None:
        """Start a member again, if it is not running."""
        if not node.up and not (node is self._late and node.disk.engine is None and not node.syncing):
            self.checks.restarted(node)
            node.start()

    def run(self) -> Report:
        """Run the schedule; `ViolationError` with the seed and the faults when anything is not as it must be."""
        try:
            with closing(self):
                self._begin()
                self._suffer()
                self._settle()
        except ViolationError as error:
            told = "\n  ".join(sorted(self.faults.told))
            raise ViolationError(f"seed {self.seed}: {error}\n{self.plan}\n  {told}") from error
        return self._report()

    def close(self) -> None:
        """Release the disks."""
        for disk in [*self.copies, *(node.disk for node in self.nodes)]:
            disk.close()

    def _begin(self) -> None:
        for node in self.nodes:
            if node is not self._late:
                self.consortium.begin(node.disk.store(lambda _: None))
                node.start()
                self.load.begin(node)

    def _suffer(self) -> None:
        """Let the faults happen, and the late one join in their midst."""
        self.faults.draw(self.plan.faults, span=self.plan.span)
        if self._late is not None:
            late = self._late
            at = self._random.randint(self.plan.span // 4, self.plan.span)
            self.timeline.after(at, lambda: self._join(late))
        if self.plan.membership:
            self.timeline.after(SECOND, self._steer)
        for _ in range(self.plan.span // SECOND + 8):
            self.timeline.run(SECOND)
            self._look()

    def _join(self, late: Node) -> None:
        if self.plan.joins == "snapshot":
            late.syncing = True
        else:
            self.consortium.begin(late.disk.store(lambda _: None))
        late.start()

    def _targets(self) -> list[ledger.BallotChange]:
        """The council's changes: 6 seats, 7, then 5."""
        organisations = self.consortium.organisations
        joining: Organisation = organisations[self.plan.seated]
        leaving = [one.identifier for one in organisations[1:3]]
        return [ledger.SeatMember(joining.seat), *(ledger.UnseatMember(one) for one in leaving)]

    def _reached(self, state: ledger.State) -> list[bool]:
        return [
            one.seat.organisation in state.seats
            if isinstance(one, ledger.SeatMember)
            else isinstance(one, ledger.UnseatMember) and one.organisation not in state.seats
            for one in self._targets()
        ]

    def _steer(self) -> None:
        """Have an honest member propose the next change, until it holds."""
        self.timeline.after(2 * SECOND, self._steer)
        able = [node for node in self.nodes if node.in_turn and not node.suspect and not node.frozen]
        if not able:
            return
        node = able[self._random.randrange(len(able))]
        state = node.replica.state
        missing = [one for one, reached in zip(self._targets(), self._reached(state), strict=True) if not reached]
        if missing and missing[0] not in [ballot.change for ballot in state.ballots.values()]:
            self.load.propose(node, missing[0])

    def _look(self) -> bool:
        for node in self.nodes:
            demand(not node.stopped or node.suspect, f"member {node.number} stopped itself: {node.stopped}")
        return self.load.look()

    def _settle(self) -> None:
        """Mend everything: within bounds the chain must go on, take in all that waits, and all must be one."""
        self.faults.end()
        healthy = [node for node in self.nodes if not node.suspect]
        start = max(self._latest.values(), default=0)
        until = self.timeline.now + self.plan.quiet
        self.load.active = self.plan.membership
        while True:
            self.timeline.run(SECOND)
            settled = self._look()
            self.load.active = self.load.active and not self._governed(healthy)
            heights = [node.height for node in healthy]
            grown = min(heights) >= start + _MORE_BLOCKS
            if settled and grown and not self.load.active and self._cosigned(healthy):
                break
            waited = f"no end {self.plan.quiet // SECOND} s after the last fault"
            demand(self.timeline.now < until, f"{waited}: heights {heights}, {self._waiting()} items wait")
        self._sleepers()
        self.checks.last(healthy)
        self.load.last()

    def _governed(self, healthy: Sequence[Node]) -> bool:
        return all(all(self._reached(node.replica.state)) for node in healthy)

    def _cosigned(self, healthy: Sequence[Node]) -> bool:
        """Tell whether the council has cosigned all that there is, as far as a member saw the blocks that say so."""
        seen = [node for node in healthy if node is not self._late]
        return all(self.checks.notes.get(node.number) == len(self.checks.entries) for node in seen)

    def _waiting(self) -> int:
        return sum(node.disk.intake.waiting() for node in self.nodes)

    def _sleepers(self) -> None:
        """Whoever was corrupted has stopped itself, or died before it could do harm."""
        for node in self.nodes:
            if node.suspect and not node.stopped:
                known = self.checks.hashes.get(node.replica.mark.height)
                demand(known == node.replica.mark.app_hash, f"corrupted member {node.number} goes on")

    def _report(self) -> Report:
        return Report(
            seed=self.seed,
            plan=self.plan,
            height=max(self._latest.values()),
            applied=self.checks.blocks,
            begun=len(self.consortium.entries),
            entries=len(self.checks.entries),
            wanted=len(self.load.wanted),
            deaths=sum(node.deaths for node in self.nodes),
            stopped=sum(bool(node.stopped) for node in self.nodes),
            faults=tuple(self.faults.told),
        )


def run(seed: int, *, files: Path | None = None) -> Report:
    """Run one seed's schedule."""
    return Simulation(seed, files=files).run()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run schedules and say what they came to."""
    parser = argparse.ArgumentParser(prog="cantoria.testing.simulator", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--count", type=int, default=1)
    given = parser.parse_args(arguments)
    logging.disable()
    for seed in range(given.seed, given.seed + given.count):
        report = run(seed)
        sys.stdout.write(f"{report}\n")
        if given.count == 1:
            sys.stdout.write("".join(f"  {one}\n" for one in report.faults))
    return 0


if __name__ == "__main__":
    sys.exit(main())
