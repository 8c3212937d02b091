"""Reading and writing: files of every version come back byte for byte, and errors do not stop the reader."""

import io
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.cwr.layout import VERSIONS, layout_of
from cantoria.formats.cwr.lines import CRLF, LF
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import Group, GroupEnd, Header, Record, Stray, Trailer, Transaction
from cantoria.formats.cwr.writer import compose, write_items, write_transactions
from cantoria.formats.limits import CWR
from cantoria.kernel.errors import InputError
from cantoria.testing.cwr_files import file_bytes, header, transactions


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manner", [CRLF, LF], ids=["crlf", "lf"])
def test_every_record_type_of_every_version_comes_back(read, version, manner) -> None:
    data = file_bytes(version, seed=3, count=6, full=True, manner=manner)
    items = read(data)
    assert b"".join(write_items(items)) == data
    assert {record.kind for item in items for record in item.records} == set(layout_of(version).records)
    assert [one for item in items for one in item.findings] == []
    assert isinstance(items[0], Header)
    assert items[0].version == version


@given(
    version=st.sampled_from(VERSIONS),
    seed=st.integers(0, 10_000),
    full=st.booleans(),
    cut=st.sampled_from(["", "\r\n", "\n"]),
)
def test_valid_files_come_back_whatever_ends_them(version: str, seed: int, full: bool, cut: str) -> None:
    data = file_bytes(version, seed=seed, count=1, full=full).rstrip(b"\r\n") + cut.encode()
    items = list(read_transactions(io.BytesIO(data)))
    assert b"".join(write_items(items)) == data
    assert not [one for item in items for one in item.findings]


def test_trimmed_records_come_back_and_are_right(read) -> None:
    whole = file_bytes("2.1", seed=5, count=5)
    data = b"".join(line.rstrip() + b"\n" for line in whole.split(b"\r\n"))[:-1]
    items = read(data)
    assert b"".join(write_items(items)) == data
    assert not [one for item in items for one in item.findings]


def test_items_stand_in_order(read) -> None:
    items = read(file_bytes("2.2", seed=1, count=2, full=True))
    kinds = [type(item).__name__ for item in items]
    assert kinds[0] == "Header"
    assert kinds[-1] == "Trailer"
    assert kinds[1:5] == ["Group", "Transaction", "Transaction", "GroupEnd"]
    assert [item.kind for item in items if isinstance(item, Group)] == ["AGR", "NWR", "REV", "ISW", "EXC", "ACK"]


def test_an_answer_holds_what_it_answers(read) -> None:
    answers = [
        item
        for item in read(file_bytes("2.2", seed=8, count=8, full=True))
        if isinstance(item, Transaction) and item.kind == "ACK"
    ]
    assert len(answers) == 8
    originals = [answer.original for answer in answers if answer.original]
    assert originals
    assert {records[0].kind for records in originals} == {"NWR"}
    assert answers[0].records[0].values["original_transaction_type"] == "NWR"


def test_values_and_numbers_of_a_record(read) -> None:
    items = read(file_bytes("2.1", seed=1, count=1))
    head = next(item for item in items if isinstance(item, Transaction)).records[0]
    assert head.values["submitter_work_number"] == "TST000000001"
    assert (head.transaction_sequence, head.record_sequence) == (0, 0)
    assert head.values is head.values


def test_the_sender_of_2_x_may_spill_into_the_type() -> None:
    def ipi(sender_type: str, sender_id: str) -> str:
        record = header("2.2")
        raw = record.raw[:3] + sender_type + sender_id + record.raw[14:]
        first = next(read_transactions(io.BytesIO(raw.encode())))
        assert isinstance(first, Header)
        assert first.findings[1:] == ()  # a file of a header only has no trailer, which the trailer tells
        return first.sender_ipi

    assert ipi("01", "234567890") == "01234567890"
    assert ipi("PB", "000000199") == "00000000199"
    assert ipi("SO", "000000052") == ""


@pytest.mark.parametrize("data", [b"", b"\n", b"PK\x03\x04", b"GRHNWR0000102.100000000000  \n", b"\xff\xfeH\x00"])
def test_what_is_no_cwr_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        list(read_transactions(io.BytesIO(data)))


def _lines(version: str = "2.1", count: int = 2) -> list[str]:
    return file_bytes(version, seed=4, count=count).decode().split("\r\n")[:-1]


def _joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def test_unknown_lines_stay_where_they_stand_and_are_told(read, told) -> None:
    lines = _lines()
    lines.insert(3, "QQQ nobody knows this")
    lines.insert(5, "")
    lines.append("\x1a")
    data = _joined(lines)
    items = read(data)
    assert b"".join(write_items(items)) == data
    assert isinstance(items[-1], Stray)
    found = [one for one in told(data) if one[1] in ("record-type", "empty-line")]
    assert [(rule, line) for _, rule, _, line, _ in found] == [
        ("record-type", 4),
        ("empty-line", 6),
        ("record-type", len(lines)),
    ]
    assert len([item for item in items if isinstance(item, Transaction)]) == 2


def test_the_frame_is_checked(told) -> None:
    lines = _lines()
    without_end = [line for line in lines if not line.startswith("GRT")]
    assert {("G", "group-end")} <= {one[:2] for one in told(_joined(without_end))}
    assert {("E", "no-trailer")} == {one[:2] for one in told(_joined(lines[:-1]))}
    without_group = [line for line in lines if not line.startswith("GRH")]
    assert {("G", "no-group"), ("G", "group-end")} <= {one[:2] for one in told(_joined(without_group))}
    assert ("E", "after-end") in {one[:2] for one in told(_joined([*lines, *lines[1:]]))}
    assert ("R", "stray") in {one[:2] for one in told(_joined([*lines[:1], *lines]))}


def test_counts_and_sequence_numbers_are_compared(told) -> None:
    lines = _lines()
    dropped = next(place for place, line in enumerate(lines) if line.startswith("SWR"))
    found = told(_joined(lines[:dropped] + lines[dropped + 1 :]))
    assert ("R", "sequence") in {one[:2] for one in found}
    assert [(one[2], one[4]) for one in found if one[1] == "count"] == [
        ("GRT", "record_count"),
        ("TRL", "record_count"),
    ]
    second = max(place for place, line in enumerate(lines) if line.startswith("NWR"))
    changed = [line[:3] + "00000007" + line[11:] if place == second else line for place, line in enumerate(lines)]
    assert [one[:3] for one in told(_joined(changed)) if one[1] == "sequence"] == [
        ("G", "sequence", "NWR"),
        ("R", "sequence", lines[second + 1][:3]),
    ]


def test_a_group_of_another_kind_is_told(told) -> None:
    lines = ["GRHREV" + line[6:] if line.startswith("GRH") else line for line in _lines()]
    assert Counter(one[:2] for one in told(_joined(lines))) == {("G", "group-kind"): 2}


def test_details_outside_of_transactions_are_stray(read) -> None:
    lines = _lines(count=1)
    lines.insert(2, lines[3])
    items = read(_joined(lines))
    stray = [item for item in items if isinstance(item, Stray)]
    assert [item.record.line for item in stray] == [3]
    assert stray[0].findings[0].rule == "stray"


def test_a_transaction_beyond_the_limit_is_cut_and_told(read) -> None:
    lines = _lines(count=1)
    more = ["ALT" + line[3:] if line.startswith("ALT") else "ALT" + "0" * 16 + "X" for line in lines[-1:]]
    data = _joined([*lines[:-2], *more * (CWR.transaction_records_max + 10), *lines[-2:]])
    items = read(data)
    transaction = next(item for item in items if isinstance(item, Transaction))
    assert len(transaction.records) == CWR.transaction_records_max
    assert transaction.rejected
    assert len(transaction.findings) <= CWR.item_findings_max + 2
    assert ("limit", "T") in {(one.rule, one.level.value) for one in transaction.findings}


def test_a_line_beyond_the_limit_is_told_and_the_next_is_read(read) -> None:
    lines = _lines(count=1)
    lines.insert(4, "ALT" + "9" * (4 * CWR.chunk_bytes))
    items = read(_joined(lines))
    found = [one for item in items for one in item.findings]
    assert ("limit", 5) in {(one.rule, one.line) for one in found}
    assert isinstance(items[-1], Trailer)


def test_a_file_of_junk_is_told_up_to_the_limit(read) -> None:
    data = header("2.1").raw.encode() + b"\n" + b"x\n" * (CWR.stray_findings_max + 50)
    items = read(data)
    assert b"".join(write_items(items)) == data
    found = [one for item in items for one in item.findings if one.rule == "record-type"]
    assert len(found) == CWR.stray_findings_max
    assert found[-1].message.endswith("are not told")


def test_reading_without_validation_sees_the_frame_only(read) -> None:
    lines = [line.replace("I2136", "I9999").replace("00000199", "0000XXXX") for line in _lines()]
    lines[-1] = lines[-1].replace("0", "9")
    rules = {one.rule for item in read(_joined(lines), validate=False) for one in item.findings}
    assert rules == {"count"}


def test_transactions_are_written_in_groups_with_their_counts(read) -> None:
    made = list(transactions("2.1", seed=1, count=2, full=True))
    data = b"".join(write_transactions(header("2.1"), made))
    items = read(data)
    assert not [one for item in items for one in item.findings]
    assert [item.kind for item in items if isinstance(item, Transaction)] == [one.kind for one in made]
    again = [item for item in items if isinstance(item, Transaction)]
    first = items[0]
    assert isinstance(first, Header)
    assert b"".join(write_transactions(first, again)) == data
    ends = [item.record.values["record_count"] for item in items if isinstance(item, GroupEnd)]
    assert sum(map(int, ends)) + 2 == len(data.splitlines())


def test_a_file_holds_one_version_only() -> None:
    made = next(iter(transactions("2.2", seed=1, count=1)))
    with pytest.raises(InputError, match=r"2\.2"):
        list(write_transactions(header("2.1"), [made]))
    with pytest.raises(InputError, match="header"):
        list(write_transactions(made.records[0], [made]))


def test_a_file_of_nothing_is_still_a_file(read) -> None:
    items = read(b"".join(write_transactions(header("3.1"), [])))
    assert [type(item) for item in items] == [Header, Trailer]
    assert not [one for item in items for one in item.findings]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"work_title": "X" * 61}, "work_title"),
        ({"work_title": "A\nB"}, "work_title"),
        ({"work_title": "A\u2028B"}, "work_title"),
        ({"work_titel": "A"}, "work_titel"),
    ],
)
def test_what_does_not_fit_a_record_is_refused(values: dict[str, str], field: str) -> None:
    with pytest.raises(InputError) as caught:
        compose(layout_of("2.1").record("NWR"), values)
    assert caught.value.context["field"] == field


def test_compose_fills_up() -> None:
    record = compose(layout_of("2.1").record("SPT"), {"interested_party_number": "P1", "pr_collection_share": 5000})
    assert (
        record.raw == "SPT" + "0" * 16 + "P1".ljust(9) + " " * 6 + "05000" + "00000" * 2 + " " + " " * 4 + " " + "000"
    )


def test_text_beyond_ascii_comes_back_in_the_encoding_that_the_header_names(read) -> None:
    made = list(transactions("3.1", seed=1, count=1))
    raw = made[0].records[0].raw
    titled = Record("WRK", 0, raw[:19] + "ČAJ A ŽIVOT".ljust(60) + raw[79:], made[0].records[0].layout)
    changed = replace(made[0], records=(titled, *made[0].records[1:]))
    for charset, codec in (("ISO-8859-2", "iso8859-2"), ("", "utf-8")):
        text = b"".join(write_transactions(header("3.1", charset=charset), [changed])).decode()
        data = text.encode(codec)
        items = read(data)
        transaction = next(item for item in items if isinstance(item, Transaction))
        assert transaction.records[0].values["work_title"] == "ČAJ A ŽIVOT"
        assert transaction.records[0].manner.encoding == codec
        assert b"".join(write_items(items)) == data
        assert not transaction.findings
