"""The frame around transactions: groups, sequence numbers, counts. CISAC CWR19-1070R1, GRH, GRT, TRL, record prefix.

CWR rejects a group or a file whose frame is wrong (levels G and E). We say so, and read what can be read.
"""

from __future__ import annotations

from collections.abc import Sequence

from cantoria.formats.cwr.layout import Layout
from cantoria.formats.cwr.records import Group, Level, Record
from cantoria.formats.cwr.report import Report


class Envelope:
    """Counts what a file holds, and compares it with what the file says. `counted` are records of no transaction."""

    def __init__(self, layout: Layout, report: Report) -> None:
        self._layout = layout
        self._report = report
        self.counted = 0
        self.ended = False
        self._group: Group | None = None
        self._groups = 0
        self._in_group = [0, 0]  # transactions, records
        self._in_file = [0, 0]
        self._over = False
        self._last = Record("", 0, "", None)

    def begins(self, record: Record, *, inside: bool) -> bool:
        """Tell whether a head begins a transaction: it is of the group's kind, or its record number is zero."""
        if not inside or self._group is None or record.kind == self._group.kind:
            return True
        return record.record_sequence == 0

    def group(self, record: Record) -> Group:
        """Begin a group."""
        values = record.values
        if self.ended:
            self._say(record, "a group stands after the trailer", "put TRL at the end", "after-end", Level.FILE)
        if self._group is not None:
            self._say(record, "the group before has no GRT", "end every group", "group-end", Level.GROUP)
            self._close()
        self._groups += 1
        name = "group_id" if "group_id" in values else "group_code"
        number = _whole(values[name])
        if number != self._groups:
            message = f"group {values[name]!r} is the file's group {self._groups}"
            self._say(record, message, "number groups from 1 up", "group-number", Level.GROUP)
        kind = values["transaction_type"]
        if kind not in self._layout.heads:
            message = f"CWR {self._layout.version} has no transaction {kind!r}"
            self._say(record, message, f"use one of {', '.join(sorted(self._layout.heads))}", "group-kind", Level.GROUP)
        self._in_group = [0, 1]
        self._last = record
        self._group = Group(record, kind, number if number is not None else self._groups)
        return self._group

    def transaction(self, record: Record) -> None:
        """Begin a transaction."""
        if self.ended:
            self._say(record, "a transaction stands after the trailer", "put TRL at the end", "after-end", Level.FILE)
        if self._group is None:
            self._say(record, "the transaction stands outside of every group", "begin a group", "no-group", Level.GROUP)
        elif record.kind != self._group.kind:
            message = f"{record.kind} stands in a group of {self._group.kind}"
            self._say(record, message, "put it into a group of its kind", "group-kind", Level.GROUP)
        expected = self._in_group[0]
        if record.transaction_sequence != expected:
            message = f"the transaction has number {record.raw[3:11]!r}, not {expected:08d}"
            self._say(record, message, "number transactions from 0 up in each group", "sequence", Level.GROUP)
        self._in_group[0] += 1
        self._over = False

    def records(self, records: Sequence[Record]) -> None:
        """Count the records of a transaction, and check their numbers; the first fault of each kind is told."""
        self._in_group[1] += len(records)
        transaction = records[0].raw[3:11]
        for expected, record in enumerate(records):
            prefix = record.raw[3:19]
            if prefix[8:] != _EIGHT[expected] if expected < len(_EIGHT) else prefix[8:] != f"{expected:08d}":
                if record.layout is None:
                    continue
                message = f"the record has number {prefix[8:]!r}, not {expected:08d}"
                self._say(record, message, "number records from 0 up in each transaction", "sequence", Level.RECORD)
                break
        for record in records:
            if record.raw[3:11] != transaction and record.layout is not None:
                message = f"the record is of transaction {record.raw[3:11]!r}, not {transaction!r}"
                self._say(record, message, "repeat the number of the transaction", "sequence", Level.RECORD)
                break

    def beyond(self) -> bool:
        """Tell, once for each transaction, that it goes beyond the limit."""
        first, self._over = not self._over, True
        return first

    def group_end(self, record: Record) -> None:
        """End a group."""
        values = record.values
        if self._group is None:
            self._say(record, "GRT ends no group", "begin every group with GRH", "group-end", Level.GROUP)
            self.counted += 1
            return
        self._in_group[1] += 1
        name = "group_id" if "group_id" in values else "group_code"
        if _whole(values[name]) != self._group.number:
            message = f"GRT ends group {values[name]!r}, open is {self._group.number}"
            self._say(record, message, "repeat the number of the group", "group-number", Level.GROUP)
        self._compare(record, "transaction_count", self._in_group[0], Level.GROUP)
        self._compare(record, "record_count", self._in_group[1] + self.counted, Level.GROUP)
        self._close()

    def trailer(self, record: Record) -> None:
        """End the file."""
        if self.ended:
            self._say(record, "a second trailer", "put one TRL at the end", "after-end", Level.FILE)
        if self._group is not None:
            self._say(record, "the last group has no GRT", "end every group", "group-end", Level.GROUP)
        self._close()
        self.ended = True
        self._last = record
        self._compare(record, "group_count", self._groups, Level.FILE)
        self._compare(record, "transaction_count", self._in_file[0], Level.FILE)
        self._compare(record, "record_count", self._in_file[1] + 2, Level.FILE)

    def missing_trailer(self) -> None:
        """Say that the file ends without a trailer."""
        self._say(self._last, "the file ends without TRL", "ask for the whole file", "no-trailer", Level.FILE)

    def _close(self) -> None:
        self._in_file[0] += self._in_group[0]
        self._in_file[1] += self._in_group[1] + self.counted
        self._in_group, self.counted, self._group = [0, 0], 0, None

    def _compare(self, record: Record, name: str, counted: int, level: Level) -> None:
        text = record.values[name]
        if _whole(text) != counted:
            field = record.layout.field(name) if record.layout is not None else None
            message = f"says {text!r}, counted {counted}"
            self._report.say(record, message, "ask for the whole file", rule="count", level=level, field=field)

    def _say(self, record: Record, message: str, remedy: str, rule: str, level: Level) -> None:
        self._report.say(record, message, remedy, rule=rule, level=level)


_EIGHT = tuple(f"{number:08d}" for number in range(1000))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
