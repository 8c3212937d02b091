"""A CWR file as entries: each of its transactions is one, in order, whatever stands in it.

Constant memory. Only a file that is no CWR at all raises `InputError`. What is odd about the frame of the file (header,
groups, trailer, lines that belong to nothing) stands with the entry before it, or the first one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final

from cantoria.formats.cwr.meaning.agreements import agreement_entry
from cantoria.formats.cwr.meaning.answers import answer_entry, assignment_entry, conflict_entry
from cantoria.formats.cwr.meaning.chains import Agreements
from cantoria.formats.cwr.meaning.kept import Kept
from cantoria.formats.cwr.meaning.keys import printable
from cantoria.formats.cwr.meaning.notes import Notes, Told
from cantoria.formats.cwr.meaning.sayings import Retracted
from cantoria.formats.cwr.meaning.values import moment, text
from cantoria.formats.cwr.meaning.works import NUMBER, head_codes, work_entry
from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import CwrFinding, Group, Header, Item, Level, Record, Transaction
from cantoria.formats.entries import Entry, Outcome, Work
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.periods import TIME_MIN

REMEMBERED_MAX: Final = 65_536  # transactions among which repeats are found
_HOLDERS: Final = frozenset({"SPU", "OPU", "SWR", "OWR"})
_REGISTRATIONS: Final = frozenset({"NWR", "REV", "WRK"})


def read(stream: BinaryIO, *, file: str) -> Iterator[Entry]:
    """Give one entry for each transaction of a CWR file 2.1, 2.2, 3.0 or 3.1."""
    waiting: Entry | None = None
    early: list[Finding] = []
    for item, entry in read_beside(stream, file=file):
        if entry is not None:
            if waiting is not None:
                yield waiting
            waiting = replace(entry, findings=(*early, *entry.findings)) if early else entry
            early = []
        elif waiting is None:
            early += item.findings
        elif item.findings:
            waiting = replace(waiting, findings=(*waiting.findings, *item.findings))
    if waiting is None and early:
        waiting = Entry(line=1, kind="HDR", outcome=Outcome.PASSED_OVER, findings=tuple(early))
    if waiting is not None:
        yield waiting


def read_beside(stream: BinaryIO, *, file: str) -> Iterator[tuple[Item, Entry | None]]:
    """Give every item of a CWR file, and beside each transaction its entry."""
    reading = _Reading(file)
    for item in read_transactions(stream, file=file):
        if isinstance(item, Transaction):
            yield item, reading.entry(item)
        else:
            reading.frame(item)
            yield item, None


@dataclass(slots=True)
class _Reading:
    """What is known of a file while it is read."""

    file: str
    header: Header | None = None
    refused: str = ""  # why the transactions that come are not taken: their file or group is rejected
    told: Told = field(default_factory=Told)
    kept: Kept = field(default_factory=Kept)
    agreements: Agreements = field(default_factory=Agreements)
    _seen: dict[bytes, int] = field(default_factory=dict)

    def frame(self, item: object) -> None:
        """Take in what stands between transactions."""
        if isinstance(item, Header):
            self.header = item
            self.refused = "the file is rejected" if _rejects(item.findings) else ""
        elif isinstance(item, Group) and not self.refused.startswith("the file"):
            self.refused = f"group {item.number} is rejected" if _rejects(item.findings) else ""

    def entry(self, transaction: Transaction) -> Entry:
        """Return the entry of a transaction, with all findings."""
        notes = Notes(self.file, self.told)
        if self.refused or transaction.rejected:
            if self.refused:
                remedy = "correct what is wrong with it, and send it again"
                notes.add(transaction.records[0], self.refused, remedy, severity=Severity.ERROR)
            return self._plain(transaction, notes, Outcome.REFUSED)
        before = self._repeated(transaction)
        if before:
            message = f"the same transaction stands on line {before}; it counts once"
            notes.add(transaction.records[0], message, "delete one of them")
            return self._plain(transaction, notes, Outcome.DUPLICATE)
        for record in transaction.records if transaction.kind != "ACK" else transaction.records[:1]:
            self.kept.look(record, notes)
        found = self._meaning(transaction, notes)
        return replace(found, findings=(*transaction.findings, *found.findings))

    def _meaning(self, transaction: Transaction, notes: Notes) -> Entry:
        kind, at = transaction.kind, self.at
        if kind in _REGISTRATIONS:
            return work_entry(transaction, _fit(transaction), notes, self.agreements, at=at)
        match kind:
            case "ACK":
                return answer_entry(transaction, notes, header=self.header, now=at)
            case "ISW" | "ISA":
                return assignment_entry(transaction, notes, header=self.header)
            case "EXC":
                return conflict_entry(transaction, notes, header=self.header, now=at)
            case "AGR":
                return agreement_entry(transaction, notes, self.agreements, at=at)
            case "DRW":
                return self._retraction(transaction, notes)
            case _:
                return self._mention(transaction, notes)

    @property
    def at(self) -> int:
        """The moment at which the file was made, at which its territories are read."""
        created = moment(self.header.created[:8]) if self.header is not None else None
        return TIME_MIN if created is None else created

    def _retraction(self, transaction: Transaction, notes: Notes) -> Entry:
        head = transaction.records[0]
        reason = text(head, "retraction_reason_code")
        message = f"all that was claimed of the work is taken back, for reason {reason or 'unknown'}"
        notes.add(head, message, fields=("retraction_reason_code",), value=reason, severity=Severity.INFO)
        late = (Retracted(work=printable(text(head, *NUMBER))),)
        return Entry(line=transaction.line, kind=transaction.kind, findings=tuple(notes.found), late=late)

    def _mention(self, transaction: Transaction, notes: Notes) -> Entry:
        """Return the entry of a request or notice (ISR, LIC) that registers nothing but the codes that it names."""
        head = transaction.records[0]
        codes, key = head_codes(head, notes), printable(text(head, *NUMBER))
        notes.once(head, "", f"{head.kind} registers nothing but the ISWC that it names; the rest stays in the file")
        if not (codes and key):
            return self._plain(transaction, notes, Outcome.PASSED_OVER)
        work = Work(key=key, title=text(head, "work_title"), codes=codes, mentioned=True)
        return Entry(line=transaction.line, kind=transaction.kind, works=(work,), findings=tuple(notes.found))

    def _plain(self, transaction: Transaction, notes: Notes, outcome: Outcome) -> Entry:
        own = () if outcome is Outcome.PASSED_OVER else transaction.findings
        return Entry(line=transaction.line, kind=transaction.kind, outcome=outcome, findings=(*own, *notes.found))

    def _repeated(self, transaction: Transaction) -> int:
        """Return the line of the same transaction above, 0 when there is none among those remembered."""
        digest = hashlib.blake2b(digest_size=16)
        for record in transaction.records:
            digest.update(f"{record.kind}{record.raw[19:]}\n".encode("utf-8", "surrogatepass"))
        before = self._seen.setdefault(digest.digest(), transaction.line)
        if len(self._seen) > REMEMBERED_MAX:
            del self._seen[next(iter(self._seen))]
        return before if before != transaction.line else 0


def _rejects(findings: tuple[CwrFinding, ...]) -> bool:
    """Tell whether a finding rejects what it stands at, and not only a field of it."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _fit(transaction: Transaction) -> tuple[Record, ...]:
    """Return the records behind the first, without those that are rejected. A holder is never left out, whatever is
    wrong with its record: nobody may be forgotten whose yes is needed."""
    out = {
        finding.line
        for finding in transaction.findings
        if finding.level is Level.RECORD and finding.severity is not Severity.INFO and finding.record not in _HOLDERS
    }
    return tuple(record for record in transaction.records[1:] if record.line not in out)
