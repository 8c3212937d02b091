"""The API over a snapshot of a benchmark, in a process of its own: prints its address, then serves until killed."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.clearance_tables import AT
from benchmarks.lookup_world import KEY
from cantoria.adapters.http.serving import serve
from cantoria.web.app import create_app
from cantoria.web.desk import Desk


def main(folder: Path, pack: Path) -> None:
    """Serve the snapshot in `folder` from the pack that was made of it."""
    desk = Desk(folder, pack=pack, keys=[KEY], clock=lambda: AT)
    app = create_app(desk, look_seconds=3_600)
    serve(app, host="127.0.0.1", port=0, ready=lambda address: print(address, flush=True), lifespan="on")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
