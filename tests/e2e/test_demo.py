"""The demonstration at a small scale, as `make run` starts it: every step holds, and what it leaves behind verifies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.e2e.shell import Done, run_here


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """The folder of a small demonstration, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run_here("--home", "house", "demo", "--scale", "0.02", cwd=folder)


def test_the_demonstration_ends_well(played: tuple[Path, Done]) -> None:
    _, done = played
    assert done.code == 0, done.err
    titles = re.findall(r"^(\d+)\. ", done.out, flags=re.MULTILINE)
    assert titles == [str(number) for number in range(1, len(titles) + 1)]
    assert len(titles) >= 10


def test_all_four_statuses_occur(played: tuple[Path, Done]) -> None:
    _, done = played
    for status in ("cleared", "denied", "licensable", "unknown"):
        counts = re.findall(rf"{status} +([\d,]+) ", done.out)
        assert counts, status
        assert int(counts[0].replace(",", "")) > 0, status


def test_a_row_slipped_in_is_flagged(played: tuple[Path, Done]) -> None:
    _, done = played
    assert "unauthorised: none" in done.out
    assert re.search(r"unauthorised: \d+ not_in_certificate", done.out)


def test_rows_are_cleared_because_parties_said_yes(played: tuple[Path, Done]) -> None:
    _, done = played
    found = re.search(r"Cleared by these licences +(\d+) → (\d+) → (\d+) of (\d+) rows", done.out)
    assert found is not None
    before, priced, answered, rows = map(int, found.groups())
    assert before <= priced <= answered <= rows
    assert before < answered


def test_the_gate_passes_what_is_cleared_and_less_after_a_withdrawal(played: tuple[Path, Done]) -> None:
    folder, done = played
    passed = re.search(r"passes (\d+) of (\d+) rows, as clearance does", done.out)
    left = re.search(r"(\d+) rows pass by the refreshed snapshot", done.out)
    assert passed is not None
    assert left is not None
    assert 0 < int(left[1]) < int(passed[1]) < int(passed[2])
    shown = run_here("snapshot", "verify", "house/snapshot", "--key", "house/log.vkey", cwd=folder)
    assert shown.code == 0, shown.err
    assert "generation 2" in shown.out
    assert (folder / "house" / "out" / "coverage.svg").read_text().startswith("<svg")


def test_what_it_leaves_verifies_and_the_ledger_holds(played: tuple[Path, Done]) -> None:
    folder, _ = played
    for file in ("dev-mirinae/certificate.json", "dev-boreal/licensed/certificate.json", "statements/p-soyul.json"):
        done = run_here("proof", "verify", f"house/out/{file}", "--key", "house/log.vkey", cwd=folder)
        assert done.code == 0, done.err
    assert run_here("--home", "house", "ledger", "verify", cwd=folder).code == 0


def test_a_second_run_replaces_it_and_nothing_else(played: tuple[Path, Done], tmp_path: Path) -> None:
    mine = tmp_path / "house" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("keep me")
    done = run_here("--home", "house", "demo", "--scale", "0.02", cwd=tmp_path)
    assert done.code == 2
    assert mine.read_text() == "keep me"
