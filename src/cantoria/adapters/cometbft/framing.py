"""Messages on a byte stream: each is an unsigned varint, its length in bytes, and then that many bytes.

The framing of ABCI's socket protocol (CometBFT `spec/abci`, "Socket Protocol"). Reading is incremental and linear in
what arrives, whatever the pieces, and a length that is not believed is refused before any of it is waited for.
"""

from __future__ import annotations

from typing import Final

from cantoria.kernel.errors import InputError

# A block is 4 MB with us and never more than 100 MB with CometBFT; a snapshot's chunk is 16 MB at most.
FRAME_BYTES_MAX: Final = 128 * 1024 * 1024
_PREFIX_BYTES_MAX: Final = 5


class FrameReader:
    """Turns pieces of a stream into whole messages of at most `bytes_max` bytes.

    After an `InputError` the stream has no meaning any more: close it.
    """

    __slots__ = ("_buffer", "_bytes_max")

    def __init__(self, *, bytes_max: int = FRAME_BYTES_MAX) -> None:
        self._buffer = bytearray()
        self._bytes_max = bytes_max

    def feed(self, piece: bytes | memoryview) -> None:
        """Take the next piece of the stream."""
        self._buffer += piece

    def take(self) -> bytes | None:
        """Return the next whole message, or None until more is fed. Raises `InputError` for a length that is too
        large or not in its shortest form."""
        head = self._prefix()
        if head is None:
            return None
        start, length = head
        end = start + length
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view:
            message = bytes(view[start:end])
        del self._buffer[:end]
        return message

    @property
    def partial(self) -> bool:
        """True inside a message: a stream that ends here was cut off."""
        return bool(self._buffer)

    def _prefix(self) -> tuple[int, int] | None:
        """Return where the message starts and its length, or None while the length itself is incomplete."""
        length = 0
        for at, byte in enumerate(self._buffer[:_PREFIX_BYTES_MAX]):
            length |= (byte & 0x7F) << (7 * at)
            if length > self._bytes_max:
                raise InputError(f"a message of more than {self._bytes_max} bytes was announced", "close the stream")
            if byte & 0x80:
                continue
            if byte == 0 and at > 0:
                raise InputError("a message's length is not in its shortest form", "close the stream")
            return at + 1, length
        if len(self._buffer) >= _PREFIX_BYTES_MAX:
            raise InputError("a message's length does not end", "close the stream")
        return None


def framed(message: bytes) -> bytes:
    """Return `message` with its length in front, as `FrameReader` takes it apart."""
    return uvarint(len(message)) + message


def uvarint(number: int) -> bytes:
    """Return the shortest unsigned varint of `number` ≥ 0: seven bits a byte, the lowest first (Protocol Buffers,
    "Base 128 Varints")."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
