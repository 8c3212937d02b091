"""CWR: whatever the bytes, the reader ends, loses no byte, and can be shown; only `InputError` refuses a file."""

from __future__ import annotations

import io
from collections.abc import Iterator

from cantoria.formats.cwr.layout import VERSIONS
from cantoria.formats.cwr.lines import LF
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.view import plain, view
from cantoria.formats.cwr.writer import write_items, write_transactions
from cantoria.formats.limits import CWR
from cantoria.kernel.errors import InputError
from cantoria.testing.cwr_files import file_bytes, header, transactions


def one(data: bytes) -> None:
    """Read, write again, show."""
    try:
        items = list(read_transactions(io.BytesIO(data), file="fuzz"))
    except InputError:
        return
    written = b"".join(write_items(items))
    # Only lines beyond the limit and records beyond a transaction's may be left out.
    if written != data and max(map(len, data.split(b"\n"))) <= CWR.line_bytes_max:
        raise AssertionError("what was written is not what was read")
    for item in items:
        for shown in view(item):
            if not plain(shown).isprintable():
                raise AssertionError("the view passes on what is not printable")


def seeds() -> Iterator[bytes]:
    """Give small files of every version: one for each kind of transaction, and one with two works."""
    for version in VERSIONS:
        for made in transactions(version, seed=1, count=1, full=True):
            yield b"".join(write_transactions(header(version), [made]))
        yield file_bytes(version, seed=2, count=2, manner=LF)
