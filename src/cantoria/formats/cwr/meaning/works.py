"""A registration (NWR, REV, WRK) as an entry: the work with all that the transaction says of it.

A registration says everything that its sender claims of the work: what it claimed before and does not repeat is taken
back. CWR19-1070R1 section 4.3 (2.x), CWR22-0478 section 4 (3.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from cantoria.formats.cwr.meaning.chains import Agreements, chains_of
from cantoria.formats.cwr.meaning.grid import TOLERANCE
from cantoria.formats.cwr.meaning.holders import Cast
from cantoria.formats.cwr.meaning.keys import fits, printable, society_code, society_number
from cantoria.formats.cwr.meaning.notes import Notes
from cantoria.formats.cwr.meaning.parts import Parts
from cantoria.formats.cwr.meaning.recordings import Recordings
from cantoria.formats.cwr.meaning.values import ALTERNATIVE, HUNDREDTHS, VALIDITY, number, text
from cantoria.formats.cwr.meaning.words import TITLE_KINDS, work_kind
from cantoria.formats.cwr.records import Record, Transaction
from cantoria.formats.entries import Code, Entry, Share, Title, Work
from cantoria.formats.types import Severity
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import Right, WorkKind

NUMBER: Final = ("submitter_work_number",)


@dataclass(slots=True)
class _Draft:
    """What the records say, sorted by what it is about."""

    cast: Cast
    parts: Parts
    recordings: Recordings
    titles: list[Title] = field(default_factory=list)
    codes: dict[Code, None] = field(default_factory=dict)


def work_entry(
    transaction: Transaction, records: Iterable[Record], notes: Notes, agreements: Agreements, *, at: int
) -> Entry:
    """Return the entry of a registration; `records` are those behind the first that are fit to be read."""
    head = transaction.records[0]
    key, title = printable(text(head, *NUMBER)), text(head, "work_title")
    draft = _Draft(Cast(key, notes, at), Parts(key, notes), Recordings(key, title, notes))
    for code in head_codes(head, notes):
        draft.codes[code] = None
    for record in records:
        if not (draft.cast.take(record) or draft.parts.take(record) or draft.recordings.take(record)):
            _other(draft, record, notes)
    kind = _kind(head)
    work = Work(
        key=key,
        title=title,
        titles=tuple(dict.fromkeys(draft.titles)),
        kind=kind,
        parts=draft.parts.keys(),
        parts_complete=_complete(head, kind, draft.parts, notes),
        codes=tuple(draft.codes),
        shares=_whole(draft.cast.shares(), head, notes),
        whole=True,
        collections=draft.cast.collections(),
        chains=chains_of(draft.cast, agreements),
    )
    return Entry(
        line=transaction.line,
        kind=transaction.kind,
        parties=(*draft.cast.parties(), *draft.parts.parties),
        works=(*draft.parts.works(), work),
        recordings=draft.recordings.all(),
        findings=tuple(notes.found),
    )


def _whole(shares: tuple[Share, ...], head: Record, notes: Notes) -> tuple[Share, ...]:
    """Return the shares of each right in proportion to the whole, where they miss it by no more than CISAC allows:
    three times 33.33 % are three thirds."""
    totals: dict[Right | None, Fraction] = {}
    for one in shares:
        totals[one.right] = totals.get(one.right, Fraction(0)) + (one.share or 0)
    near = {right: total for right, total in totals.items() if 0 < abs(1 - total) <= Fraction(TOLERANCE, HUNDREDTHS)}
    if near:
        told = ", ".join(dict.fromkeys(_percent(total) for total in near.values()))
        message = f"shares add up to {told}, as near to the whole as CISAC asks: they are taken in proportion"
        notes.add(head, message, severity=Severity.INFO)
    return tuple(
        replace(one, share=one.share / near[one.right]) if one.share and one.right in near else one for one in shares
    )


def _percent(share: Fraction) -> str:
    hundredths = round(share * HUNDREDTHS)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def head_codes(head: Record, notes: Notes) -> tuple[Code, ...]:
    """Return the ISWC of the first record of a transaction; nothing where it is none, with a finding."""
    iswc = text(head, "iswc")
    if not iswc:
        return ()
    if not fits("iswc", iswc):
        notes.add(head, "this is no ISWC; it is not registered", "check the code", fields=("iswc",), value=iswc)
        return ()
    return (("iswc", iswc),)


def _kind(head: Record) -> WorkKind:
    return work_kind(
        version=text(head, "version_type"),
        composite=text(head, "composite_type"),
        arrangement=text(head, "music_arrangement"),
        adaptation=text(head, "lyric_adaptation"),
    )


def _complete(head: Record, kind: WorkKind, parts: Parts, notes: Notes) -> bool:
    """Tell whether all works are named that the work is made of; note where they are not."""
    missing = ""
    said = number(head, "composite_component_count")
    if kind is WorkKind.MEDLEY and not 0 < parts.components >= said:
        missing = f"{parts.components} components are named of {said or 'an unknown number'}"
    elif kind is not WorkKind.ORIGINAL and not parts.named:
        missing = "the work is a version of another one, which is not named"
    elif text(head, "excerpt_type") and not parts.named:
        missing = "the work is an excerpt of another one, which is not named"
    if missing:
        remedy = "send a COM, VER, EWT or OWK record for each"
        notes.add(head, f"{missing}: it cannot be cleared", remedy, fields=("version_type",))
    return not missing


def _other(draft: _Draft, record: Record, notes: Notes) -> None:
    """Take in a record that is about the work itself."""
    match record.kind:
        case "ALT":
            draft.titles.append(_title(record, TitleKind.ALTERNATIVE))
        case "NAT":
            draft.titles.append(_title(record, TitleKind.TRANSCRIBED))
        case "XRF":
            _reference(draft, record, notes)
        case _:
            notes.once(record, "", f"{record.kind} records are kept in the file alone")


def _title(record: Record, otherwise: TitleKind) -> Title:
    kind = TITLE_KINDS.get(text(record, "title_type"), otherwise)
    return Title(text=text(record, *ALTERNATIVE), kind=kind, language=text(record, "language_code"))


def _reference(draft: _Draft, record: Record, notes: Notes) -> None:
    """Take in a cross reference (XRF): a society's number of the work, its ISWC, or an ISRC of it."""
    body, sent = text(record, "organisation_code"), text(record, "identifier")
    kind, validity = text(record, "identifier_type"), text(record, *VALIDITY)
    if validity in ("N", "U"):
        message = f"the sender says by validity {validity} that the reference does not hold; it is not registered"
        notes.once(record, f"{VALIDITY[0]} {validity}", message, value=sent)
    elif body == "ISR" and fits("isrc", sent):
        draft.recordings.isrc(sent)
    elif body == "ISW" and fits("iswc", sent):
        draft.codes[("iswc", sent)] = None
    elif kind == "W" and society_code(body) and sent:
        draft.codes[society_number(society_code(body), sent)] = None
    else:
        notes.once(record, "organisation_code", "references to other than works stay in the file alone", value=sent)
