"""Real CWR files: none loses a byte, every record has its place, and what is odd about them is told."""

import io
import runpy
from collections import Counter
from pathlib import Path

import pytest

from cantoria.formats.cwr.layout import layout_of
from cantoria.formats.cwr.opening import version_of
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import Stray, Transaction
from cantoria.formats.cwr.report import Report
from cantoria.formats.cwr.works import WorkCheck
from cantoria.formats.cwr.writer import write_items
from cantoria.kernel.periods import parse_moment

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
FILES = sorted(path for path in (DATA / "cwr").glob("*") if path.suffix.upper() in (".V21", ".V22", ".SUB", ".ISR"))

pytestmark = pytest.mark.skipif(not FILES, reason="the shared data is not on this machine")

# name -> version, transactions, findings by level and rule
EXPECTED = {
    "CW220001000_DMP.V21": ("2.1", 2, {("F", "check-digit"): 2, ("G", "count"): 1, ("E", "count"): 1}),
    "CW220002DMP_0000_V3-0-0.SUB": ("3.0", 1, {}),
    "CW220003DMP_0000_V3-0-0.ISR": ("3.0", 1, {}),
    "ackexample.V21": ("2.1", 20, {("R", "sequence"): 1, ("G", "count"): 1, ("E", "count"): 1}),
    "nwrexample2.V21": ("2.1", 1, {}),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_comes_back_and_is_understood(path: Path) -> None:
    data = path.read_bytes()
    items = list(read_transactions(io.BytesIO(data), file=path.name))
    assert b"".join(write_items(items)) == data
    assert not any(isinstance(item, Stray) for item in items)
    lines = data.splitlines()
    assert sum(len(item.records) for item in items) == len(lines)
    version, count, findings = EXPECTED[path.name]
    assert version_of(lines[0].decode(), lines[1].decode()) == version
    assert sum(isinstance(item, Transaction) for item in items) == count
    assert Counter((one.level.value, one.rule) for item in items for one in item.findings) == findings
    assert not any(item.rejected for item in items if isinstance(item, Transaction))


def test_the_works_of_real_answers_keep_the_rules_for_works() -> None:
    seen = 0
    for path in FILES:
        for item in read_transactions(io.BytesIO(path.read_bytes())):
            if isinstance(item, Transaction) and item.original:
                report = Report()
                WorkCheck(layout_of(item.version), parse_moment("2016-07-01"), report).run(item.original)
                assert report.take() == ()
                seen += 1
    assert seen == 22


def test_the_generated_modules_are_those_of_the_tables() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "make_cwr_tables.py"))
    for path, text in tool["modules"](DATA / "tables").items():
        assert (ROOT / path).read_text("utf-8") == text, path
