"""The validation of a transaction: every field, every record, then the whole (docs/reference/cwr.md, section rules)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cantoria.formats.cwr.agreements import check_agreement
from cantoria.formats.cwr.fields import Add, Codes, FieldCheck, finding
from cantoria.formats.cwr.layout import Layout, RecordLayout
from cantoria.formats.cwr.records import CwrFinding, Level, Record
from cantoria.formats.cwr.rules import Check, record_checks
from cantoria.formats.cwr.works import WorkCheck
from cantoria.formats.limits import CWR
from cantoria.formats.types import Severity

# What a recipient answers (ACK) or tells of others (ISW, EXC) need not add up.
REGISTRATIONS: Final = frozenset({"NWR", "REV", "WRK"})


class Findings:
    """Takes findings of one item, up to the limit, and names the file in each."""

    __slots__ = ("_file", "_found", "_more")

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[CwrFinding] = []
        self._more = 0

    def add(self, one: CwrFinding) -> None:
        """Take a finding."""
        rejects = one.severity is Severity.ERROR and not self._rejected()
        if len(self._found) < CWR.item_findings_max or rejects:
            self._found.append(replace(one, file=self._file))
        else:
            self._more += 1

    def take(self) -> tuple[CwrFinding, ...]:
        """Return the findings, and forget them."""
        if not self._found:
            return ()
        found, more = self._found, self._more
        if more:
            last, message = found[-1], f"{more} more findings are left out"
            found.append(
                replace(last, message=message, remedy="", field="", value="", severity=Severity.INFO, rule="more")
            )
        self._found, self._more = [], 0
        return tuple(found)

    def _rejected(self) -> bool:
        return len(self._found) >= CWR.item_findings_max and any(one.severity is Severity.ERROR for one in self._found)


class Validation:
    """The checks of one file: made once for its layout, run on every transaction."""

    def __init__(self, layout: Layout, *, at: int, add: Add) -> None:
        """Check by `layout`, with territories as of the moment `at` (UTC microseconds); `add` takes findings."""
        self._layout = layout
        self._at = at
        self._add = add
        self._codes = Codes()
        self._checks: dict[RecordLayout, tuple[FieldCheck, tuple[Check, ...]]] = {}

    def record(self, record: Record, clean: bool) -> None:
        """Check a record by itself."""
        layout = record.layout
        if layout is None:
            return
        checks = self._checks.get(layout)
        if checks is None:
            checks = self._checks[layout] = (FieldCheck(layout, self._codes), record_checks(layout))
        fields, more = checks
        fields(record, clean, self._add)
        for check in more:
            check(record, self._add)

    def transaction(self, kind: str, records: Sequence[Record]) -> None:
        """Check what the records of a transaction are together."""
        if kind in REGISTRATIONS:
            WorkCheck(self._layout, self._at, self._add).run(records)
        elif kind == "AGR":
            check_agreement(records, self._add)
        for record in records[1:]:
            if record.kind in self._layout.heads and kind != "ACK":
                message = f"{record.kind} stands inside {kind}"
                self._add(finding(record, message, "put it into a group of its own", rule="order", level=Level.RECORD))
