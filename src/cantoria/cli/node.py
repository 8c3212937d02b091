"""`cantoria node …`: this organisation's part in a consortium."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cantoria.adapters.cometbft.pair import read_state, stopped_by_signals
from cantoria.adapters.cometbft.process import find_cometbft
from cantoria.adapters.files import read_file, write_file
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.system import SystemClock, SystemEntropy
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.bootstrap.house import open_house
from cantoria.cli import commits, node_words
from cantoria.cli.console import emit, progress, say, would
from cantoria.cli.organisation import CAPACITIES
from cantoria.cli.state import capacity_named, state
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.periods import DAY
from cantoria.ledger import fact_id_text
from cantoria.node import genesis as geneses
from cantoria.node import home as homes
from cantoria.node import settings as node_settings
from cantoria.node.building import Member, add_peers, admit, become_node, card_of, make_member
from cantoria.node.card import Card, read_card
from cantoria.node.joining import await_caught_up, await_drained, propose_leaving, trusted_block
from cantoria.node.settings import NodeSettings
from cantoria.node.status import status_of
from cantoria.node.supervisor import Node

app = typer.Typer(no_args_is_help=True, help="A node in a consortium: init, start, status, join, leave.")
app.command("commit")(commits.take)

CAUGHT_UP_SECONDS: Final = 60.0
DRAINED_SECONDS: Final = 300.0

GenesisOption = Annotated[
    Path | None, typer.Option("--genesis", help="The chain's genesis document.", exists=True, dir_okay=False)
]
LogOption = Annotated[
    Path | None,
    typer.Option("--log", help="A copy of the log, where it is not in the document.", exists=True, file_okay=False),
]
PeerOption = Annotated[
    list[Path] | None,
    typer.Option("--peer", help="Another member's card. May be given again.", exists=True, dir_okay=False),
]


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="The organisation's short name; its key may be here already.")],
    origin: Annotated[str, typer.Option(help="The log's name, the same for all members.")],
    chain: Annotated[str, typer.Option(help="The chain's id, the same for all members.")],
    capacity: Annotated[list[str] | None, typer.Option("--in", help=CAPACITIES)] = None,
    p2p: Annotated[str, typer.Option(help="Where the node listens for the others, host:port.")] = "0.0.0.0:26656",
    external: Annotated[str, typer.Option(help="Under which host:port the others reach it.")] = "",
    rpc: Annotated[str, typer.Option(help="Where it answers this machine, host:port.")] = "127.0.0.1:26657",
    data: Annotated[str, typer.Option(help="Where the data service listens, host:port; empty: none.")] = "",
    genesis: GenesisOption = None,
    log: LogOption = None,
    peer: PeerOption = None,
) -> None:
    """Make a node in the --home folder: keys and settings, and, where it is known, the chain's genesis and log.

    Prints the organisation's card, which the operator and the other members need. Said again with --genesis, once the
    log is convened, it takes the genesis in.

    Example: cantoria --home node node init komca --in cmo --origin rights.example.org/log --chain rights-1
    """
    home = state.home
    keys = KeyRing(home / "keys")
    if not keys.holds(name) and not capacity:
        raise InputError(f"{name} has no key here yet", "say in which capacities it records: --in cmo")
    settings = NodeSettings(organisation=name, chain=chain, p2p=p2p, external=external, rpc=rpc, data=data)
    if (home / node_settings.FILE).exists():
        held = node_settings.read(home)
        if (held.organisation, held.chain) != (name, chain):
            raise InputError(f"this is the node of {held.organisation} in {held.chain}", "give the node another home")
        settings = held
    member = Member(name=name, capacities=tuple(capacity_named(one) for one in capacity or ()), settings=settings)
    made = make_member(home, member, origin=origin, clock=SystemClock(), entropy=SystemEntropy())
    _take_in(genesis, log=log, peers=peer)
    emit(_card_value(made), text=lambda: typer.echo(made.text()))
    if genesis is None:
        say("give this card to the one who convenes the log; then: `cantoria node init … --genesis FILE`")


@app.command()
def card() -> None:
    """Print this node's card: public keys and addresses, in one line, for the other members.

    Example: cantoria --home node node card > komca.card
    """
    made = card_of(state.home)
    emit(_card_value(made), text=lambda: typer.echo(made.text()))


@app.command("admit")
def admit_members(
    cards: Annotated[list[Path], typer.Argument(help="Members' cards.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Make organisations that hold their own keys members of this house's ledger, as their cards ask for it.

    Compare each card's key with the member by another way first. `cantoria council convene` seats them.

    Example: cantoria --home house node admit performers.card producers.card
    """
    members = [read_card(path) for path in cards]
    names = ", ".join(one.name for one in members)
    if dry_run:
        would(f"admit {names}")
        return
    with closing(open_house(state.home)) as house:
        house.begin_writing(lambda: say("another command records in this house: waiting for it to end"))
        admit(house, members)
        size = house.operator.size
    value = {"members": [one.name for one in members], "size": size}
    emit(value, text=lambda: typer.echo(f"members now: {names}"))


@app.command()
def genesis(
    file: Annotated[Path, typer.Argument(help="Where to write the document.", dir_okay=False)],
    peer: PeerOption = None,
) -> None:
    """Write the genesis document of the chain that goes on with this house's convened log, and begin with it here.

    From then on this house's ledger grows through the chain alone: start its node.

    Example: cantoria --home house node genesis genesis.json
    """
    chain = node_settings.read(state.home).chain
    with closing(open_house(state.home)) as house:
        house.begin_writing(lambda: say("another command records in this house: waiting for it to end"))
        document = geneses.document_of(house.operator.store, chain=chain, time=SystemClock().now())
        size = house.operator.size
        write_file(file, document)
        write_file(homes.genesis_path(state.home), document)
        become_node(state.home)
    _take_in(file, log=None, peers=peer)
    inline = bool(geneses.read_document(document).log.entries)
    value = {"file": str(file), "chain": chain, "size": size, "inline": inline}
    emit(value, text=lambda: typer.echo(f"{file}: {chain} begins with {size} entries"))
    if not inline:
        say("the log is too large for the document: give the members a copy too (`cantoria ledger export FOLDER`)")


@app.command()
def peers(
    cards: Annotated[list[Path], typer.Argument(help="Other members' cards.", exists=True, dir_okay=False)],
) -> None:
    """Note where the other members' nodes are; the node has to be started again to dial them.

    Example: cantoria --home node node peers performers.card producers.card
    """
    settings = add_peers(state.home, [read_card(path) for path in cards])
    names = [one.name for one in settings.peers]
    emit({"peers": names}, text=lambda: typer.echo("peers: " + ", ".join(names)))


@app.command()
def start() -> None:
    """Run this node until it is interrupted (Ctrl-C, SIGTERM), and start its processes again when they end.

    Example: cantoria --home node node start
    """
    node = Node(state.home, cometbft=find_cometbft())
    say(f"node {node_settings.read(state.home).organisation} runs; logs are in {homes.run_path(state.home)}")
    with stopped_by_signals(node.pair):
        node.run()
    say("stopped")


@app.command()
def status() -> None:
    """Show how this node stands: height and age of the last block, peers, who signed it, the log, what waits. Exit 4
    where the node does not answer.

    Example: cantoria --home node node status
    """
    found = status_of(state.home, now=SystemClock().now())
    emit(node_words.plain(asdict(found)), text=lambda: node_words.show(found))


@app.command()
def join(
    genesis: GenesisOption = None,
    log: LogOption = None,
    peer: PeerOption = None,
    snapshot_from: Annotated[
        str, typer.Option("--snapshot-from", help="RPC addresses of two members: http://host:port,http://host:port")
    ] = "",
    stay: Annotated[bool, typer.Option("--stay", help="Go on running afterwards, until interrupted.")] = False,
) -> None:
    """Let a new node take in the chain, from the first block or from a snapshot, and say how to ask for a seat.

    Example: cantoria --home node node join --genesis genesis.json --peer authors.card --peer labels.card --stay
    """
    _take_in(genesis, log=log, peers=peer, empty=bool(snapshot_from))
    settings = node_settings.read(state.home)
    sync = trusted_block(snapshot_from.split(",")) if snapshot_from else None
    if sync is not None:
        node_settings.write(state.home, replace(settings, sync=sync))
    running = read_state(homes.run_path(state.home))
    if running is not None and running.phase != "stopped":
        height = _await(state.home)
    else:
        height = _run_until_caught_up(stay=stay)
    made = card_of(state.home)
    seated = _is_seated(made)
    value = {"height": height, "seated": seated, "card": _card_value(made)}
    emit(value, text=lambda: typer.echo(f"caught up at height {height}"))
    if not seated:
        say("now a seated member puts your seat to a ballot: `cantoria council propose seat` with your card")


@app.command()
def leave(
    days: Annotated[int, typer.Option(help="For how long the members may vote.", min=1, max=90)] = 14,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, but record nothing.")] = False,
) -> None:
    """Give up this member's seat: wait until its queue is empty, then put it to a ballot. The node stays a reader.

    Example: cantoria --home node node leave --days 7
    """
    name = node_settings.read(state.home).organisation
    if dry_run:
        would(f"propose that {name} gives up its seat")
        return
    with progress("Waiting for the queue to empty") as step:
        await_drained(state.home, step=step, seconds=DRAINED_SECONDS)
    clock = SystemClock()
    with closing(open_house(state.home)) as house:
        ballot = propose_leaving(house, name=name, entropy=house.entropy, closes_at=clock.now() + days * DAY)
    number = fact_id_text(ballot)
    emit({"ballot": number}, text=lambda: typer.echo(f"ballot {number}: the members vote on it"))


def _take_in(genesis: Path | None, *, log: Path | None, peers: list[Path] | None, empty: bool = False) -> None:
    """Take in what was given: the genesis with its log, and the other members' cards."""
    if genesis is not None:
        data = read_file(genesis, bytes_max=homes.GENESIS_BYTES_MAX)
        signer = KeyRing(state.home / "keys").log_signer()
        with progress("Admitting the log again, entry by entry"):
            document = geneses.install(
                state.home, data, signer=signer, types=LEDGER_TYPES, source=geneses.Source(log, empty=empty)
            )
        if document.chain != node_settings.read(state.home).chain:
            raise InputError(f"this genesis is of the chain {document.chain!r}", "correct chain in node.toml")
        become_node(state.home)
    if peers:
        add_peers(state.home, [read_card(path) for path in peers])


def _run_until_caught_up(*, stay: bool) -> int:
    node = Node(state.home, cometbft=find_cometbft())
    thread = threading.Thread(target=node.run, name="node", daemon=True)
    with stopped_by_signals(node.pair):
        thread.start()
        try:
            height = _await(state.home)
            if stay:
                say(f"caught up at height {height}; the node runs on, Ctrl-C stops it")
                thread.join()
        finally:
            _stop(node, thread)
    return height


def _stop(node: Node, thread: threading.Thread) -> None:
    node.stop()
    thread.join(CAUGHT_UP_SECONDS)
    if thread.is_alive():
        raise UnavailableError("the node does not end", "end its processes by hand")


def _await(home: Path) -> int:
    with progress("Taking in the chain") as step:
        return await_caught_up(home, step=step, seconds=CAUGHT_UP_SECONDS)


def _is_seated(made: Card) -> bool:
    with closing(open_house(state.home)) as house:
        return bytes.fromhex(made.organisation) in house.engine.state.seats


def _card_value(made: Card) -> dict[str, Any]:
    return {key: node_words.plain(value) for key, value in asdict(made).items()}
