"""The vectors of spec/manifest.md: heads, leaves, proofs and results come out byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest

from cantoria.clearance import manifest, manifest_proof, relied, results
from cantoria.clearance.manifest_proof import ManifestHead
from cantoria.clearance.results import RowResult
from cantoria.clearance.types import Row
from cantoria.kernel import canonical
from cantoria.kernel.errors import IntegrityError

VECTORS = Path(__file__).parents[3] / "vectors" / "manifest"


def cases(name: str) -> list[Any]:
    return list(json.loads((VECTORS / name).read_text("utf-8"))["cases"])


def rows_of(case: Any) -> list[Row]:
    return [Row(row["line"], tuple(row["codes"]), row["media"]) for row in case["rows"]]


@pytest.mark.parametrize("case", cases("manifests.json"), ids=lambda case: case["name"])
def test_manifests(case: Any) -> None:
    subjects = {int(line): subject for line, subject in case["subjects"].items()}
    built = manifest.build(rows_of(case), secret=bytes.fromhex(case["secret"]), subjects=subjects)
    head = ManifestHead(**case["head"])
    assert built.head == head
    assert built.key_salt.hex() == case["key_salt"]
    assert built.leaves.hex() == "".join(case["leaves"])
    for asked in case["proofs"]:
        data = canonical.encode(asked["proof"])
        assert manifest_proof.encode_proof(built.prove(asked["code"])) == data
        proof = manifest_proof.decode_proof(data)
        manifest_proof.verify_key(proof, code=asked["code"], head=head)
        with pytest.raises(IntegrityError):
            manifest_proof.verify_key(proof, code=asked["code"] + "0", head=head)


@pytest.mark.parametrize("case", cases("results.json"), ids=lambda case: case["name"])
def test_results(case: Any) -> None:
    built = manifest.build(rows_of(case), secret=bytes.fromhex(case["secret"]))
    assert built.row_digests.hex() == "".join(case["row_digests"])
    decided = results.decode_results(case["results_file"].encode())
    assert [[r.line, r.status.value, None if r.reason is None else int(r.reason)] for r in decided] == case["results"]
    assert all(isinstance(result, RowResult) for result in decided)
    assert results.root_of_results(decided, row_digests=built.row_digests).hex() == case["results_root"]
    because = [(line, tuple(statements)) for line, statements in case["because"]]
    assert relied.collect(because).encode() == case["relied_file"].encode()
