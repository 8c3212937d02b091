"""The validation of a transaction: every field, every record, then the whole (docs/reference/cwr.md, section rules)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cantoria.formats.cwr.agreements import check_agreement
from cantoria.formats.cwr.fields import (
    Codes,
    FieldPlan,
    check_digits,
    check_each_field,
    field_plan,
    has_control_characters,
)
from cantoria.formats.cwr.layout import Layout, RecordLayout
from cantoria.formats.cwr.records import Level, Record
from cantoria.formats.cwr.report import Report
from cantoria.formats.cwr.rules import Check, record_checks
from cantoria.formats.cwr.works import WorkCheck

# What a recipient answers (ACK) or tells of others (ISW, EXC) need not add up.
REGISTRATIONS: Final = frozenset({"NWR", "REV", "WRK"})


class Validation:
    """The checks of one file: made once for its layout, run on every transaction."""

    def __init__(self, layout: Layout, *, at: int, report: Report) -> None:
        """Check by `layout`, with territories as of the moment `at` (UTC microseconds); tell `report` what is wrong."""
        self._layout = layout
        self._at = at
        self._report = report
        self._codes = Codes()
        self._plans: dict[RecordLayout, tuple[FieldPlan, tuple[Check, ...]]] = {}

    def records(self, records: Sequence[Record], *, clean: bool) -> None:
        """Check records by themselves; `clean` says that they are known to be printable ASCII.

        Most of the reader's time goes here, so calls are few: one match for each record that is right.
        """
        plans, report, good = self._plans, self._report, self._codes.good
        for record in records:
            layout = record.layout
            if layout is None:
                continue
            plan, checks = plans.get(layout) or self._plan(layout)
            raw = record.raw
            text = raw if len(raw) >= plan.length else raw.ljust(plan.length)
            if plan.match(text) is None or not (clean or not has_control_characters(raw)):
                check_each_field(record, layout, report)
            for part, none, scheme, field in plan.digits:
                code = raw[part]
                if code not in none and code not in good:
                    fault = self._codes.fault(code, scheme)
                    if fault:
                        check_digits(record, layout, field, fault, report)
            for check in checks:
                check(record, report)

    def _plan(self, layout: RecordLayout) -> tuple[FieldPlan, tuple[Check, ...]]:
        plan = self._plans[layout] = (field_plan(layout), record_checks(layout))
        return plan

    def transaction(self, kind: str, records: Sequence[Record]) -> None:
        """Check what the records of a transaction are together."""
        if kind in REGISTRATIONS:
            WorkCheck(self._layout, self._at, self._report).run(records)
        elif kind == "AGR":
            check_agreement(records, self._report)
        for record in records[1:]:
            if record.kind in self._layout.heads and kind != "ACK":
                message = f"{record.kind} stands inside {kind}"
                self._report.say(record, message, "put it into a group of its own", rule="order", level=Level.RECORD)
