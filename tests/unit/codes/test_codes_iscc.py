"""ISCC headers: published codes, and every way in which header and body can disagree."""

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.codes import iscc
from cantoria.codes.iscc import MainType
from cantoria.kernel.errors import InputError


def code_of(header: list[int], body: bytes) -> str:
    """Return the code of single-nibble header fields and a body."""
    data = bytes([header[0] << 4 | header[1], header[2] << 4 | header[3]]) + body
    return b32encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    ("text", "main_type", "subtype", "bits"),
    [
        ("AAAZXZ6OU74YAZIM", MainType.META, "none", 64),
        ("AABJXZ6OU4E45RB57GAGKDA", MainType.META, "none", 96),
        ("AABZXZ6OU4E45RB57GAGKDGHZXV74", MainType.META, "none", 128),
        ("AADZXZ6OU4E45RB57GAGKDGHZXV752RFK424V76TRVZ2TKS2K6X5VVA", MainType.META, "none", 256),
        ("EAASL4F2WZY7KBXB", MainType.CONTENT, "text", 64),
        ("EEAQAAAAAAAAAAAA", MainType.CONTENT, "image", 64),
        ("KACT46A6S3L5XTH3O2UXRHPKZOTRV2QZ2UDAEVWVWOACDIKE4HHI7VA", MainType.ISCC, "text", 256),
    ],
)
def test_published_codes(text: str, main_type: MainType, subtype: str, bits: int) -> None:
    found = iscc.decode(text)
    assert (found.main_type, found.subtype, found.version, found.bits) == (main_type, subtype, 0, bits)
    assert len(found.body) * 8 == bits
    assert iscc.compact(iscc.format(text.lower())) == text


def test_audio_content_code() -> None:
    found = iscc.decode(code_of([2, 2, 0, 1], bytes(8)))
    assert (found.main_type, found.subtype, found.bits) == (MainType.CONTENT, "audio", 64)


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ([5, 5, 0, 0], 16),
        ([5, 7, 0, 0], 32),
        ([5, 2, 0, 1], 24),
        ([5, 2, 0, 5], 32),
        ([5, 2, 0, 7], 40),
        ([5, 6, 0, 4], 24),
        ([6, 0, 0, 0], 8),
        ([6, 1, 1, 0], 8),
        ([6, 0, 0, 2], 10),
        ([4, 0, 0, 7], 32),
    ],
)
def test_lengths_by_header(header: list[int], length: int) -> None:
    assert iscc.is_valid(code_of(header, bytes(length)))
    assert not iscc.is_valid(code_of(header, bytes(length + 1)))
    assert not iscc.is_valid(code_of(header, bytes(length - 1)))


@pytest.mark.parametrize(
    "header",
    [[7, 0, 0, 1], [0, 1, 0, 1], [3, 1, 0, 1], [2, 5, 0, 1], [0, 0, 1, 1], [5, 5, 0, 1], [5, 7, 0, 4]],
)
def test_unknown_headers_are_refused(header: list[int]) -> None:
    for length in (8, 16, 24, 32):
        with pytest.raises(InputError):
            iscc.decode(code_of(header, bytes(length)))


def test_variable_header() -> None:
    # 0110 0000 0000 then 10 000001: an ISCC-ID whose length field is 9, so that a nibble of padding follows.
    body = bytes(17)
    data = bytes.fromhex("60081" + "0") + body
    found = iscc.decode(b32encode(data).decode().rstrip("="))
    assert (found.main_type, found.bits) == (MainType.ID, 64 + 8 * 9)
    padded_wrongly = bytes.fromhex("60081" + "1") + body
    assert not iscc.is_valid(b32encode(padded_wrongly).decode().rstrip("="))


def test_bits_left_over_must_be_zero() -> None:
    good = "EADSKDNZNYGUUF5AMFEJLZ5P66CP5YKCOA3X7F36RWE4CIRCBTUWXYY"
    assert iscc.is_valid(good)
    assert not iscc.is_valid(good[:-1] + "Z")


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", max_size=130))
def test_any_base_32_text_decodes_or_is_refused(text: str) -> None:
    try:
        found = iscc.decode(text)
    except InputError:
        return
    assert len(found.body) * 8 == found.bits
    assert iscc.compact(text) == text


@given(st.binary(min_size=8, max_size=8), st.integers(0, 4))
def test_content_codes_carry_their_body(body: bytes, medium: int) -> None:
    found = iscc.decode(code_of([2, medium, 0, 1], body))
    assert found.body == body
