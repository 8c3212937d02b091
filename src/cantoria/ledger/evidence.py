"""Evidence that a log showed two faces, `cantoria-split-view/v1`: a file that anyone can check offline.

Canonical JSON (RFC 8785) with exactly these fields:

    format, first, second, consistency

`first` and `second` are checkpoints of one origin, each signed by a key of the log, sizes in rising order. They
contradict each other in one of two ways:

- the same size and another root: `consistency` is null;
- different sizes: `consistency` is {"prefix_root", "proof"}, where `proof` shows, under the root of `second`, that the
  tree of `second` had `prefix_root` at the size of `first`, and that is not the root that `first` was signed with.

Nothing else can explain it than that the log (or whoever holds its key) signed two histories.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.shown import shown
from cantoria.ledger import merkle
from cantoria.ledger.notes import NOTE_BYTES_MAX, Checkpoint, NoteKey, check_signed, parse_checkpoint, split_note
from cantoria.ledger.policy import Policy, pinned

FORMAT: Final = "cantoria-split-view/v1"
EVIDENCE_BYTES_MAX: Final = 3 * NOTE_BYTES_MAX
_PROOF_MAX: Final = 64
_HASH: Final = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two signed notes that contradict each other; where their sizes differ, the root that the second's tree has at
    the size of the first, with its consistency proof."""

    first: str
    second: str
    prefix_root: bytes | None = None
    proof: tuple[bytes, ...] = ()

    def pack(self) -> bytes:
        """Return the file's bytes."""
        consistency = None
        if self.prefix_root is not None:
            consistency = {"prefix_root": self.prefix_root.hex(), "proof": [one.hex() for one in self.proof]}
        return canonical.encode(
            {"format": FORMAT, "first": self.first, "second": self.second, "consistency": consistency}
        )


@dataclass(frozen=True, slots=True)
class SplitView:
    """What verified evidence shows: two checkpoints of one log that cannot both be true, and the keys that signed
    each."""

    first: Checkpoint
    second: Checkpoint
    first_keys: tuple[NoteKey, ...]
    second_keys: tuple[NoteKey, ...]
    prefix_root: bytes | None = None

    def explain(self) -> tuple[str, ...]:
        """Return what is shown, in words, one line each."""
        one, two = self.first, self.second
        lines = (
            f"The log {shown(one.origin)} showed two faces.",
            f"Signed by {_hashes(self.first_keys)}: {one.size} entries with root {one.root.hex()}.",
            f"Signed by {_hashes(self.second_keys)}: {two.size} entries with root {two.root.hex()}.",
        )
        if self.prefix_root is None:
            return (*lines, "One size, two roots: no honest log signs both.")
        return (
            *lines,
            f"In the second tree the first {one.size} entries have the root {self.prefix_root.hex()}, another one.",
        )


def contradiction(one: str, other: str) -> Evidence | None:
    """Return the evidence in two notes of one origin and size with different roots, else None.

    Whether the log signed them is for the caller to know, and for `verify` to check.
    """
    first, second = (parse_checkpoint(split_note(note)[0], extensions=True) for note in (one, other))
    if (first.origin, first.size) != (second.origin, second.size) or first.root == second.root:
        return None
    return Evidence(min(one, other), max(one, other))


def broken_growth(old: str, new: str, *, proof: Sequence[bytes]) -> Evidence | None:
    """Return the evidence in a consistency proof that leads to the root of `new` from another root than that of `old`.

    None when the proof shows no such thing: who sends a wrong proof shows nothing about the log. Where the size of
    `old` is a power of two the proof must begin with the root that the tree of `new` has there.
    """
    first, second = (parse_checkpoint(split_note(note)[0], extensions=True) for note in (old, new))
    if first.origin != second.origin:
        return None
    root = merkle.prefix_root(second.root, old_size=first.size, size=second.size, proof=proof)
    if root is None or root == first.root:
        return None
    return Evidence(old, new, root, tuple(proof[1:]) if _is_power_of_two(first.size) else tuple(proof))


def is_evidence(data: bytes) -> bool:
    """Tell whether a file says that it is evidence; what it is worth, `verify` tells."""
    try:
        fields = canonical.decode(data, size_max=EVIDENCE_BYTES_MAX)
    except InputError:
        return False
    return isinstance(fields, dict) and fields.get("format") == FORMAT


def parse(data: bytes) -> Evidence:
    """Return the parts of the file; anything but its one spelling is an `InputError`."""
    fields = canonical.decode(data, size_max=EVIDENCE_BYTES_MAX)
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        raise InputError(f"this file is not a {FORMAT}", "ask for the evidence again")
    first, second = fields.get("first"), fields.get("second")
    if set(fields) != {"format", "first", "second", "consistency"}:
        raise InputError("the evidence lacks a field or has one too many", "ask for it again")
    if not isinstance(first, str) or not isinstance(second, str):
        raise InputError("the checkpoints of the evidence are not text", "ask for it again")
    consistency = fields["consistency"]
    if consistency is None:
        return Evidence(first, second)
    if not isinstance(consistency, dict) or set(consistency) != {"prefix_root", "proof"}:
        raise InputError("the consistency of the evidence lacks a field or has one too many", "ask for it again")
    proof = consistency["proof"]
    if not isinstance(proof, list) or len(proof) > _PROOF_MAX:
        raise InputError(f"the proof of the evidence is not a list of at most {_PROOF_MAX} hashes", "ask for it again")
    return Evidence(first, second, _hash(consistency["prefix_root"]), tuple(_hash(one) for one in proof))


def verify(data: bytes, *, key: NoteKey | None = None, policy: Policy | None = None) -> SplitView:
    """Return what the evidence shows against the log of the pinned `key`, or against the logs of a `policy`.

    `InputError` when the file is no evidence, `IntegrityError` when it shows nothing against this log.
    """
    evidence = parse(data)
    keys = [log.key for log in pinned(key, policy).logs]
    first, first_keys = _signed(evidence.first, keys)
    second, second_keys = _signed(evidence.second, keys)
    if first.origin != second.origin or first.size > second.size:
        raise _nothing("its checkpoints are of two logs, or in the wrong order")
    if first.size == second.size:
        if first.root == second.root or evidence.prefix_root is not None or evidence.first > evidence.second:
            raise _nothing("its checkpoints agree, or are not in order")
    elif evidence.prefix_root is None or evidence.prefix_root == first.root or not _grows(evidence, first, second):
        raise _nothing("it does not show that the second tree has another beginning")
    return SplitView(first, second, first_keys, second_keys, evidence.prefix_root)


def _grows(evidence: Evidence, first: Checkpoint, second: Checkpoint) -> bool:
    return first.size > 0 and merkle.verify_consistency(
        evidence.prefix_root or b"", second.root, old_size=first.size, size=second.size, proof=evidence.proof
    )


def _signed(note: str, keys: Sequence[NoteKey]) -> tuple[Checkpoint, tuple[NoteKey, ...]]:
    text, lines = split_note(note)
    checkpoint = parse_checkpoint(text, extensions=True)
    own = [key for key in keys if key.name == checkpoint.origin]
    if not own:
        raise _nothing(f"it is about the log {checkpoint.origin!r}, which is not the one pinned")
    return checkpoint, check_signed(text, lines, keys=own)


def _nothing(why: str) -> IntegrityError:
    return IntegrityError(f"the evidence shows nothing: {why}", "do not accuse anyone with it")


def _is_power_of_two(size: int) -> bool:
    return size & (size - 1) == 0


def _hash(value: Any) -> bytes:
    if not isinstance(value, str) or not _HASH.match(value):
        raise InputError("a hash of the evidence is not 32 bytes in lower-case hex", "ask for it again")
    return bytes.fromhex(value)


def _hashes(keys: Sequence[NoteKey]) -> str:
    return ", ".join(f"key {key.key_hash.hex()}" for key in keys)
