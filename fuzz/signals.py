"""Outside signals: whatever the bytes, a reader gives signals or `InputError`, and what is weighed only ever tightens.

The first byte chooses the kind of file, the rest is the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

from cantoria.consent.signals import Weight, settle, weigh
from cantoria.formats.signals import Kind, kind_of, read
from cantoria.formats.signals.rows import words_of
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.testing.signal_files import REFUSED, SILENT, VALID

KINDS: Final = tuple(Kind)
NOW: Final = 1_790_000_000_000_000


def one(data: bytes) -> None:
    """Read a file and weigh what it says."""
    kind, body = KINDS[data[0] % len(KINDS)] if data else KINDS[0], data[1:]
    kind_of("fuzz", body)
    try:
        found = read(io.BytesIO(body), file="fuzz", kind=kind)
    except InputError:
        return
    for signal in found.signals:
        if len(words_of(signal).splitlines()) != 1:
            raise AssertionError("what a signal says is not one line")
    stands = settle(found.signals, path="/a/b.flac").stands
    for use in (Use.TRAIN_GENERATIVE, Use.INPUT):
        whole = weigh(stands, use=use, at=NOW, territory="0410")
        if whole.verdict is Weight.NOT_REFUSED and any(
            weigh([signal], use=use, at=NOW, territory="0410").verdict is Weight.REFUSED for signal in stands[:50]
        ):
            raise AssertionError("a signal was loosened by another")


def seeds() -> Iterator[bytes]:
    """Give a valid file of each kind, and broken ones that are small."""
    for kind, data in VALID.items():
        yield bytes([KINDS.index(kind)]) + data
    for kind, data in (*SILENT, *((kind, data) for kind, data, _ in REFUSED)):
        if len(data) < 1_000:
            yield bytes([KINDS.index(kind)]) + data
