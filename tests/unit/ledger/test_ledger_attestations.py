"""Endorsements and holdings: what is needed is admitted, what is missing, wrong or left over is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria import ledger
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.periods import DAY
from cantoria.ledger import Purpose, Reason, attestation, merkle, replay

NOTE = FactType(301, "statement-made")
CMO_ONLY = FactType(302, "cmo-only", frozenset({Capacity.CMO}))
TYPES = {one.tag: one for one in (NOTE, CMO_ONLY)}
START = 1_790_000_000_000_000
ENDORSE, HOLD = Purpose.ENDORSEMENT, Purpose.HOLDING


@pytest.fixture
def backed(make_council):
    """A council of four where notes need three organisations and two holders."""
    return make_council(endorsers={301: 3}, holders={301: 2})


def back(council, batch: ledger.Batch, *, endorsers=(1, 2), holders=(0, 3)) -> ledger.Batch:
    found = [council.attest(batch, one) for one in endorsers]
    found += [council.attest(batch, one, HOLD) for one in holders]
    return replace(batch, attestations=ledger.in_order(found))


def test_the_layout_is_the_published_one(backed) -> None:
    batch = backed.members[0].batch(1)
    data = backed.attest(batch, 1)
    member = backed.members[1]
    assert len(data) == 130
    assert data[:2] == b"\x04\x01"
    assert data[2:18] == member.organisation
    assert data[18:26] == ledger.key_id(member.signer.public_key)
    assert data[26:58] == merkle.leaf_hash(batch.header)
    assert data[58:66] == START.to_bytes(8, "big")
    fields = attestation.unpack_attestation(data)
    assert (fields.purpose, fields.organisation, fields.claimed_at) == (ENDORSE, member.organisation, START)
    assert attestation.verify(data, member.signer.public_key, origin="log.example.org/test")
    assert not attestation.verify(data, member.signer.public_key, origin="log.example.org/other")
    for broken in (data[:-1], data + b"\0", b"\x05" + data[1:], b"\x04\x03" + data[2:], b""):
        with pytest.raises(InputError):
            attestation.unpack_attestation(broken)


def test_attestations_stand_before_the_header_they_speak_of(backed) -> None:
    batch = back(backed, backed.members[0].batch(2))
    size = backed.machine.size
    assert backed.machine.check(batch, time=START) is None
    assert backed.apply(batch) == ledger.Admitted(size + 4, 3)
    assert backed.entries[size:] == [*batch.attestations, batch.header, *batch.envelopes]
    assert backed.machine.size == size + 7
    assert [one[0] for one in backed.entries[size:]] == [4, 4, 4, 4, 2, 1, 1]
    later = back(backed, backed.members[1].batch(1), endorsers=(0, 3), holders=(4, 5))
    assert backed.apply(later) == ledger.Admitted(size + 11, 2)
    seen: set[bytes] = set()
    again = replay.replay(backed.entries, types=TYPES, seen=seen)
    assert (again.size, again.state.digest()) == (backed.machine.size, backed.state.digest())
    assert seen == backed.seen
    items = list(replay.items_of(backed.entries))
    assert [one.attestations for one in items if isinstance(one, ledger.Batch)] == [
        batch.attestations,
        later.attestations,
    ]


def test_a_type_without_threshold_needs_nobody_and_takes_nobody(backed) -> None:
    author = backed.members[0]
    batch = author.seal([author.draft(type=CMO_ONLY)])
    assert isinstance(backed.apply(batch), ledger.Admitted)
    other = author.seal([author.draft(type=CMO_ONLY)])
    for purpose in Purpose:
        attested = replace(other, attestations=(backed.attest(other, 1, purpose),))
        assert backed.apply(attested) == ledger.Rejected(Reason.SURPLUS_ATTESTATION)


def test_an_embedded_log_takes_no_attestation(make_council) -> None:
    council = make_council(convened=False)
    batch = council.members[0].batch(1)
    attested = replace(batch, attestations=(council.attest(batch, 1),))
    assert council.apply(attested) == ledger.Rejected(Reason.SURPLUS_ATTESTATION)
    assert isinstance(council.apply(batch), ledger.Admitted)


def test_too_few_endorsers_or_holders_are_named_with_the_first_fact_that_needs_them(backed) -> None:
    author = backed.members[0]
    batch = author.seal([author.draft(type=CMO_ONLY), author.draft(1), author.draft(2)])
    assert backed.apply(batch) == ledger.Rejected(Reason.NOT_ENDORSED, 1)
    assert backed.apply(back(backed, batch, endorsers=(1,))) == ledger.Rejected(Reason.NOT_ENDORSED, 1)
    assert backed.apply(back(backed, batch, holders=(1,))) == ledger.Rejected(Reason.NOT_HELD, 1)
    assert backed.apply(back(backed, batch, holders=())) == ledger.Rejected(Reason.NOT_HELD, 1)
    assert isinstance(backed.apply(back(backed, batch)), ledger.Admitted)


def test_one_too_many_is_refused(backed) -> None:
    batch = backed.members[0].batch(1)
    surplus = ledger.Rejected(Reason.SURPLUS_ATTESTATION)
    assert backed.apply(back(backed, batch, endorsers=(1, 2, 3))) == surplus
    assert backed.apply(back(backed, batch, holders=(0, 1, 2))) == surplus
    assert isinstance(backed.apply(back(backed, batch)), ledger.Admitted)


def test_an_endorser_holds_a_capacity_that_the_type_allows(make_council) -> None:
    council = make_council(endorsers={302: 2})
    council.decide(ledger.AdmitMember(council.members[5].organisation, frozenset({3})))
    author = council.members[0]
    batch = author.seal([author.draft(type=CMO_ONLY)])
    assert council.apply(back(council, batch, endorsers=(5,), holders=())) == ledger.Rejected(Reason.NOT_ENDORSED, 0)
    both = back(council, batch, endorsers=(4, 5), holders=())
    assert council.apply(both) == ledger.Rejected(Reason.SURPLUS_ATTESTATION)
    assert isinstance(council.apply(back(council, batch, endorsers=(4,), holders=())), ledger.Admitted)


def test_each_type_of_a_mixed_batch_has_its_own_endorsers(make_council) -> None:
    """A publisher endorses notes, not what only societies record: who endorses both is enough for both."""
    council = make_council(endorsers={301: 2, 302: 2})
    council.decide(ledger.AdmitMember(council.members[5].organisation, frozenset({3})))
    author = council.members[0]
    batch = author.seal([author.draft(), author.draft(type=CMO_ONLY)])
    assert council.apply(back(council, batch, endorsers=(5,), holders=())) == ledger.Rejected(Reason.NOT_ENDORSED, 1)
    both = back(council, batch, endorsers=(1, 5), holders=())
    assert council.apply(both) == ledger.Rejected(Reason.SURPLUS_ATTESTATION)
    assert isinstance(council.apply(back(council, batch, endorsers=(1,), holders=())), ledger.Admitted)


def forgeries(council, batch: ledger.Batch) -> dict[str, list[bytes]]:
    """Return lists of attestations that are almost what the batch needs."""
    good = [council.attest(batch, 1), council.attest(batch, 2)]
    held = [council.attest(batch, 0, HOLD), council.attest(batch, 3, HOLD)]
    other = council.members[0].batch(1)
    stranger = type(council.members[0])("stranger")
    unregistered = council.attest(batch, 1, signer=stranger.signer)
    foreign_key = council.attest(batch, 1, signer=council.members[2].signer)
    return {
        "of another batch": [council.attest(other, 1), good[1], *held],
        "signed for another log": [council.attest(batch, 1, origin="log.example.org/other"), good[1], *held],
        "by the author itself": [council.attest(batch, 0), good[1], *held],
        "by an organisation that is no member": [
            ledger.attest(batch.header, stranger.author, purpose=ENDORSE, claimed_at=START),
            good[1],
            *held,
        ],
        "with a key nobody registered": [unregistered, good[1], *held],
        "with another member's key": [foreign_key, good[1], *held],
        "a holding of another batch": [*good, held[0], council.attest(other, 3, HOLD)],
    }


@pytest.mark.parametrize("name", forgeries_names := [
    "of another batch", "signed for another log", "by the author itself", "by an organisation that is no member",
    "with a key nobody registered", "with another member's key", "a holding of another batch",
])  # fmt: skip
def test_a_forged_attestation_is_refused(backed, name: str) -> None:
    batch = backed.members[0].batch(1)
    found = forgeries(backed, batch)
    assert list(found) == forgeries_names
    size = backed.machine.size
    forged = replace(batch, attestations=ledger.in_order(found[name]))
    assert backed.apply(forged) == ledger.Rejected(Reason.BAD_ATTESTATION)
    assert backed.machine.size == size


def test_a_member_that_was_expelled_or_lost_its_key_no_longer_backs_anyone(backed) -> None:
    batch = back(backed, backed.members[0].batch(1), endorsers=(1, 4))
    backed.say(4, ledger.RevokeKey(ledger.key_id(backed.members[4].signer.public_key)))
    assert backed.apply(batch) == ledger.Rejected(Reason.BAD_ATTESTATION)
    other = back(backed, backed.members[0].batch(1), endorsers=(1, 5))
    backed.decide(ledger.AdmitMember(backed.members[5].organisation, frozenset()))
    assert backed.apply(other) == ledger.Rejected(Reason.BAD_ATTESTATION)


def test_a_key_is_judged_where_the_header_would_stand(backed) -> None:
    """The third attestation and the header stand behind the index from which the key is valid."""
    fresh = type(backed.members[0])("fresh key")
    at = backed.machine.size + 1 + 4
    backed.say(1, ledger.own_key(backed.members[1].author, fresh.signer, at))
    batch = backed.members[0].batch(1)
    early = [backed.attest(batch, 1, signer=fresh.signer), backed.attest(batch, 2)]
    early += [backed.attest(batch, one, HOLD) for one in (0, 3)]
    assert isinstance(backed.apply(replace(batch, attestations=ledger.in_order(early))), ledger.Admitted)
    assert backed.entries[at] == batch.header
    late = type(backed.members[0])("late key")
    backed.say(1, ledger.own_key(backed.members[1].author, late.signer, backed.machine.size + 6))
    again = backed.members[0].batch(1)
    found = [backed.attest(again, 1, signer=late.signer), backed.attest(again, 2)]
    found += [backed.attest(again, one, HOLD) for one in (0, 3)]
    assert backed.apply(replace(again, attestations=ledger.in_order(found))) == ledger.Rejected(Reason.BAD_ATTESTATION)


def test_the_authors_key_is_judged_there_too(backed) -> None:
    author = backed.members[0]
    fresh = type(author)("fresh key")
    for late in (0, 1):
        key = type(author)(f"key {late}")
        backed.say(0, ledger.own_key(author.author, key.signer, backed.machine.size + 5 + late))
        who = ledger.Author(author.organisation, key.signer, author.origin)
        batch = ledger.seal([author.draft()], who, ids=fresh.ids, entropy=fresh.noise, claimed_at=author.now)
        result = backed.apply(back(backed, batch))
        assert isinstance(result, ledger.Rejected) is bool(late)
    assert result == ledger.Rejected(Reason.KEY_NOT_VALID)


def test_the_earlier_reason_wins(backed) -> None:
    author = backed.members[0]
    batch = author.seal([author.draft(claimed_at=START + 2 * DAY)])
    stranger = ledger.attest(batch.header, type(author)("stranger").author, purpose=HOLD, claimed_at=START)
    offered = [
        (ledger.in_order([*back(backed, batch, endorsers=(), holders=()).attestations, stranger]),
         ledger.Rejected(Reason.BAD_ATTESTATION)),
        ((), ledger.Rejected(Reason.NOT_ENDORSED, 0)),
        (back(backed, batch, endorsers=(1, 2, 3), holders=()).attestations, ledger.Rejected(Reason.NOT_HELD, 0)),
        (back(backed, batch, endorsers=(1, 2, 3)).attestations, ledger.Rejected(Reason.SURPLUS_ATTESTATION)),
        (back(backed, batch).attestations, ledger.Rejected(Reason.CLAIMED_IN_FUTURE, 0)),
    ]  # fmt: skip
    for attestations, expected in offered:
        assert backed.apply(replace(batch, attestations=attestations)) == expected


def test_attestations_have_one_order_and_one_shape(backed) -> None:
    batch = back(backed, backed.members[0].batch(1))
    found = batch.attestations
    shapes = [
        found[::-1],
        (found[0], *found),
        (found[0], found[0], *found[2:]),
        (*found[2:], *found[:2]),
        (found[0][:-1], *found[1:]),
        (found[0] + b"\0", *found[1:]),
        (b"\x01" + found[0][1:], *found[1:]),
        (b"\x04\x00" + found[0][2:], *found[1:]),
        (*found[:3], b"\x04\x03" + found[3][2:]),
        tuple(b"\x04\x01" + bytes([at]) + found[0][3:] for at in range(65)),
    ]
    for shape in shapes:
        assert backed.apply(replace(batch, attestations=tuple(shape))) == ledger.Rejected(Reason.MALFORMED)
    assert isinstance(backed.apply(batch), ledger.Admitted)


def test_an_attestation_from_the_future_is_refused_live_and_not_in_a_replay(backed) -> None:
    batch = backed.members[0].batch(1)
    author = backed.members[1].author
    late = ledger.attest(batch.header, author, purpose=ENDORSE, claimed_at=START + DAY + 1)
    found = [late, backed.attest(batch, 2), backed.attest(batch, 0, HOLD), backed.attest(batch, 3, HOLD)]
    attested = replace(batch, attestations=ledger.in_order(found))
    assert backed.apply(attested) == ledger.Rejected(Reason.CLAIMED_IN_FUTURE)
    assert isinstance(backed.apply(attested, time=START + 1), ledger.Admitted)
    assert replay.replay(backed.entries, types=TYPES).size == backed.machine.size


def test_a_replayed_fact_is_told_before_missing_attestations(backed) -> None:
    """So that sending an admitted batch again is known as a retry, whatever the thresholds became."""
    batch = back(backed, backed.members[0].batch(1))
    backed.apply(batch)
    assert backed.apply(replace(batch, attestations=())) == ledger.Rejected(Reason.FACT_REPLAYED, 0)


@given(st.data())
def test_no_bit_of_an_attestation_can_change(make_council, data: st.DataObject) -> None:
    council = make_council(endorsers={301: 2})
    batch = back(council, council.members[0].batch(1), endorsers=(1,), holders=())
    at, bit = data.draw(st.integers(0, 129)), data.draw(st.integers(0, 7))
    good = batch.attestations[0]
    flipped = good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :]
    result = council.apply(replace(batch, attestations=(flipped,)))
    assert isinstance(result, ledger.Rejected)
    assert result.reason in (Reason.MALFORMED, Reason.BAD_ATTESTATION)


def test_every_byte_of_an_attestation_counts(backed) -> None:
    batch = back(backed, backed.members[0].batch(1))
    for number, good in enumerate(batch.attestations):
        for at in range(len(good)):
            flipped = good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1 :]
            found = [*batch.attestations[:number], flipped, *batch.attestations[number + 1 :]]
            result = backed.machine.check(replace(batch, attestations=tuple(found)), time=START)
            assert result is not None, (number, at)
    assert backed.machine.check(batch, time=START) is None


@pytest.mark.parametrize("broken", ["alone", "before a record", "around a record", "last", "too many", "cut"])
def test_attestations_of_no_batch_do_not_replay(backed, broken: str) -> None:
    size = backed.machine.size
    batch = back(backed, backed.members[0].batch(1))
    backed.apply(batch)
    before, rest = backed.entries[:size], backed.entries[size:]
    backed.say(5, ledger.own_key(backed.members[5].author, ledger.Ed25519Signer(b"\x11" * 32)))
    entries = {
        "alone": [*before, *rest, rest[0]],
        "before a record": [*before[:-1], rest[0], before[-1]],
        "around a record": [*before, *rest[:4], backed.entries[-1], *rest[4:]],
        "last": [*before, *rest[:4]],
        "too many": [*before, *[rest[0]] * 65, *rest],
        "cut": [*before, rest[0][:-1], *rest[1:]],
    }[broken]
    with pytest.raises(IntegrityError):
        replay.replay(entries, types=TYPES)
