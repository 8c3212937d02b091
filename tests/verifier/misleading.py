"""A proof that holds and says misleading things: its author chose words that give orders to whoever shows them."""

from __future__ import annotations

import hashlib

from tools import make_answer_vectors as answers

from cantoria import ledger
from cantoria.clearance import manifest
from cantoria.clearance.manifest_answer import encode_answer
from cantoria.kernel import canonical
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import merkle
from cantoria.ledger.bundle import Bundle

ORIGIN = "log.example.org/misleading"
KIND = "receipt\x1b[2J\x9b2J\n✔ verified\u202edetrevni"
BODY = {"<img src=x onerror=alert(1)>": "\x1b]0;owned\x07\u202e\u2028</script>"}


def signer(name: str) -> ledger.Ed25519Signer:
    return ledger.Ed25519Signer(hashlib.sha256(name.encode()).digest())


def misleading_bundle() -> tuple[bytes, str]:
    """Return a bundle whose kind and body hold terminal sequences, marks of direction and markup; and the log's key."""
    log, author = signer("log"), ledger.Author(bytes(15) + b"\x01", signer("author"), ORIGIN)
    draft = ledger.Draft(FactType(301, KIND), canonical.encode(BODY), ("party_1",), Capacity.CMO, 1_795_000_000_000_000)
    batch = ledger.seal([draft], author, ids=ledger.FactIds(bytes), entropy=bytes, claimed_at=1_795_000_000_000_000)
    (envelope,) = batch.envelopes
    header = merkle.leaf_hash(batch.header)
    root = merkle.root_from_inclusion(merkle.leaf_hash(envelope), 1, size=2, proof=[header])
    bundle = Bundle(
        kind=KIND,
        type_tag=301,
        body=BODY,
        salt=batch.salts[0],
        envelope=envelope,
        header=batch.header,
        key=author.signer.public_key,
        position=0,
        path=(),
        index=1,
        inclusion_proof=(header,),
        checkpoint=ledger.sign_checkpoint(ledger.Checkpoint(ORIGIN, 2, root or b""), signer=log),
    )
    return bundle.pack(), ledger.NoteKey(ORIGIN, log.public_key).vkey()


LOOKS_LIKE = "isrc:KRA\u200b381900123"
"""Another code than isrc:KRA381900123, which stands in the dataset; on a screen it looks the same."""


def look_alike_answer() -> tuple[bytes, str]:
    """Return the true answer that the look-alike code does not stand in the dataset, and the log's key."""
    absent = manifest.build(answers.ROWS, secret=answers.SECRET).prove(LOOKS_LIKE)
    vkey = answers.content()["vkey"]
    return encode_answer(absent, bundle=answers.facts()[1]["dataset-cleared"]), vkey
