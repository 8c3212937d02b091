"""The reference page names every field of every kind, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from cantoria.formats.sheet import FIELDS

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "sheet.md"


def test_the_page_lists_the_fields() -> None:
    sections = re.split(r"^##+ ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    for kind, fields in FIELDS.items():
        (section,) = (one for one in sections if one.startswith(f"{kind}\n"))
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [field.name for field in fields]
