"""Typed identifiers of Cantoria's own things, written as TypeID: `prefix_` + a UUIDv7 in 26 base-32 characters.

The ids are random and pseudonymous (RULES section 7): nothing about a person can be read from one. They are
time-ordered (UUIDv7, RFC 9562) so that indexes stay cheap. In folds they are opaque text in byte order; only the
edges parse them.
"""

from __future__ import annotations

from typing import Final, NewType

from cantoria.kernel.errors import InputError

PartyId = NewType("PartyId", str)
WorkId = NewType("WorkId", str)
RecordingId = NewType("RecordingId", str)
ReleaseId = NewType("ReleaseId", str)
CatalogueId = NewType("CatalogueId", str)
ClaimId = NewType("ClaimId", str)
LinkId = NewType("LinkId", str)
CaseId = NewType("CaseId", str)
DelegationId = NewType("DelegationId", str)
StatementId = NewType("StatementId", str)
SignalId = NewType("SignalId", str)
CertificateId = NewType("CertificateId", str)
ModelId = NewType("ModelId", str)
VersionId = NewType("VersionId", str)
RunId = NewType("RunId", str)
PoolId = NewType("PoolId", str)
TariffId = NewType("TariffId", str)

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}


def typed_id(prefix: str, uuid: bytes) -> str:
    """Return `prefix_` + `uuid` (16 bytes) in TypeID's base 32 (Crockford, lower case)."""
    if len(uuid) != 16:
        raise InputError(f"a UUID has 16 bytes, not {len(uuid)}")
    number = int.from_bytes(uuid, "big")
    # Ten bits at a time: the table holds every pair of characters.
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)]
    return f"{prefix}_{''.join(pairs)}"


def uuid_of(text: str, *, prefix: str) -> bytes:
    """Return the 16 bytes of a TypeID with this prefix, or raise `InputError`."""
    head, _, tail = text.rpartition("_")
    if head != prefix or len(tail) != 26 or tail[0] not in "01234567" or any(c not in _VALUES for c in tail):
        raise InputError(f"{text!r} is not a {prefix} id", f"it looks like {prefix}_01h2xcejqtf2nbrexx3vqjhp41")
    number = 0
    for character in tail:
        number = number << 5 | _VALUES[character]
    return number.to_bytes(16, "big")
