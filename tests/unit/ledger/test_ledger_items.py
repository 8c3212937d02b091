"""Packed items: one form each, and nothing else is read as one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria import ledger
from cantoria.kernel.errors import InputError
from cantoria.ledger.items import ITEM_BYTES_MAX, pack_item, unpack_item

HOLD = ledger.Purpose.HOLDING


def attested(house, batch: ledger.Batch, count: int) -> ledger.Batch:
    others = [type(house)(f"holder {number}") for number in range(count)]
    found = [ledger.attest(batch.header, one.author, purpose=HOLD, claimed_at=house.now) for one in others]
    return replace(batch, attestations=ledger.in_order(found))


@pytest.mark.parametrize(("facts", "attestations"), [(1, 0), (1, 1), (3, 2), (1000, 64)])
def test_a_batch_comes_back_without_its_bodies(house, facts: int, attestations: int) -> None:
    batch = attested(house, house.batch(facts), attestations)
    data = pack_item(batch)
    assert data == b"".join((*batch.attestations, batch.header, *batch.envelopes))
    assert len(data) == 130 * attestations + 135 + 132 * facts <= ITEM_BYTES_MAX
    assert unpack_item(data) == replace(batch, salts=(), bodies=())


def test_a_record_comes_back_as_it_is(house) -> None:
    vote = ledger.seal_member_record(ledger.Vote(b"b" * 16, True, bytes(32)), house.author)
    assert pack_item(vote) == unpack_item(vote) == vote
    for broken in (b"", b"\x04" + vote[1:], b"\x03" + bytes(65_535)):
        with pytest.raises(InputError):
            pack_item(broken)
        with pytest.raises(InputError):
            unpack_item(broken)


def test_what_is_no_batch_is_not_packed(house) -> None:
    batch = attested(house, house.batch(2), 2)
    for broken in (
        replace(batch, header=batch.header[:-1]),
        replace(batch, header=b"\x01" + batch.header[1:]),
        replace(batch, envelopes=()),
        replace(batch, envelopes=batch.envelopes[:1]),
        replace(batch, envelopes=(*batch.envelopes[:1], batch.envelopes[1] + b"\0")),
        replace(batch, envelopes=(*batch.envelopes[:1], b"\x02" + batch.envelopes[1][1:])),
        replace(batch, attestations=batch.attestations[::-1]),
        replace(batch, attestations=(batch.attestations[0],) * 2),
    ):
        with pytest.raises(InputError):
            pack_item(broken)


def test_bytes_that_are_no_item_are_refused(house) -> None:
    data = pack_item(attested(house, house.batch(2), 2))
    swapped = data[130:260] + data[:130] + data[260:]
    for broken in (
        data[:-1],
        data + b"\0",
        data[1:],
        data + data,
        data[:260],
        data[:130],
        data[:395],
        swapped,
        b"\x05",
    ):
        with pytest.raises(InputError):
            unpack_item(broken)
    huge = data[: 260 + 25] + (2**32 - 1).to_bytes(4, "big") + data[260 + 29 :]
    with pytest.raises(InputError):
        unpack_item(huge)
    none = data[: 260 + 25] + bytes(4) + data[260 + 29 : 395]
    with pytest.raises(InputError):
        unpack_item(none)


@given(st.data())
def test_what_is_unpacked_packs_to_the_same_bytes(house, data: st.DataObject) -> None:
    packed = pack_item(attested(house, house.batch(2), 1))
    at = data.draw(st.integers(0, len(packed) - 1))
    changed = packed[:at] + data.draw(st.binary(min_size=1, max_size=3)) + packed[at + data.draw(st.integers(0, 3)) :]
    try:
        item = unpack_item(changed)
    except InputError:
        return
    assert pack_item(item) == changed
