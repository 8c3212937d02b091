#!/usr/bin/env python3
"""Verify any proof that a Cantoria ledger gives, without Cantoria: this one file, and the `cryptography` package.

    python cantoria_verify.py receipt.json --key log.vkey
    python cantoria_verify.py receipt.json --policy trust.policy
    python cantoria_verify.py answer.json --key log.vkey --about isrc:KRA381900123
    python cantoria_verify.py proof.txt --key log.vkey --entry entry.bin

It reads the files that you name and nothing else: no network, no settings, no state. What it decides rests on three
things: SHA-256, Ed25519 and the key or policy that you give. `spec/verify.md` states every step in words; the
numbers in brackets below are its sections. Needs Python 3.9 or newer.

Exit status: 0 it holds · 1 it holds, but does not answer what you asked (--about) · 2 usage · 3 it does not hold ·
70 a fault of this program.
"""

# ruff: noqa: T201, UP017 (it prints, and speaks Python 3.9)
from __future__ import annotations

import argparse
import base64
import binascii
import json
import os
import re
import stat
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Limits on everything that a stranger can send. A file beyond one of them proves nothing.
FILE_BYTES_MAX = 256 * 1024 * 1024
BUNDLE_BYTES_MAX = 4 * 1024 * 1024
ANSWER_BYTES_MAX = 64 * 1024
POLICY_BYTES_MAX = 256 * 1024
POLICY_ITEMS_MAX = 100  # logs, witnesses, groups
GENESIS_BYTES_MAX = 64 * 1024 * 1024
NOTE_BYTES_MAX = 131_072
SIGNATURES_MAX = 128
EXTRA_BYTES_MAX = 65_536
PATH_MAX = 64  # hashes in a Merkle proof
DEPTH_MAX = 64  # levels of nested JSON
INTEGER_MAX = 2**53 - 1  # of JSON (RFC 8785)
SIZE_MAX = 2**63 - 1  # leaves in a log
VALIDATORS_MAX = 1000


class DoesNotHoldError(Exception):
    """The file proves nothing; the text says at which step it fails."""


def refuse(why: str) -> NoReturn:
    raise DoesNotHoldError(why)


# ---------------------------------------------------------------------------------------------------------------------
# Canonical JSON [1]: RFC 8785 with integers only. Every value has one spelling and no other is read, so that a file
# cannot be changed into another one that says the same.


def encode(value: Any) -> bytes:
    """Return the one canonical spelling: keys in UTF-16 order, no spaces, nothing escaped but what must be."""
    text = json.dumps(_ordered(value, 0), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        refuse("not canonical JSON: text holds half a character (a lone surrogate)")


def _ordered(value: Any, depth: int) -> Any:
    if depth >= DEPTH_MAX and isinstance(value, (dict, list)) and value:
        refuse(f"not canonical JSON: nested deeper than {DEPTH_MAX}")
    if isinstance(value, dict):
        by_utf16 = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass"))
        return {key: _ordered(item, depth + 1) for key, item in by_utf16}
    if isinstance(value, list):
        return [_ordered(item, depth + 1) for item in value]
    return value


def decode(data: bytes, *, bytes_max: int = FILE_BYTES_MAX) -> Any:
    """Return the value of canonical bytes; whatever its own canonical spelling does not give back is refused."""
    if len(data) > bytes_max:
        refuse(f"larger than {bytes_max} bytes")
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        refuse(f"not canonical JSON: {error}")
    if encode(value) != data:
        refuse("JSON, but not in its canonical spelling")
    return value


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise ValueError("an integer beyond 2^53 - 1")
    return int(text)


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} is not an integer")


# What a field must be, or the file is refused.


def exactly(value: Any, *names: str) -> dict[str, Any]:
    """Return `value` if it is an object with exactly these members."""
    if not isinstance(value, dict) or set(value) != set(names):
        refuse("a part does not have exactly the members " + ", ".join(names))
    return value


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else refuse(f"{value!r} is not text")


def count_of(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        refuse(f"{value!r:.40} is not a count")
    return value


def hex_of(value: Any, length: int) -> bytes:
    """Return the bytes of lower-case hex of exactly this length."""
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", value):
        refuse(f"{value!r:.80} is not {length} bytes in lower-case hex")
    return bytes.fromhex(value)


def path_of(value: Any) -> list[bytes]:
    if not isinstance(value, list) or len(value) > PATH_MAX:
        refuse(f"a proof is not a list of at most {PATH_MAX} hashes")
    return [hex_of(one, 32) for one in value]


def base64_of(text: str) -> bytes | None:
    """Return the bytes of the one canonical base64 spelling (RFC 4648 section 4, no spare bits), else None."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519 [2]: RFC 8032, with the two checks that keep anyone from making a second valid signature or a key under
# which everything verifies: the numbers must be in their one spelling, and no point may be of small order.

FIELD = 2**255 - 19
SMALL_ORDER = {  # the y of the eight points of small order
    0,
    1,
    FIELD - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    FIELD - 2707385501144840649318225287225658788936804267575313519463743609750303402022,
}


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the 64 bytes `signature` over `message` were made with the private half of the 32 bytes `key`."""
    if len(key) != 32 or len(signature) != 64:
        return False
    for point in (key, signature[:32]):
        y = int.from_bytes(point, "little") & (2**255 - 1)  # the top bit is the sign of x
        if y >= FIELD or y in SMALL_ORDER:
            return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)  # refuses S >= the group's order
    except (InvalidSignature, ValueError):
        return False
    return True


# ---------------------------------------------------------------------------------------------------------------------
# The Merkle tree [3]: RFC 6962 section 2.1, verified as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say.


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = sha256(b"").digest()


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Tell whether `leaf` (a hash) is leaf number `index` of the tree of `size` leaves with this `root`."""
    if not 0 <= index < size <= SIZE_MAX:
        return False
    node, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def grown(old_root: bytes, old_size: int, root: bytes, size: int, path: list[bytes]) -> bool:
    """Tell whether the tree of `size` leaves begins with the tree of `old_size` leaves: nothing changed, nothing
    removed, only added at the end."""
    if not 0 <= old_size <= size <= SIZE_MAX:
        return False
    if old_size == size:
        return not path and old_root == root
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    return prefix_roots(old_root, old_size, size, path) == (old_root, root)


def prefix_roots(old_root: bytes, old_size: int, size: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return the two roots to which a consistency proof leads (0 < old_size < size), or None when it cannot be one."""
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not hashes:
        return None
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    return (older, newer) if last == 0 else None


# ---------------------------------------------------------------------------------------------------------------------
# Whom you trust [4]: one log's verifier key, or a C2SP tlog-policy of logs and witnesses.

LOG, WITNESS = 0x01, 0x04  # the two kinds of Ed25519 keys: signs notes; cosigns them with a time
NO_NAME = re.compile("[\x00-\x20+\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ud800-\udfff]")


@dataclass(frozen=True)
class Key:
    """A verifier key: the name it signs under, what kind of signature it makes, its 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The 4 bytes by which a signature line names the key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


@dataclass(frozen=True)
class Trust:
    """What you pin. `quorum` is the name of a witness or group, or `none`; `digest` names the whole in 16 digits."""

    logs: list[Key]
    digest: str
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = "none"
    chain: tuple[str, dict[bytes, int]] | None = None  # of CometBFT: its id, and the power of each validator's key

    def met_by(self, cosigned: set[str], name: str = "") -> bool:
        """Tell whether these witnesses make up the quorum."""
        name = name or self.quorum
        if name in self.groups:
            needed, members = self.groups[name]
            return sum(self.met_by(cosigned, member) for member in members) >= needed
        return name == "none" or name in cosigned


def read_key(text: str, kind: int) -> Key:
    """Return the key of a verifier key text `name+hash+base64` (C2SP signed-note)."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    data = base64_of(encoded)
    if not name or NO_NAME.search(name) or data is None or len(data) != 33 or data[0] != kind:
        refuse(f"{text!r:.60} is not an Ed25519 verifier key of a {'log' if kind == LOG else 'witness'}")
    key = Key(name, kind, data[1:])
    if key.id.hex() != key_id:
        refuse(f"the verifier key of {name} is damaged: its hash is wrong")
    return key


def trust_key(text: str) -> Trust:
    """Trust one log by its own key alone."""
    key = read_key(text.strip(), LOG)
    return Trust([key], sha256(key.public).hexdigest()[:16])


def trust_policy(data: bytes) -> Trust:
    """Trust what a C2SP tlog-policy says: any of its logs, cosigned by its quorum of witnesses."""
    text = data.decode("utf-8", "surrogateescape")  # C2SP: whatever is not ASCII is opaque
    if len(data) > POLICY_BYTES_MAX or re.search("[\x00-\x08\x0b-\x1f\x7f]", text) or not text.endswith("\n"):
        refuse("not a policy: too long, with control characters, or cut off")
    trust = Trust([], sha256(data).hexdigest()[:16], quorum="")
    for number, line in enumerate(text.split("\n"), 1):
        words = re.findall("[^ \t]+", line)
        try:
            if words and not words[0].startswith("#"):
                trust = _with_line(trust, words)
        except DoesNotHoldError as error:
            refuse(f"line {number} of the policy: {error}")
    if not trust.quorum or not trust.logs:
        refuse("the policy names no quorum, or no log")
    if {key.public for key in trust.logs} & {key.public for key in trust.witnesses.values()}:
        refuse("a log is its own witness in the policy: one public key is that of both")
    return trust


def _with_line(trust: Trust, words: list[str]) -> Trust:
    """Return `trust` with what one line of a policy adds."""
    verb, name, count = words[0], words[1] if words[1:] else "", len(words)
    known = trust.witnesses.keys() | trust.groups.keys()
    if verb in ("witness", "group") and name in known | {"none"}:
        refuse("a name stands in it twice")
    if len({"log": trust.logs, "witness": trust.witnesses, "group": trust.groups}.get(verb, ())) >= POLICY_ITEMS_MAX:
        refuse(f"more than {POLICY_ITEMS_MAX} lines of this kind")
    if verb == "log" and count in (2, 3):
        key = read_key(name, LOG)
        if any(key.public == other.public for other in trust.logs):
            refuse("a log stands in it twice")
        return replace(trust, logs=[*trust.logs, key])
    if verb == "witness" and count in (3, 4):
        key = read_key(words[2], WITNESS)
        if any(key.public == other.public for other in trust.witnesses.values()):
            refuse("a witness stands in it twice")
        return replace(trust, witnesses={**trust.witnesses, name: key})
    if verb == "group" and count >= 4:
        members = words[3:]
        taken = [member for _, group in trust.groups.values() for member in group]
        if not set(members) <= known or len({*taken, *members}) < len(taken) + len(members):
            refuse("a group of unknown names, or of names that count already")
        needed = {"any": "1", "all": str(len(members))}.get(words[2], words[2])
        if not re.fullmatch("[1-9][0-9]{0,5}", needed) or int(needed) > len(members):
            refuse("a group asks for more members than it has, or for none")
        return replace(trust, groups={**trust.groups, name: (int(needed), members)})
    if verb == "quorum" and count == 2 and not trust.quorum and name in known | {"none"}:
        return replace(trust, quorum=name)
    refuse(f"{verb:.40} is not understood there")


# ---------------------------------------------------------------------------------------------------------------------
# Signed notes and checkpoints [5]: C2SP signed-note, tlog-checkpoint and tlog-cosignature.


@dataclass(frozen=True)
class Checkpoint:
    """A log's tree head that somebody trusted vouches for. `cosigned` are (witness, POSIX seconds), by name;
    `strangers` counts the signature lines by keys that are not trusted here and were not looked at."""

    origin: str
    size: int
    root: bytes
    cosigned: tuple[tuple[str, int], ...]
    strangers: int


def open_checkpoint(note: str, trust: Trust, *, extensions: bool = False) -> Checkpoint:
    """Return the checkpoint in a note that is signed by a trusted log and cosigned by the quorum."""
    text, lines = _split_note(note)
    origin, size, root = _head_of(text, extensions)
    logs = {(key.name, key.id): key for key in trust.logs}
    witnesses = {(key.name, key.id): name for name, key in trust.witnesses.items()}
    cosigned: dict[str, int] = {}
    by_log, strangers = False, 0
    for name, blob in lines:
        place = (name, blob[:4])
        if place in logs:
            if not signed(logs[place].public, text.encode(), blob[4:]):
                refuse(f"the signature of the log {name} is wrong")
            by_log = by_log or name == origin
        elif place in witnesses:
            witness = witnesses[place]
            time = _cosignature_time(trust.witnesses[witness], text, blob[4:])
            cosigned[witness] = max(time, cosigned.get(witness, 0))
        else:
            strangers += 1  # C2SP: lines by unknown keys are passed over, they prove nothing
    if not by_log:
        refuse(f"the checkpoint of {origin} is not signed by a log that you trust")
    if not trust.met_by(set(cosigned)):
        refuse(f"cosigned by {len(cosigned)} of the policy's witnesses: not the quorum {trust.quorum}")
    return Checkpoint(origin, size, root, tuple(sorted(cosigned.items())), strangers)


def open_signed(note: str, trust: Trust, *, extensions: bool = False) -> Checkpoint:
    """Return the checkpoint in a note that one of the trusted logs signed under its own name, cosigned or not."""
    origin, _, _ = _head_of(_split_note(note)[0], extensions)
    logs_alone = replace(trust, logs=[key for key in trust.logs if key.name == origin], witnesses={}, quorum="none")
    return open_checkpoint(note, logs_alone, extensions=extensions)


def _head_of(text: str, extensions: bool = False) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint's text; only where asked may further lines follow."""
    head = text.split("\n")
    root = base64_of(head[2]) if len(head) >= 4 else None
    if root is None or len(root) != 32 or not re.fullmatch("0|[1-9][0-9]{0,18}", head[1]) or int(head[1]) > SIZE_MAX:
        refuse("not a checkpoint: three lines, origin, size and root")
    if len(head) > 4 and not (extensions and all(head[3:-1])):
        refuse("the checkpoint has further lines")
    return head[0], int(head[1]), root


def _split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return the text of a note and its signature lines as (key name, key id and signature)."""
    if len(note.encode()) > NOTE_BYTES_MAX or re.search("[\x00-\x09\x0b-\x1f]", note):
        refuse("not a signed note: too long, or with control characters")
    body, gap, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not gap or not body or lines.pop() or not 1 <= len(lines) <= SIGNATURES_MAX:
        refuse("not a signed note: text, an empty line, and signature lines")
    found = []
    for line in lines:
        name, gap, encoded = line[2:].rpartition(" ")
        blob = base64_of(encoded)
        if not line.startswith("\u2014 ") or not name or NO_NAME.search(name) or blob is None or len(blob) < 5:
            refuse("malformed signature line")
        found.append((name, blob))
    if len(set(lines)) < len(lines):
        refuse("a signature line stands twice")
    return body + "\n", found


def _cosignature_time(key: Key, text: str, blob: bytes) -> int:
    """Return the time (POSIX seconds) at which a witness says to have seen this checkpoint."""
    time = int.from_bytes(blob[:8], "big")
    if len(blob) != 72 or time > SIZE_MAX:
        refuse(f"malformed cosignature of {key.name}")
    if not signed(key.public, f"cosignature/v1\ntime {time}\n{text}".encode(), blob[8:]):
        refuse(f"the cosignature of {key.name} is wrong")
    return time


def cosigned_by(checkpoint: Checkpoint, trust: Trust) -> int | None:
    """Return the earliest time by which a quorum of witnesses had seen this tree; None without witnesses."""
    seen: set[str] = set()
    if trust.met_by(seen):
        return None
    for name, time in sorted(checkpoint.cosigned, key=lambda one: one[1]):
        seen.add(name)
        if trust.met_by(seen):
            return time
    return None


# ---------------------------------------------------------------------------------------------------------------------
# What each kind of file shows. Each function returns the facts that hold, or refuses.


def verify_bundle(value: Any, trust: Trust) -> dict[str, Any]:
    """cantoria-proof/v1 [6]: one recorded fact, from its words up to the log's signed root."""
    if len(encode(value)) > BUNDLE_BYTES_MAX:
        refuse(f"a proof larger than {BUNDLE_BYTES_MAX} bytes")
    names = ("format", "kind", "type", "body", "salt", "envelope", "batch", "index", "inclusion_proof", "checkpoint")
    value = exactly(value, *names)
    batch = exactly(value["batch"], "header", "key", "path", "position")
    kind, tag = text_of(value["kind"]).encode(), count_of(value["type"])
    salt, envelope = hex_of(value["salt"], 32), hex_of(value["envelope"], 132)
    header, key = hex_of(batch["header"], 135), hex_of(batch["key"], 32)
    index, position = count_of(value["index"]), count_of(batch["position"])
    path, batch_path = path_of(value["inclusion_proof"]), path_of(batch["path"])
    # What was said, its kind and its salt are what the envelope commits to.
    if envelope[0] != 0x01 or envelope[1:3] != tag.to_bytes(8, "big")[-2:] or tag > 0xFFFF or not 1 <= len(kind) <= 255:
        refuse("the envelope is of another fact type")
    committed = b"cantoria/body/v1\x00" + envelope[1:3] + bytes([len(kind)]) + kind + salt + encode(value["body"])
    if sha256(committed).digest() != envelope[76:108]:
        refuse("the envelope does not commit to this kind, salt and body")
    # The envelope is in a batch that the organisation signed for this log.
    checkpoint = open_checkpoint(text_of(value["checkpoint"]), trust)
    if header[0] != 0x02 or header[1:17] != envelope[19:35] or header[17:25] != envelope[36:44]:
        refuse("the batch is of another organisation or key")
    if sha256(key).digest()[:8] != header[17:25]:
        refuse("the public key is not the one that the envelope names")
    leaf, count = leaf_hash(envelope), int.from_bytes(header[25:29], "big")
    if header[61:63] != b"\x00\x01" or not included(leaf, position, count, batch_path, header[29:61]):
        refuse("the envelope is not in the signed batch at this position")
    message = b"cantoria/batch/v1\x00" + sha256(checkpoint.origin.encode()).digest() + header[:71]
    if not signed(key, message, header[71:]):
        refuse("the organisation's signature is wrong")
    # And it is in the log, behind its batch header.
    if index <= position:
        refuse("the envelope stands before its own batch header")
    if not included(leaf, index, checkpoint.size, path, checkpoint.root):
        refuse("the inclusion proof does not lead to the checkpoint's root")
    return {
        **said_of(checkpoint, trust),
        "kind": value["kind"],
        "body": value["body"],
        "index": index,
        "fact_id": uuid_text(envelope[3:19]),
        "supersedes": uuid_text(envelope[116:132]) if any(envelope[116:132]) else None,
        "organisation": uuid_text(envelope[19:35]),
        "organisation_key": key.hex(),
        "capacity": envelope[35],
        "claimed_at": int.from_bytes(envelope[108:116], "big"),
    }


def verify_attested(value: Any, trust: Trust) -> dict[str, Any]:
    """cantoria-attested/v1 [7]: a large document, and the recorded fact that names its digest."""
    value = exactly(value, "document", "format", "proof")
    found = verify_bundle(check_format(value["proof"], "cantoria-proof/v1"), trust)
    digest = sha256(encode(value["document"])).hexdigest()
    if not isinstance(found["body"], dict) or found["body"].get("digest") != digest:
        refuse("the document is not the one whose digest was recorded")
    return {**found, "digest": digest}


def verify_answer(value: Any, trust: Trust) -> dict[str, Any]:
    """cantoria-manifest-answer/v1 [8]: an identifier is, or is not, in a published manifest."""
    value = exactly(value, "answer", "digest", "format", "proof")
    answer = encode(value["answer"])
    if value["digest"] != sha256(answer).hexdigest() or len(answer) > ANSWER_BYTES_MAX:
        refuse("the answer is not the one that its digest names")
    parts = check_format(value["answer"], "cantoria-manifest-proof/v1")
    side = "presence" if "presence" in parts else "absence"
    proof = exactly(exactly(parts, "format", side)[side], "code", "key_salt", "head", *LEAVES[side])
    head, code = manifest_head(proof["head"]), text_of(proof["code"])
    salt = hex_of(proof["key_salt"], 32)
    leaves = [
        None if proof[name] is None and side == "absence" else manifest_leaf(proof[name]) for name in LEAVES[side]
    ]
    found = verify_bundle(check_format(value["proof"], "cantoria-proof/v1"), trust)
    where, subject = published(found, head)
    if sha256(b"cantoria/manifest-salt-commitment/v1\x00" + salt).digest() != head["salt_commitment"]:
        refuse("the key salt is not the one that the manifest is bound to")
    key = sha256(b"cantoria/manifest-key/v1\x00" + salt + code.encode()).digest()
    for leaf in leaves:
        record = leaf_hash(leaf["key_hash"] + leaf["row_digest"]) if leaf else b""
        if leaf and not included(record, leaf["index"], head["leaves"], leaf["path"], head["root"]):
            refuse("a leaf does not lead to the manifest's root")
    if side == "presence":
        if leaves[0] is None or leaves[0]["key_hash"] != key:
            refuse("the leaf is of another identifier")
    else:
        check_gap(leaves[0], leaves[1], key, head)
    return {**found, "found": {"code": code, "present": side == "presence", "where": where, "subject": subject}}


LEAVES = {"presence": ("leaf",), "absence": ("before", "after")}
# By the kind of a fact: the member that names what it is of, and the manifests whose heads it publishes.
PUBLISHERS = {
    "dataset-cleared": ("certificate", {"manifest": "the dataset", "cleared": "the cleared rows"}),
    "training-run-started": ("run", {"manifest": "the rows"}),
}


def manifest_head(value: Any) -> dict[str, Any]:
    value = exactly(value, "root", "leaves", "rows", "salt_commitment")
    commitment = hex_of(value["salt_commitment"], 32)
    counts = {"leaves": count_of(value["leaves"]), "rows": count_of(value["rows"])}
    return {"root": hex_of(value["root"], 32), "salt_commitment": commitment, **counts}


def manifest_leaf(value: Any) -> dict[str, Any]:
    value = exactly(value, "index", "key_hash", "row_digest", "path")
    hashes = {"key_hash": hex_of(value["key_hash"], 32), "row_digest": hex_of(value["row_digest"], 32)}
    return {"index": count_of(value["index"]), "path": path_of(value["path"]), **hashes}


def published(found: dict[str, Any], head: dict[str, Any]) -> tuple[str, str]:
    """Return what the manifest with this head binds, and of what, as the recorded fact says."""
    kind, body = found["kind"], found["body"]
    if kind not in PUBLISHERS:
        refuse(f"a fact of kind {kind} publishes no manifest")
    named, heads = PUBLISHERS[kind]
    if not isinstance(body, dict) or not isinstance(body.get(named), str) or not heads.keys() <= body.keys():
        refuse(f"this fact of kind {kind} publishes no manifest")
    for member, where in heads.items():
        if manifest_head(body[member]) == head:
            return where, body[named]
    refuse(f"the proof is of another manifest than that of {body[named]}")


def check_gap(before: Any, after: Any, key: bytes, head: dict[str, Any]) -> None:
    """Refuse unless the key falls strictly between two neighbouring leaves, or beyond the edge of the manifest."""
    if before is None and after is None and (head["leaves"] != 0 or head["root"] != EMPTY_ROOT):
        refuse("only an empty manifest shows an absence without neighbours")
    if (before and before["key_hash"] >= key) or (after and after["key_hash"] <= key):
        refuse("the identifier does not fall between the two leaves")
    if (before["index"] + 1 if before else 0) != (after["index"] if after else head["leaves"]):
        refuse("the two leaves are not neighbours")


def verify_tlog_proof(text: str, trust: Trust, entry: bytes | None) -> dict[str, Any]:
    """C2SP tlog-proof@v1 [9]: the bytes `entry`, or those that the proof carries as extra data, are in the log."""
    top, gap, note = text.partition("\n\n")
    lines = top.split("\n")[1:]
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = base64_of(lines.pop(0)[6:])
        if not extra or len(extra) > EXTRA_BYTES_MAX:
            refuse("the extra data of the proof is malformed, empty or too long")
    if not gap or not lines or len(lines) > 1 + PATH_MAX or not re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[0]):
        refuse("not a tlog-proof: its index, then hashes, an empty line and a checkpoint")
    entry = extra if entry is None else entry
    if entry is None:
        refuse("the proof does not carry its entry: name it with --entry")
    path = [base64_of(line) for line in lines[1:]]
    if any(one is None or len(one) != 32 for one in path):
        refuse("a line of the proof is not a hash")
    checkpoint, index = open_checkpoint(note, trust), int(lines[0][6:])
    if not included(leaf_hash(entry), index, checkpoint.size, [one for one in path if one], checkpoint.root):
        refuse("the proof does not lead from this entry to the checkpoint's root")
    return {**said_of(checkpoint, trust), "index": index, "leaf": leaf_hash(entry).hex()}


def verify_checkpoint(text: str, trust: Trust) -> dict[str, Any]:
    """A signed and perhaps cosigned checkpoint [5]."""
    return said_of(open_checkpoint(text, trust), trust)


def verify_consistency(value: Any, trust: Trust) -> dict[str, Any]:
    """cantoria-consistency/v1 [10]: between two checkpoints the log only grew."""
    value = exactly(value, "format", "new", "old", "proof")
    # Who cosigned the new tree cosigned its beginning with it: the old one needs the log's signature alone.
    old, new = open_signed(text_of(value["old"]), trust), open_checkpoint(text_of(value["new"]), trust)
    if old.origin != new.origin:
        refuse("the two checkpoints are of different logs")
    if not grown(old.root, old.size, new.root, new.size, path_of(value["proof"])):
        refuse("the log did not just grow between these two checkpoints, or the proof is wrong")
    return {**said_of(new, trust), "old_size": old.size, "old_root": old.root.hex()}


def verify_split_view(value: Any, trust: Trust) -> dict[str, Any]:
    """cantoria-split-view/v1 [11]: the log signed two trees that cannot both be true."""
    value = exactly(value, "consistency", "first", "format", "second")
    texts = text_of(value["first"]), text_of(value["second"])
    first, second = (open_signed(text, trust, extensions=True) for text in texts)
    prefix: bytes | None = None
    if first.origin != second.origin or first.size > second.size:
        refuse("the two checkpoints are of different logs, or in the wrong order")
    if first.size == second.size:
        if value["consistency"] is not None or first.root == second.root or texts[0] > texts[1]:
            refuse("the two checkpoints agree, or are in the wrong order")
    else:
        parts = exactly(value["consistency"], "prefix_root", "proof")
        prefix = hex_of(parts["prefix_root"], 32)
        beginning = first.size > 0 and grown(prefix, first.size, second.root, second.size, path_of(parts["proof"]))
        if prefix == first.root or not beginning:
            refuse("it does not show that the second tree begins otherwise than the first")
    return {
        "origin": first.origin,
        "old_size": first.size,
        "old_root": first.root.hex(),
        "size": second.size,
        "root": second.root.hex(),
        "prefix_root": prefix.hex() if prefix else None,
    }


# ---------------------------------------------------------------------------------------------------------------------
# cantoria-commit/v1 (spec/light-client.md): the validators of a CometBFT chain signed a block, and in it the state of
# the log before it. Header, commit and validators are spelled as CometBFT's RPC spells them (64-bit numbers as text,
# bytes in upper-case hex); what was hashed and signed are protocol buffers, whose few messages are written out here.

MOMENT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{0,8}[1-9]))?Z")
HEADER_HASHES = (
    *("last_commit_hash", "data_hash", "validators_hash", "next_validators_hash", "consensus_hash"),
    *("app_hash", "last_results_hash", "evidence_hash"),
)
HEADER = (*HEADER_HASHES, "version", "chain_id", "height", "time", "last_block_id", "proposer_address")
ABSENT, FOR_BLOCK, FOR_NONE = 1, 2, 3
NEVER = "0001-01-01T00:00:00Z"


def varint(number: int) -> bytes:
    number &= 2**64 - 1
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def numbered(field_number: int, value: int) -> bytes:
    return varint(field_number << 3) + varint(value) if value else b""


def fixed(field_number: int, value: int) -> bytes:
    return varint(field_number << 3 | 1) + value.to_bytes(8, "little") if value else b""


def framed(field_number: int, value: bytes, *, always: bool = False) -> bytes:
    return varint(field_number << 3 | 2) + varint(len(value)) + value if value or always else b""


def block_bytes(value: Any) -> bytes:
    """Return the encoding of a block id: the header's hash, and the parts the block was sent in."""
    value = exactly(value, "hash", "parts")
    parts = exactly(value["parts"], "total", "hash")
    packed = numbered(1, small_of(parts["total"])) + framed(2, upper_of(parts["hash"], 0, 32))
    return framed(1, upper_of(value["hash"], 0, 32)) + framed(2, packed, always=True)


def time_bytes(value: Any) -> bytes:
    found = MOMENT.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None:
            raise ValueError
        moment = datetime(*(int(part) for part in found.groups()[:6]), tzinfo=timezone.utc)  # type: ignore[misc,arg-type]
    except ValueError:
        refuse(f"{value!r:.40} is no time")
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return numbered(1, since.days * 86_400 + since.seconds) + numbered(2, int((found[7] or "").ljust(9, "0")))


def upper_of(value: Any, *sizes: int) -> bytes:
    if not isinstance(value, str) or not re.fullmatch("[0-9A-F]*", value) or len(value) not in [2 * n for n in sizes]:
        refuse(f"{value!r:.80} is not {' or '.join(map(str, sizes))} bytes in upper-case hex")
    return bytes.fromhex(value)


def number_of(value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch("0|[1-9][0-9]{0,18}", value) or int(value) > SIZE_MAX:
        refuse(f"{value!r:.40} is not a 64-bit number as text")
    return int(value)


def small_of(value: Any) -> int:
    if count_of(value) >= 2**31:
        refuse("a number beyond 31 bits")
    return int(value)


def flat_root(leaves: list[bytes]) -> bytes:
    """Return the Merkle root over a few leaves."""
    row = [leaf_hash(leaf) for leaf in leaves] or [EMPTY_ROOT]
    while len(row) > 1:
        row = [node_hash(*row[at : at + 2]) if row[at + 1 :] else row[at] for at in range(0, len(row), 2)]
    return row[0]


def validator_of(value: Any) -> tuple[bytes, int]:
    """Return a validator's public key and power."""
    value = exactly(value, "address", "pub_key", "voting_power")
    pub_key = exactly(value["pub_key"], "type", "value")
    key, power = base64_of(text_of(pub_key["value"])), number_of(value["voting_power"])
    if key is None or len(key) != 32 or pub_key["type"] != "tendermint/PubKeyEd25519" or not 0 < power <= SIZE_MAX // 8:
        refuse("a validator's key is not of Ed25519, or it has no power")
    if upper_of(value["address"], 20) != sha256(key).digest()[:20]:
        refuse("a validator's address is not that of its key")
    return key, power


def header_root(header: Any) -> bytes:
    """Return the hash of a block: the Merkle root over the fields of its header."""
    header = exactly(header, *HEADER)
    version = header["version"]
    if not isinstance(version, dict) or not version.keys() <= {"block", "app"}:
        refuse("the header's version is malformed")
    leaves = [numbered(1, number_of(version.get("block", "0"))) + numbered(2, number_of(version.get("app", "0")))]
    leaves += [framed(1, text_of(header["chain_id"]).encode()), numbered(1, number_of(header["height"]))]
    leaves += [time_bytes(header["time"]), block_bytes(header["last_block_id"])]
    leaves += [framed(1, upper_of(header[name], 0, 32)) for name in HEADER_HASHES]
    return flat_root([*leaves, framed(1, upper_of(header["proposer_address"], 20))])


def verify_commit(value: Any, trust: Trust) -> dict[str, Any]:
    """Validators with more than two thirds of the power that you trust signed this block."""
    state = value.pop("log", None)
    value = exactly(value, "commit", "format", "header", "validators")
    header, rows = value["header"], value["validators"]
    if not isinstance(rows, list) or not 0 < len(rows) <= VALIDATORS_MAX:
        refuse(f"it must name 1 to {VALIDATORS_MAX} validators")
    validators = [validator_of(row) for row in rows]
    block_hash = header_root(header)
    if trust.chain != (header["chain_id"], dict(validators)) or len(dict(validators)) < len(validators):
        refuse("another chain, or other validators, than those that you trust")
    hashed = [framed(1, framed(1, key), always=True) + numbered(2, power) for key, power in validators]
    if flat_root(hashed) != upper_of(header["validators_hash"], 32):
        refuse("the header names another validator set")
    commit = exactly(value["commit"], "height", "round", "block_id", "signatures")
    if block_hash != upper_of(commit["block_id"]["hash"] if block_bytes(commit["block_id"]) else "", 32):
        refuse("the validators signed another header")
    if commit["height"] != header["height"]:
        refuse("the commit is of another height than the header")
    power, total = signed_power(commit, header["chain_id"], validators), sum(own for _, own in validators)
    if 3 * power <= 2 * total:
        refuse(f"signed by {power} of {total}, which is not more than two thirds")
    found = {"chain_id": header["chain_id"], "height": int(header["height"]), "time": header["time"]}
    found.update(block=block_hash.hex(), app_hash=header["app_hash"].lower(), power=power, power_total=total)
    if state is not None:
        state = exactly(state, "root", "size", "state")
        root, size, digest = upper_of(state["root"], 32), number_of(state["size"]), upper_of(state["state"], 32)
        covered = sha256(b"cantoria/app/v1\x00" + root + size.to_bytes(8, "big") + digest).digest()
        if covered.hex() != found["app_hash"]:
            refuse("the log's root, size and state are not those of the header")
        found.update(root=root.hex(), size=size)
    return found


def signed_power(commit: Any, chain_id: str, validators: list[tuple[bytes, int]]) -> int:
    """Return the power whose signatures are for the block; one that is wrong spoils it all."""
    rows = commit["signatures"]
    if not isinstance(rows, list) or len(rows) != len(validators):
        refuse("the commit has not one place for each validator")
    height, round_, power = number_of(commit["height"]), small_of(commit["round"]), 0
    for row, (key, own) in zip(rows, validators):  # noqa: B905 (Python 3.9 has no strict)
        row = exactly(row, "block_id_flag", "validator_address", "timestamp", "signature")
        flag, address = row["block_id_flag"], row["validator_address"]
        if isinstance(flag, bool) or flag not in (ABSENT, FOR_BLOCK, FOR_NONE):
            refuse("a signature has an unknown flag")
        if flag == ABSENT:
            if (address, row["timestamp"], row["signature"]) != ("", NEVER, None):
                refuse("an absent validator has a signature")
            continue
        if upper_of(address, 20) != sha256(key).digest()[:20]:
            refuse("a signature stands at another validator's place")
        vote = numbered(1, 2) + fixed(2, height) + fixed(3, round_)
        vote += framed(4, block_bytes(commit["block_id"])) if flag == FOR_BLOCK else b""
        vote += framed(5, time_bytes(row["timestamp"]), always=True) + framed(6, chain_id.encode())
        if not signed(key, varint(len(vote)) + vote, base64_of(text_of(row["signature"])) or b""):
            refuse(f"the signature of validator {address} is wrong")
        power += own if flag == FOR_BLOCK else 0
    return power


def trust_validators(data: bytes) -> Trust:
    """Trust a chain and its validators as a CometBFT genesis file names them: `chain_id`, and of each its key and
    `power`."""
    try:
        value = json.loads(data)
        keys = [base64_of(one["pub_key"]["value"]) or b"" for one in value["validators"]]
        powers = {key: int(one["power"]) for key, one in zip(keys, value["validators"])}  # noqa: B905
        return Trust([], sha256(data).hexdigest()[:16], chain=(value["chain_id"], powers))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        refuse("not a genesis file of CometBFT: chain_id, and validators with pub_key and power")


# ---------------------------------------------------------------------------------------------------------------------
# Which kind of file it is, and what may be said of it.

JSON_KINDS = {
    "cantoria-proof/v1": verify_bundle,
    "cantoria-attested/v1": verify_attested,
    "cantoria-manifest-answer/v1": verify_answer,
    "cantoria-consistency/v1": verify_consistency,
    "cantoria-split-view/v1": verify_split_view,
    "cantoria-commit/v1": verify_commit,
}
TLOG_PROOF = "c2sp.org/tlog-proof@v1"


def verify(data: bytes, trust: Trust, entry: bytes | None = None) -> dict[str, Any]:
    """Return what the file proves under this trust, with its kind as `file`; raise `DoesNotHoldError` otherwise."""
    if data[:1] == b"{":
        value = decode(data)
        form = value.get("format") if isinstance(value, dict) else None
        if not isinstance(form, str) or form not in JSON_KINDS:
            refuse(f"a file of the format {(form,)!r:.60} is not known here")
        return {"file": form, **JSON_KINDS[form](value, trust)}
    if len(data) > NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX:
        refuse("a text too long for a checkpoint")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        refuse("neither JSON nor text in UTF-8")
    if text.startswith(TLOG_PROOF + "\n"):
        return {"file": TLOG_PROOF, **verify_tlog_proof(text, trust, entry)}
    return {"file": "checkpoint", **verify_checkpoint(text, trust)}


def check_format(value: Any, form: str) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("format") != form:
        refuse(f"a part of it is not a {form}")
    return value


def said_of(checkpoint: Checkpoint, trust: Trust) -> dict[str, Any]:
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "cosigned": [list(one) for one in checkpoint.cosigned],
        "cosigned_by": cosigned_by(checkpoint, trust),
        "strangers": checkpoint.strangers,
    }


def uuid_text(data: bytes) -> str:
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


# What a terminal takes as an order, not as a character: controls, marks of direction, ends of lines, half characters.
ORDERS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


def shown(text: str) -> str:
    """Return text by strangers on one line, with every order in it spelt out as a JSON escape."""
    return ORDERS.sub(lambda one: json.dumps(one[0])[1:-1], text)


def exact(text: str) -> str:
    """Return an identifier so that one which only looks like another, by an invisible mark, is seen to be another."""
    return text if re.fullmatch("[!-~]+", text) else json.dumps(text)


def as_json(value: Any) -> str:
    """Return JSON in lines, as safe to look at as `shown` text."""
    lines = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).split("\n")
    return "\n".join(map(shown, lines))


CAPACITIES = (
    "operator, cmo, publisher, producer, distributor, performers organisation, ai developer, registrar, attributor"
)


def explain(found: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return what is proven and what is not, in words, one line each."""
    facts = dict(found)
    proven, unproven = [], []
    if "found" in found:
        facts.update(found["found"], verb="stands" if found["found"]["present"] else "does not stand")
        facts.update({name: exact(facts[name]) for name in ("code", "subject")})
        proven.append("{code} {verb} in {where} of {subject}.")
        if not facts["present"]:
            unproven.append("the absence of the sound: this speaks of an identifier in a published manifest")
    if "fact_id" in found:
        names = dict(enumerate(CAPACITIES.split(", "), 1))
        facts["as"] = names.get(found["capacity"], f"capacity {found['capacity']}")
        facts["claimed"] = time_text(found["claimed_at"], 1_000_000)
        proven.append("The log {origin} recorded this {kind} as entry {index}; its fact id is {fact_id}.")
        proven.append("Organisation {organisation} signed it with key {organisation_key}, as {as}.")
        proven.append("Its claimed time is {claimed}.")
        proven += ["It supersedes fact {supersedes}."] if found["supersedes"] else []
        proven += ["Its document is the one whose digest {digest} was recorded."] if "digest" in found else []
        proven.append("It is unchanged, and part of the log's tree of {size} entries with root {root}.")
        unproven.append("that what it says is true, that its author was entitled to say it, or that it still holds")
        unproven.append("that nothing else was recorded")
    else:
        says, not_says = OTHER_FILES[found["file"]]
        proven.append(says)
        unproven.append(not_says)
    if found["file"] == "cantoria-commit/v1":
        proven += ["The log had {size} entries with root {root} then."] if "root" in found else []
    elif found["file"] == "cantoria-split-view/v1":
        pass  # it speaks against the log, not for it
    elif found["cosigned_by"] is None:
        unproven.append("that everyone is shown the same log: only the log itself vouches for it (self-attested)")
    else:
        facts["names"] = ", ".join(name for name, _ in found["cosigned"])
        facts["moment"] = time_text(found["cosigned_by"], 1)
        proven.append("{names} cosigned the same tree for everyone, a quorum by {moment}: it was logged before.")
        unproven.append("that the witnesses are independent of the log: whom the policy names is up to you")
    return [shown(line.format(**facts)) for line in proven], unproven


OTHER_FILES = {  # what each kind proves, and what not
    TLOG_PROOF: (
        "These bytes are entry {index} of the log {origin}: part of its tree of {size} entries with root {root}.",
        "what the entry means, or that what it says is true",
    ),
    "checkpoint": (
        "The log {origin} signed its tree of {size} entries with root {root}.",
        "anything about one entry: that takes a proof of it",
    ),
    "cantoria-consistency/v1": (
        "The log {origin} grew from {old_size} entries (root {old_root}) to {size} (root {root}); nothing before was"
        " changed or removed.",
        "that what was recorded is true",
    ),
    "cantoria-commit/v1": (
        "The validators of the chain {chain_id} signed block {height} of {time}, {power} votes of {power_total}; the"
        " application hash before it was {app_hash}.",
        "that fewer than a third of the validators work together against you, or that what was recorded is true",
    ),
    "cantoria-split-view/v1": (
        "The log {origin} signed two trees that cannot both be true: {old_size} entries with root {old_root}, and"
        " {size} entries with root {root}.",
        "which of the two is right, or why the log signed both",
    ),
}


def time_text(moment: int, parts: int) -> str:
    """Write UTC microseconds (parts = 1,000,000) or seconds (1) since 1970 as RFC 3339."""
    try:
        when = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=moment * (1_000_000 // parts))
    except OverflowError:
        return str(moment)
    return when.isoformat().replace("+00:00", "Z")


# ---------------------------------------------------------------------------------------------------------------------
# The command line.


def read(path: str, bytes_max: int) -> bytes:
    """Return the bytes of a regular file; a device or a pipe could be endless."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is not a regular file")
        data = file.read(bytes_max + 1)
    if len(data) > bytes_max:
        refuse(f"{path} is larger than {bytes_max} bytes")
    return data


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a proof of a Cantoria ledger, offline.")
    parser.add_argument("file", help="the proof, document, answer, checkpoint or evidence to verify")
    trusted = parser.add_mutually_exclusive_group(required=True)
    trusted.add_argument("--key", metavar="FILE", help="the log's verifier key (log.vkey)")
    trusted.add_argument("--policy", metavar="FILE", help="a C2SP tlog-policy: logs, witnesses and their quorum")
    trusted.add_argument("--validators", metavar="FILE", help="a chain's genesis.json, for a cantoria-commit/v1")
    parser.add_argument("--entry", metavar="FILE", help="the entry that a tlog-proof is about")
    parser.add_argument("--about", metavar="CODE", help="the code asked for, as scheme:value: is the answer about it?")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    try:
        if given.key:
            trust = trust_key(read(given.key, 4096).decode("utf-8", "replace"))
        elif given.policy:
            trust = trust_policy(read(given.policy, POLICY_BYTES_MAX))
        else:
            trust = trust_validators(read(given.validators, GENESIS_BYTES_MAX))
        entry = read(given.entry, BUNDLE_BYTES_MAX) if given.entry else None
    except (OSError, DoesNotHoldError) as error:
        print(f"error: {shown(str(error))}", file=sys.stderr)
        return 2
    try:
        found = verify(read(given.file, FILE_BYTES_MAX), trust, entry)
    except OSError as error:
        print(f"error: {shown(str(error))}", file=sys.stderr)
        return 2
    except DoesNotHoldError as error:
        say_no = {"verified": False, "why": str(error)}
        print(as_json(say_no) if given.json else f"DOES NOT HOLD: {shown(str(error)):.1000}")
        return 3
    proven, unproven = explain(found)
    answered = not given.about or found.get("found", {}).get("code") == given.about
    if given.json:
        fields = {**found, "verified": True, "trust": trust.digest, "proven": proven, "not_proven": unproven}
        print(as_json({**fields, "answers": answered}))
    else:
        kind = "key" if given.key else "policy" if given.policy else "validators"
        print(f"HOLDS under the {kind} with the fingerprint {trust.digest}")
        print("\n".join(["Proven:"] + ["  " + line for line in proven]))
        print("\n".join(["Not proven:"] + ["  " + line for line in unproven]))
        if not answered:
            print(f"It is no answer about {shown(given.about)}.")
    return 0 if answered else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as defect:  # noqa: BLE001 - a fault of this program must not end with 1, "no answer"
        print(f"defect: {type(defect).__name__}: {defect}", file=sys.stderr)
        sys.exit(70)
