"""One batch as files that answer point look-ups without being read: columns for the rows, sorted hashes for the keys.

`NAME.rows` is an Arrow file, mapped into memory. `NAME.keys` holds, for every code, work and end of a link that a row
names, eight bytes of its MD5 (an index, no commitment), all sorted, and then for each the number of its row (32 bit).
Both are made from the attachment and can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cantoria.adapters.files import sync_folder, write_whole
from cantoria.formats.bulk.batch import KEY, PREFIX
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.ids import typed_id, uuid_of
from cantoria.registry.bulk import LinkRow, Row
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable

_ENTRY_BYTES: Final = 12
_FEW: Final = 30_000  # distinct values that 16 bits can number
_HASHES: Final = """
SELECT md5_number_lower(key) AS hash, CAST(row AS UINTEGER) AS row FROM keys
WHERE key IS NOT NULL AND key <> '' ORDER BY hash, row
"""


@lru_cache(maxsize=65_536)  # each batch is asked for the same keys
def key_hash(key: str) -> int:
    """Return the 64 bits under which a key stands."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[8:], "little")


def hashes_of(keys: pa.Array) -> pa.Array:
    """Return the 64 bits of each key."""
    with _engine() as engine:
        engine.register("keys", pa.table({"key": keys}))
        found: Any = engine.sql("SELECT md5_number_lower(key) AS hash FROM keys").to_arrow_table()
        return found.column(0).combine_chunks()


class Shelf:
    """The rows of one batch; open files stay mapped until it is dropped."""

    def __init__(self, folder: Path, fact: BatchRegistered) -> None:
        self.fact = fact
        self._paths = paths_of(folder, fact)
        self._columns: dict[str, Any] | None = None
        self._hashes: memoryview | None = None
        self._rows: memoryview | None = None
        self._line_start = 0
        self.dense = False

    @property
    def bytes_on_disk(self) -> tuple[int, int]:
        """The sizes of the files with the rows and with the keys."""
        rows, keys = self._paths
        return rows.stat().st_size, keys.stat().st_size

    def find(self, key: str) -> Iterator[int]:
        """Give the rows that may name a key: nearly always just those that do."""
        hashes, rows = self._keys()
        wanted = key_hash(key)
        place = bisect_left(hashes, wanted)
        while place < len(hashes) and hashes[place] == wanted:
            yield rows[place]
            place += 1

    def holding(self, wanted: pa.Array) -> pa.Array:
        """Return those of the 64-bit hashes `wanted` that stand here."""
        hashes, _ = self._keys()
        here = pa.Array.from_buffers(pa.uint64(), len(hashes), [None, pa.py_buffer(hashes)])
        return here.filter(pc.is_in(here, value_set=wanted))

    def of_id(self, entity: str) -> int | None:
        """Return the row that registers this id."""
        fact = self.fact
        if fact.table is BatchTable.LINKS or not fact.first <= entity <= fact.last:
            return None
        columns = self.columns()
        if self.dense:
            prefix = PREFIX[fact.table]
            try:
                return int.from_bytes(uuid_of(entity, prefix=prefix), "big") - self._first()
            except InputError:
                return None
        ids = columns["id"]
        row = bisect_left(range(fact.rows), entity, key=lambda place: ids[place].as_py())
        return row if row < fact.rows and ids[row].as_py() == entity else None

    def row(self, position: int) -> Row | LinkRow:
        """Return one row."""
        columns, fact = self.columns(), self.fact
        if fact.table is BatchTable.LINKS:
            left, relation, right = (columns[name][position].as_py() for name in ("left", "relation", "right"))
            return LinkRow(
                position=position, left=left, relation=relation, right=right, line=self._line(position, columns)
            )
        scheme = KEY[fact.table]
        chief = columns[scheme][position].as_py()
        more: dict[str, Any] = {}
        if fact.table is BatchTable.RECORDINGS:
            more = {name: columns[name][position].as_py() for name in ("display_artist", "duration_ms", "version")}
            more["works"] = _items(columns, "works", position)
        return Row(
            position=position,
            id=self.id_at(position),
            title=columns["title"][position].as_py(),
            line=self._line(position, columns),
            codes=(*([f"{scheme}:{chief}"] if chief else []), *_items(columns, "codes", position)),
            **more,
        )

    def id_at(self, position: int) -> str:
        """Return the id that a row registers."""
        columns = self.columns()
        if self.dense:
            return typed_id(PREFIX[self.fact.table], (self._first() + position).to_bytes(16, "big"))
        found: str = columns["id"][position].as_py()
        return found

    def columns(self) -> dict[str, Any]:
        """Return the columns of all rows, mapped from the file."""
        if self._columns is None:
            try:
                table = pa.ipc.open_file(pa.memory_map(str(self._paths[0]))).read_all()
            except (pa.ArrowException, OSError) as error:
                raise _damaged(self._paths[0], error) from error
            self.dense = "id" not in table.column_names and self.fact.table is not BatchTable.LINKS
            self._line_start = int((table.schema.metadata or {}).get(b"line", b"0"))
            self._columns = {name: table.column(name).chunk(0) for name in table.column_names}
        return self._columns

    def _line(self, position: int, columns: dict[str, Any]) -> int:
        line: int = columns["line"][position].as_py() if "line" in columns else self._line_start + position
        return line

    def _first(self) -> int:
        return int.from_bytes(uuid_of(self.fact.first, prefix=PREFIX[self.fact.table]), "big")

    def _keys(self) -> tuple[memoryview, memoryview]:
        if self._hashes is None or self._rows is None:
            path = self._paths[1]
            try:
                with path.open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
            except OSError as error:
                raise _damaged(path, error) from error
            view = memoryview(mapped)
            split = len(view) // _ENTRY_BYTES * 8
            self._hashes, self._rows = view[:split].cast("Q"), view[split:].cast("I")
        return self._hashes, self._rows


def paths_of(folder: Path, fact: BatchRegistered) -> tuple[Path, Path]:
    """Return where the rows and the keys of a batch lie."""
    name = f"{fact.attachment}-{fact.table.value}"
    return folder / f"{name}.rows", folder / f"{name}.keys"


def build(folder: Path, fact: BatchRegistered, table: pa.Table) -> None:
    """Make the files of a batch from its rows; each is there whole or not at all, the keys last."""
    rows_path, keys_path = paths_of(folder, fact)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _write_rows(rows_path, _for_reading(table, fact))
        write_whole(keys_path, _key_bytes(table, fact))
    except OSError as error:
        raise UnavailableError(f"cannot keep the index of a batch: {error}", "free some disk space") from error


def _write_rows(path: Path, table: pa.Table) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with pa.OSFile(str(partial), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


def _for_reading(table: pa.Table, fact: BatchRegistered) -> pa.Table:
    """Return the rows in one piece and in little room: ids and lines that just count on are left out, as are columns
    of empty lists, and what repeats is kept once."""
    lines = table.column("line")
    first, last = lines[0].as_py(), lines[-1].as_py()
    steps = pc.equal(pc.pairwise_diff(_whole(lines)), 1)
    counted = last - first == fact.rows - 1 and pc.all(steps).as_py() is not False
    if counted:
        table = table.drop_columns(["line"]).replace_schema_metadata({"line": str(first)})
    if fact.table is BatchTable.LINKS:
        return table.combine_chunks()
    prefix = PREFIX[fact.table]
    ends = [int.from_bytes(uuid_of(one, prefix=prefix), "big") for one in (fact.first, fact.last)]
    if ends[1] - ends[0] == fact.rows - 1:  # sorted, each once: they leave no gap
        table = table.drop_columns(["id"])
    for name in set(table.column_names) & {"codes", "works"}:
        if not len(_whole(table.column(name)).flatten()):
            table = table.drop_columns([name])
    for name in ("display_artist", "version"):
        if name in table.column_names:
            coded = _whole(pc.dictionary_encode(table.column(name)))
            if len(coded.dictionary) <= _FEW:
                coded = pa.DictionaryArray.from_arrays(coded.indices.cast(pa.int16()), coded.dictionary)
            table = table.set_column(table.column_names.index(name), name, coded)
    if "duration_ms" in table.column_names:
        place = table.column_names.index("duration_ms")
        table = table.set_column(place, "duration_ms", table.column("duration_ms").cast(pa.int32()))
    return table.combine_chunks()


def _key_bytes(table: pa.Table, fact: BatchRegistered) -> bytes:
    keys, rows = [], []
    for found, places in _keys_of(table, fact.table):
        keys.append(found)
        rows.append(places)
    joined = pa.table({"key": pa.concat_arrays(keys), "row": pa.concat_arrays(rows)})
    with _engine() as engine:
        engine.register("keys", joined)
        made: Any = engine.sql(_HASHES).to_arrow_table()
    return b"".join(_bytes_of(made.column(name)) for name in ("hash", "row"))


def _keys_of(table: pa.Table, kind: BatchTable) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Give keys with their rows: the codes of each row, the works it names, both ends of a link."""
    everywhere = pa.array(range(table.num_rows), pa.int64())
    for name in (KEY[kind],) if kind in KEY else ("left", "right"):
        column = _whole(table.column(name)).cast(pa.string())
        prefixed = pc.binary_join_element_wise(pa.scalar(name), column, ":") if kind in KEY else column
        yield prefixed, everywhere
    for name in ("codes", "works"):
        if name in table.column_names:
            lists = _whole(table.column(name))
            yield lists.flatten(), pc.list_parent_indices(lists).cast(pa.int64())


def _engine() -> duckdb.DuckDBPyConnection:
    """Return an engine of one thread that shows no bar of its own: stdout is for data."""
    engine = duckdb.connect(config={"threads": 1})
    engine.execute("SET enable_progress_bar = false")
    return engine


def _bytes_of(column: Any) -> bytes:
    whole = _whole(column)
    if not len(whole):
        return b""
    width = whole.type.bit_width // 8
    return bytes(whole.buffers()[1][whole.offset * width : (whole.offset + len(whole)) * width])


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _damaged(path: Path, error: Exception) -> UnavailableError:
    return UnavailableError(f"{path.name} cannot be read: {error}", "build it again with `cantoria ledger rebuild`")


def _items(columns: dict[str, Any], name: str, position: int) -> tuple[str, ...]:
    return tuple(columns[name][position].as_py()) if name in columns else ()


def missing(keys: Sequence[Path]) -> bool:
    """Tell whether one of these files is not there."""
    return not all(path.exists() for path in keys)
