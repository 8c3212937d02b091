"""Large tables: each record once, whatever the bytes; batches that come out as they went in, or not at all."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzz import bulk as fuzzed
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats import bulk
from cantoria.formats.bulk import source
from cantoria.formats.bulk.batch import SCHEMAS
from cantoria.kernel.errors import InputError
from cantoria.registry.bulk import row_of_link
from cantoria.registry.bulk_facts import BatchTable

ROW = {"title": "A", "isrc": "KRA381700123"}


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    fuzzed.one(data)
    fuzzed.one(b"title,isrc\n" + data)


@given(st.data())
def test_a_mutated_file_is_read_or_refused(data: st.DataObject) -> None:
    seed = bytearray(data.draw(st.sampled_from(list(fuzzed.seeds()))))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(seed) - 1))
        seed[place] = data.draw(st.integers(0, 255))
    fuzzed.one(bytes(seed))


CELLS = st.sampled_from(["A", "", "봄날", "KRA381700123", "isrc", "x" * 1_001, "own:X:1", "1000", '"', "a,b", "\x00"])


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=40), st.integers(0, 12), st.integers(1, 9))
def test_from_any_record_on_in_chunks_of_any_size(rows: list[list[str]], start: int, size: int) -> None:
    text = "title,isrc,codes\n" + "".join(",".join(row) + "\n" for row in rows)
    with suppress(InputError):
        whole = [line for chunk in chunks(text, 0, 1_000) for line in lines_of(chunk)]
        cut = chunks(text, start, size)
        assert [line for chunk in cut for line in lines_of(chunk)] == whole[start:]
        assert [chunk.start for chunk in cut] == [start + n * size for n in range(len(cut))]
        assert all(chunk.taken == size for chunk in cut[:-1])


def chunks(text: str, start: int, size: int) -> list[Any]:
    stream = io.BytesIO(text.encode())
    return list(bulk.read(stream, file="c", table=BatchTable.RECORDINGS, start=start, rows_per_chunk=size))


def lines_of(chunk: Any) -> list[int]:
    found = sorted([*chunk.rows.column("line").to_pylist(), *(one.line for one in chunk.malformed)])
    assert len(found) == chunk.taken
    return found


@pytest.mark.parametrize("start", [0, 1, 99, 100, 250, 999, 1_000, 2_000])
def test_a_parquet_file_from_any_record_on(start: int) -> None:
    sink = io.BytesIO()
    table = pa.table({"Title": [f"song {n}" for n in range(1_000)], "isrc": [None] * 1_000, "artist": ["A"] * 1_000})
    pq.write_table(table.cast(pa.schema([("Title", "string"), ("isrc", "string"), ("artist", "string")])), sink)
    found = list(bulk.read(sink, file="p", table=BatchTable.RECORDINGS, start=start, rows_per_chunk=300))
    names = [title for chunk in found for title in chunk.rows.column("title").to_pylist()]
    assert names == [f"song {n}" for n in range(start, 1_000)]
    assert sum(chunk.taken for chunk in found) == max(0, 1_000 - start)


def test_a_parquet_row_that_is_not_in_utf8_is_refused_by_itself() -> None:
    titles = pa.array([b"A", b"\xff\xfe", "봄날".encode()], pa.binary())
    sink = io.BytesIO()
    # A file that says of bytes that they are text.
    text = pa.Array.from_buffers(pa.string(), 3, titles.buffers())
    isrcs = pa.array([f"KRA38170012{n}" for n in range(3)])
    pq.write_table(pa.table({"title": text, "isrc": isrcs}), sink)
    [chunk] = bulk.read(sink, file="p", table=BatchTable.RECORDINGS, rows_per_chunk=10)
    checked = bulk.check(chunk, file="p", table=BatchTable.RECORDINGS)
    assert checked.rows.column("title").to_pylist() == ["A", "봄날"]
    assert [(one.line, one.field, one.remedy) for one in checked.findings] == [(2, "title", "save the file as UTF-8")]


@pytest.mark.parametrize("kind", list(BatchTable))
def test_a_batch_comes_out_as_it_went_in(kind: BatchTable) -> None:
    rows = pa.Table.from_pylist(fuzzed.rows_for(kind, 5), schema=SCHEMAS[kind])
    fact = fuzzed.fact_for(kind, 5)
    assert bulk.decode(bulk.encode(rows, kind=kind), fact=fact).to_pylist() == rows.to_pylist()


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "a\x07"},
        {"title": "x" * 1_001},
        {"title": None},
        {"id": "recording_x"},
        {"id": "recording_00000000000000000000000009"},
        {"isrc": "kra381700123"},
        {"codes": ["own"]},
        {"codes": [None]},
        {"codes": [f"own:X:{n}" for n in range(33)]},
        {"codes": None},
        {"duration_ms": -1},
        {"duration_ms": 86_400_001},
        {"works": ["work_x"]},
        {"line": None},
    ],
)
def test_a_batch_with_one_wrong_value_is_none(change: dict[str, Any]) -> None:
    rows = fuzzed.rows_for(BatchTable.RECORDINGS, 5)
    rows[2] = {**rows[2], **change}
    table = pa.Table.from_pylist(rows, schema=SCHEMAS[BatchTable.RECORDINGS])
    data = bulk.encode(table, kind=BatchTable.RECORDINGS)
    with pytest.raises(InputError):
        bulk.decode(data, fact=fuzzed.fact_for(BatchTable.RECORDINGS, 5))


def test_the_id_of_a_link_that_is_no_row() -> None:
    assert row_of_link("link_1") is None
    assert row_of_link("work_01h2xcejqtf2nbrexx3vqjhp41") is None


def test_records_keep_their_lines_over_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_BLOCK_BYTES", 500)
    rows, broken = [], set()
    for n in range(600):
        title = f'"a {n}, b"' if n % 50 == 3 else f"a {n}"
        if n % 97 == 5:
            rows.append("broken\n")
            broken.add(n + 2)
        else:
            rows.append(f"{title},KRA38{n:07}\n")
    found = chunks("title,isrc\n" + "".join(rows), 10, 77)
    refused = {one.line for chunk in found for one in chunk.malformed}
    assert refused == {line for line in broken if line >= 12}
    seen = [pair for chunk in found for pair in zip(*map(chunk.rows.column, ("line", "isrc")), strict=True)]
    assert all(isrc.as_py() == f"KRA38{line.as_py() - 2:07}" for line, isrc in seen)
    assert len(seen) + len(refused) == 590
