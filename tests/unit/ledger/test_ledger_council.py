"""The council: one row per reason, what passes when, own keys, seats and thresholds, and that replay needs no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cantoria import ledger
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.periods import DAY
from cantoria.ledger import Outcome, Reason, govern, merkle, replay
from cantoria.ledger.governance import KIND_GOVERNANCE, read_record, seal_record, signed_bytes
from cantoria.ledger.state import quorum_of

NOTE = FactType(301, "statement-made")
CMO_ONLY = FactType(302, "cmo-only", frozenset({Capacity.CMO}))
TYPES = {one.tag: one for one in (NOTE, CMO_ONLY)}
CONVENED = {1: ledger.BODY_ERASED, **TYPES}
START = 1_790_000_000_000_000
ORIGIN = "log.example.org/test"
RESOLVE = ledger.Resolve("tariff 2027", bytes(32))
Result = ledger.Admitted | ledger.Rejected


def fresh(name: str) -> ledger.Ed25519Signer:
    return ledger.Ed25519Signer(hashlib.sha256(name.encode()).digest())


def key_id(council: Any, member: int) -> bytes:
    found: bytes = ledger.key_id(council.members[member].signer.public_key)
    return found


def organisation(council: Any, member: int) -> bytes:
    found: bytes = council.members[member].organisation
    return found


def proposal(change: Any, *, closes_at: int = START + DAY, ballot: bytes = b"b" * 16) -> ledger.Propose:
    return ledger.Propose(ballot, change, closes_at)


def adding(council: Any, member: int, signer: ledger.Ed25519Signer, valid_from: int = 0) -> ledger.AddKey:
    return ledger.own_key(council.members[member].author, signer, valid_from)


def mangled(council: Any, change: Any, *, member: int = 0) -> bytes:
    """Return a member's record of which one byte of the signature differs."""
    entry = ledger.seal_member_record(change, council.members[member].author)
    at = entry.index(b'"signature":"') + 13
    return entry[:at] + (b"0" if entry[at : at + 1] != b"0" else b"1") + entry[at + 1 :]


def stranger(council: Any) -> Any:
    return type(council.members[0])("stranger")


def unsigned_by(council: Any, change: Any, **author: Any) -> bytes:
    return ledger.seal_member_record(change, replace(council.members[0].author, **author))


Case = Callable[[Any], Result]


def operator_after_convening(council: Any) -> Result:
    return council.operate(ledger.AdmitMember(b"o" * 16, frozenset({2})))


def convened_twice(council: Any) -> Result:
    return council.operate(ledger.Convene((council.members[0].seat,)))


def second_genesis(council: Any) -> Result:
    return council.operate(ledger.Genesis(ORIGIN, council.members[0].operator.public_key))


def not_a_member(council: Any) -> Result:
    return council.apply(ledger.seal_member_record(proposal(RESOLVE), stranger(council).author))


def expelled(council: Any) -> Result:
    council.decide(ledger.AdmitMember(organisation(council, 5), frozenset()))
    return council.say(5, proposal(RESOLVE))


def unregistered_key(council: Any) -> Result:
    return council.apply(unsigned_by(council, proposal(RESOLVE), signer=fresh("nobody")))


def key_of_another(council: Any) -> Result:
    return council.apply(unsigned_by(council, proposal(RESOLVE), signer=council.members[1].signer))


def revoked_key(council: Any) -> Result:
    council.decide(ledger.RevokeKey(key_id(council, 3)))
    return council.say(3, proposal(RESOLVE))


def bad_signature(council: Any) -> Result:
    return council.apply(mangled(council, proposal(RESOLVE)))


def of_another_log(council: Any) -> Result:
    return council.apply(unsigned_by(council, proposal(RESOLVE), origin="log.example.org/other"))


def proposed_without_seat(council: Any) -> Result:
    return council.say(4, proposal(RESOLVE))


def voted_without_seat(council: Any) -> Result:
    return council.say(4, council.vote(council.propose(RESOLVE), True))


def unseated_who_has_no_seat(council: Any) -> Result:
    return council.say(0, proposal(ledger.UnseatMember(organisation(council, 4))))


def ballot_open_already(council: Any) -> Result:
    return council.say(1, proposal(RESOLVE, ballot=council.propose(RESOLVE)))


def ballot_closed_before(council: Any) -> Result:
    ballot = council.propose(RESOLVE)
    council.say(0, ledger.WithdrawBallot(ballot))
    return council.say(0, proposal(RESOLVE, ballot=ballot))


def unknown_ballot(council: Any) -> Result:
    return council.say(1, council.vote(b"u" * 16, True))


def decided_ballot(council: Any) -> Result:
    ballot = council.propose(RESOLVE)
    for member in (1, 2):
        council.say(member, council.vote(ballot, True))
    return council.say(3, council.vote(ballot, True))


def withdrawn_unknown(council: Any) -> Result:
    return council.say(1, ledger.WithdrawBallot(b"u" * 16))


def votes_on_another_proposal(council: Any) -> Result:
    """The same id, change and time, proposed by another before: the voter meant the record that he saw."""
    meant = ledger.seal_member_record(proposal(RESOLVE), council.members[0].author)
    council.say(1, proposal(RESOLVE))
    return council.say(2, ledger.Vote(b"b" * 16, True, merkle.leaf_hash(meant)))


def voted_twice(council: Any) -> Result:
    ballot = council.propose(RESOLVE)
    council.say(1, council.vote(ballot, False))
    return council.say(1, council.vote(ballot, True))


def proposer_votes(council: Any) -> Result:
    return council.say(0, council.vote(council.propose(RESOLVE), False))


def withdrawn_by_another(council: Any) -> Result:
    return council.say(1, ledger.WithdrawBallot(council.propose(RESOLVE)))


def too_many_open(council: Any) -> Result:
    for _ in range(govern.OPEN_BALLOTS_MAX):
        council.propose(RESOLVE)
    return council.say(0, proposal(RESOLVE))


def adds_key_of_another(council: Any) -> Result:
    return council.say(0, adding(council, 1, fresh("new")))


def revokes_key_of_another(council: Any) -> Result:
    return council.say(0, ledger.RevokeKey(key_id(council, 1)))


def too_many_keys(council: Any) -> Result:
    for number in range(govern.VALID_KEYS_MAX - 1):
        assert isinstance(council.say(0, adding(council, 0, fresh(f"{number}"))),
                          ledger.Admitted)  # fmt: skip
    return council.say(0, adding(council, 0, fresh("one more")))


def known_key(council: Any) -> Result:
    return council.say(0, adding(council, 0, council.members[1].signer))


def proposes_key_of_a_stranger(council: Any) -> Result:
    return council.say(0, proposal(ledger.AddKey(b"s" * 16, fresh("new").public_key)))


def revokes_twice(council: Any) -> Result:
    council.say(4, ledger.RevokeKey(key_id(council, 4)))
    return council.say(0, proposal(ledger.RevokeKey(key_id(council, 4))))


def expels_a_seated_one(council: Any) -> Result:
    return council.say(0, proposal(ledger.AdmitMember(organisation(council, 1), frozenset())))


def seats_a_stranger(council: Any) -> Result:
    return council.say(0, proposal(ledger.SeatMember(stranger(council).seat)))


def takes_a_consensus_key(council: Any) -> Result:
    seat = replace(council.members[4].seat, consensus_key=council.members[1].seat.consensus_key)
    return council.say(0, proposal(ledger.SeatMember(seat)))


def takes_a_cosigner(council: Any) -> Result:
    seat = replace(council.members[4].seat, cosigner=council.members[1].seat.cosigner)
    return council.say(0, proposal(ledger.SeatMember(seat)))


def takes_a_past_consensus_key(council: Any) -> Result:
    council.decide(ledger.UnseatMember(organisation(council, 3)))
    seat = replace(council.members[4].seat, consensus_key=council.members[3].seat.consensus_key)
    return council.say(0, proposal(ledger.SeatMember(seat)))


def too_many_endorsers(council: Any) -> Result:
    return council.say(0, proposal(ledger.SetEndorsers(301, 5)))


def no_endorser(council: Any) -> Result:
    return council.say(0, proposal(ledger.SetEndorsers(301, 0)))


def too_many_holders(council: Any) -> Result:
    return council.say(0, proposal(ledger.SetHolders(301, 5)))


def unseats_below_a_threshold(council: Any) -> Result:
    council.decide(ledger.SetHolders(301, 4))
    return council.say(0, proposal(ledger.UnseatMember(organisation(council, 3))))


def seats_who_cannot_sign(council: Any) -> Result:
    council.say(4, ledger.RevokeKey(key_id(council, 4)))
    return council.say(0, proposal(ledger.SeatMember(council.members[4].seat)))


def revokes_the_quorum(council: Any) -> Result:
    council.say(3, ledger.RevokeKey(key_id(council, 3)))
    return council.say(2, ledger.RevokeKey(key_id(council, 2)))


def renames_a_type(council: Any) -> Result:
    return council.say(0, proposal(ledger.SetType(302, "renamed", frozenset({2}))))


def names_two_types_alike(council: Any) -> Result:
    return council.say(0, proposal(ledger.SetType(303, "cmo-only", frozenset({2}))))


def ends_erasing(council: Any) -> Result:
    return council.say(0, proposal(ledger.SetType(1, "body-erased", frozenset())))


def narrows_erasing(council: Any) -> Result:
    return council.say(0, proposal(ledger.SetType(1, "body-erased", frozenset(range(1, 9)))))


def adds_a_key_without_proof(council: Any) -> Result:
    return council.say(0, ledger.AddKey(organisation(council, 0), fresh("new").public_key))


def adds_a_key_that_another_has(council: Any) -> Result:
    """The proof is right, and another organisation's."""
    return council.say(0, replace(adding(council, 1, fresh("new")), organisation=organisation(council, 0)))


def adds_a_key_proven_in_another_log(council: Any) -> Result:
    author = replace(council.members[0].author, origin="log.example.org/other")
    return council.say(0, ledger.own_key(author, fresh("new")))


def proposes_a_key_without_proof(council: Any) -> Result:
    return council.say(0, proposal(ledger.AddKey(organisation(council, 4), fresh("new").public_key)))


def proposes_a_key_with_the_proof_of_another(council: Any) -> Result:
    change = replace(adding(council, 4, fresh("new")), public_key=fresh("other").public_key)
    return council.say(0, proposal(change))


def seats_a_validator_without_its_key(council: Any) -> Result:
    seat = replace(council.members[4].seat, consensus_key=fresh("other").public_key)
    return council.say(0, proposal(ledger.SeatMember(seat)))


def seats_a_cosigner_without_its_key(council: Any) -> Result:
    seat = replace(council.members[4].seat, cosigner=council.members[5].seat.cosigner)
    return council.say(0, proposal(ledger.SeatMember(seat)))


def closes_in_the_past(council: Any) -> Result:
    return council.say(0, proposal(RESOLVE, closes_at=START))


def closes_too_late(council: Any) -> Result:
    return council.say(0, proposal(RESOLVE, closes_at=START + 90 * DAY + 1))


def voted_too_late(council: Any) -> Result:
    ballot = council.propose(RESOLVE)
    return council.say(1, council.vote(ballot, True), time=START + DAY + 1)


CASES: list[tuple[Case, Reason]] = [
    (second_genesis, Reason.GENESIS_REPEATED),
    (operator_after_convening, Reason.COUNCIL_GOVERNS),
    (convened_twice, Reason.COUNCIL_GOVERNS),
    (not_a_member, Reason.UNKNOWN_MEMBER),
    (expelled, Reason.UNKNOWN_MEMBER),
    (unregistered_key, Reason.UNKNOWN_KEY),
    (key_of_another, Reason.UNKNOWN_KEY),
    (revoked_key, Reason.KEY_NOT_VALID),
    (bad_signature, Reason.BAD_SIGNATURE),
    (of_another_log, Reason.BAD_SIGNATURE),
    (proposed_without_seat, Reason.NOT_SEATED),
    (voted_without_seat, Reason.NOT_SEATED),
    (unseated_who_has_no_seat, Reason.NOT_SEATED),
    (ballot_open_already, Reason.BALLOT_KNOWN),
    (ballot_closed_before, Reason.BALLOT_KNOWN),
    (unknown_ballot, Reason.BALLOT_UNKNOWN),
    (decided_ballot, Reason.BALLOT_UNKNOWN),
    (withdrawn_unknown, Reason.BALLOT_UNKNOWN),
    (votes_on_another_proposal, Reason.OTHER_PROPOSAL),
    (voted_twice, Reason.VOTED_ALREADY),
    (proposer_votes, Reason.VOTED_ALREADY),
    (withdrawn_by_another, Reason.NOT_PROPOSER),
    (too_many_open, Reason.TOO_MANY_BALLOTS),
    (adds_key_of_another, Reason.NOT_OWN_KEY),
    (revokes_key_of_another, Reason.NOT_OWN_KEY),
    (too_many_keys, Reason.TOO_MANY_KEYS),
    (known_key, Reason.KEY_KNOWN),
    (proposes_key_of_a_stranger, Reason.UNKNOWN_MEMBER),
    (revokes_twice, Reason.KEY_NOT_VALID),
    (expels_a_seated_one, Reason.STILL_SEATED),
    (seats_a_stranger, Reason.UNKNOWN_MEMBER),
    (takes_a_consensus_key, Reason.SEAT_KEY_TAKEN),
    (takes_a_cosigner, Reason.SEAT_KEY_TAKEN),
    (takes_a_past_consensus_key, Reason.SEAT_KEY_TAKEN),
    (too_many_endorsers, Reason.THRESHOLD_OUT_OF_RANGE),
    (no_endorser, Reason.THRESHOLD_OUT_OF_RANGE),
    (too_many_holders, Reason.THRESHOLD_OUT_OF_RANGE),
    (unseats_below_a_threshold, Reason.THRESHOLD_OUT_OF_RANGE),
    (seats_who_cannot_sign, Reason.COUNCIL_UNABLE),
    (revokes_the_quorum, Reason.COUNCIL_UNABLE),
    (renames_a_type, Reason.TYPE_NAME_TAKEN),
    (names_two_types_alike, Reason.TYPE_NAME_TAKEN),
    (ends_erasing, Reason.TYPE_NEEDED),
    (narrows_erasing, Reason.TYPE_NEEDED),
    (adds_a_key_without_proof, Reason.NOT_POSSESSED),
    (adds_a_key_that_another_has, Reason.NOT_POSSESSED),
    (adds_a_key_proven_in_another_log, Reason.NOT_POSSESSED),
    (proposes_a_key_without_proof, Reason.NOT_POSSESSED),
    (proposes_a_key_with_the_proof_of_another, Reason.NOT_POSSESSED),
    (seats_a_validator_without_its_key, Reason.NOT_POSSESSED),
    (seats_a_cosigner_without_its_key, Reason.NOT_POSSESSED),
    (closes_in_the_past, Reason.CLOSES_OUT_OF_RANGE),
    (closes_too_late, Reason.CLOSES_OUT_OF_RANGE),
    (voted_too_late, Reason.BALLOT_CLOSED),
]


@pytest.mark.parametrize(("case", "reason"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_each_reason_is_given_and_leaves_no_trace(council, case: Case, reason: Reason) -> None:
    assert case(council) == ledger.Rejected(reason)
    replayed = replay.replay(council.entries, types=TYPES)
    assert replayed.state.digest() == council.state.digest()
    assert replayed.size == council.machine.size


def test_a_seat_that_must_stay(make_council) -> None:
    alone = make_council(1)
    assert alone.say(0, proposal(ledger.UnseatMember(organisation(alone, 0)))) == ledger.Rejected(Reason.LAST_SEAT)
    unvalidated = replace(alone.members[0].seat, consensus_key=b"", consensus_possession=b"")
    assert alone.say(0, proposal(ledger.SeatMember(unvalidated))) == ledger.Rejected(Reason.LAST_SEAT)
    assert alone.say(0, ledger.RevokeKey(key_id(alone, 0))) == ledger.Rejected(Reason.COUNCIL_UNABLE)


def test_a_council_has_at_most_64_seats(make_council) -> None:
    council = make_council(64)
    assert council.state.quorum == 43
    assert council.say(0, proposal(ledger.SeatMember(council.members[64].seat))) == ledger.Rejected(
        Reason.TOO_MANY_SEATS
    )
    crowd = make_council(65, convened=False)
    seats = tuple(one.seat for one in crowd.members[:65])
    assert crowd.operate(ledger.Convene(seats)) == ledger.Rejected(Reason.TOO_MANY_SEATS)


def test_before_convening_only_own_keys_are_a_members_to_decide(make_council) -> None:
    council = make_council(convened=False)
    for change in (proposal(RESOLVE), council.vote(b"b" * 16, True), ledger.WithdrawBallot(b"b" * 16)):
        assert council.say(0, change) == ledger.Rejected(Reason.NOT_CONVENED)
    assert isinstance(council.say(0, adding(council, 0, fresh("new"))), ledger.Admitted)
    assert isinstance(council.operate(ledger.AdmitMember(b"o" * 16, frozenset({2}))), ledger.Admitted)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (lambda seats: ledger.Convene(()), Reason.LAST_SEAT),
        (lambda seats: ledger.Convene(seats[:2], {301: 3}), Reason.THRESHOLD_OUT_OF_RANGE),
        (lambda seats: ledger.Convene(seats[:2], {301: 0}), Reason.THRESHOLD_OUT_OF_RANGE),
        (lambda seats: ledger.Convene(seats[:2], {}, {301: 3}), Reason.THRESHOLD_OUT_OF_RANGE),
        (
            lambda seats: ledger.Convene((seats[0], replace(seats[1], consensus_key=seats[0].consensus_key))),
            Reason.SEAT_KEY_TAKEN,
        ),
        (
            lambda seats: ledger.Convene((seats[0], replace(seats[1], cosigner=seats[0].cosigner))),
            Reason.SEAT_KEY_TAKEN,
        ),
        (lambda seats: ledger.Convene((replace(seats[0], organisation=b"x" * 16),)), Reason.UNKNOWN_MEMBER),
        (lambda seats: ledger.Convene((seats[0],)), Reason.TYPE_NEEDED),
        (
            lambda seats: ledger.Convene((seats[0], replace(seats[1], cosigner=seats[2].cosigner)), types=CONVENED),
            Reason.NOT_POSSESSED,
        ),
        (
            lambda seats: ledger.Convene((replace(seats[0], consensus_possession=bytes(64)),), types=CONVENED),
            Reason.NOT_POSSESSED,
        ),
        (lambda seats: ledger.Convene((seats[0],), types={1: FactType(1, "erased")}), Reason.TYPE_NEEDED),
        (
            lambda seats: ledger.Convene((seats[0],), types={1: FactType(1, "body-erased", frozenset())}),
            Reason.TYPE_NEEDED,
        ),
        (
            lambda seats: ledger.Convene((seats[0],), types={**CONVENED, 7: FactType(7, "cmo-only")}),
            Reason.TYPE_NAME_TAKEN,
        ),
    ],
)
def test_a_council_is_not_convened_on_sand(make_council, changes: Any, reason: Reason) -> None:
    council = make_council(convened=False)
    seats = [one.seat for one in council.members]
    assert council.operate(changes(seats)) == ledger.Rejected(reason)
    assert not council.state.seats
    digest = council.state.digest()
    council.operate(ledger.Convene((seats[0],), {301: 1}, {301: 0, 302: 1}, CONVENED))
    assert (dict(council.state.endorsers), dict(council.state.holders)) == ({}, {302: 1})
    assert council.state.digest() != digest


def test_a_seat_whose_organisation_cannot_sign_is_not_convened(make_council) -> None:
    council = make_council(convened=False)
    council.operate(ledger.RevokeKey(key_id(council, 1)))
    seats = tuple(one.seat for one in council.members[:4])
    assert council.operate(ledger.Convene(seats)) == ledger.Rejected(Reason.COUNCIL_UNABLE)


def test_a_quorum_of_validators_stays_once_there(council) -> None:
    """Only validators cosign checkpoints, and a quorum of the seats has to."""

    def unvalidated(member: int) -> ledger.SeatMember:
        return ledger.SeatMember(replace(council.members[member].seat, consensus_key=b"", consensus_possession=b""))

    council.decide(unvalidated(3))
    refused = ledger.Rejected(Reason.COUNCIL_UNABLE)
    for change in (unvalidated(2), unvalidated(4), ledger.UnseatMember(organisation(council, 1))):
        assert council.say(0, proposal(change)) == refused
    council.decide(ledger.SeatMember(council.members[4].seat))
    council.decide(ledger.UnseatMember(organisation(council, 3)))
    assert council.state.quorum == len(council.state.seats) - 1 == 3


def test_validators_are_optional_but_stay_once_there(make_council) -> None:
    council = make_council(convened=False)
    seats = tuple(replace(one.seat, consensus_key=b"", consensus_possession=b"") for one in council.members[:3])
    assert isinstance(council.operate(ledger.Convene(seats, types=CONVENED)), ledger.Admitted)
    council.decide(ledger.SeatMember(council.members[0].seat))
    assert council.say(0, proposal(ledger.SeatMember(seats[0]))) == ledger.Rejected(Reason.LAST_SEAT)
    council.decide(ledger.SeatMember(council.members[1].seat))
    council.decide(ledger.SeatMember(seats[0]))
    assert [one.consensus_key for one in council.state.seats.values()].count(b"") == 2


def test_the_quorum_is_more_than_two_thirds() -> None:
    assert {n: quorum_of(n) for n in (1, 2, 3, 4, 5, 6, 7, 10, 64)} == {
        1: 1, 2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5, 10: 7, 64: 43,
    }  # fmt: skip


def test_a_ballot_passes_at_the_vote_that_brings_the_quorum(make_council) -> None:
    council = make_council(7)
    new = fresh("new")
    ballot = council.propose(adding(council, 5, new))
    proposed_at = council.machine.size - 1
    assert council.state.ballots[ballot].votes == {organisation(council, 0): True}
    for member, yes in ((1, True), (6, False), (2, True), (3, True)):
        council.say(member, council.vote(ballot, yes))
        assert ledger.key_id(new.public_key) not in council.state.keys
    votes = council.state.ballots[ballot].votes
    assert sum(votes.values()) == 4
    assert council.say(4, council.vote(ballot, True)) == ledger.Admitted(proposed_at + 5, 1)
    assert council.state.keys[ledger.key_id(new.public_key)].valid_from == proposed_at + 6
    assert not council.state.ballots
    assert council.state.decisions[ballot] == ledger.Decision(
        proposer=organisation(council, 0),
        outcome=Outcome.PASSED,
        proposed_at=proposed_at,
        decided_at=proposed_at + 5,
    )


def test_a_ballot_is_rejected_when_the_quorum_is_out_of_reach(make_council) -> None:
    council = make_council(7)
    ballot = council.propose(RESOLVE)
    for member in (1, 2):
        council.say(member, council.vote(ballot, False))
        assert ballot in council.state.ballots
    council.say(3, council.vote(ballot, False))
    assert council.state.decisions[ballot].outcome is Outcome.REJECTED
    assert not council.state.resolutions


def test_with_one_seat_a_proposal_passes_at_once(make_council) -> None:
    council = make_council(1)
    ballot = council.propose(RESOLVE)
    assert council.state.decisions[ballot].outcome is Outcome.PASSED
    assert council.state.resolutions["tariff 2027"] == (
        type(council.state.resolutions["tariff 2027"])(bytes(32), council.machine.size - 1)
    )


def test_a_change_that_became_inadmissible_closes_without_effect(council) -> None:
    new = fresh("new")
    key = adding(council, 5, new)
    first, second = council.propose(key), council.propose(key, member=1)
    for member in (1, 2):
        council.say(member, council.vote(first, True))
    for member in (2, 3):
        assert isinstance(council.say(member, council.vote(second, True)), ledger.Admitted)
    decision = council.state.decisions[second]
    assert (decision.outcome, decision.reason) == (Outcome.WITHOUT_EFFECT, Reason.KEY_KNOWN)
    assert council.state.decisions[first].reason is None


def test_only_present_seats_count_and_only_at_the_next_vote(make_council) -> None:
    """Of seven, four said yes. When two others leave, five seats need four: the next vote passes it, though a no."""
    council = make_council(7)
    ballot = council.propose(RESOLVE)
    for member in (1, 2, 3):
        council.say(member, council.vote(ballot, True))
    for member in (6, 5):
        council.decide(ledger.UnseatMember(organisation(council, member)))
    assert council.state.quorum == 4
    assert ballot in council.state.ballots
    council.say(4, council.vote(ballot, False))
    assert council.state.decisions[ballot].outcome is Outcome.PASSED


def test_the_vote_of_a_seat_that_left_does_not_count_until_it_is_back(council) -> None:
    ballot = council.propose(RESOLVE, member=3)
    council.decide(ledger.UnseatMember(organisation(council, 3)))
    for member in (0, 1):
        council.say(member, council.vote(ballot, True))
    assert ballot in council.state.ballots
    council.decide(ledger.SeatMember(council.members[3].seat))
    assert ballot in council.state.ballots
    council.say(2, council.vote(ballot, False))
    assert council.state.decisions[ballot].outcome is Outcome.PASSED


def test_a_ballot_is_withdrawn_by_its_proposer_or_by_a_seat_when_that_has_none(council) -> None:
    first, second = council.propose(RESOLVE), council.propose(RESOLVE, member=3)
    council.say(0, ledger.WithdrawBallot(first), time=START + 2 * DAY)
    assert council.state.decisions[first].outcome is Outcome.WITHDRAWN
    council.decide(ledger.UnseatMember(organisation(council, 3)))
    assert council.say(4, ledger.WithdrawBallot(second)) == ledger.Rejected(Reason.NOT_PROPOSER)
    assert isinstance(council.say(1, ledger.WithdrawBallot(second)), ledger.Admitted)
    assert council.state.decisions[second].proposer == organisation(council, 3)


def test_withdrawing_again_and_again_has_an_end(council, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(govern, "WITHDRAWN_MAX", 3)
    for _ in range(3):
        council.say(0, ledger.WithdrawBallot(council.propose(RESOLVE)))
    result = council.say(0, ledger.WithdrawBallot(council.propose(RESOLVE)))
    assert result == ledger.Rejected(Reason.TOO_MANY_BALLOTS)
    assert isinstance(council.say(1, ledger.WithdrawBallot(council.propose(RESOLVE, member=1))), ledger.Admitted)


def test_a_member_rotates_its_key_without_a_ballot(council) -> None:
    new, old = fresh("new"), council.members[4]
    council.say(4, adding(council, 4, new))
    turned = ledger.Author(old.organisation, new, ORIGIN)
    revoke = ledger.seal_member_record(ledger.RevokeKey(key_id(council, 4)), turned)
    assert isinstance(council.apply(revoke), ledger.Admitted)
    assert council.apply(revoke) == ledger.Rejected(Reason.KEY_NOT_VALID)
    assert council.apply(old.batch(1)) == ledger.Rejected(Reason.KEY_NOT_VALID)
    batch = ledger.seal([old.draft()], turned, ids=old.ids, entropy=old.noise, claimed_at=old.now)
    assert isinstance(council.apply(batch), ledger.Admitted)


def test_keys_ever_added_have_an_end(council, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(govern, "KEYS_MAX", 4)
    for number in range(3):
        key = fresh(f"{number}")
        council.say(0, adding(council, 0, key))
        council.say(0, ledger.RevokeKey(ledger.key_id(key.public_key)))
    result = council.say(0, adding(council, 0, fresh("more")))
    assert result == ledger.Rejected(Reason.TOO_MANY_KEYS)
    council.decide(adding(council, 0, fresh("more")))


def test_seats_change_by_ballot_and_validators_with_them(council) -> None:
    before = council.state.seats
    council.apply(council.members[0].batch(2))
    assert council.state.seats is before
    council.decide(RESOLVE)
    assert council.state.seats is before
    council.decide(ledger.SeatMember(council.members[4].seat))
    assert list(council.state.seats) == sorted(one.organisation for one in council.members[:5])
    assert council.state.quorum == 4
    machine = fresh("machine")
    proof = ledger.prove_possession(machine, organisation(council, 4), origin=ORIGIN)
    rotated = replace(council.members[4].seat, consensus_key=machine.public_key, consensus_possession=proof)
    council.decide(ledger.SeatMember(rotated))
    assert council.state.seats[organisation(council, 4)] == rotated
    council.decide(ledger.SeatMember(council.members[4].seat))
    council.decide(ledger.UnseatMember(organisation(council, 4)))
    assert council.state.consensus_keys[machine.public_key] == organisation(council, 4)
    assert organisation(council, 4) in council.state.members


def test_votes_are_taken_up_to_the_very_moment(council) -> None:
    ballot = council.propose(RESOLVE)
    assert isinstance(council.say(1, council.vote(ballot, True), time=START + DAY), ledger.Admitted)
    latest = proposal(RESOLVE, closes_at=START + 90 * DAY)
    assert isinstance(council.say(0, latest), ledger.Admitted)


def test_a_seat_that_can_sign_stays_while_it_is_needed_for_a_quorum(council) -> None:
    council.say(3, ledger.RevokeKey(key_id(council, 3)))
    able = ledger.UnseatMember(organisation(council, 2))
    assert council.say(0, proposal(able)) == ledger.Rejected(Reason.COUNCIL_UNABLE)
    council.decide(ledger.UnseatMember(organisation(council, 3)))
    assert council.state.quorum == 3


@pytest.mark.parametrize("late", [0, 1])
def test_a_new_seat_can_sign_from_the_next_entry_on(council, late: int) -> None:
    council.say(4, ledger.RevokeKey(key_id(council, 4)))
    new = adding(council, 4, fresh("new"), council.machine.size + 4 + late)
    council.decide(new)
    seat = proposal(ledger.SeatMember(council.members[4].seat))
    refused = ledger.Rejected(Reason.COUNCIL_UNABLE)
    assert (council.say(0, seat) == refused) is bool(late)


def test_thresholds_are_set_and_lifted_by_ballot(council) -> None:
    council.decide(ledger.SetEndorsers(301, 2))
    council.decide(ledger.SetHolders(302, 3))
    assert (dict(council.state.endorsers), dict(council.state.holders)) == ({301: 2}, {302: 3})
    assert council.apply(council.members[0].batch(1)) == ledger.Rejected(Reason.NOT_ENDORSED, 0)
    council.decide(ledger.SetEndorsers(301, 1))
    council.decide(ledger.SetHolders(302, 0))
    assert (dict(council.state.endorsers), dict(council.state.holders)) == ({}, {})
    assert isinstance(council.apply(council.members[0].batch(1)), ledger.Admitted)


def test_a_replay_without_a_clock_leads_to_the_same_state(council) -> None:
    ballot = council.propose(RESOLVE)
    council.say(1, council.vote(ballot, True))
    council.decide(ledger.SetHolders(302, 1))
    council.apply(council.members[0].batch(3))
    council.propose(ledger.SeatMember(council.members[5].seat), member=2)
    replayed = replay.replay(council.entries, types=TYPES)
    assert replayed.state == council.state
    assert replayed.state.digest() == council.state.digest()
    records = [(at, one) for at, one in enumerate(council.entries) if one[0] == KIND_GOVERNANCE]
    assert replay.state_of(records) == council.state


def test_the_digest_covers_every_part_of_the_council(council) -> None:
    council.decide(ledger.SetEndorsers(301, 2))
    council.decide(ledger.SetHolders(302, 3))
    council.decide(RESOLVE)
    ballot = council.propose(RESOLVE)
    state = council.state
    one, seat = organisation(council, 0), council.members[5].seat
    opened, decided = state.ballots[ballot], next(iter(state.decisions.values()))
    resolution = state.resolutions["tariff 2027"]
    changed = [
        replace(state, seats={**state.seats, one: seat}),
        replace(
            state, seats={**state.seats, one: replace(state.seats[one], consensus_key=b"", consensus_possession=b"")}
        ),
        replace(state, endorsers={301: 3}),
        replace(state, holders={}),
        replace(state, types={}),
        replace(state, types={**state.types, 302: FactType(302, "cmo-only", frozenset({3}))}),
        replace(state, types={**state.types, 302: FactType(302, "cmo-alone", frozenset({2}))}),
        replace(state, ballots={}),
        replace(state, ballots={ballot: replace(opened, closes_at=1)}),
        replace(state, ballots={ballot: replace(opened, proposed_at=1)}),
        replace(state, ballots={ballot: replace(opened, votes={})}),
        replace(state, ballots={ballot: replace(opened, proposal=bytes(32))}),
        replace(state, ballots={ballot: replace(opened, votes={one: False})}),
        replace(state, ballots={ballot: replace(opened, change=ledger.SetHolders(1, 1))}),
        replace(state, ballots={ballot: replace(opened, proposer=b"p" * 16)}),
        replace(state, decisions={}),
        replace(state, decisions={ballot: replace(decided, outcome=Outcome.REJECTED)}),
        replace(state, decisions={ballot: replace(decided, reason=Reason.KEY_KNOWN)}),
        replace(state, decisions={ballot: replace(decided, decided_at=0)}),
        replace(state, resolutions={"tariff 2027": replace(resolution, index=0)}),
        replace(state, resolutions={"tariff 2028": resolution}),
        replace(state, consensus_keys={}),
    ]
    digests = [one.digest() for one in (state, *changed)]
    assert len(set(digests)) == len(digests)


def test_an_operator_may_leave_the_proof_out_but_not_give_a_wrong_one(make_council) -> None:
    council = make_council(convened=False)
    assert isinstance(council.operate(ledger.AddKey(organisation(council, 0), fresh("a").public_key)), ledger.Admitted)
    assert isinstance(council.operate(adding(council, 0, fresh("b"))), ledger.Admitted)
    wrong = replace(adding(council, 0, fresh("c")), possession=bytes(64))
    assert council.operate(wrong) == ledger.Rejected(Reason.NOT_POSSESSED)


def test_a_proof_is_never_written_as_an_empty_one(council) -> None:
    entry = ledger.seal_member_record(adding(council, 0, fresh("new")), council.members[0].author)
    fields = canonical.decode(entry[1:])
    del fields["signature"]
    for proof in ("", "00" * 63, "AB" * 64, None):
        spoilt = {**fields, "change": {**fields["change"], "possession": proof}}
        assert council.apply(resigned(council, spoilt)) == ledger.Rejected(Reason.MALFORMED), proof


def test_what_a_key_signs_for_its_organisation(council) -> None:
    """Laid out by hand, verified by another implementation."""
    change, who = adding(council, 0, fresh("new")), organisation(council, 0)
    signed = b"cantoria/possession/v1\0" + hashlib.sha256(ORIGIN.encode()).digest() + who + change.public_key
    Ed25519PublicKey.from_public_bytes(change.public_key).verify(change.possession, signed)


def test_a_log_without_a_council_keeps_its_old_digest(make_council) -> None:
    state = make_council(convened=False).state
    members = {one.hex(): sorted(held) for one, held in state.members.items()}
    keys = {
        one.hex(): [key.organisation.hex(), key.public_key.hex(), key.valid_from, key.revoked_at]
        for one, key in state.keys.items()
    }
    head = [state.origin, state.operator_key.hex(), state.claimed_future_max, state.governed]
    old = hashlib.sha256(canonical.encode({"head": head, "members": members, "keys": keys})).digest()
    assert state.digest() == old


def test_a_record_that_the_wrong_one_signs_is_malformed(council, make_council) -> None:
    """What an operator decides, a member cannot sign, and the other way round; nor can a ballot hold another."""
    early = make_council(convened=False)
    for change in (proposal(RESOLVE), council.vote(b"b" * 16, True), RESOLVE, ledger.SetHolders(1, 1)):
        with pytest.raises(InputError):
            early.operate(change)
    for change in (
        RESOLVE,
        ledger.AdmitMember(b"o" * 16, frozenset({2})),
        ledger.Convene((council.members[4].seat,)),
        ledger.Genesis(ORIGIN, bytes(32)),
        proposal(proposal(RESOLVE)),
        proposal(ledger.Convene((council.members[4].seat,))),
        proposal(council.vote(b"b" * 16, True)),
    ):
        with pytest.raises(InputError):
            council.say(0, change)


@pytest.mark.parametrize(
    "change",
    [
        ledger.Resolve("", bytes(32)),
        ledger.Resolve("x" * 129, bytes(32)),
        ledger.Resolve("ä" * 65, bytes(32)),
        ledger.Resolve("two\nlines", bytes(32)),
        ledger.Resolve("\x9b2Jhidden", bytes(32)),
        ledger.Resolve("tariff", bytes(31)),
        ledger.AdmitMember(b"o" * 16, frozenset({2, 256})),
        ledger.SetHolders(65_536, 1),
        ledger.SetHolders(-1, 1),
        ledger.SetEndorsers(1, -1),
        ledger.SetType(65_536, "x", frozenset({2})),
        ledger.SetType(7, "", frozenset({2})),
        ledger.SetType(7, "Upper", frozenset({2})),
        ledger.SetType(7, "two words", frozenset({2})),
        ledger.SetType(7, "n" * 65, frozenset({2})),
        ledger.SetType(7, "x", frozenset({256})),
        ledger.UnseatMember(b"short"),
        ledger.SeatMember(ledger.Seat(b"o" * 16, b"short", "w.example+00000000+BA")),
    ],
)
def test_what_is_ill_formed_is_not_even_signed(council, change: Any) -> None:
    with pytest.raises(InputError):
        council.say(0, proposal(change))


def test_the_cosigner_of_a_seat_is_a_sound_verifier_key(council) -> None:
    seat = council.members[4].seat
    name, key_hash, key = seat.cosigner.split("+", 2)
    log_key = ledger.NoteKey(name, bytes(32)).vkey()
    broken = [
        log_key, f"{name}+00000000+{key}", f"{name}+{key_hash.upper()}+{key}", f"{name} +{key_hash}+{key}",
        f"{name}+{key_hash}+{key}=", f"{name}+{key_hash}+{key[:-1]}", f"{'n' * 161}+{key_hash}+{key}",
        f"+{key_hash}+{key}", "", f"é{name}+{key_hash}+{key}", seat.cosigner + "\n",
    ]  # fmt: skip
    for one in broken:
        with pytest.raises(InputError):
            council.say(0, proposal(ledger.SeatMember(replace(seat, cosigner=one))))


def resigned(council: Any, fields: dict[str, Any], member: int = 0) -> bytes:
    """Sign any JSON as a member could."""
    unsigned = canonical.encode(fields)
    signature = council.members[member].signer.sign(signed_bytes(unsigned, ORIGIN))
    return bytes([KIND_GOVERNANCE]) + canonical.encode({**fields, "signature": signature.hex()})


def test_a_record_has_one_spelling(council) -> None:
    entry = ledger.seal_member_record(proposal(ledger.SetHolders(1, 1)), council.members[0].author)
    fields = canonical.decode(entry[1:])
    del fields["signature"]
    assert resigned(council, fields) == entry
    inner = fields["change"]
    spoilt: list[Any] = [
        {**fields, "more": 1},
        {**fields, "sequence": 3},
        {**fields, "kind": "by_members"},
        {**fields, "organisation": fields["organisation"].upper()},
        {**fields, "key_id": fields["key_id"] + "00"},
        {**fields, "change": {**inner, "more": 1}},
        {**fields, "change": {**inner, "closes_at": str(inner["closes_at"])}},
        {**fields, "change": {**inner, "closes_at": True}},
        {**fields, "change": {**inner, "ballot": "00"}},
        {**fields, "change": {**inner, "change": {**inner["change"], "count": True}}},
        {**fields, "change": {**inner, "change": []}},
        {**fields, "change": {**inner, "change": {"kind": ["x"]}}},
        {**fields, "change": None},
        {**fields, "change": {"kind": "vote", "ballot": "00" * 16, "proposal": "00" * 32, "yes": 1}},
        {name: value for name, value in fields.items() if name != "change"},
    ]
    for one in spoilt:
        assert council.apply(resigned(council, one)) == ledger.Rejected(Reason.MALFORMED), one
    assert isinstance(council.apply(entry), ledger.Admitted)


def test_seats_and_thresholds_of_a_convening_have_one_order(make_council) -> None:
    council = make_council(convened=False)
    house = council.members[0]
    seats = tuple(one.seat for one in council.members[:3])
    change = ledger.Convene(seats[::-1], {302: 2, 301: 2}, {301: 1}, dict(reversed(CONVENED.items())))
    number = council.state.governed
    entry = seal_record(change, sequence=number, origin=ORIGIN, signer=house.operator)
    assert entry == seal_record(
        ledger.Convene(tuple(sorted(seats, key=lambda one: one.organisation)), {301: 2, 302: 2}, {301: 1}, CONVENED),
        sequence=number, origin=ORIGIN, signer=house.operator,
    )  # fmt: skip
    fields = canonical.decode(entry[1:])
    del fields["signature"]
    for spoilt in (
        {**fields, "seats": fields["seats"][::-1]},
        {**fields, "seats": [*fields["seats"], fields["seats"][0]]},
        {**fields, "endorsers": fields["endorsers"][::-1]},
        {**fields, "endorsers": [[301, 2], [301, 2]]},
        {**fields, "endorsers": [[301]]},
        {**fields, "endorsers": {"301": 2}},
        {**fields, "seats": [{**fields["seats"][0], "more": ""}]},
        {**fields, "seats": [None]},
        {**fields, "seats": "x"},
        {**fields, "types": fields["types"][::-1]},
        {**fields, "types": [*fields["types"], fields["types"][-1]]},
        {**fields, "types": [[301, "statement-made"]]},
        {**fields, "types": [[301, "statement-made", [3, 2]]]},
        {**fields, "types": [[[301], "statement-made", [2]]]},
        {**fields, "types": {"301": ["statement-made", [2]]}},
        {name: value for name, value in fields.items() if name != "types"},
    ):
        unsigned = canonical.encode(spoilt)
        signature = house.operator.sign(signed_bytes(unsigned, ORIGIN))
        forged = bytes([KIND_GOVERNANCE]) + canonical.encode({**spoilt, "signature": signature.hex()})
        assert council.apply(forged) == ledger.Rejected(Reason.MALFORMED), spoilt
    assert isinstance(council.apply(entry), ledger.Admitted)


def test_only_a_convening_may_be_long(make_council) -> None:
    council = make_council(40)
    convening = next(one for one in council.entries if b'"convene"' in one)
    assert len(convening) > 4096
    long = seal_record_of(council, ledger.AdmitMember(b"o" * 16, frozenset(range(10**6, 10**6 + 600))))
    assert council.apply(long) == ledger.Rejected(Reason.MALFORMED)
    with pytest.raises(InputError):
        read_record(long)


def seal_record_of(council: Any, change: Any) -> bytes:
    fields = {
        "kind": "by_member",
        "organisation": organisation(council, 0).hex(),
        "key_id": key_id(council, 0).hex(),
        "change": {
            "kind": "propose",
            "ballot": "00" * 16,
            "closes_at": START + DAY,
            "change": {
                "kind": "admit_member",
                "organisation": change.organisation.hex(),
                "capacities": sorted(change.capacities),
            },
        },
    }
    return resigned(council, fields)


def test_every_byte_of_a_record_counts(council) -> None:
    ballot = council.propose(RESOLVE)
    records = [
        ledger.seal_member_record(change, council.members[1].author)
        for change in (council.vote(ballot, True), proposal(ledger.SeatMember(council.members[4].seat)))
    ]
    for entry in records:
        for at in range(len(entry)):
            flipped = entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :]
            rejected = council.machine.check(flipped, time=START)
            assert rejected is not None, (at, flipped)
        assert council.machine.check(entry, time=START) is None


def test_every_byte_of_a_convening_counts(make_council) -> None:
    council = make_council(2, convened=False)
    seats = tuple(one.seat for one in council.members[:2])
    house, number = council.members[0], council.state.governed
    entry = seal_record(
        ledger.Convene(seats, {301: 2}, types=CONVENED), sequence=number, origin=ORIGIN, signer=house.operator
    )
    for at in range(len(entry)):
        flipped = entry[:at] + bytes([entry[at] ^ 1]) + entry[at + 1 :]
        assert council.machine.check(flipped, time=START) is not None, at
    assert council.machine.check(entry, time=START) is None
    assert merkle.leaf_hash(entry) != merkle.leaf_hash(flipped)


def test_members_records_count_in_the_operators_sequence(make_council) -> None:
    council = make_council(convened=False)
    number = council.state.governed
    council.say(0, adding(council, 0, fresh("new")))
    assert council.state.governed == number + 1
    stale = seal_record(
        ledger.AdmitMember(b"o" * 16, frozenset({2})),
        sequence=number,
        origin=ORIGIN,
        signer=council.members[0].operator,
    )
    assert council.apply(stale) == ledger.Rejected(Reason.WRONG_SEQUENCE)
