"""What every fuzzed reader of entries must hold: each record has one outcome, and whatever was read can be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cantoria.formats import bwarm, csv_out, jsonld
from cantoria.formats.csvfamily import Context
from cantoria.formats.entries import Entry, Scribe, write_down
from cantoria.formats.types import Counts
from cantoria.kernel.ids import PartyId, typed_id


def use(entries: Iterable[Entry]) -> None:
    """Write entries down as facts and out in every form that is made of entries."""
    kept = list(entries)
    numbers = _numbers()

    def new_id(prefix: str) -> str:
        return typed_id(prefix, next(numbers).to_bytes(16, "big"))

    context = Context(
        sender=PartyId(typed_id("party", bytes(16))), namespace="FUZZ", now=0, new_id=new_id, lookup=lambda _: None
    )
    scribe, counts = Scribe(context, file="fuzz", sha256="0" * 64), Counts()
    for entry in kept:
        counts += write_down(scribe, entry).counts
    if counts.received != len(kept):
        raise AssertionError("a record is not accounted for")
    for writer in (csv_out.write, bwarm.write):
        for _, piece in writer(kept):
            piece.decode("utf-8")
    for piece in (*jsonld.write(kept), *jsonld.write_lines(kept)):
        piece.decode("utf-8")


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number
