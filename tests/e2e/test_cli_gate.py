"""`cantoria gate`: a folder of Parquet files in, what passes and its receipt out, by a snapshot and without a house."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.e2e.shell import run_here
from tests.unit.sdk.gate_worlds import VKEY, code_of, publish_catalogue

from cantoria.ledger.ed25519 import Ed25519Signer

ASKED = (
    "--by",
    "snapshot",
    "--key",
    "log.vkey",
    "--use",
    "train_generative",
    "--licensee",
    "party_1",
    "--in",
    "KR",
    "--cache",
    "cache",
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    now = time.time_ns() // 1000
    publish_catalogue(tmp_path / "snapshot", 6, refused=[3], at=now - 10**6, until=now + 10**12)
    (tmp_path / "log.vkey").write_text(VKEY + "\n")
    (tmp_path / "key.json").write_text(json.dumps({"seed": bytes(range(32)).hex()}))
    (tmp_path / "raw").mkdir()
    table = pa.table({"code": [*(code_of(number) for number in range(1, 8)), None]})
    pq.write_table(table, tmp_path / "raw" / "a.parquet")
    (tmp_path / "raw.csv").write_text(f"isrc\n{code_of(1)}\n{code_of(3)}\n")
    return tmp_path


def test_a_folder_is_filtered_described_and_checked(place: Path) -> None:
    done = run_here(
        *("gate", "filter", "raw", "kept", *ASKED, "--map", "isrc=code"),
        *("--sign-with", "key.json", "--card", "October set"),
        cwd=place,
    )
    assert done.code == 0, done.err
    assert "kept: 8 rows by status" in done.out
    assert "cleared 5" in done.out
    assert "said_no" in done.out
    kept = pq.read_table(place / "kept" / "a.parquet").column("code").to_pylist()
    assert kept == [code_of(number) for number in (1, 2, 4, 5, 6)]
    assert json.loads((place / "kept" / "croissant.json").read_text())["name"] == "October set"
    signer = Ed25519Signer(bytes(range(32))).public_key.hex()
    for receipt in ("kept/cantoria-receipt.json", "kept/a.parquet"):
        checked = run_here("gate", "check", receipt, "--signer", signer, "--key", "log.vkey", cwd=place)
        assert checked.code == 0, checked.err
        assert f"Signed by key {signer}." in checked.out
        assert "The log rights.example.org/log signed its tree" in checked.out


def test_csv_and_json(place: Path) -> None:
    done = run_here("--json", "gate", "filter", "raw.csv", "kept.csv", *ASKED, cwd=place)
    assert done.code == 0, done.err
    assert done.value["statuses"] == {"cleared": 1, "denied": 1, "licensable": 0, "unknown": 0}
    assert done.value["signed"] is False
    assert (place / "kept.csv").read_text() == f"isrc\n{code_of(1)}\n"
    checked = run_here("gate", "check", "kept.csv.receipt.json", cwd=place)
    assert "Unsigned: anybody could have written it." in checked.out


def test_nothing_passed_is_a_no(place: Path) -> None:
    (place / "raw.csv").write_text(f"isrc\n{code_of(3)}\n")
    assert run_here("gate", "filter", "raw.csv", "kept.csv", *ASKED, cwd=place).code == 1


def test_refusals_have_the_exit_code_of_their_kind(place: Path) -> None:
    text = (place / "raw.csv").rename(place / "raw.txt")
    assert run_here("gate", "filter", text.name, "x.txt", *ASKED, cwd=place).code == 2
    assert run_here("gate", "filter", "raw", "kept", *ASKED, "--on-unknown", "raise", cwd=place).code == 2
    assert not list((place / "kept").glob("*"))
    without_key = [one for one in ASKED if one not in ("--key", "log.vkey")]
    assert run_here("gate", "filter", "raw", "kept", *without_key, cwd=place).code == 2
    assert run_here("gate", "check", "raw/a.parquet", cwd=place).code == 2
    shutil.rmtree(place / "cache")  # what was compiled of verified files needs them no more
    (place / "snapshot" / "tables" / "need-000001.parquet").write_bytes(b"PAR1")
    assert run_here("gate", "filter", "raw", "kept", *ASKED, cwd=place).code == 3


def test_a_forged_receipt_does_not_hold(place: Path) -> None:
    run_here("gate", "filter", "raw", "kept", *ASKED, "--map", "isrc=code", "--sign-with", "key.json", cwd=place)
    path = place / "kept" / "cantoria-receipt.json"
    told = json.loads(path.read_text())
    told["name"] = "another"
    path.write_text(json.dumps(told))
    assert run_here("gate", "check", "kept/cantoria-receipt.json", cwd=place).code == 3
