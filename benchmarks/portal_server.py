"""The portal over a benchmark's house, in a process of its own: prints its address, then serves until killed."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.clearance_tables import AT
from benchmarks.lookup_world import KEY
from cantoria.adapters.http.serving import serve
from cantoria.web.app import create_app
from cantoria.web.desk import Desk
from cantoria.web.portal.opening import open_portal


def main(home: Path, folder: Path, pack: Path) -> None:
    """Serve the house at `home`, and clearance by the snapshot in `folder`."""
    desk = Desk(folder, pack=pack, keys=[KEY], clock=lambda: AT)
    app = create_app(desk, look_seconds=3_600, portal=open_portal(home, desk=desk))
    serve(app, host="127.0.0.1", port=0, ready=lambda address: print(address, flush=True), lifespan="on")


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:4]))
