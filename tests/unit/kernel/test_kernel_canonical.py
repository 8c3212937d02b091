"""Canonical JSON: the same bytes as the `rfc8785` package, and nothing else read back."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.canonical import DEPTH_MAX, INTEGER_MAX, decode, encode
from cantoria.kernel.errors import InputError

TEXT = st.text() | st.text('aé\u20ac\ue000\ufb33\U0001f600\U0001f3b5\x00\x1f"\\/\u2028', max_size=5)
SCALARS = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


@given(JSON)
def test_same_bytes_as_the_reference_package(value: Any) -> None:
    assert encode(value) == rfc8785.dumps(value)


@given(JSON)
def test_round_trip(value: Any) -> None:
    assert decode(encode(value)) == value


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_insertion_order_does_not_matter(value: dict[str, int], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert encode(dict(items)) == encode(value)


def test_keys_are_sorted_by_utf_16_units() -> None:
    # U+1F600 is D83D DE00 in UTF-16 and stands before U+FB33, though its code point is higher (RFC 8785 3.2.3).
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert list(decode(encode(value))) == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    expected = '{"a":1,"b":{"\U0001f600":2,"\ufb33":1}}'
    assert encode({"b": {"\ufb33": 1, "\U0001f600": 2}, "a": 1}) == expected.encode()


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        10**16,
        -(2**53),
        {1: 1},
        {None: 1},
        b"x",
        {1, 2},
        object(),
        "\ud800",
        {"\udfff": 1},
        [1, [2.5]],
    ],
)
def test_values_without_a_canonical_form_are_refused(value: Any) -> None:
    with pytest.raises(InputError):
        encode(value)


def test_depth_is_bounded() -> None:
    value: Any = 0
    for _ in range(DEPTH_MAX):
        value = [value]
    assert decode(encode(value)) == value
    for deeper in ([value], {"a": value}):
        with pytest.raises(InputError):
            encode(deeper)


@pytest.mark.parametrize("text", [b'"a"', '"é"'.encode()])
def test_what_is_nested_too_deep_to_write_is_not_read_either(text: bytes) -> None:
    deepest = b"[" * DEPTH_MAX + text + b"]" * DEPTH_MAX
    assert encode(decode(deepest)) == deepest
    with pytest.raises(InputError, match="nested deeper"):
        decode(b"[" + deepest + b"]")


@pytest.mark.parametrize(
    "data",
    [b"", b" 1", b"1 ", b"{ }", b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"1.0", b"1e3", b"-0", b"01", b"NaN", b"Infinity",
     b'"\\u0041"', b'"\\/"', b'"\xff"', b"\xef\xbb\xbf1", b"[1,]", b"{'a':1}", b"9007199254740992", b'"\\ud800"',
     b"[" * 100_000, b"1" * 10_000, b"null\n", b"tru"],
)  # fmt: skip
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        decode(data)


def test_size_is_bounded() -> None:
    assert decode(b'"aaa"', size_max=5) == "aaa"
    with pytest.raises(InputError):
        decode(b'"aaaa"', size_max=5)


@given(st.binary(max_size=40))
def test_any_bytes_are_canonical_or_an_input_error(data: bytes) -> None:
    try:
        value = decode(data)
    except InputError:
        return
    assert encode(value) == data
