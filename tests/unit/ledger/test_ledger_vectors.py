"""The published vectors are reproduced from their inputs, byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cantoria import ledger
from cantoria.kernel import canonical
from cantoria.kernel.errors import CantoriaError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import batch as batches
from cantoria.ledger import merkle
from cantoria.ledger.governance import read_record, seal_record
from cantoria.sdk.verify import verify_bundle

FOLDER = Path(__file__).parents[3] / "vectors" / "envelope"


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content


ENVELOPES = load("envelopes.json")["cases"]
ADMISSION = load("admission.json")
BUNDLES = load("bundles.json")


def test_there_are_enough_vectors() -> None:
    assert len(ENVELOPES) >= 10
    refused = {case["result"]["reason"] for case in ADMISSION["cases"] if not case["result"]["admitted"]}
    assert len(refused) >= 12
    assert all(case["story"] for case in (*ENVELOPES, *ADMISSION["cases"]))


@pytest.mark.parametrize("case", ENVELOPES, ids=[case["name"] for case in ENVELOPES])
def test_envelopes(case: dict[str, Any]) -> None:
    inputs = case["input"]
    one = FactType(inputs["type"], inputs["kind"])
    salt = bytes.fromhex(inputs["salt"])
    body = canonical.encode(inputs["body"])
    packed = ledger.Envelope(
        type_tag=one.tag,
        fact_id=bytes.fromhex(inputs["fact_id"]),
        organisation=bytes.fromhex(inputs["organisation"]),
        capacity=inputs["capacity"],
        key_id=ledger.key_id(ledger.Ed25519Signer(bytes.fromhex(inputs["seed"])).public_key),
        scope_commitment=ledger.scope_commitment(one, salt, subjects=inputs["subjects"]),
        body_commitment=ledger.body_commitment(one, salt, body=body),
        claimed_at=inputs["claimed_at"],
        supersedes=bytes.fromhex(inputs["supersedes"]),
    )
    assert packed.scope_commitment.hex() == case["scope_commitment"]
    assert packed.body_commitment.hex() == case["body_commitment"]
    assert packed.pack().hex() == case["envelope"]
    assert merkle.leaf_hash(packed.pack()).hex() == case["leaf"]


@pytest.mark.parametrize("case", load("batches.json")["cases"])
def test_batches(case: dict[str, Any]) -> None:
    signer = ledger.Ed25519Signer(bytes.fromhex(case["seed"]))
    author = ledger.Author(bytes.fromhex(case["organisation"]), signer, case["origin"])
    envelopes = [bytes.fromhex(one) for one in case["envelopes"]]
    header = batches.sign_header(envelopes, author, claimed_at=case["claimed_at"])
    assert header.hex() == case["header"]
    assert ledger.unpack_header(header).root.hex() == case["root"]
    assert batches.signed_bytes(header, case["origin"]).hex() == case["signed"]


def test_governance() -> None:
    content = load("governance.json")
    signer = ledger.Ed25519Signer(bytes.fromhex(content["seed"]))
    for number, case in enumerate(content["cases"]):
        entry = bytes.fromhex(case["entry"])
        assert entry == b"\x03" + case["json"].encode()
        record = read_record(entry)
        assert record.sequence == number
        again = seal_record(record.change, sequence=number, origin=content["origin"], signer=signer)
        assert again == entry
        assert merkle.leaf_hash(entry).hex() == case["leaf"]


def test_admission() -> None:
    types = {tag: FactType(tag, name, frozenset(map(Capacity, held))) for tag, name, held in ADMISSION["types"]}
    seen: set[bytes] = set()
    machine = ledger.Machine(types, seen=lambda ids: seen.intersection(ids))
    for entry in ADMISSION["entries"]:
        machine.adopt(machine.apply(ledger.Block((bytes.fromhex(entry),), ADMISSION["time"])))
    for case in ADMISSION["cases"]:
        envelopes = tuple(bytes.fromhex(one) for one in case["envelopes"])
        batch = ledger.Batch(bytes.fromhex(case["header"]), envelopes)
        applied = machine.apply(ledger.Block((batch,), ADMISSION["time"]))
        machine.adopt(applied)
        seen |= applied.fact_ids
        result = applied.results[0]
        expected = case["result"]
        if isinstance(result, ledger.Admitted):
            assert expected == {"admitted": True, "index": result.index}, case["name"]
        else:
            found = {"admitted": False, "reason": result.reason.value, "position": result.position}
            assert expected == found, case["name"]
    assert machine.size == ADMISSION["size"]
    assert machine.state.digest().hex() == ADMISSION["state"]


def test_checkpoints() -> None:
    content = load("checkpoints.json")
    signer = ledger.Ed25519Signer(bytes.fromhex(content["seed"]))
    leaves = merkle.leaf_hashes([bytes.fromhex(one) for one in content["entries"]])
    assert ledger.NoteKey(content["origin"], signer.public_key).vkey() == content["vkey"]
    for case in content["cases"]:
        root = merkle.root_of(leaves[: case["size"]])
        assert root.hex() == case["root"]
        checkpoint = ledger.Checkpoint(content["origin"], case["size"], root)
        assert ledger.sign_checkpoint(checkpoint, signer=signer) == case["note"]
        assert ledger.open_checkpoint(case["note"], key=ledger.parse_vkey(content["vkey"])) == checkpoint


@pytest.mark.parametrize("case", BUNDLES["good"], ids=[case["name"] for case in BUNDLES["good"]])
def test_good_bundles(case: dict[str, Any]) -> None:
    verified = verify_bundle(case["file"].encode(), vkey=BUNDLES["vkey"])
    assert case["name"] == f"entry {verified.index}"


@pytest.mark.parametrize("case", BUNDLES["broken"], ids=[case["why"] for case in BUNDLES["broken"]])
def test_broken_bundles(case: dict[str, Any]) -> None:
    with pytest.raises(CantoriaError):
        verify_bundle(case["file"].encode(), vkey=BUNDLES["vkey"])


def test_the_tool_writes_these_very_files() -> None:
    from tools import make_envelope_vectors

    for name, content in make_envelope_vectors.files().items():
        assert content == load(name), name


def test_the_example_of_the_spec_is_the_first_vector() -> None:
    page = (FOLDER.parents[1] / "spec" / "envelope.md").read_text(encoding="utf-8")
    example = page.split("## Example")[1].split("## Entries")[0]
    lines = [line.split()[0] for line in example.split("\n") if line.startswith("    ")]
    assert "".join(lines) == ENVELOPES[0]["envelope"]


def test_the_spec_names_every_reason() -> None:
    spec = FOLDER.parents[1] / "spec"
    page = "".join((spec / name).read_text(encoding="utf-8") for name in ("envelope.md", "governance.md"))
    assert [reason for reason in ledger.Reason if f"`{reason.value}`" not in page] == []
