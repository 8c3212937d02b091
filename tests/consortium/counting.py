"""The smallest application that can show all of ABCI's wiring: it counts transactions, and its votes carry a number.

Run as a program: `python counting.py ADDRESS STATE_FILE`.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path

from cantoria.adapters.cometbft import server
from cantoria.adapters.cometbft.proto import abci_pb2 as abci
from cantoria.adapters.files import write_whole

ACCEPT = 1


class Counting:
    """Each block of this node holds one transaction with its height and, for every vote extension of the block
    before, one with the extension."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = {"height": 0, "count": 0, "extensions": 0}
        if path.exists():
            self.state = json.loads(path.read_text())
        self.next = dict(self.state)

    def app_hash(self, state: dict[str, int]) -> bytes:
        return sha256(json.dumps(state, sort_keys=True).encode()).digest()

    def info(self, request: abci.RequestInfo) -> abci.ResponseInfo:
        height = self.state["height"]
        return abci.ResponseInfo(
            last_block_height=height, last_block_app_hash=self.app_hash(self.state) if height else b""
        )

    def init_chain(self, request: abci.RequestInitChain) -> abci.ResponseInitChain:
        assert json.loads(request.app_state_bytes) == {"counts": "from nothing"}
        return abci.ResponseInitChain(app_hash=self.app_hash(self.state))

    def prepare_proposal(self, request: abci.RequestPrepareProposal) -> abci.ResponsePrepareProposal:
        txs = [b"extension " + vote.vote_extension for vote in request.local_last_commit.votes if vote.vote_extension]
        return abci.ResponsePrepareProposal(txs=[b"height %d" % request.height, *txs])

    def process_proposal(self, request: abci.RequestProcessProposal) -> abci.ResponseProcessProposal:
        good = bool(request.txs) and request.txs[0] == b"height %d" % request.height
        return abci.ResponseProcessProposal(status=ACCEPT if good else 2)

    def extend_vote(self, request: abci.RequestExtendVote) -> abci.ResponseExtendVote:
        return abci.ResponseExtendVote(vote_extension=b"of %d" % request.height)

    def verify_vote_extension(self, request: abci.RequestVerifyVoteExtension) -> abci.ResponseVerifyVoteExtension:
        good = request.vote_extension == b"of %d" % request.height
        return abci.ResponseVerifyVoteExtension(status=ACCEPT if good else 2)

    def finalize_block(self, request: abci.RequestFinalizeBlock) -> abci.ResponseFinalizeBlock:
        expected = b"extension of %d" % (request.height - 1)
        self.next = {
            "height": request.height,
            "count": self.state["count"] + len(request.txs),
            "extensions": self.state["extensions"] + sum(tx == expected for tx in request.txs),
        }
        results = [abci.ExecTxResult() for _ in request.txs]
        return abci.ResponseFinalizeBlock(tx_results=results, app_hash=self.app_hash(self.next))

    def commit(self, request: abci.RequestCommit) -> abci.ResponseCommit:
        write_whole(self.path, json.dumps(self.next).encode())
        self.state = self.next
        return abci.ResponseCommit()

    def check_tx(self, request: abci.RequestCheckTx) -> abci.ResponseCheckTx:
        return abci.ResponseCheckTx(code=1)

    def query(self, request: abci.RequestQuery) -> abci.ResponseQuery:
        return abci.ResponseQuery(value=str(self.state["count"]).encode(), height=self.state["height"])

    def list_snapshots(self, request: abci.RequestListSnapshots) -> abci.ResponseListSnapshots:
        return abci.ResponseListSnapshots()

    def offer_snapshot(self, request: abci.RequestOfferSnapshot) -> abci.ResponseOfferSnapshot:
        return abci.ResponseOfferSnapshot(result=abci.ResponseOfferSnapshot.REJECT)

    def load_snapshot_chunk(self, request: abci.RequestLoadSnapshotChunk) -> abci.ResponseLoadSnapshotChunk:
        return abci.ResponseLoadSnapshotChunk()

    def apply_snapshot_chunk(self, request: abci.RequestApplySnapshotChunk) -> abci.ResponseApplySnapshotChunk:
        return abci.ResponseApplySnapshotChunk(result=abci.ResponseApplySnapshotChunk.ABORT)


if __name__ == "__main__":
    sys.exit(server.run(Counting(Path(sys.argv[2])), sys.argv[1]))
