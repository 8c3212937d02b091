"""A supervisor as a program: `python pair_program.py COMETBFT FOLDER RPC_PORT P2P_PORT` runs one counting node."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from cantoria.adapters.cometbft.config import Settings, Timeouts
from cantoria.adapters.cometbft.home import Genesis, Validator, genesis_json, lay_out
from cantoria.adapters.cometbft.pair import Pair, Plan, stopped_by_signals
from cantoria.ledger.ed25519 import Ed25519Signer

SEED = bytes(range(32))


def plan(cometbft: Path, folder: Path, *, rpc: int, p2p: int) -> Plan:
    """Lay out the home of a chain of one validator, or find it, and return how it is run."""
    address = f"unix://{folder}/app.sock"
    settings = Settings(
        moniker="one",
        application=address,
        p2p=f"tcp://127.0.0.1:{p2p}",
        rpc=f"tcp://127.0.0.1:{rpc}",
        loopback=True,
        timeouts=Timeouts(propose=500, commit=50),
    )
    genesis = Genesis(
        chain_id="counting",
        time=datetime(2026, 11, 1, tzinfo=UTC),
        validators=(Validator(public_key=Ed25519Signer(SEED).public_key, name="one"),),
        app_state={"counts": "from nothing"},
    )
    home = folder / "comet"
    lay_out(home, settings=settings, genesis=genesis_json(genesis), consensus_seed=SEED, node_seed=SEED[::-1])
    counting = Path(__file__).with_name("counting.py")
    return Plan(
        application=(sys.executable, str(counting), address, str(folder / "count.json")),
        address=address,
        cometbft=cometbft,
        home=home,
        folder=folder / "pair",
    )


if __name__ == "__main__":
    pair = Pair(plan(Path(sys.argv[1]), Path(sys.argv[2]), rpc=int(sys.argv[3]), p2p=int(sys.argv[4])))
    with stopped_by_signals(pair):
        pair.run()
