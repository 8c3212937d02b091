"""Typed ids: sixteen bytes in, sixteen bytes out, order kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import typed_id, uuid_of

UUIDS = st.binary(min_size=16, max_size=16)


@given(UUIDS)
def test_round_trip(uuid: bytes) -> None:
    text = typed_id("party", uuid)
    assert len(text) == len("party_") + 26
    assert uuid_of(text, prefix="party") == uuid


@given(UUIDS, UUIDS)
def test_byte_order_is_kept(first: bytes, second: bytes) -> None:
    left, right = typed_id("rec", first), typed_id("rec", second)
    assert (left < right) is (first < second)
    assert (left == right) is (first == second)


def test_vectors_of_the_typeid_specification() -> None:
    assert typed_id("prefix", bytes(16)) == "prefix_00000000000000000000000000"
    assert typed_id("prefix", b"\xff" * 16) == "prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz"
    assert uuid_of("prefix_0123456789abcdefghjkmnpqrs", prefix="prefix").hex() == "0110c8531d0952d8d73e1194e95b5f19"


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_uuid_has_sixteen_bytes(size: int) -> None:
    with pytest.raises(InputError):
        typed_id("party", bytes(size))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "party",
        "party_",
        "work_00000000000000000000000000",
        "party_0000000000000000000000000",
        "party_000000000000000000000000000",
        "party_80000000000000000000000000",
        "party_0000000000000000000000000i",
        "party_0000000000000000000000000U",
        "PARTY_00000000000000000000000000",
        "party_0000000000000000000000000\u0660",
        "party_0000000000000000000000000\n",
        "party00000000000000000000000000",
        "x" * 10_000,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        uuid_of(text, prefix="party")


@given(st.text(max_size=40))
def test_any_text_is_an_id_or_an_input_error(text: str) -> None:
    try:
        uuid = uuid_of(text, prefix="party")
    except InputError:
        return
    assert typed_id("party", uuid) == text
