"""The page on CWR names every rule, as the code does, and the versions that are read."""

import re
from pathlib import Path

from cantoria.formats.cwr.layout import VERSIONS
from cantoria.formats.cwr.rule_names import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cwr.md").read_text("utf-8")
SOURCE = Path(__file__).parents[2] / "src" / "cantoria" / "formats" / "cwr"


def test_the_table_of_rules_is_that_of_the_code() -> None:
    rows = [f"| {name} | {level} | {text} |" for name, (level, text) in RULES.items()]
    assert "\n".join(rows) in PAGE


def test_every_rule_stands_in_the_code() -> None:
    code = "".join(path.read_text("utf-8") for path in SOURCE.glob("*.py") if path.name != "rule_names.py")
    assert [name for name in RULES if f'"{name}"' not in code] == []
    assert set(re.findall(r'rule="([a-z-]+)"', code)) <= set(RULES)


def test_every_version_is_described() -> None:
    assert re.findall(r"^\| ([0-9][0-9.-]*) \|", PAGE, re.MULTILINE) == list(VERSIONS)
