"""A replica through its ABCI face: the engine's calls as ABCI messages, as CometBFT makes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from cantoria.adapters.cometbft.application import ReplicaApplication
from cantoria.adapters.cometbft.genesis import LogGenesis
from cantoria.adapters.cometbft.proto import abci_pb2 as abci

_ACCEPT: Final = 1
BLOCK_BYTES: Final = 4_194_304


class Face:
    """Calls an application."""

    def __init__(self, application: ReplicaApplication) -> None:
        self.application = application

    def info(self) -> tuple[int, bytes]:
        """Return the height and app hash that the application stands at."""
        found = self.application.info(abci.RequestInfo())
        return found.last_block_height, found.last_block_app_hash

    def begin(self, genesis: LogGenesis, keys: Iterable[bytes]) -> bytes:
        """Begin the chain with these validators' keys; return the first app hash."""
        validators = [abci.ValidatorUpdate(pub_key={"ed25519": key}, power=1) for key in keys]
        state = json.dumps(genesis.app_state()).encode()
        return self.application.init_chain(abci.RequestInitChain(app_state_bytes=state, validators=validators)).app_hash

    def prepare(self, height: int, *, time: int, votes: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, ...]:
        """Return the transactions to propose; `votes` are (validator address, extension)."""
        found = [abci.ExtendedVoteInfo(validator={"address": who}, vote_extension=one) for who, one in votes]
        request = abci.RequestPrepareProposal(height=height, max_tx_bytes=BLOCK_BYTES - 10_000)
        request.local_last_commit.votes.extend(found)
        return tuple(self.application.prepare_proposal(_at(request, time)).txs)

    def process(self, height: int, *, time: int, transactions: Sequence[bytes]) -> bool:
        """Tell whether the application accepts a proposed block."""
        request = abci.RequestProcessProposal(height=height, txs=transactions)
        return self.application.process_proposal(_at(request, time)).status == _ACCEPT

    def extend(self, height: int) -> bytes:
        """Return what goes with a precommit."""
        return self.application.extend_vote(abci.RequestExtendVote(height=height)).vote_extension

    def verify(self, height: int, *, address: bytes, extension: bytes) -> bool:
        """Tell whether another's vote extension is accepted."""
        request = abci.RequestVerifyVoteExtension(height=height, validator_address=address, vote_extension=extension)
        return self.application.verify_vote_extension(request).status == _ACCEPT

    def finalize(
        self, height: int, *, time: int, transactions: Sequence[bytes]
    ) -> tuple[tuple[int, ...], bytes, dict[bytes, int]]:
        """Return the codes, the app hash and the changed validators (key → power) of a decided block."""
        request = abci.RequestFinalizeBlock(height=height, txs=transactions)
        done = self.application.finalize_block(_at(request, time))
        changes = {one.pub_key.ed25519: one.power for one in done.validator_updates}
        return tuple(one.code for one in done.tx_results), done.app_hash, changes

    def commit(self) -> None:
        """Have the block stored."""
        self.application.commit(abci.RequestCommit())

    def snapshots(self) -> list[abci.Snapshot]:
        """Return the snapshots that are given."""
        return list(self.application.list_snapshots(abci.RequestListSnapshots()).snapshots)

    def chunk(self, snapshot: abci.Snapshot, number: int) -> bytes:
        """Return a chunk of a snapshot."""
        request = abci.RequestLoadSnapshotChunk(height=snapshot.height, format=snapshot.format, chunk=number)
        return self.application.load_snapshot_chunk(request).chunk

    def offer(self, snapshot: abci.Snapshot, app_hash: bytes) -> bool:
        """Offer a snapshot whose app hash was verified; tell whether it is taken."""
        request = abci.RequestOfferSnapshot(snapshot=snapshot, app_hash=app_hash)
        return self.application.offer_snapshot(request).result == _ACCEPT

    def apply_chunk(self, number: int, chunk: bytes) -> bool:
        """Hand a chunk over; tell whether it is taken."""
        request = abci.RequestApplySnapshotChunk(index=number, chunk=chunk, sender="peer")
        return self.application.apply_snapshot_chunk(request).result == _ACCEPT


def _at(request: Any, micros: int) -> Any:
    request.time.seconds, request.time.nanos = micros // 1_000_000, micros % 1_000_000 * 1000
    return request
