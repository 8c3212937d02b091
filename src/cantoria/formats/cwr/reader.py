"""Reading CWR: a stream of bytes becomes items, one transaction at a time, at constant memory, going on after errors.

Every line of the file is in exactly one item, so that `writer.write_items` gives the same bytes back. Only a file that
is no CWR at all raises `InputError`. CISAC CWR19-1070R1 (2.x), CWR22-0478 (3.x).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from cantoria.formats.cwr.envelope import Envelope
from cantoria.formats.cwr.layout import Layout, layout_of
from cantoria.formats.cwr.lines import Line, Lines, codec_of
from cantoria.formats.cwr.opening import day_of, read_header
from cantoria.formats.cwr.records import (
    GroupEnd,
    Header,
    Item,
    Level,
    Record,
    Stray,
    Trailer,
    Transaction,
)
from cantoria.formats.cwr.report import Report
from cantoria.formats.cwr.validation import Validation
from cantoria.formats.limits import CWR
from cantoria.kernel.errors import InputError

_FIRST: Final = "0" * 8


def read_transactions(stream: BinaryIO, *, file: str = "", validate: bool = True) -> Iterator[Item]:
    """Give the items of a CWR file in order: header, groups with their transactions, trailer, and stray lines.

    The header and every transaction carry their findings. `validate=False` looks at the frame only: sequence numbers,
    counts, record types. Raises `InputError` for a file that does not begin with a CWR header.
    """
    lines = Lines(stream)
    source = iter(lines)
    first = next(source, None)
    if first is None:
        raise InputError("the file is empty", "send a CWR file", {"file": file})
    second = next(source, None)
    header = read_header(first[1], second[1] if second else "", number=first[0], manner=first[2], file=file)
    lines.codec = codec_of(header.charset)
    reader = _Reader(header, lines, validate=validate)
    yield reader.opened()
    if second is not None:
        yield from reader.line(second)
        yield from reader.run(source)
    yield from reader.close()


class _Reader:
    """The state between lines: the open transaction, the open group, and what has been counted."""

    def __init__(self, header: Header, lines: Lines, *, validate: bool) -> None:
        self._header = header
        self._lines = lines
        self._layout: Layout = layout_of(header.version)
        self._report = Report(header.file)
        self._check = Validation(self._layout, at=day_of(header), report=self._report) if validate else None
        self._frame = Envelope(self._layout, self._report)
        self._records: list[Record] = []
        self._clean = True
        self._strays = 0

    def opened(self) -> Header:
        """Return the header with its findings."""
        self._validate(self._header.record)
        return replace(self._header, findings=self._report.take())

    def run(self, source: Iterator[Line]) -> Iterator[Item]:
        """Give the items that lines complete. Details of the open transaction, nearly all lines, take the short way."""
        layouts, heads = self._layout.records, self._layout.heads
        lines, open_records = self._lines, self._records
        for number, raw, manner in source:
            kind = raw[:3]
            layout = layouts.get(kind)
            if (
                layout is None
                or not open_records
                or not layout.prefixed
                or kind in heads
                or len(raw) > CWR.line_bytes_max
            ):
                yield from self.line((number, raw, manner))
            elif len(open_records) < CWR.transaction_records_max:
                if layout.longer is not None:
                    layout = layout.fitting(raw)
                open_records.append(Record(kind, number, raw, layout, manner))
                self._clean = self._clean and lines.clean
            else:
                self._beyond(Record(kind, number, raw, layout, manner))

    def line(self, line: Line) -> Iterator[Item]:
        """Give the items that one line completes."""
        number, raw, manner = line
        kind = raw[:3]
        layout = self._layout.records.get(kind)
        if layout is None or len(raw) > CWR.line_bytes_max:
            yield from self._unknown(Record(kind, number, raw, None, manner))
            return
        record = Record(kind, number, raw, layout.fitting(raw), manner)
        if not layout.prefixed:
            yield from self._framing(record)
        elif kind in self._layout.heads and self._frame.begins(record, inside=bool(self._records)):
            yield from self._flush()
            self._frame.transaction(record)
            self._take(record)
        elif self._records:
            self._take(record)
        else:
            message = f"{kind} stands outside of every transaction"
            yield self._stray(record, message, "put it after its transaction", rule="stray")

    def close(self) -> Iterator[Item]:
        """Give what the end of the file completes."""
        yield from self._flush()
        if not self._frame.ended:
            self._frame.missing_trailer()
            yield Trailer(None, self._report.take())

    def _take(self, record: Record) -> None:
        if len(self._records) < CWR.transaction_records_max:
            self._records.append(record)
            self._clean = self._clean and self._lines.clean
        else:
            self._beyond(record)

    def _beyond(self, record: Record) -> None:
        """Pass over a record of a transaction that is longer than the limit."""
        self._frame.counted += 1
        if self._frame.beyond():
            message = f"the transaction has more than {CWR.transaction_records_max:,} records"
            self._report.say(record, message, "split it", rule="limit", level=Level.TRANSACTION)

    def _unknown(self, record: Record) -> Iterator[Item]:
        """Keep a line of no known type where it stands."""
        if len(record.raw) > CWR.line_bytes_max:
            record = Record("", record.line, record.raw, None, record.manner)
            message, rule = f"the line has more than {CWR.line_bytes_max:,} characters", "limit"
        elif not record.raw.strip():
            message, rule = "the line is empty", "empty-line"
        else:
            message, rule = f"CWR {self._layout.version} has no record type {record.kind!r}", "record-type"
        if self._records:
            self._report.say(record, message, "leave the line out", rule=rule, level=Level.RECORD)
            self._take(record)
        else:
            yield self._stray(record, message, "leave the line out", rule=rule)

    def _stray(self, record: Record, message: str, remedy: str, *, rule: str) -> Stray:
        """Return a line that belongs to nothing; beyond the limit, such lines are no longer told."""
        self._frame.counted += 1
        self._strays += 1
        if self._strays == CWR.stray_findings_max:
            message += "; more such lines of the file are not told"
        if self._strays <= CWR.stray_findings_max:
            self._report.say(record, message, remedy, rule=rule, level=Level.RECORD)
        return Stray(record, self._report.take())

    def _framing(self, record: Record) -> Iterator[Item]:
        yield from self._flush()
        self._validate(record)
        match record.kind:
            case "GRH":
                group = self._frame.group(record)
                yield replace(group, findings=self._report.take())
            case "GRT":
                self._frame.group_end(record)
                yield GroupEnd(record, self._report.take())
            case "TRL":
                self._frame.trailer(record)
                yield Trailer(record, self._report.take())
            case _:
                message = "a second header stands inside the file"
                yield self._stray(record, message, "send one file after the other", rule="stray")

    def _flush(self) -> Iterator[Item]:
        """Give the open transaction, if there is one."""
        records = self._records
        if not records:
            return
        self._frame.records(records)
        if self._check is not None:
            self._check.records(records, clean=self._clean)
            self._check.transaction(records[0].kind, records)
        kept = tuple(records)
        records.clear()
        self._clean = True
        yield Transaction(kept[0].kind, kept[0].line, self._layout.version, kept, self._report.take())

    def _validate(self, record: Record) -> None:
        if self._check is not None:
            self._check.records((record,), clean=self._lines.clean)
