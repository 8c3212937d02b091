"""The lines of a CWR file: text, line number and manner, one after the other at constant memory.

Lines end by CRLF or LF, the last one by nothing if it likes. Text is decoded by the encoding that the header names,
else as UTF-8; a line that is neither stands as Latin-1. Encoding a line by its manner gives its bytes back.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, Final

from cantoria.formats.cwr.records import Manner
from cantoria.formats.limits import CWR

CRLF: Final = Manner("\r\n")
LF: Final = Manner("\n")
_BOM: Final = b"\xef\xbb\xbf"
# Control characters, and what Unicode counts to them, make text dangerous to show; printable ASCII never is.
_HARMLESS: Final = bytes(range(0x20, 0x7F)) + b"\r\n"
_CHARSETS: Final = {"BIG5": "big5", "GB": "gb18030", "UTF-8": "utf-8", "UTF8": "utf-8", "ASCII": "utf-8"}

Line = tuple[int, str, Manner]


def codec_of(charset: str) -> str:
    """Return the codec that a header's character set means; UTF-8 for none and for one that is not known."""
    name = charset.strip().upper()
    if name.startswith("ISO-8859-"):
        try:
            return codecs.lookup(name).name
        except LookupError:
            return "utf-8"
    return next((codec for prefix, codec in _CHARSETS.items() if prefix in name), "utf-8")


class Lines:
    """Iterates over (line number, text without its end, manner). `codec` may be set once the header is read.

    `clean` tells whether the lines given last hold printable ASCII only. A line beyond `line_bytes_max` is cut:
    `lost` counts the bytes that were not kept.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.codec = "utf-8"
        self.clean = True
        self.lost = 0
        self._stream = stream
        self._number = 0

    def __iter__(self) -> Iterator[Line]:
        rest = b""
        while chunk := self._stream.read(CWR.chunk_bytes):
            data = rest + chunk if rest else chunk
            rest = data[data.rfind(b"\n") + 1 :]
            yield from self._split(data[: len(data) - len(rest)])
            if len(rest) > CWR.line_bytes_max:
                self.clean = False
                yield self._one(rest[: CWR.line_bytes_max + 1], "")
                rest = self._skip(rest)
        ended = rest.rfind(b"\n") + 1
        yield from self._split(rest[:ended])
        if rest[ended:]:
            self.clean = b"\r" not in rest[ended:] and not rest[ended:].translate(None, _HARMLESS)
            yield self._one(rest[ended:], "")

    def _split(self, data: bytes) -> Iterator[Line]:
        """Give the lines of bytes that end by a line feed, if there are any."""
        if not data:
            return
        feeds, returns = data.count(b"\n"), data.count(b"\r")
        uniform = returns == (feeds if data.count(b"\r\n") == feeds else 0)
        self.clean = uniform and not data.translate(None, _HARMLESS)
        if self.clean:
            manner = CRLF if returns else LF
            pieces = data.decode("ascii").split(manner.end)
            pieces.pop()
            first = self._number + 1
            self._number += len(pieces)
            for number, text in enumerate(pieces, first):
                yield number, text, manner
            return
        for piece in data.split(b"\n")[:-1]:
            yield self._one(piece[:-1], "\r\n") if piece.endswith(b"\r") else self._one(piece, "\n")

    def _one(self, data: bytes, end: str) -> Line:
        self._number += 1
        if self._number == 1 and data.startswith(_BOM):
            text, codec = _decoded(data[3:], "utf-8")
            if codec == "utf-8":
                return self._number, text, Manner(end, "utf-8-sig")
        text, codec = _decoded(data, self.codec)
        return self._number, text, _MANNERS.setdefault((end, codec), Manner(end, codec))

    def _skip(self, rest: bytes) -> bytes:
        """Pass over the rest of a line that is too long; return what stands after it."""
        self.lost += len(rest) - CWR.line_bytes_max - 1
        while chunk := self._stream.read(CWR.chunk_bytes):
            found = chunk.find(b"\n")
            if found >= 0:
                self.lost += found + 1
                return chunk[found + 1 :]
            self.lost += len(chunk)
        return b""


_MANNERS: Final[dict[tuple[str, str], Manner]] = {("\r\n", "utf-8"): CRLF, ("\n", "utf-8"): LF}


def _decoded(data: bytes, codec: str) -> tuple[str, str]:
    """Return text and codec, such that encoding gives the bytes back."""
    for one in dict.fromkeys((codec, "utf-8")):
        try:
            text = data.decode(one)
            if one == "utf-8" or text.encode(one) == data:
                return text, one
        except UnicodeError:
            continue
    return data.decode("latin-1"), "latin-1"
