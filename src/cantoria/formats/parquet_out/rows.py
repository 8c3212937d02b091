"""The rows that an entry makes in the tables of a Parquet export."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from cantoria.formats.entries.types import Entry, Outcome, Party, Recording, Release, Work
from cantoria.formats.outgoing import Lost, Outgoing, Thing, key_of, kind_of
from cantoria.formats.parquet_out.schema import PERCENT_DECIMALS
from cantoria.formats.plain_text import plain
from cantoria.kernel.periods import TIME_MIN, Period

Row = tuple[str, tuple[Any, ...]]  # the table and its cells in the order of its columns
_SCALE: Final = 10**PERCENT_DECIMALS


class Rows:
    """Makes rows of entries, each thing, link and claim once."""

    def __init__(self, lost: Lost) -> None:
        self._lost, self._outgoing = lost, Outgoing(lost)

    def of(self, entry: Entry) -> Iterator[Row]:
        """Give the rows of an entry."""
        if entry.outcome is not Outcome.REGISTER:
            return
        for thing in self._outgoing.definitions(entry):
            yield from self._thing(thing)
            for scheme, text in thing.codes:
                yield "codes", (kind_of(thing), key_of(thing), scheme, plain(text))
        for recording, work in self._outgoing.embodied(entry):
            yield "links", (key_of(recording), work)
        for subject, share in self._outgoing.claims(entry):
            yield (
                "shares",
                (
                    kind_of(subject),
                    key_of(subject),
                    share.party,
                    share.role.value,
                    share.right.value if share.right else None,
                    *_share(share.share),
                    share.territory,
                    *_moments(share.period),
                    share.tier.name.lower(),
                ),
            )
        for one in entry.works:
            yield from _collected(one)
        if entry.facts or entry.late:
            self._lost.note("facts of other kinds have no table here", "export the facts", thing=entry.kind)

    def _thing(self, thing: Thing) -> Iterator[Row]:
        key = key_of(thing)
        match thing:
            case Party():
                names = [(plain(name.text), name.script or None) for name in thing.names]
                first = names[0] if names else (None, None)
                yield "parties", (key, thing.kind.value, *first)
                for position, name in enumerate(names):
                    yield "names", (key, position, *name)
            case Work():
                yield "works", (key, plain(thing.title), thing.kind.value, thing.parts_complete)
                for part in thing.parts:
                    yield "parts", (key, part)
                yield from _titles(thing)
            case Recording():
                shown = (plain(thing.title), plain(thing.artist) or None, plain(thing.version) or None)
                yield "recordings", (key, *shown, thing.duration_ms, thing.samples_complete)
                for sample in thing.samples:
                    yield "samples", (key, sample)
                yield from _titles(thing)
            case Release():
                yield "releases", (key, plain(thing.title))
                for position, recording in enumerate(thing.recordings):
                    yield "placements", (key, position, recording)


def _titles(thing: Work | Recording) -> Iterator[Row]:
    for title in thing.titles:
        yield "titles", (kind_of(thing), key_of(thing), plain(title.text), title.kind.value, title.language or None)


def _collected(work: Work) -> Iterator[Row]:
    for one in work.collections:
        cells = (key_of(work), one.party, one.role.value, one.right.value, *_share(one.share), one.territory)
        yield "collections", cells
    for chain in work.chains:
        ends = (key_of(work), chain.grantor or None, chain.acquirer, chain.kind.value, chain.territory)
        yield "chains", (*ends, *_moments(chain.period), plain(chain.agreement) or None)


def _share(share: Fraction | None) -> tuple[str | None, Decimal | None]:
    """Return a share exactly and in percent."""
    if share is None:
        return None, None
    scaled = share.numerator * 100 * _SCALE // share.denominator
    return str(share), Decimal(scaled).scaleb(-PERCENT_DECIMALS)


def _moments(period: Period) -> tuple[int | None, int | None]:
    return (None if period.start == TIME_MIN else period.start), period.end
