"""What `cantoria node start` keeps alive: the pair of application and CometBFT."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from cantoria.adapters.cometbft.pair import Pair, Patience, Plan
from cantoria.node import home as homes
from cantoria.node.settings import read


def application_command(folder: Path) -> tuple[str, ...]:
    """Return the command of the process that CometBFT talks to."""
    return (sys.executable, "-m", "cantoria.node.application", "--home", str(folder.resolve()))


def pair_of(folder: Path, *, cometbft: Path, application: Sequence[str] = (), patience: Patience | None = None) -> Pair:
    """Lay out the home at `folder` and return its pair, not yet running; `application` is another command in the
    application's place. Errors as for `home.prepare`."""
    homes.prepare(folder, read(folder))
    return Pair(
        Plan(
            application=application or application_command(folder),
            address=homes.application_address(folder),
            cometbft=cometbft,
            home=homes.comet_path(folder).resolve(),
            folder=homes.run_path(folder).resolve(),
            patience=patience or Patience(),
        )
    )
