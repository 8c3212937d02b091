"""The validation of a transaction: every field, every record, then the whole (docs/reference/cwr.md, section rules)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cantoria.formats.cwr.agreements import check_agreement
from cantoria.formats.cwr.fields import (
    Add,
    Codes,
    FieldPlan,
    check_digits,
    check_each_field,
    field_plan,
    finding,
    has_control_characters,
)
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
        self._plans: dict[RecordLayout, tuple[FieldPlan, tuple[Check, ...]]] = {}

    def records(self, records: Sequence[Record], *, clean: bool) -> None:
        """Check records by themselves; `clean` says that they are known to be printable ASCII.

        Most of the reader's time goes here, so calls are few: one match for each record that is right.
        """
        plans, add, good = self._plans, self._add, self._codes.good
        for record in records:
            layout = record.layout
            if layout is None:
                continue
            plan, checks = plans.get(layout) or self._plan(layout)
            raw = record.raw
            text = raw if len(raw) >= plan.length else raw.ljust(plan.length)
            if plan.match(text) is None or not (clean or not has_control_characters(raw)):
                check_each_field(record, layout, add)
            for part, none, scheme, field in plan.digits:
                code = raw[part]
                if code not in none and code not in good:
                    fault = self._codes.fault(code, scheme)
                    if fault:
                        check_digits(record, layout, field, fault, add)
            for check in checks:
                check(record, add)

    def _plan(self, layout: RecordLayout) -> tuple[FieldPlan, tuple[Check, ...]]:
        plan = self._plans[layout] = (field_plan(layout), record_checks(layout))
        return plan

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
