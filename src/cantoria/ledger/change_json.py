"""The JSON of a change in a governance record. Reading is strict: one spelling each, else `InputError`."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType
from cantoria.ledger.changes import (
    BALLOT_BYTES,
    TOPIC_BYTES_MAX,
    TYPE_NAME_MAX,
    AddKey,
    AdmitMember,
    BallotChange,
    Change,
    Convene,
    Genesis,
    MemberChange,
    OperatorChange,
    Propose,
    Resolve,
    RevokeKey,
    Seat,
    SeatMember,
    SetEndorsers,
    SetHolders,
    SetType,
    UnseatMember,
    Vote,
    WithdrawBallot,
)
from cantoria.ledger.ed25519 import SIGNATURE_BYTES
from cantoria.ledger.merkle import HASH_BYTES

TAG_MAX: Final = 0xFFFF
CAPACITY_MAX: Final = 0xFF
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*\Z")
_COSIGNER: Final = re.compile(r"([!-*,-~]{1,160})\+([0-9a-f]{8})\+(B[A-P][A-Za-z0-9+/]{42})\Z")
_TYPE_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_REMEDY: Final = "see spec/governance.md"


def to_fields(change: Change) -> dict[str, Any]:
    """Return the JSON object of a change."""
    match change:
        case Genesis():
            return {
                "kind": "genesis",
                "origin": change.origin,
                "operator_key": change.operator_key.hex(),
                "claimed_future_max": change.claimed_future_max,
            }
        case AdmitMember():
            capacities = sorted(change.capacities)
            return {"kind": "admit_member", "organisation": change.organisation.hex(), "capacities": capacities}
        case AddKey():
            key = {"public_key": change.public_key.hex(), "valid_from": change.valid_from}
            proof = {"possession": change.possession.hex()} if change.possession else {}
            return {"kind": "add_key", "organisation": change.organisation.hex(), **key, **proof}
        case RevokeKey():
            return {"kind": "revoke_key", "key_id": change.key_id.hex()}
        case Convene():
            return {"kind": "convene", **_convene_fields(change)}
        case SeatMember():
            return {"kind": "seat_member", "seat": _seat_fields(change.seat)}
        case UnseatMember():
            return {"kind": "unseat_member", "organisation": change.organisation.hex()}
        case SetEndorsers():
            return {"kind": "set_endorsers", "type": change.type_tag, "count": change.count}
        case SetHolders():
            return {"kind": "set_holders", "type": change.type_tag, "count": change.count}
        case SetType():
            tag, name, capacities = _type_fields(change.type_tag, change.name, change.capacities)
            return {"kind": "set_type", "type": tag, "name": name, "capacities": capacities}
        case Resolve():
            return {"kind": "resolve", "topic": change.topic, "digest": change.digest.hex()}
        case Propose():
            fields = {"ballot": change.ballot.hex(), "change": to_fields(change.change)}
            return {"kind": "propose", **fields, "closes_at": change.closes_at}
        case Vote():
            return {"kind": "vote", "ballot": change.ballot.hex(), "yes": change.yes, "proposal": change.proposal.hex()}
        case WithdrawBallot():
            return {"kind": "withdraw_ballot", "ballot": change.ballot.hex()}


def read_operator_change(fields: object) -> OperatorChange:
    """Return the change that the operator signed, or raise `InputError`."""
    found = _read(fields)
    if not isinstance(found, OperatorChange):
        raise InputError("this is nothing that an operator decides alone", _REMEDY)
    return found


def read_member_change(fields: object) -> MemberChange:
    """Return the change that a member signed, or raise `InputError`."""
    found = _read(fields)
    if not isinstance(found, MemberChange):
        raise InputError("this is nothing that a member decides alone", _REMEDY)
    return found


def read_ballot_change(fields: object) -> BallotChange:
    """Return the change that is put to a ballot, or raise `InputError`."""
    found = _read(fields)
    if not isinstance(found, BallotChange):
        raise InputError("this is nothing that is put to a ballot", _REMEDY)
    return found


def _read(fields: object) -> Change:
    if not isinstance(fields, dict):
        raise InputError("a governance record says what it changes", _REMEDY)
    try:
        change = _READERS[fields["kind"]](fields)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a governance record lacks or misuses {error}", _REMEDY) from error
    if to_fields(change) != fields:
        raise InputError("a governance record has other fields than its kind, or in another order", _REMEDY)
    return change


def _genesis(fields: dict[str, Any]) -> Genesis:
    origin = fields["origin"]
    if not isinstance(origin, str):
        raise InputError("a log's origin is text")
    return Genesis(origin, hex_bytes(fields["operator_key"], 32), _count(fields["claimed_future_max"]))


def _admit_member(fields: dict[str, Any]) -> AdmitMember:
    return AdmitMember(hex_bytes(fields["organisation"], 16), _capacities(fields["capacities"]))


def _add_key(fields: dict[str, Any]) -> AddKey:
    public_key = hex_bytes(fields["public_key"], 32)
    proof = hex_bytes(fields["possession"], SIGNATURE_BYTES) if "possession" in fields else b""
    return AddKey(hex_bytes(fields["organisation"], 16), public_key, _count(fields["valid_from"]), proof)


def _convene(fields: dict[str, Any]) -> Convene:
    seats = tuple(_seat(one) for one in _list(fields["seats"]))
    if len({one.organisation for one in seats}) != len(seats):
        raise InputError("an organisation has one seat", _REMEDY)
    thresholds = _thresholds(fields["endorsers"]), _thresholds(fields["holders"])
    return Convene(seats, *thresholds, _types(fields["types"]))


def _set_type(fields: dict[str, Any]) -> SetType:
    return SetType(_tag(fields["type"]), _type_name(fields["name"]), _capacities(fields["capacities"]))


def _resolve(fields: dict[str, Any]) -> Resolve:
    topic = fields["topic"]
    if not isinstance(topic, str) or _CONTROL.search(topic) or not 1 <= len(topic.encode()) <= TOPIC_BYTES_MAX:
        raise InputError(f"a topic is text of 1 to {TOPIC_BYTES_MAX} bytes without control characters", "shorten it")
    return Resolve(topic, hex_bytes(fields["digest"], 32))


def _propose(fields: dict[str, Any]) -> Propose:
    change = read_ballot_change(fields["change"])
    return Propose(hex_bytes(fields["ballot"], BALLOT_BYTES), change, _count(fields["closes_at"]))


def _vote(fields: dict[str, Any]) -> Vote:
    if not isinstance(fields["yes"], bool):
        raise InputError("a vote is true or false")
    return Vote(hex_bytes(fields["ballot"], BALLOT_BYTES), fields["yes"], hex_bytes(fields["proposal"], HASH_BYTES))


_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Change]]] = MappingProxyType(
    {
        "genesis": _genesis,
        "admit_member": _admit_member,
        "add_key": _add_key,
        "revoke_key": lambda fields: RevokeKey(hex_bytes(fields["key_id"], 8)),
        "convene": _convene,
        "seat_member": lambda fields: SeatMember(_seat(fields["seat"])),
        "unseat_member": lambda fields: UnseatMember(hex_bytes(fields["organisation"], 16)),
        "set_endorsers": lambda fields: SetEndorsers(_tag(fields["type"]), _count(fields["count"])),
        "set_holders": lambda fields: SetHolders(_tag(fields["type"]), _count(fields["count"])),
        "set_type": _set_type,
        "resolve": _resolve,
        "propose": _propose,
        "vote": _vote,
        "withdraw_ballot": lambda fields: WithdrawBallot(hex_bytes(fields["ballot"], BALLOT_BYTES)),
    }
)


def _convene_fields(change: Convene) -> dict[str, Any]:
    seats = [_seat_fields(one) for one in sorted(change.seats, key=lambda one: one.organisation)]
    types = [_type_fields(tag, one.name, one.capacities) for tag, one in sorted(change.types.items())]
    return {"seats": seats, "endorsers": _pairs(change.endorsers), "holders": _pairs(change.holders), "types": types}


def _seat_fields(seat: Seat) -> dict[str, str]:
    keys = {"consensus_key": seat.consensus_key.hex(), "cosigner": seat.cosigner}
    proofs = {"consensus_possession": seat.consensus_possession, "cosigner_possession": seat.cosigner_possession}
    return {"organisation": seat.organisation.hex(), **keys, **{name: one.hex() for name, one in proofs.items()}}


def _seat(value: object) -> Seat:
    if not isinstance(value, dict):
        raise InputError("a seat is an object", _REMEDY)
    consensus_key, cosigner = value["consensus_key"], value["cosigner"]
    if not isinstance(cosigner, str):
        raise InputError("a cosigner is a verifier key text")
    cosigner_public_key(cosigner)
    key = hex_bytes(consensus_key, 32 if consensus_key else 0)
    consensus_proof = hex_bytes(value["consensus_possession"], SIGNATURE_BYTES if key else 0)
    cosigner_proof = hex_bytes(value["cosigner_possession"], SIGNATURE_BYTES)
    return Seat(hex_bytes(value["organisation"], 16), key, cosigner, consensus_proof, cosigner_proof)


def cosigner_public_key(vkey: str) -> bytes:
    """Return the 32-byte public key in the vkey text of a cosigner (type 0x04, ASCII name); else `InputError`."""
    found = _COSIGNER.match(vkey)
    if found is None:
        raise InputError(f"{vkey!r:.80} is not a cosigner's verifier key", "it looks like name+1a2b3c4d+BAbC…")
    name, key_hash, encoded = found.groups()
    data = base64.b64decode(encoded)
    if sha256(name.encode() + b"\n" + data).hexdigest()[:8] != key_hash:
        raise InputError(f"the verifier key of {name} is damaged: its hash is wrong", "copy it again")
    return data[1:]


def _pairs(thresholds: Mapping[int, int]) -> list[list[int]]:
    return [[tag, count] for tag, count in sorted(thresholds.items())]


def _thresholds(value: object) -> Mapping[int, int]:
    found: dict[int, int] = {}
    for pair in _list(value):
        tag, count = _list(pair)
        found[_tag(tag)] = _count(count)
    return MappingProxyType(found)


def _type_fields(tag: int, name: str, capacities: frozenset[int]) -> list[Any]:
    return [tag, name, sorted(map(int, capacities))]


def _types(value: object) -> Mapping[int, FactType]:
    found: dict[int, FactType] = {}
    for triple in _list(value):
        tag, name, capacities = _list(triple)
        found[tag] = FactType(_tag(tag), _type_name(name), _capacities(capacities))
    return MappingProxyType(found)


def _type_name(value: object) -> str:
    if not isinstance(value, str) or not _TYPE_NAME.match(value) or len(value) > TYPE_NAME_MAX:
        raise InputError(f"{value!r:.80} is no name of a fact type", "it looks like work-registered")
    return value


def _capacities(value: object) -> frozenset[int]:
    capacities = frozenset(map(_count, _list(value)))
    if max(capacities, default=0) > CAPACITY_MAX:
        raise InputError("this is no list of capacities", f"an envelope holds 0 to {CAPACITY_MAX}")
    return capacities


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise InputError(f"a governance record needs a list, not {value!r:.80}", _REMEDY)
    return value


def hex_bytes(value: object, length: int) -> bytes:
    """Return the bytes of exactly `length` in lower-case hex, or raise `InputError`."""
    if not isinstance(value, str) or len(value) != 2 * length or not _HEX.match(value):
        raise InputError(f"a governance record needs {length} bytes in lower-case hex, not {value!r:.80}")
    return bytes.fromhex(value)


def _tag(value: object) -> int:
    tag = _count(value)
    if tag > TAG_MAX:
        raise InputError(f"{tag} is no type tag", "a tag has 16 bits")
    return tag


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError(f"a governance record needs a count, not {value!r:.80}")
    return value
