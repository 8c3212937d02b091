"""One simulated member: the rounds in which its node decides with the others, and what it hears from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from cantoria.testing.simulation.member import Member
from cantoria.testing.simulation.messages import NIL, Block, Commit, Message, Proposal, Vote
from cantoria.testing.simulation.rounds import Rounds, RoundState
from cantoria.testing.simulation.timeline import SECOND

GOSSIP: Final = 600_000
COMMIT_PAUSE: Final = 300_000
BLOCKS_AT_ONCE: Final = 8


class Node(Member):
    """A member's node with its voice."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._valid: dict[bytes, bool] = {}
        self._rounds = Rounds(self)

    def begin(self) -> None:
        """Start: replay what the replica misses, take up the rounds, ask the others."""
        self.open()
        self._valid.clear()
        if not self.syncing:
            self.handshake()
            if self.state.height != self.height + 1:
                self.disk.rounds = RoundState(self.height + 1)
            self._rounds.resume()
        self.later(self._random.randint(0, GOSSIP), self._gossip)

    # What the rounds ask

    @property
    def state(self) -> RoundState:
        """The rounds of the present height."""
        return self.disk.rounds

    def proposal(self, valid: Block | None, *, number: int, valid_round: int) -> None:
        """Propose a block, as it was valid before or a new one."""
        if valid is None:
            valid = self._new_block()
            self.hook("prepared")
            if self.tricks is not None:
                self.tricks.propose(self, valid, number)
                return
        message = Proposal(self.state.height, number, valid, valid_round)
        self._rounds.hear(message)
        self.say(message)

    def is_valid(self, block: Block) -> bool:
        """Tell whether the engine and the replica accept a proposed block."""
        if block.name not in self._valid:
            accepted = self._fits(block) and self.face.process(
                block.height, time=block.time, transactions=block.transactions
            )
            self.hook("judged")
            self._valid[block.name] = accepted
        return self._valid[block.name]

    def vote(self, name: bytes, *, final: bool) -> Vote:
        """Return this node's vote."""
        state = self.state
        extension = self.face.extend(state.height) if final and name != NIL else b""
        if self.tricks is not None and extension:
            extension = self.tricks.extension(extension)
        block = state.blocks.get(name)
        time = max(self.clock(), (block.time if block else 0) + 1000)
        return Vote(state.height, state.round, final, name, self.address, time, extension)

    def accepts(self, vote: Vote) -> bool:
        """Tell whether another's precommit counts."""
        return self.face.verify(vote.height, address=vote.voter, extension=vote.extension)

    def say(self, message: Message) -> None:
        """Tell everyone."""
        for other in self.world.nodes:
            if other is not self:
                self.tell(other, message)

    def tell(self, other: Node, message: Message) -> None:
        """Tell one other node."""
        self.world.links.send(self.number, other.number, lambda: other.act(lambda: other.hear(message)))

    def decide(self, block: Block, commit: Commit) -> None:
        """Apply what the validators decided, and pause for late votes before the next height."""
        self.disk.votes = {vote.voter: vote for vote in commit.votes}
        self.apply(block, commit)
        self._next_height(COMMIT_PAUSE)

    # Blocks

    def _new_block(self) -> Block:
        engine = self.engine
        last = None
        if engine.height:
            last = Commit(engine.height, self.disk.blocks[engine.height][0].name, tuple(self.disk.votes.values()))
        time = last.time() if last else self.world.timeline.now
        votes = [(vote.voter, vote.extension) for vote in self.disk.votes.values()]
        transactions = self.face.prepare(engine.height + 1, time=time, votes=votes)
        return Block(engine.height + 1, time, self.address, engine.app_hash, transactions, last)

    def _fits(self, block: Block) -> bool:
        engine = self.engine
        if block.height != engine.height + 1 or block.app_hash != engine.app_hash:
            return False
        if not engine.height:
            return block.last_commit is None
        before = self.disk.history.get(engine.height - 1)
        last = block.last_commit
        if last is None or last.name != self.disk.blocks[engine.height][0].name or block.time != last.time():
            return False
        return block.time > engine.time and (before is None or before.decided(last, last.name))

    def _next_height(self, pause: int) -> None:
        self._valid.clear()
        self.disk.rounds = RoundState(self.height + 1)
        height = self.height + 1

        def begin() -> None:
            if self.state.height == height and self.state.round < 0:
                self._rounds.begin(0)
                self._rounds.advance()

        self.later(pause, begin)

    # What arrives

    def hear(self, message: Message) -> None:
        """Take in what another said."""
        if self.disk.engine is None or self.syncing:
            return
        if isinstance(message, Vote) and message.final and message.height == self.height:
            decided = self.disk.blocks[self.height][0].name
            before = self.disk.history.get(self.height - 1)
            if message.name == decided and before is not None and message.voter in before.validators:
                self.disk.votes.setdefault(message.voter, message)  # late, and not verified: as CometBFT does
        if self._rounds.hear(message):
            self._rounds.advance()

    def take_blocks(self, blocks: Sequence[tuple[Block, Commit]]) -> None:
        """Take in blocks that others have decided already."""
        for block, commit in blocks:
            if block.height == self.height + 1 and self.engine.decided(commit, block.name):
                self.disk.votes = {vote.voter: vote for vote in commit.votes}
                self.apply(block, commit)
                self._next_height(SECOND // 10)

    def _gossip(self) -> None:
        """Ask the others for what was missed."""
        self.later(GOSSIP + self._random.randint(0, GOSSIP // 4), self._gossip)
        for peer in self.world.nodes:
            if peer is self or not peer.up or peer.frozen or peer.stopped or peer.syncing:
                continue
            if self.syncing:
                self._from(peer, partial(self._sync, peer))
            elif peer.height > self.height:
                wanted = range(self.height + 1, min(peer.height, self.height + BLOCKS_AT_ONCE) + 1)
                found = [peer.disk.blocks[height] for height in wanted if height in peer.disk.blocks]
                self._from(peer, partial(self.take_blocks, found))
            elif peer.state.height == self.state.height:
                for message in peer.state.messages():
                    peer.tell(self, message)

    def _from(self, peer: Node, action: Callable[[], None]) -> None:
        self.world.links.send(peer.number, self.number, lambda: self.act(action))

    def _sync(self, peer: Node) -> None:
        if self.syncing and peer.up and self.restore(peer):
            self.syncing = False
            self._next_height(SECOND // 10)
