"""What real registrations come to as conflicts: an ISWC of two works is found, and no chain of title is called broken
that the files bear out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.shell import good, run_here

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "cwr"
FILES = sorted(file for file in FOLDER.glob("*") if file.suffix in (".V21", ".SUB", ".ISR")) if FOLDER.exists() else []

pytestmark = pytest.mark.skipif(not FILES, reason="needs the sample registrations of ../shared/data/cwr")


def test_real_registrations_conflict_in_one_code_and_break_no_chain(tmp_path: Path) -> None:
    good(run_here("ledger", "init", "--origin", "rights.example.org/log", cwd=tmp_path))
    good(run_here("organisation", "admit", "pub", "--in", "publisher", cwd=tmp_path))
    for file in FILES:
        assert run_here("--as", "pub", "import", "cwr", str(file), cwd=tmp_path).code in (0, 1)
    cases = good(run_here("--json", "cases", "list", cwd=tmp_path)).value
    assert "code_shared" in {case["kind"] for case in cases}
    assert "chain_broken" not in {case["kind"] for case in cases}
    assert [case["subject"] for case in cases if case["kind"] == "code_shared"] == ["iswc:T3005600277"]
    rows = good(run_here("--json", "cases", "stats", cwd=tmp_path)).value["cases"]
    assert sum(row["cases"] for row in rows) == len(cases)
