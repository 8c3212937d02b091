"""From one to many: a convened log becomes the beginning of a chain, and each member takes it in, checked whole.

The genesis document names the log's origin, size, root and state; a log of up to a megabyte stands in it whole. Of a
larger one each member loads a copy (tiles as `cantoria ledger export` writes them). Either way every entry is admitted
again from nothing before the node begins: what an operator hands over is not taken on trust.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.cometbft import genesis as app_genesis
from cantoria.adapters.cometbft.genesis import LogGenesis
from cantoria.adapters.cometbft.home import Genesis, Validator, genesis_json
from cantoria.adapters.files import write_whole
from cantoria.adapters.log_import import import_log, log_entries
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import FactType
from cantoria.ledger import ed25519
from cantoria.ledger.notes import Checkpoint, sign_checkpoint
from cantoria.ledger.ports import LedgerStore
from cantoria.ledger.recovery import Governed
from cantoria.ledger.state import State
from cantoria.ledger.tiles import root_of_frontier
from cantoria.node import home as homes

_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True)
class Document:
    """A genesis document as read: the chain's id, and the log that it goes on with."""

    chain: str
    log: LogGenesis


def document_of(store: LedgerStore, *, chain: str, time: int) -> bytes:
    """Return the genesis document of a chain that goes on with this log at `time` (UTC microseconds).

    Raises `InputError` when the log is not convened, or none of its seats has a validator.
    """
    head = store.head()
    state = Governed(store).at(head.size)
    seats = [seat for _, seat in sorted(state.seats.items()) if seat.consensus_key]
    if not seats:
        raise InputError("the log names no validators: it is not convened", "convene its members first")
    log = LogGenesis(
        origin=state.origin,
        size=head.size,
        root=root_of_frontier(head.frontier),
        state=state.digest(),
        entries=app_genesis.inline(store.entries(0, stop=head.size)) if head.size <= _CHUNK else (),
    )
    return genesis_json(
        Genesis(
            chain_id=chain,
            time=datetime.fromtimestamp(time // 1_000_000, UTC),
            validators=[Validator(public_key=seat.consensus_key, name=seat.organisation.hex()) for seat in seats],
            app_state=log.app_state(),
        )
    )


def read_document(data: bytes) -> Document:
    """Return what a genesis document names, or raise `InputError`."""
    try:
        value: dict[str, Any] = json.loads(data)
        chain, app_state = value["chain_id"], value["app_state"]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("this is no genesis document", "ask the consortium for its genesis.json") from error
    return Document(str(chain), app_genesis.read_app_state(app_state))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a node's first entries come from: the tiles in `folder`, or else the genesis document; `empty`: from
    nowhere, as it begins with a snapshot of the chain."""

    folder: Path | None = None
    empty: bool = False


FROM_DOCUMENT: Final = Source()


def install(
    folder: Path,
    data: bytes,
    *,
    signer: ed25519.Signer,
    types: Mapping[int, FactType],
    source: Source = FROM_DOCUMENT,
) -> Document:
    """Give the node at `folder` its genesis, and its log where it has none. `signer` is this member's log key.

    Raises `InputError` when another genesis is there or the log is not at hand, `IntegrityError` when a log is not
    the one that the document names.
    """
    document = read_document(data)
    held = homes.genesis_path(folder)
    if held.exists() and homes.read_genesis(folder) != data:
        raise InputError(f"the node at {folder} belongs to another chain", "give the node another home")
    if homes.ledger_path(folder).exists():
        _check_held(folder, document.log)
    elif source.empty:
        SqliteLedgerStore(homes.ledger_path(folder)).close()
    else:
        _load(folder, document.log, entries=_entries(document.log, source.folder), signer=signer, types=types)
    try:
        write_whole(held, data, mode=0o644)
    except OSError as error:
        raise UnavailableError(f"cannot write {held}: {error}", "free some space, then retry") from error
    return document


def _entries(genesis: LogGenesis, folder: Path | None) -> Iterable[bytes]:
    if folder is not None:
        return log_entries(folder, size=genesis.size)
    if not genesis.entries:
        raise InputError(
            f"the log of {genesis.size} entries does not stand in the genesis document",
            "get a copy of it (`cantoria ledger export`) and name its folder with --log",
        )
    return genesis.entries


def _load(
    folder: Path,
    genesis: LogGenesis,
    *,
    entries: Iterable[bytes],
    signer: ed25519.Signer,
    types: Mapping[int, FactType],
) -> None:
    """Build the log beside its place, check it against the genesis, and only then put it there."""
    partial = folder / "ledger.db.partial"
    for path in folder.glob("ledger.db.partial*"):
        path.unlink()
    store = SqliteLedgerStore(partial)
    try:
        state = import_log(store, entries, types=types)
        _check(store, state, genesis)
        note = sign_checkpoint(Checkpoint(genesis.origin, genesis.size, genesis.root), signer=signer)
        store.save_checkpoint(genesis.size, note=note)
        store.scrub()
    finally:
        store.close()
    partial.replace(homes.ledger_path(folder))


def _check_held(folder: Path, genesis: LogGenesis) -> None:
    store = SqliteLedgerStore(homes.ledger_path(folder))
    try:
        head = store.head()
        if not head.size and not store.mark():
            return  # it begins with a snapshot
        if head.size == genesis.size:  # a chain that has begun has a longer log: CometBFT's replay checks that one
            _check(store, Governed(store).at(head.size), genesis)
        elif head.size < genesis.size:
            raise _other(head.size, genesis)
    finally:
        store.close()


def _check(store: LedgerStore, state: State, genesis: LogGenesis) -> None:
    head = store.head()
    found = (head.size, root_of_frontier(head.frontier), state.digest(), state.origin)
    if found != (genesis.size, genesis.root, genesis.state, genesis.origin):
        raise _other(head.size, genesis)


def _other(size: int, genesis: LogGenesis) -> IntegrityError:
    return IntegrityError(
        f"the log here ({size} entries) is not the one ({genesis.size}) that the chain begins with",
        "load that very log: ask the one who convened it",
    )
