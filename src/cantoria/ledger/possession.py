"""Whoever a record gives a key to has it: the key itself signs for the organisation, in this log and no other.

    signed = "cantoria/possession/v1" ‖ 00 ‖ SHA-256(origin) ‖ organisation (16) ‖ public key (32)

Without this an organisation could have another's public key registered, or seated, as its own.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from cantoria.ledger import ed25519
from cantoria.ledger.batch import Author
from cantoria.ledger.change_json import cosigner_public_key
from cantoria.ledger.changes import AddKey, Change, Convene, Seat, SeatMember

_DOMAIN: Final = b"cantoria/possession/v1\x00"


def signed_bytes(public_key: bytes, organisation: bytes, *, origin: str) -> bytes:
    """Return what a key signs to show that an organisation has it."""
    return _DOMAIN + sha256(origin.encode()).digest() + organisation + public_key


def prove_possession(signer: ed25519.Signer, organisation: bytes, *, origin: str) -> bytes:
    """Return the 64-byte signature by which a key shows that the organisation (16 bytes) has it."""
    return signer.sign(signed_bytes(signer.public_key, organisation, origin=origin))


def own_key(author: Author, signer: ed25519.Signer, valid_from: int = 0) -> AddKey:
    """Return the change that gives the author's organisation the key of `signer`, with the proof that it has it."""
    proof = prove_possession(signer, author.organisation, origin=author.origin)
    return AddKey(author.organisation, signer.public_key, valid_from, proof)


def shown(change: Change, *, origin: str, verify: ed25519.Verifier, needed: bool = True) -> bool:
    """Tell whether every key that a change brings is shown to be its organisation's.

    A proof that is given is always right; `needed` = one that `AddKey` lacks is missed.
    """
    match change:
        case AddKey():
            if not change.possession:
                return not needed
            message = signed_bytes(change.public_key, change.organisation, origin=origin)
            return verify(change.public_key, message, signature=change.possession)
        case SeatMember():
            return _seat_shown(change.seat, origin, verify)
        case Convene():
            return all(_seat_shown(one, origin, verify) for one in change.seats)
        case _:
            return True


def _seat_shown(seat: Seat, origin: str, verify: ed25519.Verifier) -> bool:
    keys = [(cosigner_public_key(seat.cosigner), seat.cosigner_possession)]
    if seat.consensus_key:
        keys.append((seat.consensus_key, seat.consensus_possession))
    return all(verify(key, signed_bytes(key, seat.organisation, origin=origin), signature=proof) for key, proof in keys)
