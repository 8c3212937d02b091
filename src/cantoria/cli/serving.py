"""`cantoria serve`: the API over a published snapshot, or over this house, whose snapshot it keeps fresh."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from cantoria.adapters.files import read_file
from cantoria.adapters.http.serving import listen
from cantoria.adapters.http.serving import serve as serve_app
from cantoria.adapters.snapshots import SnapshotFolder
from cantoria.adapters.sqlite.feed import FeedFile
from cantoria.adapters.system import SystemClock
from cantoria.app import snapshots
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance.published import Opened
from cantoria.cli.console import progress, say
from cantoria.cli.feed import FEED_FILE, feeder
from cantoria.cli.pinned import KEY_BYTES_MAX
from cantoria.cli.state import house, state
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.kernel.periods import DAY
from cantoria.ledger.notes import NoteKey, parse_vkey
from cantoria.sdk.pack_build import build_pack

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8000
SNAPSHOT_FOLDER: Final = "snapshot"
PACK_FILE: Final = "clearance.pack"
FRESH_SECONDS: Final = 60
ENDS_SOON: Final = DAY // 4


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0, max=65_535)] = PORT,
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", help="Serve this published snapshot in place of the house.", file_okay=False),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="With --snapshot: the log's public key (log.vkey).", exists=True, dir_okay=False),
    ] = None,
    every: Annotated[
        int, typer.Option("--every", help="Look every so many seconds whether the ledger grew.", min=1, max=86_400)
    ] = FRESH_SECONDS,
) -> None:
    """Answer clearance over HTTP (docs/reference/api.md), and hand out the snapshot that the answers are as of.

    Serving a house makes a snapshot of it first, and a fresh one whenever the ledger has grown. Ctrl-C ends it.

    Example: cantoria serve --port 8000
    """
    gc.enable()  # a command that runs for months, not seconds
    if snapshot is not None:
        if key is None:
            raise InputError("whose snapshot is it?", "give the log's public key: --key log.vkey")
        text = read_file(key, bytes_max=KEY_BYTES_MAX).decode("utf-8", "replace").strip()
        _serve(snapshot, parse_vkey(text), host=host, port=port, fresh=None, feed=False)
        return
    keeper = _Keeper(every)
    keeper.refresh()
    _serve(keeper.folder, keeper.key, host=host, port=port, fresh=keeper.refresh_if_due, feed=True)


def serve_sample() -> None:
    """Serve the portal of the sample world on loopback: on the usual port, or a free one where that is taken.

    The feed of revocations is written once the portal is open: it goes through the whole ledger the first time.
    """
    gc.enable()
    keeper = _Keeper(FRESH_SECONDS)
    keeper.refresh_snapshot()
    try:
        listen(LOOPBACK, port=PORT).close()
        port = PORT
    except UnavailableError as error:
        say(f"{error.message}: taking a free port")
        port = 0
    _serve(keeper.folder, keeper.key, host=LOOPBACK, port=port, fresh=keeper.refresh_if_due, feed=True)


class _Keeper:
    """Keeps the snapshot of this run's house as fresh as the ledger, looking every so many seconds."""

    def __init__(self, seconds: int) -> None:
        self.folder = state.home / SNAPSHOT_FOLDER
        self._seconds = seconds
        self._looked = 0.0
        self._busy = threading.Lock()
        with house() as opened:
            self.key = NoteKey(opened.settings.origin, opened.keys.log_signer().public_key)

    def refresh_if_due(self) -> None:
        """Refresh the snapshot if the time has come to look."""
        if time.monotonic() - self._looked >= self._seconds:
            self.refresh()

    def refresh(self) -> None:
        """Make a snapshot of the ledger as it is, unless the one here is of it and ends no time soon; then bring the
        feed of revocations up to date."""
        self.refresh_snapshot()
        with self._busy, house() as opened, feeder(opened) as feed:
            feed.catch_up(opened.index, size=opened.index.catch_up())
            feed.deliver()
            self._looked = time.monotonic()

    def refresh_snapshot(self) -> None:
        """Do the same with the snapshot alone."""
        with self._busy, house() as opened:
            store = SnapshotFolder(self.folder, keys=[self.key])
            present = store.find()
            if present is None or _behind(opened, present):
                snapshots.refresh_snapshot(opened, store, signer=opened.keys.log_signer())


def _behind(opened: WiredHouse, present: Opened) -> bool:
    """Tell whether the ledger has grown since a snapshot was made, or its time ends soon."""
    ends = present.head.until - opened.clock.now()
    long = present.head.until - present.head.at
    return present.head.size < opened.index.catch_up() or ends < min(ENDS_SOON, long // 2)


def _serve(folder: Path, key: NoteKey, *, host: str, port: int, fresh: Callable[[], None] | None, feed: bool) -> None:
    from cantoria.web.app import create_app  # the web server's libraries: no other command needs them
    from cantoria.web.desk import Desk
    from cantoria.web.portal.opening import open_portal

    pack = folder.with_name(f"{folder.name}.{PACK_FILE}")
    with progress("Making the clearance pack") as step:
        build_pack(folder, target=pack, keys=[key], step=step)
    desk = Desk(folder, pack=pack, keys=[key], clock=SystemClock().now)
    kept = FeedFile(state.home / FEED_FILE) if feed else None
    app = create_app(desk, before_look=fresh, feed=kept, portal=open_portal(state.home, desk=desk) if fresh else None)
    serve_app(app, host=host, port=port, ready=lambda address: _ready(address, desk.served.id), lifespan="on")


def _ready(address: str, name: str) -> None:
    typer.echo(address)
    say(f"answering as of {name}: open {address} in a browser; {address}/v1/openapi.json tells machines how to ask")
