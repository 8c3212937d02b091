"""What `cantoria node start` keeps alive: the pair of application and CometBFT, and the data service beside it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from cantoria.adapters.cometbft.pair import Pair, Patience, Plan
from cantoria.node import home as homes
from cantoria.node.keeping import Kept
from cantoria.node.settings import read


class Node:
    """All processes of the node at `folder`; `run` it once. Errors as for `home.prepare`.

    `application` is another command in the application's place. The data service runs where the settings name its
    address; the chain does not depend on it.
    """

    def __init__(
        self, folder: Path, *, cometbft: Path, application: Sequence[str] = (), patience: Patience | None = None
    ) -> None:
        settings = read(folder)
        homes.prepare(folder, settings)
        patience = patience or Patience()
        run = homes.run_path(folder).resolve()
        self.pair = Pair(
            Plan(
                application=application or application_command(folder),
                address=homes.application_address(folder),
                cometbft=cometbft,
                home=homes.comet_path(folder).resolve(),
                folder=run,
                patience=patience,
            )
        )
        self._data = Kept(data_command(folder), log=run / "data.log", patience=patience) if settings.data else None

    @property
    def data_pid(self) -> int:
        """The data service's process id, 0 where none runs."""
        return 0 if self._data is None else self._data.pid

    def run(self) -> None:
        """Keep everything running until `stop`; errors as for `Pair.run`."""
        if self._data is not None:
            self._data.start()
        try:
            self.pair.run()
        finally:
            if self._data is not None:
                self._data.stop()

    def stop(self) -> None:
        """Have `run` end everything and return; from any thread, any number of times."""
        self.pair.stop()


def application_command(folder: Path) -> tuple[str, ...]:
    """Return the command of the process that CometBFT talks to."""
    return (sys.executable, "-m", "cantoria.node.application", "--home", str(folder.resolve()))


def data_command(folder: Path) -> tuple[str, ...]:
    """Return the command of the data service."""
    return (sys.executable, "-m", "cantoria.bootstrap.data_process", "--home", str(folder.resolve()))
