"""Parquet out: every table with its schema, the same bytes each time, and nothing lost on the way."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow.parquet as pq
from hypothesis import given, settings
from tests.unit.formats.exports.conftest import catalogues

from cantoria.formats import parquet_out
from cantoria.formats.entries.types import Chain, Collection, Entry, Share, Work
from cantoria.kernel.periods import DAY, Period
from cantoria.registry.types import Right, Role


def files(entries: Iterable[Entry], **more: Any) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, piece in parquet_out.write(entries, **more):
        found[name] = found.get(name, b"") + piece
    return found


def rows(data: bytes) -> list[dict[str, Any]]:
    return pq.read_table(io.BytesIO(data)).to_pylist()


def test_every_table_with_what_the_entries_say(some_catalogue: list[Entry]) -> None:
    made = files(some_catalogue)
    assert set(made) == {f"{name}.parquet" for name in parquet_out.SCHEMAS}
    for name, schema in parquet_out.SCHEMAS.items():
        assert pq.read_schema(io.BytesIO(made[f"{name}.parquet"])).equals(schema, check_metadata=True)
    assert rows(made["works.parquet"]) == [{"work": "W1", "title": "봄비", "kind": "original", "parts_complete": True}]
    assert [row["name"] for row in rows(made["names.parquet"])] == ["김민지", "=Kim", "Blue Records"]
    assert rows(made["links.parquet"]) == [{"recording": "R1", "work": "W1"}]
    assert rows(made["placements.parquet"]) == [{"release": "A1", "position": 0, "recording": "R1"}]
    assert {(row["scheme"], row["code"]) for row in rows(made["codes.parquet"])} == {
        ("iswc", "T0345246801"),
        ("own", "KOMCA:100000000001"),
        ("ipi_name", "00014107338"),
        ("isrc", "KRA381900123"),
        ("gtin", "4006381333931"),
    }
    shares = rows(made["shares.parquet"])
    assert [(row["share"], row["share_percent"]) for row in shares] == [
        ("1/3", Decimal("33.333333333333")),
        ("1/2", Decimal("50.000000000000")),
        (None, None),
    ]


def test_periods_collection_and_chains() -> None:
    period = Period(0, DAY)
    work = Work(
        key="W1",
        title="One",
        shares=(Share(party="P1", role=Role.COMPOSER, period=period),),
        collections=(Collection(party="P2", role=Role.PUBLISHER, right=Right.MECHANICAL, share=Fraction(1, 7)),),
        chains=(Chain(grantor="P1", acquirer="P2", period=period, agreement="77"),),
    )
    made = files([Entry(line=0, kind="work", works=(work,))])
    (share,) = rows(made["shares.parquet"])
    assert (share["from"], share["to"]) == (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC))
    (collected,) = rows(made["collections.parquet"])
    assert (collected["share"], collected["right"]) == ("1/7", "mechanical")
    (chain,) = rows(made["chains.parquet"])
    assert (chain["grantor"], chain["acquirer"], chain["kind"], chain["agreement"]) == ("P1", "P2", "original", "77")


@settings(max_examples=25)
@given(entries=catalogues())
def test_the_same_entries_give_the_same_bytes_and_all_claims_are_there(entries: list[Entry]) -> None:
    made = files(entries, group_rows=2)
    assert made == files(entries, group_rows=2)
    claims = [share for entry in entries for thing in (*entry.works, *entry.recordings) for share in thing.shares]
    assert len(rows(made["shares.parquet"])) == len(claims)
    titles = {thing.key: thing.title for entry in entries for thing in (*entry.works, *entry.recordings)}
    written = [*rows(made["works.parquet"]), *rows(made["recordings.parquet"])]
    found = {str(row.get("work") or row.get("recording")): " ".join(row["title"].split()) for row in written}
    assert found == {key: " ".join(title.split()) for key, title in titles.items()}


def test_row_groups_leave_while_entries_come() -> None:
    count = 0

    def endless() -> Iterable[Entry]:
        nonlocal count
        while True:
            count += 1
            yield Entry(line=0, kind="work", works=(Work(key=f"W{count}", title="T"),))

    name, piece = next(iter(parquet_out.write(endless(), group_rows=100)))
    assert (name, count) == ("works.parquet", 100)
    assert piece.startswith(b"PAR1")
    several = files(
        [Entry(line=0, kind="w", works=(Work(key=f"W{n}", title="T"),)) for n in range(250)], group_rows=100
    )
    assert pq.ParquetFile(io.BytesIO(several["works.parquet"])).num_row_groups == 3
