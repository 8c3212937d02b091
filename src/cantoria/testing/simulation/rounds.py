"""Tendermint's rounds at one height, as one validator goes through them.

After Buchman, Kwon, Milosevic, "The latest gossip on BFT consensus" (2018), algorithm 1. A follower, which is no
validator, goes through the same rounds without a voice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from cantoria.testing.simulation.messages import NIL, Block, Commit, Message, Proposal, Vote, by_name, quorum

_BASE: Final = {"propose": 1_000_000, "prevote": 500_000, "precommit": 500_000}
_MORE: Final = 250_000


class Step(IntEnum):
    """How far a validator is in a round."""

    PROPOSE = 0
    PREVOTE = 1
    PRECOMMIT = 2


Votes = dict[tuple[bytes, bytes], Vote]
"""Votes by (voter, block): those who vote for two blocks are counted for each, or some would never see a quorum that
others have seen."""


@dataclass(slots=True)
class RoundState:
    """All that a validator remembers of one height; it survives a restart, as a write-ahead log makes it."""

    height: int
    round: int = -1
    step: Step = Step.PROPOSE
    locked: Block | None = None
    locked_round: int = -1
    valid: Block | None = None
    valid_round: int = -1
    proposals: dict[int, Proposal] = field(default_factory=dict)
    blocks: dict[bytes, Block] = field(default_factory=dict)
    prevotes: dict[int, Votes] = field(default_factory=dict)
    precommits: dict[int, Votes] = field(default_factory=dict)
    timed: set[tuple[str, int]] = field(default_factory=set)

    def copy(self) -> RoundState:
        """Return what a copy of the disk holds."""
        return RoundState(
            self.height,
            self.round,
            self.step,
            self.locked,
            self.locked_round,
            self.valid,
            self.valid_round,
            dict(self.proposals),
            dict(self.blocks),
            {number: dict(votes) for number, votes in self.prevotes.items()},
            {number: dict(votes) for number, votes in self.precommits.items()},
            set(self.timed),
        )

    def messages(self) -> list[Message]:
        """Return all that is known, for those who missed it."""
        votes = [*self.prevotes.values(), *self.precommits.values()]
        return [*self.proposals.values(), *(vote for found in votes for vote in found.values())]


class Host(Protocol):
    """The node that goes through the rounds."""

    @property
    def address(self) -> bytes: ...
    @property
    def validators(self) -> Sequence[bytes]: ...
    @property
    def state(self) -> RoundState: ...
    def proposal(self, valid: Block | None, *, number: int, valid_round: int) -> None: ...
    def is_valid(self, block: Block) -> bool: ...
    def vote(self, name: bytes, *, final: bool) -> Vote: ...
    def accepts(self, vote: Vote) -> bool: ...
    def say(self, message: Message) -> None: ...
    def later(self, delay: int, action: Callable[[], None]) -> None: ...
    def decide(self, block: Block, commit: Commit) -> None: ...


class Rounds:
    """Goes through the rounds of the host's present height; what it knows lies in the host's `state`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def begin(self, number: int) -> None:
        """Begin round `number`."""
        state, host = self._host.state, self._host
        state.round, state.step = number, Step.PROPOSE
        if host.address == self._proposer(number):
            host.proposal(state.valid, number=number, valid_round=state.valid_round)
        self._timeout("propose", number)

    def resume(self) -> None:
        """Take up the rounds after a restart: time runs anew."""
        state = self._host.state
        if state.round < 0:
            self.begin(0)
        else:
            for kind in ("propose", "prevote", "precommit"):
                if kind == "propose" or (kind, state.round) in state.timed:
                    self._timeout(kind, state.round)
        self.advance()

    def hear(self, message: Message) -> bool:
        """Take in what was said, once; tell whether it was news."""
        state = self._host.state
        if message.height != state.height:
            return False
        if isinstance(message, Proposal):
            if message.block.proposer not in self._host.validators:
                return False
            known = message.block.name in state.blocks
            state.blocks[message.block.name] = message.block
            if message.round not in state.proposals and (
                message.valid_round >= 0 or message.block.proposer == self._proposer(message.round)
            ):
                state.proposals[message.round] = message
                return True
            return not known
        votes = (state.precommits if message.final else state.prevotes).setdefault(message.round, {})
        if message.voter not in self._host.validators or (message.voter, message.name) in votes:
            return False
        if message.final and message.voter != self._host.address and message.name and not self._host.accepts(message):
            return False
        votes[message.voter, message.name] = message
        return True

    def advance(self) -> None:
        """Follow the rules until none applies."""
        height = self._host.state.height
        while self._host.state.height == height and self._rule():
            pass

    def _rule(self) -> bool:
        return self._decide() or self._skip() or self._prevote() or self._lock() or self._nothing() or self._patience()

    def _proposer(self, number: int) -> bytes:
        validators = self._host.validators
        return validators[(self._host.state.height + number) % len(validators)]

    def _quorum(self, votes: Sequence[Vote]) -> bool:
        return quorum(len({vote.voter for vote in votes}), len(self._host.validators))

    def _cast(self, name: bytes, *, final: bool) -> None:
        state, host = self._host.state, self._host
        state.step = Step.PRECOMMIT if final else Step.PREVOTE
        if host.address in host.validators:
            vote = host.vote(name, final=final)
            self.hear(vote)
            host.say(vote)

    def _decide(self) -> bool:
        state = self._host.state
        for votes in list(state.precommits.values()):
            for name, found in by_name(votes.values()).items():
                if name != NIL and self._quorum(found) and name in state.blocks:
                    self._host.decide(state.blocks[name], Commit(state.height, name, tuple(found)))
                    return True
        return False

    def _skip(self) -> bool:
        """Others are in a later round: one of them at least is honest."""
        state = self._host.state
        later = sorted({number for number in (*state.prevotes, *state.precommits) if number > state.round})
        for number in reversed(later):
            voters = {voter for voter, _ in (*state.prevotes.get(number, ()), *state.precommits.get(number, ()))}
            if 3 * len(voters) > len(self._host.validators):
                self.begin(number)
                return True
        return False

    def _prevote(self) -> bool:
        state = self._host.state
        proposal = state.proposals.get(state.round)
        if state.step != Step.PROPOSE or proposal is None:
            return False
        block, since = proposal.block, proposal.valid_round
        if since >= 0:
            votes = by_name(state.prevotes.get(since, {}).values()).get(block.name, [])
            if since >= state.round or not self._quorum(votes):
                return False
        free = state.locked is None or state.locked.name == block.name or (since >= 0 and state.locked_round <= since)
        self._cast(block.name if free and self._host.is_valid(block) else NIL, final=False)
        return True

    def _lock(self) -> bool:
        state = self._host.state
        for name, votes in by_name(state.prevotes.get(state.round, {}).values()).items():
            block = state.blocks.get(name)
            if name == NIL or block is None or not self._quorum(votes) or state.valid_round == state.round:
                continue
            if state.step == Step.PROPOSE or not self._host.is_valid(block):
                continue
            state.valid, state.valid_round = block, state.round
            if state.step == Step.PREVOTE:
                state.locked, state.locked_round = block, state.round
                self._cast(name, final=True)
            return True
        return False

    def _nothing(self) -> bool:
        state = self._host.state
        votes = by_name(state.prevotes.get(state.round, {}).values()).get(NIL, [])
        if state.step != Step.PREVOTE or not self._quorum(votes):
            return False
        self._cast(NIL, final=True)
        return True

    def _patience(self) -> bool:
        """Votes differ: wait a little for more."""
        state = self._host.state
        for kind, votes, ready in (
            ("prevote", state.prevotes, state.step == Step.PREVOTE),
            ("precommit", state.precommits, True),
        ):
            found = votes.get(state.round, {})
            if ready and (kind, state.round) not in state.timed and self._quorum(list(found.values())):
                state.timed.add((kind, state.round))
                self._timeout(kind, state.round)
                return True
        return False

    def _timeout(self, kind: str, number: int) -> None:
        height = self._host.state.height

        def expire() -> None:
            state = self._host.state
            if (state.height, state.round) != (height, number):
                return
            if kind == "propose" and state.step == Step.PROPOSE:
                self._cast(NIL, final=False)
            elif kind == "prevote" and state.step == Step.PREVOTE:
                self._cast(NIL, final=True)
            elif kind == "precommit":
                self.begin(number + 1)
            self.advance()

        self._host.later(_BASE[kind] + _MORE * number, expire)
