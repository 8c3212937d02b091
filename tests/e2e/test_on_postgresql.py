"""The same commands with the ledger in a real PostgreSQL: record, read back, prove, verify, erase."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.shell import TABLES, Done, good, run_here


def test_a_house_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text)

    def run(*args: object) -> Done:
        return good(run_here(*args, cwd=tmp_path))

    run("ledger", "init", "--origin", "rights.example.org/log", "--store", postgres_url)
    run("organisation", "admit", "authors", "--in", "cmo", "--in", "registrar", "--title", "Authors' Society")
    run("--as", "authors", "import", "csv", "parties.csv", "works.csv", "recordings.csv", "shares.csv")
    run("--as", "authors", "party", "enrol", "own:AUTHORS:ADA")
    said = run(
        *("--json", "--as", "authors", "consent", "say", "no", "--party", "own:AUTHORS:ADA"), *("--use", "training")
    ).value
    status = run("--json", "ledger", "status").value
    assert status["facts"]["statement-made"] == 1
    assert not (tmp_path / "world" / "ledger.db").exists()

    run("proof", "make", said["fact_id"], "--to", "receipt.json")
    assert json.loads((tmp_path / "receipt.json").read_text())["kind"] == "statement-made"
    run("proof", "verify", "receipt.json", "--key", "world/log.vkey")

    run("--as", "authors", "ledger", "erase", said["fact_id"], "--basis", "objection")
    after = run("--json", "consent", "show", "own:AUTHORS:ADA").value
    run("ledger", "verify")
    run("proof", "verify", "receipt.json", "--key", "world/log.vkey")
    assert run("--json", "ledger", "status").value["facts"]["deny-tombstone"] == 1
    assert all(one["statement"] != said["statement"] or one["verdict"] == "no" for one in after)
    run("ledger", "rebuild")
    assert run("--json", "ledger", "status").value["facts"]["deny-tombstone"] == 1
