"""What is written as ERN against the official schemas of 4.3 and 4.3.2. Skips where the shared data is absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.unit.formats.ern.ern_messages import credit, deals, message, purge, recording, terms
from tests.unit.formats.ern.ern_world import ENTRIES, ENVELOPE

from cantoria.formats import ern
from cantoria.formats.entries.types import Entry, Name, Party, Recording, Release, Share, Title, Work
from cantoria.formats.ern import avs
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, AiPart
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import Role

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "ddex" / "xsd"
SCHEMAS = {
    version: FOLDER / f"ernv{version.replace('.', '')}" / "release-notification.xsd" for version in ("4.3", "4.3.2")
}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="needs ../shared/data/ddex/xsd")


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    """The official schemas; the allowed values that they import lie beside them, nothing is fetched."""
    parser = etree.XMLParser(no_network=True)
    return {version: etree.XMLSchema(etree.parse(path, parser)) for version, path in SCHEMAS.items()}


@pytest.mark.parametrize("version", sorted(SCHEMAS))
@pytest.mark.parametrize("count", [len(ENTRIES), len(ENTRIES) - 1])
def test_real_ern_out_is_valid(schemas: dict[str, Any], version: str, count: int) -> None:
    written = list(ern.write(ENTRIES[:count], envelope=ENVELOPE, version=version))
    assert written
    for _, data in written:
        schemas[version].assertValid(etree.fromstring(data))


CODES = st.lists(
    st.sampled_from(
        [
            ("isni", "000000012281955X"),
            ("ipi_name", "00014107338"),
            ("own", "BLUE:1"),
            ("own", "BLUE:2"),
            ("ipi_base", "I-1"),
            ("isrc", "KRA381900123"),
            ("isrc", "KRA381900124"),
            ("gtin", "4006381333931"),
            ("grid", "A12425GABC1234002M"),
            ("iswc", "T0345246801"),
        ]
    ),
    max_size=4,
    unique=True,
).map(tuple)
TEXT = st.text(max_size=20)
KEYS = st.sampled_from("abc")
EXTENTS = st.sampled_from([*AiExtent, None])
ROLES = st.lists(st.sampled_from(["Composer", "Choir", "Made Up", ""]), max_size=2, unique=True).map(tuple)
ENTRY = st.builds(
    Entry,
    line=st.just(1),
    kind=st.just("any"),
    parties=st.lists(
        st.builds(Party, key=KEYS, names=st.lists(st.builds(Name, TEXT), max_size=2).map(tuple), codes=CODES)
    ).map(tuple),
    works=st.lists(
        st.builds(
            Work,
            key=KEYS,
            title=TEXT,
            codes=CODES,
            shares=st.lists(st.builds(Share, party=KEYS, role=st.sampled_from(Role)), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    recordings=st.lists(
        st.builds(
            Recording,
            key=KEYS,
            title=TEXT,
            titles=st.lists(
                st.builds(
                    Title,
                    text=TEXT,
                    kind=st.sampled_from(TitleKind),
                    language=st.sampled_from(["", "ko", "ko-Hang", "??"]),
                ),
                max_size=2,
            ).map(tuple),
            artist=TEXT,
            duration_ms=st.one_of(st.none(), st.integers(0, 10**8)),
            version=TEXT,
            codes=CODES,
            works=st.lists(KEYS, max_size=2).map(tuple),
            samples=st.lists(KEYS, max_size=2).map(tuple),
            shares=st.lists(st.builds(Share, party=KEYS, role=st.sampled_from(Role)), max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    releases=st.lists(
        st.builds(Release, key=KEYS, title=TEXT, codes=CODES, recordings=st.lists(KEYS, max_size=3).map(tuple)),
        max_size=2,
    ).map(tuple),
    facts=st.lists(
        st.builds(
            AiDisclosed,
            subject=KEYS,
            extent=EXTENTS,
            parts=st.lists(st.builds(AiPart, ROLES, st.sampled_from(["", "a"]), EXTENTS), max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(deadline=None, max_examples=150)
@given(entries=st.lists(ENTRY, min_size=1, max_size=2), version=st.sampled_from(sorted(SCHEMAS)))
def test_real_ern_out_is_valid_whatever_is_written(schemas: dict[str, Any], entries: list[Entry], version: str) -> None:
    for _, data in ern.write(entries, envelope=ENVELOPE, version=version):
        schemas[version].assertValid(etree.fromstring(data))


def test_real_ern_purge_message_of_the_tests_has_the_official_shape(schemas: dict[str, Any]) -> None:
    data = purge("43")
    assert schemas["4.3"].validate(etree.fromstring(data)), schemas["4.3"].error_log


def test_real_ern_official_values_are_those_shipped() -> None:
    official, shipped = avs.load((FOLDER / "allowed-value-sets.xsd").read_bytes()), avs.shipped()
    assert official.version == shipped.version
    for name, values in shipped.sets.items():
        assert official.sets[name] == values, name


def test_real_ern_disclosure_elements_stand_where_the_schema_has_them(schemas: dict[str, Any]) -> None:
    """The disclosing message that the unit tests read is one that the official schema takes, apart from what it
    leaves out."""
    named = credit("", "Choir", number="432", special="GenerativeAI", ai="All")
    data = message("432", recording("432", credits_=named, ai="Partly"), deal=deals(terms("UseForDataMining")))
    schemas["4.3.2"].validate(etree.fromstring(data))
    wrong = [error.message for error in schemas["4.3.2"].error_log]
    assert not [text for text in wrong if "AI" in text or "Special" in text or "UseType" in text], wrong
