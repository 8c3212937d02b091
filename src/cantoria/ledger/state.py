"""The state that admission needs: members, their capacities, their keys. It changes only by governance records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType

from cantoria.kernel import canonical
from cantoria.ledger import ed25519
from cantoria.ledger.governance import AddKey, AdmitMember, Genesis, Record, RevokeKey, signed_bytes
from cantoria.ledger.reasons import Reason


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
class State:
    """Members (id → capacities) and keys (key id → key) after `governed` governance records; no origin = no genesis."""

    origin: str = ""
    operator_key: bytes = b""
    claimed_future_max: int = 0
    governed: int = 0
    members: Mapping[bytes, frozenset[int]] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[bytes, MemberKey] = field(default_factory=lambda: MappingProxyType({}))

    def digest(self) -> bytes:
        """Return SHA-256 of the canonical JSON of the state: equal states, equal digests, on every machine."""
        members = {one.hex(): sorted(capacities) for one, capacities in self.members.items()}
        keys = {
            one.hex(): [key.organisation.hex(), key.public_key.hex(), key.valid_from, key.revoked_at]
            for one, key in self.keys.items()
        }
        head = [self.origin, self.operator_key.hex(), self.claimed_future_max, self.governed]
        return sha256(canonical.encode({"head": head, "members": members, "keys": keys})).digest()


EMPTY = State()


def govern(state: State, record: Record, *, index: int, verify: ed25519.Verifier) -> State | Reason:
    """Return the state after a governance record at leaf `index`, or why it is not admitted."""
    change = record.change
    if isinstance(change, Genesis):
        if state.origin or index != 0:
            return Reason.GENESIS_REPEATED
        origin, operator_key = change.origin, change.operator_key
    else:
        if not state.origin:
            return Reason.NO_GENESIS
        origin, operator_key = state.origin, state.operator_key
    if record.sequence != state.governed:
        return Reason.WRONG_SEQUENCE
    if not verify(operator_key, signed_bytes(record.unsigned, origin), signature=record.signature):
        return Reason.BAD_SIGNATURE
    return _change(replace(state, governed=state.governed + 1), record, index)


def _change(state: State, record: Record, index: int) -> State | Reason:
    change = record.change
    match change:
        case Genesis():
            return replace(
                state,
                origin=change.origin,
                operator_key=change.operator_key,
                claimed_future_max=change.claimed_future_max,
            )
        case AdmitMember():
            members = {**state.members, change.organisation: change.capacities}
            return replace(state, members=MappingProxyType(members))
        case AddKey():
            return _add_key(state, change, index)
        case RevokeKey():
            return _revoke_key(state, change, index)


def _add_key(state: State, change: AddKey, index: int) -> State | Reason:
    key_id = ed25519.key_id(change.public_key)
    if not state.members.get(change.organisation):
        return Reason.UNKNOWN_MEMBER
    if key_id in state.keys:
        return Reason.KEY_KNOWN
    key = MemberKey(change.organisation, change.public_key, max(change.valid_from, index + 1))
    return replace(state, keys=MappingProxyType({**state.keys, key_id: key}))


def _revoke_key(state: State, change: RevokeKey, index: int) -> State | Reason:
    key = state.keys.get(change.key_id)
    if key is None:
        return Reason.UNKNOWN_KEY
    if key.revoked_at is not None:
        return Reason.KEY_NOT_VALID
    return replace(state, keys=MappingProxyType({**state.keys, change.key_id: replace(key, revoked_at=index)}))
