"""Files about a log for `vectors/verify`: checkpoints, policies, tlog-proofs, growth, split views; good and broken.

Each broken one differs from a good one in the one thing that its name tells.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from cantoria.ledger import consistency, evidence, merkle
from cantoria.ledger.cosignatures import cosign
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint, sign_note
from cantoria.ledger.proof_text import write_proof
from tools import make_envelope_vectors as envelopes
from tools.verify_world import (
    LOG_KEY,
    MEMBERS,
    NAMES,
    NESTED,
    OPERATOR,
    ORIGIN,
    POLICY,
    SECOND,
    SEEN,
    VKEY,
    Case,
    Tree,
    cosigned,
    seed,
)


def cases() -> Iterator[Case]:
    """Return all cases, by group."""
    _, entries, _ = envelopes.admission()
    log = Tree(entries)
    yield from _checkpoints(log)
    yield from _hostile_keys(log)
    yield from _policies(log)
    yield from _tlog_proofs(log)
    yield from _consistency(log)
    yield from _split_views(log)


def _checkpoints(log: Tree) -> Iterator[Case]:
    size = len(log.entries)
    note, text = log.note(size), log.checkpoint(size).text()
    five, four = log.note(size, by=(0, 1, 2, 3, 4)), log.note(size, by=(0, 1, 2, 3))
    vast = sign_checkpoint(Checkpoint(ORIGIN, 2**63 - 1, bytes(32)), signer=OPERATOR)
    wrong = cosigned(five, by=(5,), text=log.checkpoint(1).text())
    again = five.replace(*_later(text))
    good = [
        ("signed", "A checkpoint under the log's key.", note, VKEY),
        ("empty tree", "A log without entries.", log.note(0), VKEY),
        ("vast tree", "A size that a double cannot hold.", vast, VKEY),
        ("under no quorum", "A policy that asks for no witness.", note, f"log {VKEY}\nquorum none\n"),
        ("five of seven", "Cosigned by the quorum.", five, POLICY),
        ("seven of seven", "Cosigned by all.", log.note(size, by=range(7)), POLICY),
        ("second key", "Signed with another key of the same log.", log.note(size, by=range(5), signer=SECOND), POLICY),
        ("nested groups", "One of two here, two of two there.", log.note(size, by=(1, 2, 3)), NESTED),
        ("one witness", "The quorum is one witness.", log.note(size, by=(3,)), _one("w4")),
        ("cosigned again", "A witness cosigned twice: its later time counts.", again, POLICY),
        ("stranger beside", "A line by somebody unknown.", note + _stranger(text), VKEY),
    ]
    for name, story, data, trust in good:
        yield Case("checkpoints", name, story, data.encode(), trust, True)
    broken = [
        ("four of seven", "One short of the quorum.", four, POLICY),
        ("one group only", "The west is missing.", log.note(size, by=(0, 1)), NESTED),
        ("false cosignature", "A known witness's line is over another tree.", wrong, POLICY),
        ("another log's key", "Signed by nobody trusted.", log.note(size, signer=SECOND), VKEY),
        ("no log", "Cosigned, but the log did not sign.", _unsigned(five), POLICY),
        (
            "another origin",
            "Signed by the key of another name.",
            sign_note(text.replace("log.", "lag."), name=ORIGIN, signer=OPERATOR),
            VKEY,
        ),
        ("line twice", "A signature line stands twice.", note + note[note.rindex("\n\n") + 2 :], VKEY),
        ("further line", "An extension line.", sign_note(text + "more\n", name=ORIGIN, signer=OPERATOR), VKEY),
        (
            "size with zero",
            "A size with a leading zero.",
            sign_note(text.replace(f"\n{size}\n", f"\n0{size}\n"), name=ORIGIN, signer=OPERATOR),
            VKEY,
        ),
        (
            "size beyond 2^63",
            "A size that no tree has.",
            sign_note(text.replace(f"\n{size}\n", f"\n{2**63}\n"), name=ORIGIN, signer=OPERATOR),
            VKEY,
        ),
        (
            "short root",
            "A root of 31 bytes.",
            sign_note(f"{ORIGIN}\n1\n{base64.b64encode(bytes(31)).decode()}\n", name=ORIGIN, signer=OPERATOR),
            VKEY,
        ),
        ("spare bits", "A root in another spelling of base64.", _spare(note), VKEY),
        ("carriage returns", "Lines that end otherwise.", note.replace("\n", "\r\n"), VKEY),
        ("no signature", "A text alone.", text, VKEY),
        ("no final line feed", "The last line is cut off.", note[:-1], VKEY),
        ("dash", "A hyphen for the dash.", note.replace("— ", "- "), VKEY),
        (
            "too many lines",
            "129 signature lines.",
            note + "".join(_stranger(text, number) for number in range(128)),
            VKEY,
        ),
        (
            "too long",
            "More bytes than a note may have.",
            note + "".join(_stranger(text, n, name="x" * 1_400) for n in range(90)),
            VKEY,
        ),
    ]
    for name, story, data, trust in broken:
        yield Case("checkpoints", name, story, data.encode(), trust, False)


def _later(text: str) -> tuple[str, str]:
    """Return the first member's line, and it behind the same member's line of an hour later."""
    key, signer = MEMBERS[0].key, seed(NAMES[0])
    line, later = (cosign(text, name=key.name, signer=signer, time=SEEN + more) for more in (0, 3600))
    return line, later + line


def _one(name: str) -> str:
    member = next(one for one in MEMBERS if one.name == name)
    return f"log {VKEY}\nwitness {name} {member.key.vkey()}\nquorum {name}\n"


def _stranger(text: str, number: int = 0, *, name: str = "stranger.example.org") -> str:
    return cosign(text, name=f"{name}/{number}", signer=seed("stranger"), time=SEEN)


def _unsigned(note: str) -> str:
    head, _, lines = note.rpartition("\n\n")
    return head + "\n\n" + lines.partition("\n")[2]


def _spare(note: str) -> str:
    """Return the note with the last digit of the root's base64 moved within its spare bits."""
    lines = note.split("\n")
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    lines[2] = lines[2][:-2] + digits[digits.index(lines[2][-2]) + 1] + "="
    return "\n".join(lines)


ORDER: Final = 2**252 + 27742317777372353535851937790883648493


def _hostile_keys(log: Tree) -> Iterator[Case]:
    """Signatures that some implementations of Ed25519 accept."""
    text = log.checkpoint(3).text()
    identity = NoteKey(ORIGIN, b"\x01" + bytes(31))
    base_point = b"\x58" + b"\x66" * 31
    forged = _signed_as(text, identity, base_point + (1).to_bytes(32, "little"))
    story = "A key of small order, under which one signature holds for every text."
    yield Case("checkpoints", "key of small order", story, forged, identity.vkey(), False)
    honest = OPERATOR.sign(text.encode())
    larger = (int.from_bytes(honest[32:], "little") + ORDER).to_bytes(32, "little")
    story = "The same signature with its second half larger by the order of the group."
    yield Case("checkpoints", "second signature", story, _signed_as(text, LOG_KEY, honest[:32] + larger), VKEY, False)
    beyond = NoteKey(ORIGIN, (2**255 - 18).to_bytes(32, "little"))
    story = "A key that is written beyond the field."
    signature = base_point + (1).to_bytes(32, "little")
    yield Case("checkpoints", "key beyond", story, _signed_as(text, beyond, signature), beyond.vkey(), False)


def _signed_as(text: str, key: NoteKey, signature: bytes) -> bytes:
    return f"{text}\n— {key.name} {base64.b64encode(key.key_hash + signature).decode()}\n".encode()


def _policies(log: Tree) -> Iterator[Case]:
    """Policies that are refused, whatever the note."""
    note = log.note(3, by=range(7)).encode()
    lines = POLICY.splitlines(keepends=True)
    logs, witnesses, group, quorum = lines[:2], lines[2:9], lines[9], lines[10]
    start = "".join([*logs, *witnesses])
    bad = [
        ("no quorum", start + group),
        ("two quorums", POLICY + quorum),
        ("no log", "".join([*witnesses, group, quorum])),
        ("log twice", logs[0] + POLICY),
        ("witness twice", start + witnesses[0].replace(" w1 ", " w8 ") + group + quorum),
        ("name twice", start + group + "group w1 any w2\n" + quorum),
        ("group before its members", "".join([*logs, group, *witnesses, quorum])),
        ("threshold of none", start + "group members 0 w1 w2\nquorum members\n"),
        ("threshold beyond", start + "group members 3 w1 w2\nquorum members\n"),
        ("member twice", start + "group members 1 w1 w1\nquorum members\n"),
        ("in two groups", start + "group a 1 w1 w2\ngroup b 1 w2 w3\nquorum b\n"),
        ("none as a member", start + "group members 1 none\nquorum members\n"),
        ("unknown quorum", start + "quorum others\n"),
        ("log key as witness", f"log {VKEY}\nwitness w1 {VKEY}\nquorum w1\n"),
        ("witness key as log", f"log {MEMBERS[0].key.vkey()}\nquorum none\n"),
        ("wrong key hash", POLICY.replace(VKEY[:32], VKEY[:31] + ("0" if VKEY[31] != "0" else "1"))),
        ("unknown word", "trust me\n" + POLICY),
        ("word too many", POLICY.replace(quorum, "quorum members please\n")),
        ("carriage return", POLICY.replace("\n", "\r\n")),
        ("cut off", POLICY[:-1]),
    ]
    for name, trust in bad:
        yield Case("policies", name, "The policy cannot be relied on.", note, trust, False)
    remarks = "# a remark\n\n \t \n" + POLICY.replace("group members 5", "\tgroup\tmembers  5")
    yield Case("policies", "spaces and remarks", "Spaces, tabs, empty lines and remarks.", note, remarks, True)


def _tlog_proofs(log: Tree) -> Iterator[Case]:
    size, index = len(log.entries), 6
    entry, path = log.entries[index], log.path(index, size)
    five = log.note(size, by=range(5))

    def proof(**changes: Any) -> bytes:
        parts: dict[str, Any] = {"index": index, "path": path, "note": log.note(size), "extra": b""} | changes
        return write_proof(parts["index"], parts["path"], checkpoint=parts["note"], extra=parts["extra"]).encode()

    far = 2**60 + 1
    siblings = [sha256(b"vectors: sibling %d" % number).digest() for number in range(61)]
    root = merkle.root_from_inclusion(merkle.leaf_hash(entry), far, size=2**61, proof=siblings) or b""
    vast = sign_checkpoint(Checkpoint(ORIGIN, 2**61, root), signer=OPERATOR)
    good = [
        ("entry", "An entry under the log's key.", proof(), VKEY),
        ("cosigned", "The same under a policy.", proof(note=five), POLICY),
        ("extra", "With data that nothing vouches for.", proof(extra=b"beside"), VKEY),
        ("far entry", "An index that a double cannot hold.", proof(index=far, path=siblings, note=vast), VKEY),
    ]
    for name, story, data, trust in good:
        yield Case("tlog-proofs", name, story, data, trust, True, entry)
    story = "It carries its entry as its extra data."
    yield Case("tlog-proofs", "carries its entry", story, proof(extra=entry), VKEY, True)
    yield Case("tlog-proofs", "carries another", "The extra data is no entry.", proof(extra=b"beside"), VKEY, False)
    alone = write_proof(0, [], checkpoint=log.note(1)).encode()
    yield Case("tlog-proofs", "one entry", "A tree of one entry.", alone, VKEY, True, log.entries[0])
    good_text = proof()
    broken = [
        ("another entry", good_text, log.entries[5]),
        ("no entry", good_text, None),
        ("another index", proof(index=7), entry),
        ("short path", proof(path=path[1:]), entry),
        ("long path", proof(path=[*path, bytes(32)]), entry),
        ("index with zero", good_text.replace(b"index 6", b"index 06"), entry),
        ("no index", good_text.replace(b"index 6\n", b""), entry),
        ("empty extra", good_text.replace(b"index 6", b"extra \nindex 6"), entry),
        ("hash is not base64", good_text.replace(b"index 6\n", b"index 6\n*\n"), entry),
        ("another version", good_text.replace(b"@v1", b"@v2"), entry),
        ("far index", proof(index=far - 1, path=siblings, note=vast), entry),
    ]
    for name, data, about in broken:
        yield Case("tlog-proofs", name, "It does not lead from the entry to the root.", data, VKEY, False, about)


def _consistency(log: Tree) -> Iterator[Case]:
    size = len(log.entries)

    def file(old: int, new: int, /, **changes: Any) -> bytes:
        parts = {"old": log.note(old), "new": log.note(new), "proof": log.growth(old, new)} | changes
        return consistency.pack(parts["old"], parts["new"], proof=parts["proof"])

    five = log.note(size, by=range(5))
    for old, new in ((0, size), (1, size), (3, size), (4, size), (8, size), (7, 8), (size, size)):
        name, story = f"{old} to {new}", f"From {old} entries to {new}."
        yield Case("consistency", name, story, file(old, new), VKEY, True)
    story = "An old checkpoint without witnesses becomes the beginning of one with."
    yield Case("consistency", "gains witnesses", story, file(5, size, new=five), POLICY, True)
    other = Tree([*log.entries[:2], b"\x03{}", *log.entries[3:]])
    elsewhere = Tree(log.entries, origin="lag.example.org/vectors")
    broken = [
        ("another history", file(3, size, old=other.note(3)), VKEY),
        ("short proof", file(3, size, proof=log.growth(3, size)[1:]), VKEY),
        ("long proof", file(3, size, proof=[*log.growth(3, size), bytes(32)]), VKEY),
        ("proof where none is needed", file(size, size, proof=[bytes(32)]), VKEY),
        ("shrinks", file(3, size, old=log.note(size), new=log.note(3)), VKEY),
        ("another log", file(3, size, old=elsewhere.note(3)), VKEY),
        ("new without quorum", file(5, size), POLICY),
        ("old by nobody", file(5, size, old=log.note(5, signer=SECOND)), VKEY),
        ("one field more", file(3, size)[:-1] + b',"z":1}', VKEY),
    ]
    for name, data, trust in broken:
        yield Case("consistency", name, "The log is not shown to have only grown.", data, trust, False)


def _split_views(log: Tree) -> Iterator[Case]:
    size = len(log.entries)
    other = Tree([*log.entries[:2], b"\x03{}", *log.entries[3:]])
    same = evidence.contradiction(log.note(size), other.note(size)) or evidence.Evidence("", "")
    yield Case("split-views", "same size", "One size, two roots.", same.pack(), VKEY, True)
    yield Case("split-views", "under a policy", "No quorum is needed to accuse.", same.pack(), POLICY, True)
    for old in (3, 8):
        root, proof = other.checkpoint(old).root, tuple(other.growth(old, size))
        found = evidence.Evidence(log.note(old), other.note(size), root, proof)
        story = "The second tree begins otherwise than the first."
        yield Case("split-views", f"{old} against {size}", story, found.pack(), VKEY, True)
        swapped = replace(found, prefix_root=log.checkpoint(old).root)
        yield Case("split-views", f"{old} wrong root", "The proof is of another tree.", swapped.pack(), VKEY, False)
    honest = evidence.Evidence(log.note(3), log.note(size), log.checkpoint(3).root, tuple(log.growth(3, size)))
    older = evidence.Evidence(other.note(size), log.note(3), bytes(32), ())
    broken = [
        ("honest log", honest.pack()),
        ("one note twice", replace(same, second=same.first).pack()),
        ("wrong order", replace(same, first=same.second, second=same.first).pack()),
        ("larger first", older.pack()),
        ("proof without need", replace(same, prefix_root=bytes(32)).pack()),
        ("proof missing", replace(honest, prefix_root=None).pack()),
        ("by another key", replace(same, second=other.note(size, signer=SECOND)).pack()),
        ("two logs", replace(same, second=Tree(log.entries, origin="lag.example.org/vectors").note(size)).pack()),
    ]
    for name, data in broken:
        yield Case("split-views", name, "It shows nothing against the log.", data, VKEY, False)
