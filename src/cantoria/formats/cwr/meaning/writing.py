"""Entries as a CWR file: one registration for each work, at constant memory.

Transactions go into one group, NWR (or REV) in 2.x and WRK in 3.x. A work that no registration can tell truly is left
out; that and all that CWR has no room for is noted in `lost`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cantoria.formats.cwr.layout import Layout, layout_of
from cantoria.formats.cwr.meaning.casting import Casting
from cantoria.formats.cwr.meaning.composing import (
    TITLE_CHARS,
    Page,
    add_head,
    add_parts,
    add_recordings,
    add_references,
    add_titles,
    main_title,
)
from cantoria.formats.cwr.meaning.numbers import Numbers
from cantoria.formats.cwr.meaning.sender import Sender, header
from cantoria.formats.cwr.meaning.values import moment
from cantoria.formats.cwr.records import Transaction
from cantoria.formats.cwr.writer import write_transactions
from cantoria.formats.entries import Entry, Outcome, Work
from cantoria.formats.outgoing import Lost
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import ALWAYS

RECORDS_MAX: Final = 99_999


def write(
    entries: Iterable[Entry], *, sender: Sender, revision: bool = False, lost: Lost | None = None
) -> Iterator[bytes]:
    """Give the bytes of a CWR file that registers the works of the entries; `revision` makes them REV in 2.x."""
    made = Lost() if lost is None else lost
    at = moment(sender.created[:8])
    if at is None:
        raise InputError(f"{sender.created!r} is no time", "write YYYYMMDDHHMMSS")
    layout = layout_of(sender.version)
    kind = "WRK" if sender.major == "3" else "REV" if revision else "NWR"
    yield from write_transactions(
        header(sender), _transactions(entries, layout, kind=kind, numbers=Numbers(sender.namespace), at=at, lost=made)
    )


def _transactions(
    entries: Iterable[Entry], layout: Layout, *, kind: str, numbers: Numbers, at: int, lost: Lost
) -> Iterator[Transaction]:
    for entry in entries:
        if entry.outcome is not Outcome.REGISTER:
            continue
        _left(entry, lost)
        for work in entry.works:
            if work.mentioned:
                continue
            page = Page(layout, numbers, lost, {party.key: party for party in entry.parties}, thing=work.title)
            try:
                _registration(page, entry, work, kind=kind, at=at)
            except InputError as error:
                lost.note(f"a work is left out: {error.message}", error.remedy, thing=f"{work.key} {work.title}")
                continue
            require(bool(page.records), "a registration without records")
            yield Transaction(kind, 0, layout.version, tuple(page.records))


def _left(entry: Entry, lost: Lost) -> None:
    """Note what of an entry no registration of a work carries."""
    for release in entry.releases:
        lost.note("releases have no place in CWR", "send them as DDEX", thing=release.title)
    for recording in entry.recordings:
        if not recording.works:
            lost.note("a recording of no work has no place in CWR", "link it to its work", thing=recording.title)
        if recording.shares:
            lost.note("holders of recordings have no place in CWR", "send them as DDEX", thing=recording.title)
    for work in entry.works:
        periods = [one.period for one in work.shares] + [one.period for one in work.chains]
        if any(period != ALWAYS for period in periods):
            lost.note("periods of claims and chains are not told", "send them as an agreement", thing=work.title)


def _registration(page: Page, entry: Entry, work: Work, *, kind: str, at: int) -> None:
    title = main_title(work)
    if not title:
        raise InputError("it has no title", "give it one")
    own = {work.key, *(f"{scheme}:{text}" for scheme, text in work.codes)}
    recordings = tuple(one for one in entry.recordings if own & set(one.works))
    number = page.numbers.work(work)
    add_head(page, kind, work, title=title[:TITLE_CHARS].strip(), number=number, recorded=bool(recordings))
    Casting(page, work, at).add()
    add_titles(page, work, main=title)
    add_parts(page, work, {one.key: one for one in entry.works})
    add_recordings(page, recordings, title=title)
    add_references(page, work)
    if len(page.records) > RECORDS_MAX:
        raise InputError(f"it takes {len(page.records)} records", "tell its territories in larger ones")
