"""Layouts and patterns: records are gapless, and the fast pattern allows nothing that the slow check finds wrong."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.cwr.fields import check_each_field
from cantoria.formats.cwr.layout import HEADS, VERSIONS, RecordLayout, layout_of
from cantoria.formats.cwr.patterns import codes_of, record_pattern, spelled
from cantoria.formats.cwr.records import CwrFinding, Record
from cantoria.formats.cwr.report import Report
from cantoria.formats.cwr.writer import compose
from cantoria.kernel.errors import InputError
from cantoria.testing.cwr_values import value

LAYOUTS = [
    one
    for version in VERSIONS
    for record in layout_of(version).records.values()
    for one in (record, record.longer)
    if one is not None
]


def _named(layout: RecordLayout) -> str:
    return f"{layout.version}-{layout.kind}-{layout.length}"


@pytest.mark.parametrize("layout", LAYOUTS, ids=_named)
def test_fields_follow_each_other(layout: RecordLayout) -> None:
    start = 19 if layout.prefixed else 3
    for field in layout.fields:
        assert field.start == start
        assert field.size > 0
        start = field.end
    names = [field.name for field in layout.fields]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_its_frame_and_its_transactions(version: str) -> None:
    layout = layout_of(version)
    assert layout.heads == HEADS[version[0]]
    assert {"HDR", "GRH", "GRT", "TRL", *layout.heads} <= set(layout.records)


def test_what_came_with_2_2_is_not_in_2_1() -> None:
    old, new = layout_of("2.1"), layout_of("2.2")
    assert set(new.records) - set(old.records) == {"OPT", "OWT", "XRF"}
    assert "publisher_sequence_number" not in [field.name for field in old.record("PWR").fields]
    assert (old.record("REC").length, new.record("REC").length) == (266, 540)
    assert old.record("PWR").field("writer_ip_number").required == "M"


def test_lengths_that_a_real_3_0_file_shows() -> None:
    lengths = {"HDR": 195, "GRH": 26, "WRK": 218, "SPU": 112, "SPT": 99, "SWR": 134, "SWT": 99, "PWR": 73, "OWK": 360}
    lengths |= {"REC": 346, "ORN": 424, "XRF": 39, "ISR": 107, "WRI": 116}
    records = layout_of("3.0").records
    assert {kind: records[kind].length for kind in lengths} == lengths
    longer = records["OWR"].longer
    assert longer is not None
    assert longer.length == 143
    assert records["OWR"].fitting("x" * 143) is longer
    assert records["OWR"].fitting("x" * 134) is records["OWR"]


def test_unknown_versions_records_and_fields_are_named() -> None:
    with pytest.raises(InputError, match=r"4\.0"):
        layout_of("4.0")
    with pytest.raises(InputError, match="WRK"):
        layout_of("2.1").record("WRK")
    with pytest.raises(InputError, match="nonsense"):
        layout_of("2.1").record("NWR").field("nonsense")


def test_society_codes_may_stand_in_every_common_way() -> None:
    field = layout_of("3.1").record("SPT").field("pr_affiliation_society_number")
    texts = spelled(layout_of("3.1").record("SPT"), field)
    assert texts is not None
    assert {"10  ", "  10", "0010", "010 ", "118 ", "0118"} <= texts
    assert "0999" not in texts


def test_na_is_a_code() -> None:
    codes = codes_of("Transaction Status", "3")
    assert codes is not None
    assert "NA" in codes


def _found(record: Record, layout: RecordLayout) -> tuple[CwrFinding, ...]:
    report = Report()
    check_each_field(record, layout, report)
    return report.take()


@given(st.sampled_from(LAYOUTS), st.integers(0, 2**32), st.booleans())
def test_valid_values_match_at_once_and_are_right(layout: RecordLayout, seed: int, sparse: bool) -> None:
    rng = Random(seed)
    fields = [field for field in layout.fields if field.required == "M" or not sparse]
    record = compose(layout, {field.name: value(layout, field, rng) for field in fields})
    assert record_pattern(layout).fullmatch(record.raw), record.raw
    assert _found(record, layout) == ()


@given(st.sampled_from(LAYOUTS), st.integers(0, 2**32), st.data())
def test_the_pattern_allows_nothing_that_is_wrong(layout: RecordLayout, seed: int, data: st.DataObject) -> None:
    rng = Random(seed)
    text = list(compose(layout, {field.name: value(layout, field, rng) for field in layout.fields}).raw)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(19 if layout.prefixed else 3, len(text) - 1))
        text[place] = data.draw(st.sampled_from(list(" 0159AIYNZx-\x1b")))
    record = Record(layout.kind, 1, "".join(text), layout)
    if record_pattern(layout).fullmatch(record.raw) and record.raw.isprintable():
        assert _found(record, layout) == ()
