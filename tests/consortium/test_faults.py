"""Faults on real networks of 4 and 7 validators: progress with f dead, a halt without a quorum, never a fork.

`CANTORIA_SOAK=1` runs the full list of random schedules. One of them again:
`pytest 'tests/consortium/test_faults.py::test_a_random_schedule_on_a_real_network[2-4]'`. How fast they resume is
printed: `-rP` shows it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cantoria.adapters.cometbft.pair import read_state
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.ledger.changes import SeatMember, UnseatMember
from cantoria.ledger.policy import parse_policy
from cantoria.node import home as homes
from cantoria.node.building import card_of
from cantoria.node.local import LocalNetwork
from cantoria.testing.suffering import SECONDS, Suffering, random_faults

SCHEDULES = range(20 if os.environ.get("CANTORIA_SOAK") == "1" else 3)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield a folder whose path is short enough for sockets."""
    found = Path(tempfile.mkdtemp(prefix="cantoria-"))
    yield found
    shutil.rmtree(found, ignore_errors=True)


@pytest.fixture(scope="module", params=[4, 7])
def suffering(request: pytest.FixtureRequest, cometbft: Path, folder: Path) -> Iterator[Suffering]:
    """Yield a network of four, then one of seven, that every test leaves whole."""
    with LocalNetwork.make(request.param, folder / f"of{request.param}", wires=True) as network:
        network.start()
        network.wait_height(2, seconds=SECONDS)
        yield Suffering(network)


of_four = pytest.mark.parametrize("suffering", [4], indirect=True)


def everybody(suffering: Suffering) -> range:
    return range(len(suffering.network))


def test_with_f_dead_it_goes_on_and_with_one_more_it_halts(suffering: Suffering) -> None:
    network, all_of = suffering.network, everybody(suffering)
    f = (len(all_of) - 1) // 3
    *alive, last = all_of[: len(all_of) - f]
    suffering.put(*all_of)
    network.kill(*all_of[len(all_of) - f :])
    suffering.goes_on(*alive, last)
    network.kill(last)
    suffering.put(*all_of)
    suffering.stands_still(*alive)
    network.start(last)
    seconds = suffering.goes_on(*alive, last, by=1)
    print(f"{len(all_of)} validators: resumed {seconds:.1f} s after the restart")
    network.start()
    suffering.settle(*all_of)


def test_frozen_nodes_thaw(suffering: Suffering) -> None:
    network, all_of = suffering.network, everybody(suffering)
    f = (len(all_of) - 1) // 3
    suffering.put(*all_of)
    network.freeze(*all_of[: f + 1])
    suffering.stands_still(*all_of[f + 1 :])
    network.thaw(*all_of[: f + 1])
    seconds = suffering.goes_on(*all_of, by=1)
    print(f"{len(all_of)} validators: resumed {seconds:.1f} s after the thaw")
    suffering.settle(*all_of)


def test_a_partition_heals(suffering: Suffering) -> None:
    network, all_of = suffering.network, everybody(suffering)
    half = len(all_of) // 2
    suffering.put(*all_of)
    network.partition([all_of[:half], all_of[half:]])
    suffering.stands_still(*all_of)
    network.heal()
    suffering.goes_on(*all_of, by=1)
    f = (len(all_of) - 1) // 3
    network.partition([all_of[f:]])
    suffering.put(*all_of)
    suffering.goes_on(*all_of[f:])
    network.heal()
    suffering.settle(*all_of)


@of_four
def test_the_application_alone_is_killed(suffering: Suffering) -> None:
    suffering.put(0, 1, 2, 3)
    before = [read_state(homes.run_path(suffering.network.home(number))) for number in (0, 1)]
    for number in (0, 1):
        suffering.network.kill_application(number)
    suffering.goes_on(0, 1, 2, 3)
    after = [read_state(homes.run_path(suffering.network.home(number))) for number in (0, 1)]
    assert all(one and other and other.restarts > one.restarts for one, other in zip(before, after, strict=True))
    suffering.settle(0, 1, 2, 3)


@of_four
def test_a_disk_of_yesterday_catches_up(suffering: Suffering, folder: Path) -> None:
    network = suffering.network
    network.stop(3)
    network.copy(3, folder / "yesterday")
    network.start(3)
    suffering.put(0, 1, 2, 3, batches=4)
    suffering.settle(0, 1, 2, 3)
    suffering.goes_on(0, 1, 2, 3, by=5)
    network.kill(3)
    network.roll_back(3, folder / "yesterday")
    suffering.forget(3)
    network.start(3)
    suffering.put(0, 3)
    suffering.settle(0, 1, 2, 3)
    assert suffering.entries(3)[: len(suffering.entries(0))] == suffering.entries(0)[: len(suffering.entries(3))]


def test_empty_nodes_catch_up_from_blocks_and_from_a_snapshot(cometbft: Path, folder: Path) -> None:
    """And both have the log that the others have, with a checkpoint that the council cosigned."""
    with LocalNetwork.make(4, folder / "grown", snapshot_blocks=10) as network:
        suffering = Suffering(network)
        network.start()
        suffering.put(0, 1, 2, 3, batches=3)
        network.wait_height(12, seconds=SECONDS)
        blocks = network.add_node()
        network.start(blocks)
        snapshot = network.add_node(snapshot_from=(0, 1))
        network.start(snapshot)
        suffering.put(0, 1)
        suffering.settle(0, 1, 2, 3)
        suffering.check_one_log(0, blocks, snapshot)
        with network.rpc(snapshot) as rpc:
            assert int(rpc.status()["sync_info"]["earliest_block_height"]) >= 10
        policy = parse_policy(network.policy.read_text())
        for number in (0, 3):
            with closing(SqliteLedgerStore(homes.ledger_path(network.home(number)))) as store:
                assert policy.open(store.checkpoint() or "").checkpoint.size > 100


def test_the_council_grows_from_six_to_seven_and_shrinks_to_five(cometbft: Path, folder: Path) -> None:
    with LocalNetwork.make(7, folder / "council", seats=6) as network:
        suffering = Suffering(network)
        network.start()
        network.wait_height(2, seconds=SECONDS)
        cards = [card_of(network.home(number)) for number in range(7)]
        suffering.put(*range(6))
        suffering.decide(SeatMember(cards[6].seat()), voters=range(5))
        suffering.put(6)
        await_validators(suffering, 7)
        network.kill(0, 1)  # seven bear two
        suffering.goes_on(*range(2, 7))
        network.start(0, 1)
        suffering.settle(*range(7))
        suffering.decide(UnseatMember(bytes.fromhex(cards[6].organisation)), voters=range(5))
        suffering.decide(UnseatMember(bytes.fromhex(cards[5].organisation)), voters=range(5))
        await_validators(suffering, 5)
        suffering.put(*range(5))
        network.kill(5, 6)
        suffering.goes_on(*range(5))
        suffering.settle(*range(5))
        network.start(5, 6)
        suffering.check_one_log(*range(7))


def await_validators(suffering: Suffering, count: int) -> None:
    """Wait until a block is decided by so many validators."""

    def counted() -> bool:
        with suffering.network.rpc(2) as rpc:
            return len(rpc.validators()) == count

    suffering.network.wait(counted, what=f"{count} validators", seconds=SECONDS)
    suffering.goes_on(*range(2, 5))


@of_four
@pytest.mark.parametrize("seed", SCHEDULES)
def test_a_random_schedule_on_a_real_network(suffering: Suffering, folder: Path, seed: int) -> None:
    done: list[str] = []
    try:
        done = random_faults(suffering, seed, folder=folder)
        suffering.settle(0, 1, 2, 3)
        suffering.goes_on(0, 1, 2, 3)
    except Exception as error:
        raise AssertionError(f"seed {seed}: {done}") from error


@of_four
def test_a_corrupted_application_stops_itself_and_the_others_go_on(suffering: Suffering, folder: Path) -> None:
    """Its node commits nothing more until its folder is restored from a copy."""
    network = suffering.network
    network.stop(3)
    network.copy(3, folder / "sound")
    height = (network.height(0) or 0) + 3
    program = str(Path(__file__).with_name("corrupt_program.py"))
    network.start(3, application=(sys.executable, program, str(network.home(3)), str(height)))
    suffering.put(0, 1, 2)
    network.wait(lambda: fallen(network, 3), what="node 3 to stop itself", seconds=SECONDS)
    suffering.goes_on(0, 1, 2, by=5)
    assert (network.height(3) or 0) <= height
    suffering.settle(0, 1, 2)
    network.stop(3)
    network.roll_back(3, folder / "sound")
    suffering.forget(3)
    network.start(3)
    suffering.settle(0, 1, 2, 3)


def fallen(network: LocalNetwork, number: int) -> bool:
    """Tell whether a node's pair ended because the application or the consensus engine failed."""
    state = read_state(homes.run_path(network.home(number)))
    return state is not None and state.restarts > 0 and bool(state.last_end)
