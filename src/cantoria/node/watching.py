"""Looking at a network of nodes on this machine, and handing it what it is to record. Every wait is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.cometbft.intake import Intake, Outcome, Stage
from cantoria.adapters.cometbft.rpc import Rpc
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.kernel.errors import CantoriaError, UnavailableError
from cantoria.kernel.ids import uuid_of
from cantoria.ledger.batch import Author, Batch
from cantoria.ledger.ports import Head
from cantoria.node import founding
from cantoria.node import home as homes
from cantoria.node.founding import Founded
from cantoria.node.settings import NodeSettings, read

_RPC_SECONDS: Final = 3.0
_LOOK_SECONDS: Final = 0.1
_TAIL_BYTES: Final = 1500


class WatchedNetwork:
    """A founded network as one looks at it; who runs it says which nodes were `started`."""

    def __init__(self, folder: Path, founded: Founded) -> None:
        self.folder = folder
        self._founded = founded
        self._intakes: dict[int, Intake] = {}

    def __len__(self) -> int:
        return len(self._founded.homes)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._founded.origin

    @property
    def policy(self) -> Path:
        """The file that verifiers of the founding members' checkpoints pin."""
        return self.folder / founding.POLICY_FILE

    def home(self, number: int) -> Path:
        """Return a node's home, which is a house's home as well."""
        return self._founded.homes[number]

    def settings(self, number: int) -> NodeSettings:
        """Return a node's settings."""
        return read(self.home(number))

    def author(self, number: int) -> Author:
        """Return the organisation of a node as the author of batches and governance records."""
        found = KeyRing(self.home(number) / "keys").author(self.settings(number).organisation)
        return Author(uuid_of(found.party, prefix="party"), found.signer, self.origin)

    def started(self) -> list[int]:
        """Return the nodes that are to run now."""
        return []

    def rpc(self, number: int) -> Rpc:
        """Return a client of a node's CometBFT; close it, or use it as a context manager."""
        return Rpc(f"tcp://{self.settings(number).rpc}", seconds=_RPC_SECONDS)

    def height(self, number: int) -> int | None:
        """Return the last block that a node has committed, None where it does not answer."""
        with suppress(CantoriaError), self.rpc(number) as rpc:
            return rpc.height()
        return None

    def heights(self) -> dict[int, int | None]:
        """Return the height of every node that was started."""
        return {number: self.height(number) for number in self.started()}

    def app_hash(self, number: int, height: int) -> str:
        """Return the app hash in block `height` as a node has it: of the log after the block before, in hex digits."""
        with self.rpc(number) as rpc:
            header: dict[str, Any] = rpc.commit(height)["signed_header"]["header"]
        return str(header["app_hash"]).lower()

    def head(self, number: int) -> Head:
        """Return the head of a node's log, read from its file."""
        with closing(SqliteLedgerStore(homes.ledger_path(self.home(number)))) as store:
            return store.head()

    def intake(self, number: int) -> Intake:
        """Return a node's intake queue."""
        if number not in self._intakes:
            self._intakes[number] = Intake(homes.intake_path(self.home(number)))
        return self._intakes[number]

    def submit(self, number: int, items: Sequence[Batch | bytes], *, together: bool = False) -> list[bytes]:
        """Put batches or governance records into a node's intake; return by what they are known there."""
        intake = self.intake(number)
        groups = [items] if together else [[item] for item in items]
        return [key for group in groups for key in intake.put(group)]

    def outcomes(self, number: int, keys: Sequence[bytes]) -> list[Outcome | None]:
        """Return what became of queued items."""
        return [self.intake(number).outcome(key) for key in keys]

    def wait_decided(self, number: int, keys: Sequence[bytes], *, seconds: float = 60.0) -> list[Outcome]:
        """Wait until all of these items are committed or refused."""
        found: list[Outcome] = []

        def decided() -> bool:
            outcomes = self.outcomes(number, keys)
            found[:] = [one for one in outcomes if one is not None and one.stage is not Stage.QUEUED]
            return len(found) == len(keys)

        self.wait(decided, what=f"{len(keys)} items of node {number} to be decided", seconds=seconds)
        return found

    def wait_height(self, height: int, numbers: Sequence[int] = (), *, seconds: float = 60.0) -> None:
        """Wait until these nodes (none given: all that were started) have committed block `height`."""
        chosen = list(numbers or self.started())

        def reached() -> bool:
            return all((self.height(number) or 0) >= height for number in chosen)

        self.wait(reached, what=f"nodes {chosen} to reach height {height}", seconds=seconds)

    def wait(self, condition: Callable[[], bool], *, what: str, seconds: float) -> None:
        """Look again and again until `condition` holds; `UnavailableError` with the nodes' last words otherwise."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise UnavailableError(
                    f"waited {seconds:g} s for {what}: heights {self.heights()}\n{self.last_words()}"
                )
            time.sleep(_LOOK_SECONDS)

    def last_words(self) -> str:
        """Return the ends of the nodes' logs."""
        parts = []
        for number in range(len(self)):
            for path in sorted(homes.run_path(self.home(number)).glob("*.log")):
                with path.open("rb") as file:
                    file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
                    parts.append(f"--- node {number}: {path.name}\n{file.read().decode('utf-8', 'replace')}")
        return "\n".join(parts)

    def _close_intakes(self, *numbers: int) -> None:
        for number in numbers or list(self._intakes):
            if number in self._intakes:
                self._intakes.pop(number).close()
