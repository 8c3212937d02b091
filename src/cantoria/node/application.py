"""The process that CometBFT talks to: `python -m cantoria.node.application --home HOME`.

It alone writes the home's `ledger.db`; the house's commands read it, and put what they want recorded into `intake.db`.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from cantoria.adapters.cometbft.application import ReplicaApplication
from cantoria.adapters.cometbft.intake import Intake
from cantoria.adapters.cometbft.replica import Identity, Replica
from cantoria.adapters.cometbft.server import run
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.adapters.system import SystemClock
from cantoria.app.fact_types import LEDGER_TYPES
from cantoria.bootstrap import settings as house_settings
from cantoria.kernel.errors import CantoriaError
from cantoria.node import home as homes
from cantoria.node import keys as node_keys
from cantoria.node import settings as node_settings

EXIT_NOT_STARTED = 72


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until asked to stop; return the exit code of the process."""
    parser = argparse.ArgumentParser(prog="cantoria.node.application", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the node's home")
    home: Path = parser.parse_args(arguments).home
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        with ExitStack() as stack:
            application = open_application(home, stack)
            gc.freeze()
            return run(application, homes.application_address(home))
    except CantoriaError as error:
        logging.getLogger(__name__).critical("the application cannot start: %s", error)
        return EXIT_NOT_STARTED


def open_application(home: Path, stack: ExitStack) -> ReplicaApplication:
    """Return the application over the home's log and intake, which `stack` closes in the end.

    Raises `InputError`, `IntegrityError` or `UnavailableError` where the home is not that of a sound node.
    """
    settings = node_settings.read(home)
    house = house_settings.read(home)
    signers = Identity(KeyRing(home / "keys").log_signer(), node_keys.read(home / "keys").cosigner_signer())
    store = stack.enter_context(closing(SqliteLedgerStore(homes.ledger_path(home))))
    intake = stack.enter_context(closing(Intake(homes.intake_path(home))))
    replica = Replica(
        store,
        intake,
        origin=house.origin,
        identity=signers,
        types=LEDGER_TYPES,
        clock=SystemClock().now,
        snapshot_blocks=settings.snapshot_blocks,
    )
    return ReplicaApplication(replica, store)


if __name__ == "__main__":
    sys.exit(main())
