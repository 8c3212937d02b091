"""What every reader returns: facts, findings, and an account in which every record of the file appears once."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cantoria.kernel.check import require


class Severity(StrEnum):
    """ERROR: the record was not taken. WARNING: it was, and somebody should look. INFO: for the record."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is odd about one place of a file: where (line and column 1-based, 0 = unknown), which value, what is
    wrong with it and what a person can do."""

    file: str
    line: int = 0
    column: int = 0
    field: str = ""
    value: str = ""
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = ":".join([self.file, *(str(place) for place in (self.line, self.column) if place)])
        told = bool(self.value) and repr(self.value) in self.message
        what = f" {self.field} {self.value!r}" if self.field and not told else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{where}: {self.severity.value}:{what} {self.message}{remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The account of a file: every record received was registered, refused, a duplicate, or passed over because it
    is of a kind that is not registered."""

    received: int = 0
    registered: int = 0
    refused: int = 0
    duplicate: int = 0
    passed_over: int = 0

    def __post_init__(self) -> None:
        whole = self.registered + self.refused + self.duplicate + self.passed_over
        require(self.received == whole, f"{self.received} records received, {whole} accounted for")

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            received=self.received + other.received,
            registered=self.registered + other.registered,
            refused=self.refused + other.refused,
            duplicate=self.duplicate + other.duplicate,
            passed_over=self.passed_over + other.passed_over,
        )


@dataclass(frozen=True, slots=True)
class Imported:
    """What a reader made of its input: facts to be recorded, in order, and findings."""

    facts: tuple[Any, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Counts = field(default_factory=Counts)

    def __add__(self, other: Imported) -> Imported:
        return Imported(self.facts + other.facts, self.findings + other.findings, self.counts + other.counts)
