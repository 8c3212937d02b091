"""What a gate did: rows by status and by first reason, as JSON and as a short table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cantoria.clearance.types import Status
from cantoria.sdk.gate.marks import reason_of, status_of, words_of


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of the rows that one process put through a gate, by mark. Rows that went through it in other processes
    (`num_proc`), or that a dataset cache remembered, are counted by `Gate.review`."""

    marks: Mapping[int, int]
    snapshot: str
    request_digest: str

    @property
    def rows(self) -> int:
        """How many rows were judged."""
        return sum(self.marks.values())

    def count(self, status: Status) -> int:
        """Return how many rows have this status."""
        return sum(rows for mark, rows in self.marks.items() if status_of(mark) is status)

    def statuses(self) -> dict[str, int]:
        """Return the rows by status, all four."""
        return {status.value: self.count(status) for status in Status}

    def reasons(self) -> dict[str, int]:
        """Return the rows that are not cleared by first reason, the most frequent first."""
        found: Counter[str] = Counter()
        for mark, rows in self.marks.items():
            if rows and reason_of(mark):
                found[reason_of(mark)] += rows
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON value."""
        return {
            "snapshot": self.snapshot,
            "request_digest": self.request_digest,
            "rows": self.rows,
            "statuses": self.statuses(),
            "reasons": self.reasons(),
        }

    def __str__(self) -> str:
        lines = [f"{self.rows} rows by {self.snapshot}"]
        lines += [f"  {name:<12}{rows:>14}" for name, rows in self.statuses().items()]
        for mark, rows in sorted(self.marks.items(), key=lambda item: (-item[1], item[0])):
            if rows and reason_of(mark):
                lines.append(f"    {reason_of(mark):<20}{rows:>12}  {words_of(mark)}")
        return "\n".join(lines)


def counted(marks: Iterable[int]) -> Counter[int]:
    """Return how often each mark stands there."""
    return Counter(marks)
