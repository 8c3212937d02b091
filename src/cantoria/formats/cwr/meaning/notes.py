"""Findings of one transaction, at the line and column of the field they are about."""

from __future__ import annotations

from typing import Final

from cantoria.formats.cwr.records import Record
from cantoria.formats.types import Finding, Severity

VALUE_SHOWN_CHARS: Final = 80
FOUND_MAX: Final = 1_000  # of one transaction
TOLD_MAX: Final = 10_000  # of one file


def column_of(record: Record, *names: str) -> int:
    """Return the column (1-based) of the first of the fields that the record has, 0 when it has none."""
    for one in record.layout.fields if record.layout is not None else ():
        if one.name in names:
            return one.start + 1
    return 0


class Told:
    """What was said once for a whole file, so that it is not said for every record."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def first(self, kind: str, what: str) -> bool:
        """Tell whether this is the first time; from then on it is not."""
        if (kind, what) in self._said or len(self._said) >= TOLD_MAX:
            return False
        self._said.add((kind, what))
        return True


class Notes:
    """The findings of one transaction, in order."""

    __slots__ = ("file", "found", "told")

    def __init__(self, file: str, told: Told) -> None:
        self.file, self.told = file, told
        self.found: list[Finding] = []

    def add(
        self,
        record: Record,
        message: str,
        remedy: str = "",
        *,
        fields: tuple[str, ...] = (),
        value: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Add a finding at a field of a record (the first of `fields` that it has), unless there are too many."""
        if len(self.found) > FOUND_MAX:
            return
        if len(self.found) == FOUND_MAX:
            message, remedy, fields, value, severity = "further findings are left out", "", (), "", Severity.INFO
        self.found.append(
            Finding(
                file=self.file,
                line=record.line,
                column=column_of(record, *fields),
                field=f"{record.kind} {fields[0]}" if fields else record.kind,
                value=value[:VALUE_SHOWN_CHARS],
                message=message,
                remedy=remedy,
                severity=severity,
            )
        )

    def once(self, record: Record, what: str, message: str, *, value: str = "") -> None:
        """Add for the first record of its kind in the file that something of it stays in the file alone."""
        if self.told.first(record.kind, what):
            self.add(record, message, fields=(what,) if what else (), value=value, severity=Severity.INFO)
