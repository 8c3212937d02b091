"""What is found wrong with one item of a file, as it is read: findings up to a limit, the rest counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cantoria.formats.cwr.layout import Field
from cantoria.formats.cwr.records import CwrFinding, Level, Record
from cantoria.formats.limits import CWR
from cantoria.formats.types import Severity

VALUE_CHARS_MAX: Final = 80


class Report:
    """Takes what is wrong with an item; `take` gives it and begins the next."""

    __slots__ = ("_file", "_found", "_more", "_rejected")

    def __init__(self, file: str = "") -> None:
        self._file = file
        self._found: list[CwrFinding] = []
        self._more = 0
        self._rejected = False

    def say(
        self, record: Record, message: str, remedy: str, *, rule: str, level: Level, field: Field | None = None
    ) -> None:
        """Take a finding at a record or one of its fields; level T rejects the transaction: an error."""
        rejects = level is Level.TRANSACTION
        if len(self._found) >= CWR.item_findings_max and (not rejects or self._rejected):
            self._more += 1
            return
        self._rejected = self._rejected or rejects
        self._found.append(
            CwrFinding(
                file=self._file,
                line=record.line,
                column=field.start + 1 if field is not None else 1,
                field=field.name if field is not None else "",
                value=record.raw[field.start : field.end].strip(" ")[:VALUE_CHARS_MAX] if field is not None else "",
                message=message,
                remedy=remedy,
                severity=Severity.ERROR if rejects else Severity.WARNING,
                level=level,
                rule=rule,
                record=record.kind,
                sequence=record.record_sequence or 0,
            )
        )

    def take(self) -> tuple[CwrFinding, ...]:
        """Return the findings, and forget them."""
        if not self._found:
            return ()
        found, more = self._found, self._more
        if more:
            told = replace(found[-1], message=f"{more} more findings are left out", rule="more")
            found.append(replace(told, remedy="", field="", value="", severity=Severity.INFO))
        self._found, self._more, self._rejected = [], 0, False
        return tuple(found)
