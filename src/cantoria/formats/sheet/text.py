"""From bytes to lines of text: the encoding is told by what the bytes are, never by a guess that hides one.

A byte order mark decides; else the first bytes beyond ASCII do: UTF-8 where they are UTF-8, else CP949 (Korean Excel)
where they are that and spell Hangul, else Windows-1252 where that gives letters with accents. A line that is not in
the encoding of its file is given as `Undecoded`, so that it can be refused by itself.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.kernel.errors import InputError

ENCODINGS: Final = ("utf-8", "cp949", "cp1252", "utf-16-le", "utf-16-be")
_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_GZIP: Final = b"\x1f\x8b"
_WESTERN: Final = "“”‘’–—…¿¡€°«»"
_CHUNK: Final = 1 << 18


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Undecoded:
    """A line that is not text in the encoding of its file."""

    encoding: str


class Lines:
    """The lines of a text file, with their line ends. `encoding` is known once a line beyond ASCII was read."""

    __slots__ = ("_chunks", "_limits", "encoding", "file")

    def __init__(self, stream: Readable, *, file: str, encoding: str = "", limits: SheetLimits = SHEET) -> None:
        """Open `stream` (gzip is unpacked as it is read); `encoding` forces one of `ENCODINGS`."""
        if encoding and encoding not in ENCODINGS:
            raise InputError(f"{encoding[:40]!r} is no encoding that is read", f"use one of {', '.join(ENCODINGS)}")
        self.file, self.encoding, self._limits = file, encoding, limits
        self._chunks = _bounded(stream, file, limits)

    def __iter__(self) -> Iterator[str | Undecoded]:
        first = next(self._chunks, b"")
        for mark, name in _MARKS:
            if first.startswith(mark) and self.encoding in ("", name):
                first, self.encoding = first[len(mark) :], name
        if self.encoding.startswith("utf-16"):
            yield from self._wide(first)
        else:
            yield from self._narrow(first)

    def _narrow(self, first: bytes) -> Iterator[str | Undecoded]:
        """Give the lines of an encoding in which a line feed is one byte."""
        kept = first
        while True:
            # The last line is kept even where it ends in a return: a line feed may follow.
            *whole, kept = kept.splitlines(keepends=True) or [b""]
            yield from self._decoded(whole)
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            if len(kept) > self._limits.line_bytes_max:
                raise _too_long(self.file, self._limits)
            kept += chunk
        yield from self._decoded(kept.splitlines(keepends=True))

    def _decoded(self, lines: list[bytes]) -> Iterator[str | Undecoded]:
        if not self.encoding:
            self.encoding = told([line for line in lines if not line.isascii()])
        for line in lines:
            if len(line) > self._limits.line_bytes_max:
                raise _too_long(self.file, self._limits)
            try:
                yield line.decode(self.encoding or "ascii")
            except UnicodeDecodeError:
                yield Undecoded(self.encoding)

    def _wide(self, first: bytes) -> Iterator[str | Undecoded]:
        decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
        kept, chunk = "", first
        while True:
            kept += decoder.decode(chunk)
            *whole, kept = kept.split("\n")
            yield from (self._sound(line + "\n") for line in whole)
            if len(kept) > self._limits.line_bytes_max:
                raise _too_long(self.file, self._limits)
            following = next(self._chunks, None)
            if following is None:
                break
            chunk = following
        kept += decoder.decode(b"", final=True)
        yield from (self._sound(line + "\n") for line in kept.split("\n") if line)

    def _sound(self, line: str) -> str | Undecoded:
        if len(line) > self._limits.line_bytes_max:
            raise _too_long(self.file, self._limits)
        return Undecoded(self.encoding) if "\ufffd" in line else line


def told(lines: list[bytes]) -> str:
    """Return the encoding of lines that are not ASCII alone: of most of them, so that a broken one decides nothing."""
    if not lines:
        return ""
    if sum(_reads(line, "utf-8") is not None for line in lines) * 2 >= len(lines):
        return "utf-8"
    korean = [text for line in lines if (text := _reads(line, "cp949")) is not None]
    if len(korean) * 2 >= len(lines) and _korean("".join(korean)):
        return "cp949"
    western = [text for line in lines if (text := _reads(line, "cp1252")) is not None]
    # What is neither is not guessed at: read as UTF-8 its lines are refused.
    return "cp1252" if len(western) * 2 >= len(lines) and _western("".join(western)) else "utf-8"


def _reads(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _korean(text: str) -> bool:
    """Tell whether most of what is beyond ASCII is Hangul or a sign of East Asian text: Western text read as CP949
    gives rare Chinese characters instead."""
    beyond = [letter for letter in text if letter > "\x7f"]
    usual = sum("\uac00" <= letter <= "\ud7a3" or "\u3000" <= letter <= "\u303f" for letter in beyond)
    return usual * 2 > len(beyond)


def _western(text: str) -> bool:
    """Tell whether text read as Windows-1252 is that: letters with accents among plain ones."""
    signs = [sign for sign in text if not sign.isspace()]
    beyond = [sign for sign in signs if sign > "\x7f"]
    usual = sum(sign.isalpha() or sign in _WESTERN for sign in beyond)
    return usual * 10 >= len(beyond) * 9 and len(beyond) * 10 <= len(signs) * 4


def _bounded(stream: Readable, file: str, limits: SheetLimits) -> Iterator[bytes]:
    """Give the bytes of a stream, unpacked where it is gzip; no more than is allowed."""
    first = stream.read(_CHUNK)
    if not first.startswith(_GZIP):
        yield from _counted(_rest(first, stream), file, limits)
        return
    unpacker = gzip.GzipFile(fileobj=Joined(first, stream))  # type: ignore[call-overload]
    yield from _counted(_unpacked(unpacker, file), file, limits)


def _rest(first: bytes, stream: Readable) -> Iterator[bytes]:
    yield first
    while chunk := stream.read(_CHUNK):
        yield chunk


def _unpacked(unpacker: gzip.GzipFile, file: str) -> Iterator[bytes]:
    while True:
        try:
            chunk = unpacker.read(_CHUNK)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{file} is a broken gzip file: {error}", "pack it again, or send it unpacked") from error
        if not chunk:
            return
        yield chunk


def _counted(chunks: Iterator[bytes], file: str, limits: SheetLimits) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > limits.text_bytes_max:
            raise InputError(f"{file} has more than {limits.text_bytes_max} bytes", "split the file")
        yield chunk


class Joined:
    """A stream whose first bytes were read already."""

    def __init__(self, first: bytes, stream: Readable) -> None:
        self._first, self._stream = first, stream

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all of them where it is negative."""
        if not self._first:
            return self._stream.read(size)
        taken, self._first = self._first, b""
        if 0 <= size < len(taken):
            taken, self._first = taken[:size], taken[size:]
            return taken
        return taken + self._stream.read(size - len(taken) if size >= 0 else -1)


def _too_long(file: str, limits: SheetLimits) -> InputError:
    return InputError(f"{file} has a line of more than {limits.line_bytes_max} bytes", "this is no table of text")
