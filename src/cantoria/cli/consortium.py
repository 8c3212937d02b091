"""`cantoria consortium local`: a whole consortium on this machine, for development."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from rich.live import Live
from rich.table import Table

from cantoria.adapters.cometbft.config import Timeouts
from cantoria.adapters.system import SystemClock
from cantoria.cli import node_words
from cantoria.cli.console import page, progress, say
from cantoria.kernel.errors import CantoriaError
from cantoria.node import founding
from cantoria.node.local import LocalNetwork
from cantoria.node.status import NodeStatus, status_of

app = typer.Typer(no_args_is_help=True, help="A whole consortium on this machine: local.")

LOOK_SECONDS: Final = 1.0
LINE_SECONDS: Final = 5.0
START_SECONDS: Final = 120.0
ANSWER_SECONDS: Final = 3.0
NODES: Final = 7


@app.command()
def local(
    nodes: Annotated[int, typer.Option("--nodes", help="How many members, 4 to 10.", min=4, max=10)] = NODES,
    home: Annotated[Path, typer.Option("--home", help="The folder of all their homes.", file_okay=False)] = Path(
        "consortium"
    ),
    data: Annotated[
        bool, typer.Option("--data/--no-data", help="Let members hold each other's data; for a new folder.")
    ] = True,
    blocks: Annotated[int, typer.Option("--blocks", help="Stop after so many blocks; 0: on Ctrl-C.", min=0)] = 0,
) -> None:
    """Bring a whole consortium up on this machine, show how it stands, and stop it on Ctrl-C.

    Every node's home is a house's home: other commands work on it with --home. An existing folder is taken up again.

    Example: cantoria consortium local --nodes 4 --home consortium --blocks 20
    """
    known = founding.is_network(home)
    with _interrupted() as asked, _opened(home, nodes=None if known else nodes, data=data) as network:
        say(f"{len(network)} members in {home}{'' if known else ', made anew'}; verifiers pin {network.policy}")
        network.start()
        first = _await_first(network, asked)
        say(f"in another terminal: cantoria --home {network.home(0)} ledger status")
        _watch(network, asked, until=first + blocks if blocks else None)
        say("stopping …")


@contextmanager
def _interrupted() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C and SIGTERM ask for the end, in place of ending at once; yields whether they did."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _opened(home: Path, *, nodes: int | None, data: bool) -> Iterator[LocalNetwork]:
    if nodes is None:
        network = LocalNetwork.open(home)
    else:
        with progress(f"Making the homes of {nodes} members"):
            network = LocalNetwork.make(nodes, home, timeouts=Timeouts(), data=data)
    with network:
        yield network


def _await_first(network: LocalNetwork, asked: Callable[[], bool]) -> int:
    """Wait until every node has committed a block of this run; return the highest."""
    with progress("Starting", total=len(network)) as step:
        began: dict[int, int] = {}

        def up() -> bool:
            heights = {number: height for number, height in network.heights().items() if height}
            for number, height in heights.items():
                began.setdefault(number, height)
            step(sum(height > began[number] for number, height in heights.items()), len(network))
            return asked() or all(heights.get(one, 0) > began.get(one, 0) for one in range(len(network)))

        network.wait(up, what="all nodes to commit a block", seconds=START_SECONDS)
    return max(began.values(), default=0)


def _watch(network: LocalNetwork, asked: Callable[[], bool], *, until: int | None) -> None:
    """Show the network until somebody asks for the end, or all nodes have reached a height."""

    def go_on(found: Sequence[NodeStatus | None]) -> bool:
        reached = until is not None and all(one is not None and one.height >= until for one in found)
        return not asked() and not reached

    found = _look(network)
    if not page.is_terminal:
        while go_on(found):
            node_words.line(_rows(network, found))
            _sleep(LINE_SECONDS, asked)
            found = _look(network)
        node_words.line(_rows(network, found))
        return
    with Live(_table(network, found), console=page, auto_refresh=False) as live:
        while go_on(found):
            _sleep(LOOK_SECONDS, asked)
            found = _look(network)
            live.update(_table(network, found), refresh=True)


def _look(network: LocalNetwork) -> list[NodeStatus | None]:
    now = SystemClock().now()
    found: list[NodeStatus | None] = [None] * len(network)
    for number in range(len(network)):
        with suppress(CantoriaError):
            found[number] = status_of(network.home(number), now=now, seconds=ANSWER_SECONDS)
    return found


def _rows(network: LocalNetwork, found: Sequence[NodeStatus | None]) -> list[tuple[str, ...]]:
    return [node_words.row(network.home(number).name, one) for number, one in enumerate(found)]


def _table(network: LocalNetwork, found: Sequence[NodeStatus | None]) -> Table:
    drawn = Table(header_style="bold", box=None)
    for position, column in enumerate(node_words.COLUMNS):
        drawn.add_column(column, justify="right" if position in node_words.RIGHT else "left", no_wrap=True)
    for row in _rows(network, found):
        drawn.add_row(*row, style=None if row[1] == "in step" else "yellow")
    return drawn


def _sleep(seconds: float, asked: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not asked() and time.monotonic() < until:
        time.sleep(0.1)
