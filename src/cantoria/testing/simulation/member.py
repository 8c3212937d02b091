"""One simulated member's node without its voice: a real replica, the engine's blocks around it, on a disk that outlives
both. What it does at a start is what CometBFT does (`consensus/replay.go`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Final, Protocol

from cantoria.adapters.cometbft.application import ReplicaApplication
from cantoria.adapters.cometbft.cosigning import address_of
from cantoria.adapters.cometbft.replica import Replica
from cantoria.kernel.errors import CantoriaError
from cantoria.testing.consortium import ORIGIN, TYPES, Consortium, Organisation
from cantoria.testing.simulation.disk import Disk, DyingQueue
from cantoria.testing.simulation.face import Face
from cantoria.testing.simulation.messages import Block, Commit, Engine
from cantoria.testing.simulation.timeline import Links, Timeline

if TYPE_CHECKING:
    from cantoria.testing.simulation.byzantine import Tricks
    from cantoria.testing.simulation.node import Node

STEPS: Final = (
    *("begun", "finalized", "responded", "checkpoint", "signed", "commit", "committed", "settle", "settled"),
    *("applied", "saved", "refuse", "prepared", "judged"),
)
"""Where a node may die."""


class DeathError(Exception):
    """The node's processes are gone."""


class World(Protocol):
    """What a node sees of the simulation."""

    timeline: Timeline
    links: Links
    consortium: Consortium
    nodes: list[Node]
    snapshot_blocks: int

    def committed(self, node: Member, block: Block, codes: Sequence[int]) -> None: ...


class Member:
    """A member's node. `stopped` says why it refuses to go on; it never starts again by itself then."""

    def __init__(
        self, world: World, number: int, disk: Disk, *, random: Random, replica: type[Replica] = Replica, skew: int = 0
    ) -> None:
        self.world = world
        self.number = number
        self.disk = disk
        self.organisation: Organisation = world.consortium.organisations[number]
        self.address = address_of(self.organisation.consensus.public_key)
        self.skew = skew
        self.up = self.frozen = self.syncing = self.suspect = False
        self.stopped = ""
        self.dies_at = ""
        self.deaths = 0
        self.tricks: Tricks | None = None
        self.face: Face
        self.replica: Replica
        self._replica_class = replica
        self._random = random
        self._life = 0
        self._backlog: list[Callable[[], None]] = []

    @property
    def engine(self) -> Engine:
        """What the engine knows; only of a node that has begun."""
        found = self.disk.engine
        if found is None:
            raise DeathError("this node has not begun")
        return found

    @property
    def height(self) -> int:
        """The last block that is applied."""
        return self.disk.engine.height if self.disk.engine else 0

    @property
    def validators(self) -> Sequence[bytes]:
        """Who votes on the next block."""
        return self.engine.validators

    @property
    def in_turn(self) -> bool:
        """Whether what waits at this member's door must get in: it lives, is honest, and proposes in its turn."""
        return self.up and self.tricks is None and self.disk.engine is not None and self.address in self.validators

    def clock(self) -> int:
        """This machine's time."""
        return self.world.timeline.now + self.skew

    def later(self, delay: int, action: Callable[[], None]) -> None:
        """Do something later in this life."""
        life = self._life
        self.world.timeline.after(delay, lambda: self.act(action) if self._life == life else None)

    # Life and death

    def act(self, action: Callable[[], None]) -> None:
        """Do something if this node lives; frozen, it does it when it thaws."""
        if not self.up or self.stopped:
            return
        if self.frozen:
            self._backlog.append(action)
            return
        try:
            action()
        except DeathError:
            self.kill()
        except CantoriaError as error:
            self.stop(f"{type(error).__name__}: {error}")

    def hook(self, step: str) -> None:
        """Die here, if this is where the node is to die."""
        if self.dies_at == step:
            self.dies_at = ""
            raise DeathError(step)

    def kill(self) -> None:
        """End both processes at once."""
        self.up = self.frozen = False
        self.deaths += 1
        self._life += 1
        self._backlog.clear()

    def stop(self, why: str) -> None:
        """Give up for good: the node must not guess."""
        self.stopped = why
        self.kill()

    def thaw(self) -> None:
        """Go on after standing still: first with what arrived meanwhile."""
        self.frozen = False
        backlog, self._backlog = self._backlog, []
        for action in backlog:
            self.act(action)

    def start(self) -> None:
        """Start both processes: the replica reads its log, the engine replays what it misses."""
        if self.up or self.stopped:
            return
        self.up = True
        self._life += 1
        self.act(self.begin)

    def handshake(self) -> None:
        """Bring replica and engine to the last stored block (CometBFT `consensus/replay.go`)."""
        at, _ = self.face.info()
        if not at:
            self.disk.engine = self._first(self.disk.engine)
        stored = max(self.disk.blocks, default=0)
        if at > stored:
            raise CantoriaError(f"the replica is at block {at}, the engine has {stored}", "restore the node")
        for height in range(at + 1, stored):
            self._replay(height)
        if stored and at < stored and self.engine.height == stored:
            self._replay(stored)
        elif stored > self.engine.height:
            self._finish(stored, replayed=at == stored)
        if self.face.info()[1] != (self.engine.app_hash if self.engine.height else b""):
            self.stop("the replica's app hash is not the engine's")
            raise DeathError("app hash")

    def _first(self, known: Engine | None) -> Engine:
        """Have the replica begin the chain, also when only its disk went back to before the first block."""
        consortium = self.world.consortium
        keys = [one.consensus.public_key for one in consortium.seated]
        first = self.face.begin(consortium.genesis(), keys)
        validators = tuple(sorted(map(address_of, keys)))
        return known or Engine(0, 0, first, validators, validators)

    def _replay(self, height: int) -> None:
        """Let the replica apply a block that the engine has gone past."""
        block, _ = self.disk.blocks[height]
        _, app_hash, _ = self.face.finalize(height, time=block.time, transactions=block.transactions)
        if app_hash != self.disk.responses[height][0]:
            self.stop("a replayed block leads to another app hash")
            raise DeathError("app hash")
        self.face.commit()

    def begin(self) -> None:
        """What a start does once the process runs."""
        self.open()

    def open(self) -> None:
        """Open the replica on what lies on the disk."""
        store = self.disk.store(self.hook)
        self.replica = self._replica_class(
            store,
            DyingQueue(self.disk.intake, self.hook),
            origin=ORIGIN,
            identity=self.organisation.identity,
            types=TYPES,
            clock=self.clock,
            snapshot_blocks=self.world.snapshot_blocks,
        )
        self.face = Face(ReplicaApplication(self.replica, store))

    # Blocks

    def apply(self, block: Block, commit: Commit) -> None:
        """Store and apply a decided block."""
        if block.app_hash != self.engine.app_hash:
            self.stop(f"wrong app hash in block {block.height}")
            raise DeathError("app hash")
        self.disk.blocks[block.height] = (block, commit)
        self._finish(block.height, replayed=False)

    def _finish(self, height: int, *, replayed: bool) -> None:
        """Apply a stored block; `replayed`: the replica has done so, only the engine had not written it down."""
        block, _ = self.disk.blocks[height]
        codes: Sequence[int] = ()
        if not replayed:
            self.hook("begun")
            codes, app_hash, changes = self.face.finalize(height, time=block.time, transactions=block.transactions)
            self.hook("finalized")
            self.disk.responses[height] = app_hash, {address_of(key): power for key, power in changes.items()}
            self.hook("responded")
            self.face.commit()
            self.hook("applied")
        app_hash, powers = self.disk.responses[height]
        self.disk.history[self.height] = self.engine
        self.disk.engine = self.engine.after(block, app_hash, powers)
        self.world.committed(self, block, codes)
        self.hook("saved")

    def restore(self, peer: Member) -> bool:
        """Restore the newest snapshot of a peer, verified by the header of the block after it; tell whether it was."""
        listed = next(iter(peer.face.snapshots()), None)
        if listed is None or listed.height + 1 not in peer.disk.blocks or listed.height not in peer.disk.blocks:
            return False
        height, verified = listed.height, peer.disk.blocks[listed.height + 1][0].app_hash
        if not self.face.offer(listed, verified):
            return False
        for number in range(listed.chunks):
            self.hook("applied")
            if not self.face.apply_chunk(number, peer.face.chunk(listed, number)):
                return False
        self.disk.engine = peer.disk.history[height]
        self.disk.history = {one: peer.disk.history[one] for one in (height - 1,) if one in peer.disk.history}
        self.disk.blocks = {height: peer.disk.blocks[height]}
        self.disk.votes = {vote.voter: vote for vote in peer.disk.blocks[height][1].votes}
        self.handshake()
        return True
