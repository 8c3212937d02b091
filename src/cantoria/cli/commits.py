"""A commit of the chain, `cantoria-commit/v1`: whose signatures it is checked against, and what it shows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from cantoria.adapters.cometbft.mark import unpack_mark
from cantoria.adapters.cometbft.rpc import Rpc
from cantoria.adapters.cometbft.snapshots import state_at
from cantoria.adapters.cometbft.validators import validators_of
from cantoria.adapters.files import read_file, write_file
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.cli.console import emit, lines
from cantoria.cli.state import house, state
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.node import home as homes
from cantoria.node import settings as node_settings
from cantoria.sdk import commit_file
from cantoria.sdk.commit_file import LogState
from cantoria.sdk.light import GENESIS_BYTES_MAX, Chain, chain_of_genesis, verify_commit

ValidatorsOption = Annotated[
    Path | None,
    typer.Option(
        "--validators", help="In place of --key, for a commit: the chain's genesis.json.", exists=True, dir_okay=False
    ),
]
SeatsOption = Annotated[
    bool, typer.Option("--seats", help="In place of --key, for a commit: the seats in the log of this node's --home.")
]


@dataclass(frozen=True, slots=True)
class PinnedChain:
    """The chain and its validators that the person pinned, and the fingerprint of whatever named them."""

    chain: Chain
    fingerprint: str
    what: str


def pinned_chain(validators: Path | None, *, seats: bool) -> PinnedChain:
    """Return what --validators names, or else the present seats of the house."""
    if validators is not None:
        data = read_file(validators, bytes_max=GENESIS_BYTES_MAX)
        return PinnedChain(chain_of_genesis(data), sha256(data).hexdigest()[:16], "validators")
    if not seats:
        raise InputError("no validators are named", "give --validators genesis.json, or --seats")
    name = node_settings.read(state.home).chain
    with house() as opened:
        present = opened.engine.state
    if not present.seats:
        raise InputError("this house's log seats nobody", "give --validators genesis.json")
    return PinnedChain(Chain(name, validators_of(present)), present.digest().hex()[:16], "seats")


def take(
    to: Annotated[Path, typer.Option("--to", help="The file to write.")],
) -> None:
    """Write the validators' signatures over the latest block, with the log as it says it was, as a file for `proof
    verify`. The node must be running.

    Example: cantoria --home node node commit --to commit.json
    """
    with closing(SqliteLedgerStore(homes.ledger_path(state.home))) as store:
        mark = unpack_mark(store.mark())
        if len(mark.tips) < 2:
            raise UnavailableError("this node has not committed two blocks yet", "start it, and retry in a moment")
        before = mark.tips[1]  # the header of a block names the log after the block before it
        log = LogState(root=before.root, size=before.size, state=state_at(store, before.size))
    with Rpc(f"tcp://{node_settings.read(state.home).rpc}") as rpc:
        signed = rpc.commit(mark.height)["signed_header"]
        data = commit_file.write(signed, rpc.validators(mark.height), log=log)
    write_file(to, data)
    value = {"file": str(to), "bytes": len(data), "height": mark.height, "size": before.size}
    emit(value, text=lambda: typer.echo(f"{to}: block {mark.height}, a log of {before.size} entries before it"))


def show_commit(data: bytes, given: PinnedChain) -> None:
    """Verify a commit and tell what it shows."""
    try:
        block = verify_commit(data, chain_id=given.chain.id, validators=given.chain.validators)
    except InputError as error:
        remedy = "a file of another kind is verified with --key or --policy"
        raise IntegrityError(f"this proves nothing under validators: {error.message}", remedy) from error
    log = {"size": block.log.size, "root": block.log.root.hex()} if block.log else {}
    value = {
        "verified": True,
        "kind": "commit",
        "chain": block.chain_id,
        "height": block.height,
        "time": block.time,
        "block": block.hash.hex(),
        "app_hash": block.app_hash.hex(),
        "power": block.power,
        "power_total": block.power_total,
        f"{given.what}_fingerprint": given.fingerprint,
        **log,
    }
    emit(value, text=lambda: lines(block.explain()))
