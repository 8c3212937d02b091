"""Proofs that an identifier is, or is not, in the published manifest of a dataset, and their verifier.

A manifest is a sorted Merkle tree (RFC 6962 hashing). Each leaf is 64 bytes: the salted hash of one identifier,
then the salted digest of the row it stands in. An absence is shown by the two neighbouring leaves between which the
identifier would stand; they are disclosed as salted hashes only.

What it says: absence speaks of an identifier in a published manifest, not of the sound (RULES section 6). A manifest
whose leaves are out of order could hide one; whoever holds the leaves can tell (`manifest.open_leaves`). Whoever is
shown a key salt can test guesses against the hashes disclosed with it, as they could by asking for another proof.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NoReturn

from cantoria.clearance.types import Row
from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json, to_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger import merkle

FORMAT: Final = "cantoria-manifest-proof/v1"
HASH_BYTES: Final = 32
LEAF_BYTES: Final = 64
PROOF_BYTES_MAX: Final = 64 * 1024
ABSENCE_SPEAKS_OF: Final = "This speaks of an identifier in a published manifest, not of the sound."

KEY_DOMAIN: Final = b"cantoria/manifest-key/v1\x00"
ROW_DOMAIN: Final = b"cantoria/manifest-row/v1\x00"
KEY_SALT_DOMAIN: Final = b"cantoria/manifest-key-salt/v1\x00"
ROW_SALT_DOMAIN: Final = b"cantoria/manifest-row-salt/v1\x00"
COMMITMENT_DOMAIN: Final = b"cantoria/manifest-salt-commitment/v1\x00"

_HEX: Final = re.compile(r"[0-9a-f]{64}")
# The keys of these objects are ASCII and the values text, integers and lists of text: this is their RFC 8785 form.
_encode_row: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class ManifestHead:
    """What is published of a manifest: `root` of its tree (hex), number of `leaves` in it, number of `rows`, and the
    commitment to the key salt (hex). The commitment keeps the publisher to one salt for all proofs."""

    root: str
    leaves: int
    rows: int
    salt_commitment: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf with its place: 0-based `index`, the two hashes and the inclusion path (hex), leaf side first."""

    index: int
    key_hash: str
    row_digest: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Presence:
    """Shows that `code` stands in the manifest with this head. `key_salt` is hex."""

    code: str
    key_salt: str
    head: ManifestHead
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Absence:
    """Shows that `code` does not stand in the manifest: the leaves just before and after it; None at an edge."""

    code: str
    key_salt: str
    head: ManifestHead
    before: Leaf | None
    after: Leaf | None


KeyProof = Presence | Absence
_MEMBERS: Final[dict[type[KeyProof], str]] = {Presence: "presence", Absence: "absence"}


def key_hash(code: str, *, key_salt: bytes) -> bytes:
    """Return SHA-256(domain ‖ key salt ‖ UTF-8 of a code key such as `isrc:KRA381900123`)."""
    return sha256(KEY_DOMAIN + key_salt + code.encode()).digest()


def row_digest(row: Row, *, row_salt: bytes) -> bytes:
    """Return SHA-256(domain ‖ row salt ‖ canonical JSON of the row). The order of a row's codes means nothing."""
    return sha256(ROW_DOMAIN + row_salt + row_bytes(row)).digest()


def row_bytes(row: Row) -> bytes:
    """Return the RFC 8785 form of a row, its codes sorted and each once."""
    codes = sorted(set(row.codes)) if len(row.codes) > 1 else row.codes
    try:
        return _encode_row({"codes": codes, "line": row.line, "media": row.media}).encode()
    except UnicodeEncodeError as error:
        raise InputError("a code holds a lone surrogate", "send valid Unicode", {"line": str(row.line)}) from error


def salt_commitment(key_salt: bytes) -> bytes:
    """Return the hash by which a manifest's head binds its key salt."""
    return sha256(COMMITMENT_DOMAIN + key_salt).digest()


def verify_key(proof: KeyProof, *, code: str, head: ManifestHead) -> None:
    """Return if `proof` shows what its type says of `code` in the manifest with `head`; else raise `IntegrityError`.

    Take `head` from a certificate that was verified itself, and `code` from the question asked.
    """
    if proof.code != code:
        _refuse(f"the proof speaks of {proof.code!r}, not of {code!r}")
    if proof.head != head:
        _refuse("the proof speaks of another manifest")
    key_salt = bytes.fromhex(proof.key_salt)
    if salt_commitment(key_salt).hex() != head.salt_commitment:
        _refuse("the key salt is not the one that the manifest is bound to")
    key = key_hash(code, key_salt=key_salt).hex()
    match proof:
        case Presence(leaf=leaf):
            _verify_leaf(leaf, head)
            if leaf.key_hash != key:
                _refuse("the leaf is of another identifier")
        case Absence(before=before, after=after):
            _verify_gap(before, after, key=key, head=head)


def _verify_gap(before: Leaf | None, after: Leaf | None, *, key: str, head: ManifestHead) -> None:
    """Check that `before` and `after` are neighbours and that the key hash falls strictly between them."""
    for leaf in (before, after):
        if leaf is not None:
            _verify_leaf(leaf, head)
    if before is None and after is None and (head.leaves != 0 or head.root != merkle.EMPTY_ROOT.hex()):
        _refuse("only an empty manifest shows an absence without neighbours")
    if before is not None and before.key_hash >= key:
        _refuse("the leaf before does not come before the identifier")
    if after is not None and after.key_hash <= key:
        _refuse("the leaf after does not come after the identifier")
    gap_starts = before.index + 1 if before is not None else 0
    gap_ends = after.index if after is not None else head.leaves
    if gap_starts != gap_ends:
        _refuse("the two leaves are not neighbours")


def _verify_leaf(leaf: Leaf, head: ManifestHead) -> None:
    record = bytes.fromhex(leaf.key_hash) + bytes.fromhex(leaf.row_digest)
    path = [bytes.fromhex(sibling) for sibling in leaf.path]
    root = bytes.fromhex(head.root)
    leaf_hash = merkle.leaf_hash(record)
    if not merkle.verify_inclusion(leaf_hash, leaf.index, size=head.leaves, proof=path, root=root):
        _refuse(f"leaf {leaf.index} does not lead to the manifest's root")


def _refuse(why: str) -> NoReturn:
    raise IntegrityError(why, "do not rely on it; ask for the proof again")


def encode_proof(proof: KeyProof) -> bytes:
    """Return the proof as one canonical JSON document: {"format", "presence" or "absence"}."""
    return canonical.encode({"format": FORMAT, _MEMBERS[type(proof)]: to_json(proof)})


def decode_proof(data: bytes) -> KeyProof:
    """Return the proof in `data`; anything but exactly what `encode_proof` writes is an `InputError`."""
    document = canonical.decode(data, size_max=PROOF_BYTES_MAX)
    if type(document) is not dict or document.get("format") != FORMAT or len(document) != 2:
        raise InputError("this is not a manifest proof", f"its format is {FORMAT}")
    if "presence" in document:
        presence = from_json(Presence, document["presence"], path="presence")
        _check_text(presence, [presence.leaf])
        return presence
    absence = from_json(Absence, document.get("absence"), path="absence")
    _check_text(absence, [leaf for leaf in (absence.before, absence.after) if leaf is not None])
    return absence


def _check_text(proof: KeyProof, leaves: Sequence[Leaf]) -> None:
    """Refuse hashes that are not 64 lower-case hex digits."""
    hashes = [proof.key_salt, proof.head.root, proof.head.salt_commitment]
    for leaf in leaves:
        hashes += [leaf.key_hash, leaf.row_digest, *leaf.path]
    for text in hashes:
        if not _HEX.fullmatch(text):
            raise InputError(f"{text!r:.80} is not a hash", "a hash is 64 lower-case hex digits")
