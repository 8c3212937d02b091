"""A node's application that goes wrong from a block on: `python corrupt_program.py HOME HEIGHT`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from cantoria.adapters.cometbft.replica import Finalized, Replica
from cantoria.node import application

HEIGHT = int(sys.argv[2])


class Corrupt(Replica):
    """Has another state than the others."""

    def finalize(self, height: int, *, time: int, transactions: Sequence[bytes]) -> Finalized:
        if height >= HEIGHT:
            state = self._machine.state
            self._machine.state = replace(state, claimed_future_max=state.claimed_future_max + 1)
            self._cached = None
        return super().finalize(height, time=time, transactions=transactions)


if __name__ == "__main__":
    application.Replica = Corrupt  # type: ignore[misc]
    sys.exit(application.main(["--home", sys.argv[1]]))
