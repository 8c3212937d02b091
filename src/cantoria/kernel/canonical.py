"""Canonical bytes of a JSON value: RFC 8785 (JCS), restricted to integers.

Floats are refused: money and evidence are integers or exact fractions written as text. Integers are bounded by
±(2^53 - 1) as RFC 8785 section 3.2.2.3 (I-JSON, RFC 7493) demands; larger ones are written as text by the caller.
"""

from __future__ import annotations

import json
from typing import Any, Final

from cantoria.kernel.errors import InputError

INTEGER_MAX: Final = 2**53 - 1
DEPTH_MAX: Final = 64

_PLAIN: Final = frozenset((str, bool, type(None)))
_SORTING: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_KEEPING: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Json = None | bool | int | str | list[Any] | dict[str, Any]


def encode(value: Any) -> bytes:
    """Return the one canonical UTF-8 encoding of `value`.

    Raises `InputError` for floats, integers beyond 2^53 - 1, keys that are not text, lone surrogates and nesting
    deeper than `DEPTH_MAX`.
    """
    ascii_keys = _check(value, 0)
    if not ascii_keys:
        value = _sorted_utf16(value)
    return _utf8((_SORTING if ascii_keys else _KEEPING).encode(value))


def encode_plain(value: Any) -> bytes:
    """Return the canonical encoding of a value made by `kernel.codec.to_json`, which lets nothing else through than
    ASCII keys and bounded integers: the same bytes as `encode`, without looking again."""
    return _utf8(_SORTING.encode(value))


def decode(data: bytes, *, size_max: int = 16 * 1024 * 1024) -> Any:
    """Return the value of canonical bytes; anything that is not byte-for-byte canonical is refused."""
    if len(data) > size_max:
        raise InputError(f"JSON of {len(data)} bytes is larger than {size_max}", "send a smaller document")
    try:
        value = _STRICT.decode(data.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"not canonical JSON: {error}", "send RFC 8785 JSON with integers only") from error
    # In ASCII without escapes all keys are ASCII; then a plain sort is the canonical order.
    # With at most `DEPTH_MAX` brackets it cannot be nested deeper either: nothing is left for `encode` to refuse.
    shallow = data.count(b"{") + data.count(b"[") <= DEPTH_MAX
    fast = shallow and data.isascii() and b"\\u" not in data
    try:
        same = (_SORTING.encode(value).encode() if fast else encode(value)) == data
    except RecursionError as error:
        raise InputError(f"nested deeper than {DEPTH_MAX}", "flatten the document") from error
    if not same:
        raise InputError("JSON is not in canonical form", "encode it by RFC 8785 (sorted keys, no spaces)")
    return value


def parse(data: bytes, *, size_max: int = 16 * 1024 * 1024) -> Any:
    """Return the value of JSON that a person wrote: any spelling, but integers only and no key twice."""
    if len(data) > size_max:
        raise InputError(f"JSON of {len(data)} bytes is larger than {size_max}", "send a smaller document")
    try:
        value = json.loads(
            data.decode("utf-8-sig"), parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_no_twin
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"not usable JSON: {error}", "write UTF-8 JSON with integers only") from error
    _check(value, 0)
    return value


def _check(value: Any, depth: int) -> bool:
    """Refuse what has no canonical form; tell whether all keys are ASCII (then code point order is UTF-16 order).

    Plain items are passed over without a call: this is the hottest loop of every append.
    """
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise InputError(f"integer {value} is beyond 2^53 - 1", "write it as text")
        return True
    if kind is not dict and kind is not list and kind is not tuple:
        raise InputError(f"{kind.__name__} has no canonical JSON form", "use text, integers, lists and objects")
    if depth >= DEPTH_MAX and value:
        raise InputError(f"nested deeper than {DEPTH_MAX}", "flatten the document")
    ascii_keys = True
    if kind is dict:
        for key in value:
            if type(key) is not str:
                raise InputError(f"object key {key!r} is not text", "use text keys")
            if not key.isascii():
                ascii_keys = False
        value = value.values()
    for item in value:
        if type(item) not in _PLAIN and not _check(item, depth + 1):
            ascii_keys = False
    return ascii_keys


def _sorted_utf16(value: Any) -> Any:
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass"))
        return {key: _sorted_utf16(item) for key, item in ordered}
    if isinstance(value, list | tuple):
        return [_sorted_utf16(item) for item in value]
    return value


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError("text holds a lone surrogate", "send valid Unicode") from error


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > INTEGER_MAX:
        raise ValueError(f"integer {text:.40} is beyond 2^53 - 1")
    return int(text)


def _no_float(text: str) -> Any:
    raise ValueError(f"number {text} is not an integer")


def _no_twin(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a key twice")
    return found


_STRICT: Final = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float, parse_int=_integer)
