"""The state that admission needs: members, their capacities, their keys; once a council governs, its seats, thresholds
and ballots. It changes only by governance records, and no body is needed to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeVar

from cantoria.kernel import canonical
from cantoria.kernel.facts import FactType
from cantoria.ledger.change_json import to_fields
from cantoria.ledger.changes import BallotChange, Seat
from cantoria.ledger.reasons import Reason

__all__ = ["EMPTY", "Ballot", "Decision", "MemberKey", "Outcome", "Resolution", "Seat", "State", "quorum_of"]

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member's public key, valid for batches whose header stands at valid_from <= index < revoked_at."""

    organisation: bytes
    public_key: bytes
    valid_from: int
    revoked_at: int | None = None

    def valid_at(self, index: int) -> bool:
        """Tell whether a batch whose header stands at leaf `index` may be signed with the key."""
        return self.valid_from <= index and (self.revoked_at is None or index < self.revoked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """An open ballot: who put what change, until when (UTC microseconds), at which leaf index, the leaf hash of that
    entry, and the votes so far by organisation, those without a seat now included."""

    proposer: bytes
    change: BallotChange
    closes_at: int
    proposed_at: int
    proposal: bytes
    votes: Mapping[bytes, bool]


class Outcome(StrEnum):
    """How a ballot ended. Codes are never renamed."""

    PASSED = "passed"
    WITHOUT_EFFECT = "without_effect"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A ballot that ended: at leaf `decided_at`; the proposal itself is entry `proposed_at`. `reason` says why a change
    that passed had no effect."""

    proposer: bytes
    outcome: Outcome
    proposed_at: int
    decided_at: int
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the council resolved last on a topic: the digest of the text, at which leaf index."""

    digest: bytes
    index: int


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


def with_item(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """Return the mapping with one more, or another, item."""
    return MappingProxyType({**mapping, key: value})


def without_item(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    """Return the mapping without the item `key`."""
    return MappingProxyType({one: value for one, value in mapping.items() if one != key})


def quorum_of(seats: int) -> int:
    """Return how many yes votes of `seats` pass a ballot: more than two thirds."""
    return 2 * seats // 3 + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What holds after `governed` governance records; no origin = no genesis, no seats = the operator governs.

    `members`: organisation → capacities; `keys`: key id → key; `seats`: organisation → seat; `endorsers` and `holders`:
    type tag → how many, where more than the author alone, or any, are asked for; `types`: type tag → what the council
    admits, a type in no capacity any more included; `ballots` and `decisions`: ballot id →
    open ballot or outcome; `resolutions`: topic → the last one; `consensus_keys`: key → who ever validated with it.
    """

    origin: str = ""
    operator_key: bytes = b""
    claimed_future_max: int = 0
    governed: int = 0
    members: Mapping[bytes, frozenset[int]] = field(default_factory=_nothing)
    keys: Mapping[bytes, MemberKey] = field(default_factory=_nothing)
    seats: Mapping[bytes, Seat] = field(default_factory=_nothing)
    endorsers: Mapping[int, int] = field(default_factory=_nothing)
    holders: Mapping[int, int] = field(default_factory=_nothing)
    types: Mapping[int, FactType] = field(default_factory=_nothing)
    ballots: Mapping[bytes, Ballot] = field(default_factory=_nothing)
    decisions: Mapping[bytes, Decision] = field(default_factory=_nothing)
    resolutions: Mapping[str, Resolution] = field(default_factory=_nothing)
    consensus_keys: Mapping[bytes, bytes] = field(default_factory=_nothing)

    @property
    def quorum(self) -> int:
        """How many yes votes of present seats pass a ballot."""
        return quorum_of(len(self.seats))

    def known_types(self, types: Mapping[int, FactType]) -> Mapping[int, FactType]:
        """Return the fact types by tag as envelopes commit to them: the council's, else those of `types`."""
        return {**types, **self.types}

    def digest(self) -> bytes:
        """Return SHA-256 of the canonical JSON of the state: equal states, equal digests, on every machine."""
        members = {one.hex(): sorted(capacities) for one, capacities in self.members.items()}
        keys = {
            one.hex(): [key.organisation.hex(), key.public_key.hex(), key.valid_from, key.revoked_at]
            for one, key in self.keys.items()
        }
        head = [self.origin, self.operator_key.hex(), self.claimed_future_max, self.governed]
        # A log without a council has the digest that it had before there were councils.
        council = {"council": _council(self)} if self.seats else {}
        return sha256(canonical.encode({"head": head, "members": members, "keys": keys, **council})).digest()


EMPTY = State()


def _council(state: State) -> dict[str, Any]:
    return {
        "seats": {one.hex(): [seat.consensus_key.hex(), seat.cosigner] for one, seat in state.seats.items()},
        "endorsers": sorted([tag, count] for tag, count in state.endorsers.items()),
        "holders": sorted([tag, count] for tag, count in state.holders.items()),
        "types": sorted([tag, one.name, sorted(map(int, one.capacities))] for tag, one in state.types.items()),
        "ballots": {one.hex(): _ballot(ballot) for one, ballot in state.ballots.items()},
        "decisions": {one.hex(): _decision(decision) for one, decision in state.decisions.items()},
        "resolutions": {topic: [one.digest.hex(), one.index] for topic, one in state.resolutions.items()},
        "consensus_keys": {key.hex(): one.hex() for key, one in state.consensus_keys.items()},
    }


def _ballot(ballot: Ballot) -> list[Any]:
    votes = {one.hex(): yes for one, yes in ballot.votes.items()}
    place = [ballot.proposed_at, ballot.proposal.hex()]
    return [ballot.proposer.hex(), to_fields(ballot.change), ballot.closes_at, *place, votes]


def _decision(decision: Decision) -> list[Any]:
    reason = None if decision.reason is None else decision.reason.value
    places = [decision.proposed_at, decision.decided_at]
    return [decision.proposer.hex(), decision.outcome.value, *places, reason]
