"""What the organisations want recorded while the network suffers, and what must become of each of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from cantoria import ledger
from cantoria.adapters.cometbft.intake import Outcome, Stage, key_of
from cantoria.kernel.periods import DAY
from cantoria.ledger.ed25519 import key_id
from cantoria.testing.consortium import Organisation, signer_of
from cantoria.testing.simulation.checks import Checks, demand
from cantoria.testing.simulation.timeline import SECOND

if TYPE_CHECKING:
    from cantoria.testing.simulation.node import Node

_PAUSE: Final = (400_000, 3 * SECOND)


@dataclass(slots=True)
class Wanted:
    """An item that waits at a member's door since `since`. `must`: what has to become of it, None = either.

    `lost`: the disk went back to a time before it was put in, so it may be gone or refused.
    """

    door: int
    key: bytes
    item: ledger.Batch | bytes
    since: int
    must: Stage | None
    lost: bool = False
    place: int | None = None


@dataclass(slots=True)
class _Client:
    """An organisation's own view: the key it changes to, and what it has erased."""

    organisation: Organisation
    skew: int
    adding: tuple[ledger.Ed25519Signer, Wanted] | None = None
    rotations: int = 0
    batches: list[Wanted] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)


class Load:
    """Puts items into the members' intakes, whether their nodes live or not, until it is told to stop."""

    def __init__(self, nodes: list[Node], checks: Checks, random: Random) -> None:
        self._nodes = nodes
        self._checks = checks
        self._random = random
        self._clients: dict[int, _Client] = {}
        self._voted: set[tuple[int, bytes]] = set()
        self._before: dict[int, int] = {}
        self.ballots: list[tuple[Organisation, ledger.BallotChange]] = []
        self.wanted: list[Wanted] = []
        self.active = True

    def begin(self, node: Node) -> None:
        """Let a member's organisation begin."""
        client = _Client(node.organisation, self._random.randint(-300, 300) * SECOND)
        self._clients[node.number] = client
        self._act(node, client)

    def put(
        self, node: Node, items: Sequence[ledger.Batch | bytes], must: Stage | None, erase: int = -1
    ) -> list[Wanted]:
        """Queue items that belong together at a member's door."""
        keys = node.disk.intake.put(items, erasures=[erase] if erase >= 0 else [])
        now = node.world.timeline.now
        behind = self._behind(node)
        found = [Wanted(node.number, key, item, now, must, behind) for key, item in zip(keys, items, strict=True)]
        self.wanted += found
        return found

    def _act(self, node: Node, client: _Client) -> None:
        pause = self._random.randint(*_PAUSE)
        node.world.timeline.after(pause, lambda: self._act(node, client))
        if not self.active:
            return
        client.organisation.now = node.world.timeline.now + client.skew
        self._vote(node, client.organisation)
        self._rotate(node, client)
        self._random.choice([self._batch, self._batch, self._group, self._bad_group, self._again, self._erase])(
            node, client
        )

    def _batch(self, node: Node, client: _Client) -> None:
        batch = client.organisation.batch(self._random.randint(1, 4), first=self._random.randrange(1000))
        client.batches += self.put(node, [batch], Stage.COMMITTED)

    def _group(self, node: Node, client: _Client) -> None:
        count = self._random.randint(2, 3)
        client.batches += self.put(node, [client.organisation.batch(2) for _ in range(count)], Stage.COMMITTED)

    def _bad_group(self, node: Node, client: _Client) -> None:
        """One that is not admissible keeps its neighbours out."""
        bad = Organisation("stranger", now=client.organisation.now)
        bad.ids = ledger.FactIds(self._random.randbytes)
        items = [client.organisation.batch(), bad.batch(), client.organisation.batch()]
        self.put(node, items, Stage.REFUSED)

    def _again(self, node: Node, client: _Client) -> None:
        """The same batch once more, at this or another door."""
        if client.batches:
            wanted = self._random.choice(client.batches)
            door = self._random.choice(self._nodes)
            if key_of(wanted.item) not in {one.key for one in self.wanted if one.door == door.number}:
                self.put(door, [wanted.item], None)

    def _erase(self, node: Node, client: _Client) -> None:
        for wanted in client.batches:
            batch = wanted.item
            if wanted.place is None or wanted.place in client.erased or not isinstance(batch, ledger.Batch):
                continue
            client.erased.add(wanted.place)
            record = client.organisation.erasure([batch.envelopes[0][3:19]])
            self.put(node, [record], Stage.COMMITTED, erase=wanted.place + 1)
            return

    def _rotate(self, node: Node, client: _Client) -> None:
        """Add a key; once it stands in the log sign with it, and revoke the old one."""
        organisation = client.organisation
        if client.adding is None:
            if self._random.random() < 0.1:
                client.rotations += 1
                fresh = signer_of(f"{organisation.name}/{client.rotations}")
                record = organisation.adds(fresh)
                client.adding = fresh, self.put(node, [record], Stage.COMMITTED)[0]
            return
        fresh, wanted = client.adding
        if wanted.place is not None:
            client.adding = None
            old, organisation.signer = organisation.signer, fresh
            self.put(node, [organisation.says(ledger.RevokeKey(key_id(old.public_key)))], Stage.COMMITTED)

    def propose(self, node: Node, change: ledger.BallotChange) -> None:
        """Have a member put a change to a ballot."""
        organisation = node.organisation
        ballot = organisation.ballot()
        closes_at = node.world.timeline.now + DAY
        self.put(node, [organisation.says(ledger.Propose(ballot, change, closes_at))], None)

    def _vote(self, node: Node, organisation: Organisation) -> None:
        if not node.up or node.syncing or organisation.identifier not in node.replica.state.seats:
            return
        for number, ballot in sorted(node.replica.state.ballots.items()):
            if organisation.identifier not in ballot.votes and (node.number, number) not in self._voted:
                self._voted.add((node.number, number))
                self.put(node, [organisation.says(ledger.Vote(number, True, ballot.proposal))], None)

    def _behind(self, node: Node) -> bool:
        """Tell whether a member whose disk went back has not yet seen again what its organisation relies on."""
        if node.height >= self._before.get(node.number, 0):
            self._before.pop(node.number, None)
        return node.number in self._before

    def went_back(self, node: Node, moment: int, *, height: int) -> None:
        """A member that was at `height` has its disk as at `moment`: what was put in since may be gone, the rest is
        open again, and what is put in before it has caught up may be judged by what it knows."""
        self._before[node.number] = max(height, self._before.get(node.number, 0))
        for one in self.wanted:
            if one.door == node.number:
                one.lost |= one.since >= moment
                one.place = None
        self._voted = {(door, ballot) for door, ballot in self._voted if door != node.number}

    def look(self) -> bool:
        """Look at every outcome: one that was answered stays true. Tell whether nothing waits any more."""
        waiting = False
        for one in self.wanted:
            outcome = self._nodes[one.door].disk.intake.outcome(one.key)
            if outcome is None or outcome.stage is Stage.QUEUED:
                demand(one.lost or outcome is not None, f"an item queued with member {one.door} is gone")
                demand(one.place is None, f"an item answered as committed waits again at member {one.door}")
                waiting = waiting or (outcome is not None and self._nodes[one.door].in_turn)
            elif not self._nodes[one.door].suspect:
                self._decided(one, outcome)
        return not waiting

    def _decided(self, one: Wanted, outcome: Outcome) -> None:
        where = f"member {one.door} answers of an item"
        if outcome.stage is Stage.REFUSED:
            demand(one.place is None, f"{where}: refused, after it was committed at {one.place}")
            demand(one.key not in self._checks.leaves, f"{where}: refused ({outcome.reason}), but it stands in the log")
            demand(one.must is not Stage.COMMITTED or one.lost, f"{where}: refused ({outcome.reason}), for no reason")
            return
        demand(outcome.place is not None, f"{where}: committed, at no place")
        place = outcome.place or 0
        demand(one.place in (None, place), f"{where}: committed at {one.place}, then at {place}")
        demand(place < len(self._checks.leaves), f"{where}: committed at {place}, where nobody has anything")
        demand(self._checks.leaves[place] == one.key, f"{where}: committed at {place}, where something else stands")
        demand(one.must is not Stage.REFUSED, f"{where}: committed, though its neighbour is not admissible")
        one.place = place

    def last(self) -> None:
        """Look at the bodies: beside each committed batch at its door, unless erased since, or the disk went back."""
        for number, client in self._clients.items():
            node = self._nodes[number]
            if node.suspect or not node.up or any(one.lost for one in self.wanted if one.door == number):
                continue
            for wanted in client.batches:
                batch = wanted.item
                if wanted.place is None or not isinstance(batch, ledger.Batch):
                    continue
                start = wanted.place + 1
                rows = node.replica._store.bodies(start, stop=start + len(batch.bodies))
                bodies = [row.body for row in rows]
                right: list[bytes | None] = [*batch.bodies]
                if bodies[:1] == [None] and wanted.place in client.erased:
                    right[0] = None
                demand(bodies == right, f"member {number} lacks bodies of its batch at {wanted.place}")
