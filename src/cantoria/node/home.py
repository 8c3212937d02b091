"""Where a node's things lie, and how CometBFT's home is laid out from the node's settings, keys and genesis.

cantoria.toml  node.toml  genesis.json  ledger.db  intake.db  keys/  comet/ (CometBFT's home)  run/ (logs, state)
"""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

from cantoria.adapters.cometbft import config, home
from cantoria.adapters.files import read_file
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.node import keys as node_keys
from cantoria.node.settings import NodeSettings

GENESIS_BYTES_MAX: Final = 64 * 1024 * 1024
_SOCKET_BYTES_MAX: Final = 100


def genesis_path(folder: Path) -> Path:
    """Return where the chain's genesis document lies."""
    return folder / "genesis.json"


def ledger_path(folder: Path) -> Path:
    """Return where the log lies."""
    return folder / "ledger.db"


def intake_path(folder: Path) -> Path:
    """Return where the queue of this member lies."""
    return folder / "intake.db"


def comet_path(folder: Path) -> Path:
    """Return CometBFT's home."""
    return folder / "comet"


def run_path(folder: Path) -> Path:
    """Return where the supervisor keeps logs and state."""
    return folder / "run"


def application_address(folder: Path) -> str:
    """Return the socket on which this home's application answers CometBFT: in `run/`, or, where that path is too long
    to name a socket, in a folder of our own below the system's for temporary files."""
    inside = run_path(folder.resolve()) / "abci.sock"
    if len(str(inside).encode()) <= _SOCKET_BYTES_MAX:
        return f"unix://{inside}"
    name = sha256(str(inside).encode()).hexdigest()[:16]
    return f"unix://{Path(tempfile.gettempdir()) / f'cantoria-{os.getuid()}' / name}.sock"


def read_genesis(folder: Path) -> bytes:
    """Return the genesis document, or raise `InputError` where the node has none yet."""
    try:
        return read_file(genesis_path(folder), bytes_max=GENESIS_BYTES_MAX)
    except FileNotFoundError as error:
        raise InputError(
            f"the node at {folder} has no genesis yet", "give it one: `cantoria node init --genesis FILE`"
        ) from error


def prepare(folder: Path, settings: NodeSettings) -> None:
    """Lay out CometBFT's home, or bring its settings up to date. Errors as for `lay_out`."""
    keys = node_keys.read(folder / "keys")
    _make_folders(folder)
    home.lay_out(
        comet_path(folder),
        settings=comet_settings(folder, settings),
        genesis=read_genesis(folder),
        consensus_seed=keys.consensus,
        node_seed=keys.p2p,
    )


def comet_settings(folder: Path, settings: NodeSettings) -> config.Settings:
    """Return what CometBFT is told."""
    return config.Settings(
        moniker=settings.organisation,
        application=application_address(folder),
        p2p=f"tcp://{settings.p2p}",
        rpc=f"tcp://{settings.rpc}",
        external=settings.external,
        peers=tuple(peer.p2p for peer in settings.peers),
        loopback=settings.loopback,
        exchange=settings.exchange,
        timeouts=settings.timeouts,
        state_sync=settings.sync,
    )


def _make_folders(folder: Path) -> None:
    socket = Path(application_address(folder).removeprefix("unix://"))
    try:
        run_path(folder).mkdir(mode=0o700, exist_ok=True)
        socket.parent.mkdir(mode=0o700, exist_ok=True)
        if socket.parent.stat().st_uid != os.getuid():
            raise UnavailableError(f"{socket.parent} is not ours", "remove it or set TMPDIR")
    except OSError as error:
        raise UnavailableError(f"cannot make the folders of the node: {error}", "check its home") from error
