"""Write `vectors/envelope/*.json`: envelopes, batches, governance, admission, checkpoints and bundles, byte for byte.

Run `python -m tools.make_envelope_vectors` after a change of format, and never otherwise: the files are what other
implementations must reproduce. Every key and salt here is public: never use one of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria import ledger
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import batch as batches
from cantoria.ledger import bundle, governance, merkle

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "envelope"
ORIGIN: Final = "log.example.org/vectors"
TIME: Final = 1_795_000_000_000_000
CMO_ONLY: Final = FactType(9002, "cmo-only", frozenset({Capacity.CMO}))
ANY: Final = FactType(9001, "example-said")
TYPES: Final = {one.tag: one for one in (ANY, CMO_ONLY, ledger.BODY_ERASED)}
OPERATOR: Final = sha256(b"vectors: operator").digest()
MEMBER: Final = sha256(b"vectors: member").digest()
OTHER: Final = sha256(b"vectors: other").digest()


def organisation(seed: bytes) -> bytes:
    """Return the made-up organisation id that goes with a seed: a UUIDv7."""
    return bytes.fromhex("0190000000007000") + b"\x80" + seed[:7]


def fact_id(number: int) -> bytes:
    """Return the made-up fact id of a number: a UUIDv7."""
    return bytes.fromhex("01a1ed3d56007000") + (0x80 << 56 | number).to_bytes(8, "big")


def plain(name: str, story: str, **changes: Any) -> dict[str, Any]:
    """Return the inputs of an envelope."""
    number = changes.pop("number")
    inputs = {
        "type": ANY.tag,
        "kind": ANY.name,
        "fact_id": fact_id(number).hex(),
        "organisation": organisation(MEMBER).hex(),
        "capacity": 2,
        "seed": MEMBER.hex(),
        "salt": sha256(b"vectors: salt %d" % number).hexdigest(),
        "subjects": ["rec_01h2xcejqtf2nbrexx3vqjhp41"],
        "body": {"said": number},
        "claimed_at": TIME,
        "supersedes": "00" * 16,
    }
    return {"name": name, "story": story, "input": inputs | changes}


ENVELOPES: Final = (
    plain("plain", "A collecting society says one thing about one recording.", number=1),
    plain("empty", "An empty body about nothing still has its salt.", number=2, body={}, subjects=[]),
    plain(
        "subjects",
        "Subjects are a set: doubled and unordered ones commit as the sorted list.",
        number=3,
        subjects=["work_b", "rec_a", "work_b"],
    ),
    plain("hangul", "Korean and Spanish text is committed to as UTF-8.", number=4, body={"이름": "이수", "año": 1}),
    plain("escapes", "Control characters are escaped as RFC 8785 says.", number=5, body={"t": 'a"\\\n\u0001€'}),
    plain("order", "Keys stand in UTF-16 order, not as they were typed.", number=6, body={"😀": 1, "דּ": 2, "a": 3}),
    plain("largest", "The largest integers of RFC 8785.", number=7, body=[2**53 - 1, 1 - 2**53]),
    plain("correction", "A correction names the fact that it supersedes.", number=8, supersedes=fact_id(1).hex()),
    plain("restricted", "A type that only collecting societies may record.", number=9, type=9002, kind="cmo-only"),
    plain("publisher", "The same organisation speaks as a publisher.", number=10, capacity=3),
    plain("twin", "The same words as `plain` under a fresh salt: nobody can link them.", number=11, body={"said": 1}),
    plain(
        "erasure",
        "A body is erased; the erasure is a fact of its own, type 1.",
        number=12,
        type=1,
        kind="body-erased",
        subjects=[ledger.fact_id_text(fact_id(1))],
        body={"basis": "consent_withdrawn", "target": ledger.fact_id_text(fact_id(1))},
    ),
    plain("epoch", "A claimed time of zero is 1970-01-01.", number=13, claimed_at=0),
)


def draft_of(case: dict[str, Any]) -> ledger.Draft:
    """Return the draft that the inputs of an envelope describe."""
    inputs = case["input"]
    return ledger.Draft(
        FactType(inputs["type"], inputs["kind"]),
        canonical.encode(inputs["body"]),
        tuple(inputs["subjects"]),
        Capacity(inputs["capacity"]),
        inputs["claimed_at"],
        bytes.fromhex(inputs["supersedes"]),
        bytes.fromhex(inputs["fact_id"]),
    )


def author(seed: bytes = MEMBER, **changes: Any) -> ledger.Author:
    """Return the author with this seed."""
    return replace(ledger.Author(organisation(seed), ledger.Ed25519Signer(seed), ORIGIN), **changes)


def seal(cases: Sequence[dict[str, Any]], who: ledger.Author, *, claimed_at: int = TIME) -> ledger.Batch:
    """Return the batch of these cases, with their own salts and ids."""
    salts = b"".join(bytes.fromhex(case["input"]["salt"]) for case in cases)
    noise = {32 * len(cases): salts, 8 * len(cases): bytes(8 * len(cases))}
    ids = ledger.FactIds(noise.__getitem__)
    drafts = [draft_of(case) for case in cases]
    return ledger.seal(drafts, who, ids=ids, entropy=noise.__getitem__, claimed_at=claimed_at)


def envelope_cases() -> list[dict[str, Any]]:
    """Return each envelope with its commitments, bytes and leaf."""
    found = []
    for case in ENVELOPES:
        packed = seal([case], author()).envelopes[0]
        fields = ledger.unpack(packed)
        found.append(
            case
            | {
                "scope_commitment": fields.scope_commitment.hex(),
                "body_commitment": fields.body_commitment.hex(),
                "envelope": packed.hex(),
                "leaf": merkle.leaf_hash(packed).hex(),
            }
        )
    return found


def records() -> list[bytes]:
    """Return the governance entries with which the log of these vectors begins."""
    operator, member = ledger.Ed25519Signer(OPERATOR), ledger.Ed25519Signer(MEMBER)
    changes: list[ledger.Change] = [
        ledger.Genesis(ORIGIN, operator.public_key),
        ledger.AdmitMember(organisation(MEMBER), frozenset({2, 3})),
        ledger.AddKey(organisation(MEMBER), member.public_key),
        ledger.AdmitMember(organisation(OTHER), frozenset({7})),
    ]
    return [
        governance.seal_record(change, sequence=number, origin=ORIGIN, signer=operator)
        for number, change in enumerate(changes)
    ]


def altered(batch: ledger.Batch, at: int, value: bytes) -> ledger.Batch:
    """Return the batch with other bytes in its second envelope, signed again by the member itself."""
    second = batch.envelopes[1]
    envelopes = (batch.envelopes[0], second[:at] + value + second[at + len(value) :])
    return replace(batch, envelopes=envelopes, header=batches.sign_header(envelopes, author(), claimed_at=TIME))


def admission_batches() -> list[tuple[str, str, ledger.Batch]]:
    """Return (name, story, batch): each is offered, in this order, to the log as the admitted ones left it."""
    first = seal(ENVELOPES[:3], author())
    second = seal(ENVELOPES[3:5], author())
    future = TIME + governance.CLAIMED_FUTURE_MAX + 1
    late = ENVELOPES[7] | {"input": ENVELOPES[7]["input"] | {"claimed_at": future}}
    publisher = ENVELOPES[8] | {"input": ENVELOPES[8]["input"] | {"capacity": 3}}
    developer = ENVELOPES[9] | {"input": ENVELOPES[9]["input"] | {"capacity": 7}}
    unregistered = author(signer=ledger.Ed25519Signer(OTHER))
    nobody = author(sha256(b"vectors: nobody").digest())
    elsewhere = author(origin="log.example.org/x")
    return [
        ("admitted", "Three facts by a member, in a good batch.", first),
        ("replayed", "The same batch again: its first fact id is recorded.", first),
        ("malformed", "A header that is one byte short.", replace(second, header=second.header[:-1])),
        ("wrong_count", "Two are counted, one is sent.", replace(second, envelopes=second.envelopes[:1])),
        ("unknown_schema", "A schema version of tomorrow.", _in_header(second, 61, b"\x00\x02")),
        ("unknown_member", "An organisation that nobody admitted.", seal(ENVELOPES[3:4], nobody)),
        ("unknown_key", "A member signs with a key that is not registered.", seal(ENVELOPES[3:4], unregistered)),
        ("bad_signature", "One byte of the signature differs.", _in_header(second, 134, b"\xff")),
        ("other_log", "Signed by the member, but for another log.", seal(ENVELOPES[3:5], elsewhere)),
        ("wrong_root", "Another order than signed.", replace(second, envelopes=second.envelopes[::-1])),
        ("foreign_envelope", "The second names another organisation.", altered(second, 19, organisation(OTHER))),
        ("unknown_type", "The second has a type tag that nobody knows.", altered(second, 1, b"\xff\xff")),
        ("capacity_not_allowed", "A publisher records what only a CMO may.", seal([publisher], author())),
        ("capacity_not_held", "It was not admitted in this capacity.", seal([developer], author())),
        ("replayed_within", "Two facts of one batch share an id.", altered(second, 3, fact_id(4))),
        ("zero_fact_id", "Zeros mean «no fact», so no fact may have them.", altered(second, 3, bytes(16))),
        ("claimed_in_future", "One microsecond more than a day ahead.", seal([ENVELOPES[5], late], author())),
        ("correction", "A correction of the first fact is a new fact.", seal([ENVELOPES[7]], author())),
        ("after_refusals", "What was refused left no trace: this stands right behind.", second),
    ]


def _in_header(batch: ledger.Batch, at: int, value: bytes) -> ledger.Batch:
    header = batch.header[:at] + value + batch.header[at + len(value) :]
    return replace(batch, header=header)


def admission() -> tuple[dict[str, Any], list[bytes], list[ledger.Batch]]:
    """Return the admission vectors, all entries of the log at their end, and the admitted batches."""
    seen: set[bytes] = set()
    machine = ledger.Machine(TYPES, seen=lambda ids: seen.intersection(ids))
    entries: list[bytes] = []
    admitted = []
    for record in records():
        applied = machine.apply(ledger.Block((record,), TIME))
        machine.adopt(applied)
        entries += applied.entries
    cases = []
    for name, story, batch in admission_batches():
        applied = machine.apply(ledger.Block((batch,), TIME))
        machine.adopt(applied)
        seen |= applied.fact_ids
        entries += applied.entries
        result = applied.results[0]
        outcome: dict[str, Any]
        if isinstance(result, ledger.Admitted):
            outcome = {"admitted": True, "index": result.index}
            admitted.append(batch)
        else:
            outcome = {"admitted": False, "reason": result.reason.value, "position": result.position}
        sent = {"header": batch.header.hex(), "envelopes": [one.hex() for one in batch.envelopes]}
        cases.append({"name": name, "story": story, **sent, "result": outcome})
    types = [[tag, one.name, sorted(map(int, one.capacities))] for tag, one in sorted(TYPES.items())]
    return (
        {
            "about": "Offer each batch in turn to a log that begins with these entries, at block time `time`.",
            "time": TIME,
            "types": types,
            "entries": [one.hex() for one in records()],
            "cases": cases,
            "size": machine.size,
            "state": machine.state.digest().hex(),
        },
        entries,
        admitted,
    )


def checkpoint_of(entries: Sequence[bytes]) -> tuple[ledger.Checkpoint, str]:
    """Return the checkpoint over these entries and its note."""
    checkpoint = ledger.Checkpoint(ORIGIN, len(entries), merkle.root_of(merkle.leaf_hashes(entries)))
    return checkpoint, ledger.sign_checkpoint(checkpoint, signer=ledger.Ed25519Signer(OPERATOR))


def checkpoints(entries: Sequence[bytes]) -> dict[str, Any]:
    """Return the notes over growing prefixes of the log."""
    cases = []
    for size in (0, 1, 3, 4, 8, len(entries)):
        checkpoint, note = checkpoint_of(entries[:size])
        cases.append({"size": size, "root": checkpoint.root.hex(), "note": note})
    key = ledger.NoteKey(ORIGIN, ledger.Ed25519Signer(OPERATOR).public_key)
    return {
        "about": "The signed note over the first `size` entries; an Ed25519 signature has one value, so one text.",
        "origin": ORIGIN,
        "seed": OPERATOR.hex(),
        "vkey": key.vkey(),
        "entries": [one.hex() for one in entries],
        "cases": cases,
    }


def bundle_at(entries: Sequence[bytes], batch: ledger.Batch, position: int, *, kind: FactType) -> ledger.Bundle:
    """Return the bundle of the fact at `position` of a batch by `MEMBER` in the log of these entries."""
    rows = [merkle.leaf_hashes(entries)]
    while len(rows[-1]) > 1:
        rows.append(merkle.parents(rows[-1]))
    packed = batch.envelopes[position]
    index = entries.index(packed)
    proof = merkle.inclusion_proof(lambda level, at: rows[level][at], index, size=len(entries))
    return ledger.Bundle(
        kind=kind.name,
        type_tag=kind.tag,
        body=canonical.decode(batch.bodies[position]),
        salt=batch.salts[position],
        envelope=packed,
        header=batch.header,
        key=ledger.Ed25519Signer(MEMBER).public_key,
        position=position,
        path=bundle.batch_path(batch.envelopes, position),
        index=index,
        inclusion_proof=tuple(proof),
        checkpoint=checkpoint_of(entries)[1],
    )


def bundles(entries: Sequence[bytes], admitted: Sequence[ledger.Batch]) -> dict[str, Any]:
    """Return good bundles and broken ones, each with what is wrong."""
    made = [
        bundle_at(entries, batch, position, kind=ANY)
        for batch, position in ((admitted[0], 0), (admitted[0], 2), (admitted[1], 0))
    ]
    good = [{"name": f"entry {one.index}", "file": one.pack().decode()} for one in made]
    first = made[0]
    broken: list[tuple[str, bytes]] = [
        ("another body", replace(first, body={"said": 2}).pack()),
        ("another kind", replace(first, kind="example-sung").pack()),
        ("another salt", replace(first, salt=made[1].salt).pack()),
        ("another fact's envelope", replace(first, envelope=made[1].envelope).pack()),
        ("another index", replace(first, index=first.index + 1).pack()),
        ("another position", replace(first, position=1).pack()),
        ("another public key", replace(first, key=ledger.Ed25519Signer(OTHER).public_key).pack()),
        ("a path that is too short", replace(first, inclusion_proof=first.inclusion_proof[1:]).pack()),
        ("a checkpoint of another size", replace(first, checkpoint=checkpoint_of(entries[:8])[1]).pack()),
        ("not canonical: a space", first.pack().replace(b'"index":', b'"index": ')),
        ("upper-case hex", first.pack().replace(first.salt.hex().encode(), first.salt.hex().upper().encode())),
    ]
    key = ledger.NoteKey(ORIGIN, ledger.Ed25519Signer(OPERATOR).public_key)
    return {
        "about": "`good` verify under `vkey`; each of `broken` must be refused.",
        "vkey": key.vkey(),
        "good": good,
        "broken": [{"why": why, "file": data.decode()} for why, data in broken],
    }


def governance_cases() -> list[dict[str, Any]]:
    """Return the governance entries with their JSON."""
    stories = (
        "The log begins: origin, operator, and a day's tolerance for claimed times.",
        "An organisation is admitted as collecting society and publisher.",
        "Its signing key is registered.",
        "A second organisation is admitted as AI developer, without a key yet.",
    )
    return [
        {"story": story, "json": entry[1:].decode(), "entry": entry.hex(), "leaf": merkle.leaf_hash(entry).hex()}
        for story, entry in zip(stories, records(), strict=True)
    ]


def files() -> dict[str, Any]:
    """Return every file's content by name."""
    admitted_vectors, entries, admitted = admission()
    batch_cases = [
        {
            "origin": ORIGIN,
            "organisation": author().organisation.hex(),
            "seed": MEMBER.hex(),
            "claimed_at": TIME,
            "envelopes": [one.hex() for one in batch.envelopes],
            "root": ledger.unpack_header(batch.header).root.hex(),
            "signed": batches.signed_bytes(batch.header, ORIGIN).hex(),
            "header": batch.header.hex(),
        }
        for batch in admitted
    ]
    return {
        "envelopes.json": {"about": "Each input packs to exactly these 132 bytes.", "cases": envelope_cases()},
        "batches.json": {"about": "Each input is signed to exactly this header.", "cases": batch_cases},
        "governance.json": {"origin": ORIGIN, "seed": OPERATOR.hex(), "cases": governance_cases()},
        "admission.json": admitted_vectors,
        "checkpoints.json": checkpoints(entries),
        "bundles.json": bundles(entries, admitted),
    }


def main() -> int:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (FOLDER / name).write_text(text + "\n", encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
