"""Identifiers on real input: catalogues, CWR senders and DDEX messages. Skips where the shared data is absent."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from cantoria import codes
from cantoria.codes import dpid, gtin, ipi_name, isrc, society
from cantoria.codes.types import Scheme

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")


def rows(path: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (DATA / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def texts(*folders: str) -> list[str]:
    """Return the names and contents of all text files of the folders."""
    files = [path for folder in folders for path in sorted((DATA / folder).rglob("*")) if path.is_file()]
    return [path.name + "\n" + path.read_text(encoding="utf-8", errors="replace") for path in files]


def test_every_isrc_of_the_streams_catalogue_is_valid() -> None:
    found = [row["ISRC"] for row in rows("catalogue/streams_2024.csv")]
    assert len(found) == 4600
    assert [text for text in found if not isrc.is_valid(text)] == []
    twice = {code: count for code, count in Counter(map(isrc.compact, found)).items() if count > 1}
    assert sorted(twice.values()) == [2, 2]
    assert sum(isrc.compact(text)[:2] in ("KR", "KS") for text in found) == 83
    assert all(isrc.compact(isrc.format(text)) == text for text in found)
    # A few real codes carry the year of the recording, or a wrong one: the year is a hint, never a rule.
    late = [text for text in found if isrc.year_of_reference(text) > 2024]
    assert 0 < len(late) < 10


def test_every_ipi_name_number_of_the_cwr_senders_passes() -> None:
    senders = rows("cwr/ipi_senders.csv")
    assert len(senders) == 1000
    failing = [row["publisher"] for row in senders if not ipi_name.is_valid(row["ipi_name_number"])]
    assert failing == []
    assert all(ipi_name.compact(row["ipi_name_number"].lstrip("0")) == row["ipi_name_number"] for row in senders)


def test_ddex_party_identifiers_of_the_messages() -> None:
    found = {code for text in texts("ddex/ern43", "dsr") for code in re.findall(r"PADPIDA[0-9]{10}[0-9A-Z]", text)}
    failing = sorted(code for code in found if not dpid.is_valid(code))
    assert len(found) > 30
    # The sender of the DSR samples is a made-up party.
    assert failing == ["PADPIDA2014999999Z"]


def test_identifiers_of_the_ern_messages() -> None:
    found = {
        scheme: {code for text in texts("ddex/ern43") for code in re.findall(rf"<{tag}[^>]*>([^<]+)</{tag}>", text)}
        for scheme, tag in ((Scheme.ISRC, "ISRC"), (Scheme.GRID, "GRid"), (Scheme.GTIN, "ICPN"))
    }
    assert all(found.values())
    failing = {
        scheme: sorted(code for code in found[scheme] if not codes.module_for(scheme).is_valid(code))
        for scheme in found
    }
    assert failing[Scheme.ISRC] == []
    assert failing[Scheme.GRID] == []
    # Some bar codes of the samples are invented: their form is right, their check digit is not.
    assert 0 < len(failing[Scheme.GTIN]) < len(found[Scheme.GTIN])
    assert all(gtin.compact(code) for code in failing[Scheme.GTIN])


def test_every_society_of_the_table_is_known() -> None:
    table = rows("tables/societies.tsv", "\t")
    assert len(table) == 403
    for row in table:
        facts = society.facts(row["society_code"])
        assert facts is not None
        assert (facts.name, facts.country, facts.status) == (row["name"], row["country_iso_alpha2"], row["status"])
