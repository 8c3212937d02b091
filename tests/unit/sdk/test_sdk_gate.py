"""What passes a gate, and what every library does with it: only cleared rows, whatever stands in the cells."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sdk.gate_worlds import CODES, KEPT, STATUSES, gate

from cantoria.clearance.types import Status
from cantoria.kernel.errors import InputError
from cantoria.sdk.gate import Gate, GateReason, MemoryJudge
from cantoria.sdk.gate.marks import CLEARED, mark_of, reason_of, status_of, words_of

COUNTS = {"cleared": 2, "denied": 1, "licensable": 1, "unknown": 4}


def test_the_gate_is_one_import_away() -> None:
    import cantoria

    assert cantoria.Gate is Gate


# requests


@pytest.mark.parametrize("use", ["train", "Training", "finetune"])
def test_train_alone_is_refused_and_names_both_uses(use: str) -> None:
    with pytest.raises(InputError, match=r"train_generative .* train_nongenerative"):
        Gate(MemoryJudge({}), use=use, licensee="party_ai", territories="KR")


@pytest.mark.parametrize(
    "options",
    [
        {"use": "sing"},
        {"licensee": ""},
        {"on_unknown": "pass"},
        {"media": "video"},
        {"columns": {"ISRC": "isrc"}},
        {"columns": {"media": "m"}},
    ],
)
def test_what_cannot_be_read_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Gate(MemoryJudge({}), **({"use": "input", "licensee": "party_ai", "territories": "KR"} | options))


# rows and batches


def test_only_cleared_rows_pass() -> None:
    mask = gate()({"isrc": CODES})
    assert list(mask) == [True, False, False, False, True, False, False, False]


def test_one_row_is_true_or_false() -> None:
    one = gate()
    assert one({"isrc": "KR-A38-19-00001", "text": "x"}) is True
    assert one({"isrc": "KRA381900002"}) is False
    assert one({"isrc": None}) is False
    assert one({"text": "no code at all"}) is False
    assert one({}) is False


def test_a_mask_is_no_truth_value() -> None:
    # A filter that is not told batched=True would take a list that is not empty for a yes to every row.
    with pytest.raises(TypeError, match="batched=True"):
        bool(gate()({"isrc": ["KRA381900002", "KRA381900003"]}))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"isrc": None}, GateReason.NO_CODE),
        ({"isrc": ""}, GateReason.NO_CODE),
        ({"isrc": "  "}, GateReason.NO_CODE),
        ({"isrc": math.nan}, GateReason.NO_CODE),
        ({"isrc": []}, GateReason.NO_CODE),
        ({"isrc": "KRA38190000"}, GateReason.BAD_CODE),
        ({"isrc": "KRA381900001\0"}, GateReason.BAD_CODE),
        ({"isrc": "КRA381900001"}, GateReason.BAD_CODE),  # a Cyrillic letter
        ({"isrc": "KRA38190000\N{ARABIC-INDIC DIGIT ONE}"}, GateReason.BAD_CODE),
        ({"isrc": "KRA3819\n00001"}, GateReason.BAD_CODE),
        ({"isrc": 381900001}, GateReason.BAD_CODE),
        ({"isrc": {"code": "KRA381900001"}}, GateReason.BAD_CODE),
        ({"isrc": [["KRA381900001"]]}, GateReason.BAD_CODE),
        ({"isrc": "KRA381900001|nonsense"}, GateReason.BAD_CODE),
        ({"isrc": "KRA381900001", "iswc": "T-000"}, GateReason.BAD_CODE),
        ({"isrc": "|".join(f"KRA3819{n:05}" for n in range(65))}, GateReason.TOO_MANY_CODES),
        ({"isrc": ["KRA381900001"] * 65}, GateReason.TOO_MANY_CODES),
        ({"isrc": "K" * 100_000}, GateReason.TOO_MANY_CODES),
        ({"title": "Arirang", "artist": "Ana"}, GateReason.NAME_ONLY),
        ({"isrc": "KRA381900001", "media": "work"}, GateReason.OTHER_MEDIA),
        ({"sha256": "ab"}, GateReason.BAD_CODE),
        ({"codes": "dpid:PADPIDA2013020802I"}, GateReason.BAD_CODE),
        ({"codes": "KRA381900001"}, GateReason.BAD_CODE),
    ],
)
def test_what_cannot_be_identified_is_unknown_and_says_why(row: dict[str, Any], reason: GateReason) -> None:
    one = gate()
    assert one.passes(row) is False
    assert one.report().marks == {int(reason): 1}
    assert one.explain(row).status is Status.UNKNOWN
    assert one.explain(row).reasons == (reason.name.lower(),)
    assert words_of(int(reason))


@pytest.mark.parametrize(
    "row",
    [
        {"isrc": "kr-a38-19-00001"},
        {"isrc": b"KRA381900001"},
        {"isrc": ["KRA381900001", None, ""]},
        {"isrc": "KRA381900001", "iswc": "", "title": "Arirang", "media": "recording"},
        {"iswc": "T-034.524.680-1"},
        {"codes": "isrc:KRA381900001|ISWC:T-034.524.680-1"},
        {"isrc": "ＫＲＡ381900001"},  # full-width letters are what a Korean keyboard types
    ],
)
def test_codes_are_read_as_the_trade_writes_them(row: dict[str, Any]) -> None:
    assert gate().passes(row) is True


def test_codes_that_disagree_do_not_pass() -> None:
    assert gate().passes({"isrc": ["KRA381900001", "KRA381900002"]}) is False


@pytest.mark.parametrize(
    ("beside", "passes"),
    [
        ({"tdm_reservation": "1"}, False),
        ({"tdm_reservation": 1}, False),
        ({"tdm_reservation": b"1"}, False),
        ({"tdm_reservation": "0"}, True),
        ({"content_usage": "train-ai=n"}, False),
        ({"content_usage": "train-ai=y"}, True),
        ({"robots_tag": "noai"}, False),
        ({"training_mining": "{" * 100_000}, False),
        ({"license": "CC-BY-4.0"}, True),
        ({"license": None, "licence": math.nan}, True),
    ],
)
def test_a_signal_beside_a_row_can_only_tighten(beside: dict[str, Any], passes: bool) -> None:
    one = gate()
    assert one.passes({"isrc": "KRA381900001", **beside}) is passes
    assert list(one({name: [cell] for name, cell in {"isrc": "KRA381900001", **beside}.items()})) == [passes]
    assert one.passes({"isrc": "KRA381900002", **beside}) is False
    if not passes:
        assert one.explain({"isrc": "KRA381900001", **beside}).reasons == ("signal_refuses",)


def test_a_signal_about_another_use_changes_nothing() -> None:
    row = {"isrc": "KRA381900001", "content_usage": "train-ai=n"}
    asked = {"licensee": "party_ai", "territories": "KR"}
    analyse = Gate(MemoryJudge(STATUSES), use="voice", **asked)  # type: ignore[arg-type]
    tuned = Gate(MemoryJudge(STATUSES), use="voice", tuned_on=True, **asked)  # type: ignore[arg-type]
    assert analyse.passes(row)
    assert not tuned.passes(row)
    assert not pickle.loads(pickle.dumps(tuned)).passes(row)


def test_columns_that_a_person_named_must_be_there() -> None:
    one = gate(columns={"isrc": "ISRC", "iswc": "work"})
    assert list(one({"ISRC": ["KRA381900001"], "work": [None]})) == [True]
    assert list(one({"ISRC": ["KRA381900001"]})) == [False]
    assert one.report().marks == {CLEARED: 1, int(GateReason.NO_COLUMN): 1}


def test_a_table_without_codes_passes_nothing() -> None:
    one = gate()
    assert list(one({"text": ["a", "b"]})) == [False, False]
    assert one.table(pa.table({"text": ["a", "b"]})).num_rows == 0
    assert one.report().marks == {int(GateReason.NO_COLUMN): 4}


def test_columns_of_different_lengths_are_no_batch() -> None:
    with pytest.raises(InputError):
        gate()({"isrc": ["KRA381900001"], "text": ["a", "b"]})


CELLS = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.binary(max_size=20),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.lists(st.one_of(st.text(max_size=20), st.none(), st.integers()), max_size=5),
    st.sampled_from(["KRA381900001", "KRA381900002", "T-034.524.680-1"]),
)


@given(rows=st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(("isrc", "iswc", "codes", "title"), CELLS))))
def test_no_cell_raises_and_rows_and_columns_agree(rows: list[dict[str, Any]]) -> None:
    one = gate()
    alone = [one.passes(row) for row in rows]
    columns = {name: [row.get(name) for row in rows] for name in ("isrc", "iswc", "codes", "title")}
    assert list(one(columns)) == alone
    for row, passed in zip(rows, alone, strict=True):
        if passed:
            named = {str(cell) for cell in row.values()}
            assert any(known in text for known in ("KRA381900001", "034") for text in named)


# on_unknown


def test_raise_names_the_first_unknown_row_and_counts_them() -> None:
    one = gate(on_unknown="raise")
    assert list(one({"isrc": CODES[:3]})) == [True, False, False]
    with pytest.raises(InputError, match="4 of 8 rows are unknown") as caught:
        one({"isrc": CODES})
    assert caught.value.context["row of the batch"] == "4"


def test_flag_keeps_unknown_rows_with_their_reason() -> None:
    one = gate(on_unknown="flag")
    table = one.table(pa.table({"isrc": CODES}))
    assert table.column("isrc").to_pylist() == [CODES[0], *CODES[3:]]
    assert table.column("cantoria_status").to_pylist() == ["cleared", "unknown", "cleared", *["unknown"] * 3]
    reasons = ["", "silent", "", "not_found", "no_code", "bad_code"]
    assert table.column("cantoria_reason").to_pylist() == reasons
    assert one.polars(pl.DataFrame({"isrc": CODES})).rows() == [tuple(row.values()) for row in table.to_pylist()]
    assert list(one.rows({"isrc": code} for code in CODES)) == table.to_pylist()


def test_a_filter_cannot_flag() -> None:
    one = gate(on_unknown="flag")
    with pytest.raises(InputError, match=r"dataset\.map"):
        one({"isrc": CODES})
    assert one.flag({"isrc": CODES[:2]})["cantoria_status"] == ["cleared", "denied"]


def test_a_column_of_marks_is_never_written_over() -> None:
    with pytest.raises(InputError, match="cantoria_status"):
        gate(on_unknown="flag").table(pa.table({"isrc": CODES[:1], "cantoria_status": ["cleared"]}))


# report and time


def test_the_report_counts_by_status_and_reason() -> None:
    one = gate()
    one({"isrc": CODES})
    report = one.report()
    assert report.statuses() == COUNTS
    assert report.reasons() == dict.fromkeys(("asks", "bad_code", "no_code", "not_found", "said_no", "silent"), 1)
    assert report.to_json()["rows"] == 8
    assert "silent" in str(report)
    assert one.review({"isrc": code} for code in CODES).statuses() == COUNTS
    assert one.report().rows == 8  # the review is counted apart


def test_outside_its_time_a_gate_neither_opens_nor_filters() -> None:
    judge, now = MemoryJudge(STATUSES, at=100, until=200), 150
    asked = {"use": "input", "licensee": "party_ai", "territories": "KR"}
    for moment in (99, 200):
        with pytest.raises(InputError, match="fresh snapshot"):
            Gate(judge, **asked, clock=lambda moment=moment: moment)  # type: ignore[misc]
    one = Gate(judge, **asked, clock=lambda: now)
    assert one.passes({"isrc": "KRA381900001"})
    now = 200
    for call in (one.passes, one.explain):
        with pytest.raises(InputError, match="fresh snapshot"):
            call({"isrc": "KRA381900001"})
    with pytest.raises(InputError, match="fresh snapshot"):
        one.table(pa.table({"isrc": CODES}))


def test_a_gate_is_pickled_with_what_it_stands_on() -> None:
    one = gate()
    other = pickle.loads(pickle.dumps(one))
    assert list(other({"isrc": CODES})) == list(one({"isrc": CODES}))
    assert pickle.dumps(other) == pickle.dumps(one)  # counts are no part of it
    state = one.__getstate__()
    assert state["snapshot"] == one.basis.snapshot
    revoked = one.with_revocations(["isrc:KRA381900001"])
    assert pickle.dumps(revoked) != pickle.dumps(one)
    assert list(revoked({"isrc": CODES[:1]})) == [False]
    assert not pickle.loads(pickle.dumps(revoked)).passes({"isrc": "KRA381900001"})
    assert pickle.dumps(gate({})) != pickle.dumps(one)


def test_names_alone_list_candidates_and_never_clear() -> None:
    class Found:
        def find(self, names: Any) -> list[str]:
            return [f"isrc:KRA381900001 {names['title']} by {names['artist']}"]

    one = gate(candidates=Found())
    verdict = one.explain({"title": "Arirang", "artist": "Ana"})
    assert verdict.status is Status.UNKNOWN
    assert not verdict.passes
    assert verdict.candidates == ("isrc:KRA381900001 Arirang by Ana",)
    assert one.passes({"title": "Arirang", "artist": "Ana"}) is False


@given(st.sampled_from(list(Status)), st.integers(min_value=1, max_value=255))
def test_marks_tell_status_and_reason(status: Status, reason: int) -> None:
    mark = mark_of(status, reason)
    assert status_of(mark) is status
    assert (mark == CLEARED) == (status is Status.CLEARED)
    assert (reason_of(mark) == "") == (status is Status.CLEARED)


@given(st.integers())
def test_a_number_that_is_no_mark_is_unknown(number: int) -> None:
    assert (status_of(number) is Status.CLEARED) == (number == CLEARED)
    assert (status_of(number) is Status.UNKNOWN) or 256 <= number <= CLEARED


# libraries


def test_arrow_tables_and_record_batches() -> None:
    table = pa.table({"isrc": pa.chunked_array([CODES[:3], CODES[3:]]), "n": list(range(8))})
    assert gate().table(table).column("isrc").to_pylist() == KEPT
    batches = list(gate().record_batches(table.to_batches()))
    assert [batch.num_rows for batch in batches] == [1, 1]
    assert gate().table(table.schema.empty_table()).schema == table.schema


def test_arrow_columns_of_other_types() -> None:
    dictionary = pa.array(CODES).dictionary_encode()
    assert gate().table(pa.table({"isrc": dictionary})).num_rows == 2
    lists = pa.array([["KRA381900001"], None, [], ["KRA381900001"] * 65, ["KRA381900005", None]])
    assert gate().table(pa.table({"isrc": lists})).num_rows == 2
    assert gate().table(pa.table({"isrc": pa.array(CODES, pa.large_string())})).num_rows == 2
    assert gate().table(pa.table({"isrc": pa.array([1.5, math.nan])})).num_rows == 0


def test_a_list_of_a_million_codes_is_not_taken_apart() -> None:
    long = pa.ListArray.from_arrays([0, 1, 1_000_001], pa.array(["KRA381900001"] * 1_000_001))
    one = gate()
    assert one.table(pa.table({"isrc": long})).num_rows == 1
    assert one.report().marks == {CLEARED: 1, int(GateReason.TOO_MANY_CODES): 1}


def test_polars_eager_and_lazy() -> None:
    frame = pl.DataFrame({"isrc": CODES, "n": range(8)})
    assert gate().polars(frame)["isrc"].to_list() == KEPT
    # neither a selection without codes nor a limit may move before the gate
    assert gate().polars(frame.lazy()).select("n").head(2).collect()["n"].to_list() == [0, 4]
    assert gate().polars(frame.clear()).height == 0
    nested = pl.DataFrame({"isrc": [["KRA381900001"], ["KRA381900002"]]})
    assert gate().polars(nested).height == 1


def test_duckdb_function_and_join_agree() -> None:
    with duckdb.connect() as connection:
        one = gate()
        one.duckdb(connection)
        connection.register("rows", pa.table({"isrc": CODES, "n": list(range(8))}))
        scalar = connection.execute("SELECT isrc FROM rows WHERE ai_cleared(isrc) ORDER BY n").fetchall()
        joined = connection.execute(
            "SELECT isrc FROM rows JOIN ai_clearance USING (isrc) WHERE cleared ORDER BY n"
        ).fetchall()
        assert scalar == joined == [(code,) for code in KEPT]
        told = "SELECT ai_cleared(NULL), ai_cleared('x'), ai_status('iswc:T0345246801'), ai_status('KRA381900003')"
        assert connection.execute(told).fetchall() == [(False, False, "cleared", "licensable")]
        revoked = one.with_revocations(["isrc:KRA381900001"])
        revoked.duckdb(connection, table="later")
        assert connection.execute("SELECT count(*) FROM later WHERE cleared").fetchall() == [(2,)]
        assert connection.execute("SELECT ai_cleared('KRA381900001')").fetchall() == [(False,)]


def test_duckdb_tables_have_plain_names() -> None:
    with duckdb.connect() as connection, pytest.raises(InputError):
        gate().duckdb(connection, table="a; DROP TABLE b")


def test_iterables_of_rows() -> None:
    rows = ({"isrc": code, "n": n} for n, code in enumerate(CODES))
    passed = gate().rows(rows)
    assert isinstance(passed, Iterator)
    assert [row["isrc"] for row in passed] == KEPT
    assert list(gate().rows(["no mapping", None])) == []


class Items:
    """A map-style dataset that counts how often an item is made."""

    def __init__(self) -> None:
        self.made = 0

    def __len__(self) -> int:
        return len(CODES)

    def __getitem__(self, place: int) -> dict[str, Any]:
        if not 0 <= place < len(CODES):
            raise IndexError(place)
        self.made += 1
        return {"isrc": CODES[place], "sound": bytes(100)}


def test_indices_and_subset_of_a_map_style_dataset() -> None:
    items = Items()
    assert gate().indices(items) == [0, 4]
    assert items.made == len(CODES)
    subset = gate().subset(items)
    assert len(subset) == 2
    assert [subset[place]["isrc"] for place in range(2)] == KEPT
    tuples = [(b"sound", code) for code in CODES]
    assert gate().indices(tuples, row=lambda item: {"isrc": item[1]}) == [0, 4]


def test_torch_is_used_only_where_it_already_is(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    stand_in = types.ModuleType("torch.utils.data")
    stand_in.Subset = lambda dataset, indices: ("torch", indices)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.data", stand_in)
    assert gate().subset(Items()) == ("torch", [0, 4])


# files


def test_parquet_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    table = pa.table({"isrc": CODES, "n": range(8)}).replace_schema_metadata({"mine": "kept"})
    pq.write_table(table, tmp_path / "in" / "a.parquet", row_group_size=3)
    pq.write_table(table.slice(4), tmp_path / "in" / "deep" / "b.parquet")
    report = gate().parquet(tmp_path / "in", tmp_path / "out")
    assert report.statuses() == {"cleared": 3, "denied": 1, "licensable": 1, "unknown": 7}
    written = pq.read_table(tmp_path / "out" / "a.parquet")
    assert written.column("isrc").to_pylist() == KEPT
    assert written.schema.metadata[b"mine"] == b"kept"
    assert b"cantoria_receipt" in pq.read_metadata(tmp_path / "out" / "deep" / "b.parquet").metadata
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.parquet",
        "cantoria-receipt.json",
        "deep",
    ]
    for target in (tmp_path / "in", tmp_path / "in" / "kept"):
        with pytest.raises(InputError, match="write over"):
            gate().parquet(tmp_path / "in", target)
    flagged = gate(on_unknown="flag")
    flagged.parquet(tmp_path / "in" / "a.parquet", tmp_path / "flagged.parquet")
    assert pq.read_table(tmp_path / "flagged.parquet").num_rows == 6


def test_a_parquet_file_that_is_none_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really PAR1")
    for source in (tmp_path / "a.parquet", tmp_path / "absent.parquet", tmp_path):
        with pytest.raises(InputError):
            gate().parquet(source, tmp_path / "out" / "b.parquet" if source.suffix else tmp_path)
    assert not list(tmp_path.rglob("*.partial"))


def test_lists_beyond_any_row_are_refused_by_the_footer(tmp_path: Path) -> None:
    # Nothing but nulls, which take next to no room: the file is small and the cell is not.
    lists = pa.ListArray.from_arrays([0, 5_000_000], pa.nulls(5_000_000, pa.string()))
    pq.write_table(pa.table({"isrc": lists}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 100_000
    with pytest.raises(InputError, match="at most 64 codes"):
        gate().parquet(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert not (tmp_path / "b.parquet").exists()


def test_a_table_with_a_column_twice_is_refused() -> None:
    columns = [pa.array(["KRA381900002"]), pa.array(["KRA381900002"]), pa.array(["KRA381900001"])]
    rows = pa.Table.from_arrays(columns, names=["isrc", "isrc", "other"])
    for one in (gate(), gate(on_unknown="raise")):
        for ask in (one, one.table, one.marks_of):
            with pytest.raises(InputError, match="twice"):
                ask(rows)


@pytest.mark.parametrize("name", ["cantoria_status", "cantoria_reason"])
def test_csv_that_carries_marks_already_is_not_flagged(name: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"isrc,{name}\nKRA381900004,cleared\n")
    with pytest.raises(InputError, match="has a column"):
        gate(on_unknown="flag").csv(tmp_path / "in.csv", tmp_path / "out.csv")
    assert gate().csv(tmp_path / "in.csv", tmp_path / "out.csv").count(Status.CLEARED) == 0


def test_csv(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    body = b"\xef\xbb\xbfisrc,title\n" + b"".join(f"{code or ''},a\n".encode() for code in CODES)
    source.write_bytes(body + b'KRA381900001\nKRA381900001,a,b\nKRA381900005,\xff""\n')
    one = gate()
    report = one.csv(source, target)
    assert target.read_bytes() == b'isrc,title\nKRA381900001,a\nKRA381900005,a\nKRA381900005,"\xff"""""\n'
    assert report.marks[int(GateReason.BAD_ROW)] == 2
    assert report.count(Status.CLEARED) == 3
    assert (tmp_path / "out.csv.receipt.json").exists()
    with pytest.raises(InputError, match="write over"):
        one.csv(source, source)


@pytest.mark.parametrize("body", [b"", b"isrc,isrc\nKRA381900001,KRA381900001\n"])
def test_csv_that_is_no_table_is_refused_whole(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "in.csv").write_bytes(body)
    with pytest.raises(InputError):
        gate().csv(tmp_path / "in.csv", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
