"""What all readers of signals share: bounded bytes, strict JSON, findings, and paths in one form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlsplit

from cantoria.consent.signals import OutsideSignal, quoted
from cantoria.formats.limits import SIGNALS
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

_BLOCK_BYTES: Final = 65_536
_PATH_SAFE: Final = "/*$?&=;:@!'(),+~-._[]"


class SignalsRead(NamedTuple):
    """What was read: the signals in the order in which they stand, and what is odd about their source."""

    signals: tuple[OutsideSignal, ...]
    findings: tuple[Finding, ...]

    def __add__(self, other: object) -> SignalsRead:
        if not isinstance(other, SignalsRead):
            return NotImplemented
        return SignalsRead(self.signals + other.signals, self.findings + other.findings)


NOTHING_READ: Final = SignalsRead((), ())


@dataclass(slots=True)
class Notes:
    """The findings of one source; beyond the limit only that there are more."""

    file: str
    found: list[Finding] = field(default_factory=list)

    def add(
        self, message: str, *, remedy: str = "", line: int = 0, field: str = "", value: object = "", info: bool = False
    ) -> None:
        """Note what is odd; what is quoted from the source is made one short line."""
        if len(self.found) > SIGNALS.findings_max:
            return
        if len(self.found) == SIGNALS.findings_max:
            message, remedy, field, value = "there are more findings than are listed", "", "", ""
        self.found.append(
            Finding(
                file=self.file,
                line=line,
                field=quoted(field),
                value=quoted(str(value))[:200],
                message=message,
                remedy=remedy,
                severity=Severity.INFO if info else Severity.WARNING,
            )
        )

    def all(self) -> tuple[Finding, ...]:
        """Return the findings."""
        return tuple(self.found)


def take(source: bytes | BinaryIO, *, file: str, bytes_max: int = SIGNALS.file_bytes_max) -> bytes:
    """Return all bytes of a source. One with more than `bytes_max` is an `InputError`, before the rest is read."""
    data = take_some(source, bytes_max=bytes_max + 1)
    if len(data) > bytes_max:
        raise InputError(f"{file} has more than {bytes_max} bytes", "no such file has: do not trust its sender")
    return data


def take_some(source: bytes | BinaryIO, *, bytes_max: int) -> bytes:
    """Return the first bytes of a source, at most so many."""
    if isinstance(source, bytes):
        return source[:bytes_max]
    parts: list[bytes] = []
    left = bytes_max
    while left and (part := source.read(min(left, _BLOCK_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def text_of(data: bytes, *, file: str) -> str:
    """Return UTF-8 text without its byte order mark; anything else is an `InputError`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 at byte {error.start}", "save it as UTF-8") from error


def parse_json(data: bytes, *, file: str) -> Any:
    """Return the JSON value; what nests too deep, names a key twice, or holds too much is an `InputError`."""
    try:
        value = json.loads(text_of(data, file=file), object_pairs_hook=_no_twin, parse_constant=_no_constant)
    except InputError as error:
        raise InputError(f"{file}: {error.message}", error.remedy) from error
    except RecursionError as error:
        raise InputError(f"{file} is nested too deep", "no such file is") from error
    except ValueError as error:  # not JSON, or a number of thousands of digits
        raise InputError(f"{file} is not JSON: {quoted(str(error))}", "write it again") from error
    _check(value, file)
    return value


def _no_twin(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InputError("an object names a key twice, and readers would disagree on it", "name each key once")
    return found


def _no_constant(name: str) -> Any:
    raise InputError(f"{name} is no JSON number", "leave it out")


def _check(value: Any, file: str) -> None:
    """Hold a value to the limits, level by level."""
    level, count = [value], 0
    for _ in range(SIGNALS.depth_max):
        count += len(level)
        if count > SIGNALS.values_max:
            raise InputError(f"{file} holds more than {SIGNALS.values_max} values", "no such file does")
        level = [item for one in level for item in _items(one)]
        if not level:
            return
    raise InputError(f"{file} is nested deeper than {SIGNALS.depth_max}", "no such file is")


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def listed(value: Any) -> list[Any]:
    """Return a JSON value that may stand alone or in a list as a list; None is an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def path_of(address: str) -> str:
    """Return the path and query of an address or a path, in the one form in which patterns are compared; `/` where
    there is none. Escapes of letters that need none are undone, others are upper case (RFC 9309 section 2.2.2)."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return "/"
    path = parts.path if parts.path.startswith("/") else "/" + parts.path
    return normal(path + (f"?{parts.query}" if parts.query else ""))


def normal(pattern: str) -> str:
    """Return a path or pattern of paths in that one form."""
    return quote(unquote_to_bytes(pattern), safe=_PATH_SAFE)


def is_address(text: str) -> bool:
    """Tell whether a text is an address on the web."""
    return text.lower().startswith(("https://", "http://"))
