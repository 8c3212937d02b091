"""Pages of what may be very many facts about one subject."""

from __future__ import annotations

from pathlib import Path

from cantoria.bootstrap.house import create
from cantoria.kernel.facts import Capacity
from cantoria.registry.facts import PartyNamed


def test_facts_about_a_subject_come_in_pages_the_newest_first(tmp_path: Path) -> None:
    house = create(tmp_path / "home", origin="log.example/pages")
    house.begin_writing(lambda: None)
    society = house.admit("society", capacities=[Capacity.CMO])
    facts = [PartyNamed(party=society.party, name=f"name {number}") for number in range(7)]
    house.journal.record(facts, author=society)
    size, tag = house.index.catch_up(), PartyNamed.TYPE.tag
    assert house.index.tally(society.party, tag=tag, size=size) == 7
    assert house.index.tally(society.party, tag=tag, size=size - 2) == 5
    seen, before = [], size
    while page := house.index.leaf_through(society.party, tag=tag, before=before, limit=3):
        seen += [one.fact.name for one in page]
        before = page[-1].index
    assert seen == [f"name {number}" for number in reversed(range(7))]
    assert house.index.leaf_through("party_nobody", tag=tag, before=size, limit=3) == []
    house.close()
