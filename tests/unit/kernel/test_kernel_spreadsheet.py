"""What strangers wrote stays text in whatever opens a CSV of ours."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cantoria.cli.importing import write_findings
from cantoria.formats.types import Finding
from cantoria.kernel.spreadsheet import as_text

FORMULAS = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "\n=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text: str) -> None:
    assert as_text(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "Spring Rain", "'=1", "1-2", "이수", " a"])
def test_text_stays_as_it_is(text: str) -> None:
    assert as_text(text) == text


@pytest.mark.parametrize("text", FORMULAS)
def test_findings_hold_no_formula(tmp_path: Path, text: str) -> None:
    one = Finding(file=text, line=1, field=text, value=text, message=text, remedy=text)
    write_findings(tmp_path / "findings.csv", (one,))
    with (tmp_path / "findings.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert {row[name] for name in ("file", "field", "value", "message", "remedy")} == {"'" + text}
