"""ISCC, International Standard Content Code (ISO 24138): `ISCC:AAAZXZ6OU74YAZIM`, stored without `ISCC:`.

Base 32 (RFC 4648, no padding) of a header and a body. The header says MainType, SubType, Version and Length,
each in a variable number of 4-bit nibbles, and is filled up to whole bytes. The code describes content; it is
no proof of who made it. There is no check digit, but header and length must agree.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cantoria.codes.shape import compacted, passes, refuse
from cantoria.codes.types import Checked, Scheme
from cantoria.kernel.errors import InputError

SCHEME: Final = Scheme.ISCC

_FORM: Final = re.compile(r"[A-Z2-7]{10,128}")
_MEDIA: Final = ("text", "image", "audio", "video", "mixed")
_COMPOSITE: Final = (*_MEDIA, "sum", "none", "wide")


class MainType(IntEnum):
    """What a code is similar in."""

    META = 0
    SEMANTIC = 1
    CONTENT = 2
    DATA = 3
    INSTANCE = 4
    ISCC = 5
    ID = 6


@dataclass(frozen=True, slots=True)
class Decoded:
    """An ISCC taken apart: `subtype` is `none` where the main type has none, `bits` the length of `body`."""

    main_type: MainType
    subtype: str
    version: int
    bits: int
    body: bytes


def decode(text: str) -> Decoded:
    """Return the header fields and the body; `InputError` where they do not make an ISCC."""
    code = compacted(SCHEME, text, _FORM, "ISCC:AAAZXZ6OU74YAZIM")
    try:
        data = b32decode(code + "=" * (-len(code) % 8))
        if b32encode(data).decode().rstrip("=") != code:
            raise InputError("unused bits are not zero")
        return _decode(data)
    except (ValueError, InputError) as error:
        raise refuse(SCHEME, text, f"does not decode: {error}", "copy the whole code again") from error


def compact(text: str) -> str:
    """Return the stored form, base 32 without `ISCC:`; `InputError` unless it decodes."""
    decode(text)
    return compacted(SCHEME, text, _FORM, "ISCC:AAAZXZ6OU74YAZIM")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` unless it decodes."""
    return Checked(compact(text))


def is_valid(text: str) -> bool:
    """Tell whether the code decodes and its length is the one that its header says."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, with `ISCC:`."""
    return "ISCC:" + compact(text)


def _decode(data: bytes) -> Decoded:
    nibbles = [nibble for byte in data for nibble in (byte >> 4, byte & 15)]
    position, fields = 0, []
    for _ in range(4):
        value, width = _variable_nibbles(nibbles[position : position + 4])
        fields.append(value)
        position += width
    if position % 2:
        if position == len(nibbles) or nibbles[position]:
            raise InputError("the header is not filled up with zero")
        position += 1
    main, subtype, version, length = fields
    if main > MainType.ID:
        raise InputError(f"main type {main} is unknown")
    main_type, body = MainType(main), data[position // 2 :]
    if version > (1 if main_type is MainType.ID else 0):
        raise InputError(f"version {version} is unknown")
    name, bits = _subtype(main_type, subtype), _bits(main_type, subtype, length)
    if len(body) * 8 != bits:
        raise InputError(f"the header says {bits} bits, the body has {len(body) * 8}")
    return Decoded(main_type, name, version, bits, body)


def _variable_nibbles(nibbles: list[int]) -> tuple[int, int]:
    """Return the number at the start of `nibbles` and how many of them it takes.

    0xxx is 0-7, 10 and six bits 8-71, 110 and nine bits 72-583, 1110 and twelve bits 584-4679.
    """
    base = 0
    for width in range(1, min(len(nibbles), 4) + 1):
        bits = 3 * width
        if not nibbles[0] >> (4 - width) & 1:
            number = int("".join(f"{nibble:x}" for nibble in nibbles[:width]), 16)
            return base + (number & (1 << bits) - 1), width
        base += 1 << bits
    raise InputError("the header is cut off or out of range")


def _subtype(main_type: MainType, subtype: int) -> str:
    """Return the name of a subtype; what an ISCC-ID counts there (its realm) stays a number."""
    if main_type is MainType.ID:
        return str(subtype)
    names: tuple[str, ...] = ("none",)
    if main_type is MainType.ISCC:
        names = _COMPOSITE
    elif main_type in (MainType.SEMANTIC, MainType.CONTENT):
        names = _MEDIA
    if subtype >= len(names):
        raise InputError(f"subtype {subtype} is unknown")
    return names[subtype]


def _bits(main_type: MainType, subtype: int, length: int) -> int:
    """Return the length of the body in bits.

    A composite has 64 bits each of Data and Instance and of every unit flagged in `length` (Meta, Semantic,
    Content); `sum` has no other unit, and `wide` has 128 bits each of Data and Instance.
    """
    if main_type is MainType.ID:
        return 64 + 8 * length
    if length > 7:
        raise InputError(f"length field {length} is out of range")
    if main_type is not MainType.ISCC:
        return 32 * (length + 1)
    if _COMPOSITE[subtype] in ("sum", "wide") and length:
        raise InputError(f"a code of subtype {_COMPOSITE[subtype]} has Data and Instance only")
    return 256 if _COMPOSITE[subtype] == "wide" else 64 * (2 + length.bit_count())
