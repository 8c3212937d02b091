"""A byte stream whose first bytes can be looked at before it is read."""

from __future__ import annotations

from io import BufferedReader, RawIOBase
from typing import BinaryIO, cast


class Pushback(BufferedReader):
    """`stream` as a buffered reader, also where it cannot seek."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(cast(RawIOBase, _Raw(stream)), 1 << 16)


class _Raw(RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
