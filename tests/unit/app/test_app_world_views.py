"""The rights of everything: what the rows of batches say is among them."""

from __future__ import annotations

from tests.unit.app.test_app_bulk import parquet, take

from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse


def test_the_index_gives_what_every_row_says_below_a_size(house: WiredHouse, label: Author) -> None:
    take(house, label, parquet(30))
    size = house.index.catch_up()
    take(house, label, parquet(20, start=1_000))
    house.index.catch_up()
    early = [one.fact for one in house.index.rows(size=size)]
    every = list(house.index.rows())
    assert sum(type(fact).__name__ == "RecordingRegistered" for fact in early) == 30
    assert sum(type(one.fact).__name__ == "RecordingRegistered" for one in every) == 50
    assert [one.place for one in every] == sorted(one.place for one in every)
    assert every == house.index.rows_about([code for one in every for code in one.fact.subjects()])
