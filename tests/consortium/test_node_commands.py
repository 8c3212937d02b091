"""The way of docs/how-to/run-a-consortium.md by command: four organisations, one of them with a log already."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from cantoria.cli import main

NAMES = ("authors", "performers", "producers", "publishers")
CAPACITIES = ("cmo", "performers-organisation", "producer", "publisher")
ORIGIN = "rights.example.org/log"
SECONDS = 120


@dataclass(frozen=True)
class Shell:
    """Runs `cantoria` in a folder that has one home for each organisation."""

    folder: Path
    cometbft: Path

    def command(self, name: str, *args: object) -> list[str]:
        """Return the command line that runs a command in a process of its own."""
        return [sys.executable, "-m", "cantoria", "--home", name, *map(str, args)]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "CANTORIA_COMETBFT": str(self.cometbft), "COLUMNS": "200"}

    def try_it(self, *args: object) -> tuple[int, str, str]:
        """Run a command in this process; return its exit code and what it printed on both streams."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with (
            contextlib.chdir(self.folder),
            mock.patch.object(sys, "argv", ["cantoria", *map(str, args)]),
            mock.patch.dict(os.environ, self.environment()),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main.run()
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 0
        return code, out.getvalue(), err.getvalue()

    def run(self, name: str, *args: object, code: int = 0) -> str:
        """Run a command that is to end with `code`; return what it says."""
        found, out, err = self.try_it("--home", name, *args)
        assert found == code, f"{args}: {found}\n{out}\n{err}"
        return err if code else out

    def value(self, name: str, *args: object) -> Any:
        """Run a command and return what it answers as JSON."""
        code, out, err = self.try_it("--json", "--home", name, *args)
        assert code == 0, f"{args}: {code}\n{out}\n{err}"
        return json.loads(out)


@pytest.fixture
def shell(cometbft: Path, short_folder: Path) -> Shell:
    return Shell(short_folder, cometbft)


@pytest.fixture
def started(shell: Shell) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Yield `start(name)`: `cantoria node start` in a process of its own, stopped in the end."""
    with ExitStack() as stack:

        def start(name: str, *args: object) -> subprocess.Popen[bytes]:
            log = stack.enter_context((shell.folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(
                shell.command(name, *(args or ("node", "start"))),
                cwd=shell.folder,
                env=shell.environment(),
                stdout=log,
                stderr=log,
            )
            stack.callback(_end, process)
            return process

        yield start


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(90)
    finally:
        process.kill()
        process.wait()


def eventually(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.5)


def init(shell: Shell, number: int, ports: list[int], *more: object, name: str = "", capacity: str = "") -> None:
    name, capacity = name or NAMES[number], capacity or CAPACITIES[number]
    p2p, rpc = (f"127.0.0.1:{port}" for port in ports)
    where = ("--origin", ORIGIN, "--chain", "rights-1", "--p2p", p2p, "--rpc", rpc)
    card = shell.run(name, "node", "init", name, "--in", capacity, *where, *more)
    (shell.folder / f"{name}.card").write_text(card)
    # Several nodes of one machine share its address, which strangers on the network never do.
    settings = shell.folder / name / "node.toml"
    text = settings.read_text()
    if "loopback" not in text:
        settings.write_text(text.replace("[node]\n", "[node]\nloopback = true\n"))


def height(shell: Shell, name: str) -> int:
    code, out, err = shell.try_it("--json", "--home", name, "node", "status")
    assert code in (0, 4), err
    return int(json.loads(out)["height"]) if code == 0 else 0


def test_four_organisations_found_a_chain_a_fifth_joins_and_one_leaves(
    shell: Shell,
    started: Callable[..., subprocess.Popen[bytes]],
    free_ports: Callable[[int], list[int]],
) -> None:
    ports = free_ports(10)
    shell.run("authors", "ledger", "init", "--origin", ORIGIN)
    for number in range(4):
        init(shell, number, ports[2 * number : 2 * number + 2])
    cards = [f"{name}.card" for name in NAMES]
    shell.run("authors", "node", "admit", *cards, "--dry-run")
    shell.run("authors", "node", "admit", *cards)
    shell.run("authors", "council", "convene", *cards)
    assert "no node" in shell.run("nobody", "node", "status", code=2)
    peers = [part for card in cards for part in ("--peer", card)]
    shell.run("authors", "node", "genesis", "genesis.json", *peers)
    for number in (1, 2, 3):
        init(shell, number, ports[2 * number : 2 * number + 2], "--genesis", "genesis.json", *peers)
    assert "does not answer" in shell.run("authors", "node", "status", code=4)
    for name in NAMES:
        started(name)
    eventually(lambda: all(height(shell, name) >= 2 for name in NAMES), "the first blocks")
    table = shell.run("authors", "node", "status")
    assert "rights-1" in table
    assert "performers" in table
    assert "govern it together" in shell.run("authors", "organisation", "admit", "x", "--in", "cmo", code=2)
    assert "entries before it" in shell.run("authors", "node", "commit", "--to", "commit.json")
    shell.run("nobody", "proof", "verify", "commit.json", "--validators", "genesis.json")
    _joins(shell, started, ports[8:], peers)
    _leaves(shell)


def _joins(shell: Shell, started: Callable[..., subprocess.Popen[bytes]], ports: list[int], peers: list[str]) -> None:
    """A fifth organisation takes in the chain, and the others seat it."""
    init(shell, 4, ports, name="labels", capacity="producer")
    assert "caught up" in shell.run("labels", "node", "join", "--genesis", "genesis.json", *peers)
    for what in ("admit-member", "add-key", "seat"):
        ballot = shell.value("authors", "council", "propose", what, "labels.card")["ballot"]
        for name in ("performers", "producers"):
            shell.run(name, "council", "vote", ballot, "--yes")
    shell.run("authors", "node", "peers", "labels.card")
    started("labels")
    eventually(lambda: _signers(shell).get("labels", False), "the new member to sign")


def _leaves(shell: Shell) -> None:
    shell.run("publishers", "node", "leave", "--dry-run")
    ballot = shell.value("publishers", "node", "leave", "--days", 1)["ballot"]
    for name in ("authors", "performers", "labels"):
        shell.run(name, "council", "vote", ballot, "--yes")
    left = {"authors", "performers", "producers", "labels"}
    eventually(lambda: _signers(shell).keys() == left, "the fourth's validator to be gone")


def _signers(shell: Shell) -> dict[str, bool]:
    """Return who signed the last block, nobody while the node is too busy to say."""
    code, out, err = shell.try_it("--json", "--home", "authors", "node", "status")
    assert code in (0, 4), err
    return dict(json.loads(out)["validators"]) if code == 0 else {}


def test_a_whole_network_comes_up_by_one_command(shell: Shell) -> None:
    """As plain lines where no terminal is; a second run takes the folder up again; Ctrl-C ends it."""
    for blocks in (3, 2):
        out = shell.run("world", "consortium", "local", "--nodes", 4, "--home", "net", "--no-data", "--blocks", blocks)
        assert out.splitlines()[-1].count("in step") == 4, out
    with subprocess.Popen(
        shell.command("world", "consortium", "local", "--home", "net"),
        cwd=shell.folder,
        env=shell.environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "01-authors" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
