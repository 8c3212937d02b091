"""The head of a published snapshot: what it says, who signed it, and which rows count over its generations."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import published
from cantoria.clearance.analytics import Table
from cantoria.clearance.published import GONE, TABLES, FileEntry, Head
from cantoria.clearance.snapshot_schema import DICTIONARIES, GONE_SCHEMA, OWNERS, SCHEMAS
from cantoria.kernel import canonical
from cantoria.kernel.errors import CantoriaError, InputError, IntegrityError
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.ledger.notes import Checkpoint, NoteKey, sign_checkpoint

ORIGIN = "rights.example.org/log"
SIGNER = Ed25519Signer(bytes(range(32)))
KEY = NoteKey(ORIGIN, SIGNER.public_key)
OTHER = Ed25519Signer(bytes(32))


def entry(table: str, generation: int = 1, *, rows: int = 3) -> FileEntry:
    return FileEntry(
        table=table,
        generation=generation,
        name=published.file_name(table, generation),
        sha256=sha256(f"{table} {generation}".encode()).hexdigest(),
        bytes=100,
        rows=rows,
    )


def head(**changes: Any) -> Head:
    base = Head(
        origin=ORIGIN,
        size=12,
        root="ab" * 32,
        at=1_000,
        until=2_000,
        generation=1,
        previous="",
        law="2026-11",
        crosswalk="2026-11",
        files=tuple(entry(table) for table in TABLES),
    )
    return replace(base, **changes)


def signed(one: Head, *, signer: Ed25519Signer = SIGNER) -> tuple[bytes, str, str]:
    checkpoint = Checkpoint(one.origin, one.size, bytes.fromhex(one.root))
    return published.encode_head(one), published.sign(one, signer=signer), sign_checkpoint(checkpoint, signer=signer)


def test_a_head_is_read_as_it_was_written() -> None:
    data, note, checkpoint = signed(head())
    opened = published.open_head(data, note=note, checkpoint=checkpoint, keys=[KEY])
    assert opened.head == head()
    assert opened.id == f"snapshot_{sha256(data).hexdigest()[:32]}"
    assert note.startswith(f"cantoria-snapshot/v1\n{ORIGIN}\n12\n{sha256(data).hexdigest()}\n\n— {ORIGIN} ")


@given(place=st.integers(0, 5_000), value=st.integers(0, 255), part=st.integers(0, 2))
def test_no_byte_of_head_note_or_checkpoint_can_change(place: int, value: int, part: int) -> None:
    parts = [published.encode_head(head()), *(text.encode() for text in signed(head())[1:])]
    changed = bytearray(parts[part])
    changed[place % len(changed)] = value
    if bytes(changed) == parts[part]:
        return
    parts[part] = bytes(changed)
    with pytest.raises((CantoriaError, UnicodeDecodeError)):
        published.open_head(parts[0], note=parts[1].decode(), checkpoint=parts[2].decode(), keys=[KEY])


def test_another_key_signs_nothing() -> None:
    data, note, checkpoint = signed(head(), signer=OTHER)
    with pytest.raises(IntegrityError, match="no key trusted"):
        published.open_head(data, note=note, checkpoint=checkpoint, keys=[KEY])
    with pytest.raises(IntegrityError, match="keys are known of none"):
        published.open_head(data, note=note, checkpoint=checkpoint, keys=[])


def test_a_note_of_another_head_is_refused() -> None:
    data, _, checkpoint = signed(head())
    _, note, _ = signed(head(until=3_000))
    with pytest.raises(IntegrityError, match="another head"):
        published.open_head(data, note=note, checkpoint=checkpoint, keys=[KEY])


def test_a_checkpoint_of_another_root_is_refused() -> None:
    data, note, _ = signed(head())
    _, _, checkpoint = signed(head(root="cd" * 32))
    with pytest.raises(IntegrityError, match="checkpoint"):
        published.open_head(data, note=note, checkpoint=checkpoint, keys=[KEY])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "../../etc/passwd"}, "is not named"),
        ({"name": "need-000002.parquet"}, "is not named"),
        ({"sha256": "AB" * 32}, "SHA-256"),
        ({"bytes": -1}, "bytes"),
        ({"bytes": 1 << 41}, "bytes"),
        ({"rows": -1}, "rows"),
        ({"table": "passwd"}, "no such table"),
        ({"generation": 0}, "generation"),
        ({"generation": True}, "is not int"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_hostile_entry_is_refused_by_name(change: dict[str, Any], message: str) -> None:
    value = canonical.decode(published.encode_head(head()))
    value["files"][2] |= change
    with pytest.raises(InputError, match=message):
        published.parse_head(canonical.encode(value))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "cantoria-snapshot/v2"}, "not the head"),
        ({"files": []}, "lacks the table"),
        ({"previous": "snapshot_1"}, "no snapshot id"),
        ({"until": 1_000}, "time of the snapshot"),
        ({"until": 1_000 + 31 * 86_400_000_000}, "more than 30 days"),
        ({"size": 0}, "size"),
        ({"root": "zz"}, "root"),
        ({"origin": "a\nb"}, "control"),
        ({"law": ""}, "empty"),
        ({"generation": 2}, "newest file"),
    ],
)
def test_a_hostile_head_is_refused(change: dict[str, Any], message: str) -> None:
    value = canonical.decode(published.encode_head(head())) | change
    with pytest.raises(InputError, match=message):
        published.parse_head(canonical.encode(value))


def test_files_stand_in_order_each_once() -> None:
    files = head().files
    for wrong in (files[::-1], (*files, files[-1])):
        with pytest.raises(InputError, match="in order"):
            head(files=wrong)


def test_a_head_beyond_its_limits_is_refused() -> None:
    with pytest.raises(InputError, match="larger than"):
        published.parse_head(b" " * (published.HEAD_BYTES_MAX + 1))
    many = tuple(entry(table, generation) for table in TABLES for generation in range(1, 200))
    with pytest.raises(InputError, match="at most"):
        head(files=many, generation=199)


def test_a_delta_has_the_files_that_are_new() -> None:
    fresh = (entry("need", 2), entry(GONE, 2))
    newer = head(generation=2, files=tuple(sorted((*head().files, *fresh), key=lambda e: (e.table, e.generation))))
    assert set(published.delta(head(), newer)) == set(fresh)
    assert published.delta(newer, newer) == ()
    with pytest.raises(InputError, match="different logs"):
        published.delta(head(origin="elsewhere"), newer)


def test_every_table_of_the_schema_has_an_owner_or_only_grows() -> None:
    assert sorted((*OWNERS, *DICTIONARIES)) == sorted(SCHEMAS)
    assert all(column in SCHEMAS[table] for table, (column, _) in OWNERS.items())


Generations = list[tuple[list[int], list[int]]]  # by generation: the units with rows, and those gone
GENERATIONS = st.lists(
    st.tuples(st.lists(st.integers(1, 6), max_size=6), st.lists(st.integers(1, 6), max_size=4)), min_size=1, max_size=5
)


@given(generations=GENERATIONS)
def test_the_rows_of_a_table_are_those_that_are_not_gone_since(generations: Generations) -> None:
    expected: list[tuple[int, int, int]] = []
    files = [entry(table) for table in TABLES if table != "reach"]
    with DuckDBAnalytics() as engine:
        for number, (rows, gone) in enumerate(generations, 1):
            expected = [row for row in expected if row[1] not in gone]
            made = [(place, unit, number) for place, unit in enumerate(rows)]
            expected += made
            columns: list[Any] = [list(column) for column in zip(*made, strict=True)] if made else [[], [], []]
            engine.register(
                f"reach_{number}", Table(SCHEMAS["reach"], dict(zip(SCHEMAS["reach"], columns, strict=True)))
            )
            # A key of another kind that looks like a number, and one that does not.
            kinds, keys = [3] * len(gone) + [1, 1], [*map(str, gone), "isrc:KRA381900123", "1"]
            engine.register(f"gone_{number}", Table(GONE_SCHEMA, {"kind": kinds, "key": keys}))
            files += [entry("reach", number), entry(GONE, number)]
        ordered = tuple(sorted(files, key=lambda one: (one.table, one.generation)))
        whole = head(generation=len(generations), files=ordered)
        query = published.view_query("reach", whole, lambda one: f"{one.table}_{one.generation}")
        found = engine.fetch(f"SELECT scope, unit, since FROM ({query}) AS r ORDER BY since, scope")
    assert found == sorted(expected, key=lambda row: (row[2], row[0]))
