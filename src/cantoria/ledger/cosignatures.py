"""C2SP tlog-cosignature, `cosignature/v1`: a witness's dated signature over a checkpoint.

    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0x…

Behind the key hash stand u64 seconds since 1970 (big-endian) and an Ed25519 signature over

    cosignature/v1
    time 1679315147
    (the text of the checkpoint)

It says: at that time this was the largest tree of this log that I had seen, and it extends all that I saw before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.ledger import ed25519
from cantoria.ledger.notes import NoteKey, SignatureLine, merge_signatures, parse_vkey, split_note, wrong_signature

COSIGNATURE: Final = 0x04
"""The signature type of a dated Ed25519 cosignature (C2SP signed-note)."""
TIME_MAX: Final = 2**63 - 1
_TIME_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature that holds: by `key`, made at `time` (UTC seconds, as the witness says)."""

    key: NoteKey
    time: int


def cosigner_key(name: str, *, public_key: bytes) -> NoteKey:
    """Return the key by which a witness of this name cosigns."""
    return NoteKey(name, public_key, COSIGNATURE)


def parse_cosigner(vkey: str) -> NoteKey:
    """Return the key of a vkey of type 0x04, or raise `InputError`."""
    return parse_vkey(vkey, algorithm=COSIGNATURE)


def cosigned_bytes(text: str, *, time: int) -> bytes:
    """Return the bytes that a cosignature made at `time` (UTC seconds) signs for a note of this text."""
    if not 0 <= time <= TIME_MAX:
        raise InputError(f"{time} is no time of a cosignature", "give seconds since 1970")
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, *, name: str, signer: ed25519.Signer, time: int) -> str:
    """Return the signature line, with its LF, of the witness `name` over a note text at `time` (UTC seconds)."""
    signature = time.to_bytes(_TIME_BYTES, "big") + signer.sign(cosigned_bytes(text, time=time))
    return SignatureLine(name, cosigner_key(name, public_key=signer.public_key).key_hash, signature).text()


def check_cosignature(text: str, line: SignatureLine, *, key: NoteKey) -> Cosignature:
    """Return the cosignature in a line that names `key`, or raise `IntegrityError` when `key` did not make it."""
    time = time_of(line)
    if len(line.signature) != _TIME_BYTES + ed25519.SIGNATURE_BYTES or time > TIME_MAX:
        raise wrong_signature(key)
    message = cosigned_bytes(text, time=time)
    if not ed25519.verify(key.public_key, message, signature=line.signature[_TIME_BYTES:]):
        raise wrong_signature(key)
    return Cosignature(key, time)


def time_of(line: SignatureLine) -> int:
    """Return the time (UTC seconds) in the line of a cosignature."""
    return int.from_bytes(line.signature[:_TIME_BYTES], "big")


def cosignatures_of(text: str, lines: Sequence[SignatureLine], *, keys: Sequence[NoteKey]) -> tuple[Cosignature, ...]:
    """Return one cosignature, the latest, of each of `keys` that cosigned `text`, in the order of `keys`.

    Lines by other keys are passed over; one that names one of the keys and was not made by it is an `IntegrityError`.
    """
    latest: dict[tuple[str, bytes], Cosignature] = {}
    by = {(key.name, key.key_hash): key for key in keys}
    for line in lines:
        place = line.name, line.key_hash
        if place in by:
            found = check_cosignature(text, line, key=by[place])
            known = latest.get(place)
            if known is None or known.time < found.time:
                latest[place] = found
    return tuple(latest[place] for place in by if place in latest)


def add_cosignatures(note: str, lines: str) -> str:
    """Return `note` with further signature lines (each ends in LF); a line by a key that has one replaces it."""
    text, _ = split_note(note)
    return merge_signatures(note, f"{text}\n{lines}") if lines else note
