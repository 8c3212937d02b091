"""Who may change the state: the operator until a council is convened, from then on ballots among the seated members.

A ballot passes at the record that brings the quorum of yes votes of the seats of that moment, and fails at the one that
leaves too few to reach it. Both are looked at when someone votes, and only then: when seats change, an open ballot is
counted anew at its next vote. Time is judged only where it is given, so a replay needs no clock.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cantoria.kernel.periods import DAY
from cantoria.ledger import ed25519
from cantoria.ledger.changes import (
    AddKey,
    Genesis,
    MemberChange,
    OperatorChange,
    Propose,
    RevokeKey,
    Vote,
    WithdrawBallot,
)
from cantoria.ledger.enact import enact
from cantoria.ledger.governance import Record, signed_bytes
from cantoria.ledger.possession import shown
from cantoria.ledger.reasons import Reason
from cantoria.ledger.state import Ballot, Decision, Outcome, State, with_item, without_item

OPEN_FOR_MAX: Final = 90 * DAY
OPEN_BALLOTS_MAX: Final = 16
WITHDRAWN_MAX: Final = 1024
VALID_KEYS_MAX: Final = 16
KEYS_MAX: Final = 256


def govern(
    state: State, record: Record, *, index: int, verify: ed25519.Verifier, time: int | None = None
) -> State | Reason:
    """Return the state after a governance record at leaf `index`, or why it is not admitted.

    `time` is the block's (UTC microseconds); None in a replay, where times were judged already.
    """
    change = record.change
    numbered = replace(state, governed=state.governed + 1)
    if record.organisation:
        reason = _examine_member(state, record, index, verify)
        if reason is not None:
            return reason
        if isinstance(change, MemberChange):
            return _by_member(numbered, record, change, index=index, time=time, verify=verify)
        return Reason.MALFORMED
    if not isinstance(change, OperatorChange):
        return Reason.MALFORMED
    reason = _examine_operator(state, record, change, index=index, verify=verify)
    after = reason or enact(numbered, change, index=index)
    if isinstance(after, State) and not shown(change, origin=after.origin, verify=verify, needed=False):
        return Reason.NOT_POSSESSED
    return after


def _examine_operator(
    state: State, record: Record, change: OperatorChange, *, index: int, verify: ed25519.Verifier
) -> Reason | None:
    if isinstance(change, Genesis):
        if state.origin or index != 0:
            return Reason.GENESIS_REPEATED
        origin, operator_key = change.origin, change.operator_key
    else:
        if not state.origin:
            return Reason.NO_GENESIS
        if state.seats:
            return Reason.COUNCIL_GOVERNS
        origin, operator_key = state.origin, state.operator_key
    if record.sequence != state.governed:
        return Reason.WRONG_SEQUENCE
    if not verify(operator_key, signed_bytes(record.unsigned, origin), signature=record.signature):
        return Reason.BAD_SIGNATURE
    return None


def _examine_member(state: State, record: Record, index: int, verify: ed25519.Verifier) -> Reason | None:
    key = state.keys.get(record.key_id)
    if not state.origin:
        return Reason.NO_GENESIS
    if not state.members.get(record.organisation):
        return Reason.UNKNOWN_MEMBER
    if key is None or key.organisation != record.organisation:
        return Reason.UNKNOWN_KEY
    if not key.valid_at(index):
        return Reason.KEY_NOT_VALID
    if not verify(key.public_key, signed_bytes(record.unsigned, state.origin), signature=record.signature):
        return Reason.BAD_SIGNATURE
    return None


def _by_member(
    state: State, record: Record, change: MemberChange, *, index: int, time: int | None, verify: ed25519.Verifier
) -> State | Reason:
    who = record.organisation
    if isinstance(change, AddKey | RevokeKey):
        after = _own_key(state, change, who, index)
        held = isinstance(after, Reason) or shown(change, origin=state.origin, verify=verify)
        return after if held else Reason.NOT_POSSESSED
    if not state.seats:
        return Reason.NOT_CONVENED
    match change:
        case Propose():
            return _propose(state, change, record, index=index, time=time, verify=verify)
        case Vote():
            return _vote(state, change, who, index=index, time=time)
        case WithdrawBallot():
            return _withdraw(state, change, who, index)


def _own_key(state: State, change: AddKey | RevokeKey, who: bytes, index: int) -> State | Reason:
    if isinstance(change, RevokeKey):
        known = state.keys.get(change.key_id)
        if known is not None and known.organisation != who:
            return Reason.NOT_OWN_KEY
        return enact(state, change, index=index)
    if change.organisation != who:
        return Reason.NOT_OWN_KEY
    own = [one for one in state.keys.values() if one.organisation == who]
    if len(own) >= KEYS_MAX or sum(one.revoked_at is None for one in own) >= VALID_KEYS_MAX:
        return Reason.TOO_MANY_KEYS
    return enact(state, change, index=index)


def _propose(
    state: State, change: Propose, record: Record, *, index: int, time: int | None, verify: ed25519.Verifier
) -> State | Reason:
    who = record.organisation
    if who not in state.seats:
        return Reason.NOT_SEATED
    if change.ballot in state.ballots or change.ballot in state.decisions:
        return Reason.BALLOT_KNOWN
    if sum(one.proposer == who for one in state.ballots.values()) >= OPEN_BALLOTS_MAX:
        return Reason.TOO_MANY_BALLOTS
    after = enact(state, change.change, index=index)
    if isinstance(after, Reason):
        return after
    if not shown(change.change, origin=state.origin, verify=verify):
        return Reason.NOT_POSSESSED
    if time is not None and not time < change.closes_at <= time + OPEN_FOR_MAX:
        return Reason.CLOSES_OUT_OF_RANGE
    ballot = Ballot(
        proposer=who,
        change=change.change,
        closes_at=change.closes_at,
        proposed_at=index,
        proposal=record.leaf,
        votes=with_item({}, who, True),
    )
    return _count(state, change.ballot, ballot, index)


def _vote(state: State, change: Vote, who: bytes, *, index: int, time: int | None) -> State | Reason:
    ballot = state.ballots.get(change.ballot)
    if who not in state.seats:
        return Reason.NOT_SEATED
    if ballot is None:
        return Reason.BALLOT_UNKNOWN
    if change.proposal != ballot.proposal:
        return Reason.OTHER_PROPOSAL
    if who in ballot.votes:
        return Reason.VOTED_ALREADY
    if time is not None and time > ballot.closes_at:
        return Reason.BALLOT_CLOSED
    return _count(state, change.ballot, replace(ballot, votes=with_item(ballot.votes, who, change.yes)), index)


def _withdraw(state: State, change: WithdrawBallot, who: bytes, index: int) -> State | Reason:
    ballot = state.ballots.get(change.ballot)
    if ballot is None:
        return Reason.BALLOT_UNKNOWN
    if who != ballot.proposer and (ballot.proposer in state.seats or who not in state.seats):
        return Reason.NOT_PROPOSER
    past = state.decisions.values()
    if sum(one.proposer == ballot.proposer and one.outcome is Outcome.WITHDRAWN for one in past) >= WITHDRAWN_MAX:
        return Reason.TOO_MANY_BALLOTS
    return _close(state, change.ballot, ballot, Outcome.WITHDRAWN, index=index)


def _count(state: State, number: bytes, ballot: Ballot, index: int) -> State:
    """Return the state with this ballot's votes, decided if the seats of now decide it."""
    votes = [ballot.votes[who] for who in state.seats if who in ballot.votes]
    if sum(votes) >= state.quorum:
        return _pass(state, number, ballot, index)
    if len(state.seats) - (len(votes) - sum(votes)) < state.quorum:
        return _close(state, number, ballot, Outcome.REJECTED, index=index)
    return replace(state, ballots=with_item(state.ballots, number, ballot))


def _pass(state: State, number: bytes, ballot: Ballot, index: int) -> State:
    after = enact(state, ballot.change, index=index)
    if isinstance(after, Reason):
        return _close(state, number, ballot, Outcome.WITHOUT_EFFECT, index=index, reason=after)
    return _close(after, number, ballot, Outcome.PASSED, index=index)


def _close(
    state: State, number: bytes, ballot: Ballot, outcome: Outcome, *, index: int, reason: Reason | None = None
) -> State:
    decision = Decision(
        proposer=ballot.proposer,
        outcome=outcome,
        proposed_at=ballot.proposed_at,
        decided_at=index,
        reason=reason,
    )
    return replace(
        state,
        ballots=without_item(state.ballots, number),
        decisions=with_item(state.decisions, number, decision),
    )
