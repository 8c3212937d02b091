"""Frames come out as they went in, however the stream is cut; a hostile length is refused at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.adapters.cometbft.framing import FrameReader, framed, uvarint
from cantoria.kernel.errors import InputError


@given(messages=st.lists(st.binary(max_size=400), max_size=8), cuts=st.lists(st.integers(1, 50), min_size=1))
def test_any_cut_gives_the_same_messages(messages: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(framed(message) for message in messages)
    reader = FrameReader(bytes_max=400)
    found: list[bytes] = []
    at = step = 0
    while at < len(stream):
        size = cuts[step % len(cuts)]
        reader.feed(stream[at : at + size])
        at, step = at + size, step + 1
        while (message := reader.take()) is not None:
            found.append(message)
    assert found == messages
    assert not reader.partial


@given(number=st.integers(0, 2**40))
def test_a_varint_is_the_shortest(number: int) -> None:
    data = uvarint(number)
    assert sum((byte & 0x7F) << (7 * at) for at, byte in enumerate(data)) == number
    assert len(data) == max(1, -(-number.bit_length() // 7))
    assert all(byte & 0x80 for byte in data[:-1])
    assert not data[-1] & 0x80


@pytest.mark.parametrize(
    "head",
    [
        uvarint(101),
        uvarint(2**34),
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\x80\x80\x80\x80\x00",
        b"\x85\x00",
        b"\x80\x00",
    ],
    ids=["one too many", "huge", "endless", "endless zero", "not shortest", "zero, not shortest"],
)
def test_a_hostile_length_is_refused_before_its_body(head: bytes) -> None:
    reader = FrameReader(bytes_max=100)
    reader.feed(head)
    with pytest.raises(InputError):
        reader.take()


@given(data=st.binary(max_size=64))
def test_no_stream_does_anything_but_give_messages_or_be_refused(data: bytes) -> None:
    reader = FrameReader(bytes_max=32)
    reader.feed(data)
    taken = 0
    try:
        while (message := reader.take()) is not None:
            taken += len(framed(message))
    except InputError:
        return
    assert reader.partial == (taken < len(data))


def test_an_unfinished_length_waits() -> None:
    reader = FrameReader()
    reader.feed(b"\x80")
    assert reader.take() is None
    assert reader.partial
    reader.feed(b"\x01" + b"x" * 127)
    assert reader.take() is None
    reader.feed(b"x")
    assert reader.take() == b"x" * 128
