"""The page of tariffs names every field with its default, and its example is a whole tariff that can be published."""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, fields
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cantoria.kernel.codec import from_json
from cantoria.royalty.tariff import Analogy, AttributionTerms, Basis, Deduction, Leg, PoolTerms, Tariff, Terms

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "tariff.md").read_text("utf-8")
SECTIONS: dict[str, Any] = {
    "The tariff": Tariff,
    "Pools": PoolTerms,
    "Deductions": Deduction,
    "Attribution terms": AttributionTerms,
    "Contract terms": Terms,
}
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ", re.MULTILINE)
WORDS = {"none", "empty", "always", "see below", "a new one"}


def rows(title: str) -> dict[str, str]:
    section = PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    return {name: default.strip() for name, default in ROW.findall(section)}


def shown(value: Any) -> str:
    if isinstance(value, tuple) and value:
        return ", ".join(shown(one) for one in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Enum):
        return f"`{value.value}`"
    return f"`{value}`" if isinstance(value, int | Fraction) or (isinstance(value, str) and value) else ""


@pytest.mark.parametrize("title", SECTIONS)
def test_every_field_stands_there_with_its_default(title: str) -> None:
    found = rows(title)
    expected = {one.name: one.default for one in fields(SECTIONS[title]) if one.name != "publisher"}
    assert set(found) == set(expected)
    for name, default in expected.items():
        if default is MISSING:
            assert found[name] in ("required", "a new one"), name
        else:
            assert found[name] == shown(default) or (not shown(default) and found[name] in WORDS), name


def test_every_word_of_a_choice_stands_there() -> None:
    for choice in (*Basis, *Leg, *Analogy):
        assert f"`{choice.value}`" in PAGE


def test_the_example_is_a_tariff_and_shows_every_field() -> None:
    example = json.loads(re.search(r"```json file=tariff.json\n(.*?)```", PAGE, re.DOTALL)[1])  # type: ignore[index]
    tariff = from_json(Tariff, {**example, "tariff": "tariff_1", "publisher": "party_1"})
    assert [pool.basis for pool in tariff.pools] == [Basis.EQUAL_PER_WORK, Basis.ATTRIBUTION, Basis.USAGE]
    assert tariff.attribution.analogy_without_evidence
    left_out = {one.name for one in fields(Tariff)} - example.keys()
    assert left_out == {"tariff", "publisher", "period"}
    assert example["attribution"].keys() == {one.name for one in fields(AttributionTerms)}
    assert example["terms"].keys() == {one.name for one in fields(Terms)}
