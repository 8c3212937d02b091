"""How the members cosign the log's checkpoints in their votes, and how a block publishes them.

Voting on block H, each validator cosigns the log after block H-1. The proposer of block H+1 has seen those votes and
puts a quorum of the cosignatures into its block; every member then holds the same cosigned checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from cantoria.adapters.cometbft import extensions
from cantoria.adapters.cometbft.extensions import Cosignature
from cantoria.adapters.cometbft.mark import Mark, Tip
from cantoria.kernel.errors import InputError
from cantoria.ledger import ed25519
from cantoria.ledger.cosignatures import TIME_MAX, add_cosignatures, cosigned_bytes, parse_cosigner
from cantoria.ledger.notes import NoteKey, SignatureLine, sign_checkpoint
from cantoria.ledger.state import Seat, State

ADDRESS_BYTES: Final = 20


def address_of(consensus_key: bytes) -> bytes:
    """Return a validator's address in the consensus engine: the first 20 bytes of SHA-256 of its Ed25519 key."""
    return sha256(consensus_key).digest()[:ADDRESS_BYTES]


def extension(mark: Mark, state: State, *, origin: str, cosigner: ed25519.Signer, moment: int) -> bytes:
    """Return the vote extension for the block after the mark: our cosignature at `moment` (UTC seconds), or nothing
    where that checkpoint is published already or this cosigner has no seat."""
    tip = mark.tip(mark.height)
    keys = [parse_cosigner(seat.cosigner) for seat in state.seats.values()]
    key = next((one for one in keys if one.public_key == cosigner.public_key), None)
    if tip is None or key is None or tip.size <= mark.published:
        return b""
    signature = cosigner.sign(cosigned_bytes(tip.checkpoint(origin).text(), time=moment))
    return extensions.pack_extension(Cosignature(key.key_hash, moment, signature))


def acceptable(data: bytes, tip: Tip | None, seat: Seat | None, *, origin: str) -> bool:
    """Tell whether a vote extension is none, or a right cosignature; what cannot be checked here is let pass, as it
    will not be used: members that disagreed on it would stop the chain."""
    try:
        cosignature = extensions.unpack_extension(data)
    except InputError:
        return False
    if cosignature is None or tip is None or seat is None:
        return True
    return _verifies(cosignature, parse_cosigner(seat.cosigner), tip, origin)


def collect(mark: Mark, state: State, votes: Sequence[tuple[bytes, bytes]], *, origin: str) -> list[bytes]:
    """Return the transaction that publishes what the votes (validator address, extension) for the last block cosign:
    one, or none where they are no quorum."""
    tip = mark.tip(mark.height - 1)
    if tip is None or tip.size <= mark.published:
        return []
    seats = {address_of(seat.consensus_key): seat for seat in state.seats.values() if seat.consensus_key}
    found: dict[bytes, Cosignature] = {}
    for address, data in votes:
        try:
            cosignature = extensions.unpack_extension(data)
        except InputError:
            continue
        if cosignature is None or address not in seats:
            continue
        if _verifies(cosignature, parse_cosigner(seats[address].cosigner), tip, origin):
            found[cosignature.key_hash] = cosignature
    if len(found) < state.quorum:
        return []
    return [extensions.pack_transaction(tip.height, [found[key] for key in sorted(found)])]


def publish(
    mark: Mark, state: State, cosigned: tuple[int, Sequence[Cosignature]], *, origin: str, log: ed25519.Signer
) -> tuple[Tip, str] | None:
    """Return the tip and the note that a block's cosignatures publish, signed by us as the log; None when they are
    not, each and together, a quorum of the present seats over the log before the last block."""
    height, cosignatures = cosigned
    tip = mark.tip(height)
    if tip is None or height != mark.height - 1 or len(cosignatures) < state.quorum:
        return None
    keys = {key.key_hash: key for key in (parse_cosigner(seat.cosigner) for seat in state.seats.values())}
    lines = []
    for one in cosignatures:
        key = keys.pop(one.key_hash, None)  # each seat once
        if key is None or not _verifies(one, key, tip, origin):
            return None
        lines.append(SignatureLine(key.name, one.key_hash, one.pack()[4:]).text())
    note = sign_checkpoint(tip.checkpoint(origin), signer=log)
    return tip, add_cosignatures(note, "".join(lines))


def _verifies(cosignature: Cosignature, key: NoteKey, tip: Tip, origin: str) -> bool:
    if cosignature.key_hash != key.key_hash or cosignature.time > TIME_MAX:
        return False
    message = cosigned_bytes(tip.checkpoint(origin).text(), time=cosignature.time)
    return ed25519.verify(key.public_key, message, signature=cosignature.signature)
