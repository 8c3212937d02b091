"""How a node stands: what its CometBFT says, what its log holds, and what still waits."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.cometbft.cosigning import address_of
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.cometbft.mark import unpack_mark
from cantoria.adapters.cometbft.pair import read_state
from cantoria.adapters.cometbft.rpc import Rpc
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import uuid_of
from cantoria.ledger.notes import split_note, unsigned_size
from cantoria.ledger.ports import LedgerStore
from cantoria.ledger.recovery import Governed
from cantoria.ledger.state import State
from cantoria.ledger.tiles import root_of_frontier
from cantoria.node import home as homes
from cantoria.node.settings import NodeSettings, read

_SIGNED: Final = 2  # BLOCK_ID_FLAG_COMMIT
RPC_SECONDS: Final = 10.0
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What lies in a node's home: the log's size and root, the block that left it so, how far a quorum has cosigned
    (size and how many signatures the note has), and how many batches wait in the intake."""

    size: int
    root: str
    block: int
    cosigned: int
    cosignatures: int
    waiting: int
    seated: bool
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStatus:
    """A running node: `age_seconds` since its last block was made; `validators` by name, true where it signed that
    block; `catching_up` while it takes in blocks that others have decided already."""

    name: str
    chain: str
    height: int
    age_seconds: int
    catching_up: bool
    peers: tuple[str, ...]
    validators: Mapping[str, bool]
    restarts: int
    last_end: str
    holdings: Holdings


def holdings_of(folder: Path) -> Holdings:
    """Return what lies in the home at `folder`, whether or not the node runs."""
    return _look(folder)[0]


def _look(folder: Path) -> tuple[Holdings, State]:
    if not homes.ledger_path(folder).exists():
        raise InputError(
            f"the node at {folder} has no log yet", "give it a genesis: `cantoria node init --genesis FILE`"
        )
    with (
        closing(SqliteLedgerStore(homes.ledger_path(folder))) as store,
        closing(Intake(homes.intake_path(folder))) as intake,
    ):
        head, note, state = store.head(), store.checkpoint(), governed(store)
        found = Holdings(
            size=head.size,
            root=root_of_frontier(head.frontier).hex(),
            block=unpack_mark(store.mark()).height,
            cosigned=0 if note is None else unsigned_size(note),
            cosignatures=0 if note is None else len(split_note(note)[1]) - 1,
            waiting=intake.waiting(),
            seated=own_organisation(folder) in state.seats,
            members=len(state.members),
        )
    return found, state


def status_of(folder: Path, *, now: int, seconds: float = RPC_SECONDS) -> NodeStatus:
    """Return how the node at `folder` stands at `now` (UTC microseconds); `UnavailableError` where it does not answer
    within about `seconds`."""
    settings = read(folder)
    with Rpc(f"tcp://{settings.rpc}", seconds=seconds) as rpc:
        found = rpc.status()
        sync = found["sync_info"]
        height = int(sync["latest_block_height"])
        peers = rpc.net_info()["peers"]
        # The commit of the last block is still being filled; the one before stands.
        settled = max(height - 1, 1)
        signatures = rpc.commit(settled)["signed_header"]["commit"]["signatures"] if height else []
        validators = rpc.validators(settled) if height else []
    pair = read_state(homes.run_path(folder))
    holdings, state = _look(folder)
    return NodeStatus(
        name=settings.organisation,
        chain=str(found["node_info"]["network"]),
        height=height,
        age_seconds=_age(str(sync["latest_block_time"]), now) if height else 0,
        catching_up=bool(sync["catching_up"]),
        peers=tuple(sorted(str(one["node_info"]["moniker"]) for one in peers)),
        validators=_signers(validators, signatures, names=_names(folder, settings, state)),
        restarts=0 if pair is None else pair.restarts,
        last_end="" if pair is None else pair.last_end,
        holdings=holdings,
    )


def governed(store: LedgerStore) -> State:
    """Return the state after all governance records in a store."""
    return Governed(store).at(store.head().size)


def own_organisation(folder: Path) -> bytes:
    """Return the id of the organisation whose node is at `folder`."""
    return uuid_of(KeyRing(folder / "keys").author(read(folder).organisation).party, prefix="party")


def _names(folder: Path, settings: NodeSettings, state: State) -> dict[str, str]:
    """Return what the seated members are called here, by their validators' addresses."""
    names = {peer.organisation: peer.name for peer in settings.peers}
    names[own_organisation(folder).hex()] = settings.organisation
    return {
        address_of(seat.consensus_key).hex().upper(): names.get(seat.organisation.hex(), seat.organisation.hex())
        for seat in state.seats.values()
        if seat.consensus_key
    }


def _signers(
    validators: list[dict[str, Any]], signatures: list[dict[str, Any]], *, names: Mapping[str, str]
) -> dict[str, bool]:
    signed = {one["validator_address"] for one in signatures if int(one["block_id_flag"]) == _SIGNED}
    known = [str(one["address"]) for one in validators]
    return {names.get(one, one[:12].lower()): one in signed for one in known}


def _age(text: str, now: int) -> int:
    """Return how many seconds ago a block's time (RFC 3339) was, 0 where this machine's clock is behind it."""
    return max(0, now // _SECOND - int(datetime.fromisoformat(text[:19] + "+00:00").timestamp()))
