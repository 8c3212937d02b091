"""The findings of one record of a file, gathered while it is read."""

from __future__ import annotations

from typing import Final

from cantoria.formats.plain_text import plain
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

SHOWN_CHARS: Final = 80
NOTES_MAX: Final = 200  # of one record; one more says that there were more


class Notes:
    """Findings of the record that begins at `line` of `file`, in order."""

    __slots__ = ("_found", "_left_off", "file", "line")

    def __init__(self, file: str, line: int) -> None:
        self.file, self.line = file, line
        self._found: list[Finding] = []
        self._left_off = 0

    def add(
        self,
        message: str,
        remedy: str,
        *,
        severity: Severity = Severity.WARNING,
        field: str = "",
        value: str = "",
        column: int = 0,
    ) -> None:
        """Add a finding at this record; the value is shown shortened."""
        if len(self._found) >= NOTES_MAX:
            self._left_off += 1
            return
        self._found.append(
            Finding(
                file=self.file,
                line=self.line,
                column=column,
                field=plain(field, chars_max=SHOWN_CHARS),
                value=plain(value, chars_max=SHOWN_CHARS),
                message=plain(message),
                remedy=remedy,
                severity=severity,
            )
        )

    def error(self, error: InputError) -> None:
        """Add what an error says as the reason why the record is refused."""
        context = error.context
        self.add(
            error.message,
            error.remedy,
            severity=Severity.ERROR,
            field=context.get("field", ""),
            value=context.get("value", ""),
        )

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found."""
        if not self._left_off:
            return tuple(self._found)
        more = Finding(
            file=self.file,
            line=self.line,
            message=f"{self._left_off} more findings of this record are left off",
            severity=Severity.INFO,
        )
        return (*self._found, more)
