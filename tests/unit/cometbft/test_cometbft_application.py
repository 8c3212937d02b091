"""The ABCI face: a chain begins only with the log and seats that its genesis names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from cantoria import ledger
from cantoria.adapters.cometbft.application import ReplicaApplication
from cantoria.adapters.cometbft.cosigning import address_of
from cantoria.adapters.cometbft.genesis import read_app_state
from cantoria.adapters.cometbft.proto import abci_pb2 as abci
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.periods import DAY
from cantoria.ledger.merkle import leaf_hash
from cantoria.testing.consortium import START, Organisation, signer_of

ACCEPT, REJECT = 1, 2


@pytest.fixture
def application(chain) -> ReplicaApplication:
    return ReplicaApplication(chain.replicas[0], chain.stores[0])


def validators(organisations: Sequence[Organisation], power: int = 1) -> list[abci.ValidatorUpdate]:
    return [abci.ValidatorUpdate(pub_key={"ed25519": one.consensus.public_key}, power=power) for one in organisations]


def begin(application: ReplicaApplication, chain, **changes: Any) -> abci.ResponseInitChain:
    genesis = replace(chain.consortium.genesis(), **{k: v for k, v in changes.items() if k != "validators"})
    return application.init_chain(
        abci.RequestInitChain(
            app_state_bytes=json.dumps(genesis.app_state()).encode(),
            validators=changes.get("validators", validators(chain.organisations)),
        )
    )


def test_a_chain_begins_with_the_log_that_the_genesis_names(chain, application: ReplicaApplication) -> None:
    assert application.info(abci.RequestInfo()).last_block_height == 0
    assert begin(application, chain).app_hash == chain.replicas[1].genesis_hash()


@pytest.mark.parametrize("changes", [{"size": 9}, {"root": bytes(32)}, {"state": bytes(32)}])
def test_it_does_not_begin_with_another_log(chain, application: ReplicaApplication, changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="is not the one"):
        begin(application, chain, **changes)


@pytest.mark.parametrize("name", ["format", "origin", "root", "size", "state", "entries"])
def test_whatever_a_genesis_says_is_read_or_refused(chain, name: str) -> None:
    value = chain.consortium.genesis().app_state()
    assert read_app_state(value) == chain.consortium.genesis()
    for wrong in (None, True, 1.5, float("inf"), 1j, "x", "00", "é", [], {}, "9" * 5000):
        if name == "origin" and isinstance(wrong, str):
            continue  # whose log it is shows from its state
        with pytest.raises(InputError):
            read_app_state({**value, name: wrong})


def test_it_does_not_begin_with_other_validators(chain, application: ReplicaApplication) -> None:
    for wrong in (
        validators(chain.organisations[:3]),
        validators([*chain.organisations, Organisation("stranger")]),
        validators(chain.organisations, power=2),
        [],
    ):
        with pytest.raises(IntegrityError, match="other validators"):
            begin(application, chain, validators=wrong)


def test_a_genesis_of_something_else_is_refused(application: ReplicaApplication) -> None:
    with pytest.raises(InputError, match="not of a Cantoria chain"):
        application.init_chain(abci.RequestInitChain(app_state_bytes=b'{"format": "other"}'))


def stamp(message: Any, micros: int) -> Any:
    message.time.seconds, message.time.nanos = micros // 1_000_000, micros % 1_000_000 * 1000
    return message


def test_a_block_goes_through_all_messages(chain, application: ReplicaApplication) -> None:
    one = chain.organisations[0]
    address = address_of(one.consensus.public_key)
    begin(application, chain)
    key = chain.intakes[0].put([one.batch(2)])[0]
    time = START + 1_234_567
    request = abci.RequestPrepareProposal(height=1, max_tx_bytes=4_000_000)
    block = application.prepare_proposal(stamp(request, time)).txs
    assert len(block) == 1
    proposal = abci.RequestProcessProposal(height=1, txs=block)
    assert application.process_proposal(stamp(proposal, time)).status == ACCEPT
    proposal.txs.append(b"junk")
    assert application.process_proposal(proposal).status == REJECT
    assert application.extend_vote(abci.RequestExtendVote(height=1)).vote_extension == b""
    done = application.finalize_block(stamp(abci.RequestFinalizeBlock(height=1, txs=block), time))
    assert [one.code for one in done.tx_results] == [0]
    assert application.info(abci.RequestInfo()).last_block_height == 0
    assert application.commit(abci.RequestCommit()).retain_height == 0
    info = application.info(abci.RequestInfo())
    assert (info.last_block_height, info.last_block_app_hash) == (1, done.app_hash)
    assert chain.replicas[0].mark.time == time
    assert chain.intakes[0].outcome(key).place == 10
    extension = application.extend_vote(abci.RequestExtendVote(height=2)).vote_extension
    verify = abci.RequestVerifyVoteExtension(height=2, validator_address=address, vote_extension=extension)
    assert extension
    assert application.verify_vote_extension(verify).status == ACCEPT
    verify.vote_extension = extension[:-1] + bytes([extension[-1] ^ 1])
    assert application.verify_vote_extension(verify).status == REJECT


def test_new_validators_are_told(chain, application: ReplicaApplication) -> None:
    council = chain.organisations
    ballot = council[0].ballot()
    machine = signer_of("new machine")
    proof = ledger.prove_possession(machine, council[3].identifier, origin=council[3].origin)
    fresh = replace(council[3].seat, consensus_key=machine.public_key, consensus_possession=proof)
    items = [council[0].says(ledger.Propose(ballot, ledger.SeatMember(fresh), START + DAY))]
    items += [one.says(ledger.Vote(ballot, True, leaf_hash(items[0]))) for one in council[1:3]]
    done = application.finalize_block(stamp(abci.RequestFinalizeBlock(height=1, txs=items), START))
    told = {one.pub_key.ed25519: one.power for one in done.validator_updates}
    assert told == {fresh.consensus_key: 1, council[3].consensus.public_key: 0}


def test_a_failed_transaction_carries_its_reason(chain, application: ReplicaApplication) -> None:
    block = [Organisation("stranger").batch(1), chain.organisations[0].batch(1)]
    txs = [ledger.pack_item(one) for one in block]
    done = application.finalize_block(stamp(abci.RequestFinalizeBlock(height=1, txs=[b"", *txs]), START))
    assert [(one.code, one.log) for one in done.tx_results] == [(1, "malformed"), (1, "unknown_member"), (0, "")]


def test_there_is_no_mempool_and_no_query(application: ReplicaApplication) -> None:
    assert application.check_tx(abci.RequestCheckTx(tx=b"x")).code == 1
    assert application.query(abci.RequestQuery(path="/x")).code == 1
