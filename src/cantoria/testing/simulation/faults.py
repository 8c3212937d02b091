"""The faults of one schedule, drawn from its seed: who dies where, what is cut, who goes back in time, who lies."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Final

from cantoria.testing.simulation.byzantine import Tricks
from cantoria.testing.simulation.member import STEPS
from cantoria.testing.simulation.timeline import SECOND

if TYPE_CHECKING:
    from cantoria.testing.simulation.node import Node
    from cantoria.testing.simulator import Simulation

_KINDS: Final = (
    "crash",
    "crash",
    "crash",
    "kill",
    "kill_many",
    "freeze",
    "partition",
    "loss",
    "go_back",
    "roll_back",
    "lie",
    "corrupt",
)


class Faults:
    """Sets the faults of a schedule; `told` says in words what was drawn."""

    def __init__(self, world: Simulation, random: Random, *, budget: int) -> None:
        self._world = world
        self._random = random
        self._budget = budget
        self._faulty: set[int] = set()
        self.told: list[str] = []

    def draw(self, count: int, *, span: int) -> None:
        """Draw `count` faults within the next `span` microseconds."""
        for _ in range(count):
            kind = self._random.choice(_KINDS)
            at = self._random.randint(SECOND, span)
            getattr(self, f"_{kind}")(at)

    def end(self) -> None:
        """Mend what can be mended: links, frozen and dead nodes; liars go on lying."""
        self._world.links.heal()
        for node in self._world.nodes:
            node.dies_at = ""
            node.thaw()
            node.start()

    def _set(self, at: int, what: str, action: Callable[[], None]) -> None:
        self.told.append(f"{at / SECOND:6.2f} s: {what}")
        self._world.timeline.after(at, action)

    def _any(self) -> Node:
        return self._random.choice(self._world.nodes)

    def _one_more(self) -> Node | None:
        """Return a member that may become faulty in itself, while they stay as few as the protocol bears."""
        node = self._any()
        if node.number not in self._faulty and len(self._faulty) >= self._budget:
            return None
        if node.number in self._faulty:
            return None
        self._faulty.add(node.number)
        return node

    def _crash(self, at: int) -> None:
        node, step = self._any(), self._random.choice(STEPS)
        back = self._random.randint(SECOND // 2, 6 * SECOND)

        def arm() -> None:
            node.dies_at = step

        self._set(at, f"member {node.number} dies at {step!r}, back {back / SECOND:.2f} s later", arm)
        self._world.timeline.after(at + back, lambda: self._world.restart(node))

    def _kill(self, at: int) -> None:
        node = self._any()
        back = self._random.randint(SECOND // 10, 8 * SECOND)
        self._set(at, f"member {node.number} is killed for {back / SECOND:.2f} s", node.kill)
        self._world.timeline.after(at + back, lambda: self._world.restart(node))

    def _kill_many(self, at: int) -> None:
        nodes = self._random.sample(self._world.nodes, self._random.randint(2, len(self._world.nodes)))
        back = self._random.randint(SECOND // 2, 5 * SECOND)
        for node in nodes:
            self._world.timeline.after(at, node.kill)
            self._world.timeline.after(at + back, partial(self._world.restart, node))
        names = [node.number for node in nodes]
        self._set(at, f"members {names} are killed for {back / SECOND:.2f} s", lambda: None)

    def _freeze(self, at: int) -> None:
        node, span = self._any(), self._random.randint(SECOND, 6 * SECOND)

        def freeze() -> None:
            node.frozen = node.up

        self._set(at, f"member {node.number} stands still for {span / SECOND:.2f} s", freeze)
        self._world.timeline.after(at + span, node.thaw)

    def _partition(self, at: int) -> None:
        side = {node.number: self._random.randint(0, self._random.randint(1, 2)) for node in self._world.nodes}
        span = self._random.randint(SECOND, 8 * SECOND)
        pairs = [pair for pair in combinations(sorted(side), 2) if side[pair[0]] != side[pair[1]]]
        self._set(at, f"the network parts into {side} for {span / SECOND:.2f} s", lambda: self._world.links.cut(pairs))
        self._world.timeline.after(at + span, self._world.links.heal)

    def _loss(self, at: int) -> None:
        part, span = self._random.uniform(0.05, 0.6), self._random.randint(SECOND, 8 * SECOND)

        def lose() -> None:
            self._world.links.loss = part

        self._set(at, f"{part:.0%} of all messages are lost for {span / SECOND:.2f} s", lose)
        self._world.timeline.after(at + span, self._world.links.heal)

    def _go_back(self, at: int) -> None:
        """The replica's files alone become older: the engine replays the blocks between."""
        self._older(at, self._any(), engine=False)

    def _roll_back(self, at: int) -> None:
        """The whole disk becomes older: the node may vote again on what it voted on, so it counts as faulty."""
        node = self._one_more()
        if node is not None:
            self._older(at, node, engine=True)

    def _older(self, at: int, node: Node, *, engine: bool) -> None:
        taken, away = self._random.randint(0, at), self._random.randint(SECOND // 10, 4 * SECOND)
        what = "whole disk" if engine else "replica"
        said = f"the {what} of member {node.number} is again as at {taken / SECOND:.2f} s, off {away / SECOND:.2f} s"
        moment = self._world.timeline.now + taken
        world = self._world

        def take() -> None:
            if node.disk.engine is None or node.syncing:
                return
            copy = node.disk.copy(f"{world.timeline.now}")
            world.copies.append(copy)

            def put_back() -> None:
                if copy.engine is None or copy.engine.height > node.height:
                    return  # a replica before its engine is no node that was ever like this
                node.kill()
                world.load.went_back(node, moment, height=node.height)
                node.disk.roll_back(copy, engine=engine)
                world.checks.restarted(node)
                world.timeline.after(away, lambda: world.restart(node))

            world.timeline.after(at - taken, put_back)

        self._set(taken, said, take)

    def _lie(self, at: int) -> None:
        node = self._one_more()
        if node is not None:
            tricks = Tricks(Random(self._random.random()))  # noqa: S311

            def lie() -> None:
                node.tricks = tricks

            self._set(at, f"member {node.number} begins to lie", lie)

    def _corrupt(self, at: int) -> None:
        node = self._one_more()
        if node is None:
            return
        how = self._random.choice([self._in_memory, self._in_the_log, self._in_the_mark])

        def corrupt() -> None:
            if node.up and not node.syncing and not node.frozen:
                node.suspect = True
                how(node)

        self._set(at, f"member {node.number} is corrupted {how.__name__[1:].replace('_', ' ')}", corrupt)

    def _in_memory(self, node: Node) -> None:
        machine = node.replica._machine
        machine.state = replace(machine.state, claimed_future_max=machine.state.claimed_future_max + 1)
        node.replica._cached = None

    def _in_the_log(self, node: Node) -> None:
        """A byte of a stored entry changes while the node is off."""
        memory = node.disk.memory()
        node.kill()
        index = self._random.randrange(node.replica.size)
        if memory is not None:
            memory.rows[index] = memory.rows[index][:-1] + bytes([memory.rows[index][-1] ^ 1])
        else:
            self._rewrite(
                node, "UPDATE entry SET data = CAST(substr(data, 1, length(data) - 1) AS BLOB) WHERE idx = ?", index
            )
        self._world.timeline.after(SECOND, lambda: self._world.restart(node))

    def _in_the_mark(self, node: Node) -> None:
        """The mark names another app hash."""
        memory = node.disk.memory()
        node.kill()
        false = replace(node.replica.mark, app_hash=bytes(32), height=max(node.replica.mark.height, 1)).pack()
        if memory is not None:
            memory.stored_mark = false
        else:
            self._rewrite(node, "UPDATE meta SET value = ? WHERE key = 'mark'", false)
        self._world.timeline.after(SECOND, lambda: self._world.restart(node))

    def _rewrite(self, node: Node, statement: str, value: int | bytes) -> None:
        if node.disk.files is None:
            return
        with closing(sqlite3.connect(node.disk.files / "ledger.db")) as connection, connection:
            connection.execute(statement, (value,))
