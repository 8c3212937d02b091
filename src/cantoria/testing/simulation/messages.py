"""What simulated validators tell each other, and what they keep of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from statistics import median_low
from typing import Final

NIL: Final = b""


@dataclass(frozen=True, slots=True)
class Vote:
    """A prevote or (`final`) precommit of `voter` for the block `name`, `NIL` for none; only precommits for a block
    carry a vote extension. `time` is the voter's clock."""

    height: int
    round: int
    final: bool
    name: bytes
    voter: bytes
    time: int
    extension: bytes = b""


@dataclass(frozen=True, slots=True)
class Commit:
    """The precommits that decided the block `name`."""

    height: int
    name: bytes
    votes: tuple[Vote, ...]

    def time(self) -> int:
        """The time of the next block: the median of the voters' clocks."""
        return median_low(sorted(vote.time for vote in self.votes))


@dataclass(frozen=True, slots=True)
class Block:
    """A proposed block; `app_hash` is of the log after the block before."""

    height: int
    time: int
    proposer: bytes
    app_hash: bytes
    transactions: tuple[bytes, ...]
    last_commit: Commit | None
    name: bytes = field(init=False)

    def __post_init__(self) -> None:
        digest = sha256(self.height.to_bytes(8, "big") + self.time.to_bytes(8, "big") + self.proposer + self.app_hash)
        for one in self.transactions:
            digest.update(sha256(one).digest())
        if self.last_commit is not None:
            digest.update(self.last_commit.name + b"".join(sorted(vote.voter for vote in self.last_commit.votes)))
        object.__setattr__(self, "name", digest.digest())


@dataclass(frozen=True, slots=True)
class Proposal:
    """The block that the proposer of a round proposes; `valid_round` is the one in which it had a quorum of prevotes,
    -1 for a new block."""

    height: int
    round: int
    block: Block
    valid_round: int


Message = Proposal | Vote


def quorum(count: int, of: int) -> bool:
    """Tell whether `count` validators of equal power are more than two thirds."""
    return 3 * count > 2 * of


@dataclass(frozen=True, slots=True)
class Engine:
    """What the consensus engine itself knows after block `height`: its time, the app hash that it led to, and the
    validators (addresses, sorted) of the next block and of the one after."""

    height: int
    time: int
    app_hash: bytes
    validators: tuple[bytes, ...]
    next_validators: tuple[bytes, ...]

    def after(self, block: Block, app_hash: bytes, changes: Mapping[bytes, int]) -> Engine:
        """Return the state after `block`; changes of validators (address → power) count two blocks later."""
        changed = dict.fromkeys(self.next_validators, 1) | dict(changes)
        return replace(
            self,
            height=block.height,
            time=block.time,
            app_hash=app_hash,
            validators=self.next_validators,
            next_validators=tuple(sorted(one for one, power in changed.items() if power)),
        )

    def decided(self, commit: Commit, name: bytes) -> bool:
        """Tell whether a commit of the next block, `name`, is by a quorum of its validators."""
        votes = {one.voter for one in commit.votes if one.name == name and one.final and one.height == commit.height}
        return commit.height == self.height + 1 and quorum(len(votes & set(self.validators)), len(self.validators))


def by_name(votes: Iterable[Vote]) -> dict[bytes, list[Vote]]:
    """Return the votes by the block that they are for."""
    found: dict[bytes, list[Vote]] = {}
    for vote in votes:
        found.setdefault(vote.name, []).append(vote)
    return found
