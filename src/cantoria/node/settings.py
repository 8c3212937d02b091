"""A node's settings, `node.toml` in its home: who runs it, where it listens, who the others are. Read strictly."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from cantoria.adapters.cometbft import addresses
from cantoria.adapters.cometbft.config import StateSync, Timeouts
from cantoria.adapters.cometbft.replica import SNAPSHOT_BLOCKS
from cantoria.adapters.files import read_file, write_whole
from cantoria.kernel.errors import InputError, UnavailableError

FILE: Final = "node.toml"
BYTES_MAX: Final = 256 * 1024
PEERS_MAX: Final = 100
_HEAD: Final = "# This node: who runs it, where it listens, who the others are. See docs/how-to/run-a-consortium.md.\n"
_NODE_ID: Final = re.compile(r"[0-9a-f]{40}@(.+)")
_ORGANISATION: Final = re.compile(r"[0-9a-f]{32}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another member's node: its organisation (32 hex digits) and name, `data` (http://host:port, or empty) and `p2p`
    (NODE_ID@host:port)."""

    organisation: str
    name: str
    data: str = ""
    p2p: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """One node. `organisation` names its key in keys/; addresses are host:port, `external` is the p2p address that
    others dial where it differs, an empty `data` runs no data service. `loopback` lets nodes share this machine."""

    organisation: str
    chain: str
    p2p: str
    rpc: str
    data: str = ""
    external: str = ""
    loopback: bool = False
    exchange: bool = True
    snapshot_blocks: int = SNAPSHOT_BLOCKS
    peers: tuple[Peer, ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    sync: StateSync | None = None


def read(home: Path) -> NodeSettings:
    """Return the settings of the node at `home`; `InputError` says what is wrong with them."""
    path = home / FILE
    try:
        value = tomllib.loads(read_file(path, bytes_max=BYTES_MAX).decode())
    except FileNotFoundError as error:
        raise InputError(f"no node at {home}: {FILE} is missing", "make one with `cantoria node init`") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise UnavailableError(f"cannot read {path}: {error}", "check the folder and retry") from error
    try:
        return _read(value)
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.remedy) from error


def write(home: Path, settings: NodeSettings) -> None:
    """Write the settings, whole or not at all."""
    check(settings)
    try:
        write_whole(home / FILE, text_of(settings).encode(), mode=0o644)
    except OSError as error:
        raise UnavailableError(f"cannot write {home / FILE}: {error}", "check the folder and retry") from error


def text_of(settings: NodeSettings) -> str:
    """Return the settings as TOML, without what has its default."""
    node = {
        one.name: getattr(settings, one.name)
        for one in fields(NodeSettings)
        if one.name not in ("peers", "timeouts", "sync")
        and (one.default is not getattr(settings, one.name) or one.name == "data")
    }
    parts = [_HEAD, _table("[node]", node)]
    if settings.timeouts != Timeouts():
        parts.append(_table("[timeouts]  # milliseconds, the same for all members", asdict(settings.timeouts)))
    if settings.sync is not None:
        parts.append(_table("[sync]  # begin from a snapshot; used while the node is empty", asdict(settings.sync)))
    parts += [_table("[[peer]]", asdict(peer)) for peer in settings.peers]
    return "\n".join(parts)


def check(settings: NodeSettings) -> None:
    """Raise `InputError` for an address, a chain id or a peer that cannot be."""
    if not settings.organisation or not settings.chain:
        raise InputError("a node has an organisation and a chain", 'write organisation = "NAME" and chain = "ID"')
    for name in ("p2p", "rpc", "data", "external"):
        address = getattr(settings, name)
        if address or name in ("p2p", "rpc"):
            _check_place(name, address)
    if settings.snapshot_blocks < 1:
        raise InputError("snapshot_blocks is a whole number above 0", f"write snapshot_blocks = {SNAPSHOT_BLOCKS}")
    if len(settings.peers) > PEERS_MAX:
        raise InputError(f"{len(settings.peers)} peers are more than {PEERS_MAX}", "name the members' nodes only")
    for peer in settings.peers:
        _check_peer(peer)


def _check_peer(peer: Peer) -> None:
    if not _ORGANISATION.fullmatch(peer.organisation):
        raise InputError(f"the peer {peer.name!r:.60} has no organisation id", "copy it from the member's card")
    found = _NODE_ID.fullmatch(peer.p2p)
    if found is None:
        raise InputError(f"{peer.p2p!r:.120} is no p2p address", "write NODE_ID@host:port, the id as 40 hex digits")
    _check_place("p2p", found[1])
    if peer.data:
        if not peer.data.startswith(("http://", "https://")):
            raise InputError(f"{peer.data!r:.120} is no data service", "write http://host:port")
        _check_place("data", peer.data.partition("://")[2])


def _check_place(name: str, place: str) -> None:
    try:
        addresses.host_and_port(f"tcp://{place}")
    except InputError as error:
        raise InputError(f"{name} = {place!r:.120} is no address", f'write {name} = "host:port"') from error


def _read(value: dict[str, Any]) -> NodeSettings:
    known = {"node", "peer", "timeouts", "sync"}
    if spare := sorted(set(value) - known):
        raise InputError(f"[{spare[0]}] is not known here", f"known are {', '.join(sorted(known))}")
    peers = value.get("peer", [])
    if not isinstance(peers, list):
        raise InputError("a peer is not a list of tables", "write [[peer]] above each")
    node = dict(_is_table(value.get("node"), "node"))
    if spare := sorted({"peers", "timeouts", "sync"} & set(node)):
        raise InputError(f"node.{spare[0]} is not known here", "see docs/how-to/run-a-consortium.md")
    sync = value.get("sync")
    if sync is not None:
        sync = dict(_is_table(sync, "sync"))
        sync["rpc_servers"] = tuple(_texts(sync.get("rpc_servers"), "sync.rpc_servers"))
    settings = _build(
        NodeSettings,
        node
        | {
            "peers": tuple(_build(Peer, _is_table(one, "peer"), "peer") for one in peers),
            "timeouts": _build(Timeouts, _is_table(value.get("timeouts", {}), "timeouts"), "timeouts"),
            "sync": None if sync is None else _build(StateSync, sync, "sync"),
        },
        "node",
    )
    check(settings)
    return settings


def _build(cls: type[T], values: dict[str, Any], name: str) -> T:
    """Return the dataclass of these values, each known and of its type."""
    kinds = {one.name: str(one.type) for one in fields(cls)}  # type: ignore[arg-type]
    for key, value in values.items():
        wanted = {"str": str, "int": int, "bool": bool}.get(kinds.get(key, ""))
        if key not in kinds:
            raise InputError(f"{name}.{key} is not known here", f"known are {', '.join(sorted(kinds))}")
        if wanted is not None and type(value) is not wanted:
            kind = {"str": "text", "int": "a whole number", "bool": "true or false"}[kinds[key]]
            raise InputError(f"{name}.{key} is not {kind}", f"it is {value!r:.60}")
    try:
        return cls(**values)
    except TypeError as error:
        missing = str(error).partition(": ")[2].replace("'", "")
        raise InputError(f"[{name}] lacks {missing}", "see docs/how-to/run-a-consortium.md") from error


def _is_table(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"there is no table [{name}]", f"write [{name}] on a line of its own")
    return value


def _texts(value: object, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(f"{name} is not a list of texts", 'write ["http://host:port", "http://host:port"]')
    return value


def _table(head: str, values: dict[str, Any]) -> str:
    return head + "\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: object) -> str:
    """Return a value in TOML; a basic string is written as in JSON, whose escapes TOML all knows."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
