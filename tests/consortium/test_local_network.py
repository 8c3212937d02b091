"""Whole networks on loopback: what the harness does to nodes, and how an organisation's own log becomes a chain's."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cantoria.adapters.cometbft.intake import Stage
from cantoria.adapters.cometbft.pair import read_state
from cantoria.adapters.consortium_engine import ConsortiumEngine
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.log_import import import_log, log_entries
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.tile_export import export_tiles
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.bootstrap.house import WiredHouse, open_house
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.ledger import merkle
from cantoria.ledger.batch import Batch, Draft, FactIds, seal
from cantoria.ledger.bundle import parse
from cantoria.ledger.notes import parse_checkpoint, parse_vkey, sign_checkpoint
from cantoria.ledger.policy import parse_policy
from cantoria.ledger.ports import Head
from cantoria.ledger.recovery import audit
from cantoria.ledger.tiles import root_of_frontier
from cantoria.node import home as homes
from cantoria.node.genesis import Source, install
from cantoria.node.local import LocalNetwork
from cantoria.node.status import status_of
from cantoria.registry.facts import WorkRegistered
from cantoria.sdk.verify import verify_bundle

NODES = 4


@pytest.fixture
def network(cometbft: Path, short_folder: Path) -> Iterator[LocalNetwork]:
    """Yield a running network of four that has committed its first blocks."""
    with LocalNetwork.make(NODES, short_folder / "net", wires=True) as made:
        made.start()
        made.wait_height(2)
        yield made


def record(house: WiredHouse, name: str, *titles: str) -> list[str]:
    """Record works by an organisation whose key is in the house; return the facts' ids."""
    house.begin_writing(lambda: None)
    facts = [WorkRegistered(work=f"{title}-{secrets.token_hex(4)}", title=title) for title in titles]
    return [receipt.fact_id for receipt in house.journal.record(facts, author=house.author(name))]


def batch_of(network: LocalNetwork, number: int, *, count: int = 3) -> Batch:
    """Return a batch signed by the organisation of a node."""
    now = time.time_ns() // 1000
    body = b'{"title":"x","work":"w"}'
    drafts = [Draft(WorkRegistered.TYPE, body, ("w",), Capacity.CMO, now)] * count
    return seal(drafts, network.author(number), ids=FactIds(os.urandom), entropy=os.urandom, claimed_at=now)


def goes_on(network: LocalNetwork, *numbers: int, by: int = 2) -> None:
    """Require that these nodes commit further blocks."""
    height = max(network.height(number) or 0 for number in numbers)
    network.wait_height(height + by, numbers)


def stands_still(network: LocalNetwork, number: int) -> None:
    """Require that a node commits nothing more, once what was under way is through."""
    time.sleep(3)
    height = network.height(number)
    time.sleep(2)
    assert network.height(number) == height


def test_a_house_on_a_nodes_home_records_through_the_chain_and_proves_it(network: LocalNetwork) -> None:
    """What is recorded at one node stands at all of them, and its proof holds under the members' policy."""
    with closing(open_house(network.home(0))) as house:
        assert isinstance(house.engine, ConsortiumEngine)
        with pytest.raises(InputError, match="govern it together"):
            house.admit("stranger", capacities=[Capacity.CMO])
        (fact_id,) = record(house, "authors", "Spring Rain")
        house.index.catch_up()
        assert house.index.counts() == {"work-registered": 1}
        index = house.engine.index_of(bytes.fromhex(fact_id.replace("-", "")))
        assert index is not None
        bundle = house.engine.bundle(index)
        assert house.engine.verify_deep().bodies == 1
    verified = verify_bundle(bundle, policy=network.policy.read_text())
    assert verified.body["title"] == "Spring Rain"
    assert len(verified.witnesses) >= 3
    with closing(open_house(network.home(1))) as other:
        network.wait(lambda: _grown(other, index), what="the other's checkpoint", seconds=30)
        assert list(other.engine.entries(index, stop=index + 1)) == [parse(bundle).envelope]
        with pytest.raises(InputError):  # the body stays with whoever recorded it
            other.engine.bundle(index)


def _grown(house: WiredHouse, index: int) -> bool:
    assert isinstance(house.engine, ConsortiumEngine)
    house.engine.refresh()
    return house.engine.size > index


def test_members_hold_each_others_data(cometbft: Path, short_folder: Path) -> None:
    """What one member records, the others can read and prove: its bodies travel beside the chain."""
    with LocalNetwork.make(NODES, short_folder / "net", data=True) as network:
        network.start()
        network.wait_height(2)
        with closing(open_house(network.home(0))) as house:
            (fact_id,) = record(house, "authors", "Held by All")
        index = bytes.fromhex(fact_id.replace("-", ""))
        for number in range(NODES):
            with closing(open_house(network.home(number))) as house:
                network.wait(lambda: _readable(house, index), what="the body", seconds=60)
                house.index.catch_up()
                assert house.index.counts() == {"work-registered": 1}
        network.kill(3)
        assert network.heights().keys() == {0, 1, 2}
        goes_on(network, 0, 1, 2)


def _readable(house: WiredHouse, fact_id: bytes) -> bool:
    assert isinstance(house.engine, ConsortiumEngine)
    house.engine.refresh()
    index = house.engine.index_of(fact_id)
    if index is None or index >= house.engine.size:
        return False
    return any(one.body is not None for one in house.engine.facts(index, stop=index + 1))


def test_queued_batches_are_committed_once_and_refused_ones_say_why(network: LocalNetwork) -> None:
    good = [batch_of(network, 0) for _ in range(3)]
    stranger = batch_of(network, 1)  # as a CMO, which performers are not
    keys = network.submit(0, good) + network.submit(1, [stranger])
    assert [one.stage for one in network.wait_decided(0, keys[:3])] == [Stage.COMMITTED] * 3
    refused = network.wait_decided(1, keys[3:])[0]
    assert (refused.stage, refused.reason) == (Stage.REFUSED, "capacity_not_held")
    again = network.submit(0, good)
    places = [one.place for one in network.wait_decided(0, again)]
    assert places == sorted(places, key=str)
    assert len(set(places)) == 3
    height = max(height or 0 for height in network.heights().values())
    network.wait_height(height + 2)
    assert len({network.app_hash(number, height) for number in range(NODES)}) == 1


def test_killed_nodes_come_back_and_without_a_quorum_nothing_moves(network: LocalNetwork) -> None:
    network.kill(3)
    goes_on(network, 0, 1, 2)
    network.kill(2)
    stands_still(network, 0)
    network.start(2)
    goes_on(network, 0, 1, 2)
    network.start(3)
    goes_on(network, *range(NODES))
    before = read_state(homes.run_path(network.home(1)))
    network.kill_application(1)
    goes_on(network, *range(NODES))
    after = read_state(homes.run_path(network.home(1)))
    assert before is not None
    assert after is not None
    assert after.restarts > before.restarts
    assert after.cometbft != before.cometbft
    assert after.last_end  # the application's end, or what CometBFT said of it, whichever was noticed first


def test_frozen_and_parted_nodes_catch_up(network: LocalNetwork) -> None:
    network.freeze(0)
    goes_on(network, 1, 2, 3)
    network.thaw(0)
    goes_on(network, *range(NODES))
    network.partition([[0, 1], [2, 3]])
    stands_still(network, 0)
    network.heal()
    goes_on(network, *range(NODES))
    network.partition([[0, 1, 2]])
    goes_on(network, 0, 1, 2)
    alone = network.height(3)
    time.sleep(1)
    assert network.height(3) == alone
    network.heal()
    goes_on(network, *range(NODES))


def test_an_empty_node_and_one_rolled_back_catch_up(network: LocalNetwork, short_folder: Path) -> None:
    network.stop(3)
    network.copy(3, short_folder / "yesterday")
    network.start(3)
    keys = network.submit(0, [batch_of(network, 0, count=200) for _ in range(5)])
    network.wait_decided(0, keys)
    goes_on(network, *range(NODES))
    network.kill(3)
    network.roll_back(3, short_folder / "yesterday")
    network.start(3)
    added = network.add_node()
    network.start(added)
    size = network.head(0).size
    assert size > 1000
    everybody = [0, 3, added]
    network.wait(lambda: all(network.head(one).size >= size for one in everybody), what="all entries", seconds=60)
    assert len({network.head(one) for one in everybody}) == 1
    found = status_of(network.home(added), now=time.time_ns() // 1000)
    assert (found.holdings.seated, len(found.validators), found.holdings.size) == (False, NODES, size)


def test_a_new_node_begins_from_a_snapshot(cometbft: Path, short_folder: Path) -> None:
    with LocalNetwork.make(NODES, short_folder / "net", snapshot_blocks=30) as network:
        network.start()
        network.wait_decided(0, network.submit(0, [batch_of(network, 0, count=500)]))
        network.wait_height(31)
        added = network.add_node(snapshot_from=(0, 1))
        network.start(added)
        goes_on(network, 0, added)
        assert network.head(added) == network.head(0)
        with network.rpc(added) as rpc:
            assert int(rpc.status()["sync_info"]["earliest_block_height"]) > 30


def test_an_embedded_log_becomes_a_chains_beginning(cometbft: Path, short_folder: Path, tmp_path: Path) -> None:
    """Old receipts hold under the old key as ever, and, by a consistency proof, under the members' policy."""
    kept: dict[str, bytes] = {}

    def live_alone(house: WiredHouse) -> None:
        record(house, "authors", "First", "Second")
        (fact_id,) = record(house, "authors", "Third")
        index = house.operator.index_of(bytes.fromhex(fact_id.replace("-", "")))
        assert index is not None
        kept["receipt"] = house.operator.bundle(index)
        kept["vkey"] = house.operator.vkey.encode()

    with LocalNetwork.make(NODES, short_folder / "net", before=live_alone) as network:
        vkey = kept["vkey"].decode()
        old = verify_bundle(kept["receipt"], vkey=vkey)
        assert network.head(0).size > old.size
        assert len({network.head(one) for one in range(NODES)}) == 1
        network.start()
        network.wait_height(3)
        policy = network.policy.read_text()
        with closing(open_house(network.home(0))) as house:
            assert house.engine.vkey == vkey
            record(house, "authors", "Fourth")
            opened = parse_policy(policy).open(house.engine.checkpoint()).checkpoint
            proof = house.engine.consistency(old.size)
            assert house.engine.verify_deep().bodies == 4  # what was recorded alone is still here
            again = verify_bundle(house.engine.bundle(old.index), policy=policy)
        assert merkle.verify_consistency(
            bytes.fromhex(old.root), opened.root, old_size=old.size, size=opened.size, proof=proof
        )
        assert (again.body, again.fact_id) == (old.body, old.fact_id)
        assert again.size == opened.size > old.size
        _export_and_take_in_again(network, tmp_path)


def _export_and_take_in_again(network: LocalNetwork, tmp_path: Path) -> None:
    """The exported log becomes a fresh node, which follows the chain, and a copy that its holder alone reads."""
    with closing(open_house(network.home(1))) as house:
        network.wait(lambda: _grown(house, network.head(0).size - 1), what="a cosigned head", seconds=30)
        export_tiles(house.engine.store, tmp_path / "public")
        note = house.engine.checkpoint()
    exported = parse_checkpoint(note.partition("\n\n")[0] + "\n")
    with closing(SqliteLedgerStore(tmp_path / "copy.db")) as copy:
        import_log(copy, log_entries(tmp_path / "public", size=exported.size), types=LEDGER_TYPES)
        assert (copy.head().size, root_of_frontier(copy.head().frontier)) == (exported.size, exported.root)
        signer = house.keys.log_signer()
        copy.save_checkpoint(exported.size, note=sign_checkpoint(exported, signer=signer))
        found = audit(copy, types=LEDGER_TYPES, key=parse_vkey(house.engine.vkey))
        assert (found.root, found.facts, found.bodies) == (exported.root, 4, 0)
    added = network.add_node()
    home = network.home(added)
    homes.ledger_path(home).unlink()
    document = homes.read_genesis(home)
    own = KeyRing(home / "keys").log_signer()
    install(home, document, signer=own, types=LEDGER_TYPES, source=Source(tmp_path / "public"))
    network.start(added)
    network.wait(lambda: network.head(added).size >= exported.size, what="the chain's entries", seconds=60)
    assert network.head(added) == Head(exported.size, network.head(0).frontier)


def test_a_network_is_taken_up_again(cometbft: Path, short_folder: Path) -> None:
    with LocalNetwork.make(NODES, short_folder / "net", seats=3) as network:
        network.start()
        network.wait_height(2)
        heights = network.heights()
        pids = [read_state(homes.run_path(network.home(one))) for one in range(NODES)]
    for state in pids:
        assert state is not None
        for pid in (state.application, state.cometbft):
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)
    with LocalNetwork.open(short_folder / "net") as network:
        network.start()
        network.wait_height(max(height or 0 for height in heights.values()) + 1)
        found = status_of(network.home(3), now=time.time_ns() // 1000)
        assert len(found.validators) == 3
        assert not found.holdings.seated
    with pytest.raises(InputError, match="is not empty"):
        LocalNetwork.make(NODES, short_folder / "net")


def test_waits_end_with_the_nodes_last_words(cometbft: Path, short_folder: Path) -> None:
    with LocalNetwork.make(NODES, short_folder / "net") as network:
        network.start(0)
        with pytest.raises(UnavailableError, match=r"node 0: cometbft\.log"):
            network.wait_height(1, seconds=4)
