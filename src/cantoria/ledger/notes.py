"""C2SP signed-note and tlog-checkpoint: a log's signed tree head as text.

    log.example.org/cantoria
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — log.example.org/cantoria Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4U…

Reading is strict: base64 must be the one canonical spelling, no line may stand twice, extension lines are refused. A
line by a known key must verify, at least one must, and lines by other keys prove nothing. So each byte of an accepted
note is vouched for, except those of lines that prove nothing.
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

NOTE_BYTES_MAX: Final = 131_072
SIGNATURES_MAX: Final = 128
KEY_HASH_BYTES: Final = 4
ED25519: Final = 0x01
"""The signature type of a log's own Ed25519 signature over the note text (C2SP signed-note)."""
_DECIMAL: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_KEY_HASH: Final = re.compile(r"[0-9a-f]{8}\Z")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A key that signs notes: its `name` (for a log, the origin), 32-byte Ed25519 `public_key` and signature type."""

    name: str
    public_key: bytes
    algorithm: int = ED25519

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != ed25519.PUBLIC_KEY_BYTES:
            raise InputError(f"an Ed25519 public key has 32 bytes, not {len(self.public_key)}")

    @property
    def key_hash(self) -> bytes:
        """The 4 bytes by which a signature line names the key: SHA-256(name ‖ LF ‖ signature type ‖ public key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + self._material()).digest()[:4]

    def vkey(self) -> str:
        """Return the verifier key text `name+hash+base64` (C2SP signed-note)."""
        return f"{self.name}+{self.key_hash.hex()}+{_b64(self._material())}"

    def _material(self) -> bytes:
        return bytes([self.algorithm]) + self.public_key


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signature line as it stands in a note: who it says signed (`name`, `key_hash`), and the signature's bytes."""

    name: str
    key_hash: bytes
    signature: bytes

    def text(self) -> str:
        """Return the line with its LF."""
        return f"— {self.name} {_b64(self.key_hash + self.signature)}\n"

    def is_by(self, key: NoteKey) -> bool:
        """Tell whether the line names `key`; only the signature shows that it was made by it."""
        return self.name == key.name and self.key_hash == key.key_hash


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree head: `origin` names the log, `size` counts leaves, `root` is the 32-byte Merkle root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note text: three lines (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


def parse_vkey(text: str, *, algorithm: int = ED25519) -> NoteKey:
    """Return the key that a vkey text names; a wrong hash, signature type or spelling is an `InputError`."""
    name, _, rest = text.strip().partition("+")
    key_hash, _, encoded = rest.partition("+")
    data = _unb64(encoded)
    if data is None or not _KEY_HASH.match(key_hash) or not data:
        raise InputError("this is not a verifier key", "it looks like name+1a2b3c4d+AbC…=")
    if data[0] != algorithm:
        raise InputError(
            f"the verifier key of {name!r:.80} is of signature type {data[0]}, not {algorithm}",
            "type 1 is an Ed25519 key of a log, type 4 one of a witness",
        )
    key = NoteKey(name, data[1:], algorithm)
    if key.key_hash.hex() != key_hash:
        raise InputError(f"the verifier key of {name} is damaged: its hash is wrong", "copy it again")
    return key


def sign_note(text: str, *, name: str, signer: ed25519.Signer) -> str:
    """Return the signed note over `text`, whose lines all end in LF, with one signature line."""
    key = NoteKey(name, signer.public_key)
    return f"{text}\n{SignatureLine(name, key.key_hash, signer.sign(text.encode())).text()}"


def split_note(note: str) -> tuple[str, tuple[SignatureLine, ...]]:
    """Return a note's text and signature lines, nothing verified yet; `InputError` when it is not well formed."""
    text, lines = _split(note)
    if len(set(lines)) < len(lines):
        raise InputError("a signature line stands twice in the note", "fetch the note again")
    return text, tuple(_signature_line(line) for line in lines)


def open_note(note: str, *, keys: Sequence[NoteKey]) -> str:
    """Return the text of a note that at least one of `keys` (all of type 0x01) signed.

    Lines by other keys are passed over. `InputError` for a malformed note, `IntegrityError` when no line is by one of
    the keys, or when one is and its signature is wrong.
    """
    text, lines = split_note(note)
    check_signed(text, lines, keys=keys)
    return text


def check_signed(text: str, lines: Sequence[SignatureLine], *, keys: Sequence[NoteKey]) -> tuple[NoteKey, ...]:
    """Return those of `keys` (all of type 0x01) that signed `text`, at least one; errors as for `open_note`."""
    found = []
    for line in lines:
        key = next((one for one in keys if line.is_by(one)), None)
        if key is None:
            continue
        if not ed25519.verify(key.public_key, text.encode(), signature=line.signature):
            raise wrong_signature(key)
        found.append(key)
    if not found:
        names = ", ".join(repr(line.name)[:80] for line in lines[:3])
        raise IntegrityError(f"the note is signed by {names}, by no key trusted here", "pin the log's own key")
    return tuple(found)


def wrong_signature(key: NoteKey) -> IntegrityError:
    """Return the error for a line that names a known key and was not made by it."""
    return IntegrityError(f"the signature of {key.name!r} on the note is wrong", "do not trust this note")


def merge_signatures(note: str, more: str) -> str:
    """Return `note` with the signature lines of `more`, a note of the same text; of two lines by one key the one of
    `more` stays. `InputError` when the texts differ."""
    text, lines = split_note(note)
    other, others = split_note(more)
    if other != text:
        raise InputError("these are notes of different texts", "merge notes of one checkpoint only")
    merged = {(line.name, line.key_hash): line for line in (*lines, *others)}
    return text + "\n" + "".join(line.text() for line in merged.values())


def with_signatures(stored: str, note: str) -> str:
    """Return the stored note with the signatures of `note` merged into it, where both are of one text; else as it is:
    what was signed first for a size stays."""
    return merge_signatures(stored, note) if split_note(stored)[0] == split_note(note)[0] else stored


def parse_checkpoint(text: str, *, extensions: bool = False) -> Checkpoint:
    """Return the checkpoint in a note text of exactly three lines, or raise `InputError`.

    With `extensions` further lines may follow, none of them empty: a witness signs them along without reading them.
    """
    lines = text.split("\n")
    root = _unb64(lines[2]) if len(lines) >= 4 else None
    if root is None or lines.pop() or len(root) != HASH_BYTES or not _DECIMAL.match(lines[1]):
        raise InputError("malformed checkpoint", "it has three lines: origin, size, base64 of the root")
    if len(lines) > 3 and not (extensions and all(lines[3:])):
        raise InputError("the checkpoint has further lines", "ask the log for one of three lines")
    size = int(lines[1])
    _check_name(lines[0])
    if size > SIZE_MAX:
        raise InputError(f"checkpoint size {size} is absurd", "fetch it again")
    return Checkpoint(lines[0], size, root)


def open_checkpoint(note: str, *, key: NoteKey) -> Checkpoint:
    """Return the checkpoint signed by the log whose key is pinned; its origin must be the key's name.

    Cosignatures beside the log's signature prove nothing here: that needs a policy."""
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
    if not _is_plain(note):
        raise InputError("not a signed note: too long, or with control characters", "fetch it again")
    body, gap, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not gap or not body or lines.pop() or not 1 <= len(lines) <= SIGNATURES_MAX:
        raise InputError("not a signed note", "it has text, an empty line, and signature lines")
    return body + "\n", lines


def _is_plain(note: str) -> bool:
    """Tell whether the note is short enough, UTF-8, and without control characters but LF."""
    if len(note) > NOTE_BYTES_MAX or any(character < " " and character != "\n" for character in note):
        return False
    try:
        return len(note.encode()) <= NOTE_BYTES_MAX
    except UnicodeEncodeError:
        return False


def _signature_line(line: str) -> SignatureLine:
    name, _, encoded = line.removeprefix("— ").rpartition(" ")
    data = _unb64(encoded)
    if not line.startswith("— ") or data is None or len(data) <= KEY_HASH_BYTES or not _is_name(name):
        raise InputError(f"malformed signature line {line!r:.200}", "fetch the note again")
    return SignatureLine(name, data[:KEY_HASH_BYTES], data[KEY_HASH_BYTES:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(one.isspace() or one < " " or _is_half(one) for one in name)


def _is_half(character: str) -> bool:
    """Tell whether this is half of a UTF-16 pair, which UTF-8 cannot hold."""
    return "\ud800" <= character <= "\udfff"


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise InputError(f"{name!r:.200} cannot name a key", "use a schema-less URL without spaces or +")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes | None:
    """Decode the one canonical spelling; anything else (spaces, spare bits, missing padding) is None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _b64(data) == text else None
