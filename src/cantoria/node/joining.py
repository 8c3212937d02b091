"""Coming and going: a new node takes in the chain before its member asks for a seat; a member that goes first lets its
queue run dry."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.cometbft.config import StateSync
from cantoria.adapters.cometbft.rpc import Rpc
from cantoria.adapters.consortium_engine import ConsortiumEngine
from cantoria.app.ports import Entropy
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.ids import uuid_of
from cantoria.ledger.batch import Author
from cantoria.ledger.changes import BALLOT_BYTES, Propose, UnseatMember
from cantoria.ledger.governance import seal_member_record
from cantoria.node import home as homes
from cantoria.node.settings import read
from cantoria.node.status import holdings_of

_LOOK_SECONDS: Final = 0.5
_RPC_SECONDS: Final = 5.0
_BEHIND_HEAD: Final = 2
Step = Callable[[int, int | None], None]


def trusted_block(servers: Sequence[str]) -> StateSync:
    """Ask two or more members' nodes (`http://host:port`) for a recent block, on which they must agree.

    Raises `IntegrityError` when they do not: then at least one of them lies, or is of another chain.
    """
    if len(servers) < 2:
        raise InputError("a snapshot is taken on the word of two members at least", "name two RPC addresses")
    with Rpc(servers[0], seconds=_RPC_SECONDS) as rpc:
        height = rpc.height() - _BEHIND_HEAD
    if height < 1:
        raise InputError("the chain is too young for a snapshot", "join without --snapshot-from")
    names = [_block_name(server, height) for server in servers]
    if len(set(names)) > 1:
        raise IntegrityError(f"these members name different blocks at height {height}", "find out who is right first")
    return StateSync(rpc_servers=tuple(servers), trust_height=height, trust_hash=names[0])


def await_caught_up(folder: Path, *, step: Step, seconds: float) -> int:
    """Wait until the node at `folder` has the chain's blocks and another one came; return its height. `step(height,
    of)` is called as it goes. `UnavailableError` after `seconds` without a new block."""
    settings = read(folder)
    last, until, reached = -1, time.monotonic() + seconds, 0
    while True:
        with suppress(UnavailableError), Rpc(f"tcp://{settings.rpc}", seconds=_RPC_SECONDS) as rpc:
            sync: dict[str, Any] = rpc.status()["sync_info"]
            height = int(sync["latest_block_height"])
            if height > last:
                last, until = height, time.monotonic() + seconds
                step(height, None)
            if not sync["catching_up"] and height:
                reached = reached or height
                if height > reached:
                    return height
        if time.monotonic() > until:
            raise UnavailableError(
                f"no new block came for {seconds:g} s (at height {max(last, 0)})",
                f"see the logs in {homes.run_path(folder)}, and that the members' p2p ports can be reached",
            )
        time.sleep(_LOOK_SECONDS)


def await_drained(folder: Path, *, step: Step, seconds: float) -> None:
    """Wait until nothing waits in the intake; `UnavailableError` after `seconds`."""
    until, most = time.monotonic() + seconds, 0
    while waiting := holdings_of(folder).waiting:
        most = max(most, waiting)
        step(most - waiting, most)
        if time.monotonic() > until:
            raise UnavailableError(
                f"{waiting} batches still wait", "see `cantoria node status`; retry when they are in"
            )
        time.sleep(_LOOK_SECONDS)


def propose_leaving(house: WiredHouse, *, name: str, entropy: Entropy, closes_at: int) -> bytes:
    """Put to a ballot that the member gives up its seat; return the ballot's id."""
    engine = house.engine
    if not isinstance(engine, ConsortiumEngine):
        raise InputError("this house keeps its ledger alone", "there is no seat to leave")
    found = house.author(name)
    author = Author(uuid_of(found.party, prefix="party"), found.signer, engine.origin)
    engine.refresh()
    if author.organisation not in engine.state.seats:
        raise InputError(f"{name} has no seat", "a node without a seat is simply stopped")
    ballot = entropy.token(BALLOT_BYTES)
    engine.submit_record(seal_member_record(Propose(ballot, UnseatMember(author.organisation), closes_at), author))
    return ballot


def _block_name(server: str, height: int) -> str:
    with Rpc(server, seconds=_RPC_SECONDS) as rpc:
        return str(rpc.commit(height)["signed_header"]["commit"]["block_id"]["hash"])
