"""The published vectors of governance: attestations, packed items, and a council's story, item by item."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cantoria import ledger
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import Batch, merkle, replay

FOLDER = Path(__file__).parents[3] / "vectors" / "governance"


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content


COUNCIL = load("council.json")
ITEMS = load("items.json")
TYPES = {tag: FactType(tag, name, frozenset(map(Capacity, held))) for tag, name, held in COUNCIL["types"]}


def test_the_story_is_whole() -> None:
    refused = {case["result"]["reason"] for case in COUNCIL["cases"] if not case["result"]["admitted"]}
    assert len(refused) >= 20
    assert {one[0] for one in COUNCIL["decisions"].values()} == {"passed", "without_effect", "rejected", "withdrawn"}
    assert all(case["story"] for case in COUNCIL["cases"])


def test_attestations() -> None:
    """Laid out and signed by hand, with another implementation of Ed25519."""
    content = load("attestations.json")
    header = bytes.fromhex(content["header"])
    subject = sha256(b"\x00" + header).digest()
    assert subject.hex() == content["subject"]
    for case in content["cases"]:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(case["seed"]))
        public_key = key.public_key().public_bytes_raw()
        fields = (
            bytes([4, case["purpose"]]),
            bytes.fromhex(case["organisation"]),
            sha256(public_key).digest()[:8],
            subject,
            case["claimed_at"].to_bytes(8, "big"),
        )
        signed = b"cantoria/attestation/v1\x00" + sha256(content["origin"].encode()).digest() + b"".join(fields)
        assert signed.hex() == case["signed"]
        data = b"".join(fields) + key.sign(signed)
        assert data.hex() == case["attestation"]
        assert sha256(b"\x00" + data).hexdigest() == case["leaf"]
        author = ledger.Author(fields[1], ledger.Ed25519Signer(bytes.fromhex(case["seed"])), content["origin"])
        purpose = ledger.Purpose(case["purpose"])
        assert ledger.attest(header, author, purpose=purpose, claimed_at=case["claimed_at"]) == data


@pytest.mark.parametrize("case", ITEMS["good"], ids=[case["name"] for case in ITEMS["good"]])
def test_good_items(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["item"])
    item = ledger.unpack_item(data)
    entries = [*item.attestations, item.header, *item.envelopes] if isinstance(item, Batch) else [item]
    assert [one.hex() for one in entries] == case["entries"]
    assert ledger.pack_item(item) == data


@pytest.mark.parametrize("case", ITEMS["bad"], ids=[case["why"] for case in ITEMS["bad"]])
def test_bad_items(case: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ledger.unpack_item(bytes.fromhex(case["item"]))


def test_the_council() -> None:
    seen: set[bytes] = set()
    machine = ledger.Machine(TYPES, seen=lambda ids: seen.intersection(ids))
    entries: list[bytes] = []
    for case in COUNCIL["cases"]:
        item = ledger.unpack_item(bytes.fromhex(case["item"]))
        applied = machine.apply(ledger.Block((item,), case["time"]))
        machine.adopt(applied)
        seen |= applied.fact_ids
        entries += applied.entries
        result = applied.results[0]
        if isinstance(result, ledger.Admitted):
            assert case["result"] == {"admitted": True, "index": result.index}, case["name"]
        else:
            found = {"admitted": False, "reason": result.reason.value, "position": result.position}
            assert case["result"] == found, case["name"]
        assert (machine.size, machine.state.digest().hex()) == (case["size"], case["state"]), case["name"]
    assert [one.hex() for one in entries] == COUNCIL["entries"]
    assert merkle.root_of(merkle.leaf_hashes(entries)).hex() == COUNCIL["root"]
    replayed = replay.replay(entries, types=TYPES)
    assert replayed.state.digest().hex() == COUNCIL["cases"][-1]["state"]
    decisions = {
        one.hex(): [decision.outcome.value, decision.proposed_at, decision.decided_at, decision.reason]
        for one, decision in replayed.state.decisions.items()
    }
    assert decisions == COUNCIL["decisions"]


def test_members_records_are_signed_as_the_spec_says() -> None:
    """Read from JSON alone, verified with another implementation of Ed25519."""
    public_keys = {
        sha256(key).digest()[:8].hex(): key
        for key in (
            Ed25519PrivateKey.from_private_bytes(bytes.fromhex(one)).public_key().public_bytes_raw()
            for one in COUNCIL["seeds"].values()
        )
    }
    found = 0
    for entry in map(bytes.fromhex, COUNCIL["entries"]):
        if entry[0] != 3 or b'"by_member"' not in entry:
            continue
        fields = json.loads(entry[1:])
        assert set(fields) == {"kind", "organisation", "key_id", "change", "signature"}
        if fields["key_id"] in public_keys:
            signature = bytes.fromhex(fields.pop("signature"))
            origin = sha256(COUNCIL["origin"].encode()).digest()
            signed = b"cantoria/governance/v1\x00" + origin + canonical.encode(fields)
            Ed25519PublicKey.from_public_bytes(public_keys[fields["key_id"]]).verify(signature, signed)
            found += 1
    assert found > 25


def test_the_example_of_the_spec_is_a_vector() -> None:
    page = (FOLDER.parents[1] / "spec" / "governance.md").read_text(encoding="utf-8")
    lines = page.split("## Example")[1].split("## Records")[0].split("\n")
    record = "".join(line.strip() for line in lines if line.startswith("    "))
    proposal = next(case for case in COUNCIL["cases"] if case["name"] == "proposal")
    assert record == "03" + bytes.fromhex(proposal["item"])[1:].decode()


def test_the_tool_writes_these_very_files() -> None:
    from tools import make_governance_vectors

    for name, content in make_governance_vectors.files().items():
        assert json.loads(json.dumps(content)) == load(name), name
