"""The generated tables against the facts that they were made from. Skips where the shared data is absent."""

import csv
import runpy
from pathlib import Path

import pytest

from cantoria.kernel import territories
from cantoria.kernel.money import EXPONENTS
from cantoria.kernel.periods import DAY, parse_moment

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
OPEN = {"1000-01-01": None, "3999-12-31": None}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / "tables" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def moments(first: str, last: str) -> list[tuple[int, bool]]:
    """Return moments around a dated span (both days included) and whether they lie in it."""
    found = []
    if first not in OPEN:
        found += [(parse_moment(first) - 1, False), (parse_moment(first), True)]
    if last not in OPEN:
        found += [(parse_moment(last) + DAY - 1, True), (parse_moment(last) + DAY, False)]
    return found or [(parse_moment("2020-01-01"), True)]


def test_generated_modules_are_up_to_date() -> None:
    modules = runpy.run_path(str(ROOT / "tools" / "generate_tables.py"))["modules"](DATA / "tables")
    for path, text in modules.items():
        assert (ROOT / path).read_text(encoding="utf-8") == text


def test_every_territory_of_the_table() -> None:
    table = rows("tis_territories.tsv")
    assert len(table) == 247
    for row in table:
        assert territories.name(row["tis_code"]) == row["name"]
        assert row["tis_code"] in territories.canonical(row["iso_alpha2"] or row["tis_a"]).split()
        for moment, exists in moments(row["exists_from"], row["exists_until"]):
            found = territories.resolve(row["tis_code"], at=moment)
            assert exists or not found
            if row["type"] == "COUNTRY":
                assert list(found) == [row["tis_code"]] * exists
                assert (row["tis_code"] in territories.countries(moment)) is exists


def test_every_membership_of_the_table() -> None:
    table = rows("tis_members.tsv")
    assert len(table) == 433
    for row in table:
        for moment, member in moments(row["valid_from"], row["valid_to"]):
            group = territories.resolve(row["parent"], at=moment)
            child = territories.resolve(row["child"], at=moment)
            # A member that is not there yet (or any more) has no countries, or none of the group's.
            assert child <= group if member else not child & group


def test_territories_of_ddex_are_known_or_refused_by_name() -> None:
    text = (DATA / "ddex/xsd/allowed-value-sets.xsd").read_text(encoding="utf-8")
    codes = text.split('simpleType name="TisTerritoryCode"')[1].split("</xs:simpleType>")[0].split('value="')[1:]
    found = [code.split('"')[0] for code in codes]
    assert len(found) == 247
    assert all(territories.canonical(code) for code in found)


def test_currencies_of_ddex_are_known() -> None:
    text = (DATA / "ddex/xsd/allowed-value-sets.xsd").read_text(encoding="utf-8")
    block = text.split('simpleType name="IsoCurrencyCode"')[1].split("</xs:simpleType>")[0].split('value="')[1:]
    listed = {code.split('"')[0] for code in block}
    # BYR is the Belarusian rouble until 2016, which that list still carries.
    assert listed - set(EXPONENTS) == {"BYR"}
