"""A whole consortium for development and tests, founded in one folder: homes of made-up organisations, one convened
log, one genesis, and the policy that verifiers of its checkpoints pin."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.cometbft.config import Timeouts
from cantoria.adapters.files import read_file, write_whole
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.system import SystemClock, SystemEntropy
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.bootstrap import house as houses
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.ledger.cosignatures import parse_cosigner
from cantoria.ledger.notes import parse_vkey
from cantoria.ledger.policy import Log, Policy, Witness, members_policy
from cantoria.node import genesis as geneses
from cantoria.node import home as homes
from cantoria.node.building import Member, admit, become_node, card_of, convene, make_member
from cantoria.node.card import Card
from cantoria.node.genesis import FROM_DOCUMENT, Source
from cantoria.node.settings import NodeSettings, read, write

NETWORK_FILE: Final = "network.json"
POLICY_FILE: Final = "policy"
ORIGIN: Final = "consortium.example/log"
NODES_MAX: Final = 10
_BYTES_MAX: Final = 64 * 1024
# Below the range from which systems take the ports of outgoing connections.
_PORTS: Final = range(18_000, 32_000)
_TRIES: Final = 200
ORGANISATIONS: Final[tuple[tuple[str, tuple[Capacity, ...]], ...]] = (
    ("authors", (Capacity.CMO, Capacity.OPERATOR)),
    ("performers", (Capacity.PERFORMERS_ORGANISATION,)),
    ("producers", (Capacity.PRODUCER,)),
    ("publishers", (Capacity.PUBLISHER,)),
    ("distributor", (Capacity.DISTRIBUTOR,)),
    ("developer", (Capacity.AI_DEVELOPER,)),
    ("auditor", (Capacity.REGISTRAR, Capacity.ATTRIBUTOR)),
    ("labels", (Capacity.PRODUCER,)),
    ("platform", (Capacity.DISTRIBUTOR, Capacity.AI_DEVELOPER)),
    ("university", (Capacity.ATTRIBUTOR,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a network is made: so many `nodes`, the first `seats` of them validators (default: all), each with its data
    service where `data` says so."""

    nodes: int
    seats: int | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    snapshot_blocks: int = 1000
    origin: str = ORIGIN
    chain: str = "cantoria-local"
    data: bool = False


@dataclass(frozen=True, slots=True)
class Founded:
    """A founded network: its log, its chain, and the homes of its nodes in order."""

    origin: str
    chain: str
    homes: tuple[Path, ...]


def found(folder: Path, plan: Plan, *, before: Callable[[WiredHouse], None] | None = None) -> Founded:
    """Make the homes, convene the members and give every node its genesis; nothing is started. `before` is called with
    the first member's house, admitted to its ledger, before it hands that over.

    The file that names the homes is written last: what an interrupted attempt left behind has to be removed first.
    """
    if not 1 <= plan.nodes <= NODES_MAX or not 1 <= (plan.seats or plan.nodes) <= plan.nodes:
        raise InputError(f"a local network has 1 to {NODES_MAX} nodes", "give --nodes 4 to 10")
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty and holds no whole network", "remove it or name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    made = [folder / home_name(number) for number in range(plan.nodes)]
    clock, entropy = SystemClock(), SystemEntropy()
    with closing(houses.create(made[0], origin=plan.origin)) as house:
        cards = [
            make_member(home, _member(number, plan), origin=plan.origin, clock=clock, entropy=entropy)
            for number, home in enumerate(made)
        ]
        admit(house, cards[:1])
        if before is not None:
            before(house)
        admit(house, cards)
        convene(house, cards[: plan.seats])
        document = geneses.document_of(house.operator.store, chain=plan.chain, time=clock.now())
    become_node(made[0])
    for home in made:
        install(home, document)
    founded = Founded(plan.origin, plan.chain, tuple(made))
    write_whole(folder / POLICY_FILE, policy_of(cards).text().encode())
    save(folder, founded)
    return founded


def home_name(number: int) -> str:
    """Return the name of the folder of node `number`, counted from 0."""
    return f"{number + 1:02d}-{ORGANISATIONS[number][0]}"


def add_member(folder: Path, founded: Founded, *, like: NodeSettings, empty: bool = False) -> Founded:
    """Make the home of one more organisation, which the log does not know yet, and give it the genesis; `empty`:
    without its log, as the node begins with a snapshot."""
    number = len(founded.homes)
    if number >= NODES_MAX:
        raise InputError(f"a local network has at most {NODES_MAX} nodes")
    home = folder / home_name(number)
    plan = Plan(
        nodes=1,
        timeouts=like.timeouts,
        snapshot_blocks=like.snapshot_blocks,
        origin=founded.origin,
        chain=founded.chain,
        data=bool(like.data),
    )
    make_member(home, _member(number, plan), origin=plan.origin, clock=SystemClock(), entropy=SystemEntropy())
    install(home, homes.read_genesis(founded.homes[0]), source=Source(empty=empty))
    grown = replace(founded, homes=(*founded.homes, home))
    save(folder, grown)
    return grown


def install(home: Path, document: bytes, *, source: Source = FROM_DOCUMENT) -> None:
    """Give a home its genesis and its log."""
    signer = KeyRing(home / "keys").log_signer()
    geneses.install(home, document, signer=signer, types=LEDGER_TYPES, source=source)


def policy_of(cards: Sequence[Card]) -> Policy:
    """Return what a verifier of the consortium's checkpoints pins: the members' logs, and a quorum of cosigners."""
    logs = [Log(parse_vkey(card.log)) for card in cards]
    return members_policy(logs, [Witness(card.name, parse_cosigner(card.cosigner)) for card in cards])


def save(folder: Path, founded: Founded) -> None:
    """Write down which homes make up the network."""
    value = {"origin": founded.origin, "chain": founded.chain, "homes": [one.name for one in founded.homes]}
    write_whole(folder / NETWORK_FILE, json.dumps(value, indent=1).encode() + b"\n")


def is_network(folder: Path) -> bool:
    """Tell whether a whole network was founded in the folder."""
    return (folder / NETWORK_FILE).exists()


def load(folder: Path) -> Founded:
    """Return the network that was founded in the folder."""
    try:
        value: dict[str, Any] = json.loads(read_file(folder / NETWORK_FILE, bytes_max=_BYTES_MAX))
        return Founded(value["origin"], value["chain"], tuple(folder / Path(one).name for one in value["homes"]))
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder} holds no network", "make one with `cantoria consortium local`") from error


def settle_ports(founded: Founded) -> None:
    """Give every node ports that nobody uses now, and every node the addresses of the others."""
    ports = iter(free_ports(3 * len(founded.homes)))
    for home in founded.homes:
        settings = read(home)
        data = f"127.0.0.1:{next(ports)}" if settings.data else ""
        p2p, rpc = (f"127.0.0.1:{next(ports)}" for _ in range(2))
        write(home, replace(settings, p2p=p2p, rpc=rpc, data=data, exchange=True))
    cards = [card_of(home) for home in founded.homes]
    for number, home in enumerate(founded.homes):
        peers = tuple(card.peer() for other, card in enumerate(cards) if other != number)
        write(home, replace(read(home), peers=peers))


def free_ports(count: int) -> list[int]:
    """Return `count` TCP ports of this machine that nobody listens on now."""
    with ExitStack() as held:
        found: list[int] = []
        for _ in range(_TRIES + count):
            if len(found) == count:
                return found
            port = random.choice(_PORTS)  # noqa: S311 - any free port will do
            sock = held.enter_context(socket.socket())
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    raise UnavailableError("this machine has no free ports", "stop what listens on them")


def _member(number: int, plan: Plan) -> Member:
    name, capacities = ORGANISATIONS[number]
    settings = NodeSettings(
        organisation=name,
        chain=plan.chain,
        p2p="127.0.0.1:1",  # until the ports are settled
        rpc="127.0.0.1:1",
        data="127.0.0.1:1" if plan.data else "",
        loopback=True,
        timeouts=plan.timeouts,
        snapshot_blocks=plan.snapshot_blocks,
    )
    return Member(name=name, capacities=capacities, settings=settings)
