"""Write `vectors/manifest/answers.json`: answers to "was I in it?", each one file under one public key.

Run `python -m tools.make_answer_vectors` after a change of format, and never otherwise.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cantoria import ledger
from cantoria.clearance import manifest
from cantoria.clearance.facts import DatasetCleared
from cantoria.clearance.manifest_answer import encode_answer
from cantoria.clearance.manifest_proof import KeyProof
from cantoria.clearance.types import Row
from cantoria.kernel import canonical
from cantoria.kernel.codec import to_json
from cantoria.kernel.facts import FactType
from cantoria.lineage.facts import TrainingRunStarted
from tools import make_envelope_vectors as envelopes

FILE: Final = Path(__file__).parent.parent / "vectors" / "manifest" / "answers.json"
SECRET: Final = sha256(b"vectors: answers").digest()
ROWS: Final = (Row(1, ("isrc:KRA381900123", "iswc:T0345246801")), Row(2, ("isrc:ESA011900456",)))
CERTIFICATE: Final = "certificate_01h2xcejqtf2nbrexx3vqjhp41"
RUN: Final = "run_01h2xcejqtf2nbrexx3vqjhp42"


def facts() -> tuple[list[bytes], dict[str, bytes]]:
    """Return the entries of a log with a certificate, a run and something else, and the bundle of each by kind."""
    dataset = manifest.build(ROWS, secret=SECRET).head
    cleared = manifest.build(ROWS[:1], secret=SECRET).head
    bodies: list[tuple[FactType, dict[str, Any]]] = [
        (
            DatasetCleared.TYPE,
            {"certificate": CERTIFICATE, "manifest": to_json(dataset), "cleared": to_json(cleared)},
        ),
        (TrainingRunStarted.TYPE, {"run": RUN, "manifest": to_json(cleared)}),
        (envelopes.ANY, {"manifest": to_json(dataset)}),
    ]
    cases = [
        envelopes.plain(kind.name, "", number=number, type=kind.tag, kind=kind.name, body=body)
        for number, (kind, body) in enumerate(bodies, 100)
    ]
    batch = envelopes.seal(cases, envelopes.author())
    entries = [*envelopes.records(), batch.header, *batch.envelopes]
    found = {
        kind.name: envelopes.bundle_at(entries, batch, position, kind=kind).pack()
        for position, (kind, _) in enumerate(bodies)
    }
    return entries, found


def content() -> dict[str, Any]:
    """Return what the file says."""
    dataset, cleared = manifest.build(ROWS, secret=SECRET), manifest.build(ROWS[:1], secret=SECRET)
    _, bundles = facts()
    issued, started, other = bundles["dataset-cleared"], bundles["training-run-started"], bundles["example-said"]
    present = dataset.prove("isrc:ESA011900456")
    cases: list[tuple[str, KeyProof, bytes]] = [
        ("A recording stands in the dataset of a certificate.", present, issued),
        ("It does not stand among the rows that were cleared.", cleared.prove("isrc:ESA011900456"), issued),
        ("A work stands in the rows of a training run.", cleared.prove("iswc:T0345246801"), started),
        ("A stranger's recording stands nowhere.", dataset.prove("isrc:USUG12400910"), issued),
    ]
    good = [{"story": story, "file": encode_answer(proof, bundle=fact).decode()} for story, proof, fact in cases]
    absent = canonical.decode(good[3]["file"].encode())
    renamed = {**absent, "answer": {**absent["answer"], "absence": {**absent["answer"]["absence"], "code": "isrc:X"}}}
    elsewhere = manifest.build(ROWS, secret=sha256(b"vectors: another secret").digest()).prove("isrc:ESA011900456")
    broken = [
        ("of a fact that publishes no manifest", encode_answer(present, bundle=other)),
        ("of another manifest than the run's", encode_answer(present, bundle=started)),
        ("of the same rows under another salt", encode_answer(elsewhere, bundle=issued)),
        ("the code changed, so that the digest no longer fits", canonical.encode(renamed)),
        ("without digest", canonical.encode({key: absent[key] for key in ("answer", "format", "proof")})),
    ]
    key = ledger.NoteKey(envelopes.ORIGIN, ledger.Ed25519Signer(envelopes.OPERATOR).public_key)
    return {
        "about": "`good` verify under `vkey`, and no byte of them can change; each of `broken` must be refused.",
        "vkey": key.vkey(),
        "good": good,
        "broken": [{"why": why, "file": data.decode()} for why, data in broken],
    }


def main() -> int:
    """Write the file."""
    FILE.write_text(json.dumps(content(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {FILE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
