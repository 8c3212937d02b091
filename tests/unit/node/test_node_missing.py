"""Without CometBFT a node says what is missing and how to get it; nothing is begun, and everything else works."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.shell import run_here

from cantoria.adapters.cometbft import process
from cantoria.adapters.system import SteppingClock, UnsafeSeededEntropy
from cantoria.kernel.errors import UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.node.building import Member, make_member
from cantoria.node.founding import free_ports, load
from cantoria.node.local import LocalNetwork
from cantoria.node.settings import NodeSettings


@pytest.fixture(autouse=True)
def no_cometbft(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let there be no CometBFT beside Python or on PATH."""
    monkeypatch.setattr(process.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(process.VARIABLE, raising=False)


def test_commands_that_need_it_say_how_to_get_it(tmp_path: Path) -> None:
    member = Member(
        name="komca",
        capacities=(Capacity.CMO,),
        settings=NodeSettings(organisation="komca", chain="c", p2p="127.0.0.1:1", rpc="127.0.0.1:2"),
    )
    make_member(tmp_path / "n", member, origin="a/b", clock=SteppingClock(1), entropy=UnsafeSeededEntropy(1))
    for command in (("consortium", "local", "--home", "net"), ("node", "start"), ("node", "join")):
        done = run_here("--home", "n", *command, cwd=tmp_path)
        assert done.code == 4, done
        assert "make cometbft" in done.err
        assert "Go" in done.err
    assert not (tmp_path / "net").exists()
    with pytest.raises(UnavailableError, match="CometBFT is not on this machine"):
        LocalNetwork.make(4, tmp_path / "net")


def test_everything_embedded_works(tmp_path: Path) -> None:
    assert run_here("--home", "h", "ledger", "init", "--origin", "a/b", cwd=tmp_path).code == 0
    assert run_here("--home", "h", "organisation", "admit", "x", "--in", "cmo", cwd=tmp_path).code == 0
    assert run_here("--home", "h", "ledger", "verify", cwd=tmp_path).code == 0


def test_a_folder_that_holds_no_network_says_so(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="holds no network"):
        load(tmp_path)
    done = run_here("--home", tmp_path / "none", "node", "status", cwd=tmp_path)
    assert (done.code, "node init" in done.err) == (2, True)


def test_free_ports_are_different() -> None:
    found = free_ports(12)
    assert len(set(found)) == 12
    assert all(port < 32_768 for port in found)
