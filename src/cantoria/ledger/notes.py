"""C2SP signed-note and tlog-checkpoint: a log's signed tree head as text.

    log.example.org/cantoria
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — log.example.org/cantoria Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4U…

Reading is strict: every signature line must be by a known key and verify, base64 must be the one canonical
spelling, extension lines are refused. So each byte of an accepted note is vouched for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import ed25519
from cantoria.ledger.merkle import HASH_BYTES, SIZE_MAX

NOTE_BYTES_MAX: Final = 65_536
SIGNATURES_MAX: Final = 64
_ALGORITHM: Final = b"\x01"
_DECIMAL: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_KEY_HASH: Final = re.compile(r"[0-9a-f]{8}\Z")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes: its `name` (for a log, the origin) and 32-byte Ed25519 `public_key`."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != ed25519.PUBLIC_KEY_BYTES:
            raise InputError(f"an Ed25519 public key has 32 bytes, not {len(self.public_key)}")

    @property
    def key_hash(self) -> bytes:
        """The 4 bytes by which a signature line names the key: SHA-256(name ‖ LF ‖ 0x01 ‖ public key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ALGORITHM + self.public_key).digest()[:4]

    def vkey(self) -> str:
        """Return the verifier key text `name+hash+base64` (C2SP signed-note)."""
        return f"{self.name}+{self.key_hash.hex()}+{_b64(_ALGORITHM + self.public_key)}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree head: `origin` names the log, `size` counts leaves, `root` is the 32-byte Merkle root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note text: three lines (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def parse_vkey(text: str) -> NoteKey:
    """Return the key that a vkey text names; a wrong hash, algorithm or spelling is an `InputError`."""
    name, _, rest = text.strip().partition("+")
    key_hash, _, encoded = rest.partition("+")
    data = _unb64(encoded)
    if data is None or not _KEY_HASH.match(key_hash) or data[:1] != _ALGORITHM:
        raise InputError("this is not an Ed25519 verifier key", "it looks like name+1a2b3c4d+AbC…=")
    key = NoteKey(name, data[1:])
    if key.key_hash.hex() != key_hash:
        raise InputError(f"the verifier key of {name} is damaged: its hash is wrong", "copy it again")
    return key


def sign_note(text: str, *, name: str, signer: ed25519.Signer) -> str:
    """Return the signed note over `text`, whose lines all end in LF, with one signature line."""
    key = NoteKey(name, signer.public_key)
    signature = signer.sign(text.encode())
    return f"{text}\n— {name} {_b64(key.key_hash + signature)}\n"


def open_note(note: str, *, keys: Sequence[NoteKey]) -> str:
    """Return the text of a note whose every signature line is by one of `keys` and verifies, each key once.

    `InputError` for a malformed note, `IntegrityError` for a signature that is unknown or wrong.
    """
    text, lines = _split(note)
    left = {(key.name, key.key_hash): key for key in keys}
    for line in lines:
        name, _, encoded = line.removeprefix("— ").rpartition(" ")
        data = _unb64(encoded)
        if not line.startswith("— ") or data is None or len(data) != 4 + ed25519.SIGNATURE_BYTES:
            raise InputError(f"malformed signature line {line!r}", "fetch the note again")
        key = left.pop((name, data[:4]), None)
        if key is None:
            raise IntegrityError(f"the note is signed by {name!r}, a key not trusted here", "pin the log's own key")
        if not ed25519.verify(key.public_key, text.encode(), signature=data[4:]):
            raise IntegrityError(f"the signature of {name!r} on the note is wrong", "do not trust this note")
    return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint in a note text of exactly three lines, or raise `InputError`."""
    lines = text.split("\n")
    root = _unb64(lines[2]) if len(lines) == 4 else None
    if root is None or lines[3] or len(root) != HASH_BYTES or not _DECIMAL.match(lines[1]):
        raise InputError("malformed checkpoint", "it has three lines: origin, size, base64 of the root")
    size = int(lines[1])
    _check_name(lines[0])
    if size > SIZE_MAX:
        raise InputError(f"checkpoint size {size} is absurd", "fetch it again")
    return Checkpoint(lines[0], size, root)


def open_checkpoint(note: str, *, key: NoteKey) -> Checkpoint:
    """Return the checkpoint signed by the log whose key is pinned; its origin must be the key's name."""
    checkpoint = parse_checkpoint(open_note(note, keys=[key]))
    if checkpoint.origin != key.name:
        raise IntegrityError(
            f"the checkpoint is of log {checkpoint.origin!r}, the key of {key.name!r}", "pin the log's own key"
        )
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, *, signer: ed25519.Signer) -> str:
    """Return the checkpoint as a note signed under the log's origin."""
    return sign_note(checkpoint.text(), name=checkpoint.origin, signer=signer)


def unsigned_size(note: str) -> int:
    """Return the size that a note claims, without verifying it: for choosing between notes of one's own."""
    return parse_checkpoint(_split(note)[0]).size


def _split(note: str) -> tuple[str, list[str]]:
    if len(note) > NOTE_BYTES_MAX or any(character < " " and character != "\n" for character in note):
        raise InputError("not a signed note: too long, or with control characters", "fetch it again")
    body, gap, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not gap or not body or lines.pop() or not 1 <= len(lines) <= SIGNATURES_MAX:
        raise InputError("not a signed note", "it has text, an empty line, and signature lines")
    return body + "\n", lines


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise InputError(f"{name!r} cannot name a key", "use a schema-less URL without spaces or +")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes | None:
    """Decode the one canonical spelling; anything else (spaces, spare bits, missing padding) is None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _b64(data) == text else None
