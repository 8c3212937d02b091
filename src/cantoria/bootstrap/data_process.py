"""`python -m cantoria.bootstrap.data_process --home FOLDER`: a node's data service as a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from cantoria.bootstrap.data import run_data
from cantoria.kernel.errors import CantoriaError, InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; return 0, 2 for wrong settings, 4 where something is unavailable."""
    parser = argparse.ArgumentParser(description="Serve a node's data to the other members.")
    parser.add_argument("--home", type=Path, required=True, help="the node's folder")
    home = parser.parse_args(arguments).home
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, _end)
    try:
        run_data(home, ready=lambda address: _say(f"data service at {address}"))
    except CantoriaError as error:
        _say(str(error))
        return 2 if isinstance(error, InputError) else 4
    return 0


def _end(*_: object) -> NoReturn:
    """Leave by the way on which everything is closed; the server finishes its requests before it comes to this."""
    raise SystemExit(0)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
