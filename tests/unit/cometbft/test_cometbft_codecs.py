"""What lies on disk or travels: marks, vote extensions, published cosignatures, the log in a genesis document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.cometbft import extensions
from cantoria.adapters.cometbft.extensions import Cosignature
from cantoria.adapters.cometbft.genesis import INLINE_BYTES_MAX, LogGenesis, inline, read_app_state
from cantoria.adapters.cometbft.mark import Mark, Tip, unpack_mark
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.testing.consortium import Consortium

COUNT = st.integers(0, 2**53 - 1)
ROOT = st.binary(min_size=32, max_size=32)
TIPS = st.lists(st.builds(Tip, COUNT, COUNT, ROOT), max_size=4).map(tuple)
MARKS = st.builds(
    Mark,
    height=COUNT,
    time=COUNT,
    app_hash=ROOT,
    tips=TIPS,
    published=COUNT,
    snapshots=st.lists(TIPS, max_size=3).map(tuple),
)
COSIGNATURES = st.builds(
    Cosignature, st.binary(min_size=4, max_size=4), st.integers(0, 2**64 - 1), st.binary(min_size=64, max_size=64)
)


@given(mark=MARKS)
def test_a_mark_is_read_back(mark: Mark) -> None:
    assert unpack_mark(mark.pack()) == mark
    assert unpack_mark(b"") == Mark()


@given(data=st.binary(min_size=1, max_size=80))
def test_a_damaged_mark_is_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="damaged"):
        unpack_mark(data)


@given(
    name=st.sampled_from(["app_hash", "height", "published", "snapshots", "time", "tips"]),
    value=st.none()
    | st.booleans()
    | st.text(max_size=4)
    | st.lists(st.integers(0, 3) | st.text(max_size=3), max_size=5),
)
def test_a_mark_of_another_shape_is_damaged(name: str, value: object) -> None:
    fields = canonical.decode(Mark(height=3, time=4, app_hash=bytes(32), tips=(Tip(3, 9, bytes(32)),)).pack())
    data = canonical.encode(fields | {name: value})
    try:
        found = unpack_mark(data)
    except IntegrityError:
        return
    assert found.pack() == data


@given(cosignature=COSIGNATURES)
def test_a_vote_extension_is_read_back(cosignature: Cosignature) -> None:
    packed = extensions.pack_extension(cosignature)
    assert len(packed) == extensions.EXTENSION_BYTES
    assert extensions.unpack_extension(packed) == cosignature
    assert extensions.unpack_extension(b"") is None
    for other in (packed[:-1], packed + b"\x00", b"\x02" + packed[1:]):
        with pytest.raises(InputError):
            extensions.unpack_extension(other)


@given(height=st.integers(0, 2**64 - 1), found=st.lists(COSIGNATURES, min_size=1, max_size=64))
def test_published_cosignatures_are_read_back(height: int, found: list[Cosignature]) -> None:
    packed = extensions.pack_transaction(height, found)
    assert extensions.unpack_transaction(packed) == (height, found)


@pytest.mark.parametrize("count", [0, 65])
def test_none_or_too_many_cosignatures_are_no_transaction(count: int) -> None:
    packed = extensions.pack_transaction(1, [Cosignature(bytes(4), 1, bytes(64))] * count)
    with pytest.raises(InputError):
        extensions.unpack_transaction(packed)


@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_transaction_of_cosignatures_or_refused(data: bytes) -> None:
    try:
        height, found = extensions.unpack_transaction(data)
    except InputError:
        return
    assert extensions.pack_transaction(height, found) == data


def test_a_small_log_stands_whole_in_the_genesis() -> None:
    genesis = Consortium(4).genesis()
    assert len(genesis.entries) == genesis.size == 10
    assert read_app_state(genesis.app_state()) == genesis


def test_a_large_log_is_only_named() -> None:
    assert inline([b"x" * 1000] * (INLINE_BYTES_MAX // 1000)) == ()
    genesis = LogGenesis("log.example.org/x", 10**9, bytes(32), bytes(32))
    assert "entries" not in genesis.app_state()
    assert read_app_state(genesis.app_state()) == genesis


GOOD = Consortium(4).genesis().app_state()
VALUES = st.none() | st.integers(-1, 3) | st.text(max_size=5) | st.lists(st.integers(), max_size=2) | st.just("zz" * 32)


@given(name=st.sampled_from([*sorted(GOOD), "more"]), value=VALUES, drop=st.booleans())
def test_any_app_state_is_read_or_refused(name: str, value: object, drop: bool) -> None:
    fields = {key: one for key, one in GOOD.items() if key != name} if drop else GOOD | {name: value}
    try:
        found = read_app_state(fields)
    except InputError:
        return
    assert found.app_state().items() <= {**GOOD, **found.app_state()}.items()
    assert isinstance(found.size, int)


@pytest.mark.parametrize("value", [None, [], "text", 7, {}, {"format": "cantoria-genesis/v2"}])
def test_what_is_no_app_state_is_refused(value: object) -> None:
    with pytest.raises(InputError):
        read_app_state(value)
