"""A commit of the chain, `cantoria-commit/v1`: whose signatures it is checked against, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from cantoria.adapters.cometbft.validators import validators_of
from cantoria.adapters.files import read_file
from cantoria.cli.console import emit, lines
from cantoria.cli.state import house, state
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.node import settings as node_settings
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
