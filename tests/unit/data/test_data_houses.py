"""A house on a node's home records through the chain what other members must hold or endorse first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cantoria.app import erasure
from cantoria.app.ports import Author
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.kernel.errors import UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.registry.facts import PartyNamed, WorkRegistered

WORK = WorkRegistered.TYPE.tag


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return `at_home(network, number)`: the house of a member, while the chain goes on."""

    @contextmanager
    def use(network: Any, number: int) -> Iterator[tuple[WiredHouse, Author]]:
        monkeypatch.setattr("cantoria.bootstrap.data.SystemClock", lambda: network.clock)
        network.block()
        network.block()
        stop = threading.Event()

        def chain() -> None:
            while not stop.wait(0.01):
                if any(site.data.parts.intake.waiting() for site in network.sites):
                    network.block()
                    network.block()

        moving = threading.Thread(target=chain)
        house = open_house(network[number].home, clock=network.clock)
        moving.start()
        try:
            yield house, house.author(network[number].organisation.name, capacity=Capacity.CMO)
        finally:
            stop.set()
            moving.join(60)
            house.close()

    return use


def test_a_report_goes_through_the_chain_once_it_is_held(network: Any, at_home: Any) -> None:
    report = network[0].report()
    with at_home(network, 0) as (house, author):
        [receipt] = house.journal.record([report], author=author)
        assert house.index.catch_up() > receipt.index
        assert [one.fact for one in house.index.scan()] == [report]
    network.rounds()
    assert [one.fact for one in network[2].index("fresh").scan()] == [report]
    assert network[0].data.parts.pending.keys() == []


def test_a_batch_that_waits_for_a_person_is_not_lost_nor_are_its_neighbours(make_network: Any, at_home: Any) -> None:
    network = make_network(endorsers={WORK: 2})
    song = WorkRegistered(work="work_1", title="song")
    with at_home(network, 0) as (house, author):
        batches = [house.journal.seal([one], author=author) for one in (PartyNamed(party="party_a", name="A"), song)]
        with pytest.raises(UnavailableError, match="endorsement is not complete"):
            house.engine.append(batches, together=True)
        assert len(network[0].data.parts.pending.keys()) == 2
        [request] = network[1].data.parts.holder.holdings.endorsements()
        network[1].data.parts.holder.approve(request.key)
        first = house.engine.append(batches, together=True)
        again = house.engine.append(batches, together=True)
        assert [one.index for one in first] == [one.index for one in again], "what is recorded is not asked for again"
    network.rounds()
    assert network[0].data.parts.pending.keys() == []
    assert len(network[2].bodies()) == 2


def test_an_erasure_in_one_house_reaches_the_views_of_all(network: Any, at_home: Any) -> None:
    with at_home(network, 0) as (house, author):
        [receipt] = house.journal.record([PartyNamed(party="party_a", name="Ada Secretname")], author=author)
        network.rounds(1)
        assert len(list(network[1].index().scan())) == 1
        erasure.erase(house, receipt.fact_id, basis="objection", author=author)
        assert list(house.index.scan()) == []
    network.rounds()
    for site in network.sites:
        assert list(site.index("fresh").scan()) == []
        files = [path for path in site.home.rglob("*") if path.is_file() and "keys" not in path.parts]
        assert not [path for path in files if b"Secretname" in path.read_bytes()]
