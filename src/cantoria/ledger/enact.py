"""What a change does to the state, whoever decided it: the operator alone, a member for its own keys, or a ballot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from cantoria.kernel.facts import FactType
from cantoria.ledger import ed25519
from cantoria.ledger.change_json import cosigner_public_key
from cantoria.ledger.changes import (
    AddKey,
    AdmitMember,
    BallotChange,
    Convene,
    Genesis,
    OperatorChange,
    Resolve,
    RevokeKey,
    Seat,
    SeatMember,
    SetEndorsers,
    SetHolders,
    SetType,
    UnseatMember,
)
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.reasons import Reason
from cantoria.ledger.state import MemberKey, Resolution, State, with_item, without_item

SEATS_MAX: Final = 64
_NEVER: Final = FactType(BODY_ERASED.tag, BODY_ERASED.name, frozenset())


def enact(state: State, change: OperatorChange | BallotChange, *, index: int) -> State | Reason:
    """Return the state after `change` takes effect at leaf `index`, or why it cannot."""
    match change:
        case Genesis():
            operator, future = change.operator_key, change.claimed_future_max
            return replace(state, origin=change.origin, operator_key=operator, claimed_future_max=future)
        case AdmitMember():
            if not change.capacities and change.organisation in state.seats:
                return Reason.STILL_SEATED
            return replace(state, members=with_item(state.members, change.organisation, change.capacities))
        case AddKey():
            return _add_key(state, change, index)
        case RevokeKey():
            return _revoke_key(state, change, index)
        case Convene():
            return _convene(state, change, index)
        case SeatMember():
            seat = change.seat
            return _seat(state, with_item(state.seats, seat.organisation, seat), index)
        case UnseatMember():
            if change.organisation not in state.seats:
                return Reason.NOT_SEATED
            return _seat(state, without_item(state.seats, change.organisation), index)
        case SetEndorsers():
            endorsers = _threshold(state.endorsers, change, least=1)
            return _within(replace(state, endorsers=endorsers), change.count, least=1)
        case SetHolders():
            holders = _threshold(state.holders, change, least=0)
            return _within(replace(state, holders=holders), change.count, least=0)
        case SetType():
            named = FactType(change.type_tag, change.name, change.capacities)
            return _admit_types(state, with_item(state.types, change.type_tag, named))
        case Resolve():
            resolution = Resolution(change.digest, index)
            return replace(state, resolutions=with_item(state.resolutions, change.topic, resolution))


def _add_key(state: State, change: AddKey, index: int) -> State | Reason:
    key_id = ed25519.key_id(change.public_key)
    if not state.members.get(change.organisation):
        return Reason.UNKNOWN_MEMBER
    if key_id in state.keys:
        return Reason.KEY_KNOWN
    key = MemberKey(change.organisation, change.public_key, max(change.valid_from, index + 1))
    return replace(state, keys=with_item(state.keys, key_id, key))


def _revoke_key(state: State, change: RevokeKey, index: int) -> State | Reason:
    key = state.keys.get(change.key_id)
    if key is None:
        return Reason.UNKNOWN_KEY
    if key.revoked_at is not None:
        return Reason.KEY_NOT_VALID
    after = replace(state, keys=with_item(state.keys, change.key_id, replace(key, revoked_at=index)))
    if state.seats and len(_able(after, index)) < after.quorum:
        return Reason.COUNCIL_UNABLE
    return after


def _convene(state: State, change: Convene, index: int) -> State | Reason:
    seats = {one.organisation: one for one in change.seats}
    endorsers, holders = change.endorsers, change.holders
    if any(not 1 <= one <= len(seats) for one in endorsers.values()):
        return Reason.THRESHOLD_OUT_OF_RANGE
    asked = MappingProxyType({tag: count for tag, count in sorted(endorsers.items()) if count > 1})
    held = MappingProxyType({tag: count for tag, count in sorted(holders.items()) if count > 0})
    after = _seat(replace(state, endorsers=asked, holders=held), MappingProxyType(seats), index)
    return after if isinstance(after, Reason) else _admit_types(after, change.types)


def _seat(state: State, seats: Mapping[bytes, Seat], index: int) -> State | Reason:
    """Return the state with exactly these seats: distinct keys, none of another's past, thresholds in reach."""
    validators = [one.consensus_key for one in seats.values() if one.consensus_key]
    if not seats or (not validators and any(one.consensus_key for one in state.seats.values())):
        return Reason.LAST_SEAT
    if len(seats) > SEATS_MAX:
        return Reason.TOO_MANY_SEATS
    if any(not state.members.get(one) for one in seats):
        return Reason.UNKNOWN_MEMBER
    past = state.consensus_keys
    taken = any(past.get(one.consensus_key, who) != who for who, one in seats.items())
    if taken or _repeats(validators) or any(map(_repeats, _cosigners(seats))):
        return Reason.SEAT_KEY_TAKEN
    used = {one.consensus_key: who for who, one in seats.items() if one.consensus_key}
    after = replace(
        state, seats=MappingProxyType(dict(sorted(seats.items()))), consensus_keys=MappingProxyType({**past, **used})
    )
    if any(count > len(seats) for count in (*state.endorsers.values(), *state.holders.values())):
        return Reason.THRESHOLD_OUT_OF_RANGE
    if _validators(state) >= state.quorum and len(validators) < after.quorum:
        return Reason.COUNCIL_UNABLE  # only validators cosign checkpoints, and a quorum of the seats has to
    able = _able(after, index)
    if any(one not in able for one in seats if state.seats.get(one) is not seats[one]) or len(able) < after.quorum:
        return Reason.COUNCIL_UNABLE
    return after


def _admit_types(state: State, types: Mapping[int, FactType]) -> State | Reason:
    """Return the state with exactly these types: each keeps its name for ever, and bodies can always be erased."""
    renamed = any(types[tag].name != one.name for tag, one in state.types.items())
    if renamed or len({one.name for one in types.values()}) != len(types):
        return Reason.TYPE_NAME_TAKEN
    erasing, before = types.get(BODY_ERASED.tag), state.types.get(BODY_ERASED.tag, _NEVER)
    if erasing is None or erasing.name != BODY_ERASED.name or not erasing.capacities >= before.capacities:
        return Reason.TYPE_NEEDED
    if not erasing.capacities:
        return Reason.TYPE_NEEDED
    return replace(state, types=MappingProxyType(dict(sorted(types.items()))))


def _validators(state: State) -> int:
    return sum(bool(one.consensus_key) for one in state.seats.values())


def _cosigners(seats: Mapping[bytes, Seat]) -> tuple[list[bytes], list[bytes]]:
    """Return the cosigners' public keys, and the hashes by which signature lines name them."""
    texts = [one.cosigner for one in seats.values()]
    return [cosigner_public_key(one) for one in texts], [one.split("+")[1].encode() for one in texts]


def _repeats(values: list[bytes]) -> bool:
    return len(set(values)) != len(values)


def _able(state: State, index: int) -> set[bytes]:
    """Return the seated organisations that can sign a record behind leaf `index`."""
    return {one.organisation for one in state.keys.values() if one.valid_at(index + 1)} & set(state.seats)


def _threshold(thresholds: Mapping[int, int], change: SetEndorsers | SetHolders, *, least: int) -> Mapping[int, int]:
    if change.count <= least:
        return without_item(thresholds, change.type_tag)
    return with_item(thresholds, change.type_tag, change.count)


def _within(state: State, count: int, *, least: int) -> State | Reason:
    return state if least <= count <= len(state.seats) else Reason.THRESHOLD_OUT_OF_RANGE
