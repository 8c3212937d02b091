"""Governance records: who may record in this log, with which keys, and who decides so. No personal data.

A record is 0x03 ‖ canonical JSON. What the operator signs has `kind`, `sequence` (how many governance records stand
before it), the change's own fields and `signature`. What a member signs has `kind` "by_member", `organisation`,
`key_id`, `change` and `signature`. Ed25519 covers "cantoria/governance/v1" ‖ 0x00 ‖ SHA-256(log origin) ‖ the canonical
JSON without `signature`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.ledger import ed25519
from cantoria.ledger.batch import Author
from cantoria.ledger.change_json import hex_bytes, read_member_change, read_operator_change, to_fields
from cantoria.ledger.changes import (
    CLAIMED_FUTURE_MAX,
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
from cantoria.ledger.merkle import leaf_hash

__all__ = [
    "CLAIMED_FUTURE_MAX",
    "KIND_GOVERNANCE",
    "RECORD_BYTES_MAX",
    "AddKey",
    "AdmitMember",
    "BallotChange",
    "Change",
    "Convene",
    "Genesis",
    "MemberChange",
    "OperatorChange",
    "Propose",
    "Record",
    "Resolve",
    "RevokeKey",
    "Seat",
    "SeatMember",
    "SetEndorsers",
    "SetHolders",
    "SetType",
    "UnseatMember",
    "Vote",
    "WithdrawBallot",
    "read_record",
    "seal_member_record",
    "seal_record",
    "signed_bytes",
]

KIND_GOVERNANCE: Final = 0x03
RECORD_BYTES_MAX: Final = 65_535
PLAIN_BYTES_MAX: Final = 4096
_BY_MEMBER: Final = "by_member"
_DOMAIN: Final = b"cantoria/governance/v1\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A governance record as read: the change, who signed what, the signature, and the `leaf` hash of its entry.

    The operator's has a `sequence`; a member's has its `organisation` (16 bytes) and `key_id` (8 bytes) instead.
    """

    change: Change
    unsigned: bytes
    signature: bytes
    leaf: bytes
    sequence: int | None = None
    organisation: bytes = b""
    key_id: bytes = b""


def seal_record(change: Change, *, sequence: int, origin: str, signer: ed25519.Signer) -> bytes:
    """Return the entry of a change, signed by the operator; `InputError` if it is ill-formed or not its own."""
    return _seal(to_fields(change) | {"sequence": sequence}, origin, signer)


def seal_member_record(change: Change, author: Author) -> bytes:
    """Return the entry of a change, signed by a member; `InputError` if it is ill-formed or not its own."""
    key_id = ed25519.key_id(author.signer.public_key)
    who = {"kind": _BY_MEMBER, "organisation": author.organisation.hex(), "key_id": key_id.hex()}
    return _seal({**who, "change": to_fields(change)}, author.origin, author.signer)


def signed_bytes(unsigned: bytes, origin: str) -> bytes:
    """Return what is signed for a record of the log `origin`."""
    return _DOMAIN + sha256(origin.encode()).digest() + unsigned


def read_record(entry: bytes) -> Record:
    """Return the record in an entry; anything but its one spelling is an `InputError`."""
    if entry[:1] != bytes([KIND_GOVERNANCE]) or len(entry) > RECORD_BYTES_MAX:
        raise InputError("this entry is not a governance record", "it begins with 03 and is at most 65535 bytes")
    fields = canonical.decode(entry[1:])
    if not isinstance(fields, dict):
        raise InputError("a governance record is a JSON object")
    signature = hex_bytes(fields.pop("signature", None), 64)
    unsigned = canonical.encode(fields)
    if fields.get("kind") == _BY_MEMBER:
        record = _member_record(fields, unsigned, signature, leaf_hash(entry))
    else:
        sequence = fields.pop("sequence", None)
        if not isinstance(sequence, int) or isinstance(sequence, bool) or sequence < 0:
            raise InputError(f"a governance record needs a sequence, not {sequence!r:.80}")
        change = read_operator_change(fields)
        leaf = leaf_hash(entry)
        record = Record(change=change, unsigned=unsigned, signature=signature, leaf=leaf, sequence=sequence)
    if len(entry) > PLAIN_BYTES_MAX and not isinstance(record.change, Convene):
        raise InputError(f"a governance record of {len(entry)} bytes exceeds {PLAIN_BYTES_MAX}", "say it shorter")
    return record


def _member_record(fields: dict[str, object], unsigned: bytes, signature: bytes, leaf: bytes) -> Record:
    if set(fields) != {"kind", "organisation", "key_id", "change"}:
        raise InputError("a member's record has organisation, key id and change", "see spec/governance.md")
    return Record(
        change=read_member_change(fields["change"]),
        unsigned=unsigned,
        signature=signature,
        leaf=leaf,
        organisation=hex_bytes(fields["organisation"], 16),
        key_id=hex_bytes(fields["key_id"], ed25519.KEY_ID_BYTES),
    )


def _seal(fields: dict[str, object], origin: str, signer: ed25519.Signer) -> bytes:
    signature = signer.sign(signed_bytes(canonical.encode(fields), origin))
    entry = bytes([KIND_GOVERNANCE]) + canonical.encode({**fields, "signature": signature.hex()})
    read_record(entry)
    return entry
