"""CometBFT's `config.toml`, written whole from a few settings.

Everything that members must agree on, or that has one right answer here, is fixed: the mempool is `nop` (each member
proposes what waits with itself), nothing is indexed, no metrics are served, RPC is for this machine. Sizes are bytes,
times are milliseconds unless their names say otherwise (CometBFT v0.38 `config/toml.go`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from cantoria.adapters.cometbft import addresses
from cantoria.kernel.errors import InputError

MEMPOOL: Final = "nop"
# Blocks of 4 MB within a second to six others; CometBFT's own default is a tenth of it.
_RATE_BYTES_PER_SECOND: Final = 64 * 1024 * 1024
_PEERS_MAX: Final = 100

TomlValue = bool | int | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a validator waits in each step; `commit` is the pause after a block, in which late votes are taken in.

    With f of n validators dead every n-th to second proposer is silent, and each costs `propose`: one second keeps
    the worst gap of seven under four.
    """

    propose: int = 1000
    propose_delta: int = 500
    vote: int = 1000
    vote_delta: int = 500
    commit: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSync:
    """Begin from a member's snapshot instead of the first block.

    `trust_height` and `trust_hash` (64 hex digits) name a block that the one who joins was told of by members it
    trusts; `rpc_servers` (two at least, `http://host:port`) are asked for the headers that prove the snapshot.
    """

    rpc_servers: tuple[str, ...]
    trust_height: int
    trust_hash: str
    trust_period_seconds: int = 7 * 24 * 3600
    discovery_seconds: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs from node to node. Addresses are `tcp://host:port` or `unix:///path`.

    `peers` are `node_id@host:port` of the other members. `loopback` lets several nodes share this machine's address,
    for development and tests only. Without `exchange` a node knows no addresses but those of its `peers`.
    """

    moniker: str
    application: str
    p2p: str
    rpc: str
    external: str = ""
    peers: tuple[str, ...] = ()
    loopback: bool = False
    exchange: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    empty_blocks: bool = True
    empty_blocks_interval: int = 0
    state_sync: StateSync | None = None
    log_level: str = "main:info,statesync:info,blocksync:info,*:error"


def config_toml(settings: Settings) -> str:
    """Return the text of `config.toml`. Raises `InputError` for an address, peer or text that CometBFT would refuse."""
    _check(settings)
    sections: dict[str, dict[str, TomlValue]] = {
        "": _base(settings),
        "rpc": {"laddr": settings.rpc, "unsafe": False, "cors_allowed_origins": (), "pprof_laddr": ""},
        "p2p": _p2p(settings),
        "mempool": {"type": MEMPOOL, "recheck": False, "broadcast": False},
        "statesync": _state_sync(settings.state_sync),
        "blocksync": {"version": "v0"},
        "consensus": _consensus(settings),
        "storage": {"discard_abci_responses": True},
        "tx_index": {"indexer": "null"},
        "instrumentation": {"prometheus": False},
    }
    return "# Written whole by Cantoria: changes made here are lost.\n" + "\n".join(
        _section(name, values) for name, values in sections.items()
    )


def _check(settings: Settings) -> None:
    if addresses.unix_path(settings.application) is None:
        addresses.host_and_port(settings.application)
    addresses.host_and_port(settings.p2p)
    if addresses.unix_path(settings.rpc) is None:
        addresses.host_and_port(settings.rpc)
    if len(settings.peers) > _PEERS_MAX:
        raise InputError(f"{len(settings.peers)} peers are more than {_PEERS_MAX}", "name the members' nodes only")
    for peer in settings.peers:
        identity, at, place = peer.partition("@")
        if not at or len(identity) != 40 or not set(identity) <= set("0123456789abcdef"):
            raise InputError(f"{peer!r:.120} is no peer", "write NODE_ID@host:port, the id as 40 hex digits")
        addresses.host_and_port(f"tcp://{place}")
    sync = settings.state_sync
    if sync is None:
        return
    if len(sync.rpc_servers) < 2:
        raise InputError("state sync needs two members to ask", "name the RPC addresses of two members")
    if sync.trust_height < 1 or len(sync.trust_hash) != 64:
        raise InputError("state sync needs a height and the hash of its header", "ask two members for them")


def _base(settings: Settings) -> dict[str, TomlValue]:
    return {
        "proxy_app": settings.application,
        "abci": "socket",
        "moniker": settings.moniker,
        "db_backend": "goleveldb",
        "db_dir": "data",
        "log_level": settings.log_level,
        "log_format": "plain",
        "genesis_file": "config/genesis.json",
        "priv_validator_key_file": "config/priv_validator_key.json",
        "priv_validator_state_file": "data/priv_validator_state.json",
        "node_key_file": "config/node_key.json",
        "filter_peers": False,
    }


def _p2p(settings: Settings) -> dict[str, TomlValue]:
    return {
        "laddr": settings.p2p,
        "external_address": settings.external,
        "persistent_peers": ",".join(settings.peers),
        # Without the exchange of addresses a peer that was away for minutes is dialled ever more rarely.
        "pex": settings.exchange,
        "addr_book_file": "config/addrbook.json",
        "addr_book_strict": not settings.loopback,
        "allow_duplicate_ip": settings.loopback,
        "persistent_peers_max_dial_period": "5s",
        "flush_throttle_timeout": "10ms",
        "send_rate": _RATE_BYTES_PER_SECOND,
        "recv_rate": _RATE_BYTES_PER_SECOND,
    }


def _consensus(settings: Settings) -> dict[str, TomlValue]:
    times = settings.timeouts
    return {
        "wal_file": "data/cs.wal/wal",
        "timeout_propose": _milliseconds(times.propose),
        "timeout_propose_delta": _milliseconds(times.propose_delta),
        "timeout_prevote": _milliseconds(times.vote),
        "timeout_prevote_delta": _milliseconds(times.vote_delta),
        "timeout_precommit": _milliseconds(times.vote),
        "timeout_precommit_delta": _milliseconds(times.vote_delta),
        "timeout_commit": _milliseconds(times.commit),
        "skip_timeout_commit": False,
        "create_empty_blocks": settings.empty_blocks,
        "create_empty_blocks_interval": _milliseconds(settings.empty_blocks_interval),
        "double_sign_check_height": 0,
    }


def _state_sync(sync: StateSync | None) -> dict[str, TomlValue]:
    if sync is None:
        return {"enable": False}
    return {
        "enable": True,
        "rpc_servers": ",".join(sync.rpc_servers),
        "trust_height": sync.trust_height,
        "trust_hash": sync.trust_hash,
        "trust_period": f"{sync.trust_period_seconds}s",
        "discovery_time": f"{sync.discovery_seconds}s",
    }


def _milliseconds(number: int) -> str:
    if number < 0:
        raise InputError(f"a time of {number} ms is not a time", "give a number of milliseconds")
    return f"{number}ms"


def _section(name: str, values: dict[str, TomlValue]) -> str:
    head = f"[{name}]\n" if name else ""
    return head + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: TomlValue) -> str:
    """Return a value in TOML. A basic string is written as in JSON, whose escapes TOML all knows."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if not value.isprintable():
        raise InputError(f"{value!r:.80} holds characters that no setting may hold", "write printable text")
    return json.dumps(value, ensure_ascii=False)
