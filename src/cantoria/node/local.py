"""A whole consortium on this machine, started, stopped and maltreated from one Python process: for development, tests
and benchmarks. All its processes end with this one, however it ends. Every wait is bounded.

Nodes are counted from 0. Without `wires` the nodes talk directly; with them each link can be cut (`partition`).
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final

from cantoria.adapters.cometbft.config import StateSync, Timeouts
from cantoria.adapters.cometbft.pair import Patience, read_state
from cantoria.adapters.cometbft.process import find_cometbft
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.node import founding
from cantoria.node import home as homes
from cantoria.node.building import card_of
from cantoria.node.founding import Founded, Plan
from cantoria.node.links import Links
from cantoria.node.settings import write
from cantoria.node.supervisor import Node
from cantoria.node.watching import WatchedNetwork

FAST: Final = Timeouts(propose=1000, propose_delta=500, vote=500, vote_delta=250, commit=100)
PATIENCE: Final = Patience(pause_min=0.2, pause_max=2.0, healthy=10.0, answer=60.0, grace=10.0)
_JOIN_SECONDS: Final = 40.0


# Logs, state and the socket belong to the processes, not to what they keep.
_without_run: Final = shutil.ignore_patterns("run")


@dataclass(slots=True)
class _Running:
    node: Node
    thread: threading.Thread


class LocalNetwork(WatchedNetwork):
    """Make one with `make` or `open`; use it as a context manager, or `close` it."""

    def __init__(self, folder: Path, founded: Founded, *, cometbft: Path, wires: bool) -> None:
        super().__init__(folder, founded)
        self._cometbft = cometbft
        self._links = Links() if wires else None
        self._running: dict[int, _Running] = {}
        founding.settle_ports(founded)
        for number in range(len(founded.homes)):
            self._lay_wires(number)

    @classmethod
    def make(
        cls,
        nodes: int,
        folder: Path,
        *,
        seats: int | None = None,
        timeouts: Timeouts = FAST,
        snapshot_blocks: int = 1000,
        wires: bool = False,
        data: bool = False,
        before: Callable[[WiredHouse], None] | None = None,
    ) -> LocalNetwork:
        """Found a network of `nodes`, the first `seats` of them validators, in an empty folder; nothing is started.

        `before` gets the first member's house while it still keeps its ledger alone: what it records there stands in
        the log with which the chain begins. With `data` each node runs its data service, which no wire leads to.
        """
        cometbft = find_cometbft()
        plan = Plan(nodes=nodes, seats=seats, timeouts=timeouts, snapshot_blocks=snapshot_blocks, data=data)
        return cls(folder, founding.found(folder, plan, before=before), cometbft=cometbft, wires=wires)

    @classmethod
    def open(cls, folder: Path, *, wires: bool = False) -> LocalNetwork:
        """Take up the network that was founded in the folder."""
        return cls(folder, founding.load(folder), cometbft=find_cometbft(), wires=wires)

    def __enter__(self) -> LocalNetwork:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def started(self) -> list[int]:
        """Return the nodes that are to run now, killed applications included."""
        return sorted(self._running)

    # Running and stopping

    def start(self, *numbers: int, application: Sequence[str] = ()) -> None:
        """Start these nodes (none given: all); `application` is another command in the application's place."""
        for number in numbers or range(len(self)):
            if number not in self._running:
                node = Node(self.home(number), cometbft=self._cometbft, application=application, patience=PATIENCE)
                thread = threading.Thread(target=node.run, name=f"node {number}", daemon=True)
                self._running[number] = _Running(node, thread)
                thread.start()

    def stop(self, *numbers: int) -> None:
        """Have these nodes (none given: all) end in order, and wait until they have."""
        chosen = [number for number in (numbers or range(len(self))) if number in self._running]
        for number in chosen:
            self.thaw(number)
            self._running[number].node.stop()
        self._await_end(chosen)

    def kill(self, *numbers: int) -> None:
        """End all processes of these nodes at once, as a power cut does to a process; `start` brings them back."""
        for number in numbers:
            self._signal(number, signal.SIGKILL)
            if number in self._running:
                self._running[number].node.stop()
        self._await_end([number for number in numbers if number in self._running])

    def kill_application(self, number: int) -> None:
        """End a node's application alone; its supervisor brings the pair back."""
        self._signal(number, signal.SIGKILL, alone=True)

    def freeze(self, *numbers: int) -> None:
        """Let all processes of these nodes stand still."""
        for number in numbers:
            self._signal(number, signal.SIGSTOP)

    def thaw(self, *numbers: int) -> None:
        """Let them go on."""
        for number in numbers:
            self._signal(number, signal.SIGCONT)

    def partition(self, groups: Sequence[Sequence[int]]) -> None:
        """Let nodes reach each other only within a group; nodes in none of them are alone. Needs `wires`."""
        self._need_links().part(groups)

    def heal(self) -> None:
        """Let all nodes reach each other again."""
        self._need_links().heal()

    def close(self) -> None:
        """Stop everything. The folder stays."""
        self.stop()
        self._close_intakes()
        if self._links is not None:
            self._links.close()
            self._links = None

    # Growing and going back

    def add_node(self, *, snapshot_from: Sequence[int] = ()) -> int:
        """Make the home of one more organisation, not a member yet, whose node knows the others; return its number.

        With `snapshot_from`, two nodes or more, it begins from their latest snapshot instead of the first block.
        """
        empty = bool(snapshot_from)
        self._founded = founding.add_member(self.folder, self._founded, like=self.settings(0), empty=empty)
        number = len(self) - 1
        p2p, rpc, data = (f"127.0.0.1:{port}" for port in founding.free_ports(3))
        peers = tuple(card_of(self.home(one)).peer() for one in range(number))
        sync = self.trusted(snapshot_from) if snapshot_from else None
        settings = replace(self.settings(number), p2p=p2p, rpc=rpc, peers=peers, sync=sync)
        if settings.data:
            settings = replace(settings, data=data)
        write(self.home(number), settings)
        self._lay_wires(number)
        return number

    def trusted(self, numbers: Sequence[int]) -> StateSync:
        """Return these nodes as those whose word on a recent block a new node trusts."""
        with self.rpc(numbers[0]) as rpc:
            height = max(rpc.height() - 1, 1)
            name = rpc.commit(height)["signed_header"]["commit"]["block_id"]["hash"]
        servers = tuple(f"http://{self.settings(one).rpc}" for one in numbers)
        return StateSync(rpc_servers=servers, trust_height=height, trust_hash=name)

    def copy(self, number: int, target: Path) -> None:
        """Copy the home of a stopped node."""
        self._need_stopped(number)
        shutil.copytree(self.home(number), target, ignore=_without_run)

    def roll_back(self, number: int, copy: Path) -> None:
        """Put an earlier copy in the place of a stopped node's home."""
        self._need_stopped(number)
        settings = self.settings(number)
        shutil.rmtree(self.home(number))
        shutil.copytree(copy, self.home(number))
        write(self.home(number), settings)

    def _lay_wires(self, number: int) -> None:
        """Lead a node's links to the others, and theirs to it, through wires that can be cut."""
        if self._links is None:
            return
        settings = self.settings(number)
        places = {card_of(self.home(one)).organisation: one for one in range(len(self))}
        peers = []
        for peer in settings.peers:
            identity, _, place = peer.p2p.partition("@")
            port = self._links.wire(number, places[peer.organisation], port=int(place.rpartition(":")[2]))
            peers.append(replace(peer, p2p=f"{identity}@127.0.0.1:{port}"))
        # Nodes that told each other their true addresses would go round a cut wire.
        write(self.home(number), replace(settings, peers=tuple(peers), exchange=False))

    def _signal(self, number: int, what: signal.Signals, *, alone: bool = False) -> None:
        """Send a signal to the processes of a node; `alone`: to its application only."""
        state = read_state(homes.run_path(self.home(number)))
        if state is None or number not in self._running:
            return
        others = () if alone else (state.cometbft, self._running[number].node.data_pid)
        for pid in (state.application, *others):
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, what)

    def _await_end(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            running = self._running.pop(number)
            running.thread.join(_JOIN_SECONDS)
            if running.thread.is_alive():
                raise UnavailableError(f"node {number} does not end within {_JOIN_SECONDS:g} s\n{self.last_words()}")

    def _need_stopped(self, number: int) -> None:
        if number in self._running:
            raise InputError(f"node {number} runs", "stop it first")
        self._close_intakes(number)

    def _need_links(self) -> Links:
        if self._links is None:
            raise InputError("this network has no wires to cut", "make it with wires=True")
        return self._links
