"""The published vectors of witnesses: the tool writes these very files, and the daemon answers as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tools import make_witness_vectors

from cantoria.adapters.witness_store import WitnessStore
from cantoria.kernel.errors import InputError
from cantoria.ledger import evidence
from cantoria.ledger.cosignatures import cosign, cosigned_bytes, cosigner_key
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.witnessing import Status, read_request

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "vectors" / "witness"


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content


def test_the_tool_writes_these_very_files() -> None:
    for name, content in make_witness_vectors.contents().items():
        assert content == load(name), name


@pytest.mark.parametrize("case", load("cosignatures.json")["cases"])
def test_cosignatures(case: dict[str, Any]) -> None:
    content = load("cosignatures.json")
    signer = Ed25519Signer(bytes.fromhex(content["seed"]))
    assert cosigner_key(content["name"], public_key=signer.public_key).vkey() == content["vkey"]
    time = int(case["time"])
    assert cosigned_bytes(case["text"], time=time).decode() == case["signed"]
    assert cosign(case["text"], name=content["name"], signer=signer, time=time) == case["line"]


def test_the_daemons_memory_answers_the_same(tmp_path: Path) -> None:
    content = load("requests.json")
    key, signer = parse_vkey(content["vkey"]), Ed25519Signer(bytes.fromhex(content["seed"]))
    name = content["witness"].partition("+")[0]
    store = WitnessStore(tmp_path / "witness.db", new=True)
    seen = set()
    for case in content["cases"]:
        seen.add(case["status"])
        try:
            asked = read_request(case["body"].encode())
        except InputError:
            assert case["status"] == 400, case["story"]
            continue
        decision, line = store.consider(
            asked,
            keys=[key] if asked.checkpoint.origin == key.name else [],
            cosign=lambda text, at: cosign(text, name=name, signer=signer, time=at),
            now=lambda: content["time"],
        )
        assert (decision.status, line) == (case["status"], case.get("line", "")), case["story"]
        assert case.get("size") == (None if decision.known_size is None else f"{decision.known_size}\n")
        assert (decision.evidence is not None) == ("evidence" in case), case["story"]
        if "evidence" in case:
            shown = evidence.verify(case["evidence"].encode(), key=key)
            assert evidence.verify(decision.evidence.pack(), key=key) == shown
    assert seen == {int(status) for status in Status}
    store.close()


def test_the_spec_has_the_statuses_and_the_example_of_the_vectors() -> None:
    page = (ROOT / "spec" / "witness.md").read_text(encoding="utf-8")
    for status in Status:
        assert f"| {int(status)} |" in page
    grown = load("requests.json")["cases"][3]
    example = page.split("## Example")[1].split("## ")[0]
    lines = [line.strip() for line in example.split("\n") if line.startswith("    ")]
    assert lines == [line for line in f"{grown['body']}{grown['line']}".split("\n") if line]
