"""Governance records: who may record in this log, with which keys. No personal data, signed by the operator.

A record is 0x03 ‖ canonical JSON with `kind`, `sequence` (0 for genesis, then one higher each time), the change's own
fields and `signature`: Ed25519 by the operator's log key over "cantoria/governance/v1" ‖ 0x00 ‖ SHA-256(log origin) ‖
the canonical JSON without `signature`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import DAY
from cantoria.ledger import ed25519

KIND_GOVERNANCE: Final = 0x03
RECORD_BYTES_MAX: Final = 4096
CLAIMED_FUTURE_MAX: Final = DAY
_DOMAIN: Final = b"cantoria/governance/v1\x00"
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+\Z")


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
    """A member signs with this key from leaf index `valid_from` on (never from before the record itself)."""

    organisation: bytes
    public_key: bytes
    valid_from: int = 0


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """No batch after this record may be signed with this key; those before it stand."""

    key_id: bytes


Change = Genesis | AdmitMember | AddKey | RevokeKey


@dataclass(frozen=True, slots=True)
class Record:
    """A governance record as read: the change, its number, and what the operator signed."""

    change: Change
    sequence: int
    unsigned: bytes
    signature: bytes


def seal_record(change: Change, *, sequence: int, origin: str, signer: ed25519.Signer) -> bytes:
    """Return the entry that records `change`, signed by the operator."""
    fields = _fields(change) | {"sequence": sequence}
    signature = signer.sign(signed_bytes(canonical.encode(fields), origin))
    return bytes([KIND_GOVERNANCE]) + canonical.encode(fields | {"signature": signature.hex()})


def signed_bytes(unsigned: bytes, origin: str) -> bytes:
    """Return what the operator signs for a record of the log `origin`."""
    return _DOMAIN + sha256(origin.encode()).digest() + unsigned


def read_record(entry: bytes) -> Record:
    """Return the record in an entry; anything but its one spelling is an `InputError`."""
    if entry[:1] != bytes([KIND_GOVERNANCE]) or len(entry) > RECORD_BYTES_MAX:
        raise InputError("this entry is not a governance record", "it begins with 03 and is at most 4096 bytes")
    fields = canonical.decode(entry[1:])
    if not isinstance(fields, dict):
        raise InputError("a governance record is a JSON object")
    signature = _bytes(fields.pop("signature", None), 64)
    unsigned = canonical.encode(fields)
    sequence = _count(fields.pop("sequence", None))
    change = _change(fields)
    return Record(change, sequence, unsigned, signature)


def _fields(change: Change) -> dict[str, Any]:
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
            return {
                "kind": "add_key",
                "organisation": change.organisation.hex(),
                "public_key": change.public_key.hex(),
                "valid_from": change.valid_from,
            }
        case RevokeKey():
            return {"kind": "revoke_key", "key_id": change.key_id.hex()}


def _change(fields: dict[str, Any]) -> Change:
    try:
        change = _READERS[fields["kind"]](fields)
    except (KeyError, TypeError) as error:
        raise InputError(f"a governance record lacks or misuses {error}", "see spec/envelope.md") from error
    if _fields(change) != fields:
        raise InputError("a governance record has fields that its kind does not", "see spec/envelope.md")
    return change


def _genesis(fields: dict[str, Any]) -> Change:
    origin = fields["origin"]
    if not isinstance(origin, str):
        raise InputError("a log's origin is text")
    return Genesis(origin, _bytes(fields["operator_key"], 32), _count(fields["claimed_future_max"]))


def _admit_member(fields: dict[str, Any]) -> Change:
    capacities = fields["capacities"]
    if not isinstance(capacities, list):
        raise InputError("a member's capacities are a list")
    return AdmitMember(_bytes(fields["organisation"], 16), frozenset(_count(one) for one in capacities))


def _add_key(fields: dict[str, Any]) -> Change:
    return AddKey(_bytes(fields["organisation"], 16), _bytes(fields["public_key"], 32), _count(fields["valid_from"]))


def _revoke_key(fields: dict[str, Any]) -> Change:
    return RevokeKey(_bytes(fields["key_id"], 8))


_READERS: Final = {
    "genesis": _genesis,
    "admit_member": _admit_member,
    "add_key": _add_key,
    "revoke_key": _revoke_key,
}


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, str) or len(value) != 2 * length or not _HEX.match(value):
        raise InputError(f"a governance record needs {length} bytes in lower-case hex, not {value!r}")
    return bytes.fromhex(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError(f"a governance record needs a count, not {value!r}")
    return value
