"""Envelopes, batches and governance records: layouts, commitments, and what is refused."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria import ledger
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import batch as batches
from cantoria.ledger import envelope, facts, governance, merkle

TYPE = FactType(301, "statement-made")
ids16 = st.binary(min_size=16, max_size=16)
ids32 = st.binary(min_size=32, max_size=32)


@given(
    st.builds(
        ledger.Envelope,
        type_tag=st.integers(0, 0xFFFF),
        fact_id=ids16,
        organisation=ids16,
        capacity=st.integers(0, 255),
        key_id=st.binary(min_size=8, max_size=8),
        scope_commitment=ids32,
        body_commitment=ids32,
        claimed_at=st.integers(0, 2**64 - 1),
        supersedes=ids16,
    )
)
def test_envelopes_round_trip_in_132_bytes(one: ledger.Envelope) -> None:
    packed = one.pack()
    assert len(packed) == 132
    assert ledger.unpack(packed) == one


def test_the_layout_is_the_documented_one() -> None:
    packed = ledger.Envelope(
        type_tag=0x0102,
        fact_id=b"f" * 16,
        organisation=b"o" * 16,
        capacity=3,
        key_id=b"k" * 8,
        scope_commitment=b"s" * 32,
        body_commitment=b"b" * 32,
        claimed_at=0x0405060708090A0B,
        supersedes=b"p" * 16,
    ).pack()
    assert packed == (
        b"\x01\x01\x02" + b"f" * 16 + b"o" * 16 + b"\x03" + b"k" * 8 + b"s" * 32 + b"b" * 32
        + bytes.fromhex("0405060708090a0b") + b"p" * 16
    )  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"fact_id": b""}, {"capacity": 256}, {"type_tag": 65_536}, {"claimed_at": -1}, {"key_id": b"long" * 3}]
)
def test_fields_out_of_range_are_refused(change: dict[str, object]) -> None:
    fields: dict[str, object] = {
        "type_tag": 1,
        "fact_id": bytes(16),
        "organisation": bytes(16),
        "capacity": 1,
        "key_id": bytes(8),
        "scope_commitment": bytes(32),
        "body_commitment": bytes(32),
        "claimed_at": 0,
    }
    with pytest.raises(InputError):
        ledger.Envelope(**{**fields, **change}).pack()  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", bytes(132), b"\x01" * 131, b"\x01" * 133, b"\x02" + bytes(131)])
def test_other_bytes_are_no_envelope(data: bytes) -> None:
    with pytest.raises(InputError):
        ledger.unpack(data)


def test_commitments_are_the_documented_hashes() -> None:
    salt = b"\x05" * 32
    kind = b"\x01\x2d" + bytes([14]) + b"statement-made"
    body = hashlib.sha256(b"cantoria/body/v1\x00" + kind + salt + b'{"n":1}').digest()
    scope = hashlib.sha256(b"cantoria/scope/v1\x00" + kind + salt + b'["a","b"]').digest()
    assert ledger.body_commitment(TYPE, salt, body=b'{"n":1}') == body
    assert ledger.scope_commitment(TYPE, salt, subjects=("b", "a", "b")) == scope


def test_equal_bodies_have_unlinkable_commitments(house) -> None:
    batch = house.seal([house.draft(7), house.draft(7)])
    first, second = map(ledger.unpack, batch.envelopes)
    assert first.body_commitment != second.body_commitment
    assert first.scope_commitment != second.scope_commitment
    assert batch.salts[0] != batch.salts[1]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_the_scope_is_the_canonical_list_of_distinct_sorted_subjects(subjects: list[str]) -> None:
    try:
        expected = canonical.encode(sorted(set(subjects)))
    except InputError:
        return
    assert batches.scope_bytes(subjects) == expected


@given(ids16)
def test_fact_ids_round_trip_as_text(fact_id: bytes) -> None:
    assert ledger.parse_fact_id(ledger.fact_id_text(fact_id)) == fact_id


@pytest.mark.parametrize(
    "text", ["", "x", "01A00000-0000-7000-8000-000000000000", "01a0000000007000800000000000000000"]
)
def test_other_spellings_of_a_fact_id_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        ledger.parse_fact_id(text)


@given(st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 2**40)), min_size=1, max_size=6))
def test_fact_ids_are_version_7_and_only_rise(draws: list[tuple[int, int]]) -> None:
    ids = ledger.FactIds(lambda count: hashlib.shake_256(b"%d" % count).digest(count))
    drawn = [one for count, moment in draws for one in ids.take(count, moment=moment * 1000)]
    assert drawn == sorted(set(drawn))
    assert all(one[6] >> 4 == 7 and one[8] >> 6 == 2 for one in drawn)


def test_a_batch_commits_to_its_envelopes_and_to_its_log(house) -> None:
    batch = house.batch(5)
    header = ledger.unpack_header(batch.header)
    assert header.count == 5
    assert header.root == merkle.root_of(merkle.leaf_hashes(batch.envelopes))
    assert header.schema == 1
    message = b"cantoria/batch/v1\x00" + hashlib.sha256(house.origin.encode()).digest() + batch.header[:71]
    from cantoria.ledger.ed25519 import verify

    assert verify(house.signer.public_key, message, signature=header.signature)
    for packed, salt, body in zip(batch.envelopes, batch.salts, batch.bodies, strict=True):
        assert ledger.unpack(packed).body_commitment == ledger.body_commitment(TYPE, salt, body=body)


def test_empty_and_oversized_batches_are_refused(house) -> None:
    for count in (0, 1001):
        with pytest.raises(InputError):
            house.batch(count)
    with pytest.raises(InputError):
        ledger.unpack_header(bytes(135))


SIGNER = ledger.Ed25519Signer(b"\x09" * 32)
CHANGES = [
    ledger.Genesis("log.example.org/test", SIGNER.public_key, 5),
    ledger.AdmitMember(b"o" * 16, frozenset({4, 2})),
    ledger.AdmitMember(b"o" * 16, frozenset()),
    ledger.AddKey(b"o" * 16, SIGNER.public_key, 9),
    ledger.AddKey(b"o" * 16, SIGNER.public_key, 9, bytes(64)),
    ledger.RevokeKey(b"k" * 8),
]


@pytest.mark.parametrize("change", CHANGES)
def test_governance_records_round_trip(change: ledger.Change) -> None:
    entry = governance.seal_record(change, sequence=3, origin="log", signer=SIGNER)
    record = governance.read_record(entry)
    assert entry[0] == 3
    assert (record.change, record.sequence) == (change, 3)
    assert b"signature" not in record.unsigned


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"kind":"revoke_key"}',
        '{"key_id":"6b6b6b6b6b6b6b6b","kind":"other","sequence":0,"signature":"SIG"}',
        '{"key_id":"6B6b6b6b6b6b6b6b","kind":"revoke_key","sequence":0,"signature":"SIG"}',
        '{"key_id":"6b6b6b6b6b6b6b","kind":"revoke_key","sequence":0,"signature":"SIG"}',
        '{"key_id":"6b6b6b6b6b6b6b6b","kind":"revoke_key","sequence":-1,"signature":"SIG"}',
        '{"key_id":"6b6b6b6b6b6b6b6b","kind":"revoke_key","more":1,"sequence":0,"signature":"SIG"}',
        '{"key_id":"6b6b6b6b6b6b6b6b", "kind":"revoke_key","sequence":0,"signature":"SIG"}',
        '{"capacities":[2,2],"kind":"admit_member","organisation":"ORG","sequence":0,"signature":"SIG"}',
        '{"capacities":[3,2],"kind":"admit_member","organisation":"ORG","sequence":0,"signature":"SIG"}',
        '{"capacities":2,"kind":"admit_member","organisation":"ORG","sequence":0,"signature":"SIG"}',
        '{"kind":["revoke_key"],"sequence":0,"signature":"SIG"}',
    ],
)
def test_other_spellings_of_a_governance_record_are_refused(text: str) -> None:
    data = text.replace("SIG", "ab" * 64).replace("ORG", "cd" * 16).encode()
    with pytest.raises(InputError):
        governance.read_record(b"\x03" + data)
    with pytest.raises(InputError):
        governance.read_record(b"\x02" + data)


def test_an_erasure_states_target_and_ground() -> None:
    fact = ledger.BodyErased("01a00000-0000-7000-8000-000000000000", ledger.ErasureBasis.CHILD)
    assert fact.TYPE.tag == 1
    assert fact.subjects() == (fact.target,)
    assert facts.read_body_erased(fact.body()) == fact
    for body in (b"[]", b"{}", b'{"basis":"whim","target":"%s"}' % fact.target.encode(), b'{"basis":[],"target":1}'):
        with pytest.raises(InputError):
            facts.read_body_erased(body)


def test_capacities_of_drafts_are_packed_as_numbers(house) -> None:
    batch = house.seal([house.draft(capacity=Capacity.AI_DEVELOPER)])
    assert batch.envelopes[0][35] == 7
    assert envelope.LAYOUT.size == envelope.ENVELOPE_BYTES
