"""The rules: one change to a valid file, one finding of the right level, rule and place."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from cantoria.formats.cwr.layout import Layout, layout_of
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import Record, Transaction
from cantoria.formats.cwr.territory_shares import Collected
from cantoria.formats.cwr.writer import compose, write_transactions
from cantoria.formats.types import Severity
from cantoria.kernel.periods import parse_moment
from cantoria.testing.cwr_files import header, transactions

Values = dict[str, str | int]
NOW = parse_moment("2026-03-15")
WORK: Values = {
    "work_title": "A SONG",
    "submitter_work_number": "1",
    "musical_work_distribution_category": "POP",
    "recorded_indicator": "Y",
    "version_type": "ORI",
}
SPU: Values = {
    "publisher_sequence_number": 1,
    "interested_party_number": "P1",
    "publisher_name": "A HOUSE",
    "publisher_type": "E",
    "publisher_role": "E",
    "publisher_ipi_name_number": "00014107338",
    "pr_ownership_share": 5000,
    "mr_ownership_share": 10000,
    "sr_ownership_share": 10000,
    "publisher_unknown_indicator": "",
}
SWR: Values = {
    "interested_party_number": "W1",
    "writer_last_name": "LEE",
    "writer_designation_code": "CA",
    "writer_role": "CA",
    "pr_ownership_share": 5000,
    "writer_unknown_indicator": "",
}
PWR: Values = {
    "publisher_ip_number": "P1",
    "publisher_name": "A HOUSE",
    "writer_ip_number": "W1",
    "publisher_sequence_number": 1,
}


def _record(layout: Layout, kind: str, values: Values) -> Record:
    record = layout.record(kind)
    names = {field.name for field in record.fields}
    return compose(record, {name: text for name, text in values.items() if name in names})


def _term(
    kind: str, party: str, shares: tuple[int, int, int], *, sign: str = "I", tis: str = "2136"
) -> tuple[str, Values]:
    three: Values = dict(
        zip(("pr_collection_share", "mr_collection_share", "sr_collection_share"), shares, strict=True)
    )
    place: Values = {"inclusion_exclusion_indicator": sign, "tis_numeric_code": tis, "territory_code": tis}
    number: Values = {"interested_party_number": party, "sequence_number": 1, "recipient_code": "0000"}
    return kind, {**number, **place, **three}


Plan = list[tuple[str, Values]]
Change = Callable[[Plan], object]


def _plan() -> Plan:
    return [
        ("NWR", dict(WORK)),
        ("SPU", dict(SPU)),
        _term("SPT", "P1", (5000, 10000, 10000)),
        ("SWR", dict(SWR)),
        _term("SWT", "W1", (5000, 0, 0)),
        ("PWR", dict(PWR)),
        ("ALT", {"alternate_title": "ANOTHER", "title_type": "AT"}),
    ]


def _found(plan: Plan, version: str = "2.2") -> list[tuple[str, str, str, str]]:
    layout = layout_of(version)
    records = tuple(_record(layout, kind, values) for kind, values in plan)
    data = b"".join(write_transactions(header(version), [Transaction(plan[0][0], 0, version, records)]))
    items = list(read_transactions(io.BytesIO(data), file="f"))
    return [(one.level.value, one.rule, one.record, one.field) for item in items for one in item.findings]


def test_a_plain_work_is_right() -> None:
    assert _found(_plan()) == []
    assert _found(_plan(), "2.1") == []


SET = {
    "mandatory-title": (0, {"work_title": ""}, ("T", "mandatory", "NWR", "work_title")),
    "lookup-mandatory": (0, {"version_type": "XXX"}, ("T", "lookup", "NWR", "version_type")),
    "lookup-optional": (0, {"language_code": "QQ"}, ("F", "lookup", "NWR", "language_code")),
    "no-day": (0, {"copyright_date": "20250230"}, ("F", "format", "NWR", "copyright_date")),
    "no-flag": (0, {"recorded_indicator": "X"}, ("T", "format", "NWR", "recorded_indicator")),
    "iswc-form": (0, {"iswc": "X0345246801"}, ("F", "code", "NWR", "iswc")),
    "iswc-digit": (0, {"iswc": "T0345246802"}, ("F", "check-digit", "NWR", "iswc")),
    "ipi-digits": (
        1,
        {"publisher_ipi_name_number": "00014107339"},
        ("F", "check-digit", "SPU", "publisher_ipi_name_number"),
    ),
    "serious-without-duration": (
        0,
        {"musical_work_distribution_category": "SER"},
        ("F", "conditional", "NWR", "duration"),
    ),
    "name-of-controlled": (1, {"publisher_name": ""}, ("T", "mandatory", "SPU", "publisher_name")),
    "role-of-controlled": (3, {"writer_designation_code": ""}, ("T", "mandatory", "SWR", "writer_designation_code")),
    "unknown-but-controlled": (
        3,
        {"writer_unknown_indicator": "Y"},
        ("F", "unknown-party", "SWR", "writer_unknown_indicator"),
    ),
    "share-no-number": (1, {"pr_ownership_share": "XXX00"}, ("T", "share", "SPU", "pr_ownership_share")),
    "share-above": (1, {"mr_ownership_share": "10001"}, ("T", "share", "SPU", "mr_ownership_share")),
    "total-above": (1, {"mr_ownership_share": 9993}, ("T", "share-total", "NWR", "")),
    "territory": (2, {"tis_numeric_code": "9999"}, ("T", "lookup", "SPT", "tis_numeric_code")),
    "term-of-another": (2, {"interested_party_number": "P2"}, ("T", "linkage", "SPT", "")),
    "collected-above": (4, {"pr_collection_share": 5007}, ("T", "collection-total", "NWR", "")),
    "link-to-nobody": (5, {"publisher_ip_number": "P9"}, ("T", "linkage", "PWR", "")),
    "link-of-another": (5, {"writer_ip_number": "W9"}, ("T", "linkage", "PWR", "")),
    "chain-without-original": (1, {"publisher_type": "SE"}, ("R", "chain", "SPU", "")),
    "title-without-language": (6, {"title_type": "OL"}, ("F", "conditional", "ALT", "language_code")),
    "mandatory-elsewhere": (6, {"alternate_title": ""}, ("R", "mandatory", "ALT", "alternate_title")),
    "excerpt-of-nothing": (0, {"excerpt_type": "MOV"}, ("R", "no-original", "NWR", "")),
}


@pytest.mark.parametrize(("place", "values", "expected"), SET.values(), ids=SET.keys())
def test_one_wrong_field(place: int, values: Values, expected: tuple[str, str, str, str]) -> None:
    plan = _plan()
    plan[place][1].update(values)
    assert _found(plan) == [expected]


MOVES: dict[str, tuple[Change, list[tuple[str, str, str]]]] = {
    "no writer": (lambda plan: plan.__delitem__(slice(3, 6)), [("T", "no-writer", "NWR"), ("T", "share-total", "NWR")]),
    "no publisher": (
        lambda plan: plan.__delitem__(slice(1, 3)),
        [("T", "linkage", "PWR"), ("T", "share-total", "NWR")],
    ),
    "writer first": (
        lambda plan: plan.insert(1, plan.pop(3)),
        [("R", "order", "SPU"), ("T", "linkage", "SWT"), ("T", "linkage", "PWR")],
    ),
    "term first": (lambda plan: plan.insert(1, plan.pop(2)), [("T", "linkage", "SPT")]),
    "title early": (lambda plan: plan.insert(1, plan.pop(6)), [("R", "order", "SPU")]),
    "no link": (lambda plan: plan.pop(5), [("R", "no-link", "SWR")]),
    "foreign term": (lambda plan: plan.__setitem__(4, _term("OWT", "W1", (0, 0, 0))), [("T", "linkage", "OWT")]),
    "unnamed other writer": (
        lambda plan: plan.insert(6, ("OWR", {"writer_designation_code": "C"})),
        [("T", "conditional", "OWR")],
    ),
    "unknown other writer": (
        lambda plan: plan.insert(6, ("OWR", {"writer_unknown_indicator": "Y", "writer_designation_code": "C"})),
        [],
    ),
    "unnamed other publisher": (
        lambda plan: plan.insert(3, ("OPU", {"publisher_sequence_number": 2, "publisher_type": "E"})),
        [("T", "conditional", "OPU")],
    ),
    "modified without original": (
        lambda plan: plan[0][1].update(version_type="MOD", music_arrangement="ORI", lyric_adaptation="ORI"),
        [("R", "no-original", "NWR")],
    ),
    "modified without how": (
        lambda plan: (plan[0][1].update(version_type="MOD"), plan.append(("VER", {"original_work_title": "OLD"}))),
        [("F", "conditional", "NWR"), ("F", "conditional", "NWR")],
    ),
    "components": (
        lambda plan: plan[0][1].update(composite_type="MED", composite_component_count=2),
        [("R", "components", "NWR")],
    ),
}


@pytest.mark.parametrize(("change", "expected"), MOVES.values(), ids=MOVES.keys())
def test_records_in_the_wrong_place(change: Change, expected: list[tuple[str, str, str]]) -> None:
    plan = _plan()
    change(plan)
    assert sorted(one[:3] for one in _found(plan)) == sorted(expected)


def test_a_publisher_may_stand_in_two_chains() -> None:
    plan = _plan()
    plan[1][1].update(mr_ownership_share=0, sr_ownership_share=0)
    none: Values = {"pr_ownership_share": 0, "mr_ownership_share": 0, "sr_ownership_share": 0}
    second: Values = {**SPU, **none, "publisher_sequence_number": 2}
    plan[3:3] = [("SPU", second), ("SPU", {**second, "interested_party_number": "P2", "publisher_type": "AM"})]
    assert _found(plan) == []


@pytest.mark.parametrize(("share", "right"), [(9993, False), (9994, True), (10000, True)])
def test_ownership_within_six_hundredths_is_whole(share: int, right: bool) -> None:
    plan = _plan()
    plan[1][1].update(mr_ownership_share=share, sr_ownership_share=0)
    assert bool(_found(plan)) is not right


def test_in_3_x_shares_are_collection_only() -> None:
    plan = _plan()
    plan[0] = ("WRK", dict(WORK))
    plan[6] = ("ALT", {"alternative_title": "ANOTHER", "title_type": "AT"})
    for place in (1, 3):
        plan[place][1].update(publisher_unknown_indicator="N", writer_unknown_indicator="N")
    for version in ("3.0", "3.1", "3.1-9"):
        assert _found(plan, version) == []
    plan[2] = _term("SPT", "P1", (5100, 10000, 10000))
    assert _found(plan, "3.1") == [("T", "collection-total", "WRK", "")]


def test_answers_need_not_add_up() -> None:
    answer: Values = {"original_transaction_type": "NWR", "creation_title": "A SONG", "creation_date": "20260101"}
    answer |= {"creation_time": "101010", "processing_date": "20260102", "transaction_status": "CO"}
    plan = [("ACK", answer), *_plan()]
    plan[2][1].update(mr_ownership_share=2000)
    assert _found(plan) == []


def test_an_agreement_needs_two_parties_and_a_territory() -> None:
    maker = transactions("2.1", seed=1, count=1, full=True)
    agreement = next(maker)
    assert agreement.kind == "AGR"

    def rules(records: tuple[Record, ...]) -> list[tuple[str, str]]:
        data = b"".join(write_transactions(header("2.1"), [Transaction("AGR", 0, "2.1", records)]))
        found = [one for item in read_transactions(io.BytesIO(data)) for one in item.findings]
        return [(one.level.value, one.rule) for one in found]

    agr, ter, assignor, name, acquirer, _ = agreement.records
    assert rules(agreement.records) == []
    assert rules((agr, assignor, acquirer)) == [("T", "no-territory")]
    assert rules((agr, ter, assignor)) == [("T", "no-party")]
    assert rules((agr, ter, name, assignor, acquirer)) == [("T", "linkage")]
    assert rules((agr, assignor, acquirer, ter)) == [("R", "order")]


def test_only_what_rejects_the_transaction_is_an_error() -> None:
    layout = layout_of("2.2")
    plan = _plan()
    plan[0][1].update(work_title="", language_code="QQ")
    records = tuple(_record(layout, kind, values) for kind, values in plan)
    data = b"".join(write_transactions(header("2.2"), [Transaction("NWR", 0, "2.2", records)]))
    transaction = next(one for one in read_transactions(io.BytesIO(data), file="f") if isinstance(one, Transaction))
    assert transaction.rejected
    by_field = {one.field: one for one in transaction.findings}
    assert by_field["work_title"].severity is Severity.ERROR
    assert by_field["language_code"].severity is Severity.WARNING
    assert (by_field["language_code"].line, by_field["language_code"].column) == (3, 80)
    assert (by_field["language_code"].value, by_field["language_code"].file) == ("QQ", "f")


@pytest.mark.parametrize("sign", ["\x1b", "\x00", "\x7f", "\x85", "\u2028"])
def test_control_characters_are_told(sign: str) -> None:
    layout = layout_of("2.2")
    records = [_record(layout, kind, values) for kind, values in _plan()]
    made = Transaction("NWR", 0, "2.2", tuple(records))
    data = b"".join(write_transactions(header("2.2"), [made])).decode().replace("A SONG", f"A{sign}SONG")
    found = [one for item in read_transactions(io.BytesIO(data.encode())) for one in item.findings]
    assert [(one.rule, one.field) for one in found] == [("control-character", "work_title")]


def test_text_beyond_the_layout_is_told() -> None:
    layout = layout_of("2.2")
    records = tuple(_record(layout, kind, values) for kind, values in _plan())
    data = b"".join(write_transactions(header("2.2"), [Transaction("NWR", 0, "2.2", records)]))
    lines = data.split(b"\r\n")
    lines[4] += b"   "
    lines[5] += b"   X"
    found = [one for item in read_transactions(io.BytesIO(b"\r\n".join(lines))) for one in item.findings]
    assert [(one.rule, one.line, one.level.value) for one in found] == [("length", 6, "R")]


Term = tuple[str, str, tuple[int, int, int]]


def _excess(*parties: list[Term]) -> list[tuple[str, int, str]]:
    collected = Collected(NOW)
    for terms in parties:
        collected.party()
        for sign, territory, shares in terms:
            assert collected.term(sign, territory, shares)
    return list(collected.excesses())


def test_collection_is_added_up_by_country() -> None:
    world = [("I", "2136", (6000, 0, 0))]
    assert _excess(world, [("I", "0410", (4000, 0, 0))]) == []
    assert _excess(world, [("I", "0410", (4007, 0, 0))]) == [("performing", 10007, "0410")]
    assert _excess(world, [("I", "0410", (4006, 0, 0))]) == []
    without = [("I", "2136", (6000, 0, 0)), ("E", "0410", (6000, 0, 0))]
    assert _excess(without, [("I", "0410", (10000, 0, 0))]) == []
    assert _excess(without, [("I", "2136", (5000, 0, 0))])[0][:2] == ("performing", 11000)
    replaced = [("I", "2136", (6000, 0, 0)), ("I", "0410", (2000, 0, 0))]
    assert _excess(replaced, [("I", "0410", (8000, 0, 0))]) == []


def test_countries_of_groups_are_those_of_the_day() -> None:
    europe = [("I", "2123", (9000, 0, 0))]
    assert _excess(europe, [("I", "0826", (9000, 0, 0))]) == []  # the United Kingdom left in 2020
    assert _excess(europe, [("I", "0276", (0, 0, 10100))]) == [("synchronisation", 10100, "0276")]


def test_what_is_no_territory_or_share_is_not_added_up() -> None:
    collected = Collected(NOW)
    for sign, territory, share in [("I", "9999", 1), ("X", "2136", 1), ("I", "21 6", 1), ("I", "2136", None)]:
        assert not collected.term(sign, territory, (share, 0, 0))
