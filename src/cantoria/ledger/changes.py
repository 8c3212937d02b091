"""What a governance record may change, as values; `change_json` has their one spelling, spec/governance.md the rules.

The operator signs `Genesis`, `AdmitMember`, `AddKey`, `RevokeKey` and, as its last word, `Convene`. From then on the
seated members decide: one puts a change to a ballot with `Propose`, the others `Vote`. A member adds and revokes its
own keys without a ballot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from cantoria.kernel.facts import FactType
from cantoria.kernel.periods import DAY

CLAIMED_FUTURE_MAX: Final = DAY
BALLOT_BYTES: Final = 16
TOPIC_BYTES_MAX: Final = 128  # UTF-8
TYPE_NAME_MAX: Final = 64  # ASCII


@dataclass(frozen=True, slots=True)
class Genesis:
    """The log begins: its origin, its operator's key, and how far ahead a claimed time may lie (microseconds)."""

    origin: str
    operator_key: bytes
    claimed_future_max: int = CLAIMED_FUTURE_MAX


@dataclass(frozen=True, slots=True)
class AdmitMember:
    """An organisation may record in these capacities; said again it replaces them, and none at all expels it."""

    organisation: bytes
    capacities: frozenset[int]


@dataclass(frozen=True, slots=True)
class AddKey:
    """A member signs with this key from leaf index `valid_from` on (never from before the record itself).

    `possession` is the key's own signature (64 bytes; see `possession`); only an operator may leave it out.
    """

    organisation: bytes
    public_key: bytes
    valid_from: int = 0
    possession: bytes = b""


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """No batch after this record may be signed with this key; those before it stand."""

    key_id: bytes


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's place in the council: the Ed25519 key of its validator (32 bytes; empty where it runs none) and the
    verifier key text of its cosigner (C2SP cosignature/v1, type 0x04), each with the key's own signature (64 bytes)."""

    organisation: bytes
    consensus_key: bytes
    cosigner: str
    consensus_possession: bytes = b""
    cosigner_possession: bytes = b""


def _none() -> Mapping[int, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Convene:
    """The operator hands over to these seats; `endorsers` and `holders` are thresholds by type tag, `types` the fact
    types that may be recorded from then on, by tag: what any node's code knows decides nothing any more."""

    seats: tuple[Seat, ...]
    endorsers: Mapping[int, int] = field(default_factory=_none)
    holders: Mapping[int, int] = field(default_factory=_none)
    types: Mapping[int, FactType] = field(default_factory=_none)


@dataclass(frozen=True, slots=True)
class SeatMember:
    """A member takes a seat, or replaces the keys of the one it has."""

    seat: Seat


@dataclass(frozen=True, slots=True)
class UnseatMember:
    """A member gives up its seat; it stays a member."""

    organisation: bytes


@dataclass(frozen=True, slots=True)
class SetEndorsers:
    """A batch with facts of this type needs `count` organisations behind it, its author counted; 1 is the author."""

    type_tag: int
    count: int


@dataclass(frozen=True, slots=True)
class SetHolders:
    """A batch with facts of this type needs `count` members who say that they hold its data; 0 asks nobody."""

    type_tag: int
    count: int


@dataclass(frozen=True, slots=True)
class SetType:
    """Facts of this type may be recorded in these capacities from now on; in none at all, no more of them are.

    The name is part of what envelopes commit to: a tag keeps it for ever.
    """

    type_tag: int
    name: str
    capacities: frozenset[int]


@dataclass(frozen=True, slots=True)
class Resolve:
    """The council resolves on a topic; the text lies elsewhere, `digest` (32 bytes) binds it."""

    topic: str
    digest: bytes


BallotChange = (
    AdmitMember | AddKey | RevokeKey | SeatMember | UnseatMember | SetEndorsers | SetHolders | SetType | Resolve
)


@dataclass(frozen=True, slots=True)
class Propose:
    """A seated member opens ballot `ballot` (16 bytes, never used before) until `closes_at` (UTC microseconds), and
    votes yes by it."""

    ballot: bytes
    change: BallotChange
    closes_at: int


@dataclass(frozen=True, slots=True)
class Vote:
    """A seated member votes on an open ballot, once. `proposal` is the leaf hash (32 bytes) of the record that opened
    it: whoever uses the same id for another change catches no votes meant for this one."""

    ballot: bytes
    yes: bool
    proposal: bytes


@dataclass(frozen=True, slots=True)
class WithdrawBallot:
    """The proposer takes its ballot back; any seated member may when the proposer has no seat any more."""

    ballot: bytes


OperatorChange = Genesis | AdmitMember | AddKey | RevokeKey | Convene
MemberChange = AddKey | RevokeKey | Propose | Vote | WithdrawBallot
Change = OperatorChange | MemberChange | BallotChange
