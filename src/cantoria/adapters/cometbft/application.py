"""The ABCI face of a replica: CometBFT's messages in, the replica's decisions out. It decides nothing itself."""

from __future__ import annotations

import json
import logging
from typing import Final

from cantoria.adapters.cometbft import snapshots
from cantoria.adapters.cometbft.genesis import read_app_state
from cantoria.adapters.cometbft.mark import Tip
from cantoria.adapters.cometbft.proto import abci_pb2 as abci
from cantoria.adapters.cometbft.replica import Replica
from cantoria.adapters.cometbft.snapshots import Restoring, Snapshot
from cantoria.adapters.cometbft.validators import validators_of
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.ports import LedgerStore

APP_VERSION: Final = 1
_LOG: Final = logging.getLogger(__name__)


class ReplicaApplication:
    """`Application` over a replica and the store beneath it."""

    def __init__(self, replica: Replica, store: LedgerStore) -> None:
        self._replica = replica
        self._store = store
        self._offered: tuple[Snapshot, Restoring] | None = None
        self._listed: dict[tuple[Tip, ...], abci.Snapshot] = {}

    def info(self, request: abci.RequestInfo) -> abci.ResponseInfo:
        """Say at which block the replica stands; CometBFT replays what is missing."""
        mark = self._replica.mark
        return abci.ResponseInfo(
            data="cantoria",
            app_version=APP_VERSION,
            last_block_height=mark.height,
            last_block_app_hash=mark.app_hash if mark.height else b"",
        )

    def init_chain(self, request: abci.RequestInitChain) -> abci.ResponseInitChain:
        """Begin the chain: the log stored here must be the one that the genesis names, its seats the validators."""
        genesis = read_app_state(json.loads(request.app_state_bytes))
        replica = self._replica
        if (replica.size, replica.root, replica.state.digest()) != (genesis.size, genesis.root, genesis.state):
            raise IntegrityError(
                f"the log here ({replica.size} entries) is not the one ({genesis.size}) that the chain begins with",
                "load that log with `cantoria node init --log`",
            )
        seats = validators_of(replica.state)
        named = {one.pub_key.ed25519: one.power for one in request.validators}
        if named != seats:
            raise IntegrityError("the genesis names other validators than the log's seats", "make the genesis again")
        return abci.ResponseInitChain(app_hash=replica.genesis_hash())

    def prepare_proposal(self, request: abci.RequestPrepareProposal) -> abci.ResponsePrepareProposal:
        """Propose the cosignatures of the last checkpoint and what waits in this member's intake."""
        votes = [(vote.validator.address, vote.vote_extension) for vote in request.local_last_commit.votes]
        transactions = self._replica.propose(
            request.height, time=_micros(request), bytes_max=request.max_tx_bytes, votes=votes
        )
        return abci.ResponsePrepareProposal(txs=transactions)

    def process_proposal(self, request: abci.RequestProcessProposal) -> abci.ResponseProcessProposal:
        """Accept a block of which every transaction is admissible."""
        why = self._replica.judge(request.height, time=_micros(request), transactions=request.txs)
        if why is not None:
            proposer = request.proposer_address.hex().upper()
            _LOG.warning("rejecting the block that %s proposes at %d: %s", proposer, request.height, why)
        status = abci.ResponseProcessProposal.ProposalStatus
        return abci.ResponseProcessProposal(status=status.ACCEPT if why is None else status.REJECT)

    def extend_vote(self, request: abci.RequestExtendVote) -> abci.ResponseExtendVote:
        """Attach this member's cosignature of the log after the block before."""
        return abci.ResponseExtendVote(vote_extension=self._replica.extend(request.height))

    def verify_vote_extension(self, request: abci.RequestVerifyVoteExtension) -> abci.ResponseVerifyVoteExtension:
        """Accept no extension, or a right cosignature."""
        good = self._replica.accepts(
            request.height, address=request.validator_address, extension=request.vote_extension
        )
        status = abci.ResponseVerifyVoteExtension.VerifyStatus
        return abci.ResponseVerifyVoteExtension(status=status.ACCEPT if good else status.REJECT)

    def finalize_block(self, request: abci.RequestFinalizeBlock) -> abci.ResponseFinalizeBlock:
        """Compute what a decided block comes to."""
        done = self._replica.finalize(request.height, time=_micros(request), transactions=request.txs)
        results = [abci.ExecTxResult(code=code, log=log) for code, log in done.codes]
        updates = [
            abci.ValidatorUpdate(pub_key={"ed25519": key}, power=power) for key, power in done.validators.items()
        ]
        return abci.ResponseFinalizeBlock(tx_results=results, validator_updates=updates, app_hash=done.app_hash)

    def commit(self, request: abci.RequestCommit) -> abci.ResponseCommit:
        """Store it."""
        self._replica.commit()
        return abci.ResponseCommit(retain_height=0)

    def check_tx(self, request: abci.RequestCheckTx) -> abci.ResponseCheckTx:
        """Refuse: transactions come through the members' intake, never through a mempool."""
        return abci.ResponseCheckTx(code=1, log="hand batches to a member's intake")

    def query(self, request: abci.RequestQuery) -> abci.ResponseQuery:
        """Answer nothing: the log is read through its tiles."""
        return abci.ResponseQuery(code=1, log="read the log through its tiles", height=self._replica.mark.height)

    def list_snapshots(self, request: abci.RequestListSnapshots) -> abci.ResponseListSnapshots:
        """List the heights at which this node gives the log; any peer may ask, as often as it likes."""
        made = {tips: self._listed.get(tips) or self._listing(tips) for tips in self._replica.mark.snapshots}
        self._listed = made
        return abci.ResponseListSnapshots(snapshots=list(made.values()))

    def _listing(self, tips: tuple[Tip, ...]) -> abci.Snapshot:
        snapshot = snapshots.take(self._store, tips)
        return abci.Snapshot(
            height=snapshot.tip.height,
            format=snapshots.FORMAT,
            chunks=len(snapshot.roots),
            hash=snapshot.digest(),
            metadata=snapshot.pack(),
        )

    def offer_snapshot(self, request: abci.RequestOfferSnapshot) -> abci.ResponseOfferSnapshot:
        """Accept a snapshot whose list of chunk roots leads to the app hash that the light client verified."""
        answer = abci.ResponseOfferSnapshot.Result
        if request.snapshot.format != snapshots.FORMAT:
            return abci.ResponseOfferSnapshot(result=answer.REJECT_FORMAT)
        try:
            snapshot = snapshots.unpack_snapshot(request.snapshot.metadata)
        except InputError as error:
            _LOG.warning("refusing a snapshot: %s", error)
            return abci.ResponseOfferSnapshot(result=answer.REJECT_SENDER)
        right = snapshot.tip.height == request.snapshot.height and request.snapshot.chunks == len(snapshot.roots)
        if not right or snapshot.app_hash != request.app_hash:
            return abci.ResponseOfferSnapshot(result=answer.REJECT_SENDER)
        self._offered = (snapshot, Restoring(self._store, snapshot))
        return abci.ResponseOfferSnapshot(result=answer.ACCEPT)

    def load_snapshot_chunk(self, request: abci.RequestLoadSnapshotChunk) -> abci.ResponseLoadSnapshotChunk:
        """Give a chunk of the log as it was at a listed height."""
        tips = next((one for one in self._replica.mark.snapshots if one[0].height == request.height), None)
        if tips is None or request.format != snapshots.FORMAT:
            return abci.ResponseLoadSnapshotChunk()
        return abci.ResponseLoadSnapshotChunk(chunk=snapshots.chunk(self._store, tips[0].size, request.chunk))

    def apply_snapshot_chunk(self, request: abci.RequestApplySnapshotChunk) -> abci.ResponseApplySnapshotChunk:
        """Take a chunk in when it has its root; ask another peer for it otherwise."""
        answer = abci.ResponseApplySnapshotChunk.Result
        if self._offered is None:
            return abci.ResponseApplySnapshotChunk(result=answer.ABORT)
        snapshot, restoring = self._offered
        if not restoring.take_in(request.index, request.chunk):
            return abci.ResponseApplySnapshotChunk(
                result=answer.RETRY, refetch_chunks=[request.index], reject_senders=[request.sender]
            )
        if request.index == len(snapshot.roots) - 1:
            restoring.finish(time=0)
            self._offered = None
            self._replica.load()
        return abci.ResponseApplySnapshotChunk(result=answer.ACCEPT)


def _micros(
    request: abci.RequestPrepareProposal | abci.RequestProcessProposal | abci.RequestFinalizeBlock,
) -> int:
    return request.time.seconds * 1_000_000 + request.time.nanos // 1000
