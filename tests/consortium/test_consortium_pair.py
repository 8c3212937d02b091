"""One real CometBFT over our ABCI server: it commits, survives the death of either side, and leaves nobody behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cantoria.adapters.cometbft.pair import PairState, read_state
from cantoria.adapters.cometbft.rpc import Rpc
from cantoria.kernel.errors import UnavailableError
from cantoria.ledger.ed25519 import Ed25519Signer
from cantoria.sdk import commit_file
from cantoria.sdk.light import verify_commit

SEED = bytes(range(32))
PROGRAM = Path(__file__).with_name("pair_program.py")


class Node:
    """A supervised node, its supervisor a process of its own."""

    def __init__(self, cometbft: Path, folder: Path, *, ports: list[int]) -> None:
        self.folder = folder
        self.rpc = Rpc(f"tcp://127.0.0.1:{ports[0]}")
        command = [sys.executable, PROGRAM, cometbft, folder, *map(str, ports)]
        self.supervisor = subprocess.Popen([str(part) for part in command])

    def state(self) -> PairState:
        state = read_state(self.folder / "pair")
        assert state is not None
        return state

    def counted(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.folder / "count.json").read_text())
        return found

    def reaches(self, height: int) -> bool:
        assert self.supervisor.poll() is None, "the supervisor ended"
        try:
            return self.rpc.height() >= height
        except UnavailableError:
            return False

    def end(self) -> None:
        self.rpc.close()
        if self.supervisor.poll() is None:
            self.supervisor.terminate()
        try:
            self.supervisor.wait(60)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
            self.supervisor.wait()


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for it, within a bound that only a standstill exceeds."""
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"never: {what}")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # What has ended but was not yet waited for is gone as well.
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def node(cometbft: Path, short_folder: Path, free_ports: Callable[[int], list[int]]) -> Iterator[Node]:
    one = Node(cometbft, short_folder, ports=free_ports(2))
    try:
        eventually(lambda: one.reaches(2), "the first blocks")
        yield one
    finally:
        one.end()


def test_a_chain_of_one_commits_what_its_application_proposes(node: Node) -> None:
    eventually(lambda: node.reaches(11), "ten blocks")
    block = node.rpc.block(10)["block"]
    assert len(block["data"]["txs"]) == 2
    assert node.rpc.abci_info()["last_block_height"]
    assert [one["voting_power"] for one in node.rpc.validators(10)] == ["1"]
    assert node.rpc.net_info()["n_peers"] == "0"
    commit = commit_file.write(node.rpc.commit(10)["signed_header"], node.rpc.validators(10))
    signed = verify_commit(commit, chain_id="counting", validators={Ed25519Signer(SEED).public_key: 1})
    assert (signed.height, signed.power) == (10, 1)
    assert signed.app_hash.hex().upper() == block["header"]["app_hash"]
    node.end()
    assert node.supervisor.returncode == 0
    assert node.state().phase == "stopped"
    counted = node.counted()
    assert counted["height"] >= 10
    # One transaction a block, and from the second block on one for the extension of the vote before.
    assert counted["extensions"] == counted["height"] - 1
    assert counted["count"] == 2 * counted["height"] - 1


@pytest.mark.parametrize("victim", ["application", "cometbft"])
def test_the_pair_starts_again_when_either_is_killed(node: Node, victim: str) -> None:
    before = node.state()
    assert before.phase == "running"
    assert before.restarts == 0
    height = node.rpc.height()
    os.kill(getattr(before, victim), signal.SIGKILL)
    eventually(lambda: node.state().restarts == 1 and node.state().phase == "running", "a restart")
    eventually(lambda: node.reaches(height + 3), "blocks after the restart")
    after = node.state()
    # Of an application that dies inside a request CometBFT may speak before its end is noticed.
    told = victim == "application" and "CONSENSUS FAILURE" in after.last_end
    assert told or after.last_end == f"{victim} ended with -9"
    assert {after.application, after.cometbft}.isdisjoint({before.application, before.cometbft})
    assert gone(before.application)
    assert gone(before.cometbft)


def test_nobody_outlives_a_killed_supervisor_and_the_next_goes_on(
    node: Node, cometbft: Path, free_ports: Callable[[int], list[int]]
) -> None:
    before = node.state()
    height = node.rpc.height()
    node.supervisor.kill()
    node.supervisor.wait()
    eventually(lambda: gone(before.application) and gone(before.cometbft), "the end of both children")
    assert node.state().phase == "stopped"
    again = Node(cometbft, node.folder, ports=free_ports(2))
    try:
        eventually(lambda: again.reaches(height + 3), "blocks under the next supervisor")
    finally:
        again.end()
    assert again.supervisor.returncode == 0
