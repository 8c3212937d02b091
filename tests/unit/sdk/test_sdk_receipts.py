"""Receipts, Croissant and cards: what was kept and on what ground, checked by others' tools and by our own."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from tests.unit.sdk.gate_worlds import CODES, KEPT, gate

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.sdk import croissant, receipts
from cantoria.sdk.croissant import Card
from cantoria.sdk.receipts import Seal, verify_receipt

SIGNER = Ed25519Signer(bytes(range(32)))
ROWS = [(f"isrc:{code}",) for code in KEPT]


def receipt(*, seal: Seal | None = None, codes: list[Any] = CODES) -> dict[str, Any]:
    return receipts.of_rows(gate(), pa.table({"isrc": codes}), name="test", seal=seal)


@pytest.fixture
def signed() -> dict[str, Any]:
    return receipt(seal=Seal(SIGNER))


def test_a_signed_receipt_holds_and_names_its_signer(signed: dict[str, Any]) -> None:
    for data in (signed, json.dumps(signed), json.dumps(signed, indent=2).encode()):
        found = verify_receipt(data, key=SIGNER.public_key, rows=ROWS)
        assert found.signed_by == SIGNER.public_key.hex()
        assert found.rows
    assert signed["counts"] == {"cleared": 2, "denied": 1, "licensable": 1, "unknown": 4}
    assert signed["kept"]["rows"] == 2
    lines = found.explain()
    assert lines[0].startswith("Signed by key")
    assert any("Not proven" in line for line in lines)


def test_an_unsigned_receipt_says_so() -> None:
    found = verify_receipt(receipt())
    assert found.signed_by == ""
    assert found.explain()[0] == "Unsigned: anybody could have written it."
    with pytest.raises(IntegrityError, match="unsigned"):
        verify_receipt(receipt(), key=SIGNER.public_key)


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key in value for found in paths_of(value[key], (*path, key))]
    return [path]


def test_no_part_of_a_signed_receipt_can_change(signed: dict[str, Any]) -> None:
    for path in paths_of(signed):
        forged = copy.deepcopy(signed)
        place = forged
        for key in path[:-1]:
            place = place[key]
        old = place[path[-1]]
        place[path[-1]] = old + 1 if isinstance(old, int) else old + "0"
        with pytest.raises((InputError, IntegrityError)):
            verify_receipt(forged)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b"\xff", b'{"format":"cantoria-gate-receipt/v1"}', b"[" * 100_000]
)
def test_what_is_no_receipt_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        verify_receipt(data)


@pytest.mark.parametrize("name", ["size", "request", "kept", "counts", "reasons", "name", "signature"])
def test_a_part_of_another_kind_is_refused(name: str) -> None:
    for value in (None, "x", [1], {"x": "y"}):
        forged = {**receipt(), name: value}
        if (value is None and name == "signature") or (value == "x" and name == "name"):
            continue
        if name == "request" and isinstance(value, dict):
            continue
        with pytest.raises((InputError, IntegrityError)):
            verify_receipt(forged)


def test_counts_must_add_up() -> None:
    for changed in (
        {"counts": {"cleared": 3}},
        {"reasons": {"silent": 9}},
        {"kept": {"rows": 1, "root": "", "block": 1}},
    ):
        with pytest.raises(IntegrityError):
            verify_receipt({**receipt(), **changed})


def test_other_rows_are_not_those_kept(signed: dict[str, Any]) -> None:
    for rows in ([], ROWS[:1], ROWS[::-1], [*ROWS, ("isrc:KRA381900002",)], [*ROWS[:1], ("isrc:KRA381900002",)]):
        with pytest.raises(IntegrityError, match="not the rows"):
            verify_receipt(signed, rows=rows)


def test_rows_are_bound_in_blocks() -> None:
    codes = ["KRA381900001", "KRA381900005"] * 2_000
    made = receipt(codes=codes)
    rows = [(f"isrc:{code}",) for code in codes]
    assert verify_receipt(made, rows=rows).rows
    rows[3_000] = ("isrc:KRA381900099",)
    with pytest.raises(IntegrityError):
        verify_receipt(made, rows=rows)


def test_key_files(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps({"name": "sonara", "seed": bytes(range(32)).hex()}))
    assert Seal.of_file(path).signer.public_key == SIGNER.public_key
    for text in ("", "{}", '{"seed": "00"}', '{"seed": "zz"}', "[]", '{"seed": 7}'):
        path.write_text(text)
        with pytest.raises(InputError):
            Seal.of_file(path)
    with pytest.raises(InputError):
        Seal.of_file(tmp_path / "absent")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    table = pa.table(
        {
            "isrc": CODES,
            "n": range(8),
            "moods": pa.array([["calm"]] * 8),
            "loud": [0.5] * 8,
            "vocal": [True] * 8,
            "sound": [b"x"] * 8,
        }
    )
    pq.write_table(table, tmp_path / "in" / "a.parquet")
    gate().parquet(tmp_path / "in", tmp_path / "out", seal=Seal(SIGNER))
    return tmp_path / "out"


def test_receipts_in_parquet_and_beside_it(folder: Path) -> None:
    inside = pq.read_metadata(folder / "a.parquet").metadata[b"cantoria_receipt"]
    beside = (folder / "cantoria-receipt.json").read_bytes()
    for data in (inside, beside):
        assert verify_receipt(data, key=SIGNER.public_key, rows=ROWS).rows


def card(folder: Path, **options: str) -> tuple[dict[str, Any], str]:
    told = json.loads((folder / "cantoria-receipt.json").read_text())
    options = {"name": "October set", "license": "https://example.org/terms", **options}
    first, second = croissant.write(folder, receipt=told, card=Card(**options))
    return json.loads(first.read_text()), second.read_text()


@pytest.mark.filterwarnings("default")
def test_croissant_is_valid_and_can_be_read(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    import mlcroissant

    document, _ = card(
        folder, url="https://example.org/set", creator="Sonara", cite_as="Sonara 2026", derived_from="urn:example:raw"
    )
    assert document["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    rows = list(dataset.records("rows/a.parquet"))
    assert [row["rows/a.parquet/isrc"].decode() for row in rows] == KEPT
    assert [row["rows/a.parquet/n"] for row in rows] == [0, 4]
    assert "not standard" not in caplog.text


def test_usage_and_provenance_repeat_the_receipt(folder: Path) -> None:
    document, _ = card(folder, derived_from="urn:example:raw")
    told = json.loads((folder / "cantoria-receipt.json").read_text())
    usage = document["usageInfo"]
    assert usage["@type"] == "odrl:Set"
    [permission] = usage["odrl:permission"]
    assert permission["odrl:action"] == {"@id": "urn:cantoria:use:" + told["request"].get("use", "")}
    assert document["prov:wasDerivedFrom"] == {"@id": "urn:example:raw"}
    assert document["prov:wasGeneratedBy"]["prov:used"] == {"@id": f"urn:cantoria:{told['snapshot']}"}


def test_what_was_promised_is_a_duty() -> None:
    asked = {"use": "advertise", "attribution": True, "label": True, "campaign": "spring", "licensee": "party_ai"}
    asked["offer"] = {"currency": "EUR", "amount": "0.05"}
    told = {"request": asked, "until": 0}
    [permission] = croissant.usage_info(told)["odrl:permission"]
    actions = [duty["odrl:action"]["@id"] for duty in permission["odrl:duty"]]
    assert actions == ["odrl:attribute", "urn:cantoria:use:label", "odrl:compensate"]
    [pay] = permission["odrl:duty"][2]["odrl:constraint"]
    assert (pay["odrl:rightOperand"], pay["odrl:unit"]["@id"]) == ("0.05", "urn:iso:std:iso:4217:EUR")
    assert "spring" in [limit["odrl:rightOperand"] for limit in permission["odrl:constraint"]]


def test_files_that_the_gate_did_not_write_are_not_vouched_for(folder: Path, tmp_path: Path) -> None:
    pq.write_table(pq.read_table(folder / "a.parquet").replace_schema_metadata(None), folder / "older.parquet")
    with pytest.raises(IntegrityError, match="4 rows, the receipt tells of 2"):
        card(folder)
    (folder / "older.parquet").rename(folder / "a.parquet")
    card(folder)
    gate().with_revocations(["isrc:x"]).parquet(tmp_path / "in" / "a.parquet", folder / "a.parquet")
    (folder / "a.parquet.receipt.json").unlink()
    with pytest.raises(IntegrityError, match="another run"):
        card(folder)


def test_the_card_has_front_matter_that_yaml_reads(folder: Path) -> None:
    name = 'Quoted "set": # [x]\n---\nlicense: mit'
    _, text = card(folder, name=name, description="**bold** `code`")
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    assert match is not None
    front = yaml.safe_load(match[1])
    assert front["pretty_name"] == name
    assert front["license"] == "other"
    assert front["cantoria"]["kept"] == 2
    assert front["cantoria"]["signed"] is True
    assert "| denied | 1 |" in text
    assert "**bold**" not in text


def test_a_card_that_a_person_wrote_stays(folder: Path) -> None:
    card(folder)
    card(folder)  # our own is written anew
    (folder / "README.md").write_text("# My dataset\n")
    with pytest.raises(InputError, match="already"):
        card(folder)
    assert (folder / "README.md").read_text() == "# My dataset\n"


def test_a_card_needs_files_and_a_receipt_that_holds(folder: Path, tmp_path: Path) -> None:
    told = json.loads((folder / "cantoria-receipt.json").read_text())
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        croissant.write(tmp_path / "empty", receipt=told, card=Card(name="x"))
    told["size"] += 1
    with pytest.raises(IntegrityError):
        croissant.write(folder, receipt=told, card=Card(name="x"))
